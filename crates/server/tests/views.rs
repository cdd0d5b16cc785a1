//! Saved states of pages over HTTP.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

mod common;

use common::Server;
use serde_json::{Value, json};

const PATH: &str = "/api/oxflow/v1/views";

async fn ask(server: &Server, method: &str, target: &str, body: &Value) -> (u16, Value) {
    let headers = [("content-type", "application/json")];
    let got = server
        .ask(method, target, &headers, body.to_string().as_bytes())
        .await;
    (got.status, serde_json::from_slice(&got.body).unwrap())
}

#[tokio::test]
async fn a_state_is_stored_under_its_hash() {
    let server = Server::start();
    let state = json!({ "b": [1, null], "a": { "q": "x" } });
    let (status, saved) = ask(&server, "POST", PATH, &json!({ "state": state })).await;
    let id = saved["id"].as_str().unwrap().to_owned();
    assert_eq!((status, id.len()), (200, 12));
    let again = json!({ "state": { "a": { "q": "x" }, "b": [1, null] } });
    assert_eq!(ask(&server, "POST", PATH, &again).await.1["id"], id.as_str());
    let found = ask(&server, "GET", &format!("{PATH}?id={id}"), &Value::Null).await;
    assert_eq!(found, (200, json!({ "id": id, "state": state })));
}

#[tokio::test]
async fn a_named_view_is_a_tag_of_its_experiment() {
    let server = Server::start();
    let body = json!({ "experiment_id": "0", "name": "nightly", "state": { "v": 1 }, "is_default": true });
    assert_eq!(ask(&server, "POST", PATH, &body).await.0, 200);
    let (_, found) = ask(&server, "GET", &format!("{PATH}?experiment_id=0"), &Value::Null).await;
    let time = found["views"][0]["updated_time"].as_i64().unwrap();
    let expected = json!({ "views": [{ "name": "nightly", "state": { "v": 1 }, "is_default": true, "updated_time": time }] });
    assert_eq!(found, expected);
    let experiment = server
        .get("/api/2.0/mlflow/experiments/get?experiment_id=0", &[])
        .await;
    assert!(
        String::from_utf8(experiment.body)
            .unwrap()
            .contains("oxflow.view.nightly")
    );
    // Not among those of all experiments, which pages ask for all the time.
    for (key, value) in [("oxflow.viewer", "kept"), ("team", "kept too")] {
        let tag = json!({ "experiment_id": "0", "key": key, "value": value });
        let target = "/api/2.0/mlflow/experiments/set-experiment-tag";
        assert_eq!(ask(&server, "POST", target, &tag).await.0, 200);
    }
    let target = "/api/oxflow/v1/experiments/summary";
    let (_, all) = ask(&server, "GET", target, &Value::Null).await;
    let tags = json!({ "oxflow.viewer": "kept", "team": "kept too" });
    assert_eq!(all["experiments"][0]["tags"], tags);
    let target = format!("{PATH}?experiment_id=0&name=nightly");
    assert_eq!(
        ask(&server, "DELETE", &target, &Value::Null).await,
        (200, json!({}))
    );
    assert_eq!(ask(&server, "DELETE", &target, &Value::Null).await.0, 404);
}

#[tokio::test]
async fn what_cannot_be_kept_is_said() {
    let server = Server::start();
    let large = "x".repeat(65_536);
    for (body, status) in [
        (json!({}), 400),
        (json!({ "state": null }), 400),
        (json!({ "state": [1] }), 400),
        (json!({ "state": { "k": large } }), 400),
        (json!({ "state": {}, "name": "x" }), 400),
        (json!({ "state": {}, "experiment_id": "0" }), 400),
        (json!({ "state": {}, "experiment_id": "0", "name": "" }), 400),
        (
            json!({ "state": {}, "experiment_id": "0", "name": "a\u{0}" }),
            400,
        ),
        (json!({ "state": {}, "experiment_id": 7.5, "name": "a" }), 400),
        (
            json!({ "state": {}, "experiment_id": "0", "name": "a", "is_default": "yes" }),
            400,
        ),
        (json!({ "state": {}, "experiment_id": "99", "name": "a" }), 404),
    ] {
        let (got, answer) = ask(&server, "POST", PATH, &body).await;
        assert_eq!(got, status, "{:.200} {answer}", body.to_string());
    }
    for (query, status) in [
        ("", 400),
        ("?id=x", 400),
        ("?id=0123456789ab", 404),
        ("?experiment_id=x", 400),
        ("?experiment_id=99", 404),
    ] {
        assert_eq!(
            ask(&server, "GET", &format!("{PATH}{query}"), &Value::Null)
                .await
                .0,
            status,
            "{query}"
        );
    }
}
