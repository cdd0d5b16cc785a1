//! What MLflow accepts we accept, with the same meaning; what it refuses we refuse in its words.
//!
//! The tables are recorded from MLflow by `tests/oracle/search_filters.py`. Where we answer
//! something else on purpose, `differences.json` says what and why.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs;
use std::path::Path;

use oxflow_search::*;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Row {
    input: Value,
    #[serde(default)]
    parsed: Value,
    #[serde(default)]
    error: Option<String>,
    /// MLflow answers 500, so any clean refusal is right.
    #[serde(default)]
    crash: bool,
}

#[derive(Deserialize)]
struct Difference {
    ours: Value,
    why: String,
}

fn read<T: for<'de> Deserialize<'de>>(name: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Compares every row of a table; `ours` gives what we parse, or our message.
fn check(table: &str, minimum: usize, ours: impl Fn(&Value) -> Result<Value, SearchError>) {
    let rows: Vec<Row> = read(&format!("{table}.json"));
    assert!(rows.len() >= minimum, "{table} has only {} rows", rows.len());
    let all: BTreeMap<String, BTreeMap<String, Difference>> = read("differences.json");
    let mut unused: BTreeMap<&str, &Difference> = all[table]
        .iter()
        .map(|(input, difference)| (input.as_str(), difference))
        .collect();

    let mut problems = Vec::new();
    for row in &rows {
        let answer = match ours(&row.input) {
            Ok(parsed) => parsed,
            Err(error) => json!({ "error": error.message() }),
        };
        let is_refused = answer.get("error").is_some();
        let mlflow = match &row.error {
            Some(error) => json!({ "error": with_closing_quote(error) }),
            None => row.parsed.clone(),
        };
        let name = row
            .input
            .as_str()
            .map_or_else(|| row.input.to_string(), str::to_owned);
        match unused.remove(name.as_str()) {
            Some(difference) => {
                assert!(!difference.why.is_empty(), "{name}: no reason given");
                assert_ne!(answer, mlflow, "{name}: no longer different");
                if answer != difference.ours {
                    problems.push(json!({ "input": name, "ours": answer, "recorded": difference.ours }));
                }
            }
            None if row.crash && is_refused => {}
            None if answer == mlflow => {}
            None => problems.push(json!({ "input": name, "ours": answer, "mlflow": mlflow })),
        }
    }
    let shown: Vec<String> = problems.iter().map(Value::to_string).collect();
    assert!(
        problems.is_empty(),
        "{table}: {} differ\n{}",
        shown.len(),
        shown.join("\n")
    );
    assert!(
        unused.is_empty(),
        "{table}: differences of inputs that are not in the table: {:?}",
        unused.keys()
    );
}

/// Some of MLflow's messages leave out the quote that closes a list of valid values; ours do not.
fn with_closing_quote(message: &str) -> String {
    if message.ends_with('}') && message.contains("'{") {
        format!("{message}'")
    } else {
        message.to_owned()
    }
}

fn number(value: Number) -> Value {
    match value {
        Number::Int(value) => json!(value),
        Number::Float(value) if value.is_infinite() => json!(value.to_string()),
        Number::Float(value) => json!(value),
    }
}

/// A condition in the form of the tables: `[entity, key, comparator, value]`.
fn row<F: Display>(entity: &str, key: &str, condition: &Condition<F>) -> Value {
    let (comparator, value) = match &condition.predicate {
        Predicate::Number { op, value } => (op.symbol(), number(*value)),
        Predicate::Text { op, value } => (op.symbol(), json!(value)),
        Predicate::In {
            negated: false,
            values,
        } => ("IN", json!(values)),
        Predicate::In {
            negated: true,
            values,
        } => ("NOT IN", json!(values)),
        Predicate::IsNull { negated: false } => ("IS NULL", Value::Null),
        Predicate::IsNull { negated: true } => ("IS NOT NULL", Value::Null),
    };
    json!([entity, key, comparator, value])
}

fn run_field(field: &RunField) -> (&str, &str) {
    match field {
        RunField::Metric(key) => ("metrics", key),
        RunField::Param(key) => ("params", key),
        RunField::Tag(key) => ("tags", key),
        RunField::Attribute(attribute) => ("attributes", attribute.name()),
        RunField::Dataset(field) => ("datasets", field.name()),
    }
}

fn experiment_field(field: &ExperimentField) -> (&str, &str) {
    match field {
        ExperimentField::Attribute(attribute) => ("attributes", attribute.name()),
        ExperimentField::Tag(key) => ("tags", key),
    }
}

fn logged_model_field(field: &LoggedModelField) -> (&str, &str) {
    match field {
        LoggedModelField::Metric(key) => ("metrics", key),
        LoggedModelField::Param(key) => ("params", key),
        LoggedModelField::Tag(key) => ("tags", key),
        // MLflow's tables hold the names of columns.
        LoggedModelField::Attribute(LoggedModelAttribute::CreationTimestamp) => {
            ("attributes", "creation_timestamp_ms")
        }
        LoggedModelField::Attribute(LoggedModelAttribute::LastUpdatedTimestamp) => {
            ("attributes", "last_updated_timestamp_ms")
        }
        LoggedModelField::Attribute(attribute) => ("attributes", attribute.name()),
    }
}

fn registered_model_field(field: &RegisteredModelField) -> (&str, &str) {
    match field {
        RegisteredModelField::Name => ("attributes", "name"),
        RegisteredModelField::Tag(key) => ("tags", key),
    }
}

fn model_version_field(field: &ModelVersionField) -> (&str, &str) {
    match field {
        ModelVersionField::Attribute(attribute) => ("attributes", attribute.name()),
        ModelVersionField::Tag(key) => ("tags", key),
    }
}

fn text(input: &Value) -> &str {
    input.as_str().unwrap()
}

fn clauses(input: &Value) -> Vec<String> {
    serde_json::from_value(input.clone()).unwrap()
}

#[test]
fn run_filters_mean_what_they_mean_in_mlflow() {
    check("run_filters", 150, |input| {
        let conditions = parse_run_filter(text(input))?;
        Ok(conditions
            .iter()
            .map(|c| row(run_field(&c.field).0, run_field(&c.field).1, c))
            .collect())
    });
}

#[test]
fn experiment_filters_mean_what_they_mean_in_mlflow() {
    check("experiment_filters", 50, |input| {
        let conditions = parse_experiment_filter(text(input))?;
        let field = |c: &Condition<ExperimentField>| {
            let (entity, key) = experiment_field(&c.field);
            row(entity, key, c)
        };
        Ok(conditions.iter().map(field).collect())
    });
}

#[test]
fn logged_model_filters_mean_what_they_mean_in_mlflow() {
    check("logged_model_filters", 60, |input| {
        let conditions = parse_logged_model_filter(text(input))?;
        let field = |c: &Condition<LoggedModelField>| {
            let (entity, key) = logged_model_field(&c.field);
            let mut row = row(entity, key, c);
            // MLflow makes every number of these filters a float.
            if let Some(integer) = row[3].as_i64() {
                row[3] = json!(integer as f64);
            }
            row
        };
        Ok(conditions.iter().map(field).collect())
    });
}

#[test]
fn run_order_by_means_what_it_means_in_mlflow() {
    check("run_order_by", 60, |input| {
        let parsed = parse_run_order_by(&clauses(input))?;
        let rows = parsed
            .iter()
            .map(|by| json!([run_field(&by.field).0, run_field(&by.field).1, by.ascending]));
        Ok(rows.collect())
    });
}

#[test]
fn experiment_order_by_means_what_it_means_in_mlflow() {
    check("experiment_order_by", 60, |input| {
        let parsed = parse_experiment_order_by(&clauses(input))?;
        let row = |by: &OrderBy<ExperimentField>| {
            let (entity, key) = experiment_field(&by.field);
            json!([entity, key, by.ascending])
        };
        Ok(parsed.iter().map(row).collect())
    });
}

#[test]
fn logged_model_order_fields_mean_what_they_mean_in_mlflow() {
    check("logged_model_order_fields", 25, |input| {
        let field = parse_logged_model_order_field(text(input))?;
        let (entity, key) = logged_model_field(&field);
        Ok(json!([entity, key]))
    });
}

#[test]
fn registered_model_filters_mean_what_they_mean_in_mlflow() {
    check("registered_model_filters", 150, |input| {
        let field = |c: &Condition<RegisteredModelField>| {
            let (entity, key) = registered_model_field(&c.field);
            row(entity, key, c)
        };
        Ok(parse_registered_model_filter(text(input))?
            .iter()
            .map(field)
            .collect())
    });
}

#[test]
fn model_version_filters_mean_what_they_mean_in_mlflow() {
    check("model_version_filters", 150, |input| {
        let field = |c: &Condition<ModelVersionField>| {
            let (entity, key) = model_version_field(&c.field);
            row(entity, key, c)
        };
        Ok(parse_model_version_filter(text(input))?
            .iter()
            .map(field)
            .collect())
    });
}

#[test]
fn registered_model_order_by_means_what_it_means_in_mlflow() {
    check("registered_model_order_by", 80, |input| {
        let parsed = parse_registered_model_order_by(&clauses(input))?;
        let row = |by: &OrderBy<RegisteredModelOrderKey>| json!([by.field.to_string(), by.ascending]);
        Ok(parsed.iter().map(row).collect())
    });
}

#[test]
fn model_version_order_by_means_what_it_means_in_mlflow() {
    check("model_version_order_by", 80, |input| {
        let parsed = parse_model_version_order_by(&clauses(input))?;
        let row = |by: &OrderBy<ModelVersionOrderKey>| json!([by.field.to_string(), by.ascending]);
        Ok(parsed.iter().map(row).collect())
    });
}
