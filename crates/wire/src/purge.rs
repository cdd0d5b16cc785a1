//! Removing things for good: docs/api.md.

use serde::{Deserialize, Serialize};

use crate::{Field, List};

/// Body of `POST runs/purge`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are those of docs/api.md")]
pub struct PurgeRuns {
    pub run_ids: List<Field<String>>,
}

/// Answer of `POST runs/purge` and `POST experiments/purge`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are those of docs/api.md")]
pub struct PurgeAnswer {
    pub runs: usize,
    pub logged_models: usize,
    pub experiments: usize,
    pub kept: Vec<PurgeKept>,
}

/// Something that stays.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are those of docs/api.md")]
pub struct PurgeKept {
    pub kind: String,
    pub id: String,
    pub error_code: &'static str,
    pub message: String,
}
