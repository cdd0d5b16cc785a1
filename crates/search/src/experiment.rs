//! Filters and ordering of experiments.

use std::fmt;
use std::ops::Range;

use crate::checks::{
    TEXT_COMPARATORS, invalid_attribute, invalid_comparator, list_needs_in, list_not_supported,
    number_predicate, order_of_operands, text_value,
};
use crate::clause::{Comparator, Comparison, Operand, OperandKind, clauses};
use crate::error::SearchError;
use crate::key::{split, unquoted, write_key};
use crate::order_by::{self, OrderBy, OrderClause};
use crate::predicate::{Condition, Number, Predicate, list_predicate, number, text_predicate};
use crate::python::repr;

/// What an experiment can be filtered by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ExperimentField {
    /// A property every experiment has.
    Attribute(ExperimentAttribute),
    /// A tag. Never in an order_by.
    Tag(String),
}

/// Properties every experiment has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "MLflow's names say what they are")]
pub enum ExperimentAttribute {
    Name,
    /// Compared with `=`, `!=`, `IN`, `NOT IN`; the texts of the predicate are decimal integers
    /// that fit 64 bits.
    ExperimentId,
    CreationTime,
    LastUpdateTime,
}

const ATTRIBUTES: &[(&str, ExperimentAttribute)] = &[
    ("creation_time", ExperimentAttribute::CreationTime),
    ("experiment_id", ExperimentAttribute::ExperimentId),
    ("last_update_time", ExperimentAttribute::LastUpdateTime),
    ("name", ExperimentAttribute::Name),
];

/// Reads a filter of experiments; no text, no conditions.
pub fn parse_experiment_filter(text: &str) -> Result<Vec<Condition<ExperimentField>>, SearchError> {
    let found = clauses(text)?;
    found.require_one_statement()?;
    if let Some(error) = found.invalid_error("") {
        return Err(error);
    }
    found.comparisons.iter().map(condition).collect()
}

/// Reads the clauses of an experiment order_by; only attributes can be sorted by.
pub fn parse_experiment_order_by(clauses: &[String]) -> Result<Vec<OrderBy<ExperimentField>>, SearchError> {
    order_by::parse(clauses, |clause: &OrderClause<'_>| {
        let span = 0..clause.text.len();
        match field(clause.identifier, &span)? {
            ExperimentField::Tag(_) => Err(SearchError::at(&span, "Invalid order_by entity: tag")),
            field => Ok(field),
        }
    })
}

fn condition(comparison: &Comparison<'_>) -> Result<Condition<ExperimentField>, SearchError> {
    order_of_operands(comparison)?;
    let field = field(comparison.key.text, &comparison.key.span)?;
    let predicate = match (&field, &comparison.value, comparison.comparator) {
        (ExperimentField::Tag(_), None, Comparator::IsNull { negated }) => Predicate::IsNull { negated },
        (_, None, _) => {
            let name = unquoted(split(comparison.key.text).1);
            let message =
                format!("IS NULL / IS NOT NULL is only supported for tags, not for attribute '{name}'");
            return Err(SearchError::at(&comparison.span, message));
        }
        (ExperimentField::Tag(_), Some(value), _) => {
            let text = text_value(value, "tag (e.g. 'my-value')")?;
            text_predicate(comparison, text)?.ok_or_else(|| {
                let message = format!("Invalid comparator for tag: {}", comparison.comparator_name());
                SearchError::at(&comparison.span, message)
            })?
        }
        (ExperimentField::Attribute(attribute), Some(value), _) => match attribute {
            ExperimentAttribute::Name => name_predicate(comparison, value)?,
            ExperimentAttribute::ExperimentId => id_predicate(comparison, value)?,
            ExperimentAttribute::CreationTime | ExperimentAttribute::LastUpdateTime => {
                time_predicate(*attribute, comparison, value)?
            }
        },
    };
    Ok(Condition {
        field,
        predicate,
        span: comparison.span.clone(),
    })
}

fn name_predicate(comparison: &Comparison<'_>, value: &Operand<'_>) -> Result<Predicate, SearchError> {
    if value.kind == OperandKind::List {
        return Err(list_not_supported(value, "experiment_id"));
    }
    let text = text_value(value, "attributes")?;
    text_predicate(comparison, text)?.ok_or_else(|| invalid_comparator(comparison, TEXT_COMPARATORS))
}

fn id_predicate(comparison: &Comparison<'_>, value: &Operand<'_>) -> Result<Predicate, SearchError> {
    let predicate = if value.kind == OperandKind::List {
        list_predicate(comparison, value)?.ok_or_else(|| list_needs_in(comparison))?
    } else {
        let text = text_value(value, "attributes")?;
        if !matches!(comparison.comparator, Comparator::Eq | Comparator::Ne) {
            let message = format!(
                "Invalid comparator for experiment_id: {}",
                comparison.comparator_name()
            );
            return Err(SearchError::at(&comparison.span, message));
        }
        text_predicate(comparison, text)?.ok_or_else(|| invalid_comparator(comparison, TEXT_COMPARATORS))?
    };
    let id = |text: String| experiment_id(&text, &value.span);
    Ok(match predicate {
        Predicate::Text { op, value } => Predicate::Text {
            op,
            value: id(value)?,
        },
        Predicate::In { negated, values } => Predicate::In {
            negated,
            values: values.into_iter().map(id).collect::<Result<_, _>>()?,
        },
        other => other,
    })
}

/// The id as the decimal integer it is: `" 007 "` is 7, as in Python.
fn experiment_id(text: &str, span: &Range<usize>) -> Result<String, SearchError> {
    let id: i64 = text.trim().parse().map_err(|_| {
        let message = format!("Invalid experiment ID '{text}'. Experiment ID must be a valid integer.");
        SearchError::at(span, message)
    })?;
    Ok(id.to_string())
}

fn time_predicate(
    attribute: ExperimentAttribute,
    comparison: &Comparison<'_>,
    value: &Operand<'_>,
) -> Result<Predicate, SearchError> {
    let name = attribute.name();
    let number = number(value).ok_or_else(|| {
        let message = format!(
            "Expected numeric value type for numeric attribute: {name}. Found {}",
            value.text
        );
        SearchError::at(&value.span, message)
    })?;
    let predicate = number_predicate(comparison, number)?;
    if let Number::Float(_) = number {
        let message = format!(
            "Invalid value for numeric attribute '{name}': {}",
            repr(&number.to_string())
        );
        return Err(SearchError::at(&value.span, message));
    }
    Ok(predicate)
}

fn field(identifier: &str, span: &Range<usize>) -> Result<ExperimentField, SearchError> {
    let (entity, key) = split(identifier);
    let key = unquoted(key);
    match entity {
        Some("tag" | "tags") => Ok(ExperimentField::Tag(key.to_owned())),
        Some("attribute") | None => {
            let found = ATTRIBUTES.iter().find(|(name, _)| *name == key);
            let (_, attribute) = found
                .ok_or_else(|| invalid_attribute(key, ATTRIBUTES.iter().map(|(name, _)| *name), span))?;
            Ok(ExperimentField::Attribute(*attribute))
        }
        Some(other) => {
            let message =
                format!("Invalid entity type '{other}'. Valid entity types are ('attribute', 'tag', 'tags')");
            Err(SearchError::at(span, message))
        }
    }
}

impl ExperimentAttribute {
    /// MLflow's name for it.
    pub fn name(self) -> &'static str {
        let found = ATTRIBUTES.iter().find(|(_, attribute)| *attribute == self);
        found.map_or("", |(name, _)| name)
    }
}

impl fmt::Display for ExperimentField {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute(attribute) => out.write_str(attribute.name()),
            Self::Tag(key) => write_key(out, "tags", key),
        }
    }
}
