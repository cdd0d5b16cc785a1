//! Logged models: models as things of their own, since MLflow 3.

use crate::{
    ExperimentId, Invalid, LifecycleStage, MetricValue, ModelId, RunId, Tag,
    limits::{MAX_LOGGED_MODEL_KEY_CHARS, MAX_LOGGED_MODEL_NAME_CHARS},
    text::{check_length, check_no_nul, python_repr},
};

/// State of a logged model; any state may follow any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "MLflow's names")]
pub enum LoggedModelStatus {
    Unspecified,
    Pending,
    Ready,
    UploadFailed,
}

impl LoggedModelStatus {
    /// Every state with its number in MLflow's protocol and column.
    pub const ALL: [(Self, i64); 4] = [
        (Self::Unspecified, 0),
        (Self::Pending, 1),
        (Self::Ready, 2),
        (Self::UploadFailed, 3),
    ];

    /// The number in the column.
    pub fn code(self) -> i64 {
        self as i64
    }

    /// Reads the column; an unknown number is unspecified.
    pub fn from_row(code: i64) -> Self {
        Self::ALL
            .iter()
            .find(|(_, number)| *number == code)
            .map_or(Self::Unspecified, |(status, _)| *status)
    }

    /// The wire form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unspecified => "LOGGED_MODEL_STATUS_UNSPECIFIED",
            Self::Pending => "LOGGED_MODEL_PENDING",
            Self::Ready => "LOGGED_MODEL_READY",
            Self::UploadFailed => "LOGGED_MODEL_UPLOAD_FAILED",
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

/// Name of a logged model: 1–500 characters, none of `/ : . % " '`.
///
/// Rule: `_validate_logged_model_name`, MLflow 3.17.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedModelName(String);

impl LoggedModelName {
    /// Checks a name.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        if raw.is_empty() || raw.contains(['/', ':', '.', '%', '"', '\'']) {
            return Err(Invalid::new(format!(
                "Invalid model name ({}) provided. Model name must be a non-empty string and \
                 cannot contain the following characters: ('/', ':', '.', '%', '\"', \"'\")",
                python_repr(raw)
            )));
        }
        check_length("name", MAX_LOGGED_MODEL_NAME_CHARS, raw)?;
        Ok(Self(raw.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A model that was logged, with its own params, tags and metrics.
#[derive(Debug, Clone, PartialEq)]
pub struct LoggedModel {
    /// Its id.
    pub model_id: ModelId,
    /// Its experiment.
    pub experiment_id: ExperimentId,
    /// Its name; several models may share one.
    pub name: String,
    /// Creation, ms since 1970.
    pub creation_timestamp_ms: i64,
    /// Last change, ms since 1970.
    pub last_updated_timestamp_ms: i64,
    /// URI of its artifacts.
    pub artifact_location: String,
    /// Its state.
    pub status: LoggedModelStatus,
    /// Free text of the client, such as `Agent`.
    pub model_type: Option<String>,
    /// The run that made it.
    pub source_run_id: Option<String>,
    /// Text to the state.
    pub status_message: Option<String>,
    /// Active or deleted.
    pub lifecycle_stage: LifecycleStage,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// Its params.
    pub params: Vec<Tag>,
    /// Every point logged for it.
    pub metrics: Vec<LoggedModelMetric>,
}

/// One point of a metric of a logged model.
#[derive(Debug, Clone, PartialEq)]
pub struct LoggedModelMetric {
    /// Its key.
    pub key: String,
    /// Its number.
    pub value: MetricValue,
    /// ms since 1970.
    pub timestamp_ms: i64,
    /// Position in training.
    pub step: i64,
    /// The run that logged it.
    pub run_id: RunId,
    /// Name of the dataset it was measured on.
    pub dataset_name: Option<String>,
    /// Digest of that dataset.
    pub dataset_digest: Option<String>,
}

/// What a new logged model is made of.
#[derive(Debug, Clone)]
pub struct NewLoggedModel {
    /// Its new id.
    pub model_id: ModelId,
    /// The experiment it joins.
    pub experiment_id: ExperimentId,
    /// Its name.
    pub name: LoggedModelName,
    /// Free text of the client.
    pub model_type: String,
    /// The run that makes it; empty when none.
    pub source_run_id: String,
    /// Params to begin with.
    pub params: Vec<Tag>,
    /// Tags to begin with.
    pub tags: Vec<Tag>,
    /// Creation time, ms since 1970.
    pub now_ms: i64,
}

impl NewLoggedModel {
    /// Checks what the columns can hold.
    pub fn check(&self) -> Result<(), Invalid> {
        check_length("model_type", MAX_LOGGED_MODEL_NAME_CHARS, &self.model_type)?;
        check_length("source_run_id", 32, &self.source_run_id)?;
        for pair in self.params.iter().chain(&self.tags) {
            check_length("key", MAX_LOGGED_MODEL_KEY_CHARS, &pair.key)?;
            check_no_nul("value", &pair.value)?;
        }
        Ok(())
    }
}
