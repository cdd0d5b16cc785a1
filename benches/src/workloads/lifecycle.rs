//! Whole runs, from their creation to their end.

use anyhow::Result;
use serde_json::json;

use crate::api::{self, DEFAULT_EXPERIMENT, EPOCH_MS};
use crate::bench::Bench;
use crate::cases::{Contender, Unit, Workload};
use crate::goals::Goal;
use crate::http::Client;
use crate::limits;
use crate::load::{Operation, Watch};
use crate::rounds::Table;
use crate::servers::{Backend, Server};

const CLIENTS: usize = 8;

pub fn measure(bench: &Bench) -> Result<Table> {
    let bare = (bench.has_limits() && bench.has(Backend::Postgres))
        .then(|| limits::postgres::new(bench, "lifecycle"))
        .transpose()?;
    let group = bench.start("lifecycle", None, |_| true);
    let name = "run: create, 20 params, 1,000 points, 3 tags, finish; 8 clients";
    let workload = Workload::new(name, Unit::Runs).with_goals(Backend::Sqlite, &[Goal::CpuMs(12.0)]);
    let on_server =
        |server| workload.on_server(server, CLIENTS, bench.duration, move |_| whole_run_on(server));
    let mut cases: Vec<_> = group.servers.iter().map(on_server).collect();
    if bench.has_limits() && bench.has(Backend::Sqlite) {
        let contender = Contender::limit("SQLite alone, a synced commit per request", Backend::Sqlite);
        let watch = Watch::this_process(None);
        cases.push(workload.on(contender, 1, bench.duration, watch, |_| {
            limits::sqlite::lifecycle(bench)
        }));
    }
    if let Some(database) = &bare {
        let contender = Contender::limit("PostgreSQL alone, 8 connections", Backend::Postgres);
        let watch = Watch::this_process(database.process());
        let make = |_| limits::postgres::lifecycle(database);
        cases.push(workload.on(contender, CLIENTS, bench.duration, watch, make));
    }
    let reading = Workload::new("get a run; 8 clients", Unit::Requests);
    let on_server = |server| reading.on_server(server, CLIENTS, bench.duration, move |_| get_run_on(server));
    cases.extend(group.servers.iter().map(on_server));
    Ok(group.measure("Life of a run", cases))
}

fn whole_run_on<'a>(server: &'a Server) -> Result<Operation<'a>> {
    let mut client = server.client();
    Ok(Box::new(move |_| whole_run(&mut client).map(|()| 1)))
}

fn get_run_on<'a>(server: &'a Server) -> Result<Operation<'a>> {
    let mut client = server.client();
    let run = api::create_run(&mut client, DEFAULT_EXPERIMENT, "get")?;
    let target = api::call(&format!("runs/get?run_id={run}"));
    Ok(Box::new(move |_| client.get(&target).map(|_| 1)))
}

/// The requests of the Python client for a run, seven in all.
pub fn whole_run(client: &mut Client) -> Result<()> {
    let run = api::create_run(client, DEFAULT_EXPERIMENT, "lifecycle")?;
    let params: Vec<_> = (0..20)
        .map(|i| json!({"key": format!("param{i}"), "value": "0.1"}))
        .collect();
    api::post(
        client,
        "runs/log-batch",
        &json!({"run_id": run, "params": params}),
    )?;
    let mut body = String::new();
    api::batch_body(&mut body, &run, 0);
    client.post(&api::call("runs/log-batch"), &body)?;
    for i in 0..3 {
        let tag = json!({"run_id": run, "key": format!("tag{i}"), "value": "value"});
        api::post(client, "runs/set-tag", &tag)?;
    }
    let end = json!({"run_id": run, "status": "FINISHED", "end_time": EPOCH_MS + 1000});
    api::post(client, "runs/update", &end)?;
    Ok(())
}
