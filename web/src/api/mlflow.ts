/** The part of MLflow's REST API that the pages use. */

import { call } from './http';
import type { RunStatus, WireNumber } from './types';

const API = 'ajax-api/2.0/mlflow';

export interface KeyValue {
  key: string;
  value: string;
}

export interface Experiment {
  experiment_id: string;
  name: string;
  artifact_location: string;
  lifecycle_stage: 'active' | 'deleted';
  creation_time?: number;
  last_update_time?: number;
  tags?: KeyValue[];
}

export interface Metric {
  key: string;
  value: WireNumber;
  timestamp: number;
  step: number;
}

export interface DatasetInput {
  dataset: {
    name: string;
    digest: string;
    source_type: string;
    source: string;
    schema?: string;
    profile?: string;
  };
  tags?: KeyValue[];
}

export interface Run {
  info: {
    run_id: string;
    run_name: string;
    experiment_id: string;
    status: RunStatus;
    user_id?: string;
    start_time?: number;
    end_time?: number;
    artifact_uri: string;
    lifecycle_stage: 'active' | 'deleted';
  };
  data: { metrics?: Metric[]; params?: KeyValue[]; tags?: KeyValue[] };
  inputs?: { dataset_inputs?: DatasetInput[]; model_inputs?: { model_id: string }[] };
  outputs?: { model_outputs?: { model_id: string; step?: number }[] };
}

export interface ArtifactFile {
  path: string;
  is_dir: boolean;
  file_size?: number;
  /** What it is called, if not by its path. */
  label?: string;
}

export interface LoggedModel {
  info: {
    model_id: string;
    experiment_id: string;
    name: string;
    model_type?: string;
    status: string;
    source_run_id?: string;
    artifact_uri: string;
    creation_timestamp_ms: number;
    tags?: KeyValue[];
  };
  data?: { params?: KeyValue[]; metrics?: Metric[] };
}

export interface ModelVersion {
  name: string;
  version: string;
  current_stage?: string;
  aliases?: string[];
  run_id?: string;
  source?: string;
  creation_timestamp?: number;
}

const get = <Answer>(path: string, query: Record<string, string | number | null>, signal?: AbortSignal) =>
  call<Answer>(`${API}/${path}`, { query, signal });

const post = <Answer>(path: string, body: unknown) =>
  call<Answer>(`${API}/${path}`, { method: 'POST', body });

export const getExperiment = async (id: string, signal?: AbortSignal) =>
  (await get<{ experiment: Experiment }>('experiments/get', { experiment_id: id }, signal)).experiment;

/** `artifactLocation`: empty for the server's default. */
export const createExperiment = async (name: string, artifactLocation = '', tags: KeyValue[] = []) =>
  (
    await post<{ experiment_id: string }>('experiments/create', {
      name,
      tags,
      ...(artifactLocation && { artifact_location: artifactLocation }),
    })
  ).experiment_id;

export const renameExperiment = (id: string, name: string) =>
  post<unknown>('experiments/update', { experiment_id: id, new_name: name });

export const deleteExperiment = (id: string) => post<unknown>('experiments/delete', { experiment_id: id });

export const restoreExperiment = (id: string) => post<unknown>('experiments/restore', { experiment_id: id });

export const setExperimentTag = (id: string, key: string, value: string) =>
  post<unknown>('experiments/set-experiment-tag', { experiment_id: id, key, value });

export const deleteExperimentTag = (id: string, key: string) =>
  post<unknown>('experiments/delete-experiment-tag', { experiment_id: id, key });

export const getRun = async (id: string, signal?: AbortSignal) =>
  (await get<{ run: Run }>('runs/get', { run_id: id }, signal)).run;

/** A page of the runs of some experiments, the latest first. */
export const searchRuns = (
  experiments: readonly string[],
  filter: string,
  limit: number,
  signal?: AbortSignal,
) =>
  call<{ runs?: Run[]; next_page_token?: string }>(`${API}/runs/search`, {
    method: 'POST',
    body: { experiment_ids: experiments, filter, max_results: limit, run_view_type: 'ACTIVE_ONLY' },
    signal,
  });

/** Makes a run. Without a name the server gives it one. */
export async function createRun(
  experimentId: string,
  {
    name,
    startTime,
    tags,
    isFinished,
  }: { name: string; startTime: number; tags: KeyValue[]; isFinished: boolean },
): Promise<Run> {
  const { run } = await post<{ run: Run }>('runs/create', {
    experiment_id: experimentId,
    ...(name && { run_name: name }),
    start_time: startTime,
    tags,
  });
  // MLflow's runs begin as running ones.
  if (isFinished) await updateRun(run.info.run_id, { status: 'FINISHED', end_time: Date.now() });
  return run;
}

export const updateRun = (
  id: string,
  changes: { run_name?: string; status?: RunStatus; end_time?: number },
) => post<unknown>('runs/update', { run_id: id, ...changes });

export const deleteRun = (id: string) => post<unknown>('runs/delete', { run_id: id });

export const restoreRun = (id: string) => post<unknown>('runs/restore', { run_id: id });

export const setRunTag = (id: string, key: string, value: string) =>
  post<unknown>('runs/set-tag', { run_id: id, key, value });

export const deleteRunTag = (id: string, key: string) =>
  post<unknown>('runs/delete-tag', { run_id: id, key });

/** Which part of a folder is asked for. */
export interface PageOfFolder {
  /** At most so many entries: from 1 to 10,000. */
  max: number;
  /** Where the page before ended; `null`: the first. */
  token: string | null;
}

interface FilesAnswer {
  root_uri: string;
  files?: ArtifactFile[];
  next_page_token?: string;
}

const filesPage = (answer: FilesAnswer) => ({
  files: answer.files ?? [],
  next: answer.next_page_token ?? null,
});

/** Some entries of a folder of a run, by name in byte order, and where the next begin. A server without pages sends all. */
export const listArtifacts = async (
  runId: string,
  path: string,
  { max, token }: PageOfFolder,
  signal?: AbortSignal,
) =>
  filesPage(
    await get<FilesAnswer>(
      'artifacts/list',
      { run_id: runId, path: path || null, max_results: max, page_token: token },
      signal,
    ),
  );

export interface MetricPage {
  metrics?: Metric[];
  next_page_token?: string;
}

/** Some points of a metric, in the order of the server; the next begin at the token. */
export const metricHistoryPage = (runId: string, key: string, token: string | null, signal?: AbortSignal) =>
  get<MetricPage>(
    'metrics/get-history',
    { run_id: runId, metric_key: key, max_results: 25_000, page_token: token },
    signal,
  );

/** Every point of a metric, page by page. */
export async function* metricHistory(
  runId: string,
  key: string,
  signal?: AbortSignal,
): AsyncGenerator<Metric[]> {
  let token: string | null = null;
  do {
    const page: MetricPage = await metricHistoryPage(runId, key, token, signal);
    yield page.metrics ?? [];
    token = page.next_page_token ?? null;
  } while (token);
}

/** Some entries of a folder of a logged model, as of a run. */
export const listLoggedModelArtifacts = async (
  modelId: string,
  path: string,
  { max, token }: PageOfFolder,
  signal?: AbortSignal,
) =>
  filesPage(
    await get<FilesAnswer>(
      `logged-models/${encodeURIComponent(modelId)}/artifacts/directories`,
      { artifact_directory_path: path || null, max_results: max, page_token: token },
      signal,
    ),
  );

export const getLoggedModel = async (id: string, signal?: AbortSignal) =>
  (await get<{ model: LoggedModel }>(`logged-models/${encodeURIComponent(id)}`, {}, signal)).model;

export const modelVersionsOfRun = async (runId: string, signal?: AbortSignal) =>
  (
    await get<{ model_versions?: ModelVersion[] }>(
      'model-versions/search',
      { filter: `run_id = '${runId}'`, max_results: 200 },
      signal,
    )
  ).model_versions ?? [];

/** Names of registered models that have a text in them, by name. */
export const registeredModelNames = async (contains: string, signal?: AbortSignal) => {
  // A quote cannot be written inside of MLflow's quotes: `_` stands for it.
  const filter = contains ? `name ILIKE '%${contains.replace(/['"\\]/g, '_')}%'` : null;
  const answer = await get<{ registered_models?: { name: string }[] }>(
    'registered-models/search',
    { filter, max_results: 50 },
    signal,
  );
  return (answer.registered_models ?? []).map(({ name }) => name);
};

export const createRegisteredModel = (name: string) => post<unknown>('registered-models/create', { name });

export const createModelVersion = async (version: {
  name: string;
  source: string;
  run_id: string;
  model_id?: string;
}) => (await post<{ model_version: ModelVersion }>('model-versions/create', version)).model_version;
