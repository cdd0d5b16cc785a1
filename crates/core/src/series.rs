//! Metric histories at the resolution of a chart.

use crate::RunId;

/// What a chart has on its x axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// The step.
    Step,
    /// The time, ms since 1970.
    Time,
    /// The time, ms since the start of the run.
    Relative,
}

/// One metric of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The run.
    pub run_id: RunId,
    /// The metric.
    pub key: String,
    /// Points of the whole series.
    pub total: u64,
    /// Points in the range that was asked for.
    pub in_range: u64,
    /// How many of those are NaN.
    pub nan: u64,
    /// How many of those are infinite.
    pub inf: u64,
    /// The points of the range.
    pub data: SeriesData,
}

/// The points of a range: each, or buckets of neighbours.
#[derive(Debug, Clone, PartialEq)]
pub enum SeriesData {
    /// Each point, by (x, time, step, value).
    Raw {
        /// Step or ms.
        x: Vec<i64>,
        /// The number; NaN and infinities are themselves.
        value: Vec<f64>,
    },
    /// Neighbouring points put together, in their order.
    Buckets(SeriesBuckets),
}

/// Buckets of neighbouring points, a column for each property. `min`, `max` and `last` are of the finite points,
/// and NaN in a bucket that has none.
#[derive(Debug, Clone, PartialEq, Default)]
#[expect(missing_docs, reason = "the names say it")]
pub struct SeriesBuckets {
    pub x: Vec<i64>,
    pub x_last: Vec<i64>,
    pub min: Vec<f64>,
    pub max: Vec<f64>,
    pub last: Vec<f64>,
    /// Points of the bucket.
    pub n: Vec<u64>,
    /// How many of those are NaN or infinite.
    pub nan_n: Vec<u64>,
}

/// What a metric of a run came to.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricStats {
    /// The run.
    pub run_id: RunId,
    /// The metric.
    pub key: String,
    /// Points.
    pub count: u64,
    /// The number of the last point; NaN and infinities are themselves.
    pub last: f64,
    /// Its step.
    pub last_step: i64,
    /// Its time, ms since 1970.
    pub last_time: i64,
    /// The earliest time of a point, ms since 1970.
    pub first_time: i64,
    /// The least finite number, and the first step that has it.
    pub min: Option<(f64, i64)>,
    /// The greatest finite number, and the first step that has it.
    pub max: Option<(f64, i64)>,
    /// Points that are NaN.
    pub nan: u64,
    /// Points that are infinite.
    pub inf: u64,
}

impl SeriesData {
    /// Points or buckets.
    pub fn len(&self) -> usize {
        match self {
            Self::Raw { x, .. } => x.len(),
            Self::Buckets(buckets) => buckets.x.len(),
        }
    }

    /// Whether there is no point.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Numbers in all columns.
    pub fn numbers(&self) -> usize {
        match self {
            Self::Raw { x, .. } => 2 * x.len(),
            Self::Buckets(buckets) => 7 * buckets.x.len(),
        }
    }
}
