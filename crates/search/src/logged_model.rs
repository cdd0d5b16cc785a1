//! Filters and ordering of logged models. MLflow reads these with a parser of its own, which is
//! laxer: a key may hold `-` and `/`, a value needs no quotes.

use std::fmt;
use std::ops::Range;

use crate::checks::invalid_attribute;
use crate::clause::{Comparison, Operand, OperandKind, clauses};
use crate::error::SearchError;
use crate::key::{between, split, unquoted, write_key};
use crate::predicate::{Condition, Number, NumberOp, Predicate, list_predicate, number, text_predicate};
use crate::python::{repr, tuple};

/// What a logged model can be filtered and ordered by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LoggedModelField {
    /// A property every logged model has.
    Attribute(LoggedModelAttribute),
    /// In filters any logged value of the metric, in order_by the latest one.
    Metric(String),
    /// A param. Never in an order_by.
    Param(String),
    /// A tag. Never in an order_by.
    Tag(String),
}

/// Properties every logged model has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "MLflow's names say what they are")]
pub enum LoggedModelAttribute {
    Name,
    ModelId,
    ModelType,
    /// Compared as text with the integer code of the status.
    Status,
    SourceRunId,
    CreationTimestamp,
    LastUpdatedTimestamp,
    ExperimentId,
    ArtifactLocation,
    StatusMessage,
    LifecycleStage,
}

/// Every accepted name, the canonical one of an attribute first.
const ATTRIBUTES: &[(&str, LoggedModelAttribute)] = &[
    ("artifact_location", LoggedModelAttribute::ArtifactLocation),
    ("creation_timestamp", LoggedModelAttribute::CreationTimestamp),
    ("creation_time", LoggedModelAttribute::CreationTimestamp),
    ("creation_timestamp_ms", LoggedModelAttribute::CreationTimestamp),
    ("experiment_id", LoggedModelAttribute::ExperimentId),
    (
        "last_updated_timestamp",
        LoggedModelAttribute::LastUpdatedTimestamp,
    ),
    ("last_updated_time", LoggedModelAttribute::LastUpdatedTimestamp),
    (
        "last_updated_timestamp_ms",
        LoggedModelAttribute::LastUpdatedTimestamp,
    ),
    ("lifecycle_stage", LoggedModelAttribute::LifecycleStage),
    ("model_id", LoggedModelAttribute::ModelId),
    ("model_type", LoggedModelAttribute::ModelType),
    ("name", LoggedModelAttribute::Name),
    ("source_run_id", LoggedModelAttribute::SourceRunId),
    ("status", LoggedModelAttribute::Status),
    ("status_message", LoggedModelAttribute::StatusMessage),
];

const NUMBER_COMPARATORS: &[&str] = &["<", "<=", ">", ">=", "=", "!="];
const TEXT_COMPARATORS: &[&str] = &["=", "!=", "LIKE", "ILIKE", "IN", "NOT IN"];

/// Reads a filter of logged models; no text, no conditions.
pub fn parse_logged_model_filter(text: &str) -> Result<Vec<Condition<LoggedModelField>>, SearchError> {
    let found = clauses(text)?;
    if found.is_several_statements {
        let message = format!(
            "Invalid filter string: {}. Expected a single SQL expression.",
            repr(text)
        );
        return Err(SearchError::whole(message));
    }
    if let Some(first) = found.invalid.first() {
        let message = format!(
            "Invalid filter string: {}. Expected a list of comparisons separated by 'AND' \
             (e.g. 'metrics.loss > 0.1 AND params.lr = 0.01').",
            repr(text)
        );
        return Err(SearchError::at(first, message));
    }
    found.comparisons.iter().map(condition).collect()
}

/// Reads the `field_name` of one order_by object: an attribute or `metrics.x`.
pub fn parse_logged_model_order_field(field_name: &str) -> Result<LoggedModelField, SearchError> {
    let refused = |why: &str| SearchError::whole(format!("Invalid order by field name: {field_name}{why}"));
    match split(field_name) {
        (None, name) => attribute(name)
            .map(LoggedModelField::Attribute)
            .ok_or_else(|| refused("")),
        (Some("metrics"), key) => Ok(LoggedModelField::Metric(key.to_owned())),
        (Some(_), _) => Err(refused(". Only metrics are supported.")),
    }
}

fn condition(comparison: &Comparison<'_>) -> Result<Condition<LoggedModelField>, SearchError> {
    let Some(value) = &comparison.value else {
        return Err(SearchError::at(
            &comparison.span,
            format!(
                "Invalid comparison: {} {}. Expected a comparison with 3 tokens.",
                comparison.key.text,
                comparison.comparator_name()
            ),
        ));
    };
    let target = Target::of(&comparison.key)?;
    let predicate = if target.is_numeric() {
        let op = NumberOp::of(comparison.comparator)
            .ok_or_else(|| invalid_operator(&target, comparison, NUMBER_COMPARATORS))?;
        Predicate::Number {
            op,
            value: number_value(&target, value)?,
        }
    } else {
        let predicate = if value.kind == OperandKind::List {
            list_predicate(comparison, value)?
        } else {
            text_predicate(comparison, text_value(value))?
        };
        predicate.ok_or_else(|| invalid_operator(&target, comparison, TEXT_COMPARATORS))?
    };
    let field = target.known_field(&comparison.key.span)?;
    Ok(Condition {
        field,
        predicate,
        span: comparison.span.clone(),
    })
}

/// A key whose operators can be judged: MLflow does that before it looks the attribute up.
enum Target<'a> {
    Known(LoggedModelField),
    UnknownAttribute(&'a str),
}

impl<'a> Target<'a> {
    fn of(key: &Operand<'a>) -> Result<Self, SearchError> {
        let text = key.text;
        let (entity, name) = match split(text) {
            (Some(entity), name) if is_entity(entity) && !name.is_empty() => (Some(entity), unquoted(name)),
            _ => (None, unquoted(text)),
        };
        Ok(match entity {
            None | Some("attributes") => match attribute(name) {
                Some(attribute) => Self::Known(LoggedModelField::Attribute(attribute)),
                None => Self::UnknownAttribute(name),
            },
            Some("metrics") => Self::Known(LoggedModelField::Metric(name.to_owned())),
            Some("params") => Self::Known(LoggedModelField::Param(name.to_owned())),
            Some("tags") => Self::Known(LoggedModelField::Tag(name.to_owned())),
            Some(other) => {
                let message = format!(
                    "Invalid entity type: '{other}'. Expected one of ['attributes', 'metrics', 'params', 'tags']."
                );
                return Err(SearchError::at(&key.span, message));
            }
        })
    }

    fn is_numeric(&self) -> bool {
        match self {
            Self::Known(LoggedModelField::Metric(_)) => true,
            Self::Known(LoggedModelField::Attribute(attribute)) => attribute.is_numeric(),
            _ => false,
        }
    }

    fn known_field(self, span: &Range<usize>) -> Result<LoggedModelField, SearchError> {
        match self {
            Self::Known(field) => Ok(field),
            Self::UnknownAttribute(name) => Err(invalid_attribute(
                name,
                ATTRIBUTES.iter().map(|(name, _)| *name),
                span,
            )),
        }
    }

    /// As MLflow's messages print it.
    fn shown(&self) -> String {
        match self {
            Self::Known(LoggedModelField::Metric(key)) => format!("metrics.{key}"),
            Self::Known(LoggedModelField::Param(key)) => format!("params.{key}"),
            Self::Known(LoggedModelField::Tag(key)) => format!("tags.{key}"),
            Self::Known(LoggedModelField::Attribute(attribute)) => {
                format!("attributes.{}", attribute.name())
            }
            Self::UnknownAttribute(name) => format!("attributes.{name}"),
        }
    }
}

fn is_entity(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase())
}

fn attribute(name: &str) -> Option<LoggedModelAttribute> {
    ATTRIBUTES
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, attribute)| *attribute)
}

fn invalid_operator(target: &Target<'_>, comparison: &Comparison<'_>, valid: &[&str]) -> SearchError {
    let message = format!(
        "Invalid comparison operator for {}: '{}'. Expected one of {}.",
        target.shown(),
        comparison.comparator_name(),
        tuple(valid)
    );
    SearchError::at(&comparison.span, message)
}

/// Anything Python's `float` reads, such as `1e+5` and `inf`, but not NaN, which equals nothing.
fn number_value(target: &Target<'_>, value: &Operand<'_>) -> Result<Number, SearchError> {
    let is_time = matches!(target, Target::Known(LoggedModelField::Attribute(_)));
    let exact = number(value).filter(|_| is_time);
    let parsed: Option<f64> = value.text.parse().ok();
    exact
        .or(parsed.filter(|float| !float.is_nan()).map(Number::Float))
        .ok_or_else(|| {
            let message = format!(
                "Expected numeric value type for {}. Found {}",
                target.shown(),
                value.text
            );
            SearchError::at(&value.span, message)
        })
}

fn text_value<'a>(value: &Operand<'a>) -> &'a str {
    let quoted = match value.kind {
        OperandKind::Text => between(value.text, '\''),
        OperandKind::Identifier => between(value.text, '"'),
        _ => None,
    };
    quoted.unwrap_or(value.text)
}

impl LoggedModelAttribute {
    /// MLflow's name for it.
    pub fn name(self) -> &'static str {
        let found = ATTRIBUTES.iter().find(|(_, attribute)| *attribute == self);
        found.map_or("", |(name, _)| name)
    }

    /// Whether it is a time, compared as a number.
    pub fn is_numeric(self) -> bool {
        matches!(self, Self::CreationTimestamp | Self::LastUpdatedTimestamp)
    }
}

impl fmt::Display for LoggedModelField {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute(attribute) => out.write_str(attribute.name()),
            Self::Metric(key) => write_key(out, "metrics", key),
            Self::Param(key) => write_key(out, "params", key),
            Self::Tag(key) => write_key(out, "tags", key),
        }
    }
}
