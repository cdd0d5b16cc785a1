//! How many instructions requests take, by callgrind: the same on every machine and however busy it is, nearly.
//!
//! A fixed scenario on SQLite. The counts of the whole process between two moments are divided by the requests in between:
//! receiving, parsing, the store with SQLite, the answer and the log line; not the kernel.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::json;

use crate::api::{self, DEFAULT_EXPERIMENT, call};
use crate::bench::Bench;
use crate::cases::number;
use crate::data::{EXPERIMENT, Filling, SEARCHED_METRIC};
use crate::load::Operation;
use crate::progress::say;
use crate::servers::{self, Backend, Kind, Programs, Server};

/// The counts differ by so much for the same program: ids are random, and so are the seeds of hash tables. More is a change.
const TOLERANCE: f64 = 0.05;

/// The least of so many counts is taken: now and then something else is done meanwhile, such as a checkpoint.
const TRIES: usize = 3;

/// Runs to search in.
const RUNS: u64 = 1000;

/// Requests of a kind.
struct Kinds<'a> {
    name: &'static str,
    requests: u64,
    operation: Operation<'a>,
}

/// Counts, and compares with the numbers in a file, or writes them there.
pub fn count(bench: &Bench, goldens: &Path, updates: bool) -> Result<()> {
    let folder = bench.new_folder("instructions")?;
    let server = start(bench, &folder)?;
    let (mut counts, mut dumps) = (Vec::new(), 0);
    for mut kind in kinds(&server)? {
        let mut numbers = 0..;
        let mut repeat = |times: u64| {
            let mut numbers = numbers.by_ref().take(times as usize);
            numbers
                .try_for_each(|n| (kind.operation)(n).map(drop))
                .with_context(|| kind.name.to_owned())
        };
        // Statements are prepared, pages are read, connections are made.
        repeat(3)?;
        let mut least = u64::MAX;
        for _ in 0..TRIES {
            tell(&server, &["zero"])?;
            repeat(kind.requests)?;
            dumps += 1;
            least = least.min(dump(&server, &folder, dumps)? / kind.requests);
        }
        say(&format!("{}: {} instructions", kind.name, number(least as f64)));
        counts.push((kind.name, least));
    }
    drop(server);
    if updates {
        fs::write(goldens, text(&counts)).with_context(|| goldens.display().to_string())?;
        return Ok(());
    }
    let expected = fs::read_to_string(goldens).with_context(|| goldens.display().to_string())?;
    let changes = changes(&expected, &counts)?;
    ensure!(
        changes.is_empty(),
        "instructions changed by more than {} %; if that is meant: make instructions ARGS=--update\n{}",
        TOLERANCE * 100.0,
        changes.join("\n")
    );
    say("as many as before");
    Ok(())
}

/// Oxflow under callgrind, on a database with runs.
fn start(bench: &Bench, folder: &Path) -> Result<Server> {
    let wrapper = folder.join("oxflow");
    let script = format!(
        "#!/bin/sh\nexec valgrind --tool=callgrind --callgrind-out-file='{}' '{}' \"$@\"\n",
        folder.join("counts").display(),
        bench.programs.oxflow.display(),
    );
    fs::write(&wrapper, script)?;
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755))?;
    let database = Filling::Runs(RUNS).copy(bench, Backend::Sqlite, folder, "instructions")?;
    let programs = Programs {
        oxflow: wrapper,
        ..bench.programs.clone()
    };
    servers::start(&programs, Kind::OxflowSqlite, folder, database)
}

fn kinds(server: &Server) -> Result<Vec<Kinds<'_>>> {
    let mut client = server.client();
    let name = json!({"name": "model"});
    api::post(&mut client, "registered-models/create", &name)?;
    let version = json!({"name": "model", "source": "s3://models/model"});
    api::post(&mut client, "model-versions/create", &version)?;
    let alias = json!({"name": "model", "alias": "champion", "version": "1"});
    api::post(&mut client, "registered-models/alias", &alias)?;
    let run = api::create_run(&mut client, DEFAULT_EXPERIMENT, "counted")?;
    let page = json!({"experiment_ids": [EXPERIMENT], "max_results": 100});
    let filtered = json!({"experiment_ids": [EXPERIMENT], "max_results": 100, "filter": "params.optimizer = 'adam'",
                          "order_by": [format!("metrics.{SEARCHED_METRIC} ASC")]});
    let kind = |name, requests, operation| Kinds {
        name,
        requests,
        operation,
    };
    Ok(vec![
        kind("log-metric", 50, metrics(server, &run)),
        kind("log-batch of 1,000 points", 10, batches(server, &run)),
        // The batches before have made these points: a hundred of each metric in each.
        kind(
            "history of 3,300 points",
            20,
            get(server, &format!("metrics/get-history?run_id={run}&metric_key=m1")),
        ),
        kind(
            "search, page of 100 runs",
            5,
            post(server, "runs/search", page.to_string()),
        ),
        kind(
            "search, filtered and ordered, 100 runs",
            5,
            post(server, "runs/search", filtered.to_string()),
        ),
        kind("get a run", 50, get(server, &format!("runs/get?run_id={run}"))),
        kind(
            "version by alias",
            50,
            get(server, "registered-models/alias?name=model&alias=champion"),
        ),
    ])
}

fn metrics<'a>(server: &Server, run: &str) -> Operation<'a> {
    let (mut client, run, mut body) = (server.client(), run.to_owned(), String::new());
    Box::new(move |n| {
        api::metric_body(&mut body, &run, n);
        client.post(&call("runs/log-metric"), &body).map(|_| 1)
    })
}

fn batches<'a>(server: &Server, run: &str) -> Operation<'a> {
    let (mut client, run, mut body) = (server.client(), run.to_owned(), String::new());
    Box::new(move |n| {
        api::batch_body(&mut body, &run, n);
        client.post(&call("runs/log-batch"), &body).map(|_| 1)
    })
}

fn get<'a>(server: &Server, target: &str) -> Operation<'a> {
    let (mut client, target) = (server.client(), call(target));
    Box::new(move |_| client.get(&target).map(|_| 1))
}

fn post<'a>(server: &Server, name: &str, body: String) -> Operation<'a> {
    let (mut client, path) = (server.client(), call(name));
    Box::new(move |_| client.post(&path, &body).map(|_| 1))
}

/// Has callgrind do something while the server runs.
fn tell(server: &Server, words: &[&str]) -> Result<()> {
    let pid = server.watch().server.context("a server has a process")?;
    let output = Command::new("vgdb")
        .arg(format!("--pid={pid}"))
        .args(words)
        .output();
    let output = output.context("could not start vgdb, which comes with valgrind")?;
    if !output.status.success() {
        bail!("vgdb: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

/// The counts since the last `zero` or dump.
fn dump(server: &Server, folder: &Path, number: usize) -> Result<u64> {
    tell(server, &["dump", "counted"])?;
    let path = PathBuf::from(format!("{}.{number}", folder.join("counts").display()));
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let total = text.lines().rev().find_map(|line| line.strip_prefix("totals: "));
    let total = total.with_context(|| format!("no total in {}", path.display()))?;
    Ok(total.trim().parse()?)
}

fn text(counts: &[(&str, u64)]) -> String {
    let mut text = format!(
        "# instructions of a request, release build for {}; {} % more or fewer are let pass\n",
        std::env::consts::ARCH,
        TOLERANCE * 100.0
    );
    for (name, count) in counts {
        let _ = writeln!(text, "{name:<40} {count:>12}");
    }
    text
}

/// What differs by more than the tolerance.
fn changes(expected: &str, counts: &[(&str, u64)]) -> Result<Vec<String>> {
    let architecture = format!("for {};", std::env::consts::ARCH);
    ensure!(
        expected.contains(&architecture),
        "the numbers are of another processor than {architecture}"
    );
    let mut changes = Vec::new();
    for (name, count) in counts {
        let mut lines = expected.lines();
        let before = lines.find_map(|line| line.strip_prefix(*name)?.trim().parse::<u64>().ok());
        let Some(before) = before else {
            changes.push(format!("{name}: {count}, which is new"));
            continue;
        };
        let ratio = *count as f64 / before as f64;
        if (ratio - 1.0).abs() > TOLERANCE {
            changes.push(format!(
                "{name}: {count} instead of {before} ({:+.1} %)",
                (ratio - 1.0) * 100.0
            ));
        }
    }
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_differences_pass_and_large_ones_are_named() {
        let expected = text(&[("log-metric", 100_000), ("get a run", 200_000), ("get", 1)]);
        let same = changes(&expected, &[("log-metric", 104_000), ("get a run", 191_000)]).unwrap();
        assert_eq!(same, Vec::<String>::new());
        let changed = changes(
            &expected,
            &[("log-metric", 106_000), ("get a run", 180_000), ("new", 1)],
        )
        .unwrap();
        assert_eq!(
            changed,
            [
                "log-metric: 106000 instead of 100000 (+6.0 %)",
                "get a run: 180000 instead of 200000 (-10.0 %)",
                "new: 1, which is new"
            ]
        );
        assert!(changes("# of nothing", &[]).is_err());
    }
}
