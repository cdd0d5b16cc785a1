//! What the rounds of a row come to.

use crate::load::{Round, median};
use crate::rounds::Row;

/// Medians over the rounds.
#[derive(Debug, Clone)]
pub struct Summary {
    pub value: f64,
    pub least: f64,
    pub most: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    /// Seconds per thousand things, or per GB.
    pub server_cpu: f64,
    pub database_cpu: Option<f64>,
    pub peak_memory_bytes: Option<u64>,
}

impl Summary {
    /// Of a row that was measured.
    pub fn of(row: &Row) -> Option<Self> {
        let rounds = &row.rounds;
        if rounds.iter().all(|round| round.things == 0) {
            return None;
        }
        let unit = row.workload.unit;
        let of = |value: &dyn Fn(&Round) -> f64| median(rounds.iter().map(value));
        let per = |cpu: f64, round: &Round| cpu / (round.things.max(1) as f64) * unit.cpu_per();
        let values: Vec<f64> = rounds.iter().map(|round| unit.value(round)).collect();
        let has_database = rounds.iter().all(|round| round.database_cpu_seconds.is_some());
        Some(Self {
            value: median(values.iter().copied()),
            least: values.iter().copied().fold(f64::INFINITY, f64::min),
            most: values.iter().copied().fold(0.0, f64::max),
            p50_ms: of(&|round| round.p50_ms),
            p99_ms: of(&|round| round.p99_ms),
            server_cpu: of(&|round| per(round.server_cpu_seconds, round)),
            database_cpu: has_database
                .then(|| of(&|round| per(round.database_cpu_seconds.unwrap_or_default(), round))),
            peak_memory_bytes: rounds.iter().filter_map(|round| round.peak_memory_bytes).max(),
        })
    }

    /// CPU time of server and database. Of a limit only the whole says something.
    pub fn cpu(&self) -> f64 {
        self.server_cpu + self.database_cpu.unwrap_or_default()
    }
}
