//! The names of the layout. MLflow: constants of `FileStore` (tracking and registry).

pub(crate) const META: &str = "meta.yaml";
pub(crate) const TRACE_INFO: &str = "trace_info.yaml";
pub(crate) const TRASH: &str = ".trash";
pub(crate) const MODELS: &str = "models";
pub(crate) const DATASETS: &str = "datasets";
pub(crate) const TRACES: &str = "traces";
pub(crate) const TAGS: &str = "tags";
pub(crate) const PARAMS: &str = "params";
pub(crate) const METRICS: &str = "metrics";
pub(crate) const INPUTS: &str = "inputs";
pub(crate) const OUTPUTS: &str = "outputs";
pub(crate) const ALIASES: &str = "aliases";
pub(crate) const ASSESSMENTS: &str = "assessments";
pub(crate) const ARTIFACTS: &str = "artifacts";
/// Still called so in MLflow 3, where it is trace metadata.
pub(crate) const TRACE_METADATA: &str = "request_metadata";
pub(crate) const VERSION_PREFIX: &str = "version-";

/// Folders of an experiment that are no runs.
pub(crate) const NOT_RUNS: &[&str] = &[TAGS, DATASETS, TRACES, MODELS];
