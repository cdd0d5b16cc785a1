//! order_by: a list of clauses `key`, `key ASC` or `key DESC`.

use std::fmt;

use crate::clause::leading_identifier;
use crate::error::SearchError;
use crate::key::between;
use crate::limits::{MAX_FILTER_BYTES, MAX_ORDER_BY_KEYS};
use crate::python::list;

/// One key to sort by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderBy<F> {
    /// What is sorted by.
    pub field: F,
    /// Smallest first.
    pub ascending: bool,
}

impl<F: fmt::Display> fmt::Display for OrderBy<F> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{} {}",
            self.field,
            if self.ascending { "ASC" } else { "DESC" }
        )
    }
}

/// A clause cut into its identifier and direction; the identifier is not looked up yet.
pub(crate) struct OrderClause<'a> {
    pub text: &'a str,
    pub identifier: &'a str,
    pub ascending: bool,
}

/// Reads every clause, with `field` looking up the identifiers.
pub(crate) fn parse<F>(
    clauses: &[String],
    field: impl Fn(&OrderClause<'_>) -> Result<F, SearchError>,
) -> Result<Vec<OrderBy<F>>, SearchError> {
    if clauses.len() > MAX_ORDER_BY_KEYS {
        let message = format!(
            "`order_by` has {} keys; at most {MAX_ORDER_BY_KEYS} are allowed.",
            clauses.len()
        );
        return Err(SearchError::whole(message));
    }
    let bytes: usize = clauses.iter().map(String::len).sum();
    if bytes > MAX_FILTER_BYTES {
        let message = format!("`order_by` is {bytes} bytes long; at most {MAX_FILTER_BYTES} are allowed.");
        return Err(SearchError::whole(message));
    }
    let mut parsed = Vec::with_capacity(clauses.len());
    for text in clauses {
        let clause = clause(text)?;
        let ascending = clause.ascending;
        parsed.push(OrderBy {
            field: field(&clause)?,
            ascending,
        });
    }
    Ok(parsed)
}

fn clause(text: &str) -> Result<OrderClause<'_>, SearchError> {
    let unparsed = || SearchError::whole(format!("Invalid order_by clause '{text}'. Could not be parsed."));
    let (identifier, rest) = leading_identifier(text).ok_or_else(unparsed)?;
    if rest.is_empty() {
        return Ok(OrderClause {
            text,
            identifier,
            ascending: true,
        });
    }
    let direction = rest.trim_start();
    let is_separated = direction.len() < rest.len();
    let is_one_name = leading_identifier(direction).is_some_and(|(_, behind)| behind.is_empty());
    let ascending = match direction.to_ascii_lowercase().as_str() {
        _ if !is_separated => return Err(unparsed()),
        "asc" => true,
        "desc" => false,
        _ if is_one_name => {
            return Err(SearchError::whole(format!(
                "Invalid ordering key in order_by clause '{text}'."
            )));
        }
        _ => return Err(unparsed()),
    };
    // With a direction MLflow takes quotes off before it looks for the dot, so that
    // "`metrics.loss` DESC" means the metric; its UI has sent that form.
    let identifier = within_one_pair_of_quotes(identifier).unwrap_or(identifier);
    Ok(OrderClause {
        text,
        identifier,
        ascending,
    })
}

fn within_one_pair_of_quotes(identifier: &str) -> Option<&str> {
    let inside = |quote| between(identifier, quote).filter(|inner| !inner.contains(quote));
    inside('`').or_else(|| inside('"'))
}

/// Refuses a field that is named twice.
pub(crate) fn require_distinct<F: PartialEq>(
    clauses: &[String],
    parsed: &[OrderBy<F>],
) -> Result<(), SearchError> {
    let is_repeated = |index: usize| {
        parsed[..index]
            .iter()
            .any(|earlier| earlier.field == parsed[index].field)
    };
    if !(1..parsed.len()).any(is_repeated) {
        return Ok(());
    }
    let message = format!("`order_by` contains duplicate fields: {}", list(clauses));
    Err(SearchError::whole(message))
}
