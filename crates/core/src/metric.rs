//! Metric points and the rule which of them is the latest.

use std::cmp::Ordering;

use crate::{Invalid, Key, ModelId, RunId};

/// The number of a metric point, in the form MLflow stores it.
///
/// NaN is kept as 0 and a mark, because the column is NOT NULL; infinities become the largest
/// finite numbers and come back as those (MLflow 3.17).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MetricValue {
    /// The stored number; 0 when `is_nan`.
    pub stored: f64,
    /// Whether the point is NaN.
    pub is_nan: bool,
}

impl MetricValue {
    /// The stored form of a number.
    pub fn new(value: f64) -> Self {
        if value.is_nan() {
            return Self {
                stored: 0.0,
                is_nan: true,
            };
        }
        Self {
            stored: value.clamp(-f64::MAX, f64::MAX),
            is_nan: false,
        }
    }

    /// The number as MLflow's clients see it.
    pub fn get(self) -> f64 {
        if self.is_nan { f64::NAN } else { self.stored }
    }

    /// The number that was logged, as far as it can be told: the largest finite numbers stand for infinities.
    pub fn logged(self) -> f64 {
        match self.get() {
            f64::MAX => f64::INFINITY,
            f64::MIN => f64::NEG_INFINITY,
            number => number,
        }
    }
}

/// One point of a metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// Its key.
    pub key: Key,
    /// Its number.
    pub value: MetricValue,
    /// Client's time, ms since 1970, not negative.
    pub timestamp_ms: i64,
    /// Position in training, any integer.
    pub step: i64,
    /// The logged model and dataset it was measured for, if any.
    pub source: Option<MetricSource>,
}

/// The logged model, and perhaps dataset, that a metric is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricSource {
    /// The logged model.
    pub model_id: ModelId,
    /// Name of the dataset.
    pub dataset_name: Option<String>,
    /// Digest of the dataset.
    pub dataset_digest: Option<String>,
}

impl Metric {
    /// Refuses negative timestamps; `parameter` is the request field that carries the time.
    pub fn check_timestamp(&self, parameter: &str) -> Result<(), Invalid> {
        if self.timestamp_ms < 0 {
            return Err(Invalid::value(
                parameter,
                self.timestamp_ms,
                &format!(
                    ": metric '{}' (value={}). Timestamp must be a nonnegative long (64-bit integer) ",
                    self.key.as_str(),
                    python_float(self.value.get())
                ),
            ));
        }
        Ok(())
    }

    /// Whether this point, compared with `other` of the same run and key, is the later one:
    /// the larger (step, timestamp, value), NaN counting as 0. Equal points are not later.
    pub fn is_later_than(&self, other: &Self) -> bool {
        let by_place = (self.step, self.timestamp_ms).cmp(&(other.step, other.timestamp_ms));
        by_place.then(self.value.stored.total_cmp(&other.value.stored)) == Ordering::Greater
    }
}

/// A float as Python prints it.
pub(crate) fn python_float(value: f64) -> String {
    if value.is_nan() {
        "nan".to_owned()
    } else if value.is_finite() && value == value.trunc() && value.abs() < 1e16 {
        format!("{value:.1}")
    } else {
        format!("{value:?}")
    }
}

/// One stored point of a metric's history.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HistoryPoint {
    /// Its number.
    pub value: MetricValue,
    /// ms since 1970.
    pub timestamp_ms: i64,
    /// Position in training.
    pub step: i64,
}

/// Points of one metric of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunHistory {
    /// The run.
    pub run_id: RunId,
    /// Its points, in the order of the query.
    pub points: Vec<HistoryPoint>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::KeyKind;

    fn point(step: i64, timestamp_ms: i64, value: f64) -> Metric {
        Metric {
            key: Key::parse("loss", KeyKind::Metric, "name").unwrap(),
            value: MetricValue::new(value),
            timestamp_ms,
            step,
            source: None,
        }
    }

    #[test]
    fn the_latest_point_has_the_largest_step_then_time_then_value() {
        assert!(point(2, 0, 0.0).is_later_than(&point(1, 9, 9.0)));
        assert!(point(1, 2, 0.0).is_later_than(&point(1, 1, 9.0)));
        assert!(point(1, 1, 2.0).is_later_than(&point(1, 1, 1.0)));
        assert!(!point(1, 1, 1.0).is_later_than(&point(1, 1, 1.0)));
        assert!(
            point(1, 1, f64::NAN).is_later_than(&point(1, 1, -1.0)),
            "NaN counts as 0"
        );
    }

    #[test]
    fn infinities_are_stored_as_the_largest_numbers() {
        assert_eq!(MetricValue::new(f64::INFINITY).get(), f64::MAX);
        assert_eq!(MetricValue::new(f64::NEG_INFINITY).get(), f64::MIN);
        assert!(MetricValue::new(f64::NAN).get().is_nan());
    }

    #[test]
    fn a_negative_timestamp_is_refused_in_mlflows_words() {
        assert_eq!(
            point(0, -1, 1.0)
                .check_timestamp("timestamp")
                .unwrap_err()
                .message,
            "Invalid value -1 for parameter 'timestamp' supplied: metric 'loss' (value=1.0). \
             Timestamp must be a nonnegative long (64-bit integer) "
        );
    }
}
