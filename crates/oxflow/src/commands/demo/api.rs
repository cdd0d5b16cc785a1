//! The calls of MLflow's REST API that the demo needs.

use std::io::{self, Read};

use anyhow::{Result, anyhow};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use ureq::http::{HeaderValue, Method, header};

use crate::tracking::{Client, RequestError, Sent};

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
    client: Client,
}

impl Api {
    /// Nothing is sent twice: of a run that was made without an answer there would be two.
    pub fn new(client: Client) -> Self {
        Self {
            client: client.without_retries(),
        }
    }

    /// Posts to MLflow's API: `experiments/create`.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value> {
        Ok(self
            .client
            .send_json(Method::POST, &format!("/api/2.0/mlflow/{path}"), body)?)
    }

    /// The same with PATCH.
    pub fn patch(&self, path: &str, body: &Value) -> Result<Value> {
        Ok(self
            .client
            .send_json(Method::PATCH, &format!("/api/2.0/mlflow/{path}"), body)?)
    }

    /// Whether the server answers as an MLflow server does.
    pub fn check(&self) -> Result<(), RequestError> {
        self.client
            .get(&self.client.request(Method::GET, "/version"))
            .map(drop)
    }

    /// The id of an experiment, active or deleted; `None` if there is no such name.
    pub fn find_experiment(&self, name: &str) -> Result<Option<String>, anyhow::Error> {
        let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
        let path = format!("/api/2.0/mlflow/experiments/get-by-name?experiment_name={name}");
        match self.client.get_json(&path) {
            Ok(answer) => Ok(Some(text_at(&answer, "/experiment/experiment_id")?)),
            Err(error) if error.status() == Some(404) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Stores an artifact below an artifact URI that this server serves itself.
    pub fn put_artifact(&self, root: &str, path: &str, content: &[u8]) -> Result<()> {
        let below = root
            .strip_prefix("mlflow-artifacts:")
            .ok_or_else(|| anyhow!("artifacts go to {root}, not through the server"))?
            .trim_start_matches('/');
        let path = format!("{below}/{path}");
        let path = utf8_percent_encode(&path, NOT_IN_PATHS);
        let path = format!("/api/2.0/mlflow-artifacts/artifacts/{path}");
        let mut request = self.client.request(Method::PUT, &path);
        let bytes = HeaderValue::from_static("application/octet-stream");
        request.headers.insert(header::CONTENT_TYPE, bytes);
        self.client
            .send(request, content.len() as u64, || Ok(Content(content)))?;
        Ok(())
    }
}

/// Bytes in memory, to be sent.
struct Content<'a>(&'a [u8]);

impl Read for Content<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Sent for Content<'_> {
    fn finish(&mut self, _: bool) -> Option<io::Error> {
        None
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
