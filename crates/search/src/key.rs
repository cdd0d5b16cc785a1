//! Dotted keys: `entity.key`, a bare attribute, and the quotes around a key.

use std::fmt::{self, Write};

use crate::clause::{OperandKind, clauses};

/// Splits at the first dot; without one there is no entity.
pub(crate) fn split(identifier: &str) -> (Option<&str>, &str) {
    match identifier.split_once('.') {
        Some((entity, key)) => (Some(entity), key),
        None => (None, identifier),
    }
}

/// The key without single or double quotes, then without backticks around it.
pub(crate) fn unquoted(key: &str) -> &str {
    let inner = between(key, '\'').or_else(|| between(key, '"')).unwrap_or(key);
    without_backticks(inner)
}

pub(crate) fn without_backticks(name: &str) -> &str {
    between(name, '`').unwrap_or(name)
}

/// What stands between two `quote`s, if `text` begins and ends with one.
pub(crate) fn between(text: &str, quote: char) -> Option<&str> {
    text.strip_prefix(quote)?.strip_suffix(quote)
}

/// Writes `entity.key` so that it reads back as the same key, with quotes only where needed.
pub(crate) fn write_key(out: &mut fmt::Formatter<'_>, entity: &str, key: &str) -> fmt::Result {
    let candidates = [
        key.to_owned(),
        format!("`{key}`"),
        format!("\"{key}\""),
        format!("\"`{key}`\""),
    ];
    let readable = candidates
        .iter()
        .find(|candidate| reads_back(entity, candidate, key));
    // A key with backticks and double quotes was read from exactly that text.
    out.write_str(entity)?;
    out.write_char('.')?;
    out.write_str(readable.map_or(key, String::as_str))
}

fn reads_back(entity: &str, candidate: &str, key: &str) -> bool {
    // The second comparison brings every kind of quote, which must not end up in the key.
    let text = format!("{entity}.{candidate} = '\"`' AND a = '\"`'");
    let Ok(found) = clauses(&text) else {
        return false;
    };
    let [first, _] = found.comparisons.as_slice() else {
        return false;
    };
    found.invalid.is_empty()
        && first.key.kind == OperandKind::Identifier
        && split(first.key.text).0 == Some(entity)
        && unquoted(split(first.key.text).1) == key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_dot_ends_the_entity() {
        assert_eq!(split("tags.mlflow.runName"), (Some("tags"), "mlflow.runName"));
        assert_eq!(split("status"), (None, "status"));
    }

    #[test]
    fn one_pair_of_quotes_comes_off() {
        assert_eq!(unquoted("`a b`"), "a b");
        assert_eq!(unquoted("\"a b\""), "a b");
        assert_eq!(unquoted("\"`a`\""), "a");
        assert_eq!(unquoted("`a`.b"), "`a`.b");
        assert_eq!(unquoted("`"), "`");
    }
}
