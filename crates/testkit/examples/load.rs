//! Loads a tracking server with many clients and says how fast it answers.
//!
//! ```text
//! cargo run --release -p oxflow-testkit --example load -- 127.0.0.1:5000 log-metric 16 10 [PID…]
//! ```
//!
//! Works with any server of the MLflow API on this machine. With the server's process ids it also
//! prints the CPU time spent per request. Kinds: `log-metric`, `log-batch` (1000 metrics each),
//! `get-run`, `search-runs` (a page of 100; `search-runs=7` searches the runs of experiment 7).

#![expect(clippy::print_stdout, reason = "the result is for whoever started it")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A kept-alive HTTP connection.
struct Client {
    address: String,
    stream: BufReader<TcpStream>,
}

impl Client {
    fn connect(address: &str) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(120)))?;
        Ok(Self {
            address: address.to_owned(),
            stream: BufReader::new(stream),
        })
    }

    fn send(&mut self, method: &str, path: &str, body: &str) -> Result<String, Failure> {
        let request = format!(
            "{method} /api/2.0/mlflow/{path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let mut status = String::new();
        self.stream.read_line(&mut status)?;
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line)?;
            if line == "\r\n" || line.is_empty() {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
        }
        let mut answer = vec![0; length];
        self.stream.read_exact(&mut answer)?;
        let answer = String::from_utf8(answer)?;
        if !status.starts_with("HTTP/1.1 200") {
            return Err(format!("{path}: {}{answer}", status.trim()).into());
        }
        Ok(answer)
    }

    fn given_run(&mut self, experiment: &str) -> Result<String, Failure> {
        let body = format!("{{\"experiment_id\":\"{experiment}\",\"start_time\":1,\"run_name\":\"load\"}}");
        let answer = self.send("POST", "runs/create", &body)?;
        text_of(&answer, "run_id")
    }
}

fn text_of(json: &str, name: &str) -> Result<String, Failure> {
    let value: serde_json::Value = serde_json::from_str(json)?;
    let found = value
        .pointer(&format!("/run/info/{name}"))
        .or_else(|| value.pointer(&format!("/{name}")));
    Ok(found
        .and_then(serde_json::Value::as_str)
        .ok_or("the answer lacks an id")?
        .to_owned())
}

/// The `n`th request of a client.
fn request(
    kind: &str,
    run: &str,
    experiment: &str,
    n: u64,
) -> Result<(&'static str, String, String), Failure> {
    Ok(match kind {
        "log-metric" => {
            let body = format!(
                "{{\"run_id\":\"{run}\",\"key\":\"loss\",\"value\":0.{n},\"timestamp\":{n},\"step\":{n}}}"
            );
            ("POST", "runs/log-metric".to_owned(), body)
        }
        "log-batch" => {
            let points: Vec<String> = (0..1000)
                .map(|i| {
                    let step = n * 100 + i / 10;
                    format!(
                        "{{\"key\":\"m{}\",\"value\":0.{step},\"timestamp\":{step},\"step\":{step}}}",
                        i % 10
                    )
                })
                .collect();
            let body = format!("{{\"run_id\":\"{run}\",\"metrics\":[{}]}}", points.join(","));
            ("POST", "runs/log-batch".to_owned(), body)
        }
        "get-run" => ("GET", format!("runs/get?run_id={run}"), String::new()),
        "search-runs" => {
            let body = format!("{{\"experiment_ids\":[\"{experiment}\"],\"max_results\":100}}");
            ("POST", "runs/search".to_owned(), body)
        }
        other => return Err(format!("unknown kind of load: {other}").into()),
    })
}

/// CPU seconds that processes have spent, from `/proc`.
fn cpu_seconds(pids: &[String]) -> f64 {
    const TICKS_PER_SECOND: f64 = 100.0;
    let ticks = |pid: &String| -> Option<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
        Some(fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?)
    };
    pids.iter().filter_map(ticks).sum::<f64>() / TICKS_PER_SECOND
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, kind, clients, seconds, pids @ ..] = arguments.as_slice() else {
        return Err(
            "usage: load ADDRESS log-metric|log-batch|get-run|search-runs CLIENTS SECONDS [PID…]".into(),
        );
    };
    let (clients, seconds): (u64, u64) = (clients.parse()?, seconds.parse()?);
    let unique = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)?
        .as_nanos();
    let body = format!("{{\"name\":\"load {unique}\"}}");
    let made = text_of(
        &Client::connect(address)?.send("POST", "experiments/create", &body)?,
        "experiment_id",
    )?;
    let (kind, searched) = kind.split_once('=').unwrap_or((kind.as_str(), made.as_str()));

    let (stop, failures) = (AtomicBool::new(false), AtomicU64::new(0));
    let cpu_before = cpu_seconds(pids);
    let started = Instant::now();
    let mut latencies: Vec<Duration> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..clients)
            .map(|_| {
                scope.spawn(|| -> Result<Vec<Duration>, Failure> {
                    let mut client = Client::connect(address)?;
                    let run = client.given_run(&made)?;
                    let mut latencies = Vec::new();
                    let mut n = 0;
                    while !stop.load(Ordering::Relaxed) {
                        let (method, path, body) = request(kind, &run, searched, n)?;
                        let sent = Instant::now();
                        if let Err(error) = client.send(method, &path, &body) {
                            eprintln!("{error}");
                            failures.fetch_add(1, Ordering::Relaxed);
                        }
                        latencies.push(sent.elapsed());
                        n += 1;
                    }
                    Ok(latencies)
                })
            })
            .collect();
        std::thread::park_timeout(Duration::from_secs(seconds));
        stop.store(true, Ordering::Relaxed);
        threads
            .into_iter()
            .filter_map(|thread| thread.join().ok())
            .filter_map(Result::ok)
            .flatten()
            .collect()
    });
    let elapsed = started.elapsed().as_secs_f64();
    let cpu = cpu_seconds(pids) - cpu_before;
    latencies.sort();
    let at = |share: f64| {
        latencies
            .get((latencies.len() as f64 * share) as usize)
            .copied()
            .unwrap_or_default()
    };
    let count = latencies.len() as f64;
    println!(
        "{kind}, {clients} clients: {:.1} requests/s, p50 {:.2} ms, p99 {:.2} ms, {} failures, {:.3} ms CPU/request",
        count / elapsed,
        at(0.5).as_secs_f64() * 1000.0,
        at(0.99).as_secs_f64() * 1000.0,
        failures.load(Ordering::Relaxed),
        cpu * 1000.0 / count.max(1.0)
    );
    Ok(())
}
