//! A model registry of 20,000 versions.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::logging::named;
use crate::api::{self, call, length};
use crate::bench::Bench;
use crate::cases::{Case, Contender, Unit, Workload};
use crate::data::{ALIAS, Filling, MODELS, VERSIONS_PER_MODEL, model_name};
use crate::goals::Goal;
use crate::limits::{self, sqlite, statements};
use crate::load::{Operation, Watch};
use crate::rounds::Table;
use crate::servers::{Backend, Database, Program, Server};

pub fn measure(bench: &Bench) -> Result<Table> {
    let filling = Filling::Registry;
    let is_fasttrackml = |kind: crate::servers::Kind| {
        kind.parts()
            .is_some_and(|(program, _)| program == Program::Fasttrackml)
    };
    let group = bench.start("registry", Some(&filling), |kind| !is_fasttrackml(kind));
    let bare = Bare::copy(bench)?;
    let mut cases = Vec::new();
    for clients in [1, 8] {
        cases.extend(by_alias(bench, &group.servers, &bare, clients));
    }
    cases.extend(versions_of_a_model(bench, &group.servers));
    cases.extend(page_of_models(bench, &group.servers));
    // Last: it adds versions.
    for clients in [1, 8] {
        cases.extend(create(bench, &group.servers, &bare, clients));
    }
    let mut table = group.measure("Model registry of 20,000 versions", cases);
    if bench.kinds.iter().any(|kind| is_fasttrackml(*kind)) {
        table.remarks.push("FastTrackML has no model registry".to_owned());
    }
    drop(group);
    filling.discard(bench);
    Ok(table)
}

/// Copies of the rows for bare loops.
struct Bare {
    sqlite: Option<Database>,
    postgres: Option<Database>,
}

impl Bare {
    fn copy(bench: &Bench) -> Result<Self> {
        let copy = |backend| {
            bench
                .copy_for_limit(Filling::Registry, backend, "registry")
                .transpose()
        };
        Ok(Self {
            sqlite: copy(Backend::Sqlite)?,
            postgres: copy(Backend::Postgres)?,
        })
    }
}

fn by_alias<'a>(bench: &'a Bench, servers: &'a [Server], bare: &'a Bare, clients: usize) -> Vec<Case<'a>> {
    let workload = Workload::new(&format!("version by alias, {}", named(clients)), Unit::Requests)
        .with_goals(Backend::Sqlite, &[Goal::CpuMs(0.1)]);
    let case = |server: &'a Server| {
        workload.on_server(server, clients, bench.duration, move |_| {
            let mut client = server.client();
            let target = |n| {
                call(&format!(
                    "registered-models/alias?name={}&alias={ALIAS}",
                    model_name(n % MODELS)
                ))
            };
            let answer: Value = serde_json::from_slice(client.get(&target(0))?)?;
            let version = api::text(&answer, "/model_version/version")?;
            ensure!(
                version == (VERSIONS_PER_MODEL / 2).to_string(),
                "the alias is at version {version}"
            );
            let operation: Operation<'a> = Box::new(move |n| client.get(&target(n)).map(|_| 1));
            Ok(operation)
        })
    };
    let mut cases: Vec<_> = servers.iter().map(case).collect();
    if let Some(Database::Sqlite(path)) = &bare.sqlite {
        let contender = Contender::limit("SQLite alone", Backend::Sqlite);
        cases.push(workload.on(
            contender,
            clients,
            bench.duration,
            Watch::this_process(None),
            move |_| {
                let connection = sqlite::open(path)?;
                let operation: Operation<'a> = Box::new(move |n| {
                    let mut statement = connection.prepare_cached(statements::VERSION_BY_ALIAS)?;
                    let version: i64 =
                        statement.query_row((model_name(n % MODELS), ALIAS), |row| row.get(1))?;
                    std::hint::black_box(version);
                    Ok(1)
                });
                Ok(operation)
            },
        ));
    }
    if let Some(database) = &bare.postgres {
        let contender = Contender::limit("PostgreSQL alone", Backend::Postgres);
        let watch = Watch::this_process(database.process());
        let make = |_| limits::postgres::version_by_alias(database);
        cases.push(workload.on(contender, clients, bench.duration, watch, make));
    }
    cases
}

fn create<'a>(bench: &'a Bench, servers: &'a [Server], bare: &'a Bare, clients: usize) -> Vec<Case<'a>> {
    let workload = Workload::new(&format!("create a version, {}", named(clients)), Unit::Requests)
        .with_goals(Backend::Sqlite, &[Goal::CpuMs(0.35)]);
    let case = |server: &'a Server| {
        workload.on_server(server, clients, bench.duration, move |number| {
            let mut client = server.client();
            let operation: Operation<'a> = Box::new(move |n| {
                let name = model_name((n + number as u64 * 25) % MODELS);
                let body = json!({"name": name, "source": "s3://models/model", "description": "new"});
                api::post(&mut client, "model-versions/create", &body)?;
                Ok(1)
            });
            Ok(operation)
        })
    };
    let mut cases: Vec<_> = servers.iter().map(case).collect();
    if let Some(Database::Sqlite(path)) = &bare.sqlite {
        let contender = Contender::limit("SQLite alone, a synced commit per version", Backend::Sqlite);
        cases.push(workload.on(
            contender,
            1,
            bench.duration,
            Watch::this_process(None),
            move |_| {
                let connection = sqlite::open(path)?;
                let operation: Operation<'a> = Box::new(move |n| {
                    let name = model_name(n % MODELS);
                    let tx = connection.unchecked_transaction()?;
                    tx.prepare_cached(statements::INSERT_VERSION)?
                        .execute([&name])
                        .context("a version")?;
                    tx.prepare_cached(statements::TOUCH_MODEL)?
                        .execute((&name, n as i64))?;
                    tx.commit()?;
                    Ok(1)
                });
                Ok(operation)
            },
        ));
    }
    if let Some(database) = &bare.postgres {
        let contender = Contender::limit("PostgreSQL alone, a synced commit per version", Backend::Postgres);
        let watch = Watch::this_process(database.process());
        let make = |number| limits::postgres::create_version(database, number as u64);
        cases.push(workload.on(contender, clients, bench.duration, watch, make));
    }
    cases
}

fn versions_of_a_model<'a>(bench: &'a Bench, servers: &'a [Server]) -> Vec<Case<'a>> {
    let workload = Workload::new("search the versions of a model, page of 100", Unit::Requests);
    let target = |n: u64| {
        let name = model_name(n % MODELS);
        call(&format!(
            "model-versions/search?filter=name%3D%27{name}%27&max_results=100"
        ))
    };
    searches(bench, servers, &workload, target, "model_versions", 100)
}

fn page_of_models<'a>(bench: &'a Bench, servers: &'a [Server]) -> Vec<Case<'a>> {
    let workload = Workload::new("search models, page of 100", Unit::Requests);
    let target = |_| call("registered-models/search?max_results=100");
    searches(bench, servers, &workload, target, "registered_models", 100)
}

fn searches<'a>(
    bench: &'a Bench,
    servers: &'a [Server],
    workload: &Workload,
    target: impl Fn(u64) -> String + Copy + Send + Sync + 'a,
    list: &'static str,
    expected: usize,
) -> Vec<Case<'a>> {
    let case = |server: &'a Server| {
        workload.on_server(server, 1, bench.duration, move |_| {
            let mut client = server.client();
            let answer: Value = serde_json::from_slice(client.get(&target(0))?)?;
            ensure!(
                length(&answer, list) == expected,
                "{} of {list} came",
                length(&answer, list)
            );
            let operation: Operation<'a> = Box::new(move |n| client.get(&target(n)).map(|_| 1));
            Ok(operation)
        })
    };
    servers.iter().map(case).collect()
}
