//! Columns of assessments.

use super::super::python_json::{Json, trim};
use super::staged::{Staged, page};
use crate::driver::{BulkInsert, Kind};
use crate::{DbError, Tx};

const ASSESSMENTS: Staged = Staged {
    insert: BulkInsert {
        table: "oxflow_assessments",
        columns: &[
            ("assessment_id", Kind::Text),
            ("aggregate_value", Kind::Real),
            ("is_numeric_value", Kind::Bool),
        ],
        on_conflict: "",
    },
    create: "
        CREATE TEMPORARY TABLE oxflow_assessments (
            assessment_id TEXT PRIMARY KEY,
            aggregate_value FLOAT,
            is_numeric_value BOOLEAN
        )",
    update: "
        UPDATE assessments
           SET experiment_id = trace_info.experiment_id,
               trace_timestamp_ms = trace_info.timestamp_ms,
               aggregate_value = new.aggregate_value,
               is_numeric_value = new.is_numeric_value
          FROM oxflow_assessments AS new, trace_info
         WHERE assessments.assessment_id = new.assessment_id
           AND trace_info.request_id = assessments.trace_id",
};

pub(super) fn fill(tx: &mut Tx<'_>) -> Result<(), DbError> {
    ASSESSMENTS.create(tx)?;
    let mut last: Option<String> = None;
    loop {
        let assessments = page(
            tx,
            "SELECT assessment_id, value FROM assessments",
            "assessment_id > $1",
            "assessment_id",
            last.iter(),
            |row| Ok((row.text(0)?, row.text(1)?)),
        )?;
        let Some((id, _)) = assessments.last() else {
            return ASSESSMENTS.discard(tx);
        };
        last = Some(id.clone());
        let rows = assessments.iter().map(|(id, value)| {
            let (aggregate, is_numeric) = aggregate_of(value);
            [id.into(), aggregate.into(), is_numeric.into()]
        });
        ASSESSMENTS.apply(tx, rows.collect())?;
    }
}

/// The number that stands for a value in averages, and whether the value is a number itself.
fn aggregate_of(value: &str) -> (Option<f64>, bool) {
    let yes_or_no = |text: &str| match trim(text).to_lowercase().as_str() {
        "yes" => (Some(1.0), false),
        "no" => (Some(0.0), false),
        _ => (None, false),
    };
    match Json::parse(value) {
        None => yes_or_no(value),
        Some(Json::Text(text)) => yes_or_no(&text),
        Some(Json::Bool(truth)) => (Some(f64::from(u8::from(truth))), false),
        Some(number @ (Json::Int(_) | Json::Float(_))) => {
            let number = number.finite_float();
            (number, number.is_some())
        }
        Some(Json::Null | Json::List | Json::Object(_)) => (None, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assessments_become_numbers_as_in_mlflow() {
        for (value, aggregate) in [
            ("4.5", (Some(4.5), true)),
            ("7", (Some(7.0), true)),
            ("true", (Some(1.0), false)),
            ("\" Yes \"", (Some(1.0), false)),
            ("NO", (Some(0.0), false)),
            ("NaN", (None, false)),
            ("1e999", (None, false)),
            ("\"4\"", (None, false)),
            ("{\"a\": 1}", (None, false)),
            ("not json", (None, false)),
        ] {
            assert_eq!(aggregate_of(value), aggregate, "{value}");
        }
    }
}
