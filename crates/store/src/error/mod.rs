//! What can go wrong in the store.

mod database;
mod open;

use oxflow_core::{
    ErrorCode, ExperimentId, Invalid, LifecycleStage, ModelId, RunId, VersionNumber, python_repr,
};

pub use database::{DbError, DbErrorKind};
pub use open::OpenError;

/// A store call that did not do what was asked; nothing of it was stored, unless it says that this is unknown.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum StoreError {
    #[error("No Experiment with id={id} exists")]
    NoSuchExperiment { id: ExperimentId },
    #[error("Could not find experiment with name '{name}'")]
    NoExperimentNamed { name: String },
    #[error("Experiment(name={name}) already exists. Error: the name is taken by {holder}")]
    ExperimentExists { name: String, holder: String },
    #[error("The experiment {id} must be in the 'active' state. Current state is {stage}.")]
    ExperimentNotActive { id: ExperimentId, stage: LifecycleStage },
    #[error("Cannot rename a non-active experiment.")]
    RenameDeletedExperiment,
    #[error("No tag with name: {key} in experiment with id {id}")]
    NoExperimentTag { key: String, id: ExperimentId },
    #[error("Run with id={id} not found")]
    NoSuchRun { id: String },
    #[error("The run {id} must be in the 'active' state. Current state is {stage}.")]
    RunNotActive { id: RunId, stage: LifecycleStage },
    #[error("No tag with name: {key} in run with id {id}")]
    NoRunTag { key: String, id: RunId },
    #[error(
        "Changing param values is not allowed. Param with key='{key}' was already logged with value='{old_value}' for run \
         ID='{run_id}'. Attempted logging new value '{new_value}'."
    )]
    ParamChanged {
        run_id: RunId,
        key: String,
        old_value: String,
        new_value: String,
    },
    #[error(
        "Changing param values is not allowed. Params were already logged='[{}]' for run ID={}.",
        changes.iter().map(ParamChange::python).collect::<Vec<_>>().join(", "), python_repr(run_id.as_str())
    )]
    ParamsChanged {
        run_id: RunId,
        changes: Vec<ParamChange>,
    },
    #[error("Logged model with ID '{id}' not found.")]
    NoSuchLoggedModel { id: String },
    #[error(
        "No tag with key {} found for model with ID {}.",
        python_repr(key),
        python_repr(id)
    )]
    NoLoggedModelTag { key: String, id: String },
    #[error("logged model `{id}` already has a param `{key}`; params of a logged model cannot change")]
    LoggedModelParamExists { id: ModelId, key: String },
    #[error(
        "logged model `{id}` already has another value of metric `{key}` for this timestamp, step and run"
    )]
    LoggedModelMetricExists { id: ModelId, key: String },
    #[error("logged model `{id}` does not exist, so metric `{key}` of run `{run_id}` was not logged")]
    MetricOfUnknownModel { id: ModelId, key: String, run_id: RunId },
    #[error("logged model `{model_id}` is already an output of run `{run_id}`")]
    OutputExists { model_id: String, run_id: RunId },
    #[error("Registered Model with name={name} not found")]
    NoSuchRegisteredModel { name: String },
    #[error("{}", name_is_taken(name, *has_prompt_tag, *new_has_prompt_tag))]
    RegisteredModelExists {
        name: String,
        has_prompt_tag: bool,
        new_has_prompt_tag: bool,
    },
    #[error("Registered Model (name={name}) already exists.")]
    RegisteredModelNameTaken { name: String },
    #[error("Model Version (name={name}, version={version}) not found")]
    NoSuchModelVersion { name: String, version: VersionNumber },
    #[error("Latest version not found for model {name}.")]
    NoModelVersions { name: String },
    #[error("Registered model alias {alias} not found.")]
    NoSuchModelAlias { alias: String },
    #[error(
        "States of pages cannot be kept: the database has no table `oxflow_views`, or one of an older release. Start the \
         server once with `--auto-migrate create`, or run `oxflow db upgrade`"
    )]
    NoViewsTable,
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("{}", source.for_client())]
    Database {
        #[from]
        source: DbError,
    },
    #[error("{}", kind.for_client())]
    NotCommitted { kind: DbErrorKind },
    #[error("too many requests are waiting for the database; try again")]
    Overloaded,
    #[error("the server is stopping; nothing was stored")]
    Stopping,
    #[error("an unexpected condition in the store was caught; nothing was stored")]
    Panicked,
}

/// A param that a batch tried to change.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct ParamChange {
    pub key: String,
    pub old_value: String,
    pub new_value: String,
}

impl ParamChange {
    fn python(&self) -> String {
        format!(
            "{{'key': {}, 'old_value': {}, 'new_value': {}}}",
            python_repr(&self.key),
            python_repr(&self.old_value),
            python_repr(&self.new_value)
        )
    }
}

/// Models and prompts share their names. For this message MLflow takes whoever has the tag of prompts for one,
/// whatever its value.
fn name_is_taken(name: &str, has_prompt_tag: bool, new_has_prompt_tag: bool) -> String {
    let kind = |has_tag| if has_tag { "Prompt" } else { "Registered Model" };
    let (old, new) = (kind(has_prompt_tag), kind(new_has_prompt_tag));
    if has_prompt_tag == new_has_prompt_tag {
        return format!("{new} (name={name}) already exists.");
    }
    format!(
        "Tried to create a {} with name {}, but the name is already taken by a {}. MLflow does not allow \
         creating a model and a prompt with the same name.",
        new.to_lowercase(),
        python_repr(name),
        old.to_lowercase()
    )
}

impl StoreError {
    /// MLflow's code for the situation.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::NoSuchExperiment { .. }
            | Self::NoExperimentNamed { .. }
            | Self::NoExperimentTag { .. }
            | Self::NoSuchRun { .. }
            | Self::NoRunTag { .. }
            | Self::NoSuchLoggedModel { .. }
            | Self::NoLoggedModelTag { .. }
            | Self::NoSuchRegisteredModel { .. }
            | Self::NoSuchModelVersion { .. }
            | Self::NoModelVersions { .. } => ErrorCode::ResourceDoesNotExist,
            Self::ExperimentExists { .. }
            | Self::RegisteredModelExists { .. }
            | Self::RegisteredModelNameTaken { .. } => ErrorCode::ResourceAlreadyExists,
            Self::RenameDeletedExperiment
            | Self::NoSuchModelAlias { .. }
            | Self::ExperimentNotActive { .. }
            | Self::RunNotActive { .. }
            | Self::ParamChanged { .. }
            | Self::ParamsChanged { .. }
            | Self::LoggedModelParamExists { .. }
            | Self::LoggedModelMetricExists { .. }
            | Self::MetricOfUnknownModel { .. }
            | Self::OutputExists { .. } => ErrorCode::InvalidParameterValue,
            Self::NoViewsTable => ErrorCode::FeatureDisabled,
            Self::Invalid(invalid) => invalid.code,
            Self::Database { source } => source.kind().code(),
            Self::NotCommitted { kind } => kind.code(),
            Self::Overloaded | Self::Stopping => ErrorCode::TemporarilyUnavailable,
            Self::Panicked => ErrorCode::InternalError,
        }
    }
}
