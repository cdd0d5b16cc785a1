//! Metrics: one by one, and in batches.

use anyhow::{Context, Result};

use crate::api::{self, BATCH_POINTS, DEFAULT_EXPERIMENT};
use crate::bench::Bench;
use crate::cases::{Case, Contender, Unit, Workload};
use crate::goals::Goal;
use crate::limits::{self, StaticServer};
use crate::load::{Operation, Watch};
use crate::rounds::Table;
use crate::servers::{Backend, Database, Server};

pub fn measure(bench: &Bench) -> Result<Table> {
    let group = bench.start("logging", None, |_| true);
    let limits = Limits::start(bench)?;
    let mut cases = Vec::new();
    for clients in [1, 16, 64] {
        cases.extend(log_metric(bench, &group.servers, &limits, clients));
    }
    for clients in [1, 8] {
        cases.extend(log_batch(bench, &group.servers, &limits, clients));
    }
    Ok(group.measure("Logging metrics", cases))
}

/// What is measured beside the servers.
struct Limits {
    http: Option<StaticServer>,
    sqlite: bool,
    postgres: Option<Database>,
}

impl Limits {
    fn start(bench: &Bench) -> Result<Self> {
        let wanted = bench.has_limits();
        let on_postgres = wanted && bench.has(Backend::Postgres);
        Ok(Self {
            http: wanted
                .then(|| StaticServer::start(&bench.new_folder("static")?))
                .transpose()?,
            sqlite: wanted && bench.has(Backend::Sqlite),
            postgres: on_postgres
                .then(|| limits::postgres::new(bench, "logging"))
                .transpose()?,
        })
    }
}

fn log_metric<'a>(
    bench: &'a Bench,
    servers: &'a [Server],
    limits: &'a Limits,
    clients: usize,
) -> Vec<Case<'a>> {
    let (on_sqlite, on_postgres): (&[Goal], &[Goal]) = match clients {
        1 => (&[Goal::LessCpuThanMlflow(35.0), Goal::OfTheLimit(0.8)], &[]),
        64 => (
            &[
                Goal::CpuMs(0.1),
                Goal::FasterThanMlflow(60.0),
                Goal::OfTheLimit(10.0),
            ],
            &[Goal::FasterThanMlflow(40.0), Goal::OfTheLimit(0.8)],
        ),
        _ => (&[], &[]),
    };
    let workload = Workload::new(&format!("log-metric, {}", named(clients)), Unit::Requests)
        .with_goals(Backend::Sqlite, on_sqlite)
        .with_goals(Backend::Postgres, on_postgres);
    let duration = bench.duration;
    let mut cases: Vec<Case<'a>> = servers
        .iter()
        .map(|server| workload.on_server(server, clients, duration, |_| log_metric_on(server)))
        .collect();
    if limits.sqlite {
        let contender = Contender::limit("SQLite alone, a synced commit per point", Backend::Sqlite);
        let watch = Watch::this_process(None);
        cases.push(workload.on(contender, 1, duration, watch, |_| {
            limits::sqlite::log_metric(bench)
        }));
    }
    if let Some(database) = &limits.postgres {
        let contender = Contender::limit(
            &format!("PostgreSQL alone, single inserts, {}", connected(clients)),
            Backend::Postgres,
        );
        let watch = Watch::this_process(database.process());
        let single = |_| limits::postgres::log_metric(database);
        cases.push(workload.on(contender, clients, duration, watch, single));
    }
    if let Some(http) = &limits.http {
        let operation = |_| {
            let mut client = crate::http::Client::new(&http.address);
            let mut body = String::new();
            let operation: Operation<'a> = Box::new(move |n| {
                api::metric_body(&mut body, "00000000000000000000000000000001", n);
                client.post(&api::call("runs/log-metric"), &body)?;
                Ok(1)
            });
            Ok(operation)
        };
        cases.push(workload.on(Contender::ceiling(), clients, duration, http.watch(), operation));
    }
    cases
}

/// Logs points of one metric to a run of its own.
pub fn log_metric_on<'a>(server: &'a Server) -> Result<Operation<'a>> {
    let mut client = server.client();
    let run = api::create_run(&mut client, DEFAULT_EXPERIMENT, "log-metric")?;
    let (path, mut body) = (api::call("runs/log-metric"), String::new());
    Ok(Box::new(move |n| {
        api::metric_body(&mut body, &run, n);
        client.post(&path, &body)?;
        Ok(1)
    }))
}

fn log_batch<'a>(
    bench: &'a Bench,
    servers: &'a [Server],
    limits: &'a Limits,
    clients: usize,
) -> Vec<Case<'a>> {
    let workload = Workload::new(
        &format!("log-batch of 1,000 points, {}", named(clients)),
        Unit::Points,
    );
    // Of a point.
    let workload = workload.with_goals(
        Backend::Sqlite,
        &[Goal::CpuMs(0.008), Goal::LessCpuThanMlflow(17.0)],
    );
    let workload = if clients == 1 {
        workload
    } else {
        workload.with_goals(Backend::Postgres, &[Goal::Rate(25_000.0), Goal::OfTheLimit(0.8)])
    };
    let duration = bench.duration;
    let mut cases: Vec<Case<'a>> = servers
        .iter()
        .map(|server| workload.on_server(server, clients, duration, |_| log_batch_on(server)))
        .collect();
    if limits.sqlite {
        let contender = Contender::limit("SQLite alone, a synced commit per batch", Backend::Sqlite);
        let watch = Watch::this_process(None);
        cases.push(workload.on(contender, 1, duration, watch, |_| {
            limits::sqlite::log_batch(bench)
        }));
    }
    if let Some(database) = &limits.postgres {
        let connections = if clients == 1 { 1 } else { 4 };
        let contender = Contender::limit(
            &format!("PostgreSQL alone, COPY, {}", connected(connections)),
            Backend::Postgres,
        );
        let watch = Watch::this_process(database.process());
        let copy = |_| limits::postgres::copy_batch(database);
        cases.push(workload.on(contender, connections, duration, watch, copy));
    }
    cases
}

fn log_batch_on<'a>(server: &'a Server) -> Result<Operation<'a>> {
    let mut client = server.client();
    let run = api::create_run(&mut client, DEFAULT_EXPERIMENT, "log-batch")?;
    let (path, mut body) = (api::call("runs/log-batch"), String::new());
    Ok(Box::new(move |n| {
        api::batch_body(&mut body, &run, n);
        client.post(&path, &body).context("a batch")?;
        Ok(BATCH_POINTS)
    }))
}

/// `1 client`, `8 clients`.
pub fn named(clients: usize) -> String {
    if clients == 1 {
        "1 client".to_owned()
    } else {
        format!("{clients} clients")
    }
}

fn connected(connections: usize) -> String {
    if connections == 1 {
        "1 connection".to_owned()
    } else {
        format!("{connections} connections")
    }
}
