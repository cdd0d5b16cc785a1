//! How long a server takes to answer, and what it takes while nobody asks.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::bench::Bench;
use crate::cases::{self, Case, Contender, Table, Unit, Workload};
use crate::load::Round;
use crate::process;
use crate::servers::{self, Database, Kind, Server};

/// Idle memory is read so long after the first answer: `mlflow server` starts helpers after it answers.
const SETTLES: Duration = Duration::from_secs(5);

pub fn measure(bench: &Bench) -> Result<Table> {
    let mut cases = Vec::new();
    let kinds: Vec<Kind> = bench
        .kinds
        .iter()
        .copied()
        .filter(|kind| *kind != Kind::Limit)
        .collect();
    let new = Workload::new("start on an empty database; memory when idle", Unit::Starts);
    for kind in kinds.iter().copied() {
        let measure = move |_| on_nothing(bench, kind).map(|(round, _)| round);
        cases.push(new.case(Contender::server(kind), Box::new(measure)));
    }
    let existing = Workload::new("start on a database that exists; memory when idle", Unit::Starts);
    for kind in kinds {
        cases.push(on_existing(bench, &existing, kind));
    }
    Ok(cases::measure(
        "Start and idle memory",
        cases,
        bench.rounds,
        Vec::new(),
    ))
}

fn on_existing<'a>(bench: &'a Bench, workload: &Workload, kind: Kind) -> Case<'a> {
    let measure = move |_| {
        let (_, database) = on_nothing(bench, kind)?;
        let folder = bench.work_folder.join(folder_of(kind));
        let round = start_once(bench, kind, &folder, database);
        clean_up(bench, kind)?;
        round
    };
    workload.case(Contender::server(kind), Box::new(measure))
}

fn on_nothing(bench: &Bench, kind: Kind) -> Result<(Round, Database)> {
    let (_, backend) = kind.parts().context("the limit is no server")?;
    let folder = bench.new_folder(&folder_of(kind))?;
    let database = bench.empty_database(backend, &folder, &name_of(kind))?;
    Ok((start_once(bench, kind, &folder, database.clone())?, database))
}

fn start_once(bench: &Bench, kind: Kind, folder: &Path, database: Database) -> Result<Round> {
    let server = servers::start(&bench.programs, kind, folder, database)?;
    let spent = server.watch().server.map_or(0.0, process::cpu_seconds);
    std::thread::sleep(SETTLES);
    Ok(round(&server, spent))
}

fn round(server: &Server, cpu_seconds: f64) -> Round {
    let start_ms = server.start_time.as_secs_f64() * 1000.0;
    Round {
        requests: 1,
        things: 1,
        seconds: server.start_time.as_secs_f64(),
        p50_ms: start_ms,
        p99_ms: start_ms,
        max_ms: start_ms,
        server_cpu_seconds: cpu_seconds,
        peak_memory_bytes: Some(server.memory_bytes()),
        ..Round::default()
    }
}

fn clean_up(bench: &Bench, kind: Kind) -> Result<()> {
    if kind.is_on_postgres() {
        bench.cluster()?.remove(&name_of(kind))
    } else {
        Ok(())
    }
}

fn folder_of(kind: Kind) -> String {
    format!("start/{}", kind.slug())
}

fn name_of(kind: Kind) -> String {
    format!("bench_start_{}", kind.slug()).replace('-', "_")
}
