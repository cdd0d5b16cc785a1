//! What the tracking server knows about runs and models.

use anyhow::{Context, Result, anyhow, bail};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::tracking::{Client, printable};

/// What a run says about its artifacts.
pub struct Run {
    /// Where they are.
    pub artifact_uri: String,
    /// Whose run it is.
    pub experiment_id: String,
}

/// Most pages of models that are read.
const MAX_PAGES: usize = 10_000;

fn encoded(text: &str) -> impl std::fmt::Display + '_ {
    utf8_percent_encode(text, NON_ALPHANUMERIC)
}

fn text(answer: &Value, pointer: &str) -> Result<String> {
    let found = answer.pointer(pointer).and_then(Value::as_str);
    found
        .map(str::to_owned)
        .ok_or_else(|| anyhow!("the server's answer has no text at `{pointer}`"))
}

/// A run by its id.
pub fn run(client: &Client, run_id: &str) -> Result<Run> {
    let answer = client
        .get_json(&format!(
            "/api/2.0/mlflow/runs/get?run_id={0}&run_uuid={0}",
            encoded(run_id)
        ))
        .with_context(|| format!("run `{}` could not be asked for", printable(run_id)))?;
    Ok(Run {
        artifact_uri: text(&answer, "/run/info/artifact_uri")?,
        experiment_id: text(&answer, "/run/info/experiment_id")?,
    })
}

/// Where the files of a logged model are.
pub fn logged_model(client: &Client, model_id: &str) -> Result<String> {
    let answer = client
        .get_json(&format!("/api/2.0/mlflow/logged-models/{}", encoded(model_id)))
        .with_context(|| format!("logged model `{}` could not be asked for", printable(model_id)))?;
    text(&answer, "/model/info/artifact_uri")
}

/// Where the files of the logged model are that a run logged under a name; `None` if it did not, or if the server
/// knows no logged models.
pub fn model_of_run(
    client: &Client,
    run_id: &str,
    experiment_id: &str,
    name: &str,
) -> Result<Option<String>> {
    if name.contains('\'') {
        return Ok(None); // Names of models cannot be searched for with one.
    }
    let mut page_token = Value::Null;
    for _ in 0..MAX_PAGES {
        let mut query = json!({ "experiment_ids": [experiment_id], "filter": format!("name = '{name}'") });
        if !page_token.is_null() {
            query["page_token"] = page_token;
        }
        let page = match client.post_json("/api/2.0/mlflow/logged-models/search", &query) {
            Err(error) if matches!(error.status(), Some(400 | 404 | 405 | 501)) => return Ok(None),
            page => page?,
        };
        let models = page.get("models").and_then(Value::as_array);
        let found = models
            .into_iter()
            .flatten()
            .find(|model| model.pointer("/info/source_run_id").and_then(Value::as_str) == Some(run_id));
        if let Some(model) = found {
            return text(model, "/info/artifact_uri").map(Some);
        }
        page_token = page.get("next_page_token").cloned().unwrap_or_default();
        if page_token.as_str().is_none_or(str::is_empty) {
            return Ok(None);
        }
    }
    bail!("the server's list of logged models has no end");
}

/// The version that an alias names.
pub fn version_of_alias(client: &Client, name: &str, alias: &str) -> Result<String> {
    let path = format!(
        "/api/2.0/mlflow/registered-models/alias?name={}&alias={}",
        encoded(name),
        encoded(alias)
    );
    let answer = client.get_json(&path).with_context(|| {
        format!(
            "alias `{}` of model `{}` could not be asked for",
            printable(alias),
            printable(name)
        )
    })?;
    text(&answer, "/model_version/version")
}

/// The latest version of a registered model, in a stage or in all.
pub fn latest_version(client: &Client, name: &str, stage: Option<&str>) -> Result<String> {
    let mut query = json!({ "name": name });
    if let Some(stage) = stage {
        query["stages"] = json!([stage]);
    }
    let answer = client
        .post_json("/api/2.0/mlflow/registered-models/get-latest-versions", &query)
        .with_context(|| {
            format!(
                "the latest version of model `{}` could not be asked for",
                printable(name)
            )
        })?;
    let versions = answer.get("model_versions").and_then(Value::as_array);
    let latest = versions
        .into_iter()
        .flatten()
        .filter_map(|version| version.get("version")?.as_str()?.parse::<u64>().ok())
        .max();
    latest.map(|version| version.to_string()).ok_or_else(|| {
        let place = stage
            .map(|stage| format!(" in stage `{}`", printable(stage)))
            .unwrap_or_default();
        anyhow!("model `{}` has no version{place}", printable(name))
    })
}

/// Where the files of a version of a registered model are.
pub fn version_files(client: &Client, name: &str, version: &str) -> Result<String> {
    let path = format!(
        "/api/2.0/mlflow/model-versions/get-download-uri?name={}&version={}",
        encoded(name),
        encoded(version)
    );
    let answer = client.get_json(&path).with_context(|| {
        format!(
            "version {} of model `{}` could not be asked for",
            printable(version),
            printable(name)
        )
    })?;
    text(&answer, "/artifact_uri")
}
