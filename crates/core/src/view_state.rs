//! Saved states of pages.

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{Invalid, limits::MAX_VIEW_STATE_BYTES};

/// The state of a page: a JSON object of at most 64 KiB. What is in it only the page knows.
///
/// Its text is canonical: keys are sorted, and no space is between the tokens. So states that say the same have one id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewState {
    text: String,
    id: ViewId,
}

/// The first 12 hexadecimal digits of the SHA-256 of a state's canonical text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ViewId(String);

impl ViewState {
    /// Checks a state.
    pub fn parse(state: &Value) -> Result<Self, Invalid> {
        if !state.is_object() {
            return Err(Invalid::new("'state' must be a JSON object"));
        }
        if has_nul(state) {
            return Err(Invalid::new(
                "'state' has a number that JSON cannot express (NaN, Infinity), or a NUL character",
            ));
        }
        let text = sorted(state).to_string();
        if text.len() > MAX_VIEW_STATE_BYTES {
            return Err(Invalid::new(format!(
                "'state' has {} bytes as JSON; at most {MAX_VIEW_STATE_BYTES} are kept",
                text.len()
            )));
        }
        let digest = Sha256::digest(text.as_bytes());
        let id = digest[..6].iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { text, id: ViewId(id) })
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What it is found by.
    pub fn id(&self) -> &ViewId {
        &self.id
    }
}

impl ViewId {
    /// Checks an id.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let is_digit = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
        if raw.len() == 12 && raw.bytes().all(is_digit) {
            return Ok(Self(raw.to_owned()));
        }
        Err(Invalid::new(
            "'id' of a view must be 12 digits out of 0-9 and a-f",
        ))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether any text in it has a NUL: what a bare `NaN` is read as begins with one.
fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(members) => members
            .iter()
            .any(|(key, value)| key.contains('\0') || has_nul(value)),
        _ => false,
    }
}

/// The same with the keys of every object in order.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut entries: Vec<_> = object.iter().collect();
            entries.sort_by(|a, b| a.0.cmp(b.0));
            let entries = entries
                .into_iter()
                .map(|(key, value)| (key.clone(), sorted(value)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_that_say_the_same_have_one_id() {
        let parse = |text: &str| ViewState::parse(&serde_json::from_str(text).unwrap());
        let state = parse(r#"{"b": [{"z": 1, "y": null}], "a": "ü"}"#).unwrap();
        assert_eq!(state.as_str(), r#"{"a":"ü","b":[{"y":null,"z":1}]}"#);
        assert_eq!(state, parse(r#"{"a":"\u00fc","b":[{"y":null,"z":1}]}"#).unwrap());
        assert_eq!(ViewId::parse(state.id().as_str()).unwrap(), *state.id());
        assert_ne!(state.id(), parse(r#"{"a":"u"}"#).unwrap().id());
        assert_eq!(parse("{}").unwrap().id().as_str(), "44136fa355b3");
        for text in [
            "null",
            "[]",
            "5",
            "\"x\"",
            r#"{"a": ["\u0000NaN"]}"#,
            r#"{"\u0000": 1}"#,
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        let of_bytes = |bytes: usize| ViewState::parse(&serde_json::json!({ "k": "x".repeat(bytes - 8) }));
        assert!(of_bytes(MAX_VIEW_STATE_BYTES).is_ok() && of_bytes(MAX_VIEW_STATE_BYTES + 1).is_err());
        for raw in ["", "44136fa355b", "44136FA355B3", "44136fa355b3 ", "ü4136fa355b"] {
            assert!(ViewId::parse(raw).is_err(), "{raw}");
        }
    }
}
