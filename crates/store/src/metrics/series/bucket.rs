//! Neighbouring points put together.

use std::cmp::Ordering;

use oxflow_core::{HistoryPoint, MetricValue};

/// What a stored number means: MLflow stores infinities as the greatest finite numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Finite,
    NaN,
    Infinite,
}

/// What the number of a point means.
pub(super) fn kind(value: MetricValue) -> Kind {
    if value.is_nan || value.stored.is_nan() {
        Kind::NaN
    } else if value.stored.abs() >= f64::MAX {
        Kind::Infinite
    } else {
        Kind::Finite
    }
}

/// The number of a point with its infinities.
pub(super) fn number(value: MetricValue) -> f64 {
    match kind(value) {
        Kind::Finite => value.stored,
        Kind::NaN => f64::NAN,
        Kind::Infinite => f64::INFINITY.copysign(value.stored),
    }
}

/// The order of a series by steps: no two points of a series are equal in it.
pub(super) fn by_step(a: &HistoryPoint, b: &HistoryPoint) -> Ordering {
    (a.step, a.timestamp_ms)
        .cmp(&(b.step, b.timestamp_ms))
        .then_with(|| by_value(a, b))
}

/// The order of a series by time.
pub(super) fn by_time(a: &HistoryPoint, b: &HistoryPoint) -> Ordering {
    (a.timestamp_ms, a.step)
        .cmp(&(b.timestamp_ms, b.step))
        .then_with(|| by_value(a, b))
}

fn by_value(a: &HistoryPoint, b: &HistoryPoint) -> Ordering {
    a.value
        .stored
        .total_cmp(&b.value.stored)
        .then_with(|| a.value.is_nan.cmp(&b.value.is_nan))
}

/// Neighbouring points of a series, at least one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bucket {
    /// The first point.
    pub first: HistoryPoint,
    /// Step and time of the last point.
    pub last_step: i64,
    pub last_time: i64,
    /// Of the finite points; NaN if there is none.
    pub min: f64,
    pub max: f64,
    pub last: f64,
    /// Points, and how many of them are NaN and infinite.
    pub n: u64,
    pub nan: u64,
    pub inf: u64,
}

impl Bucket {
    /// The bucket of one point.
    pub(super) fn of(point: &HistoryPoint) -> Self {
        let kind = kind(point.value);
        let finite = if kind == Kind::Finite {
            point.value.stored
        } else {
            f64::NAN
        };
        Self {
            first: *point,
            last_step: point.step,
            last_time: point.timestamp_ms,
            min: finite,
            max: finite,
            last: finite,
            n: 1,
            nan: u64::from(kind == Kind::NaN),
            inf: u64::from(kind == Kind::Infinite),
        }
    }

    /// Takes the neighbour behind in.
    pub(super) fn append(&mut self, next: &Self) {
        self.last_step = next.last_step;
        self.last_time = next.last_time;
        // Of a number and NaN these are the number.
        self.min = self.min.min(next.min);
        self.max = self.max.max(next.max);
        if !next.last.is_nan() {
            self.last = next.last;
        }
        self.n += next.n;
        self.nan += next.nan;
        self.inf += next.inf;
    }
}
