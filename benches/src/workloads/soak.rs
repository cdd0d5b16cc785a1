//! All kinds of requests at once, for long: whether anything fails, and whether memory grows.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::json;

use super::lifecycle::whole_run;
use crate::api::{self, DEFAULT_EXPERIMENT};
use crate::bench::Bench;
use crate::cases::{self, Contender, Unit, Workload};
use crate::goals::{FLAT_MEMORY, Goal};
use crate::http::Client;
use crate::load::{self, Operation, Round};
use crate::rounds::Table;
use crate::servers::{Backend, Program, Server};

const CLIENTS: usize = 4;

/// How often memory is noted.
const MEMORY_EVERY: Duration = Duration::from_secs(5);

pub fn measure(bench: &Bench) -> Result<Table> {
    let minutes = bench.soak.as_secs() / 60;
    let group = bench.start("soak", None, |_| true);
    let name = format!("{minutes} min of runs, metrics, reads, searches and artifacts; {CLIENTS} clients");
    let goals = [Goal::NoFailures, FLAT_MEMORY, Goal::MemoryGrowth(1.1)];
    let workload = Workload::new(&name, Unit::Requests)
        .with_goals(Backend::Sqlite, &goals)
        .with_goals(Backend::Postgres, &goals);
    let case = |server| {
        let measure = move |_| soak(server, bench.soak);
        workload.case(Contender::server(server.kind), Box::new(measure))
    };
    let cases = group.servers.iter().map(case).collect();
    Ok(group.measure_in("Soak", cases, 1))
}

fn soak(server: &Server, duration: Duration) -> Result<Round> {
    let (memory, ended) = (Mutex::new(Vec::new()), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut noted = Instant::now();
            while !ended.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(100));
                if noted.elapsed() >= MEMORY_EVERY {
                    noted = Instant::now();
                    if let Ok(mut memory) = memory.lock() {
                        memory.push(server.memory_bytes());
                    }
                }
            }
        });
        let make = |number| mixed_on(server, number);
        let round = load::run(CLIENTS, duration, false, server.watch(), &make);
        ended.store(true, Ordering::Relaxed);
        let mut round = round?;
        let seen = memory.lock().map(|memory| memory.clone()).unwrap_or_default();
        let fifths = fifths(&seen);
        round.memory_growth = fifths.as_ref().map(|[_, second, .., last]| last / second);
        round
            .notes
            .push(format!("{} failed; {}", round.failures, course(fifths)));
        Ok(round)
    })
}

/// Memory in the fifths of the time, in MB: medians, so that one large answer does not show as growth. `None` of too short
/// a time.
fn fifths(memory: &[u64]) -> Option<[f64; 5]> {
    let parts = [0, 1, 2, 3, 4].map(|n| &memory[memory.len() * n / 5..memory.len() * (n + 1) / 5]);
    let median = |part: &[u64]| load::median(part.iter().map(|bytes| *bytes as f64 / 1e6));
    parts
        .iter()
        .all(|part| !part.is_empty())
        .then(|| parts.map(median))
}

fn course(fifths: Option<[f64; 5]>) -> String {
    match fifths {
        None => "too short to say how memory grows".to_owned(),
        Some(fifths) => format!(
            "memory in each fifth of the time: {} MB",
            fifths.map(cases::number).join(", ")
        ),
    }
}

/// A client that does something else each time.
fn mixed_on<'a>(server: &'a Server, number: usize) -> Result<Operation<'a>> {
    const STEPS: u64 = 12;
    let mut client = server.client();
    let run = api::create_run(&mut client, DEFAULT_EXPERIMENT, "soak")?;
    let has_proxy = server.program != Program::Fasttrackml;
    let mut body = String::new();
    Ok(Box::new(move |n| {
        match n % STEPS {
            0 => whole_run(&mut client).context("a whole run")?,
            1 => {
                api::batch_body(&mut body, &run, n);
                client.post(&api::call("runs/log-batch"), &body)?;
            }
            2 => drop(client.get(&api::call(&format!("runs/get?run_id={run}")))?),
            3 => {
                let search = json!({"experiment_ids": [DEFAULT_EXPERIMENT], "max_results": 100,
                                    "filter": "metrics.m1 < 0.5", "order_by": ["metrics.m1 ASC"]});
                api::post(&mut client, "runs/search", &search)?;
            }
            4 => history(&mut client, &run)?,
            5 if has_proxy => artifact(&mut client, number, n)?,
            _ => {
                api::metric_body(&mut body, &run, n);
                client.post(&api::call("runs/log-metric"), &body)?;
            }
        }
        Ok(1)
    }))
}

fn history(client: &mut Client, run: &str) -> Result<()> {
    let name = format!("metrics/get-history?run_id={run}&metric_key=loss&max_results=1000");
    client.get(&api::call(&name)).map(drop)
}

/// Puts a file of 100 KB and reads it. Names repeat: a disk that fills up is not what is measured.
fn artifact(client: &mut Client, number: usize, n: u64) -> Result<()> {
    let target = format!(
        "/api/2.0/mlflow-artifacts/artifacts/soak/{number}/{}.bin",
        n % 100
    );
    client.put(&target, &[b'z'; 100_000])?;
    client.get(&target).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifths_show_the_course_of_memory() {
        let memory: Vec<u64> = (1..=10).map(|n| n * 1_000_000).collect();
        assert_eq!(
            course(fifths(&memory)),
            "memory in each fifth of the time: 1.50, 3.50, 5.50, 7.50, 9.50 MB"
        );
        assert_eq!(fifths(&memory[..6]).map(|fifths| fifths[4]), Some(5.5));
        assert_eq!(course(fifths(&memory[..4])), "too short to say how memory grows");
    }
}
