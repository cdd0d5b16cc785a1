//! What MLflow checks of comparisons of runs and experiments alike, and in which words.

use std::ops::Range;

use crate::clause::{Comparison, Operand, OperandKind};
use crate::error::SearchError;
use crate::key::between;
use crate::predicate::{Number, NumberOp, Predicate};
use crate::python::set;

const NUMBER_COMPARATORS: &[&str] = &["!=", "<", "<=", "=", ">", ">="];
pub(crate) const TEXT_COMPARATORS: &[&str] = &["!=", "=", "ILIKE", "IN", "LIKE", "NOT IN"];

pub(crate) fn number_predicate(comparison: &Comparison<'_>, value: Number) -> Result<Predicate, SearchError> {
    let op = NumberOp::of(comparison.comparator)
        .ok_or_else(|| invalid_comparator(comparison, NUMBER_COMPARATORS))?;
    Ok(Predicate::Number { op, value })
}

/// The text between the quotes; values that are not quoted are refused.
pub(crate) fn text_value<'a>(value: &Operand<'a>, expected_for: &str) -> Result<&'a str, SearchError> {
    expected_text(value, &format!("a quoted string value for {expected_for}"))
}

/// [`text_value`] with the whole of what the message says was expected.
pub(crate) fn expected_text<'a>(value: &Operand<'a>, expected: &str) -> Result<&'a str, SearchError> {
    match value.kind {
        OperandKind::Text => Ok(between(value.text, '\'').unwrap_or(value.text)),
        OperandKind::Identifier => between(value.text, '"').ok_or_else(|| {
            let message = format!(
                "Parameter value is either not quoted or unidentified quote types used for string value {}. \
                 Use either single or double quotes.",
                value.text
            );
            SearchError::at(&value.span, message)
        }),
        _ => {
            let message = format!("Expected {expected}. Got value {}", value.text);
            Err(SearchError::at(&value.span, message))
        }
    }
}

/// Refuses `1 < metrics.loss`: the identifier comes first.
pub(crate) fn order_of_operands(comparison: &Comparison<'_>) -> Result<(), SearchError> {
    let key = &comparison.key;
    if key.kind == OperandKind::Identifier {
        return Ok(());
    }
    let message = format!(
        "Invalid comparison clause. Expected 'Identifier' found '{}'",
        key.text
    );
    Err(SearchError::at(&key.span, message))
}

pub(crate) fn invalid_comparator(comparison: &Comparison<'_>, valid: &[&str]) -> SearchError {
    let name = comparison.comparator_name();
    SearchError::at(
        &comparison.span,
        format!("Invalid comparator '{name}' not one of '{}'", set(valid)),
    )
}

pub(crate) fn list_needs_in(comparison: &Comparison<'_>) -> SearchError {
    invalid_comparator(comparison, &["IN", "NOT IN"])
}

pub(crate) fn list_not_supported(list: &Operand<'_>, supporting: &str) -> SearchError {
    let message =
        format!("Only ['{supporting}'] attributes support comparison with a list of quoted string values.");
    SearchError::at(&list.span, message)
}

/// MLflow prints its sets in arbitrary order; here they are sorted.
pub(crate) fn invalid_attribute<'n>(
    key: &str,
    valid: impl Iterator<Item = &'n str>,
    span: &Range<usize>,
) -> SearchError {
    let mut valid: Vec<&str> = valid.collect();
    valid.sort_unstable();
    let message = format!(
        "Invalid attribute key '{key}' specified. Valid keys are '{}'",
        set(&valid)
    );
    SearchError::at(span, message)
}
