import type { View } from '../../../api/types';
import { chooseDensity, DENSITIES, useDensity } from '../../../app/density';
import { ApiError } from '../../../api/http';
import { Button, IconButton } from '../../../design/Button';
import { SelectField } from '../../../design/Field';
import { Menu } from '../../../design/Menu';
import type { RunsState } from '../../../runs/runsState';
import type { Patch } from '../../../url/usePageState';
import { ColumnChooser } from '../columns/ColumnChooser';
import { GroupChooser } from '../columns/GroupChooser';
import { grouped } from '../../../format/number';
import { MOST_IN_TREE } from '../rows/filteredTree';
import { Chips } from '../filter/Chips';
import { FilterBar } from '../filter/FilterBar';
import { chooseBars, useHasBars } from '../grid/bars';
import { datasetsIn, withDataset } from './datasets';
import styles from './RunsTab.module.css';
import type { useTable } from './useTable';

interface Props {
  state: RunsState;
  patch: Patch<RunsState>;
  table: ReturnType<typeof useTable>;
  experimentIds: readonly string[];
  onRefresh: () => void;
  children?: React.ReactNode;
}

const TIMES = [
  { value: '', label: 'Any time' },
  { value: '1', label: 'Last hour' },
  { value: '24', label: 'Last 24 hours' },
  { value: '168', label: 'Last 7 days' },
  { value: '720', label: 'Last 30 days' },
];

const VIEWS: readonly { value: View; label: string }[] = [
  { value: 'active', label: 'Active' },
  { value: 'deleted', label: 'Deleted' },
  { value: 'all', label: 'All' },
];

/** Which runs, and how they are shown. */
export function Toolbar({ state, patch, table, experimentIds, onRefresh, children }: Props) {
  const density = useDensity();
  const hasBars = useHasBars();
  const keys = table.keys.data;
  const apply = (filter: { q: string; search: string }) => patch(filter);
  const hours = state.hours === null ? '' : String(state.hours);
  const times = TIMES.some(({ value }) => value === hours)
    ? TIMES
    : [...TIMES, { value: hours, label: `Last ${hours} hours` }];
  return (
    <>
      <div className={styles.toolbar} role="group" aria-label="Filter and columns">
        <FilterBar
          q={state.q}
          search={state.search}
          onApply={apply}
          keys={keys}
          experimentIds={experimentIds}
          error={filterError(table.rows?.error)}
        />
        <div className={styles.controls}>
          <SelectField
            label="Started"
            isLabelHidden
            value={hours}
            options={times}
            onChange={(value) => patch({ hours: value ? Number(value) : null })}
          />
          <SelectField
            label="State"
            isLabelHidden
            value={state.view}
            options={VIEWS}
            onChange={(view) => patch({ view })}
          />
          {keys !== undefined && keys.datasets.length > 0 && (
            <Datasets q={state.q} datasets={keys.datasets} onChange={(q) => patch({ q })} />
          )}
          <GroupChooser state={state} patch={patch} keys={keys} />
          {(table.hasChildren || state.nested === 'on') && state.group.length === 0 && (
            <Button
              aria-pressed={table.isNested}
              title={
                table.isTooMany
                  ? `Over ${grouped(MOST_IN_TREE)} runs match: they stand in a list`
                  : 'Child runs below their parents'
              }
              disabled={table.isTooMany}
              icon="list"
              className={table.isNested ? styles.on : undefined}
              onClick={() => patch({ nested: table.isNested ? 'off' : 'on' })}
            >
              Nested
            </Button>
          )}
          <ColumnChooser state={state} patch={patch} keys={keys} columns={table.columns} />
          {children}
          <Menu
            label="Look of the rows"
            button={(props) => <IconButton {...props} icon="table" label="Look of the rows" />}
            items={[
              ...DENSITIES.map((one) => ({
                label: one.charAt(0).toUpperCase() + one.slice(1),
                isChecked: density === one,
                onSelect: () => chooseDensity(one),
              })),
              {
                label: 'Bars behind metrics',
                isChecked: hasBars,
                startsGroup: true,
                onSelect: () => chooseBars(!hasBars),
              },
            ]}
          />
          <IconButton icon="refresh" label="Read again (r)" onClick={onRefresh} />
        </div>
      </div>
      <Chips q={state.q} search={state.search} onApply={apply} />
    </>
  );
}

function Datasets({
  q,
  datasets,
  onChange,
}: {
  q: string;
  datasets: readonly { name: string; digest: string }[];
  onChange: (q: string) => void;
}) {
  const chosen = datasetsIn(q);
  return (
    <Menu
      label="Datasets"
      button={(props) => (
        <Button {...props} className={chosen.length ? styles.on : undefined}>
          {chosen.length ? `Datasets: ${chosen.length}` : 'Datasets'}
        </Button>
      )}
      items={datasets.slice(0, 100).map(({ name, digest }) => ({
        label: `${name} (${digest})`,
        isChecked: chosen.includes(digest),
        onSelect: () => onChange(withDataset(q, digest)),
      }))}
    />
  );
}

/** A refusal of the filter, which its field shows. */
export function filterError(error: unknown) {
  if (!(error instanceof ApiError) || error.details?.field !== 'q') return null;
  return { message: error.message, place: error.details };
}
