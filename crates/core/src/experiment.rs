//! Experiments.

use crate::{
    ExperimentId, Invalid, Key, LifecycleStage, Tag,
    limits::{EXPERIMENT_NAME_COLUMN_CHARS, MAX_EXPERIMENT_NAME_CHARS},
    text::check_length,
};

/// A named group of runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Experiment {
    /// Its id.
    pub id: ExperimentId,
    /// Its name, unique among active and deleted experiments.
    pub name: String,
    /// URI below which its runs keep artifacts.
    pub artifact_location: Option<String>,
    /// Active or deleted.
    pub lifecycle_stage: LifecycleStage,
    /// Creation, ms since 1970.
    pub creation_time_ms: Option<i64>,
    /// Last rename, deletion or restoration, ms since 1970.
    pub last_update_time_ms: Option<i64>,
    /// Its tags, in key order.
    pub tags: Vec<Tag>,
}

/// Name of an experiment: 1–256 characters.
///
/// MLflow validates 500 but its column holds 256, so that a longer name works on SQLite and fails
/// on PostgreSQL; here it fails on both (docs/differences.md).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExperimentName(String);

impl ExperimentName {
    /// Checks a name.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        if raw.is_empty() {
            return Err(Invalid::new(format!("Invalid experiment name: '{raw}'")));
        }
        check_length("name", MAX_EXPERIMENT_NAME_CHARS, raw)?;
        check_length("name", EXPERIMENT_NAME_COLUMN_CHARS, raw)?;
        Ok(Self(raw.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a new experiment is made of.
#[derive(Debug, Clone)]
pub struct NewExperiment {
    /// Its name.
    pub name: ExperimentName,
    /// Where its artifacts go; `None` means the default root and the new id.
    pub artifact_location: Option<String>,
    /// Tags to begin with.
    pub tags: Vec<(Key, String)>,
    /// Creation time, ms since 1970.
    pub now_ms: i64,
    /// Whose it is to be, on a server with users: an id in their database.
    pub creator: Option<i64>,
}
