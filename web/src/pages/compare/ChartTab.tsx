import { useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import type { RunsKeys, RunSelection } from '../../api/types';
import { paths } from '../../app/paths';
import { type ChartConfig, type ChartKind, columnsOf } from '../../charts/chartConfig';
import { ChartFields } from '../../charts/ChartFields';
import { defaultChart } from '../../charts/defaultChart';
import { RunChart } from '../../charts/RunChart';
import { NAME_COLUMNS, rowsOf, runDataOf, runs as countRuns } from '../../charts/runData';
import { Button } from '../../design/Button';
import { Empty, ErrorNote, Skeleton } from '../../design/States';
import { useRunColumns } from '../../runs/useRunColumns';
import { usePageState } from '../../url/usePageState';
import styles from './ChartTab.module.css';
import { chartSchema } from './compareState';
import { MOST_RUNS } from '../../runs/comparison';
import type { ComparedRun } from './useComparedRuns';

interface Props {
  kind: ChartKind;
  selection: RunSelection;
  runs: readonly ComparedRun[];
  keys: RunsKeys;
  onChangeRuns: (ids: readonly string[]) => void;
}

/** One kind of chart over all compared runs, and the pickers of what it shows. */
export function ChartTab({ kind, selection, runs, keys, onChangeRuns }: Props) {
  const [state, patch] = usePageState(chartSchema);
  const [, navigate] = useLocation();
  const [selected, setSelected] = useState<readonly string[]>([]);
  const config: ChartConfig = state[kind] ?? defaultChart(kind, keys);
  const columns = columnsOf(config);
  const query = useRunColumns(selection, [...NAME_COLUMNS, ...columns], {
    most: MOST_RUNS,
    isEnabled: columns.length > 0,
  });
  const data = useMemo(() => {
    if (!query.data) return null;
    const row = new Map(query.data.ids.map((id, i) => [id, i]));
    const order = runs.flatMap((run) => row.get(run.id) ?? []);
    return runDataOf(rowsOf(query.data, order), { colors: new Map(runs.map((run) => [run.id, run.color])) });
  }, [query.data, runs]);
  const change = (next: ChartConfig) => patch({ [kind]: next });
  const openRun = (id: string, isNewTab: boolean) => {
    if (isNewTab) window.open(new URL(paths.run(id).slice(1), document.baseURI), '_blank', 'noopener');
    else navigate(paths.run(id));
  };
  if (keys.metrics.length === 0) {
    return (
      <Empty icon="bars" title="These runs have no metrics">
        <p>A chart needs at least one metric. Differences shows their params and tags.</p>
      </Empty>
    );
  }
  const isChosen = columns.length > (kind === 'contour' ? 2 : kind === 'scatter' ? 1 : 0);
  return (
    <div className={styles.tab}>
      <div className={styles.top}>
        <ChartFields config={config} keys={keys} onChange={change} />
        {selected.length > 0 && (
          <div className={styles.selected} role="status">
            {countRuns(selected.length)} selected
            <Button onClick={() => (onChangeRuns(selected), setSelected([]))}>Compare only these</Button>
            <Button kind="quiet" onClick={() => setSelected([])}>
              Clear
            </Button>
          </div>
        )}
      </div>
      {query.isError && <ErrorNote error={query.error} onRetry={() => void query.refetch()} />}
      {!isChosen && <Empty icon="bars" title="Choose what the chart shows" />}
      {isChosen && !data && !query.isError && <Skeleton />}
      {isChosen && data && (
        <RunChart
          data={data}
          config={config}
          height={520}
          onOpenRun={openRun}
          onSelectRuns={setSelected}
          onChange={change}
        />
      )}
    </div>
  );
}
