//! Charts of metrics over HTTP.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

mod common;

use common::Server;
use oxflow_testkit::goldens::{Got, Send};
use serde_json::{Value, json};

const BYTES: &str = "application/vnd.oxflow.series";

async fn post(server: &Server, path: &str, accept: &str, body: &Value) -> Got {
    let headers = [
        ("host", "127.0.0.1:5000"),
        ("content-type", "application/json"),
        ("accept", accept),
    ];
    server
        .send(&Send {
            method: "POST".to_owned(),
            target: path.to_owned(),
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            body: body.to_string().into_bytes(),
        })
        .await
}

async fn answer(server: &Server, path: &str, body: Value) -> Value {
    let got = post(server, path, "*/*", &body).await;
    assert_eq!(got.status, 200, "{}", String::from_utf8_lossy(&got.body));
    serde_json::from_slice(&got.body).unwrap()
}

async fn given_run(server: &Server, points: &[(i64, Value)]) -> String {
    let run = answer(
        server,
        "/api/2.0/mlflow/runs/create",
        json!({"experiment_id": "0", "start_time": 1000}),
    )
    .await;
    let run_id = run["run"]["info"]["run_id"].as_str().unwrap().to_owned();
    for points in points.chunks(1000) {
        let metric = |(step, value): &(i64, Value)| json!({"key": "loss", "value": value, "timestamp": 1000 + 10 * step, "step": step});
        let metrics: Vec<Value> = points.iter().map(metric).collect();
        let batch = json!({"run_id": run_id, "metrics": metrics});
        answer(server, "/api/2.0/mlflow/runs/log-batch", batch).await;
    }
    run_id
}

async fn series(server: &Server, body: Value) -> Value {
    answer(server, "/api/oxflow/v1/series", body).await
}

#[tokio::test]
async fn a_short_series_has_each_point() {
    let server = Server::start();
    let run = given_run(
        &server,
        &[(0, json!(0.5)), (1, json!("NaN")), (2, json!("-Infinity"))],
    )
    .await;
    let answer = series(&server, json!({"runs": [run], "keys": ["loss", "none"]})).await;
    assert_eq!(
        answer,
        json!({"series": [{"run": run, "key": "loss", "total": 3, "in_range": 3, "raw": true, "nan": 1, "inf": 1,
                           "x": [0, 1, 2], "value": [0.5, "NaN", "-Infinity"]}]})
    );
    let by_time = json!({"runs": [run], "keys": ["loss"], "x": "relative", "from": 0.5, "to": 15});
    let answer = series(&server, by_time).await;
    assert_eq!(answer["series"][0]["x"], json!([10]));
}

#[tokio::test]
async fn a_long_series_comes_in_buckets_as_json_and_as_bytes() {
    let server = Server::start();
    let points: Vec<_> = (0..100).map(|i| (i, json!(i))).collect();
    let run = given_run(&server, &points).await;
    let body = json!({"runs": [run, run], "keys": ["loss", "loss"], "width": 16});
    let answer = series(&server, body.clone()).await;
    let [one] = answer["series"].as_array().unwrap().as_slice() else {
        panic!("one series was expected: {answer}");
    };
    assert_eq!((&one["raw"], &one["total"]), (&json!(false), &json!(100)));
    assert_eq!(one["x"].as_array().unwrap().len(), 16);
    assert_eq!((&one["x"][0], &one["x_last"][15]), (&json!(0), &json!(99)));
    assert_eq!(one["min"][0], json!(0.0));
    let counts: u64 = one["n"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n.as_u64().unwrap())
        .sum();
    assert_eq!(counts, 100);

    let got = post(&server, "/api/oxflow/v1/series", BYTES, &body).await;
    assert_eq!(got.headers["content-type"], BYTES);
    let head_length = u32::from_le_bytes(got.body[..4].try_into().unwrap()) as usize;
    let head: Value = serde_json::from_slice(&got.body[4..4 + head_length]).unwrap();
    assert_eq!(head["series"][0]["length"], 16);
    let columns = &got.body[4 + head_length..];
    assert_eq!(columns.len(), 7 * 16 * 8);
    let max: Vec<u8> = one["max"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|max| max.as_f64().unwrap().to_le_bytes())
        .collect();
    assert_eq!(columns[3 * 128..4 * 128], max);
}

#[tokio::test]
async fn what_cannot_be_answered_is_refused() {
    let server = Server::start();
    let many = |count: usize| (0..count).map(|i| format!("{i:032x}")).collect::<Vec<_>>();
    for (body, expected) in [
        (json!({}), "Missing value for required parameter 'runs'"),
        (json!({"runs": [], "keys": ["a"]}), "'runs'"),
        (
            json!({"runs": ["a"]}),
            "Missing value for required parameter 'keys'",
        ),
        (json!({"runs": "a", "keys": ["a"]}), "'runs'"),
        (json!({"runs": ["a", 5], "keys": ["a"]}), "'runs'"),
        (
            json!({"runs": many(201), "keys": ["a"]}),
            "'runs' may name at most 200; this request names 201",
        ),
        (
            json!({"runs": ["a"], "keys": many(51)}),
            "'keys' may name at most 50; this request names 51",
        ),
        (json!({"runs": ["a"], "keys": ["a"], "x": "epoch"}), "'x'"),
        (json!({"runs": ["a"], "keys": ["a"], "from": "a"}), "'from'"),
        (json!({"runs": ["a"], "keys": ["a"], "to": []}), "'to'"),
        (
            json!({"runs": ["a"], "keys": ["a"], "width": 15}),
            "'width' must be between 16 and 4096, but it is 15",
        ),
        (json!({"runs": ["a"], "keys": ["a"], "width": 4097}), "'width'"),
        (json!({"runs": ["a"], "keys": ["a"], "width": 1.5}), "'width'"),
        (json!({"runs": ["a"], "keys": ["a\u{0}"]}), "NUL"),
    ] {
        let got = post(&server, "/api/oxflow/v1/series", "*/*", &body).await;
        let text = String::from_utf8_lossy(&got.body);
        assert_eq!(got.status, 400, "{body}: {text}");
        assert!(text.contains(expected), "{body}: {text}");
    }
}

#[tokio::test]
async fn what_is_no_run_has_no_series() {
    let server = Server::start();
    let answer = series(
        &server,
        json!({"runs": ["../x"], "keys": ["loss"], "from": 1e300, "to": -1e300}),
    )
    .await;
    assert_eq!(answer, json!({"series": []}));
}

#[tokio::test]
async fn stats_of_all_metrics_of_a_run() {
    let server = Server::start();
    let points = [
        (0, json!(2.5)),
        (1, json!(-1)),
        (2, json!("Infinity")),
        (3, json!("NaN")),
    ];
    let run = given_run(&server, &points).await;
    let answer = answer(
        &server,
        "/api/oxflow/v1/metrics/stats",
        json!({"runs": [run, "unknown"], "keys": null}),
    )
    .await;
    assert_eq!(
        answer,
        json!({"stats": [{"run": run, "key": "loss", "count": 4, "last": "NaN", "last_step": 3, "last_time": 1030,
                          "first_time": 1000, "min": -1.0, "min_step": 1, "max": 2.5, "max_step": 0, "nan": 1, "inf": 1}]})
    );
}

#[tokio::test]
async fn stats_that_cannot_be_told_are_refused() {
    let server = Server::start();
    let many = |count: usize| (0..count).map(|i| format!("{i:032x}")).collect::<Vec<_>>();
    for (body, expected) in [
        (json!({}), "Missing value for required parameter 'runs'"),
        (json!({"runs": many(1001)}), "'runs' may name at most 1000"),
        (json!({"runs": ["a"], "keys": []}), "'keys'"),
        (
            json!({"runs": ["a"], "keys": many(1001)}),
            "'keys' may name at most 1000",
        ),
        (json!({"runs": ["a"], "keys": [{}]}), "'keys'"),
    ] {
        let got = post(&server, "/api/oxflow/v1/metrics/stats", "*/*", &body).await;
        let text = String::from_utf8_lossy(&got.body);
        assert_eq!(got.status, 400, "{body}: {text}");
        assert!(text.contains(expected), "{body}: {text}");
    }
}
