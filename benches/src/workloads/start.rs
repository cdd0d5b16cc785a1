//! How long a server takes to answer, and what it takes while nobody asks.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::bench::Bench;
use crate::cases::{Contender, Unit, Workload};
use crate::goals::Goal;
use crate::load::Round;
use crate::process;
use crate::rounds::{self, Table};
use crate::servers::{self, Backend, Database, Kind, Program, Server};

/// Idle memory is read so long after the first answer.
const SETTLES: Duration = Duration::from_secs(1);

/// Of `mlflow server`, which starts helpers after it answers.
const MLFLOW_SETTLES: Duration = Duration::from_secs(5);

pub fn measure(bench: &Bench) -> Result<Table> {
    let mut cases = Vec::new();
    let kinds: Vec<Kind> = bench
        .kinds
        .iter()
        .copied()
        .filter(|kind| *kind != Kind::Limit)
        .collect();
    let goals = [Goal::MedianMs(100.0), Goal::MemoryMb(20.0)];
    let new = Workload::new("start on an empty database; memory when idle", Unit::Starts)
        .with_goals(Backend::Sqlite, &goals);
    for kind in kinds.iter().copied() {
        let measure = move |_| on_nothing(bench, kind);
        cases.push(new.case(Contender::server(kind), Box::new(measure)));
    }
    let existing = Workload::new("start on a database that exists; memory when idle", Unit::Starts)
        .with_goals(Backend::Sqlite, &goals);
    for kind in kinds {
        let measure = move |_| on_existing(bench, kind);
        cases.push(existing.case(Contender::server(kind), Box::new(measure)));
    }
    Ok(rounds::measure(
        "Start and idle memory",
        cases,
        bench.rounds,
        Vec::new(),
    ))
}

fn on_nothing(bench: &Bench, kind: Kind) -> Result<Round> {
    let folder = bench.new_folder(&folder_of(kind))?;
    let database = bench.empty_database(backend_of(kind)?, &folder, &name_of(kind))?;
    start_once(bench, kind, &folder, database)
}

/// On what the server has made when it started on nothing, in the same round.
fn on_existing(bench: &Bench, kind: Kind) -> Result<Round> {
    let folder = bench.work_folder.join(folder_of(kind));
    let database = bench.existing_database(backend_of(kind)?, &folder, &name_of(kind))?;
    let round = start_once(bench, kind, &folder, database);
    if kind.is_on_postgres() {
        bench.cluster()?.remove(&name_of(kind))?;
    }
    round
}

fn backend_of(kind: Kind) -> Result<Backend> {
    let (_, backend) = kind.parts().context("the limit is no server")?;
    Ok(backend)
}

fn start_once(bench: &Bench, kind: Kind, folder: &Path, database: Database) -> Result<Round> {
    let server = servers::start(&bench.programs, kind, folder, database)?;
    let spent = server.watch().server.map_or(0.0, process::cpu_seconds);
    std::thread::sleep(if server.program == Program::Mlflow {
        MLFLOW_SETTLES
    } else {
        SETTLES
    });
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

fn folder_of(kind: Kind) -> String {
    format!("start/{}", kind.slug())
}

fn name_of(kind: Kind) -> String {
    format!("bench_start_{}", kind.slug()).replace('-', "_")
}
