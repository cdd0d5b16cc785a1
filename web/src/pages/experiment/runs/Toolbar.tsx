import { chooseDensity, DENSITIES, useDensity } from '../../../app/density';
import { Button, IconButton } from '../../../design/Button';
import { SelectField } from '../../../design/Field';
import { Menu } from '../../../design/Menu';
import type { View } from '../../../api/types';
import type { RunsState } from '../../../runs/runsState';
import type { Patch } from '../../../url/usePageState';
import styles from './RunsTab.module.css';
import type { useTable } from './useTable';

interface Props {
  state: RunsState;
  patch: Patch<RunsState>;
  table: ReturnType<typeof useTable>;
  experimentIds: readonly string[];
  onRefresh: () => void;
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
  { value: 'all', label: 'All states' },
];

/** Which runs, and how they are shown. */
export function Toolbar({ state, patch, table, onRefresh }: Props) {
  const density = useDensity();
  return (
    <div className={styles.toolbar}>
      <SelectField
        label="Started"
        isLabelHidden
        value={state.hours === null ? '' : String(state.hours)}
        options={TIMES}
        onChange={(value) => patch({ hours: value ? Number(value) : null })}
      />
      <SelectField
        label="State"
        isLabelHidden
        value={state.view}
        options={VIEWS}
        onChange={(view) => patch({ view })}
      />
      {(table.hasChildren || state.nested === 'on') && (
        <Button
          aria-pressed={table.isNested}
          onClick={() => patch({ nested: table.isNested ? 'off' : 'on' })}
          icon="list"
        >
          Nested
        </Button>
      )}
      <Menu
        label="Density"
        button={(props) => <IconButton {...props} icon="table" label="Density of the rows" />}
        items={DENSITIES.map((one) => ({
          label: one.charAt(0).toUpperCase() + one.slice(1),
          isChecked: density === one,
          onSelect: () => chooseDensity(one),
        }))}
      />
      <IconButton icon="refresh" label="Read again" onClick={onRefresh} />
    </div>
  );
}
