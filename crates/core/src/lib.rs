//! What MLflow tracking is about: ids, entities, limits, validation and error codes.
//!
//! No I/O, no async, no clock and no randomness of its own: both come in as [`Clock`] and
//! [`Entropy`], so that tests decide them.

mod cell;
mod content_digest;
mod environment;
mod error_code;
mod experiment;
mod ids;
mod imported;
mod invalid;
mod key;
pub mod limits;
mod logged_model;
mod metric;
mod model_uri;
mod model_version;
mod registered_model;
mod run;
mod run_name;
mod series;
mod text;
mod utc;
mod view_state;

pub use cell::{Cell, DatasetUse, ModelOfRun};
pub use content_digest::ContentDigest;
pub use environment::{Clock, Entropy};
pub use error_code::ErrorCode;
pub use experiment::{Experiment, ExperimentName, NewExperiment};
pub use ids::{ExperimentId, ModelId, RunId};
pub use imported::{
    ImportedAssessment, ImportedModel, ImportedRun, ImportedTrace, ImportedVersion, RunSource,
};
pub use invalid::{Invalid, python_type_of, short_json};
pub use key::{Key, KeyKind};
pub use logged_model::{LoggedModel, LoggedModelMetric, LoggedModelName, LoggedModelStatus, NewLoggedModel};
pub use metric::{HistoryPoint, Metric, MetricSource, MetricValue, RunHistory};
pub use model_uri::ModelUri;
pub use model_version::{ModelVersion, NewModelVersion, Stage, VersionNumber};
pub use registered_model::{
    AliasedVersion, IS_PROMPT_TAG, ModelAlias, ModelName, NewRegisteredModel, PROMPT_TEXT_TAG,
    RegisteredModel, check_description, is_prompt, model_version_tag, registered_model_tag,
};
pub use run::{
    Dataset, DatasetInput, DatasetSummary, LifecycleStage, ModelOutput, NewRun, PARENT_RUN_TAG, Param,
    RUN_NAME_TAG, Run, RunInfo, RunStatus, RunUpdate, Tag, ViewType,
};
pub use run_name::generated_name;
pub use series::{Axis, MetricStats, Series, SeriesBuckets, SeriesData};
pub use text::{check_length, check_no_nul, python_repr, truncate_chars};
pub use utc::Utc;
pub use view_state::{ViewId, ViewState};
