import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useMemo } from 'react';
import { useChanges } from '../../api/events';
import { runsTable } from '../../api/own';
import { boardSchema } from '../../charts/boardState';
import { CHART_RUN_COLUMNS, chartRunsOf } from '../../charts/chartRuns';
import ChartBoard, { type ChartRun } from '../../charts/ChartBoard';
import { ErrorNote, Skeleton } from '../../design/States';
import { useNow } from '../../design/Values';
import { type RunsState, selectionOf } from '../../runs/runsState';
import { type Patch, usePageState } from '../../url/usePageState';

const AddedCharts = lazy(async () => ({ default: (await import('../../charts/AddedCharts')).AddedCharts }));

interface Props {
  experimentIds: readonly string[];
  /** The table's: which runs, in which order, which of them are hidden. */
  state: RunsState;
  patch: Patch<RunsState>;
  /** Beside the button that adds charts. */
  children?: React.ReactNode;
}

/** The first runs of the table as charts, and those that are pinned. */
export default function ChartsTab({ experimentIds, state, patch, children }: Props) {
  const [{ n }] = usePageState(boardSchema);
  const now = useNow();
  const selection = selectionOf(experimentIds, state, now);
  const request = { ...selection, columns: CHART_RUN_COLUMNS, sort: state.sort, offset: 0, limit: n };
  const first = useQuery({
    queryKey: ['runs/table', request],
    queryFn: ({ signal }) => runsTable(request, signal),
    placeholderData: keepPreviousData,
  });
  const missing = state.pin.filter((id) => first.data && !first.data.ids.includes(id)).toSorted();
  const pinned = useQuery({
    queryKey: ['runs/table', { ids: missing, columns: CHART_RUN_COLUMNS }],
    queryFn: ({ signal }) =>
      runsTable({ ids: missing, view: 'all', columns: CHART_RUN_COLUMNS, offset: 0, limit: 1000 }, signal),
    enabled: missing.length > 0,
  });
  useChanges(experimentIds, [], (change) => {
    const isOther = change.runs.some((run) =>
      run.what.some((what) => what === 'status' || what === 'created' || what === 'deleted'),
    );
    if (isOther || change.isGuess) void first.refetch({ cancelRefetch: false });
  });
  const runs = useMemo(() => {
    const found = chartRunsOf(missing.length ? pinned.data : undefined, first.data);
    const isPinned = (run: ChartRun) => state.pin.includes(run.id);
    return [...found.filter(isPinned), ...found.filter((run) => !isPinned(run))];
  }, [first.data, pinned.data, missing.length, state.pin]);
  const colors = useMemo(() => new Map(runs.map((run) => [run.id, run.color])), [runs]);
  if (first.error && !first.data) {
    return <ErrorNote error={first.error} onRetry={() => void first.refetch()} />;
  }
  if (!first.data) return <Skeleton />;
  return (
    <>
      <Suspense>
        <AddedCharts
          selection={selection}
          hidden={state.hide}
          colors={colors}
          onSelectRuns={(sel) => patch({ sel })}
        >
          {children}
        </AddedCharts>
      </Suspense>
      <ChartBoard
        runs={runs}
        total={first.data.total}
        hide={state.hide}
        onHide={(hide) => patch({ hide })}
        pin={state.pin}
        onPin={(pin) => patch({ pin })}
        hasCount
      />
    </>
  );
}
