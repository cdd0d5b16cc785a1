//! `metrics/stats` of Oxflow's own API: what metrics came to.

use oxflow_core::MetricStats;
use serde::{Deserialize, Serialize};

use crate::{Double, Field, List};

/// Body of `POST metrics/stats`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "docs/api.md says it")]
pub struct GetStats {
    pub runs: List<Field<String>>,
    pub keys: List<Field<String>>,
}

/// Answer to `metrics/stats`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "docs/api.md says it")]
pub struct StatsAnswer {
    pub stats: Vec<StatsJson>,
}

/// What a metric of a run came to.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "docs/api.md says it")]
pub struct StatsJson {
    pub run: String,
    pub key: String,
    pub count: u64,
    pub last: Double,
    pub last_step: i64,
    pub last_time: i64,
    pub first_time: i64,
    pub min: Option<f64>,
    pub min_step: Option<i64>,
    pub max: Option<f64>,
    pub max_step: Option<i64>,
    pub nan: u64,
    pub inf: u64,
}

impl From<MetricStats> for StatsJson {
    fn from(stats: MetricStats) -> Self {
        let (min, min_step) = stats.min.unzip();
        let (max, max_step) = stats.max.unzip();
        Self {
            run: stats.run_id.to_string(),
            key: stats.key,
            count: stats.count,
            last: Double(stats.last),
            last_step: stats.last_step,
            last_time: stats.last_time,
            first_time: stats.first_time,
            min,
            min_step,
            max,
            max_step,
            nan: stats.nan,
            inf: stats.inf,
        }
    }
}
