//! Clients that go away while a long answer is on its way: nothing is held for them.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]
#![expect(clippy::disallowed_methods, reason = "tests find their own files")]

mod common;

use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::http::Request;
use common::Server;
use http_body_util::BodyExt;
use oxflow_testkit::postgres::TestDatabase;
use serde_json::{Value, json};
use tower::ServiceExt;

const RUNS: usize = 1_000;

/// More than there are readers and connections to the database.
const CLIENTS: usize = 40;

async fn post(server: &Server, path: &str, body: Value) -> Value {
    let headers = [("content-type", "application/json")];
    let got = server
        .ask("POST", path, &headers, body.to_string().as_bytes())
        .await;
    assert_eq!(got.status, 200, "{}", String::from_utf8_lossy(&got.body));
    serde_json::from_slice(&got.body).unwrap()
}

async fn given_runs(server: &Server) {
    for _ in 0..RUNS {
        post(
            server,
            "/api/2.0/mlflow/runs/create",
            json!({"experiment_id": "0"}),
        )
        .await;
    }
}

/// Takes the first piece of an answer and goes away.
async fn leave_early(server: &Server, path: &str, body: &Value) -> Bytes {
    let request = Request::post(path)
        .header("host", "127.0.0.1:5000")
        .header("content-type", "application/json");
    let request = request.body(Body::from(body.to_string())).unwrap();
    let answer = server.router().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), 200);
    let mut body = answer.into_body();
    body.frame().await.unwrap().unwrap().into_data().unwrap()
}

async fn tagged(server: &Server) -> u64 {
    let body = json!({"experiments": ["0"], "q": "tags.k = 'v'", "limit": 0});
    post(server, "/api/oxflow/v1/runs/table", body).await["total"]
        .as_u64()
        .unwrap()
}

/// SQLite folds the whole journal into the database only if nobody still reads an older state of it.
fn has_open_read(server: &Server) -> bool {
    let path = server.folder().join("mlflow.db");
    let connection = rusqlite::Connection::open(path).unwrap();
    connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0))
        .unwrap()
        != 0
}

/// Whether a transaction is open in the database.
fn has_open_transaction(database: &TestDatabase) -> bool {
    let open = "SELECT COUNT(*) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL";
    tokio::task::block_in_place(|| database.connect().text(open)) != "0"
}

async fn check(server: &Server) {
    given_runs(server).await;
    let columns: Vec<String> = (0..40).map(|i| format!("param.p{i}")).collect();
    let export = json!({"experiments": ["0"], "columns": columns});
    for _ in 0..CLIENTS {
        let first = leave_early(server, "/api/oxflow/v1/runs/export", &export).await;
        let lines = first.iter().filter(|byte| **byte == b'\n').count();
        assert!(
            lines > 1 && lines < RUNS,
            "the answer came as one piece of {lines} lines"
        );
    }
    let tag = json!({"experiments": ["0"], "operation": {"set_tag": {"key": "k", "value": "v"}}});
    let first = leave_early(server, "/api/oxflow/v1/runs/bulk", &tag).await;
    let line: Value = serde_json::from_slice(&first).unwrap();
    assert_eq!(
        (line["total"].as_u64(), line["done"].as_u64()),
        (Some(RUNS as u64), Some(200))
    );
    // What was done stays done, and the rest is not begun.
    assert_eq!(tagged(server).await, 200);
    let deadline = Instant::now() + Duration::from_secs(20);
    let is_held = || match server.database() {
        Some(database) => has_open_transaction(database),
        None => has_open_read(server),
    };
    while is_held() {
        assert!(Instant::now() < deadline, "something is still held");
        tokio::task::yield_now().await;
    }
    assert_eq!(tagged(server).await, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_held_for_who_goes_away() {
    check(&Server::start()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_held_on_postgresql_for_who_goes_away() {
    if let Some(server) = Server::start_on_postgres() {
        check(&server).await;
    }
}
