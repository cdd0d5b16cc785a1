//! What filters of registered models and of model versions have in common.

use std::ops::Range;

pub(crate) use crate::checks::order_of_operands;
use crate::checks::{expected_text, invalid_attribute, text_value};
use crate::clause::{Comparison, Operand, OperandKind, clauses};
use crate::error::SearchError;
use crate::key::{split, unquoted};
use crate::predicate::{Condition, Predicate, list_predicate, text_predicate};

/// A key whose attribute is not looked up yet.
pub(crate) enum RegistryKey<'a> {
    Attribute(&'a str),
    Tag(&'a str),
}

/// Cuts a filter into conditions.
pub(crate) fn parse<F>(
    text: &str,
    condition: impl Fn(&Comparison<'_>) -> Result<(F, Predicate), SearchError>,
) -> Result<Vec<Condition<F>>, SearchError> {
    let found = clauses(text)?;
    found.require_one_statement()?;
    if let Some(error) = found.invalid_error("") {
        return Err(error);
    }
    let condition = |comparison: &Comparison<'_>| {
        let (field, predicate) = condition(comparison)?;
        Ok(Condition {
            field,
            predicate,
            span: comparison.span.clone(),
        })
    };
    found.comparisons.iter().map(condition).collect()
}

/// The entity and key of an identifier. MLflow looks attributes up with their quotes, but takes those of a
/// tag off.
pub(crate) fn key<'a>(identifier: &'a str, span: &Range<usize>) -> Result<RegistryKey<'a>, SearchError> {
    match split(identifier) {
        (Some("tag" | "tags"), key) => Ok(RegistryKey::Tag(unquoted(key))),
        (Some("attribute") | None, key) => Ok(RegistryKey::Attribute(key)),
        (Some(other), _) => {
            let message =
                format!("Invalid entity type '{other}'. Valid entity types are ('attribute', 'tag', 'tags')");
            Err(SearchError::at(span, message))
        }
    }
}

/// The attribute with this name among the known ones.
pub(crate) fn attribute<A: Clone>(
    known: &[(&'static str, A)],
    name: &str,
    span: &Range<usize>,
) -> Result<A, SearchError> {
    let found = known.iter().find(|(known, _)| *known == name);
    found
        .map(|(_, attribute)| attribute.clone())
        .ok_or_else(|| invalid_attribute(name, known.iter().map(|(name, _)| *name), span))
}

/// The value of a comparison; there is none behind `IS NULL`, which no field of the registry takes.
pub(crate) fn value<'c, 'a>(comparison: &'c Comparison<'a>) -> Result<&'c Operand<'a>, SearchError> {
    comparison.value.as_ref().ok_or_else(|| {
        SearchError::at(
            &comparison.span,
            format!(
                "{} is not supported in searches of registered models and model versions",
                comparison.comparator_name()
            ),
        )
    })
}

/// A comparison of a tag with a text.
pub(crate) fn tag_predicate(comparison: &Comparison<'_>) -> Result<Predicate, SearchError> {
    let text = text_value(value(comparison)?, "tag (e.g. 'my-value')")?;
    text_predicate(comparison, text)?.ok_or_else(|| invalid_comparator(comparison, "tag"))
}

/// A comparison of an attribute with a text, or with a list if the attribute takes one.
pub(crate) fn attribute_predicate(
    comparison: &Comparison<'_>,
    name: &str,
    taking_lists: &[&str],
) -> Result<Predicate, SearchError> {
    let value = value(comparison)?;
    if value.kind == OperandKind::List {
        if !taking_lists.contains(&name) {
            return Err(list_not_supported(value, taking_lists));
        }
        return list_predicate(comparison, value)?.ok_or_else(|| invalid_comparator(comparison, "attribute"));
    }
    text_predicate(comparison, attribute_text(value)?)?
        .ok_or_else(|| invalid_comparator(comparison, "attribute"))
}

pub(crate) fn attribute_text<'a>(value: &Operand<'a>) -> Result<&'a str, SearchError> {
    expected_text(
        value,
        "a quoted string value or a list of quoted string values for attributes",
    )
}

pub(crate) fn invalid_comparator(comparison: &Comparison<'_>, kind: &str) -> SearchError {
    let name = comparison.comparator_name();
    SearchError::at(&comparison.span, format!("Invalid comparator for {kind}: {name}"))
}

pub(crate) fn list_not_supported(list: &Operand<'_>, taking_lists: &[&str]) -> SearchError {
    let names: Vec<String> = taking_lists.iter().map(|name| format!("'{name}'")).collect();
    let message = format!(
        "Only [{}] attributes support comparison with a list of quoted string values.",
        names.join(", ")
    );
    SearchError::at(&list.span, message)
}
