//! Filters and ordering of runs.

use std::fmt;
use std::ops::Range;

use crate::checks::{
    TEXT_COMPARATORS, invalid_attribute, invalid_comparator, list_needs_in, list_not_supported,
    number_predicate, order_of_operands, text_value,
};
use crate::clause::{Comparator, Comparison, Operand, OperandKind, clauses};
use crate::error::SearchError;
use crate::key::{split, unquoted, without_backticks, write_key};
use crate::order_by::{self, OrderBy, OrderClause};
use crate::predicate::{Condition, Number, Predicate, list_predicate, number, text_predicate};
use crate::python::set;

/// What a run can be filtered and ordered by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RunField {
    /// The latest value of a metric.
    Metric(String),
    /// A param.
    Param(String),
    /// A tag.
    Tag(String),
    /// A property every run has.
    Attribute(RunAttribute),
    /// A property of a dataset the run used. Never in an order_by.
    Dataset(DatasetField),
}

/// Properties every run has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "MLflow's names say what they are")]
pub enum RunAttribute {
    RunId,
    /// For filters this is the tag `mlflow.runName`.
    RunName,
    Status,
    StartTime,
    EndTime,
    UserId,
    ArtifactUri,
}

/// Properties of a run's input datasets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DatasetField {
    /// Name of the dataset.
    Name,
    /// Digest of its content.
    Digest,
    /// What the run used it for: the input tag `mlflow.data.context`.
    Context,
}

const ATTRIBUTES: &[(&str, RunAttribute)] = &[
    ("run_id", RunAttribute::RunId),
    ("run_name", RunAttribute::RunName),
    ("status", RunAttribute::Status),
    ("start_time", RunAttribute::StartTime),
    ("end_time", RunAttribute::EndTime),
    ("user_id", RunAttribute::UserId),
    ("artifact_uri", RunAttribute::ArtifactUri),
];

/// Column titles of MLflow's UI, which it accepts too.
const TIME_ALIASES: &[(&str, RunAttribute)] = &[
    ("Created", RunAttribute::StartTime),
    ("created", RunAttribute::StartTime),
];

/// Only in filters.
const NAME_ALIASES: &[(&str, RunAttribute)] = &[
    ("Run Name", RunAttribute::RunName),
    ("Run name", RunAttribute::RunName),
    ("run name", RunAttribute::RunName),
];

const DATASET_FIELDS: &[(&str, DatasetField)] = &[
    ("context", DatasetField::Context),
    ("digest", DatasetField::Digest),
    ("name", DatasetField::Name),
];

const PARAM_AND_TAG_COMPARATORS: &[&str] = &["!=", "=", "ILIKE", "IS NOT NULL", "IS NULL", "LIKE"];

/// Reads a filter of runs; no text, no conditions.
pub fn parse_run_filter(text: &str) -> Result<Vec<Condition<RunField>>, SearchError> {
    let found = clauses(text)?;
    found.require_one_statement()?;
    if let Some(error) = found.invalid_error("'") {
        return Err(error);
    }
    found.comparisons.iter().map(condition).collect()
}

/// Reads the clauses of a run order_by: `key`, `key ASC`, `key DESC`.
pub fn parse_run_order_by(clauses: &[String]) -> Result<Vec<OrderBy<RunField>>, SearchError> {
    let parsed = order_by::parse(clauses, |clause: &OrderClause<'_>| {
        let span = 0..clause.text.len();
        match field(clause.identifier, &[ATTRIBUTES, TIME_ALIASES], &span)? {
            RunField::Dataset(_) => Err(SearchError::at(&span, "Invalid identifier type 'dataset'")),
            field => Ok(field),
        }
    })?;
    order_by::require_distinct(clauses, &parsed)?;
    Ok(parsed)
}

fn condition(comparison: &Comparison<'_>) -> Result<Condition<RunField>, SearchError> {
    order_of_operands(comparison)?;
    let key = &comparison.key;
    let field = field(key.text, &[ATTRIBUTES, TIME_ALIASES, NAME_ALIASES], &key.span)?;
    let predicate = match (&comparison.value, comparison.comparator) {
        (Some(value), _) => value_predicate(&field, comparison, value)?,
        (None, Comparator::IsNull { negated }) if field.may_be_missing() => Predicate::IsNull { negated },
        (None, _) => {
            let (entity, name) = (field.entity(), unquoted(split(key.text).1));
            let message = format!(
                "IS NULL / IS NOT NULL is only supported for tags and params, not for '{entity}' '{name}'"
            );
            return Err(SearchError::at(&comparison.span, message));
        }
    };
    Ok(Condition {
        field,
        predicate,
        span: comparison.span.clone(),
    })
}

fn value_predicate(
    field: &RunField,
    comparison: &Comparison<'_>,
    value: &Operand<'_>,
) -> Result<Predicate, SearchError> {
    match field {
        RunField::Metric(_) => metric_predicate(comparison, value),
        RunField::Attribute(attribute) if attribute.is_numeric() => {
            let name = unquoted(split(comparison.key.text).1);
            let value = number(value).ok_or_else(|| {
                let message = format!(
                    "Expected numeric value type for numeric attribute: {name}. Found {}",
                    value.text
                );
                SearchError::at(&value.span, message)
            })?;
            number_predicate(comparison, value)
        }
        RunField::Param(_) | RunField::Tag(_) => {
            let not_text = format!("{} (e.g. 'my-value')", field.entity());
            let text = text_value(value, &not_text)?;
            text_predicate(comparison, text)?
                .ok_or_else(|| invalid_comparator(comparison, PARAM_AND_TAG_COMPARATORS))
        }
        RunField::Attribute(attribute) if value.kind == OperandKind::List => {
            if *attribute != RunAttribute::RunId {
                return Err(list_not_supported(value, "run_id"));
            }
            list_predicate(comparison, value)?.ok_or_else(|| list_needs_in(comparison))
        }
        RunField::Attribute(_) => {
            let text = text_value(value, "attributes")?;
            text_predicate(comparison, text)?.ok_or_else(|| invalid_comparator(comparison, TEXT_COMPARATORS))
        }
        RunField::Dataset(_) if value.kind == OperandKind::List => {
            list_predicate(comparison, value)?.ok_or_else(|| list_needs_in(comparison))
        }
        RunField::Dataset(_) => {
            let text = text_value(value, "dataset attributes")?;
            text_predicate(comparison, text)?.ok_or_else(|| invalid_comparator(comparison, TEXT_COMPARATORS))
        }
    }
}

fn metric_predicate(comparison: &Comparison<'_>, value: &Operand<'_>) -> Result<Predicate, SearchError> {
    let is_number = matches!(value.kind, OperandKind::Integer | OperandKind::Float);
    let number = value.text.parse().ok().filter(|_| is_number).ok_or_else(|| {
        let message = format!("Expected numeric value type for metric. Found {}", value.text);
        SearchError::at(&value.span, message)
    })?;
    number_predicate(comparison, Number::Float(number))
}

fn field(
    identifier: &str,
    attributes: &[&[(&str, RunAttribute)]],
    span: &Range<usize>,
) -> Result<RunField, SearchError> {
    let (entity, key) = split(identifier);
    let key = unquoted(key);
    match entity.map(without_backticks) {
        Some("metric" | "metrics") => Ok(RunField::Metric(key.to_owned())),
        Some("param" | "params" | "parameter" | "parameters") => Ok(RunField::Param(key.to_owned())),
        Some("tag" | "tags") => Ok(RunField::Tag(key.to_owned())),
        Some("attribute" | "attributes" | "attr" | "run") | None => {
            let known = attributes.iter().copied().flatten();
            let found = known.clone().find(|(name, _)| *name == key);
            let (_, attribute) =
                found.ok_or_else(|| invalid_attribute(key, known.map(|(name, _)| *name), span))?;
            Ok(RunField::Attribute(*attribute))
        }
        Some("dataset" | "datasets") => {
            let found = DATASET_FIELDS.iter().find(|(name, _)| *name == key);
            let (_, dataset_field) = found.ok_or_else(|| {
                let valid: Vec<&str> = DATASET_FIELDS.iter().map(|(name, _)| *name).collect();
                let message = format!(
                    "Invalid dataset key '{key}' specified. Valid keys are '{}'",
                    set(&valid)
                );
                SearchError::at(span, message)
            })?;
            Ok(RunField::Dataset(*dataset_field))
        }
        Some(other) => {
            let message = format!(
                "Invalid entity type '{other}'. Valid values are \
                 ['metric', 'parameter', 'tag', 'attribute', 'dataset']"
            );
            Err(SearchError::at(span, message))
        }
    }
}

impl RunField {
    fn may_be_missing(&self) -> bool {
        matches!(self, Self::Param(_) | Self::Tag(_))
    }

    fn entity(&self) -> &'static str {
        match self {
            Self::Metric(_) => "metric",
            Self::Param(_) => "parameter",
            Self::Tag(_) => "tag",
            Self::Attribute(_) => "attribute",
            Self::Dataset(_) => "dataset",
        }
    }
}

impl RunAttribute {
    /// MLflow's name for it.
    pub fn name(self) -> &'static str {
        let found = ATTRIBUTES.iter().find(|(_, attribute)| *attribute == self);
        found.map_or("", |(name, _)| name)
    }

    /// Whether it is a time, compared as a number.
    pub fn is_numeric(self) -> bool {
        matches!(self, Self::StartTime | Self::EndTime)
    }
}

impl DatasetField {
    /// MLflow's name for it.
    pub fn name(self) -> &'static str {
        let found = DATASET_FIELDS.iter().find(|(_, field)| *field == self);
        found.map_or("", |(name, _)| name)
    }
}

impl fmt::Display for RunField {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Metric(key) => write_key(out, "metrics", key),
            Self::Param(key) => write_key(out, "params", key),
            Self::Tag(key) => write_key(out, "tags", key),
            Self::Attribute(attribute) => out.write_str(attribute.name()),
            Self::Dataset(field) => write!(out, "datasets.{}", field.name()),
        }
    }
}
