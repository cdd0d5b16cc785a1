//! Large cases: many runs in one experiment, many points in one metric.

use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use serde_json::{Value, json};

use super::api::{Api, METRICS_PER_BATCH, pairs, text_at};
use super::fill::{create_experiment, each};
use super::people::{made_up_name, sign};
use super::plan::RunPlan;
use super::random::Random;
use super::{HOUR, MINUTE, say, tags};

/// How many spikes are planted into the long metric.
const SPIKES: usize = 10;

/// So many runs, each with so many metrics and params.
#[derive(Debug, Clone, Copy)]
pub struct ManyRuns {
    pub runs: usize,
    pub metrics: usize,
    pub params: usize,
}

/// Makes an experiment of many runs.
pub fn many_runs(
    api: &Api,
    name: &str,
    size: ManyRuns,
    connections: usize,
    seed: u64,
    now_ms: i64,
) -> Result<()> {
    let note = format!(
        "{} runs with {} metrics and {} params each.",
        size.runs, size.metrics, size.params
    );
    let experiment = create_experiment(api, name, &tags(&[("mlflow.note.content", &note)]))?;
    let done = AtomicUsize::new(0);
    each(size.runs, connections, |i| {
        let mut random = Random::of_part(seed, &format!("scale/{i}"));
        one_of_many(api, &experiment, size, i, now_ms, &mut random)?;
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if done.is_multiple_of((size.runs / 10).max(1)) {
            say(&format!("  {done} of {} runs", size.runs));
        }
        Ok(())
    })
}

fn one_of_many(
    api: &Api,
    experiment: &str,
    size: ManyRuns,
    i: usize,
    now_ms: i64,
    random: &mut Random,
) -> Result<()> {
    let start = now_ms - (size.runs - i) as i64 * MINUTE - 2 * HOUR;
    let mut plan = RunPlan::new(made_up_name(random), start, random.whole(MINUTE, 90 * MINUTE));
    sign(&mut plan, "scale", "scale.py", random);
    plan.tag("group", i % 12);
    let quality = random.unit();
    for param in 0..size.params {
        let value = match param % 4 {
            0 => format!("{:.5}", random.log_between(1e-5, 1.0)),
            1 => random.whole(1, 512).to_string(),
            2 => (*random.pick(&["adam", "sgd", "rmsprop", "lion"])).to_owned(),
            _ => random.chance(0.5).to_string(),
        };
        plan.param(&format!("param_{param:02}"), value);
    }
    let metrics: Value = (0..size.metrics)
        .map(|metric| {
            let key = format!("group_{}/metric_{metric:02}", metric / 10);
            let value = (quality + metric as f64 * 0.01 + 0.08 * random.normal()).abs();
            json!({ "key": key, "value": value, "timestamp": start + plan.duration_ms, "step": 100 })
        })
        .collect();
    let created = api.post(
        "runs/create",
        &json!({ "experiment_id": experiment, "run_name": plan.name, "start_time": start, "user_id": "scale", "tags": pairs(&plan.tags) }),
    )?;
    let run_id = text_at(&created, "/run/info/run_id")?;
    let chunks = metrics
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
        .chunks(METRICS_PER_BATCH / 2);
    let params: Vec<_> = plan.params.chunks(100).collect();
    let chunks: Vec<_> = chunks.collect();
    for at in 0..chunks.len().max(params.len()) {
        let metrics = chunks.get(at).copied().unwrap_or_default();
        let params = params.get(at).copied().unwrap_or_default();
        api.post(
            "runs/log-batch",
            &json!({ "run_id": run_id, "metrics": metrics, "params": pairs(params) }),
        )?;
    }
    let status = if random.chance(0.05) { "FAILED" } else { "FINISHED" };
    api.post(
        "runs/update",
        &json!({ "run_id": run_id, "status": status, "end_time": start + plan.duration_ms }),
    )?;
    Ok(())
}

/// Makes one run with a metric of many points and spikes that a chart must not lose.
pub fn many_points(
    api: &Api,
    name: &str,
    points: usize,
    connections: usize,
    seed: u64,
    now_ms: i64,
) -> Result<()> {
    let mut random = Random::of_part(seed, "scale/points");
    let mut spikes: Vec<usize> = (0..SPIKES)
        .map(|i| (i * points + random.whole(0, points as i64 - 1) as usize) / SPIKES)
        .collect();
    spikes.dedup();
    let note = "One run whose metric `loss` is a million points or so. Its tag `demo.spikes` lists the steps of planted spikes: \
                each has a value over 100 and must be seen at any zoom.";
    let experiment = create_experiment(api, name, &tags(&[("mlflow.note.content", note)]))?;
    let start = now_ms - points as i64 * 100 - HOUR;
    let list: Vec<String> = spikes.iter().map(ToString::to_string).collect();
    let run_tags = tags(&[
        ("demo.spikes", &list.join(",")),
        ("demo.points", &points.to_string()),
    ]);
    let created = api.post(
        "runs/create",
        &json!({ "experiment_id": experiment, "run_name": format!("{points}-points"), "start_time": start, "tags": pairs(&run_tags) }),
    )?;
    let run_id = text_at(&created, "/run/info/run_id")?;
    let batches = points.div_ceil(METRICS_PER_BATCH);
    let done = AtomicUsize::new(0);
    each(batches, connections, |batch| {
        let mut random = Random::of_part(seed, &format!("points/{batch}"));
        let first = batch * METRICS_PER_BATCH;
        let metrics: Value = (first..points.min(first + METRICS_PER_BATCH))
            .map(|step| {
                let value = if spikes.binary_search(&step).is_ok() {
                    100.0 + step as f64 / points as f64 * 50.0
                } else {
                    noisy(step, points, &mut random)
                };
                json!({ "key": "loss", "value": value, "timestamp": start + step as i64 * 100, "step": step })
            })
            .collect();
        api.post("runs/log-batch", &json!({ "run_id": run_id, "metrics": metrics }))?;
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if done.is_multiple_of((batches / 10).max(1)) {
            say(&format!(
                "  {} of {points} points",
                (done * METRICS_PER_BATCH).min(points)
            ));
        }
        Ok(())
    })?;
    let end = start + points as i64 * 100;
    api.post(
        "runs/update",
        &json!({ "run_id": run_id, "status": "FINISHED", "end_time": end }),
    )?;
    Ok(())
}

/// A loss that falls, with noise and a slow wave.
fn noisy(step: usize, points: usize, random: &mut Random) -> f64 {
    let done = step as f64 / points as f64;
    4.0 * (-done * 4.0).exp() + 0.3 + 0.1 * (done * 60.0).sin() + 0.15 * random.normal()
}
