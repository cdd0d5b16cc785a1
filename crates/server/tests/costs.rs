//! What requests cost, counted and not timed: SQL statements, commits, and what is written.
//!
//! The numbers are in `costs/*.txt`; `OXFLOW_TEST_UPDATE=1` writes them anew. Fewer is good news, more needs a reason.
//!
//! Statements are counted where the store hands them to a driver: a bulk insert is one. A commit that changes something is one
//! sync: the store runs SQLite with `synchronous=FULL`, and PostgreSQL syncs its log before it answers (`make durability` shows
//! both). What is written is counted in the logs of the databases: pages on SQLite, of 4 KiB and a header; bytes on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]
#![allow(clippy::disallowed_methods, reason = "tests find their own files")]

mod common;
#[path = "costs/meter.rs"]
mod meter;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use common::Server;
use meter::{Meter, Wal, Written};
use oxflow_testkit::goldens::{Got, Send};
use serde_json::{Value, json};

/// A server whose requests are counted.
struct Counted<'m> {
    server: Server,
    meter: &'m Meter,
    log: Log,
    /// A line per workload.
    lines: String,
    /// The statements behind them, to be shown when numbers differ.
    statements: String,
}

/// Where a database writes its changes first.
enum Log {
    /// A file.
    Sqlite(PathBuf),
    /// A log whose end is asked for.
    Postgres { has_whole_pages: bool },
}

/// How far a log is.
enum Mark {
    Sqlite(Wal),
    Postgres(Written),
}

/// Bytes of PostgreSQL's log may differ by so much: it has page headers of its own, and other processes write a line now and
/// then.
const BYTES_DIFFER: f64 = 0.1;

/// One test, as the statements of all stores of this process are counted together.
#[tokio::test]
async fn requests_cost_what_they_did() {
    let meter = Meter::install();
    let server = Server::start();
    let wal = server.folder().join("mlflow.db-wal");
    let mut sqlite = Counted::new(server, meter, Log::Sqlite(wal));
    sqlite.every_workload().await;
    sqlite.many_clients_share_a_commit().await;
    sqlite.compare("sqlite");
    if let Some(server) = Server::start_on_postgres() {
        let has_whole_pages = meter::prepare(server.database().unwrap());
        let mut postgres = Counted::new(server, meter, Log::Postgres { has_whole_pages });
        postgres.every_workload().await;
        postgres.compare("postgresql");
    }
}

impl<'m> Counted<'m> {
    fn new(server: Server, meter: &'m Meter, log: Log) -> Self {
        Self {
            server,
            meter,
            log,
            lines: String::new(),
            statements: String::new(),
        }
    }

    async fn every_workload(&mut self) {
        let run = self.runs().await;
        self.metrics(&run).await;
        self.reads(&run).await;
        self.registry().await;
        let end = json!({"run_id": run, "status": "FINISHED", "end_time": 2});
        self.count("finish a run", "runs/update", end).await;
    }

    async fn runs(&mut self) -> String {
        let body = json!({"experiment_id": "0", "start_time": 1, "run_name": "a", "tags": [{"key": "team", "value": "x"}]});
        let answer = self.count("create a run with a tag", "runs/create", body).await;
        let run = answer["run"]["info"]["run_id"].as_str().unwrap().to_owned();
        let params: Vec<Value> = (0..20)
            .map(|i| json!({"key": format!("p{i}"), "value": "1"}))
            .collect();
        let body = json!({"run_id": run, "params": params});
        self.count("log 20 params", "runs/log-batch", body).await;
        let body = json!({"run_id": run, "key": "p20", "value": "1"});
        self.count("log a param", "runs/log-parameter", body).await;
        let body = json!({"run_id": run, "key": "owner", "value": "ada"});
        self.count("set a tag", "runs/set-tag", body).await;
        run
    }

    async fn metrics(&mut self, run: &str) {
        let point =
            |step| json!({"run_id": run, "key": "loss", "value": 0.5, "timestamp": step, "step": step});
        self.count("log a metric, the first point", "runs/log-metric", point(1))
            .await;
        self.count("log a metric, the next point", "runs/log-metric", point(2))
            .await;
        for (name, from) in [
            ("log a batch of 1,000 points of 10 metrics", 0),
            ("log another", 100),
        ] {
            let point = |i| {
                let step = from + i / 10;
                json!({"key": format!("m{}", i % 10), "value": 0.5, "timestamp": step, "step": step})
            };
            let metrics: Vec<Value> = (0..1000).map(point).collect();
            self.count(name, "runs/log-batch", json!({"run_id": run, "metrics": metrics}))
                .await;
        }
    }

    async fn reads(&mut self, run: &str) {
        self.count_get("get a run", &format!("runs/get?run_id={run}"))
            .await;
        self.count_get(
            "history of a metric",
            &format!("metrics/get-history?run_id={run}&metric_key=m1"),
        )
        .await;
        for _ in 0..30 {
            self.post("runs/create", &json!({"experiment_id": "0", "start_time": 1}))
                .await;
        }
        let page = json!({"experiment_ids": ["0"], "max_results": 20});
        self.count("search, a page of 20 of 31 runs", "runs/search", page)
            .await;
        let filtered = json!({"experiment_ids": ["0"], "filter": "metrics.m1 < 1 AND params.p1 = '1'",
                              "order_by": ["metrics.m1 ASC"]});
        self.count("search, filtered and ordered", "runs/search", filtered)
            .await;
        let chart = json!({"runs": [run], "keys": ["m1", "m2"], "width": 16});
        self.count_at("chart of two metrics", "/api/oxflow/v1/series", &chart)
            .await;
    }

    async fn registry(&mut self) {
        let name = json!({"name": "m"});
        self.count("create a model", "registered-models/create", name)
            .await;
        let version = json!({"name": "m", "source": "s3://models/m"});
        self.count("create a version", "model-versions/create", version)
            .await;
        let alias = json!({"name": "m", "alias": "champion", "version": "1"});
        self.count("set an alias", "registered-models/alias", alias).await;
        self.count_get(
            "version by alias",
            "registered-models/alias?name=m&alias=champion",
        )
        .await;
        self.count_get("search models", "registered-models/search?max_results=100")
            .await;
        self.count_get(
            "search versions of a model",
            "model-versions/search?filter=name%3D%27m%27",
        )
        .await;
    }

    /// 64 requests come in while another program writes: they wait together, and share one commit.
    async fn many_clients_share_a_commit(&mut self) {
        const CLIENTS: i64 = 64;
        let answer = self
            .post("runs/create", &json!({"experiment_id": "0", "start_time": 1}))
            .await;
        let run = answer["run"]["info"]["run_id"].as_str().unwrap().to_owned();
        let other = rusqlite::Connection::open(self.server.folder().join("mlflow.db")).unwrap();
        let before = self.begin();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let requests = (1..=CLIENTS).map(|step| {
            let body = json!({"run_id": run, "key": "loss", "value": 0.5, "timestamp": step, "step": step});
            send(&self.server, "/api/2.0/mlflow/runs/log-metric", body.to_string())
        });
        // The last to be polled: by then all requests are with the store.
        let release = async { other.execute_batch("ROLLBACK").unwrap() };
        let (answers, ()) = futures::join!(futures::future::join_all(requests), release);
        assert!(answers.iter().all(|answer| answer.status == 200));
        self.end(&format!("log a metric by {CLIENTS} clients at once"), before);
    }

    async fn count(&mut self, name: &str, call: &str, body: Value) -> Value {
        self.count_at(name, &format!("/api/2.0/mlflow/{call}"), &body)
            .await
    }

    async fn count_at(&mut self, name: &str, path: &str, body: &Value) -> Value {
        let before = self.begin();
        let got = send(&self.server, path, body.to_string()).await;
        self.end(name, before);
        parsed(path, &got)
    }

    async fn count_get(&mut self, name: &str, call: &str) {
        let before = self.begin();
        let path = format!("/api/2.0/mlflow/{call}");
        let got = self.server.get(&path, &[]).await;
        self.end(name, before);
        parsed(&path, &got);
    }

    /// A request that is not counted.
    async fn post(&self, call: &str, body: &Value) -> Value {
        let path = format!("/api/2.0/mlflow/{call}");
        parsed(&path, &send(&self.server, &path, body.to_string()).await)
    }

    fn begin(&self) -> Mark {
        let mark = self.mark();
        self.meter.take();
        mark
    }

    fn mark(&self) -> Mark {
        match &self.log {
            Log::Sqlite(path) => Mark::Sqlite(Wal::read(path)),
            Log::Postgres { .. } => Mark::Postgres(Written::read(self.server.database().unwrap())),
        }
    }

    fn end(&mut self, name: &str, before: Mark) {
        let statements = self.meter.take();
        let (commits, written) = match (self.mark(), before) {
            (Mark::Sqlite(now), Mark::Sqlite(before)) => now.since(&before),
            (Mark::Postgres(now), Mark::Postgres(before)) => now.since(&before),
            _ => panic!("a log of another database"),
        };
        let _ = writeln!(
            self.lines,
            "{name:<44} {:>4} {commits:>4} {written:>7}",
            statements.len()
        );
        let _ = writeln!(self.statements, "{name}:\n  {}", statements.join("\n  "));
    }

    fn compare(&self, database: &str) {
        let written = match self.log {
            Log::Sqlite(_) => "pages of 4 KiB",
            Log::Postgres { .. } => "bytes of the log",
        };
        let text = format!("# statements, commits, {written}\n{}", self.lines);
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/costs/{database}.txt"));
        if std::env::var_os("OXFLOW_TEST_UPDATE").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            self.is_same(&expected, &text),
            "{} differs; run with OXFLOW_TEST_UPDATE=1 and look at the difference\n\n{text}\n{}",
            path.display(),
            self.statements
        );
    }

    fn is_same(&self, expected: &str, got: &str) -> bool {
        let Log::Postgres { has_whole_pages } = self.log else {
            return expected == got;
        };
        let same_line = |(expected, got): (&str, &str)| {
            let (Some((before, expected)), Some((now, got))) =
                (expected.rsplit_once(' '), got.rsplit_once(' '))
            else {
                return expected == got;
            };
            match (expected.parse::<f64>(), got.parse::<f64>()) {
                (Ok(expected), Ok(got)) => {
                    let is_near = (got - expected).abs() <= expected * BYTES_DIFFER + 100.0;
                    before.trim_end() == now.trim_end() && (is_near || has_whole_pages)
                }
                _ => expected == got,
            }
        };
        expected.lines().count() == got.lines().count() && expected.lines().zip(got.lines()).all(same_line)
    }
}

async fn send(server: &Server, path: &str, body: String) -> Got {
    let headers = [("host", "127.0.0.1:5000"), ("content-type", "application/json")];
    server
        .send(&Send {
            method: "POST".to_owned(),
            target: path.to_owned(),
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            body: body.into_bytes(),
        })
        .await
}

fn parsed(path: &str, got: &Got) -> Value {
    assert_eq!(got.status, 200, "{path}: {}", String::from_utf8_lossy(&got.body));
    serde_json::from_slice(&got.body).unwrap()
}
