//! Registered models out of logged ones.

use anyhow::Result;
use serde_json::json;

use super::api::{Api, text_at};
use super::plan::RegisteredPlan;

/// A logged model that becomes a version.
#[derive(Debug)]
pub struct Saved {
    pub model_id: String,
    pub run_id: String,
    pub start_ms: i64,
}

/// Makes a registered model with a version of each, then aliases and stages.
pub fn register(api: &Api, name: &str, plan: &RegisteredPlan, saved: &[Saved]) -> Result<()> {
    let tags: Vec<_> = plan
        .tags
        .iter()
        .map(|(key, value)| json!({ "key": key, "value": value }))
        .collect();
    let body = json!({ "name": name, "description": plan.description, "tags": tags });
    api.post("registered-models/create", &body)?;
    let mut versions = Vec::new();
    for (i, model) in saved.iter().enumerate() {
        let body = json!({
            "name": name,
            "source": format!("models:/{}", model.model_id),
            "model_id": model.model_id,
            "run_id": model.run_id,
            "description": if i == 0 { "First version." } else { "Retrained on newer data." },
            "tags": [{ "key": "validation", "value": if i + 1 == saved.len() { "pending" } else { "passed" } }],
        });
        let made = api.post("model-versions/create", &body)?;
        versions.push(text_at(&made, "/model_version/version")?);
    }
    // Counted from the last; a small plan may not have so many.
    let from_last = |back: usize| versions.iter().rev().nth(back);
    for (alias, back) in plan.aliases {
        if let Some(version) = from_last(*back) {
            let body = json!({ "name": name, "alias": alias, "version": version });
            api.post("registered-models/alias", &body)?;
        }
    }
    for (stage, back) in plan.stages {
        if let Some(version) = from_last(*back) {
            let body = json!({ "name": name, "version": version, "stage": stage, "archive_existing_versions": false });
            api.post("model-versions/transition-stage", &body)?;
        }
    }
    Ok(())
}
