/** Oxflow's own endpoints, one function each: docs/api.md. */

import { address, call, fetchAnswer } from './http';
import type * as T from './types';

const OWN = 'api/oxflow/v1';

export const bootstrap = (signal?: AbortSignal) => call<T.Bootstrap>(`${OWN}/bootstrap`, { signal });

export const experimentsSummary = (view: T.View, signal?: AbortSignal) =>
  call<{ experiments: T.ExperimentSummary[] }>(`${OWN}/experiments/summary`, { query: { view }, signal });

const post =
  <Request, Answer>(path: string) =>
  (body: Request, signal?: AbortSignal) =>
    call<Answer>(`${OWN}/${path}`, { method: 'POST', body, signal });

export const runsTable = post<T.RunsTableRequest, T.RunsTable>('runs/table');
export const runsGroups = post<T.RunsGroupsRequest, T.RunsGroups>('runs/groups');
export const runsKeys = post<T.RunsKeysRequest, T.RunsKeys>('runs/keys');
export const metricsStats = post<
  { runs: readonly string[]; keys: readonly string[] | null },
  { stats: T.MetricStats[] }
>('metrics/stats');

export const runsValues = (
  experiments: readonly string[],
  column: T.Column,
  contains: string,
  signal?: AbortSignal,
) =>
  call<{ values: { value: string; runs: number }[] }>(`${OWN}/runs/values`, {
    query: { experiments: experiments.join(','), column, contains, limit: 50 },
    signal,
  });

/** Metric histories at the resolution of a chart, as bytes of the given type. */
export const seriesBytes = async (body: T.SeriesRequest, accept: string, signal?: AbortSignal) =>
  (await fetchAnswer(`${OWN}/series`, { method: 'POST', body, accept, signal })).arrayBuffer();

/** Changes many runs; calls back with each line of progress. */
export async function runsBulk(
  request: T.RunSelection & { operation: T.BulkOperation },
  onProgress: (progress: T.BulkProgress) => void,
  signal?: AbortSignal,
): Promise<void> {
  const answer = await fetchAnswer(`${OWN}/runs/bulk`, { method: 'POST', body: request, signal });
  for await (const line of lines(answer)) onProgress(JSON.parse(line) as T.BulkProgress);
}

/** Removes deleted runs for good, at most 500. */
export const purgeRuns = post<{ run_ids: readonly string[] }, T.PurgeAnswer>('runs/purge');

/** Removes a deleted experiment for good, with everything in it. */
export const purgeExperiment = post<{ experiment_id: string }, T.PurgeAnswer>('experiments/purge');

/** Where the browser downloads all matching runs from. */
export const runsExportAddress = (
  request: T.RunSelection & {
    columns: readonly T.Column[];
    sort: readonly T.Sort[];
    format: 'csv' | 'json';
    file_name: string;
  },
) => address(`${OWN}/runs/export`, { request: JSON.stringify(request) });

export const artifactHead = (runId: string, path: string, signal?: AbortSignal) =>
  call<T.ArtifactHead>(`${OWN}/artifacts/head`, { query: { run_id: runId, path }, signal });

export const artifactAddress = (runId: string, path: string) =>
  address('get-artifact', { run_id: runId, path });

/** An HTML file of a run as a page without any rights, for `<iframe sandbox="allow-scripts">`. */
export const artifactPreviewAddress = (runId: string, path: string) =>
  address(`${OWN}/artifacts/preview`, { run_id: runId, path });

export const artifactZipAddress = (runId: string, path: string) =>
  address(`${OWN}/artifacts/zip`, { run_id: runId, path: path || null });

export const storeView = (state: unknown) =>
  call<{ id: string }>(`${OWN}/views`, { method: 'POST', body: { state } });

export const storedView = (id: string, signal?: AbortSignal) =>
  call<{ id: string; state: unknown }>(`${OWN}/views`, { query: { id }, signal });

export const namedViews = (experimentId: string, signal?: AbortSignal) =>
  call<{ views: T.NamedView[] }>(`${OWN}/views`, { query: { experiment_id: experimentId }, signal });

export const saveNamedView = (view: {
  experiment_id: string;
  name: string;
  state: unknown;
  is_default: boolean;
}) => call<unknown>(`${OWN}/views`, { method: 'POST', body: view });

export const deleteNamedView = (experimentId: string, name: string) =>
  call<unknown>(`${OWN}/views`, { method: 'DELETE', query: { experiment_id: experimentId, name } });

export const eventsAddress = (experiments: readonly string[], runs: readonly string[]) =>
  address(`${OWN}/events`, { experiments: experiments.join(',') || null, runs: runs.join(',') || null });

async function* lines(answer: Response): AsyncGenerator<string> {
  if (!answer.body) return;
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const parts = (rest + value).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) if (part) yield part;
  }
  if (rest) yield rest;
}
