//! The value lists of `IN` and `NOT IN`. MLflow reads them as Python tuples of strings.

use crate::clause::Operand;
use crate::error::SearchError;
use crate::limits::MAX_LIST_VALUES;
use crate::python::repr;

enum Element<'a> {
    Text(String),
    /// A number or name; kept to show it in the message.
    Other(&'a str),
}

/// Reads `('a', "b",)`. Backslash escapes count here, unlike in single values.
pub(crate) fn parse(list: &Operand<'_>) -> Result<Vec<String>, SearchError> {
    let fail = |problem: &str| {
        SearchError::at(
            &list.span,
            format!("While parsing a list in the query, expected {problem}"),
        )
    };
    let ill_formed = || fail("a non-empty list of string values, but got ill-formed list.");

    let inner = list
        .text
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
        .ok_or_else(ill_formed)?;
    let elements = elements(inner).ok_or_else(ill_formed)?;
    if elements.is_empty() {
        return Err(fail("a non-empty list of string values, but got empty list"));
    }
    if elements.len() > MAX_LIST_VALUES {
        return Err(fail(&format!(
            "at most {MAX_LIST_VALUES} values, but got {}",
            elements.len()
        )));
    }
    if elements
        .iter()
        .any(|element| matches!(element, Element::Other(_)))
    {
        let shown = show(&elements);
        return Err(fail(&format!(
            "string value, punctuation, or whitespace, but got different type in list: {shown}"
        )));
    }
    let texts = elements.into_iter().filter_map(|element| match element {
        Element::Text(text) => Some(text),
        Element::Other(_) => None,
    });
    Ok(texts.collect())
}

fn elements(inner: &str) -> Option<Vec<Element<'_>>> {
    let mut elements = Vec::new();
    let mut rest = inner.trim_start();
    while !rest.is_empty() {
        let (element, after) = element(rest)?;
        elements.push(element);
        rest = match after.strip_prefix(',') {
            Some(next) => next.trim_start(),
            None if after.is_empty() => after,
            None => return None,
        };
    }
    Some(elements)
}

fn element(rest: &str) -> Option<(Element<'_>, &str)> {
    if !rest.starts_with(['\'', '"']) {
        let end = rest.find([',', '\'', '"', '(']).unwrap_or(rest.len());
        let other = rest[..end].trim_end();
        let is_literal = other.parse::<f64>().is_ok() || matches!(other, "None" | "True" | "False");
        return is_literal.then_some((Element::Other(other), &rest[end..]));
    }
    // Neighbouring strings are one string, as in Python.
    let mut text = String::new();
    let mut rest = rest;
    while let Some(quote) = rest.chars().next().filter(|first| matches!(first, '\'' | '"')) {
        rest = string(rest, quote, &mut text)?.trim_start();
    }
    Some((Element::Text(text), rest))
}

/// Appends the string literal `rest` begins with, and gives back what follows it.
fn string<'a>(rest: &'a str, quote: char, out: &mut String) -> Option<&'a str> {
    let mut characters = rest[1..].chars();
    while let Some(character) = characters.next() {
        match character {
            _ if character == quote => return Some(characters.as_str()),
            '\\' => escape(&mut characters, out)?,
            _ => out.push(character),
        }
    }
    None
}

/// The escapes that occur in practice; an unknown one stays as it is, as in Python.
fn escape(characters: &mut std::str::Chars<'_>, out: &mut String) -> Option<()> {
    match characters.next()? {
        escaped @ ('\\' | '\'' | '"') => out.push(escaped),
        'n' => out.push('\n'),
        't' => out.push('\t'),
        'r' => out.push('\r'),
        'x' => out.push(code_point(characters, 2)?),
        'u' => out.push(code_point(characters, 4)?),
        'U' => out.push(code_point(characters, 8)?),
        other => {
            out.push('\\');
            out.push(other);
        }
    }
    Some(())
}

fn code_point(characters: &mut std::str::Chars<'_>, digits: usize) -> Option<char> {
    let mut code = 0_u32;
    for _ in 0..digits {
        code = code.checked_mul(16)? + characters.next()?.to_digit(16)?;
    }
    char::from_u32(code)
}

/// Writes one value so that it reads back, whatever it holds.
pub(crate) fn quote(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 2);
    out.push('\'');
    for character in value.chars() {
        match character {
            // Not `\\` and `\'`: the lexer, which runs first, reads those differently.
            '\\' => out.push_str("\\x5c"),
            '\'' => out.push_str("\\x27"),
            _ => out.push(character),
        }
    }
    out.push('\'');
    out
}

fn show(elements: &[Element<'_>]) -> String {
    let shown: Vec<String> = elements
        .iter()
        .map(|element| match element {
            Element::Text(text) => repr(text),
            Element::Other(other) => (*other).to_owned(),
        })
        .collect();
    let comma = if shown.len() == 1 { "," } else { "" };
    format!("({}{comma})", shown.join(", "))
}
