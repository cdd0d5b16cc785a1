//! From the bytes of a request body to a request.

use std::borrow::Cow;

use oxflow_core::Invalid;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use crate::lenient::with_quoted_numbers;

/// Reads a JSON body as MLflow 3.17 reads it.
///
/// An empty body and `null` are `{}`; unknown fields are ignored; camelCase spellings are accepted,
/// though not both spellings of one field; a JSON string that holds JSON is read a second time (1.x
/// clients send that). Unlike MLflow, which takes text that is no JSON for `{}`, this refuses it.
pub fn parse_body<T: DeserializeOwned + Default>(body: &[u8]) -> Result<T, Invalid> {
    let body = body.trim_ascii();
    if body.first() != Some(&b'"') {
        return parse_object(body);
    }
    let inner: String = serde_json::from_slice(body).map_err(|error| not_json(&error))?;
    parse_object(inner.as_bytes().trim_ascii())
}

fn parse_object<T: DeserializeOwned + Default>(body: &[u8]) -> Result<T, Invalid> {
    if body.is_empty() || body == b"null" {
        return Ok(T::default());
    }
    if body.first() != Some(&b'{') {
        return Err(match serde_json::from_slice::<IgnoredAny>(body) {
            Ok(_) => Invalid::new("Invalid request body: expected a JSON object"),
            Err(error) => not_json(&error),
        });
    }
    if depth(body) > MAX_DEPTH {
        return Err(Invalid::new(format!(
            "Invalid request body: JSON nested deeper than {MAX_DEPTH} levels"
        )));
    }
    if has_nul_escape(body) {
        return Err(Invalid::new(
            "Invalid request body: a text contains a NUL character (\\u0000), which cannot be stored",
        ));
    }
    match serde_json::from_slice(body) {
        Ok(request) => Ok(request),
        Err(error) => parse_unusual(body, &error),
    }
}

/// Whatever the quick way could not read: NaN tokens, huge numbers, repeated fields, and everything
/// that is wrong.
fn parse_unusual<T: DeserializeOwned>(body: &[u8], error: &serde_json::Error) -> Result<T, Invalid> {
    let text =
        std::str::from_utf8(body).map_err(|_| Invalid::new("Invalid request body: it is not UTF-8 text"))?;
    if text.len() > MAX_BYTES_WITH_ODD_NUMBERS {
        return Err(not_json(error));
    }
    let text = with_quoted_numbers(text);
    let error = match serde_json::from_str(&text) {
        Ok(request) => return Ok(request),
        Err(second) => {
            if matches!(text, Cow::Borrowed(_)) {
                error.to_string()
            } else {
                second.to_string()
            }
        }
    };
    if !error.starts_with("duplicate field") {
        return Err(Invalid::new(format!(
            "Invalid request body: it is not valid JSON: {error}"
        )));
    }
    if text.len() > MAX_BYTES_WITH_REPEATS {
        return Err(Invalid::new(format!(
            "Invalid request body: a field is repeated in a body of over {MAX_BYTES_WITH_REPEATS} bytes"
        )));
    }
    // Of a repeated key the last value wins, as in Python; what is still repeated has two spellings.
    let value: Value = serde_json::from_str(&text).map_err(|error| not_json(&error))?;
    T::deserialize(&value).map_err(|error| explain(&error))
}

/// Largest body in which numbers that JSON cannot express are looked for, which takes a multiple of it in memory. A batch
/// of 1,000 metrics has a tenth of it.
const MAX_BYTES_WITH_ODD_NUMBERS: usize = 8 * 1024 * 1024;

/// Largest body in which repeated fields are sorted out, which takes a multiple of it in memory.
const MAX_BYTES_WITH_REPEATS: usize = 1024 * 1024;

fn not_json(error: &serde_json::Error) -> Invalid {
    Invalid::new(format!("Invalid request body: it is not valid JSON: {error}"))
}

/// Deepest nesting of arrays and objects in a request. security.md, section 9.
const MAX_DEPTH: usize = 128;

/// How deep arrays and objects are nested; also counts what the request type would skip.
fn depth(body: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for &byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

fn explain(error: &serde_json::Error) -> Invalid {
    let message = error.to_string();
    if let Some(field) = message
        .strip_prefix("duplicate field `")
        .and_then(|rest| rest.split('`').next())
    {
        let camel = camel_case(field);
        return Invalid::new(format!(
            "Request specifies both '{field}' and '{camel}'; provide only one of them."
        ));
    }
    Invalid::new(format!("Invalid request body: {message}"))
}

fn camel_case(snake: &str) -> String {
    let mut camel = String::with_capacity(snake.len());
    let mut upper = false;
    for c in snake.chars() {
        if c == '_' {
            upper = true;
        } else {
            camel.extend(if upper { c.to_uppercase().next() } else { Some(c) });
            upper = false;
        }
    }
    camel
}

/// Whether the text holds the escape `\u0000`, not the six characters after an escaped backslash.
fn has_nul_escape(body: &[u8]) -> bool {
    let mut rest = body;
    while let Some(at) = find(rest, b"\\u0000") {
        let backslashes_before = rest[..at].iter().rev().take_while(|&&b| b == b'\\').count();
        if backslashes_before % 2 == 0 {
            return true;
        }
        rest = &rest[at + 1..];
    }
    false
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CreateExperiment, Field, LogMetric};

    fn metric(body: &str) -> LogMetric {
        parse_body(body.as_bytes()).unwrap()
    }

    fn refused(body: &[u8]) -> String {
        parse_body::<CreateExperiment>(body).unwrap_err().message
    }

    #[test]
    fn nothing_and_null_are_an_empty_object() {
        for body in ["", " \n", "null", "{}", "\"{}\""] {
            assert_eq!(
                parse_body::<CreateExperiment>(body.as_bytes()).unwrap().name,
                Field::Absent,
                "{body}"
            );
        }
    }

    #[test]
    fn json_in_a_string_is_read_again() {
        assert_eq!(
            metric(r#""{\"key\": \"loss\"}""#).key,
            Field::Given("loss".to_owned())
        );
    }

    #[test]
    fn bare_nan_and_numbers_beyond_a_double_are_numbers() {
        assert!(matches!(metric(r#"{"value": NaN}"#).value, Field::Given(v) if v.is_nan()));
        assert_eq!(
            metric(r#"{"value": -Infinity}"#).value,
            Field::Given(f64::NEG_INFINITY)
        );
        assert_eq!(metric(r#"{"value": 1e400}"#).value, Field::Given(f64::INFINITY));
        let named: CreateExperiment = parse_body(b"{\"name\": NaN}").unwrap();
        assert!(matches!(named.name, Field::Wrong(_)), "a number is no text");
        assert_eq!(
            metric(r#"{"key": "NaN 1e400", "value": 1}"#).key,
            Field::Given("NaN 1e400".to_owned())
        );
    }

    #[test]
    fn both_spellings_are_refused_and_repeats_of_one_are_not() {
        assert_eq!(
            refused(br#"{"artifact_location": "a", "artifactLocation": "b"}"#),
            "Request specifies both 'artifact_location' and 'artifactLocation'; provide only one of them."
        );
        let twice: CreateExperiment = parse_body(br#"{"name": "a", "name": "b"}"#).unwrap();
        assert_eq!(twice.name, Field::Given("b".to_owned()));
    }

    #[test]
    fn what_is_no_json_object_is_refused() {
        for body in [
            &b"[1]"[..],
            b"5",
            b"{",
            b"{\"name\": \"\xff\"}",
            b"{\"name\": \"\\ud800\"}",
            b"nope",
        ] {
            let message =
                parse_body::<CreateExperiment>(body).map_or_else(|e| e.message, |r| format!("{r:?}"));
            assert!(message.starts_with("Invalid request body"), "{body:?}: {message}");
        }
        let deep = "{\"a\":".repeat(200) + "1" + &"}".repeat(200);
        assert!(refused(deep.as_bytes()).contains("nested deeper"));
    }

    #[test]
    fn a_nul_character_is_refused_but_its_escaped_text_is_not() {
        assert!(refused(br#"{"name": "a\u0000b"}"#).contains("NUL"));
        assert!(parse_body::<CreateExperiment>(br#"{"name": "a\\u0000b"}"#).is_ok());
        assert!(
            refused(br#""{\"name\": \"a\\u0000b\"}""#).contains("NUL"),
            "also inside a string"
        );
    }
}
