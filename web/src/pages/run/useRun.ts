import { useQuery } from '@tanstack/react-query';
import { getExperiment, getRun, type Run, searchRuns } from '../../api/mlflow';

/** How often a run that is still going is read again. */
const LIVE_MS = 5_000;

export const isLive = (run: Run) => run.info.status === 'RUNNING' || run.info.status === 'SCHEDULED';

/** A run; while it runs, read again every few seconds. */
export function useRun(runId: string | null) {
  return useQuery({
    queryKey: ['runs/get', runId],
    queryFn: ({ signal }) => getRun(runId ?? '', signal),
    enabled: runId !== null,
    refetchInterval: ({ state }) => (state.data && isLive(state.data) ? LIVE_MS : false),
  });
}

export function useExperiment(experimentId: string | undefined) {
  return useQuery({
    queryKey: ['experiments/get', experimentId],
    queryFn: ({ signal }) => getExperiment(experimentId ?? '', signal),
    enabled: experimentId !== undefined,
    staleTime: 60_000,
  });
}

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
