//! What another store kept and an import brings along: entities with the columns no API call sets.

use crate::{Run, Tag};

/// A run, with the columns that only the database shows.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedRun {
    /// The run; the points of its metrics come on their own.
    pub run: Run,
    /// When it was deleted, ms since 1970.
    pub deleted_time_ms: Option<i64>,
    /// What started it, in runs of MLflow before 1.0; later it is in tags.
    pub source: RunSource,
}

/// What started a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSource {
    /// `NOTEBOOK`, `JOB`, `PROJECT`, `LOCAL` or `UNKNOWN`: the column allows no other.
    pub kind: &'static str,
    /// Such as the path of a script.
    pub name: String,
    /// Entry point of a project.
    pub entry_point: String,
    /// Commit of a project.
    pub version: String,
}

/// A registered model with its versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedModel {
    /// Its name.
    pub name: String,
    /// Creation, ms since 1970.
    pub creation_time_ms: Option<i64>,
    /// Last change, ms since 1970.
    pub last_updated_time_ms: Option<i64>,
    /// What it is.
    pub description: Option<String>,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// Its aliases, each with the number of its version.
    pub aliases: Vec<(String, i64)>,
    /// Its versions, deleted ones too: their numbers are not given again.
    pub versions: Vec<ImportedVersion>,
}

/// A version of a registered model.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "MLflow's names")]
pub struct ImportedVersion {
    pub version: i64,
    pub creation_time_ms: Option<i64>,
    pub last_updated_time_ms: Option<i64>,
    pub description: Option<String>,
    pub user_id: Option<String>,
    pub current_stage: String,
    pub source: Option<String>,
    pub storage_location: Option<String>,
    pub run_id: Option<String>,
    pub run_link: Option<String>,
    pub status: String,
    pub status_message: Option<String>,
    pub tags: Vec<Tag>,
}

/// A trace without its spans, which are an artifact.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedTrace {
    /// Its id; a request id in MLflow 2.
    pub trace_id: String,
    /// Start, ms since 1970.
    pub timestamp_ms: i64,
    /// How long it took, ms.
    pub execution_time_ms: Option<i64>,
    /// `OK`, `ERROR`, `IN_PROGRESS` or `STATE_UNSPECIFIED`.
    pub state: String,
    /// The id that the client gave it.
    pub client_request_id: Option<String>,
    /// The beginning of what was asked.
    pub request_preview: Option<String>,
    /// The beginning of what was answered.
    pub response_preview: Option<String>,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// Its metadata.
    pub metadata: Vec<Tag>,
    /// What was said about it.
    pub assessments: Vec<ImportedAssessment>,
}

/// Feedback on a trace, or what was expected of it.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "MLflow's names")]
pub struct ImportedAssessment {
    pub assessment_id: String,
    pub name: String,
    /// `feedback`, `expectation` or `issue`.
    pub kind: &'static str,
    /// JSON text.
    pub value: String,
    /// JSON text.
    pub error: Option<String>,
    pub created_ms: i64,
    pub last_updated_ms: i64,
    pub source_type: String,
    pub source_id: Option<String>,
    pub run_id: Option<String>,
    pub span_id: Option<String>,
    pub rationale: Option<String>,
    pub overrides: Option<String>,
    pub is_valid: bool,
    /// JSON text.
    pub metadata: Option<String>,
}
