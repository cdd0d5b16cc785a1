//! The calls of MLflow's REST API that the demo needs.

use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use ureq::Agent;

/// Longest wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(120);

/// Most metrics in one `log-batch`. MLflow 3.17: `MAX_METRICS_PER_BATCH`.
pub const METRICS_PER_BATCH: usize = 1000;

/// What a path of an artifact has to encode; slashes part its names.
const NOT_IN_PATHS: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// A server, as a client sees it. Cheap to clone; clones share their connections.
#[derive(Debug, Clone)]
pub struct Api {
    agent: Agent,
    address: String,
}

impl Api {
    /// A server at `http://host:port`, with its static prefix if it has one.
    pub fn new(address: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(TIMEOUT))
            .max_redirects(0)
            .build();
        Self {
            agent: config.into(),
            address: address.trim_end_matches('/').to_owned(),
        }
    }

    /// Posts to MLflow's API: `experiments/create`.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let url = format!("{}/api/2.0/mlflow/{path}", self.address);
        let sent = self
            .agent
            .post(&url)
            .header("content-type", "application/json")
            .send(&body.to_string());
        self.answer(path, sent)
    }

    /// The same with PATCH.
    pub fn patch(&self, path: &str, body: &Value) -> Result<Value> {
        let url = format!("{}/api/2.0/mlflow/{path}", self.address);
        let sent = self
            .agent
            .patch(&url)
            .header("content-type", "application/json")
            .send(&body.to_string());
        self.answer(path, sent)
    }

    /// Whether the server answers as an MLflow server does.
    pub fn check(&self) -> Result<()> {
        let answer = self.agent.get(format!("{}/version", self.address)).call();
        let answer = answer.with_context(|| format!("{} does not answer", self.address))?;
        if answer.status() != 200 {
            bail!(
                "{}/version is answered with status {}",
                self.address,
                answer.status()
            );
        }
        Ok(())
    }

    /// The id of an experiment, active or deleted; `None` if there is no such name.
    pub fn find_experiment(&self, name: &str) -> Result<Option<String>> {
        let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
        let path = format!("experiments/get-by-name?experiment_name={name}");
        let sent = self
            .agent
            .get(format!("{}/api/2.0/mlflow/{path}", self.address))
            .call();
        let mut answer = sent.with_context(|| format!("{} does not answer", self.address))?;
        if answer.status() == 404 {
            return Ok(None);
        }
        let answer: Value = serde_json::from_slice(&answer.body_mut().read_to_vec()?)?;
        Ok(Some(text_at(&answer, "/experiment/experiment_id")?))
    }

    /// Stores an artifact below an artifact URI that this server serves itself.
    pub fn put_artifact(&self, root: &str, path: &str, content: &[u8]) -> Result<()> {
        let below = root
            .strip_prefix("mlflow-artifacts:")
            .ok_or_else(|| anyhow!("artifacts go to {root}, not through the server"))?
            .trim_start_matches('/');
        let path = format!("{below}/{path}");
        let path = utf8_percent_encode(&path, NOT_IN_PATHS);
        let url = format!("{}/api/2.0/mlflow-artifacts/artifacts/{path}", self.address);
        let sent = self
            .agent
            .put(&url)
            .header("content-type", "application/octet-stream")
            .send(content);
        self.answer("mlflow-artifacts/artifacts", sent).map(drop)
    }

    fn answer(
        &self,
        path: &str,
        sent: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<Value> {
        let mut answer = sent.with_context(|| format!("{} did not answer `{path}`", self.address))?;
        let body = answer
            .body_mut()
            .read_to_vec()
            .with_context(|| format!("the answer to `{path}` broke off"))?;
        if answer.status() != 200 {
            let text = String::from_utf8_lossy(&body);
            bail!(
                "`{path}` was refused with status {}: {:.500}",
                answer.status(),
                text.trim()
            );
        }
        if body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&body).with_context(|| format!("the answer to `{path}` is not JSON"))
    }
}

/// A text within an answer, by JSON pointer.
pub fn text_at(answer: &Value, pointer: &str) -> Result<String> {
    let found = answer.pointer(pointer).and_then(Value::as_str);
    found
        .map(str::to_owned)
        .ok_or_else(|| anyhow!("the answer has no text at `{pointer}`"))
}

/// Keys and values as the API has them.
pub fn pairs(pairs: &[(String, String)]) -> Value {
    let pairs = pairs
        .iter()
        .map(|(key, value)| json!({ "key": key, "value": value }));
    pairs.collect()
}

/// A number of a metric as the API has it.
pub fn number(value: f64) -> Value {
    if value.is_nan() {
        json!("NaN")
    } else if value.is_infinite() {
        json!(if value > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        json!(value)
    }
}
