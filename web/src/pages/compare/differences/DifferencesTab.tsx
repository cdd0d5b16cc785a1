import { useCallback, useMemo, useState } from 'react';
import type { Cell, Column, RunsKeys, RunSelection } from '../../../api/types';
import { announce } from '../../../design/announce';
import { Button } from '../../../design/Button';
import { Checkbox, SelectField, TextField } from '../../../design/Field';
import { Menu } from '../../../design/Menu';
import { Empty, ErrorNote } from '../../../design/States';
import { toast } from '../../../design/toasts';
import { copy } from '../../../design/Values';
import { csvText, download, markdownTable } from '../../../format/csv';
import { fetchRunColumns, type RunColumns } from '../../../runs/useRunColumns';
import { usePageState } from '../../../url/usePageState';
import { differencesSchema } from '../compareState';
import { MOST_RUNS } from '../../../runs/comparison';
import type { ComparedRun } from '../useComparedRuns';
import { DifferenceGrid } from './DifferenceGrid';
import { differenceRows, nextDirection, shownRows, tableOf } from './differences';
import styles from './DifferencesTab.module.css';
import { useCells } from './useCells';

interface Props {
  selection: RunSelection;
  runs: readonly ComparedRun[];
  keys: RunsKeys;
  attributes: RunColumns;
  base: string;
  onChangeBase: (runId: string) => void;
}

/** What differs between the runs: params, metrics, tags and attributes, a column for each run. */
export function DifferencesTab({ selection, runs, keys, attributes, base, onChangeBase }: Props) {
  const [state, patch] = usePageState(differencesSchema);
  const [range, setRange] = useState<readonly [number, number]>([0, 40]);
  const rows = useMemo(
    () =>
      differenceRows({ keys, attributes: attributes.columns, directions: state.dir, values: state.values }),
    [keys, attributes, state.dir, state.values],
  );
  const shown = useMemo(() => shownRows(rows, state.all, state.find), [rows, state.all, state.find]);
  const columns = useMemo(() => shown.map((row) => row.column), [shown]);
  const runIds = useMemo(() => runs.map((run) => run.id), [runs]);
  const experiments = useMemo(() => runs.map((run) => run.experiment), [runs]);
  const { cellsOf, error, retry } = useCells(selection, runIds, columns, range);
  const named = (column: Column): readonly Cell[] | null =>
    column === 'attribute.experiment_id' ? experiments : cellsOf(column);
  const onRange = useCallback((next: readonly [number, number]) => setRange(next), []);

  const wholeTable = async () => {
    const all = await fetchRunColumns(selection, columns, MOST_RUNS);
    return tableOf(shown, runs, all, state.transpose);
  };
  const exportAs = async (kind: 'markdown' | 'csv' | 'file') => {
    try {
      const table = await wholeTable();
      if (kind === 'file') download('differences.csv', new Blob([csvText(table)], { type: 'text/csv' }));
      else {
        await copy(kind === 'csv' ? csvText(table) : markdownTable(table));
        toast(`Copied ${shown.length} rows of ${runs.length} runs`);
      }
    } catch (problem) {
      toast(problem instanceof Error ? problem.message : String(problem), { kind: 'failed' });
    }
  };
  const hiddenCount = rows.filter((row) => !row.differs).length;
  return (
    <div className={styles.tab}>
      <div className={styles.toolbar} role="toolbar" aria-label="Differences">
        <TextField
          label="Find a row"
          isLabelHidden
          icon="search"
          placeholder="Find params, metrics, tags"
          value={state.find}
          className={styles.find ?? ''}
          onChange={(event) => patch({ find: event.target.value }, { replace: true })}
        />
        <Checkbox
          label={`Only what differs${state.all || !hiddenCount ? '' : ` (${hiddenCount} the same)`}`}
          checked={!state.all}
          onChange={(event) => {
            patch({ all: !event.target.checked });
            announce(event.target.checked ? 'Only what differs' : 'All rows');
          }}
        />
        <Checkbox
          label="Runs as rows"
          checked={state.transpose}
          onChange={(event) => patch({ transpose: event.target.checked })}
        />
        <Checkbox
          label="Colours"
          checked={!state.plain}
          onChange={(event) => patch({ plain: !event.target.checked })}
        />
        <span className={styles.rest} />
        <SelectField
          label="Metrics"
          isLabelHidden
          value={state.values}
          options={[
            { value: 'last', label: 'Last value' },
            { value: 'min', label: 'Minimum' },
            { value: 'max', label: 'Maximum' },
          ]}
          onChange={(values) => patch({ values })}
        />
        <SelectField
          label="Baseline"
          isLabelHidden
          className={styles.baseline}
          value={base}
          options={[
            { value: '', label: 'No baseline' },
            ...runs.map((run) => ({ value: run.id, label: `Δ to ${run.name}` })),
          ]}
          onChange={onChangeBase}
        />
        <Menu
          label="Copy or download"
          items={[
            { label: 'Copy as Markdown', icon: 'copy', onSelect: () => void exportAs('markdown') },
            { label: 'Copy as CSV', icon: 'copy', onSelect: () => void exportAs('csv') },
            { label: 'Download CSV', icon: 'download', onSelect: () => void exportAs('file') },
          ]}
          button={(props) => (
            <Button {...props} icon="copy">
              Copy
            </Button>
          )}
        />
      </div>
      {error ? <ErrorNote error={error} onRetry={retry} /> : null}
      {shown.length ? (
        <DifferenceGrid
          rows={shown}
          runs={runs}
          base={base}
          cellsOf={named}
          isTransposed={state.transpose}
          isPlain={state.plain}
          onRange={onRange}
          onChangeBase={onChangeBase}
          onTurn={(key, direction) =>
            patch({ dir: new Map([...state.dir, [key, nextDirection(direction)]]) })
          }
        />
      ) : (
        <Empty icon="compare" title={state.find ? 'No row has this name' : 'Nothing differs'}>
          <p>
            {state.find
              ? `Nothing that is shown contains “${state.find}”.`
              : 'All params, metrics, tags and attributes of these runs are the same.'}
          </p>
          {!state.all && <Button onClick={() => patch({ all: true })}>Show all rows</Button>}
        </Empty>
      )}
    </div>
  );
}
