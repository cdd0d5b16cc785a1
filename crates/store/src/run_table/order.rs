//! What runs are ordered by.
//!
//! Values are compared here, not in the database: so both databases have one order, whatever their
//! collations, and numbers that are stored as texts count as numbers.

use std::cmp::Ordering;

use oxflow_core::PARENT_RUN_TAG;
use oxflow_search::{ColumnAttribute, RunColumn};

use crate::{DbError, Row};

/// The table and the key of the row that holds the value of a column.
pub(super) fn child_row(column: &RunColumn) -> Option<(&'static str, &str)> {
    match column {
        RunColumn::Metric(key) | RunColumn::MetricStep(key) => Some(("latest_metrics", key)),
        RunColumn::Param(key) => Some(("params", key)),
        RunColumn::Tag(key) => Some(("tags", key)),
        RunColumn::Parent => Some(("tags", PARENT_RUN_TAG)),
        _ => None,
    }
}

/// What a run is ordered by in one column.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum SortValue {
    Int(i64),
    Number(f64),
    Text(Box<str>),
    NotANumber,
    Missing,
}

impl SortValue {
    /// The value of a column, which stands at a place of a row. Behind the value of a metric stands whether it is NaN.
    pub(super) fn read(row: &Row<'_>, at: usize, column: &RunColumn) -> Result<Self, DbError> {
        let int = |number: Option<i64>| number.map_or(Self::Missing, Self::Int);
        Ok(match column {
            RunColumn::Metric(_) => match row.real_or_null(at)? {
                None => Self::Missing,
                Some(_) if row.truth(at + 1)? => Self::NotANumber,
                Some(number) => Self::Number(number),
            },
            RunColumn::MetricStep(_) => int(row.int_or_null(at)?),
            RunColumn::Attribute(attribute)
                if attribute.is_time() || *attribute == ColumnAttribute::ExperimentId =>
            {
                int(row.int_or_null(at)?)
            }
            RunColumn::Attribute(_) => row.text_or_null(at)?.map_or(Self::Missing, Self::text),
            _ => row.text_or_null(at)?.map_or(Self::Missing, Self::number_or_text),
        })
    }

    /// The value of a metric.
    pub(super) fn of_metric(value: Option<f64>) -> Self {
        match value {
            None => Self::Missing,
            Some(value) if value.is_nan() => Self::NotANumber,
            Some(value) => Self::Number(value),
        }
    }

    fn text(text: String) -> Self {
        Self::Text(text.into())
    }

    /// Params and tags are texts; those that are numbers count as such.
    pub(super) fn number_or_text(text: String) -> Self {
        let trimmed = text.trim();
        let begins_as_number = trimmed
            .trim_start_matches(['+', '-', '.'])
            .starts_with(|c: char| c.is_ascii_digit() || matches!(c, 'i' | 'I'));
        let number = begins_as_number.then(|| trimmed.parse().ok()).flatten();
        number.map_or_else(|| Self::text(text), Self::Number)
    }

    /// Which values stand together, from the first to the last.
    fn rank(&self) -> u8 {
        match self {
            Self::Int(_) | Self::Number(_) => 0,
            Self::Text(_) => 1,
            Self::NotANumber => 2,
            Self::Missing => 3,
        }
    }

    /// NaN and missing values come last in both directions.
    pub(super) fn compare(&self, other: &Self, is_descending: bool) -> Ordering {
        let upwards = match (self, other) {
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Number(a), Self::Number(b)) => (a + 0.0).total_cmp(&(b + 0.0)),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        };
        if is_descending && self.rank() <= 1 && other.rank() <= 1 {
            upwards.reverse()
        } else {
            upwards
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(texts: &[&str], is_descending: bool) -> Vec<String> {
        let mut values: Vec<SortValue> = texts
            .iter()
            .map(|text| SortValue::number_or_text((*text).to_owned()))
            .collect();
        values.sort_by(|a, b| a.compare(b, is_descending));
        values.into_iter().map(|value| format!("{value:?}")).collect()
    }

    #[test]
    fn params_that_are_numbers_sort_as_numbers_and_before_texts() {
        assert_eq!(
            ordered(
                &["b", "10", "nan", "9", "1e-3", " 2 ", "-inf", "0x1", "1_0"],
                false
            ),
            [
                "Number(-inf)",
                "Number(0.001)",
                "Number(2.0)",
                "Number(9.0)",
                "Number(10.0)",
                "Text(\"0x1\")",
                "Text(\"1_0\")",
                "Text(\"b\")",
                "Text(\"nan\")"
            ]
        );
        assert_eq!(
            ordered(&["b", "1", "a", "2"], true),
            ["Text(\"b\")", "Text(\"a\")", "Number(2.0)", "Number(1.0)"]
        );
    }

    #[test]
    fn minus_zero_is_zero() {
        let zero = SortValue::Number(-0.0).compare(&SortValue::Number(0.0), false);
        assert_eq!(zero, Ordering::Equal);
    }
}
