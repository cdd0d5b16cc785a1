//! `experiments/summary` of Oxflow's own API.

use std::collections::BTreeMap;

use oxflow_core::Experiment;
use serde::{Deserialize, Serialize};

use crate::{Field, Int64};

/// Query of `GET experiments/summary`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the field is that of docs/api.md")]
pub struct SummaryRequest {
    pub view: Field<String>,
}

/// Answer to `GET experiments/summary`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the field is that of docs/api.md")]
pub struct SummaryAnswer {
    pub experiments: Vec<SummaryJson>,
}

/// An experiment with the numbers of its runs.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are those of docs/api.md")]
pub struct SummaryJson {
    pub experiment_id: String,
    pub name: String,
    pub lifecycle_stage: &'static str,
    pub creation_time: Option<Int64>,
    pub last_update_time: Option<Int64>,
    pub artifact_location: Option<String>,
    pub tags: BTreeMap<String, String>,
    pub runs: Int64,
    pub running: Int64,
    pub deleted_runs: Int64,
    pub last_activity: Option<Int64>,
}

impl From<Experiment> for SummaryJson {
    /// Without runs.
    fn from(experiment: Experiment) -> Self {
        let tags = experiment.tags.into_iter().map(|tag| (tag.key, tag.value));
        Self {
            experiment_id: experiment.id.to_string(),
            name: experiment.name,
            lifecycle_stage: experiment.lifecycle_stage.as_str(),
            creation_time: experiment.creation_time_ms,
            last_update_time: experiment.last_update_time_ms,
            artifact_location: experiment.artifact_location,
            tags: tags.collect(),
            runs: 0,
            running: 0,
            deleted_runs: 0,
            last_activity: None,
        }
    }
}
