//! What points come to, counted in any order.

use oxflow_core::{HistoryPoint, MetricStats, RunId};

use super::bucket::{Kind, by_step, kind, number};

/// What one or more points of a series come to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tally {
    pub count: u64,
    pub nan: u64,
    pub inf: u64,
    pub first_time: i64,
    /// The last point by (step, time, value).
    pub last: HistoryPoint,
    /// Least and greatest finite numbers, each with its first step.
    pub min: Option<(f64, i64)>,
    pub max: Option<(f64, i64)>,
}

impl Tally {
    pub(super) fn of(point: &HistoryPoint) -> Self {
        let kind = kind(point.value);
        let finite = (kind == Kind::Finite).then_some((point.value.stored, point.step));
        Self {
            count: 1,
            nan: u64::from(kind == Kind::NaN),
            inf: u64::from(kind == Kind::Infinite),
            first_time: point.timestamp_ms,
            last: *point,
            min: finite,
            max: finite,
        }
    }

    /// Takes other points of the series in.
    pub(super) fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.nan += other.nan;
        self.inf += other.inf;
        self.first_time = self.first_time.min(other.first_time);
        if by_step(&other.last, &self.last).is_gt() {
            self.last = other.last;
        }
        self.min = better(self.min, other.min, |a, b| a < b);
        self.max = better(self.max, other.max, |a, b| a > b);
    }

    /// Counts a point for whoever has a tally already.
    pub(super) fn count(tally: &mut Option<Self>, point: &HistoryPoint) {
        let one = Self::of(point);
        match tally {
            Some(tally) => tally.add(&one),
            None => *tally = Some(one),
        }
    }

    pub(super) fn stats(&self, run_id: &RunId, key: &str) -> MetricStats {
        MetricStats {
            run_id: run_id.clone(),
            key: key.to_owned(),
            count: self.count,
            last: number(self.last.value),
            last_step: self.last.step,
            last_time: self.last.timestamp_ms,
            first_time: self.first_time,
            min: self.min,
            max: self.max,
            nan: self.nan,
            inf: self.inf,
        }
    }
}

/// The one with the better number; of equal ones that with the lower step.
fn better(
    a: Option<(f64, i64)>,
    b: Option<(f64, i64)>,
    is_better: fn(f64, f64) -> bool,
) -> Option<(f64, i64)> {
    let (Some(one), Some(other)) = (a, b) else {
        return a.or(b);
    };
    let takes_other = is_better(other.0, one.0) || (other.0 == one.0 && other.1 < one.1);
    Some(if takes_other { other } else { one })
}
