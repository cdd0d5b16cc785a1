//! The one error of validation, with MLflow's sentences.

use crate::ErrorCode;
use crate::text::ascii_json;

/// A value that breaks a rule; the message is what the client reads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Invalid {
    /// `INVALID_PARAMETER_VALUE` unless MLflow uses another code for the rule.
    pub code: ErrorCode,
    /// The sentence for the client.
    pub message: String,
}

/// What MLflow appends to messages about request parameters.
const SEE_DOCS: &str = " See the API docs for more information about request parameters.";

impl Invalid {
    /// A broken rule with a message of its own.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            code: ErrorCode::InvalidParameterValue,
            message: message.into(),
        }
    }

    /// A required parameter is absent, null or empty.
    pub fn missing(parameter: &str) -> Self {
        Self::new(format!(
            "Missing value for required parameter '{parameter}'.{SEE_DOCS}"
        ))
    }

    /// A parameter has the wrong JSON type or is out of range; `json` is its compact JSON text
    /// and `python_type` the type name MLflow would print.
    pub fn wrong_type(parameter: &str, json: &str, python_type: &str) -> Self {
        Self::new(format!(
            "Invalid value {json} for parameter '{parameter}' supplied:  Hint: Value was of type '{python_type}'.{SEE_DOCS}"
        ))
    }

    /// A parameter has a value that its rule refuses; `reason` follows the message as it is.
    pub fn value(parameter: &str, value: impl std::fmt::Display, reason: &str) -> Self {
        Self::new(format!(
            "Invalid value {value} for parameter '{parameter}' supplied{reason}"
        ))
    }

    /// A text is longer than its limit (in characters).
    pub fn too_long(what: &str, limit: usize) -> Self {
        Self::new(format!(
            "'{what}' exceeds the maximum length of {limit} characters"
        ))
    }
}

/// JSON text that goes into a message: in ASCII, as Python writes it, and cut, so that an error is never larger than a request.
pub fn short_json(json: &str) -> String {
    const MAX: usize = 500;
    let mut json = ascii_json(json);
    if json.len() > MAX {
        json.truncate(MAX);
        json.push('…');
    }
    json
}

/// The name of the Python type that a JSON text would be parsed to, for MLflow's hints.
pub fn python_type_of(json: &str) -> &'static str {
    match json.as_bytes().first() {
        Some(b'"') => "str",
        Some(b'{') => "dict",
        Some(b'[') => "list",
        Some(b't' | b'f') => "bool",
        Some(b'n') | None => "NoneType",
        Some(_) if json.contains(['.', 'e', 'E', 'N', 'I']) => "float",
        Some(_) => "int",
    }
}
