import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { ChangeQueue } from '../../api/changeQueue';
import { useChanges } from '../../api/events';
import { getExperiment, getRun, type Run, searchRuns } from '../../api/mlflow';
import { runsTable } from '../../api/own';
import { readChange } from './liveRun';

export const isLive = (run: Run) => run.info.status === 'RUNNING' || run.info.status === 'SCHEDULED';

/** A run, as it was when it was last read. */
export function useRun(runId: string | null) {
  return useQuery({
    queryKey: ['runs/get', runId],
    queryFn: ({ signal }) => getRun(runId ?? '', signal),
    enabled: runId !== null,
  });
}

/** A run that is read again with each change of it, and all that belongs to it. */
export function useLiveRun(runId: string) {
  const client = useQueryClient();
  const run = useRun(runId);
  const watched = run.data && isLive(run.data) ? run.data.info : null;
  const queue = useRef<ChangeQueue | null>(null);
  useEffect(() => {
    const one = new ChangeQueue((change) => readChange(client, runId, change));
    queue.current = one;
    return () => one.stop();
  }, [client, runId]);
  // Its children are runs of the same experiment.
  useChanges(watched ? [watched.experiment_id] : [], watched ? [runId] : [], (change) =>
    queue.current?.tell(change),
  );
  return run;
}

export function useExperiment(experimentId: string | undefined) {
  return useQuery({
    queryKey: ['experiments/get', experimentId],
    queryFn: ({ signal }) => getExperiment(experimentId ?? '', signal),
    enabled: experimentId !== undefined,
    staleTime: 60_000,
  });
}

/** What is around a run: the name of its experiment, and how many children it has. One answer, asked for with the run. */
export function useRelations(runId: string) {
  return useQuery({
    queryKey: relationsKey(runId),
    queryFn: async ({ signal }) => {
      const columns = ['attribute.experiment_name', 'children'];
      const table = await runsTable({ ids: [runId], view: 'all', columns, offset: 0, limit: 1 }, signal);
      const [name, children] = columns.map((column) => table.columns[column]?.[0]);
      return {
        experimentName: typeof name === 'string' ? name : null,
        children: typeof children === 'number' ? children : 0,
      };
    },
    staleTime: 15_000,
  });
}

export const relationsKey = (runId: string) => ['runs/table', 'relations', runId];

/** How many children are read at once. */
export const CHILDREN_LIMIT = 1000;

/** The runs that name this one as their parent, the latest first. */
export function useChildren(experimentId: string | undefined, runId: string, isEnabled = true) {
  return useQuery({
    queryKey: ['runs/search', 'children', experimentId, runId],
    queryFn: async ({ signal }) => {
      const filter = `tags.\`mlflow.parentRunId\` = '${runId.replace(/'/g, '')}'`;
      const answer = await searchRuns([experimentId ?? ''], filter, CHILDREN_LIMIT, signal);
      return { runs: answer.runs ?? [], hasMore: Boolean(answer.next_page_token) };
    },
    enabled: experimentId !== undefined && isEnabled,
    staleTime: 15_000,
  });
}
