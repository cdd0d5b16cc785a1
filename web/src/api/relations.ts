import { call } from './http';
import type { RunStatus } from './types';

/** A run that names another one as its parent. */
export interface ChildRun {
  runId: string;
  name: string;
  status: RunStatus;
  startTime: number | null;
}

export interface Relations {
  experimentName: string | null;
  /** The latest first. */
  children: readonly ChildRun[];
  hasMore: boolean;
}

const QUERY = `query Relations($experiment: String, $children: String, $most: Int) {
  mlflowGetExperiment(input: { experimentId: $experiment }) { experiment { name } }
  mlflowSearchRuns(input: { experimentIds: [$experiment], filter: $children, maxResults: $most }) {
    runs { info { runId runName status startTime } }
    nextPageToken
  }
}`;

interface Answer {
  data?: {
    mlflowGetExperiment?: { experiment?: { name?: string | null } | null } | null;
    mlflowSearchRuns?: {
      runs?:
        | { info: { runId: string; runName?: string | null; status: RunStatus; startTime?: string | null } }[]
        | null;
      nextPageToken?: string | null;
    } | null;
  } | null;
}

/** What is around a run: MLflow's GraphQL says it in one answer. */
export async function runRelations(
  experimentId: string,
  runId: string,
  most: number,
  signal?: AbortSignal,
): Promise<Relations> {
  const children = `tags.\`mlflow.parentRunId\` = '${runId.replace(/'/g, '')}'`;
  const body = { query: QUERY, variables: { experiment: experimentId, children, most } };
  const { data } = await call<Answer>('graphql', { method: 'POST', body, signal });
  return {
    experimentName: data?.mlflowGetExperiment?.experiment?.name ?? null,
    children: (data?.mlflowSearchRuns?.runs ?? []).map(({ info }) => ({
      runId: info.runId,
      name: info.runName ?? '',
      status: info.status,
      startTime: info.startTime ? Number(info.startTime) : null,
    })),
    hasMore: Boolean(data?.mlflowSearchRuns?.nextPageToken),
  };
}
