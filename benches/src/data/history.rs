//! A metric of a million points.

use anyhow::Result;

use super::rows::{self, EXPERIMENTS, METRIC_COLUMNS, RUNS, Table, Take, fraction};
use crate::api::EPOCH_MS;

/// Points of the history.
pub const HISTORY_POINTS: u64 = 1_000_000;

/// Its run; servers with tables of their own choose another.
pub const HISTORY_RUN: &str = "00000000000000000000000000000001";

/// Its metric.
pub const HISTORY_KEY: &str = "loss";

/// Another metric of the run, which is asked for in one answer, as the Python client does.
pub const WHOLE_KEY: &str = "accuracy";

/// Points of that one.
pub const WHOLE_POINTS: u64 = 100_000;

/// Both metrics.
pub const METRICS: [(&str, u64); 2] = [(HISTORY_KEY, HISTORY_POINTS), (WHOLE_KEY, WHOLE_POINTS)];

/// The `n`th point: value, time, step.
pub fn point(n: u64) -> (f64, i64, i64) {
    let trend = 1000.0 / (1000.0 + n as f64);
    (
        trend + fraction(n, 0) / 10.0,
        (EPOCH_MS + n * 100) as i64,
        n as i64 + 1,
    )
}

pub fn tables() -> Vec<Table> {
    let table = |name| Table {
        name,
        columns: METRIC_COLUMNS,
    };
    vec![EXPERIMENTS, RUNS, table("latest_metrics"), table("metrics")]
}

pub fn rows(table: &str, take: Take<'_>) -> Result<()> {
    match table {
        "experiments" => return rows::experiments(take),
        "runs" => return rows::run(HISTORY_RUN, "long", EPOCH_MS as i64, take),
        _ => {}
    }
    for (key, count) in METRICS {
        let points = if table == "latest_metrics" {
            count - 1..count
        } else {
            0..count
        };
        for (value, time_ms, step) in points.map(point) {
            rows::point(key, value, time_ms, step, HISTORY_RUN, take)?;
        }
    }
    Ok(())
}
