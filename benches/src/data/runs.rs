//! Runs to search in.

use anyhow::Result;

use super::rows::{self, Cell, EXPERIMENTS, METRIC_COLUMNS, RUNS, Table, Take, chance, fraction};
use crate::api::EPOCH_MS;

/// Params and metrics of a run, each.
pub const KEYS: u64 = 50;

/// The metric that searches filter and sort by: evenly spread between 0 and 1.
pub const METRIC: &str = "loss";

const OPTIMIZERS: [&str; 4] = ["adam", "sgd", "rmsprop", "lion"];

/// A run: what is sent to servers that have tables of their own, and what the rows are made of.
pub struct Run {
    pub id: String,
    pub name: String,
    pub started_ms: i64,
    pub tags: Vec<(String, String)>,
    pub params: Vec<(String, String)>,
    pub metrics: Vec<(String, f64)>,
}

/// The `n`th run.
pub fn run(n: u64) -> Run {
    let name = format!("brave-run-{n}");
    let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    Run {
        id: rows::id(n),
        started_ms: (EPOCH_MS + n * 1000) as i64,
        tags: vec![
            tag("mlflow.runName", &name),
            tag("mlflow.source.name", "train.py"),
            tag("mlflow.source.type", "LOCAL"),
            tag("mlflow.user", "ada"),
            tag(
                "team",
                ["vision", "speech", "ranking"][(chance(n, 0) % 3) as usize],
            ),
        ],
        params: (0..KEYS).map(|i| param(n, i)).collect(),
        metrics: (0..KEYS).map(|i| (metric_key(i), fraction(n, 100 + i))).collect(),
        name,
    }
}

fn param(n: u64, i: u64) -> (String, String) {
    let number = chance(n, 200 + i);
    match i {
        0 => (
            "optimizer".to_owned(),
            OPTIMIZERS[(number % 4) as usize].to_owned(),
        ),
        _ => (format!("param_{i:02}"), format!("0.{}", number % 100_000)),
    }
}

fn metric_key(i: u64) -> String {
    if i == 0 {
        METRIC.to_owned()
    } else {
        format!("metric_{i:02}")
    }
}

pub fn tables() -> Vec<Table> {
    let pairs = &["key", "value", "run_uuid"];
    let table = |name, columns| Table { name, columns };
    vec![
        EXPERIMENTS,
        RUNS,
        table("tags", pairs),
        table("params", pairs),
        table("latest_metrics", METRIC_COLUMNS),
        table("metrics", METRIC_COLUMNS),
    ]
}

pub fn rows(runs: u64, table: &str, take: Take<'_>) -> Result<()> {
    if table == "experiments" {
        return rows::experiments(take);
    }
    for run in (0..runs).map(run) {
        match table {
            "runs" => rows::run(&run.id, &run.name, run.started_ms, take)?,
            "tags" => pairs(&run.id, &run.tags, take)?,
            "params" => pairs(&run.id, &run.params, take)?,
            _ => {
                for (key, value) in &run.metrics {
                    rows::point(key, *value, run.started_ms, 1, &run.id, take)?;
                }
            }
        }
    }
    Ok(())
}

fn pairs(run: &str, pairs: &[(String, String)], take: Take<'_>) -> Result<()> {
    pairs
        .iter()
        .try_for_each(|(key, value)| take(&[Cell::Text(key), Cell::Text(value), Cell::Text(run)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_has_as_many_params_and_metrics_as_it_should() {
        for table in ["params", "metrics", "latest_metrics"] {
            let mut count = 0;
            rows(3, table, &mut |_| {
                count += 1;
                Ok(())
            })
            .unwrap();
            assert_eq!(count, 150, "{table}");
        }
    }

    #[test]
    fn a_tenth_of_a_quarter_passes_the_filter_of_the_search() {
        let passes = |run: &Run| run.metrics[0].1 < 0.1 && run.params[0].1 == "adam";
        let found = (0..10_000).map(run).filter(passes).count();
        assert!((200..300).contains(&found), "{found} of 10,000");
    }
}
