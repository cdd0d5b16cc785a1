/** Shapes of Oxflow's own API: docs/api.md. */

/** A number, or what JSON cannot say as one. */
export type WireNumber = number | 'NaN' | 'Infinity' | '-Infinity';

/** The number behind it. */
export function number(wire: WireNumber): number {
  return typeof wire === 'number' ? wire : Number(wire);
}

export interface Bootstrap {
  version: string;
  mlflow_version: string;
  static_prefix: string;
  database: 'sqlite' | 'postgresql';
  default_artifact_root: string;
  serves_artifacts: boolean;
  user: string | null;
  authentication: boolean;
  now: number;
}

export type View = 'active' | 'deleted' | 'all';
export type RunStatus = 'RUNNING' | 'SCHEDULED' | 'FINISHED' | 'FAILED' | 'KILLED';

/** A kind, a dot, and a key: `metric.val/loss`. */
export type Column = string;

/** Which runs are meant. Either `experiments` or `ids`. */
export interface RunSelection {
  experiments?: readonly string[];
  ids?: readonly string[];
  q?: string;
  search?: string;
  view?: View;
  started_after?: number | null;
  started_before?: number | null;
  where?: readonly { column: Column; is: string | null }[];
  parent?: string | null;
}

export interface Sort {
  column: Column;
  descending: boolean;
}

export interface RunsTableRequest extends RunSelection {
  columns: readonly Column[];
  sort?: readonly Sort[];
  offset: number;
  limit: number;
  generation?: string | null;
}

export type Cell = WireNumber | string | null | DatasetRef[] | ModelRef[];

export interface DatasetRef {
  name: string;
  digest: string;
  context: string | null;
}

export type ModelRef = { name: string; version: string } | { model_id: string; name: string };

export interface RunsTable {
  total: number;
  offset: number;
  generation: string;
  ids: string[];
  columns: Record<Column, Cell[]>;
}

export type Aggregate = 'mean' | 'std' | 'median' | 'min' | 'max';

export interface RunsGroupsRequest extends RunSelection {
  group: readonly Column[];
  columns: readonly Column[];
  sort?: readonly (Sort & { aggregate?: Aggregate })[];
  offset: number;
  limit: number;
}

export interface MetricSummary {
  count: number;
  mean: number | null;
  std: number | null;
  stderr: number | null;
  median: number | null;
  min: number | null;
  max: number | null;
  nan: number;
}

export interface RunGroup {
  values: (string | null)[];
  count: number;
  running: number;
  metrics: Record<Column, MetricSummary>;
}

export interface RunsGroups {
  total: number;
  total_groups: number;
  offset: number;
  groups: RunGroup[];
}

export interface RunsKeysRequest extends RunSelection {
  kinds: readonly ('metric' | 'param' | 'tag' | 'dataset')[];
  contains?: string;
  limit?: number;
}

export interface RunKey {
  key: string;
  runs: number | null;
  differs: boolean | null;
}

export interface RunsKeys {
  total_runs: number;
  metrics: RunKey[];
  params: RunKey[];
  tags: RunKey[];
  datasets: { name: string; digest: string; runs: number | null }[];
}

export type BulkOperation =
  | { set_tag: { key: string; value: string } }
  | { delete_tag: { key: string } }
  | { rename: { name: string } }
  | 'delete'
  | 'restore';

/** One line of the answer of a bulk operation. */
export interface BulkProgress {
  total: number;
  done: number;
  failed: { run_id: string; error_code: string; message: string }[];
}

/** What of a request was removed for good, and what stays. */
export interface PurgeAnswer {
  runs: number;
  logged_models: number;
  experiments: number;
  kept: PurgeKept[];
}

export interface PurgeKept {
  kind: 'run' | 'logged_model' | 'experiment';
  id: string;
  error_code: string;
  /** Why, after which `it` stands for the thing: `it is not deleted`. */
  message: string;
}

export interface ExperimentSummary {
  experiment_id: string;
  name: string;
  lifecycle_stage: 'active' | 'deleted';
  creation_time: number | null;
  last_update_time: number | null;
  artifact_location: string;
  tags: Record<string, string>;
  runs: number;
  running: number;
  deleted_runs: number;
  last_activity: number | null;
}

export type SeriesAxis = 'step' | 'time' | 'relative';

export interface SeriesRequest {
  runs: readonly string[];
  keys: readonly string[];
  x: SeriesAxis;
  from?: number | null;
  to?: number | null;
  width: number;
}

export interface MetricStats {
  run: string;
  key: string;
  count: number;
  last: WireNumber;
  last_step: number;
  last_time: number;
  first_time: number;
  min: number | null;
  min_step: number | null;
  max: number | null;
  max_step: number | null;
  nan: number;
  inf: number;
}

export interface ArtifactHead {
  path: string;
  is_dir: boolean;
  file_size: number | null;
  last_modified: number | null;
  content_type: string | null;
  is_text: boolean;
  /** 64 hexadecimal digits; nothing where the server does not know it. */
  sha256?: string | null;
}

export interface NamedView {
  name: string;
  state: unknown;
  is_default: boolean;
  updated_time: number;
}

/** What happened since the last event; a hint of what to read again. */
export interface ChangeEvent {
  runs: {
    run_id: string;
    experiment_id: string;
    metrics?: string[];
    step?: number;
    what: ('metrics' | 'params' | 'tags' | 'inputs' | 'status' | 'created' | 'deleted')[];
  }[];
  /** Those of the runs, and more: of an experiment without a run it is not known which of its runs changed. */
  experiments: string[];
  /** News were lost: anything may have changed. */
  all?: boolean;
}
