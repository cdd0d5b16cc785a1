//! Runs and what is logged to them.

use std::fmt;

use crate::{ExperimentId, Invalid, Key, Metric, ModelId, RunId};

/// Whether an experiment, run or logged model is in use or in the trash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LifecycleStage {
    /// In use.
    Active,
    /// Deleted, until `gc` removes it for good.
    Deleted,
}

impl LifecycleStage {
    /// The stored and wire form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Deleted => "deleted",
        }
    }

    /// Reads the stored form; the schema allows no third value.
    pub fn from_row(text: &str) -> Self {
        if text == "deleted" {
            Self::Deleted
        } else {
            Self::Active
        }
    }
}

impl fmt::Display for LifecycleStage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which stages a search looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ViewType {
    /// Active ones.
    #[default]
    ActiveOnly,
    /// Deleted ones.
    DeletedOnly,
    /// Both.
    All,
}

impl ViewType {
    /// The stages that the view shows.
    pub const fn stages(self) -> &'static [LifecycleStage] {
        match self {
            Self::ActiveOnly => &[LifecycleStage::Active],
            Self::DeletedOnly => &[LifecycleStage::Deleted],
            Self::All => &[LifecycleStage::Active, LifecycleStage::Deleted],
        }
    }
}

/// The tag that repeats a run's name; name and tag change together.
pub const RUN_NAME_TAG: &str = "mlflow.runName";

/// The tag that names the run that a run is a part of.
pub const PARENT_RUN_TAG: &str = "mlflow.parentRunId";

/// State of a run; any state may follow any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "MLflow's names")]
pub enum RunStatus {
    Running,
    Scheduled,
    Finished,
    Failed,
    Killed,
}

impl RunStatus {
    /// Every state with its number in MLflow's protocol.
    pub const ALL: [(Self, i64); 5] = [
        (Self::Running, 1),
        (Self::Scheduled, 2),
        (Self::Finished, 3),
        (Self::Failed, 4),
        (Self::Killed, 5),
    ];

    /// The stored and wire form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Scheduled => "SCHEDULED",
            Self::Finished => "FINISHED",
            Self::Failed => "FAILED",
            Self::Killed => "KILLED",
        }
    }

    /// The state with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .map(|(status, _)| *status)
            .find(|status| status.as_str() == name)
    }
}

/// A tag of any entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Its key.
    pub key: String,
    /// Its value; stored NULLs read as empty.
    pub value: String,
}

/// A param of a run: written once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// Its key.
    pub key: Key,
    /// Its value.
    pub value: String,
}

/// The columns of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunInfo {
    /// Its id.
    pub run_id: RunId,
    /// Its experiment.
    pub experiment_id: ExperimentId,
    /// Its name, kept equal to the tag `mlflow.runName` on writing.
    pub run_name: Option<String>,
    /// Who ran it, as the client said.
    pub user_id: Option<String>,
    /// Its state.
    pub status: RunStatus,
    /// Client's start, ms since 1970.
    pub start_time_ms: Option<i64>,
    /// Client's end, ms since 1970.
    pub end_time_ms: Option<i64>,
    /// URI of its artifacts.
    pub artifact_uri: Option<String>,
    /// Active or deleted.
    pub lifecycle_stage: LifecycleStage,
}

/// A run with everything logged to it, metrics by their latest point.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its columns.
    pub info: RunInfo,
    /// Latest point of each metric.
    pub metrics: Vec<Metric>,
    /// Its params.
    pub params: Vec<Tag>,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// Datasets it read.
    pub dataset_inputs: Vec<DatasetInput>,
    /// Logged models it read; left out of searches, as in MLflow.
    pub model_inputs: Vec<ModelId>,
    /// Logged models it made.
    pub model_outputs: Vec<ModelOutput>,
}

/// What a new run is made of.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// The experiment it joins.
    pub experiment_id: ExperimentId,
    /// Its new id.
    pub run_id: RunId,
    /// Its name, never empty.
    pub name: String,
    /// Who runs it.
    pub user_id: String,
    /// Client's start, ms since 1970; 0 when the client sends none, as in MLflow.
    pub start_time_ms: i64,
    /// Tags, with `mlflow.runName` equal to `name`. As in MLflow their keys follow no rule here,
    /// other than the width of the column.
    pub tags: Vec<Tag>,
}

/// What `runs/update` changes; `None` leaves a column as it is.
#[derive(Debug, Clone, Default)]
pub struct RunUpdate {
    /// New state.
    pub status: Option<RunStatus>,
    /// New end, ms since 1970.
    pub end_time_ms: Option<i64>,
    /// New name.
    pub run_name: Option<String>,
}

/// A dataset as a run describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dataset {
    /// Its name.
    pub name: String,
    /// Its digest, which tells versions of one name apart.
    pub digest: String,
    /// Kind of the source, such as `local`.
    pub source_type: String,
    /// The source: data, never fetched by the server.
    pub source: String,
    /// Its schema as JSON text.
    pub schema: Option<String>,
    /// Its profile as JSON text.
    pub profile: Option<String>,
}

/// A dataset as an input of a run, with the tags of that edge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetInput {
    /// The dataset.
    pub dataset: Dataset,
    /// Tags of the input, such as `mlflow.data.context`.
    pub tags: Vec<Tag>,
}

impl DatasetInput {
    /// Checks the lengths of MLflow's `_validate_dataset_inputs`.
    pub fn check(&self) -> Result<(), Invalid> {
        use crate::limits::*;
        use crate::text::check_length;
        let dataset = &self.dataset;
        check_length("name", MAX_DATASET_NAME_CHARS, &dataset.name)?;
        check_length("digest", MAX_DATASET_DIGEST_CHARS, &dataset.digest)?;
        check_length("source_type", MAX_DATASET_SOURCE_TYPE_CHARS, &dataset.source_type)?;
        check_length("source", MAX_DATASET_SOURCE_CHARS, &dataset.source)?;
        check_length(
            "schema",
            MAX_DATASET_SCHEMA_CHARS,
            dataset.schema.as_deref().unwrap_or(""),
        )?;
        check_length(
            "profile",
            MAX_DATASET_PROFILE_CHARS,
            dataset.profile.as_deref().unwrap_or(""),
        )?;
        for tag in &self.tags {
            check_length("key", MAX_INPUT_TAG_KEY_CHARS, &tag.key)?;
            check_length("value", MAX_INPUT_TAG_VALUE_CHARS, &tag.value)?;
        }
        Ok(())
    }
}

/// A logged model that a run made at a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelOutput {
    /// The model.
    pub model_id: ModelId,
    /// The step of training.
    pub step: i64,
}

/// One line of `search-datasets`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetSummary {
    /// The experiment that used it.
    pub experiment_id: ExperimentId,
    /// Its name.
    pub name: String,
    /// Its digest.
    pub digest: String,
    /// Value of the input tag `mlflow.data.context`.
    pub context: Option<String>,
}
