//! The history of a metric of a million points.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::api::{self, length};
use crate::bench::Bench;
use crate::cases::{Case, Contender, Unit, Workload};
use crate::data::{EXPERIMENT, Filling, HISTORY_KEY, HISTORY_POINTS, HISTORY_RUN, WHOLE_KEY, WHOLE_POINTS};
use crate::goals::{FLAT_MEMORY, Goal};
use crate::limits::{self, sqlite, statements};
use crate::load::{self, Operation, Watch};
use crate::rounds::Table;
use crate::servers::{Backend, Database, Program, Server};

/// Points of a page.
const PAGE: u64 = 25_000;

/// Points that a sampled history is asked for.
const SAMPLES: u64 = 1000;

/// Pixels of a chart.
const WIDTH: u64 = 1000;

pub fn measure(bench: &Bench) -> Result<Table> {
    let filling = Filling::History;
    let group = bench.start("history", Some(&filling), |_| true);
    let bare = Bare::copy(bench)?;
    let mut cases = paged(bench, &group.servers, &bare);
    cases.extend(in_one(bench, &group.servers));
    cases.extend(sampled(bench, &group.servers));
    cases.extend(charted(bench, &group.servers));
    let table = group.measure("History of 1,000,000 points", cases);
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
                .copy_for_limit(Filling::History, backend, "history")
                .transpose()
        };
        Ok(Self {
            sqlite: copy(Backend::Sqlite)?,
            postgres: copy(Backend::Postgres)?,
        })
    }
}

/// Of a point.
fn with_goals(workload: Workload) -> Workload {
    workload
        .with_goals(Backend::Sqlite, &[Goal::CpuMs(0.0022), FLAT_MEMORY])
        .with_goals(Backend::Postgres, &[Goal::WithinSqlite(2.0)])
}

fn paged<'a>(bench: &'a Bench, servers: &'a [Server], bare: &'a Bare) -> Vec<Case<'a>> {
    let workload = with_goals(Workload::new("get-history, pages of 25,000", Unit::Points));
    let on_server = |server| workload.on_server(server, 1, bench.duration, move |_| pages_on(server));
    let mut cases: Vec<_> = servers.iter().map(on_server).collect();
    if let Some(Database::Sqlite(path)) = &bare.sqlite {
        let contender = Contender::limit("SQLite alone", Backend::Sqlite);
        let watch = Watch::this_process(None);
        cases.push(workload.on(contender, 1, bench.duration, watch, move |_| pages_of(path)));
    }
    if let Some(database) = &bare.postgres {
        let contender = Contender::limit("PostgreSQL alone", Backend::Postgres);
        let watch = Watch::this_process(database.process());
        let make = move |_| limits::postgres::history(database, PAGE);
        cases.push(workload.on(contender, 1, bench.duration, watch, make));
    }
    cases
}

/// All points of a metric in one answer: what the Python client asks for.
fn in_one<'a>(bench: &'a Bench, servers: &'a [Server]) -> Vec<Case<'a>> {
    let workload = with_goals(Workload::new(
        "get-history, all of 100,000 points at once",
        Unit::Points,
    ));
    let on_server = |server| {
        workload.on_server(server, 1, bench.duration, move |_| {
            let mut client = server.client();
            let run = run_of(server)?;
            let path = api::call(&format!(
                "metrics/get-history?run_id={run}&metric_key={WHOLE_KEY}"
            ));
            let operation: Operation<'a> = Box::new(move |_| {
                let answer = client.get(&path)?;
                check_size(answer, WHOLE_POINTS)?;
                Ok(WHOLE_POINTS)
            });
            Ok(operation)
        })
    };
    servers.iter().map(on_server).collect()
}

/// Parsing all points would cost more than some servers need.
fn check_size(answer: &[u8], points: u64) -> Result<()> {
    ensure!(
        answer.len() as u64 > points * 20,
        "{} bytes are too few for {points} points",
        answer.len()
    );
    Ok(())
}

/// Goes through the history page by page, and then from the beginning again.
fn pages_on<'a>(server: &'a Server) -> Result<Operation<'a>> {
    let mut client = server.client();
    let run = run_of(server)?;
    let path = api::call(&format!(
        "metrics/get-history?run_id={run}&metric_key={HISTORY_KEY}&max_results={PAGE}"
    ));
    let (mut token, mut seen) = (None::<String>, 0);
    Ok(Box::new(move |_| {
        let target = match &token {
            None => path.clone(),
            Some(token) => format!(
                "{path}&page_token={}",
                token.replace('=', "%3D").replace('+', "%2B")
            ),
        };
        let answer = client.get(&target)?;
        token = token_at_end(answer);
        // Servers that know no pages answer with all of it.
        let points = if token.is_some() {
            PAGE
        } else {
            HISTORY_POINTS - seen
        };
        check_size(answer, points)?;
        seen = if token.is_some() { seen + points } else { 0 };
        Ok(points)
    }))
}

/// The `next_page_token`, which follows the points. Parsing all of them would cost more than some servers need.
fn token_at_end(answer: &[u8]) -> Option<String> {
    const NAME: &str = "\"next_page_token\"";
    let end = String::from_utf8_lossy(&answer[answer.len().saturating_sub(300)..]);
    let (_, value) = end.split_once(NAME)?;
    let token = value.split('"').nth(1)?;
    (!token.is_empty()).then(|| token.to_owned())
}

fn pages_of<'a>(path: &Path) -> Result<Operation<'a>> {
    let connection = sqlite::open(path)?;
    let mut last_step = 0_i64;
    Ok(Box::new(move |_| {
        let mut statement = connection.prepare_cached(statements::HISTORY_PAGE)?;
        let mut rows = statement.query((HISTORY_RUN, HISTORY_KEY, last_step, PAGE as i64))?;
        let mut points = 0;
        while let Some(row) = rows.next()? {
            std::hint::black_box((
                row.get::<_, f64>(1)?,
                row.get::<_, i64>(2)?,
                row.get::<_, bool>(4)?,
            ));
            last_step = row.get(3)?;
            points += 1;
        }
        if points < PAGE || last_step >= HISTORY_POINTS as i64 {
            last_step = 0;
        }
        Ok(points)
    }))
}

fn sampled<'a>(bench: &'a Bench, servers: &'a [Server]) -> Vec<Case<'a>> {
    let workload = Workload::new("get-history-bulk-interval, 1,000 of all points", Unit::Requests)
        .with_goals(Backend::Sqlite, &[Goal::CpuMs(50.0)])
        .with_goals(Backend::Postgres, &[Goal::WithinSqlite(2.0)]);
    let case = |server: &'a Server| {
        if server.program == Program::Fasttrackml {
            return workload.skip(Contender::server(server.kind), "it has no such endpoint");
        }
        workload.on_server(server, 1, bench.duration, move |_| {
            let mut client = server.client();
            let run = run_of(server)?;
            let name = "metrics/get-history-bulk-interval";
            let target = format!(
                "/ajax-api/2.0/mlflow/{name}?run_ids={run}&metric_key={HISTORY_KEY}&max_results={SAMPLES}"
            );
            let answer: Value = serde_json::from_slice(client.get(&target)?)?;
            ensure!(
                length(&answer, "metrics") as u64 >= SAMPLES,
                "{} points",
                length(&answer, "metrics")
            );
            let operation: Operation<'a> = Box::new(move |_| client.get(&target).map(|_| 1));
            Ok(operation)
        })
    };
    servers.iter().map(case).collect()
}

/// The chart of all points. The first request packs the series; it is measured apart.
fn charted<'a>(bench: &'a Bench, servers: &'a [Server]) -> Vec<Case<'a>> {
    let workload = Workload::new(
        "chart of all points, 1,000 wide (Oxflow's own endpoint)",
        Unit::Requests,
    )
    .with_goals(Backend::Sqlite, &[Goal::CpuMs(50.0)])
    .with_goals(Backend::Postgres, &[Goal::WithinSqlite(2.0)]);
    let case = |server: &'a Server| {
        if server.program != Program::Oxflow {
            return workload.skip(Contender::server(server.kind), "it has no such endpoint");
        }
        let measure = move |round| {
            let first = if round == 0 {
                Some(first_chart(server)?)
            } else {
                None
            };
            let make = |_| chart_on(server);
            let mut measured = load::run(1, bench.duration, true, server.watch(), &make)?;
            measured.notes.extend(first);
            Ok(measured)
        };
        workload.case(Contender::server(server.kind), Box::new(measure))
    };
    servers.iter().map(case).collect()
}

fn first_chart(server: &Server) -> Result<String> {
    let mut chart = chart_on(server)?;
    let started = Instant::now();
    chart(0)?;
    Ok(format!(
        "the first chart, which packs the series, took {:.2} s",
        started.elapsed().as_secs_f64()
    ))
}

fn chart_on<'a>(server: &'a Server) -> Result<Operation<'a>> {
    const HEADERS: &str = "Content-Type: application/json\r\nAccept: application/vnd.oxflow.series\r\n";
    let mut client = server.client();
    let body = json!({"runs": [run_of(server)?], "keys": [HISTORY_KEY], "width": WIDTH}).to_string();
    Ok(Box::new(move |_| {
        let answer = client.exchange("POST", "/api/oxflow/v1/series", HEADERS, body.as_bytes())?;
        // Seven arrays of 8 bytes for each bucket, of which there are about as many as pixels.
        ensure!(
            answer.len() as u64 > WIDTH * 7 * 8 / 2,
            "{} bytes are too few for a chart",
            answer.len()
        );
        Ok(1)
    }))
}

/// The run with the history.
fn run_of(server: &Server) -> Result<String> {
    let body = json!({"experiment_ids": [EXPERIMENT], "max_results": 1});
    let answer = api::post(&mut server.client(), "runs/search", &body)?;
    api::text(&answer, "/runs/0/info/run_id").context("the run with the history")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_found_with_and_without_spaces() {
        let found = |text: &str| token_at_end(text.as_bytes());
        assert_eq!(
            found(r#"{"metrics":[],"next_page_token":"abc="}"#).as_deref(),
            Some("abc=")
        );
        assert_eq!(
            found("{\n  \"metrics\": [],\n  \"next_page_token\": \"abc\"\n}").as_deref(),
            Some("abc")
        );
        assert_eq!(found(r#"{"metrics":[]}"#), None);
        assert_eq!(found(r#"{"metrics":[],"next_page_token":""}"#), None);
    }
}
