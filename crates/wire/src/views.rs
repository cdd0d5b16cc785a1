//! Saved states of pages. docs/api.md.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Field, Truth};

/// Body of `POST /api/oxflow/v1/views`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "docs/api.md says it")]
pub struct SaveView {
    pub state: Value,
    pub experiment_id: Field<String>,
    pub name: Field<String>,
    pub is_default: Field<Truth>,
}

/// Query of `GET` and `DELETE /api/oxflow/v1/views`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "docs/api.md says it")]
pub struct FindViews {
    pub id: Field<String>,
    pub experiment_id: Field<String>,
    pub name: Field<String>,
}

/// A named view.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "docs/api.md says it")]
pub struct NamedViewJson {
    pub name: String,
    pub state: Value,
    pub is_default: bool,
    pub updated_time: i64,
}
