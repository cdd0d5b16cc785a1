//! Rows of any table, and the chance that makes them: the same in every run of the program.

use anyhow::Result;

use crate::api::EPOCH_MS;

/// The experiment that filled runs are in.
pub const EXPERIMENT: &str = "1";

/// A value of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    Null,
    Text(&'a str),
    Int(i64),
    Real(f64),
    Bool(bool),
}

/// A table and the columns that are filled.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    pub name: &'static str,
    pub columns: &'static [&'static str],
}

/// Where rows go.
pub type Take<'a> = &'a mut dyn FnMut(&[Cell<'_>]) -> Result<()>;

/// Experiments: every filled database has the same two.
pub const EXPERIMENTS: Table = Table {
    name: "experiments",
    columns: &[
        "experiment_id",
        "name",
        "artifact_location",
        "lifecycle_stage",
        "creation_time",
        "last_update_time",
        "workspace",
    ],
};

/// Hands the experiments over.
pub fn experiments(take: Take<'_>) -> Result<()> {
    for (id, name) in [(0, "Default"), (1, "filled")] {
        let location = format!("mlflow-artifacts:/{id}");
        let time = Cell::Int(EPOCH_MS as i64);
        take(&[
            Cell::Int(id),
            Cell::Text(name),
            Cell::Text(&location),
            Cell::Text("active"),
            time,
            time,
            Cell::Text("default"),
        ])?;
    }
    Ok(())
}

/// Runs.
pub const RUNS: Table = Table {
    name: "runs",
    columns: &[
        "run_uuid",
        "name",
        "source_type",
        "source_name",
        "entry_point_name",
        "user_id",
        "status",
        "start_time",
        "end_time",
        "source_version",
        "lifecycle_stage",
        "artifact_uri",
        "experiment_id",
    ],
};

/// Hands a run over.
pub fn run(id: &str, name: &str, started_ms: i64, take: Take<'_>) -> Result<()> {
    let artifacts = format!("mlflow-artifacts:/{EXPERIMENT}/{id}/artifacts");
    take(&[
        Cell::Text(id),
        Cell::Text(name),
        Cell::Text("LOCAL"),
        Cell::Text("train.py"),
        Cell::Text(""),
        Cell::Text("ada"),
        Cell::Text("FINISHED"),
        Cell::Int(started_ms),
        Cell::Int(started_ms + 60_000),
        Cell::Text(""),
        Cell::Text("active"),
        Cell::Text(&artifacts),
        Cell::Int(1),
    ])
}

/// The columns of points and latest values of metrics.
pub const METRIC_COLUMNS: &[&str] = &["key", "value", "timestamp", "step", "is_nan", "run_uuid"];

/// Hands a point over.
pub fn point(key: &str, value: f64, time_ms: i64, step: i64, run: &str, take: Take<'_>) -> Result<()> {
    take(&[
        Cell::Text(key),
        Cell::Real(value),
        Cell::Int(time_ms),
        Cell::Int(step),
        Cell::Bool(false),
        Cell::Text(run),
    ])
}

/// A number that looks random, and is the same for the same two numbers (SplitMix64).
pub fn chance(which: u64, of_what: u64) -> u64 {
    let mut z = which
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(of_what.wrapping_mul(0xd1b5_4a32_d192_ed03))
        .wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The same as a number above 0 and below 1, of six digits.
pub fn fraction(which: u64, of_what: u64) -> f64 {
    (chance(which, of_what) % 999_999 + 1) as f64 / 1e6
}

/// An id as servers make them.
pub fn id(which: u64) -> String {
    format!(
        "{:016x}{:016x}",
        chance(which, 1_000_001),
        chance(which, 1_000_002)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_is_the_same_each_time_and_spread_evenly() {
        assert_eq!(chance(3, 4), chance(3, 4));
        assert_ne!(chance(3, 4), chance(4, 3));
        let below: usize = (0..10_000).filter(|n| fraction(*n, 0) < 0.1).count();
        assert!(
            (900..1100).contains(&below),
            "{below} of 10,000 are below a tenth"
        );
        assert_eq!(id(7).len(), 32);
    }
}
