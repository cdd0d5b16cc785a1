//! Requests of MLflow's REST API that workloads are put together from.

use std::fmt::Write as _;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::http::Client;

/// The experiment that every server has from its start.
pub const DEFAULT_EXPERIMENT: &str = "0";

/// Points of one batch: the most that MLflow takes.
pub const BATCH_POINTS: u64 = 1000;

/// Different metrics in a batch.
const BATCH_KEYS: u64 = 10;

/// 2023-11-14. FastTrackML refuses metrics with a time or a value of 0, so neither is ever sent.
pub const EPOCH_MS: u64 = 1_700_000_000_000;

/// The path of a call.
pub fn call(name: &str) -> String {
    format!("/api/2.0/mlflow/{name}")
}

/// Sends JSON to a call; its answer.
pub fn post(client: &mut Client, name: &str, body: &Value) -> Result<Value> {
    let answer = client.post(&call(name), &body.to_string())?;
    serde_json::from_slice(answer).with_context(|| format!("the answer of {name} is not JSON"))
}

/// Makes a run; its id.
pub fn create_run(client: &mut Client, experiment: &str, name: &str) -> Result<String> {
    let body = json!({"experiment_id": experiment, "start_time": EPOCH_MS, "run_name": name});
    let answer = post(client, "runs/create", &body)?;
    text(&answer, "/run/info/run_id")
}

/// A text within an answer.
pub fn text(answer: &Value, pointer: &str) -> Result<String> {
    let found = answer.pointer(pointer).and_then(Value::as_str);
    Ok(found
        .with_context(|| format!("the answer lacks {pointer}: {answer}"))?
        .to_owned())
}

/// The number of entries of a list within an answer.
pub fn length(answer: &Value, name: &str) -> usize {
    answer.get(name).and_then(Value::as_array).map_or(0, Vec::len)
}

/// The body of `log-metric`, the `n`th of a run.
pub fn metric_body(body: &mut String, run: &str, n: u64) {
    body.clear();
    let step = n + 1;
    let _ = write!(
        body,
        r#"{{"run_id":"{run}","key":"loss","value":0.{step},"timestamp":{},"step":{step}}}"#,
        EPOCH_MS + step
    );
}

/// The key, step and value of point `i` of the `n`th batch of a run.
pub fn batch_point(n: u64, i: u64) -> (u64, u64, f64) {
    let step = n * (BATCH_POINTS / BATCH_KEYS) + i / BATCH_KEYS + 1;
    (i % BATCH_KEYS, step, 1.0 / step as f64)
}

/// The body of `log-batch`, the `n`th of a run.
pub fn batch_body(body: &mut String, run: &str, n: u64) {
    body.clear();
    let _ = write!(body, r#"{{"run_id":"{run}","metrics":["#);
    for i in 0..BATCH_POINTS {
        let (key, step, value) = batch_point(n, i);
        let comma = if i == 0 { "" } else { "," };
        let _ = write!(
            body,
            r#"{comma}{{"key":"m{key}","value":{value},"timestamp":{},"step":{step}}}"#,
            EPOCH_MS + step
        );
    }
    body.push_str("]}");
}

/// The page token of MLflow for a place in a list.
pub fn page_token(offset: u64) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(format!(r#"{{"offset": {offset}}}"#))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_point_of_a_run_is_sent_twice() {
        let mut seen = HashSet::new();
        for n in 0..3 {
            let mut body = String::new();
            batch_body(&mut body, "r", n);
            let body: Value = serde_json::from_str(&body).unwrap();
            let metrics = body["metrics"].as_array().unwrap();
            assert_eq!(metrics.len(), 1000);
            for metric in metrics {
                assert!(
                    seen.insert(format!("{} {}", metric["key"], metric["step"])),
                    "{metric}"
                );
                assert!(metric["value"].as_f64().unwrap() > 0.0);
            }
        }
    }

    #[test]
    fn bodies_are_json() {
        let mut body = String::new();
        metric_body(&mut body, "r", 9);
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(
            body,
            json!({"run_id": "r", "key": "loss", "value": 0.10, "timestamp": EPOCH_MS + 10, "step": 10})
        );
        assert_eq!(page_token(9900), "eyJvZmZzZXQiOiA5OTAwfQ==");
    }
}
