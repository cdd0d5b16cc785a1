//! Filling a server through its API.

use std::sync::Mutex;

use anyhow::{Result, bail, ensure};
use serde_json::{Value, json};

use super::rows::EXPERIMENT;
use super::{history, runs};
use crate::api;
use crate::http::Client;
use crate::progress::Steps;
use crate::servers::Server;
use crate::stop;

/// Connections that send at one time.
const CLIENTS: u64 = 8;

/// Points of a batch; FastTrackML takes fewer than MLflow, as SQLite limits the values of its statements.
const BATCH: u64 = 500;

/// Makes the runs.
pub fn runs(server: &Server, count: u64) -> Result<()> {
    make_experiment(server)?;
    in_parallel(server, "runs", count, send_run)
}

/// Sends so many things, by connections that take turns.
fn in_parallel(
    server: &Server,
    what: &str,
    count: u64,
    send: impl Fn(&mut Client, u64) -> Result<()> + Sync,
) -> Result<()> {
    let steps = Mutex::new(Steps::of(&format!("sent {what}")));
    std::thread::scope(|scope| {
        let (send, steps) = (&send, &steps);
        let client = |from: u64| {
            move || {
                let mut client = server.client();
                for n in (from..count).step_by(CLIENTS as usize) {
                    stop::check()?;
                    send(&mut client, n)?;
                    if let Ok(mut steps) = steps.lock() {
                        steps.step();
                    }
                }
                Ok::<_, anyhow::Error>(())
            }
        };
        let threads: Vec<_> = (0..CLIENTS).map(|from| scope.spawn(client(from))).collect();
        for thread in threads {
            let Ok(sent) = thread.join() else {
                bail!("a client panicked")
            };
            sent?;
        }
        Ok(())
    })
}

fn send_run(client: &mut Client, n: u64) -> Result<()> {
    let run = runs::run(n);
    let pairs = |pairs: &[(String, String)]| -> Vec<Value> {
        pairs
            .iter()
            .map(|(key, value)| json!({"key": key, "value": value}))
            .collect()
    };
    let body = json!({"experiment_id": EXPERIMENT, "start_time": run.started_ms, "run_name": run.name,
                      "tags": pairs(&run.tags)});
    let id = api::text(&api::post(client, "runs/create", &body)?, "/run/info/run_id")?;
    let metric = |(key, value): &(String, f64)| json!({"key": key, "value": value, "timestamp": run.started_ms, "step": 1});
    let metrics: Vec<Value> = run.metrics.iter().map(metric).collect();
    api::post(
        client,
        "runs/log-batch",
        &json!({"run_id": id, "metrics": metrics, "params": pairs(&run.params)}),
    )?;
    let end = json!({"run_id": id, "status": "FINISHED", "end_time": run.started_ms + 60_000});
    api::post(client, "runs/update", &end)?;
    Ok(())
}

/// Makes the run with the long metrics.
pub fn history(server: &Server) -> Result<()> {
    make_experiment(server)?;
    let run = api::create_run(&mut server.client(), EXPERIMENT, "long")?;
    for (key, count) in history::METRICS {
        in_parallel(server, "batches", count / BATCH, |client, n| {
            let point = |n| {
                let (value, timestamp, step) = history::point(n);
                json!({"key": key, "value": value, "timestamp": timestamp, "step": step})
            };
            let metrics: Vec<Value> = (n * BATCH..(n + 1) * BATCH).map(point).collect();
            api::post(
                client,
                "runs/log-batch",
                &json!({"run_id": run, "metrics": metrics}),
            )?;
            Ok(())
        })?;
    }
    Ok(())
}

fn make_experiment(server: &Server) -> Result<()> {
    let answer = api::post(
        &mut server.client(),
        "experiments/create",
        &json!({"name": "filled"}),
    )?;
    let id = api::text(&answer, "/experiment_id")?;
    ensure!(id == EXPERIMENT, "the new experiment is {id}, not {EXPERIMENT}");
    Ok(())
}
