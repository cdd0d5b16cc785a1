//! `events` of Oxflow's own API.

use serde::{Deserialize, Serialize};

use crate::Field;

/// Query of `GET events`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "docs/api.md says it")]
pub struct WatchEvents {
    pub experiments: Field<String>,
    pub runs: Field<String>,
}

/// What changed.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "docs/api.md says it")]
pub struct EventJson {
    pub runs: Vec<RunEventJson>,
    pub experiments: Vec<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub all: bool,
}

/// What changed of a run.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "docs/api.md says it")]
pub struct RunEventJson {
    pub run_id: String,
    pub experiment_id: String,
    pub metrics: Vec<String>,
    pub step: Option<i64>,
    pub what: Vec<&'static str>,
}
