//! Traces without their spans, and what was said about them.

use std::collections::HashSet;

use oxflow_core::{ExperimentId, ImportedAssessment, ImportedTrace, Tag, truncate_chars};
use oxflow_search::python_json;
use serde_json::Value as Json;

use crate::driver::{BulkInsert, Kind};
use crate::{Result, Store, Value};

const INSERT: BulkInsert = BulkInsert {
    table: "trace_info",
    columns: &[
        ("request_id", Kind::Text),
        ("experiment_id", Kind::Int),
        ("timestamp_ms", Kind::Int),
        ("execution_time_ms", Kind::Int),
        ("status", Kind::Text),
        ("client_request_id", Kind::Text),
        ("request_preview", Kind::Text),
        ("response_preview", Kind::Text),
        ("trace_name", Kind::Text),
        ("session_id", Kind::Text),
        ("input_tokens", Kind::Int),
        ("output_tokens", Kind::Int),
        ("total_tokens", Kind::Int),
        ("cache_read_input_tokens", Kind::Int),
        ("cache_creation_input_tokens", Kind::Int),
        ("cache_creation_input_tokens_above_1hr", Kind::Int),
        ("input_cost", Kind::Real),
        ("output_cost", Kind::Real),
        ("total_cost", Kind::Real),
    ],
    on_conflict: "ON CONFLICT (request_id) DO NOTHING",
};

const INSERT_TAG: BulkInsert = BulkInsert {
    table: "trace_tags",
    columns: &[
        ("key", Kind::Text),
        ("value", Kind::Text),
        ("request_id", Kind::Text),
    ],
    on_conflict: "ON CONFLICT (key, request_id) DO NOTHING",
};

const INSERT_METADATA: BulkInsert = BulkInsert {
    table: "trace_request_metadata",
    columns: &[
        ("key", Kind::Text),
        ("value", Kind::Text),
        ("request_id", Kind::Text),
    ],
    on_conflict: "ON CONFLICT (key, request_id) DO NOTHING",
};

const INSERT_ASSESSMENT: BulkInsert = BulkInsert {
    table: "assessments",
    columns: &[
        ("assessment_id", Kind::Text),
        ("trace_id", Kind::Text),
        ("name", Kind::Text),
        ("assessment_type", Kind::Text),
        ("value", Kind::Text),
        ("error", Kind::Text),
        ("created_timestamp", Kind::Int),
        ("last_updated_timestamp", Kind::Int),
        ("source_type", Kind::Text),
        ("source_id", Kind::Text),
        ("run_id", Kind::Text),
        ("span_id", Kind::Text),
        ("rationale", Kind::Text),
        ("overrides", Kind::Text),
        ("valid", Kind::Bool),
        ("assessment_metadata", Kind::Text),
        ("experiment_id", Kind::Int),
        ("trace_timestamp_ms", Kind::Int),
        ("aggregate_value", Kind::Real),
        ("is_numeric_value", Kind::Bool),
    ],
    on_conflict: "ON CONFLICT (assessment_id) DO NOTHING",
};

/// Tag and metadata that are columns since MLflow 3.15. MLflow: `PROMOTED_TRACE_METADATA_KEYS`.
const NAME_TAG: &str = "mlflow.traceName";
const SESSION: &str = "mlflow.trace.session";
const TOKEN_USAGE: &str = "mlflow.trace.tokenUsage";
const COST: &str = "mlflow.trace.cost";
const TOKEN_KEYS: [&str; 6] = [
    "input_tokens",
    "output_tokens",
    "total_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "cache_creation_input_tokens_above_1hr",
];
const COST_KEYS: [&str; 3] = ["input_cost", "output_cost", "total_cost"];

impl Store {
    /// Which of these traces the database has.
    pub async fn find_traces_for_import(&self, ids: Vec<String>) -> Result<HashSet<String>> {
        self.read(move |tx| {
            let sql = format!(
                "SELECT request_id FROM trace_info WHERE request_id {}",
                tx.dialect().is_among("$1")
            );
            let rows = tx.query(&sql, &[ids.as_slice().into()], |row| row.text(0))?;
            Ok(rows.into_iter().collect())
        })
        .await
    }

    /// Imports traces of an experiment, all or none.
    pub async fn import_traces(&self, experiment: ExperimentId, traces: Vec<ImportedTrace>) -> Result<()> {
        self.write(move |tx| {
            tx.insert_many(&INSERT, traces.iter().map(|trace| trace_row(experiment, trace)))?;
            let tags = traces.iter().flat_map(|trace| {
                let tags = trace.tags.iter().filter(|tag| tag.key != NAME_TAG);
                tags.map(|tag| [(&tag.key).into(), (&tag.value).into(), (&trace.trace_id).into()])
            });
            tx.insert_many(&INSERT_TAG, tags)?;
            let metadata = traces.iter().flat_map(|trace| {
                let is_column = |key: &str| [SESSION, TOKEN_USAGE, COST].contains(&key);
                let pairs = trace.metadata.iter().filter(move |pair| !is_column(&pair.key));
                pairs.map(|pair| [(&pair.key).into(), (&pair.value).into(), (&trace.trace_id).into()])
            });
            tx.insert_many(&INSERT_METADATA, metadata)?;
            let assessments = traces.iter().flat_map(|trace| {
                trace
                    .assessments
                    .iter()
                    .map(move |assessment| assessment_row(experiment, trace, assessment))
            });
            tx.insert_many(&INSERT_ASSESSMENT, assessments)?;
            Ok(())
        })
        .await
    }
}

fn trace_row(experiment: ExperimentId, trace: &ImportedTrace) -> [Value<'_>; 19] {
    let find = |list: &[Tag], key: &str, limit: usize| {
        let pair = list.iter().find(|pair| pair.key == key);
        pair.map(|pair| truncate_chars(&pair.value, limit).to_owned())
    };
    let tokens = numbers(&trace.metadata, TOKEN_USAGE);
    let costs = numbers(&trace.metadata, COST);
    let token = |i: usize| tokens.get(TOKEN_KEYS[i]).and_then(whole_number);
    let cost = |i: usize| costs.get(COST_KEYS[i]).and_then(finite_number);
    [
        (&trace.trace_id).into(),
        experiment.get().into(),
        trace.timestamp_ms.into(),
        trace.execution_time_ms.into(),
        (&trace.state).into(),
        trace.client_request_id.as_deref().into(),
        trace.request_preview.as_deref().into(),
        trace.response_preview.as_deref().into(),
        find(&trace.tags, NAME_TAG, 4096).into(),
        find(&trace.metadata, SESSION, 250).into(),
        token(0).into(),
        token(1).into(),
        token(2).into(),
        token(3).into(),
        token(4).into(),
        token(5).into(),
        cost(0).into(),
        cost(1).into(),
        cost(2).into(),
    ]
}

fn assessment_row<'v>(
    experiment: ExperimentId,
    trace: &'v ImportedTrace,
    assessment: &'v ImportedAssessment,
) -> [Value<'v>; 20] {
    let as_python = |json: &String| match serde_json::from_str::<Json>(json) {
        Ok(value) => python_json(&value),
        Err(_) => json.clone(),
    };
    let (aggregate, is_numeric) = aggregate(&assessment.value);
    [
        (&assessment.assessment_id).into(),
        (&trace.trace_id).into(),
        (&assessment.name).into(),
        assessment.kind.into(),
        as_python(&assessment.value).into(),
        assessment.error.as_ref().map(as_python).into(),
        assessment.created_ms.into(),
        assessment.last_updated_ms.into(),
        (&assessment.source_type).into(),
        assessment.source_id.as_deref().into(),
        assessment.run_id.as_deref().into(),
        assessment.span_id.as_deref().into(),
        assessment.rationale.as_deref().into(),
        assessment.overrides.as_deref().into(),
        assessment.is_valid.into(),
        assessment.metadata.as_ref().map(as_python).into(),
        experiment.get().into(),
        trace.timestamp_ms.into(),
        aggregate.into(),
        is_numeric.into(),
    ]
}

/// The members of a JSON object in metadata.
fn numbers(metadata: &[Tag], key: &str) -> serde_json::Map<String, Json> {
    let pair = metadata.iter().find(|pair| pair.key == key);
    match pair.map(|pair| serde_json::from_str(&pair.value)) {
        Some(Ok(Json::Object(members))) => members,
        _ => serde_json::Map::new(),
    }
}

/// As MLflow's `token_count_or_none`: whole numbers, also written as `3.0` or `"3"`.
fn whole_number(value: &Json) -> Option<i64> {
    value.as_i64().or_else(|| {
        let number = finite_number(value).filter(|number| number.fract() == 0.0 && number.abs() < 9.0e15)?;
        Some(number as i64)
    })
}

/// As MLflow's `finite_float_or_none`.
fn finite_number(value: &Json) -> Option<f64> {
    let number = match value {
        Json::Number(number) => number.as_f64(),
        Json::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|number| number.is_finite())
}

/// As MLflow's `assessment_aggregate`: the number that averages are made of, and whether it was one.
fn aggregate(json: &str) -> (Option<f64>, bool) {
    match serde_json::from_str(json) {
        Ok(Json::Bool(truth)) => (Some(f64::from(u8::from(truth))), false),
        Ok(Json::Number(number)) => (number.as_f64(), number.as_f64().is_some()),
        Ok(Json::String(text)) => match text.trim().to_lowercase().as_str() {
            "yes" => (Some(1.0), false),
            "no" => (Some(0.0), false),
            _ => (None, false),
        },
        _ => (None, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aggregates_are_those_of_mlflow() {
        for (json, expected) in [
            ("true", (Some(1.0), false)),
            ("2.5", (Some(2.5), true)),
            ("\" Yes \"", (Some(1.0), false)),
            ("\"maybe\"", (None, false)),
            ("{}", (None, false)),
        ] {
            assert_eq!(aggregate(json), expected, "{json}");
        }
    }

    #[test]
    fn token_counts_are_whole_numbers() {
        for (json, expected) in [
            ("3", Some(3)),
            ("3.0", Some(3)),
            ("\"4\"", Some(4)),
            ("3.5", None),
            ("true", None),
        ] {
            assert_eq!(
                whole_number(&serde_json::from_str(json).unwrap()),
                expected,
                "{json}"
            );
        }
    }
}
