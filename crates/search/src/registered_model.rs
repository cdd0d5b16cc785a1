//! Filters and ordering of registered models.

use std::fmt;

use crate::clause::Comparison;
use crate::error::SearchError;
use crate::key::write_key;
use crate::order_by::{self, OrderBy, require_distinct};
use crate::predicate::{Condition, Predicate};
use crate::registry::{self, RegistryKey, attribute_predicate, tag_predicate};

/// What a registered model can be filtered by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RegisteredModelField {
    /// Its name.
    Name,
    /// A tag.
    Tag(String),
}

/// What registered models can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "MLflow's names say what they are")]
pub enum RegisteredModelOrderKey {
    Name,
    LastUpdatedTimestamp,
}

const ATTRIBUTES: &[(&str, RegisteredModelField)] = &[("name", RegisteredModelField::Name)];

const ORDER_KEYS: &[(&str, RegisteredModelOrderKey)] = &[
    ("name", RegisteredModelOrderKey::Name),
    ("timestamp", RegisteredModelOrderKey::LastUpdatedTimestamp),
    (
        "last_updated_timestamp",
        RegisteredModelOrderKey::LastUpdatedTimestamp,
    ),
];

/// Reads a filter of registered models; no text, no conditions.
pub fn parse_registered_model_filter(
    text: &str,
) -> Result<Vec<Condition<RegisteredModelField>>, SearchError> {
    registry::parse(text, condition)
}

/// Reads the clauses of an order_by of registered models.
pub fn parse_registered_model_order_by(
    clauses: &[String],
) -> Result<Vec<OrderBy<RegisteredModelOrderKey>>, SearchError> {
    let parsed = order_by::parse(clauses, |clause| {
        let found = ORDER_KEYS.iter().find(|(name, _)| *name == clause.identifier);
        found.map(|(_, key)| *key).ok_or_else(|| {
            let message = format!(
                "Invalid order by key '{}' specified. Valid keys are '{{'name', 'timestamp'}}'",
                clause.identifier
            );
            SearchError::at(&(0..clause.text.len()), message)
        })
    })?;
    require_distinct(clauses, &parsed)?;
    Ok(parsed)
}

fn condition(comparison: &Comparison<'_>) -> Result<(RegisteredModelField, Predicate), SearchError> {
    registry::order_of_operands(comparison)?;
    let span = &comparison.key.span;
    match registry::key(comparison.key.text, span)? {
        RegistryKey::Tag(key) => Ok((
            RegisteredModelField::Tag(key.to_owned()),
            tag_predicate(comparison)?,
        )),
        RegistryKey::Attribute(name) => {
            let field = registry::attribute(ATTRIBUTES, name, span)?;
            Ok((field, attribute_predicate(comparison, name, &["name"])?))
        }
    }
}

impl fmt::Display for RegisteredModelField {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name => out.write_str("name"),
            Self::Tag(key) => write_key(out, "tags", key),
        }
    }
}

impl fmt::Display for RegisteredModelOrderKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Name => "name",
            Self::LastUpdatedTimestamp => "last_updated_timestamp",
        })
    }
}
