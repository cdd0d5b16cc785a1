//! Server-sent events over real connections.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

mod common;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Request;
use common::Server;
use oxflow_server::EdgeConfig;
use oxflow_server::edge::{Drained, serve};
use oxflow_testkit::goldens::Send;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tower::ServiceExt;

/// How long anything may take that should happen at once.
const SOON: Duration = Duration::from_secs(20);

/// A server that listens on a port.
struct Listening {
    server: Server,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Drained>,
}

impl Listening {
    async fn start(config: EdgeConfig) -> Self {
        let server = Server::start();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let (router, readiness) = (server.router(), server.readiness());
        let task = tokio::spawn(async move {
            let shutdown = async { stopped.await.unwrap_or_default() };
            serve(listener, router, readiness, &config, shutdown).await
        });
        Self {
            server,
            address,
            stop,
            task,
        }
    }

    async fn listen(&self, query: &str) -> Stream {
        let mut stream = Stream {
            connection: TcpStream::connect(self.address).await.unwrap(),
            received: String::new(),
        };
        let request = format!("GET /api/oxflow/v1/events?{query} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        stream.connection.write_all(request.as_bytes()).await.unwrap();
        stream.wait_for(": listening\n\n").await;
        stream
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        post(&self.server, path, body).await
    }
}

async fn post(server: &Server, path: &str, body: Value) -> Value {
    let headers = [("host", "127.0.0.1:5000"), ("content-type", "application/json")];
    let got = server
        .send(&Send {
            method: "POST".to_owned(),
            target: format!("/api/2.0/mlflow/{path}"),
            headers: BTreeMap::from(headers.map(|(name, value)| (name.to_owned(), value.to_owned()))),
            body: body.to_string().into_bytes(),
        })
        .await;
    assert_eq!(got.status, 200, "{}", String::from_utf8_lossy(&got.body));
    serde_json::from_slice(&got.body).unwrap()
}

struct Stream {
    connection: TcpStream,
    received: String,
}

impl Stream {
    /// Reads until this text has come; returns what came up to it.
    async fn wait_for(&mut self, text: &str) -> String {
        // All together: comments come all the time.
        timeout(SOON, self.read_to(text)).await.unwrap()
    }

    async fn read_to(&mut self, text: &str) -> String {
        loop {
            if let Some(at) = self.received.find(text) {
                let rest = self.received.split_off(at + text.len());
                return std::mem::replace(&mut self.received, rest);
            }
            assert!(
                self.read().await,
                "the stream ended before {text:?}: {}",
                self.received
            );
        }
    }

    /// The data of the next event.
    async fn event(&mut self) -> Value {
        self.wait_for("event: change\ndata: ").await;
        serde_json::from_str(self.wait_for("\n\n").await.trim_end()).unwrap()
    }

    /// Reads more; false at the end.
    async fn read(&mut self) -> bool {
        let mut bytes = [0; 4096];
        let count = timeout(SOON, self.connection.read(&mut bytes))
            .await
            .unwrap()
            .unwrap_or(0);
        self.received
            .push_str(std::str::from_utf8(&bytes[..count]).unwrap());
        count > 0
    }
}

async fn given_run(server: &Listening) -> String {
    let run = server.post("runs/create", json!({"experiment_id": "0"})).await;
    run["run"]["info"]["run_id"].as_str().unwrap().to_owned()
}

fn metric(run: &str, step: i64) -> Value {
    json!({"run_id": run, "key": "loss", "value": 1, "timestamp": 1, "step": step})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listener_hears_of_its_experiments_and_runs() {
    let server = Listening::start(EdgeConfig::default()).await;
    let run = given_run(&server).await;
    let other = server.post("experiments/create", json!({"name": "other"})).await;
    let other = other["experiment_id"].as_str().unwrap();
    let mut by_experiment = server.listen("experiments=0,77").await;
    let mut by_run = server.listen(&format!("runs={run}")).await;
    server.post("runs/create", json!({"experiment_id": other})).await;
    server.post("runs/log-metric", metric(&run, 7)).await;
    let expected = json!({
        "runs": [{"run_id": run, "experiment_id": "0", "metrics": ["loss"], "step": 7, "what": ["metrics"]}],
        "experiments": ["0"],
    });
    assert_eq!(by_experiment.event().await, expected);
    assert_eq!(by_run.event().await, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_watches_runs_of_an_experiment_hears_that_it_was_deleted() {
    let server = Listening::start(EdgeConfig::default()).await;
    let mut experiments = Vec::new();
    let mut runs = Vec::new();
    for name in ["one", "other"] {
        let experiment = server.post("experiments/create", json!({"name": name})).await;
        let run = server.post("runs/create", experiment.clone()).await;
        experiments.push(experiment);
        runs.push(run["run"]["info"]["run_id"].as_str().unwrap().to_owned());
    }
    let mut by_experiment = server
        .listen(&format!(
            "experiments={}",
            experiments[0]["experiment_id"].as_str().unwrap()
        ))
        .await;
    let mut by_run = server.listen(&format!("runs={}", runs[0])).await;
    let mut by_other_run = server.listen(&format!("runs={}", runs[1])).await;
    for change in ["experiments/delete", "experiments/restore"] {
        server.post(change, experiments[0].clone()).await;
        let told = by_experiment.event().await;
        assert_eq!(
            told,
            json!({"runs": [], "experiments": [experiments[0]["experiment_id"]], "all": true})
        );
        assert_eq!(
            by_run.event().await,
            json!({"runs": [], "experiments": [], "all": true})
        );
    }
    server.post("runs/log-metric", metric(&runs[1], 3)).await;
    assert_eq!(by_other_run.event().await["runs"][0]["step"], 3, "nothing before");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quiet_stream_outlives_the_time_limits_of_connections() {
    let limit = Duration::from_millis(300);
    let server = Listening::start(EdgeConfig {
        header_timeout: limit,
        keep_alive_timeout: limit,
        body_idle_timeout: limit,
        ..EdgeConfig::default()
    })
    .await;
    let run = given_run(&server).await;
    let mut stream = server.listen("experiments=0").await;
    // A connection that waits for its next request is closed by these limits; the stream goes on.
    let mut idle = TcpStream::connect(server.address).await.unwrap();
    let started = Instant::now();
    idle.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    timeout(SOON, idle.read_to_end(&mut answer))
        .await
        .unwrap()
        .unwrap();
    assert!(started.elapsed() >= limit);
    server.post("runs/log-metric", metric(&run, 1)).await;
    assert_eq!(stream.event().await["runs"][0]["step"], 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_open_stream_does_not_hold_the_server_up_when_it_stops() {
    let server = Listening::start(EdgeConfig::default()).await;
    let mut stream = server.listen("experiments=0").await;
    server.stop.send(()).unwrap();
    let drained = timeout(SOON, server.task).await.unwrap().unwrap();
    assert_eq!(drained, Drained::Clean);
    while stream.read().await {}
    assert!(
        stream.received.ends_with("0\r\n\r\n"),
        "cut off: {}",
        stream.received
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_so_many_listen_at_once_and_who_leaves_makes_room() {
    let server = Server::start();
    let ask = || async {
        let request = Request::get("/api/oxflow/v1/events?experiments=0").header("host", "127.0.0.1:5000");
        server
            .router()
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap()
    };
    let mut open = Vec::new();
    for _ in 0..512 {
        let answer = ask().await;
        assert_eq!(answer.status(), 200);
        open.push(answer);
    }
    assert_eq!(ask().await.status(), 503);
    open.pop();
    assert_eq!(ask().await.status(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_names_nothing_or_too_much_is_refused() {
    let server = Server::start();
    let many = vec!["1"; 1001].join(",");
    for (query, expected) in [
        ("", "Missing value for required parameter 'experiments'"),
        (
            "?experiments=,&runs=",
            "Missing value for required parameter 'experiments'",
        ),
        ("?experiments=a", "experiment"),
        ("?runs=..%2f", "run"),
        ("?runs=zz", "'runs' names 'zz'"),
        (
            "?experiments=0&runs=00000000000000000000000000000001,A1",
            "'runs' names 'A1'",
        ),
        (
            &format!("?experiments={many}"),
            "'experiments' may name at most 1000",
        ),
    ] {
        let got = server.get(&format!("/api/oxflow/v1/events{query}"), &[]).await;
        let text = String::from_utf8_lossy(&got.body);
        assert_eq!(got.status, 400, "{query}: {text}");
        assert!(text.contains(expected), "{query}: {text}");
    }
}
