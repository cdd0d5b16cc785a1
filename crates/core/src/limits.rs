//! Every limit of the tracking API, in Unicode characters unless the name says otherwise.
//!
//! Source: `mlflow.utils.validation` and the column widths of the schema, MLflow 3.17.2.

/// Longest key of a metric, param or tag. MLflow: `MAX_ENTITY_KEY_LENGTH`.
pub const MAX_KEY_CHARS: usize = 250;
/// Longest param value; longer ones are cut. MLflow: `MAX_PARAM_VAL_LENGTH`.
pub const MAX_PARAM_VALUE_CHARS: usize = 6000;
/// Width of `params.value`: what another server or a file store may hold.
pub const PARAM_VALUE_COLUMN_CHARS: usize = 8000;
/// Longest run tag value; longer ones are cut. MLflow: `MAX_TAG_VAL_LENGTH`.
pub const MAX_RUN_TAG_VALUE_CHARS: usize = 8000;
/// Longest experiment tag value. MLflow: `MAX_EXPERIMENT_TAG_VAL_LENGTH`.
pub const MAX_EXPERIMENT_TAG_VALUE_CHARS: usize = 20_000;
/// Longest experiment name MLflow's validation lets pass. MLflow: `MAX_EXPERIMENT_NAME_LENGTH`.
pub const MAX_EXPERIMENT_NAME_CHARS: usize = 500;
/// Width of `experiments.name`: a longer name cannot be stored on PostgreSQL.
pub const EXPERIMENT_NAME_COLUMN_CHARS: usize = 256;
/// Longest artifact location unless configured. MLflow: `MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH`.
pub const MAX_ARTIFACT_LOCATION_CHARS: usize = 2048;
/// Width of `runs.name`.
pub const MAX_RUN_NAME_CHARS: usize = 250;
/// Width of `runs.user_id`.
pub const MAX_USER_ID_CHARS: usize = 256;
/// Metrics in one `log-batch`.
pub const MAX_METRICS_PER_BATCH: usize = 1000;
/// Params in one `log-batch`, and in one call that creates a logged model.
pub const MAX_PARAMS_PER_BATCH: usize = 100;
/// Tags in one `log-batch`.
pub const MAX_TAGS_PER_BATCH: usize = 100;
/// Metrics, params and tags together in one `log-batch`.
pub const MAX_ENTITIES_PER_BATCH: usize = 1000;
/// Longest dataset name.
pub const MAX_DATASET_NAME_CHARS: usize = 500;
/// Longest dataset digest.
pub const MAX_DATASET_DIGEST_CHARS: usize = 36;
/// Width of `datasets.dataset_source_type`.
pub const MAX_DATASET_SOURCE_TYPE_CHARS: usize = 36;
/// Longest dataset source.
pub const MAX_DATASET_SOURCE_CHARS: usize = 65_535;
/// Longest dataset schema.
pub const MAX_DATASET_SCHEMA_CHARS: usize = 1_048_575;
/// Longest dataset profile.
pub const MAX_DATASET_PROFILE_CHARS: usize = 16_777_215;
/// Longest key of a dataset input's tag.
pub const MAX_INPUT_TAG_KEY_CHARS: usize = 255;
/// Longest value of a dataset input's tag.
pub const MAX_INPUT_TAG_VALUE_CHARS: usize = 500;
/// Width of `logged_models.name` and `.model_type`.
pub const MAX_LOGGED_MODEL_NAME_CHARS: usize = 500;
/// Width of the keys of a logged model's params and tags.
pub const MAX_LOGGED_MODEL_KEY_CHARS: usize = 255;
/// Width of `registered_models.name`.
pub const MAX_MODEL_NAME_CHARS: usize = 256;
/// Longest alias of a model version. MLflow: `MAX_REGISTERED_MODEL_ALIAS_LENGTH`.
pub const MAX_ALIAS_CHARS: usize = 255;
/// Longest tag value of a registered model or version. MLflow: `MAX_MODEL_REGISTRY_TAG_VALUE_LENGTH`.
pub const MAX_REGISTRY_TAG_VALUE_CHARS: usize = 100_000;
/// Width of the descriptions of registered models and versions.
pub const MAX_DESCRIPTION_CHARS: usize = 5000;
/// Width of `model_versions.source` and `.storage_location`.
pub const MAX_SOURCE_CHARS: usize = 500;
/// Width of `model_versions.run_link`.
pub const MAX_RUN_LINK_CHARS: usize = 500;
/// Width of `model_versions.run_id`.
pub const MAX_VERSION_RUN_ID_CHARS: usize = 32;
/// Registered models on a page when nothing is asked. MLflow: `SEARCH_REGISTERED_MODEL_MAX_RESULTS_DEFAULT`.
pub const DEFAULT_MODEL_SEARCH_RESULTS: i64 = 100;
/// Largest page of registered models. MLflow: `SEARCH_REGISTERED_MODEL_MAX_RESULTS_THRESHOLD`.
pub const MAX_MODEL_SEARCH_RESULTS: i64 = 1000;
/// Largest page of model versions, and the page when nothing is asked. MLflow:
/// `SEARCH_MODEL_VERSION_MAX_RESULTS_THRESHOLD`.
pub const MAX_VERSION_SEARCH_RESULTS: i64 = 200_000;
/// Experiments of one `search-datasets`.
pub const MAX_SEARCH_DATASETS_EXPERIMENTS: usize = 20;
/// Rows of one `search-datasets`.
pub const MAX_SEARCH_DATASETS_ROWS: usize = 1000;
/// Ids in one search. security.md, section 9.
pub const MAX_IDS_PER_SEARCH: usize = 10_000;
/// Largest page of experiments and runs. MLflow: `SEARCH_MAX_RESULTS_THRESHOLD`.
pub const MAX_SEARCH_RESULTS: i64 = 50_000;
/// Runs on a page when nothing is asked. MLflow: `SEARCH_MAX_RESULTS_DEFAULT`.
pub const DEFAULT_RUN_SEARCH_RESULTS: i64 = 1000;
/// Logged models on a page when nothing is asked.
pub const DEFAULT_LOGGED_MODEL_SEARCH_RESULTS: i64 = 50;
/// Points of one `get-history-bulk`, over all its runs.
pub const MAX_BULK_HISTORY_POINTS: i64 = 25_000;
/// Points per run of one `get-history-bulk-interval`.
pub const MAX_INTERVAL_POINTS: i64 = 2500;
/// Runs of one `get-history-bulk` or `get-history-bulk-interval`.
pub const MAX_BULK_HISTORY_RUNS: usize = 100;
/// Entries of one page of a folder's list: ten answers of an object store.
pub const MAX_ARTIFACTS_LISTED: i64 = 10_000;
/// Bytes of one `upload-artifact`.
pub const MAX_UI_UPLOAD_BYTES: u64 = 10 * 1024 * 1024;
/// Bytes of the description of one model in `runs/log-model`; MLflow has no limit.
pub const MAX_MODEL_JSON_BYTES: usize = 4 * 1024 * 1024;
/// Keys of the order of one search. security.md, section 9.
pub const MAX_ORDER_BY_KEYS: usize = 64;
/// Pairs of a metric condition and a dataset in one search of logged models: each is an SQL term.
pub const MAX_METRIC_DATASET_PAIRS: usize = 1000;
/// Run ids of one selection.
pub const MAX_SELECTED_IDS: usize = 1000;
/// Columns of one table.
pub const MAX_TABLE_COLUMNS: usize = 200;
/// Columns that order one table; each is a join, of which SQLite does 64.
pub const MAX_SORT_COLUMNS: usize = 8;
/// Rows of one window of a table.
pub const MAX_TABLE_ROWS: i64 = 1000;
/// Rows of a window when nothing is asked.
pub const DEFAULT_TABLE_ROWS: i64 = 200;
/// Conditions on columns in one selection.
pub const MAX_COLUMN_CONDITIONS: usize = 100;
/// Words of one selection.
pub const MAX_SEARCH_WORDS: usize = 32;
/// Longest text with the words of a selection.
pub const MAX_SEARCH_CHARS: usize = 1000;
/// Columns that runs are grouped by.
pub const MAX_GROUP_COLUMNS: usize = 8;
/// Metrics that are summarised per group: the values of each are held in memory.
pub const MAX_GROUPED_METRICS: usize = 50;
/// Keys of each kind in one answer of `runs/keys`.
pub const MAX_LISTED_KEYS: i64 = 10_000;
/// Values in one answer of `runs/values`.
pub const MAX_LISTED_VALUES: i64 = 1000;
/// Runs of one `series`.
pub const MAX_SERIES_RUNS: usize = 200;
/// Metrics of one `series`.
pub const MAX_SERIES_KEYS: usize = 50;
/// Fewest and most buckets of one series, and how many there are when nothing is asked.
pub const MIN_SERIES_WIDTH: i64 = 16;
/// See [`MIN_SERIES_WIDTH`].
pub const MAX_SERIES_WIDTH: i64 = 4096;
/// See [`MIN_SERIES_WIDTH`].
pub const DEFAULT_SERIES_WIDTH: i64 = 800;
/// Numbers in one answer of `series`: 64 MiB as f64, about 100 MB as JSON.
pub const MAX_SERIES_NUMBERS: usize = 8 * 1024 * 1024;
/// Runs of one `metrics/stats`.
pub const MAX_STATS_RUNS: usize = 1000;
/// Metrics of one `metrics/stats`.
pub const MAX_STATS_KEYS: usize = 1000;
/// Pairs of run and metric in one answer of `metrics/stats`: some 50 MB as JSON.
pub const MAX_STATS: usize = 200_000;
/// Experiments, and runs, that one listener of `events` can name.
pub const MAX_WATCHED: usize = 1000;

/// Largest saved state of a page, in bytes of JSON. Ours; docs/api.md.
pub const MAX_VIEW_STATE_BYTES: usize = 64 * 1024;

/// Most named views of an experiment. Ours; docs/api.md.
pub const MAX_VIEWS: usize = 200;
/// Longest name of a file that a client chooses for a download.
pub const MAX_FILE_NAME_CHARS: usize = 200;
/// Runs that one transaction of `runs/bulk` changes; the writes of others wait for it.
pub const BULK_RUNS_PER_TRANSACTION: usize = 200;
/// Runs that one request of `runs/purge` removes for good, with their artifacts.
pub const MAX_PURGED_RUNS: usize = 500;
/// Runs whose keys are counted exactly in `runs/keys`; of more a sample is looked at.
pub const MAX_COUNTED_RUNS: usize = 5_000;
