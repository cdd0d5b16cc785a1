import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useChanges } from '../../api/events';
import { runsTable } from '../../api/own';
import type { RunsTable } from '../../api/types';
import { boardSchema } from '../../charts/boardState';
import ChartBoard, { type ChartRun } from '../../charts/ChartBoard';
import { ErrorNote, Skeleton } from '../../design/States';
import { useNow } from '../../design/Values';
import { COLOR_TAG, runColor } from '../../runs/colors';
import { type RunsState, selectionOf } from '../../runs/runsState';
import { type Patch, usePageState } from '../../url/usePageState';

const COLUMNS = ['attribute.run_name', 'attribute.status', `tag.${COLOR_TAG}`] as const;

interface Props {
  experimentIds: readonly string[];
  /** The table's: which runs, in which order, which of them are hidden. */
  state: RunsState;
  patch: Patch<RunsState>;
}

/** The first runs of the table as charts, and those that are pinned. */
export default function ChartsTab({ experimentIds, state, patch }: Props) {
  const [{ n }] = usePageState(boardSchema);
  const now = useNow();
  const selection = selectionOf(experimentIds, state, now);
  const request = { ...selection, columns: COLUMNS, sort: state.sort, offset: 0, limit: n };
  const first = useQuery({
    queryKey: ['runs/table', request],
    queryFn: ({ signal }) => runsTable(request, signal),
    placeholderData: keepPreviousData,
  });
  const missing = state.pin.filter((id) => first.data && !first.data.ids.includes(id)).toSorted();
  const pinned = useQuery({
    queryKey: ['runs/table', { ids: missing, columns: COLUMNS }],
    queryFn: ({ signal }) =>
      runsTable({ ids: missing, view: 'all', columns: COLUMNS, offset: 0, limit: 1000 }, signal),
    enabled: missing.length > 0,
  });
  useChanges(experimentIds, [], (change) => {
    const isOther = change.runs.some((run) =>
      run.what.some((what) => what === 'status' || what === 'created' || what === 'deleted'),
    );
    if (isOther || change.isGuess) void first.refetch({ cancelRefetch: false });
  });
  const runs = useMemo(() => {
    const found = [...(missing.length && pinned.data ? runsOf(pinned.data) : []), ...runsOf(first.data)];
    const isPinned = (run: ChartRun) => state.pin.includes(run.id);
    return [...found.filter(isPinned), ...found.filter((run) => !isPinned(run))];
  }, [first.data, pinned.data, missing.length, state.pin]);
  if (first.error && !first.data) {
    return <ErrorNote error={first.error} onRetry={() => void first.refetch()} />;
  }
  if (!first.data) return <Skeleton />;
  return (
    <ChartBoard
      runs={runs}
      total={first.data.total}
      hide={state.hide}
      onHide={(hide) => patch({ hide })}
      pin={state.pin}
      onPin={(pin) => patch({ pin })}
      hasCount
    />
  );
}

function runsOf(table: RunsTable | undefined): ChartRun[] {
  if (!table) return [];
  const text = (column: string, i: number) => {
    const value = table.columns[column]?.[i];
    return typeof value === 'string' ? value : null;
  };
  return table.ids.map((id, i) => ({
    id,
    name: text('attribute.run_name', i) || id.slice(0, 8),
    color: runColor(id, text(`tag.${COLOR_TAG}`, i)),
    isRunning: text('attribute.status', i) === 'RUNNING',
  }));
}
