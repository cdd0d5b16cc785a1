//! Filters and ordering of model versions.

use std::fmt;

use crate::checks::invalid_attribute;
use crate::clause::{Comparison, OperandKind};
use crate::error::SearchError;
use crate::key::{split, unquoted, write_key};
use crate::order_by::{self, OrderBy, OrderClause, require_distinct};
use crate::predicate::{Condition, Number, NumberOp, Predicate, number};
use crate::python::repr;
use crate::registry::{self, RegistryKey, attribute_predicate, invalid_comparator, tag_predicate};

/// What a model version can be filtered by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ModelVersionField {
    /// A property every version has.
    Attribute(ModelVersionAttribute),
    /// A tag.
    Tag(String),
}

/// Properties every model version has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "MLflow's names say what they are")]
pub enum ModelVersionAttribute {
    Name,
    RunId,
    SourcePath,
    /// Compared as a whole number.
    VersionNumber,
}

/// What model versions can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "MLflow's names say what they are")]
pub enum ModelVersionOrderKey {
    Name,
    VersionNumber,
    CreationTimestamp,
    LastUpdatedTimestamp,
}

const ATTRIBUTES: &[(&str, ModelVersionAttribute)] = &[
    ("name", ModelVersionAttribute::Name),
    ("run_id", ModelVersionAttribute::RunId),
    ("source_path", ModelVersionAttribute::SourcePath),
    ("version_number", ModelVersionAttribute::VersionNumber),
];

/// The attributes that `IN` and `NOT IN` are for.
const TAKING_LISTS: &[&str] = &["name", "run_id"];

const ORDER_KEYS: &[(&str, ModelVersionOrderKey)] = &[
    ("creation_timestamp", ModelVersionOrderKey::CreationTimestamp),
    (
        "last_updated_timestamp",
        ModelVersionOrderKey::LastUpdatedTimestamp,
    ),
    ("name", ModelVersionOrderKey::Name),
    ("version_number", ModelVersionOrderKey::VersionNumber),
];

/// Reads a filter of model versions; no text, no conditions.
pub fn parse_model_version_filter(text: &str) -> Result<Vec<Condition<ModelVersionField>>, SearchError> {
    registry::parse(text, condition)
}

/// Reads the clauses of an order_by of model versions.
pub fn parse_model_version_order_by(
    clauses: &[String],
) -> Result<Vec<OrderBy<ModelVersionOrderKey>>, SearchError> {
    let parsed = order_by::parse(clauses, order_key)?;
    require_distinct(clauses, &parsed)?;
    Ok(parsed)
}

fn order_key(clause: &OrderClause<'_>) -> Result<ModelVersionOrderKey, SearchError> {
    let span = 0..clause.text.len();
    let (entity, key) = split(clause.identifier);
    let key = unquoted(key);
    // MLflow looks at the key alone, so that `tags.name` means the name.
    let found = ORDER_KEYS.iter().find(|(name, _)| *name == key);
    let unknown = |key| invalid_attribute(key, ORDER_KEYS.iter().map(|(name, _)| *name), &span);
    match entity {
        None | Some("attribute") => found.map(|(_, key)| *key).ok_or_else(|| unknown(key)),
        Some("tag" | "tags") => found.map(|(_, key)| *key).ok_or_else(|| {
            let valid: Vec<String> = ORDER_KEYS.iter().map(|(name, _)| repr(name)).collect();
            let message = format!(
                "Invalid order by key '{key}' specified. Valid keys are {{{}}}",
                valid.join(", ")
            );
            SearchError::at(&span, message)
        }),
        Some(other) => {
            let message =
                format!("Invalid entity type '{other}'. Valid entity types are ('attribute', 'tag', 'tags')");
            Err(SearchError::at(&span, message))
        }
    }
}

fn condition(comparison: &Comparison<'_>) -> Result<(ModelVersionField, Predicate), SearchError> {
    registry::order_of_operands(comparison)?;
    let span = &comparison.key.span;
    match registry::key(comparison.key.text, span)? {
        RegistryKey::Tag(key) => Ok((ModelVersionField::Tag(key.to_owned()), tag_predicate(comparison)?)),
        RegistryKey::Attribute(name) => {
            let attribute = registry::attribute(ATTRIBUTES, name, span)?;
            let predicate = match attribute {
                ModelVersionAttribute::VersionNumber => version_predicate(comparison)?,
                _ => text_or_list(comparison, name)?,
            };
            Ok((ModelVersionField::Attribute(attribute), predicate))
        }
    }
}

fn text_or_list(comparison: &Comparison<'_>, name: &str) -> Result<Predicate, SearchError> {
    let value = registry::value(comparison)?;
    if matches!(value.kind, OperandKind::Integer | OperandKind::Float) {
        let message = "Only the '{'creation_timestamp', 'last_updated_timestamp', 'version_number'}' attributes \
                       support comparison with numeric values.";
        return Err(SearchError::at(&value.span, message));
    }
    attribute_predicate(comparison, name, TAKING_LISTS)
}

/// A number, or a whole number in quotes.
fn version_predicate(comparison: &Comparison<'_>) -> Result<Predicate, SearchError> {
    let value = registry::value(comparison)?;
    let name = ModelVersionAttribute::VersionNumber.name();
    let number = match value.kind {
        OperandKind::Integer | OperandKind::Float => number(value),
        OperandKind::List => return Err(registry::list_not_supported(value, TAKING_LISTS)),
        _ => {
            let text = registry::attribute_text(value)?;
            let parsed = text.trim().parse().ok().map(Number::Int);
            let invalid = || SearchError::at(&value.span, invalid_number(name, &repr(text)));
            if NumberOp::of(comparison.comparator).is_some() {
                Some(parsed.ok_or_else(invalid)?)
            } else {
                None
            }
        }
    };
    let op = NumberOp::of(comparison.comparator)
        .ok_or_else(|| invalid_comparator(comparison, &format!("attribute {name}")))?;
    match number {
        Some(Number::Int(value)) => Ok(Predicate::Number {
            op,
            value: Number::Int(value),
        }),
        Some(float) => Err(SearchError::at(
            &value.span,
            invalid_number(name, &float.to_string()),
        )),
        None => Err(SearchError::at(&value.span, invalid_number(name, value.text))),
    }
}

fn invalid_number(name: &str, shown: &str) -> String {
    format!("Invalid value for numeric attribute '{name}': {shown}")
}

impl ModelVersionAttribute {
    /// MLflow's name for it.
    pub fn name(self) -> &'static str {
        let found = ATTRIBUTES.iter().find(|(_, attribute)| *attribute == self);
        found.map_or("", |(name, _)| name)
    }
}

impl fmt::Display for ModelVersionField {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute(attribute) => out.write_str(attribute.name()),
            Self::Tag(key) => write_key(out, "tags", key),
        }
    }
}

impl fmt::Display for ModelVersionOrderKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = ORDER_KEYS.iter().find(|(_, key)| key == self);
        out.write_str(found.map_or("", |(name, _)| name))
    }
}
