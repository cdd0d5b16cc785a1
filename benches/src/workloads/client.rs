//! The real Python client.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::bench::Bench;
use crate::cases::{Contender, Unit, Workload};
use crate::goals::Goal;
use crate::load::{Round, percentile};
use crate::process;
use crate::rounds::Table;
use crate::servers::{Backend, Server, command};
use crate::stop::Killed;

/// What the client does.
const SCRIPT: &str = include_str!("client.py");

pub fn measure(bench: &Bench) -> Result<Table> {
    let group = bench.start("client", None, |_| true);
    let goal = [Goal::FasterThanMlflow(5.5)];
    let workload = Workload::new("log_metric of the Python client", Unit::Requests)
        .with_goals(Backend::Sqlite, &goal)
        .with_goals(Backend::Postgres, &goal);
    let case = |server| {
        let measure = move |_| log_metrics(bench, server);
        workload.case(Contender::server(server.kind), Box::new(measure))
    };
    let cases = group.servers.iter().map(case).collect();
    let mut table = group.measure("The real Python client", cases);
    table.remarks.push("each server's own client: 3.17.2 for Oxflow and MLflow, the one it is installed with for FastTrackML".to_owned());
    Ok(table)
}

/// A client that ends with this value.
struct Python(Child, Option<Killed>);

impl Drop for Python {
    fn drop(&mut self) {
        drop(self.0.kill());
        self.1 = None;
        drop(self.0.wait());
    }
}

fn log_metrics(bench: &Bench, server: &Server) -> Result<Round> {
    let mut python = start(bench, server)?;
    let mut input = python.0.stdin.take().context("its input is a pipe")?;
    let mut output = BufReader::new(python.0.stdout.take().context("its output is a pipe")?);
    let mut line = String::new();
    output.read_line(&mut line)?;
    if line.trim() != "ready" {
        let mut errors = String::new();
        python
            .0
            .stderr
            .take()
            .context("its errors are a pipe")?
            .read_to_string(&mut errors)?;
        bail!(
            "the client could not log: {}",
            errors.lines().last().unwrap_or("it said nothing")
        );
    }
    let watch = server.watch();
    let spent = || {
        (
            watch.server.map_or(0.0, process::cpu_seconds),
            watch.database.map(process::cpu_seconds),
        )
    };
    let before = spent();
    input.write_all(b"go\n")?;
    line.clear();
    output.read_line(&mut line)?;
    let after = spent();
    let memory = server.memory_bytes();
    let mut numbers = String::new();
    output.read_to_string(&mut numbers)?;
    let (seconds, client_cpu) = line.trim().split_once(' ').context("the client ended early")?;
    Ok(Round {
        seconds: seconds.parse()?,
        generator_cpu_seconds: client_cpu.parse()?,
        server_cpu_seconds: after.0 - before.0,
        database_cpu_seconds: after.1.zip(before.1).map(|(after, before)| after - before),
        peak_memory_bytes: Some(memory),
        ..latencies(&numbers)?
    })
}

fn start(bench: &Bench, server: &Server) -> Result<Python> {
    let python = bench.programs.python(server.program);
    let child = command(&python)
        .args(["-c", SCRIPT, &format!("http://{}", server.address)])
        .arg(bench.duration.as_secs().to_string())
        .env("MLFLOW_DISABLE_TELEMETRY", "true")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    child
        .map(|child| {
            let killed = Killed::on_signal(child.id());
            Python(child, Some(killed))
        })
        .with_context(|| format!("could not start {}", python.display()))
}

fn latencies(numbers: &str) -> Result<Round> {
    let mut latencies = Vec::new();
    for number in numbers.lines() {
        latencies.push(Duration::from_secs_f64(
            number.parse().with_context(|| format!("`{number}` is no time"))?,
        ));
    }
    latencies.sort_unstable();
    Ok(Round {
        requests: latencies.len() as u64,
        things: latencies.len() as u64,
        p50_ms: percentile(&latencies, 50),
        p99_ms: percentile(&latencies, 99),
        max_ms: percentile(&latencies, 100),
        ..Round::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_client_are_latencies() {
        let round = latencies("0.002\n0.001\n0.004\n").unwrap();
        assert_eq!((round.requests, round.p50_ms, round.max_ms), (3, 2.0, 4.0));
        assert!(latencies("x\n").is_err());
    }
}
