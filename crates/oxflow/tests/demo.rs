//! `oxflow demo` on a server of its own.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use rusqlite::Connection;
use tempfile::TempDir;

fn oxflow(dir: &Path, line: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oxflow"));
    command
        .args(line)
        .current_dir(dir)
        .env_clear()
        .stdin(Stdio::null());
    command
}

/// A server process; ends with the test.
struct Server {
    process: Child,
    url: String,
    dir: TempDir,
}

impl Server {
    fn start() -> Self {
        let dir = TempDir::new().unwrap();
        let mut process = oxflow(dir.path(), &["server", "--port", "0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = line.trim().rsplit(' ').next().unwrap().to_owned();
        Self { process, url, dir }
    }

    fn demo(&self, flags: &[&str]) -> Output {
        let line = [&["demo", "--tracking-uri", &self.url], flags].concat();
        oxflow(self.dir.path(), &line).output().unwrap()
    }

    /// The one number that a query of the database finds.
    fn count(&self, query: &str) -> i64 {
        let database = Connection::open(self.dir.path().join("mlflow.db")).unwrap();
        database.query_row(query, [], |row| row.get(0)).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn said(output: &Output) -> String {
    String::from_utf8([output.stdout.as_slice(), &output.stderr].concat()).unwrap()
}

#[test]
fn the_demo_has_a_bit_of_everything_and_is_not_sent_twice() {
    let server = Server::start();
    let first = server.demo(&[]);
    assert!(first.status.success(), "{}", said(&first));
    for (query, at_least) in [
        ("SELECT count(*) FROM runs", 200),
        ("SELECT count(*) FROM experiments WHERE name LIKE '%/%'", 6),
        ("SELECT count(*) FROM runs WHERE status = 'FAILED'", 5),
        ("SELECT count(*) FROM runs WHERE status = 'KILLED'", 4),
        ("SELECT count(*) FROM metrics", 200_000),
        ("SELECT count(*) FROM metrics WHERE is_nan", 10),
        ("SELECT count(*) FROM metrics WHERE value > 1e308", 1),
        ("SELECT count(*) FROM metrics WHERE key LIKE 'system/%'", 10_000),
        ("SELECT count(*) FROM tags WHERE key = 'mlflow.parentRunId'", 55),
        ("SELECT count(*) FROM input_tags", 100),
        ("SELECT count(*) FROM logged_model_metrics", 100),
        (
            "SELECT count(*) FROM model_versions WHERE current_stage = 'Production'",
            3,
        ),
        ("SELECT count(*) FROM registered_model_aliases", 5),
    ] {
        assert!(
            server.count(query) >= at_least,
            "{query}: {}",
            server.count(query)
        );
    }
    assert_eq!(
        server.count("SELECT count(*) FROM runs WHERE status = 'RUNNING'"),
        2
    );
    assert_eq!(
        server.count("SELECT count(*) FROM runs WHERE end_time < start_time"),
        0
    );

    let again = server.demo(&[]);
    assert_eq!(again.status.code(), Some(1), "{}", said(&again));
    assert!(
        said(&again).contains("`vision/resnet`") && said(&again).contains("--prefix"),
        "{}",
        said(&again)
    );
}

#[test]
fn large_cases_are_as_large_as_asked_and_the_spikes_are_where_the_tag_says() {
    let server = Server::start();
    let made = server.demo(&[
        "--prefix",
        "x/",
        "--runs",
        "23",
        "--metrics",
        "7",
        "--params",
        "3",
        "--points",
        "3500",
    ]);
    assert!(made.status.success(), "{}", said(&made));
    assert_eq!(
        server.count(
            "SELECT count(*) FROM experiments WHERE name IN ('x/scale/23-runs', 'x/scale/3500-points')"
        ),
        2
    );
    assert_eq!(server.count("SELECT count(*) FROM runs"), 24);
    assert_eq!(server.count("SELECT count(*) FROM params"), 23 * 3);
    assert_eq!(
        server.count("SELECT count(*) FROM metrics WHERE key LIKE '%metric%'"),
        23 * 7
    );
    assert_eq!(
        server.count("SELECT count(*) FROM metrics WHERE key = 'loss'"),
        3500
    );
    let planted =
        "SELECT (SELECT group_concat(step) FROM (SELECT step FROM metrics WHERE value >= 100 ORDER BY step))
                          = (SELECT value FROM tags WHERE key = 'demo.spikes')";
    assert_eq!(server.count(planted), 1);
    assert_eq!(
        server.count("SELECT count(*) FROM metrics WHERE value >= 100"),
        10
    );
}

#[test]
fn without_a_server_it_says_what_to_do() {
    let dir = TempDir::new().unwrap();
    let output = oxflow(dir.path(), &["demo", "--tracking-uri", "http://127.0.0.1:1"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("oxflow server"), "{}", said(&output));
    let output = oxflow(dir.path(), &["demo", "--tracking-uri", "sqlite:///x.db"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
}
