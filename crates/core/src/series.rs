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
