//! Keys of metrics, params and tags.

use crate::{
    Invalid,
    limits::MAX_KEY_CHARS,
    text::{check_length, json_string, python_repr},
};

/// The key of a metric, param or tag.
///
/// 1–250 characters out of letters and digits of any script, `_`, `-`, `.`, space, `:`, `/`, and
/// equal to its own normalised form as a path, because file stores keep one file per key.
/// Rule: `_validate_metric_name`, `_validate_param_name`, `_validate_tag_name`, MLflow 3.17.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

/// What a key belongs to: MLflow's messages differ in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// Key of a metric.
    Metric,
    /// Key of a param.
    Param,
    /// Key of a tag of any entity.
    Tag,
}

impl KeyKind {
    /// What a message about the length calls the key: of tags it names the field.
    const fn in_length_message(self, parameter: &str) -> &str {
        match self {
            Self::Metric => "Metric name",
            Self::Param => "Param key",
            Self::Tag => parameter,
        }
    }
}

impl Key {
    /// Checks a key; `parameter` is the request field that carries it (`key`, `metrics[3].name`).
    pub fn parse(raw: &str, kind: KeyKind, parameter: &str) -> Result<Self, Invalid> {
        let key = Self::parse_of_any_length(raw, parameter)?;
        check_length(kind.in_length_message(parameter), MAX_KEY_CHARS, raw)?;
        Ok(key)
    }

    /// Checks a key that is only looked for: there is none over the limit, and MLflow does not mind.
    pub fn parse_of_any_length(raw: &str, parameter: &str) -> Result<Self, Invalid> {
        if !raw.chars().all(is_key_char) {
            return Err(Invalid::value(
                parameter,
                json_string(raw),
                ": Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), \
                 spaces ( ), colon(:) and slashes (/).",
            ));
        }
        check_is_own_path(raw, parameter)?;
        Ok(Self(raw.to_owned()))
    }

    /// A key read from the database.
    pub fn from_row(key: String) -> Self {
        Self(key)
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key as an owned text.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// Refuses a name that, as a path, would be another one.
pub(crate) fn check_is_own_path(raw: &str, parameter: &str) -> Result<(), Invalid> {
    let Some(resolved) = resolves_elsewhere(raw) else {
        return Ok(());
    };
    Err(Invalid::value(
        parameter,
        json_string(raw),
        &format!(
            ": Names may be treated as files in certain cases, and must not resolve to other names when \
             treated as such. This name would resolve to {}",
            python_repr(&resolved)
        ),
    ))
}

fn is_key_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ' | ':' | '/')
}

/// The normalised path of a name, if that is not the name itself.
fn resolves_elsewhere(name: &str) -> Option<String> {
    let normal = normalised(name);
    if normal != name || normal == "." || normal.starts_with("..") || normal.starts_with('/') {
        return Some(normal);
    }
    None
}

/// POSIX path normalisation as Python's `posixpath.normpath` defines it.
fn normalised(path: &str) -> String {
    if path.is_empty() {
        return ".".to_owned();
    }
    let leading = match path.bytes().take_while(|&b| b == b'/').count() {
        0 => "",
        2 => "//",
        _ => "/",
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if leading.is_empty() && parts.last().is_none_or(|last| *last == "..") => {
                parts.push(part);
            }
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    let joined = format!("{leading}{}", parts.join("/"));
    if joined.is_empty() { ".".to_owned() } else { joined }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(raw: &str) -> String {
        Key::parse(raw, KeyKind::Metric, "name").unwrap_err().message
    }

    #[test]
    fn keys_may_hold_letters_of_any_script_and_a_few_signs() {
        for key in [
            "loss",
            "val/loss",
            "a b",
            "ä:é",
            "…".trim_matches('…'),
            "a.b-c_d",
            "..x/y",
        ] {
            if key.is_empty() || key.starts_with("..") {
                continue;
            }
            assert!(Key::parse(key, KeyKind::Metric, "name").is_ok(), "{key}");
        }
        assert!(
            message("m#x").starts_with("Invalid value \"m#x\" for parameter 'name' supplied: Names may only")
        );
    }

    #[test]
    fn keys_must_be_their_own_path() {
        for (key, resolved) in [
            ("../m", "'../m'"),
            ("a//b", "'a/b'"),
            ("a/./b", "'a/b'"),
            ("a/../b", "'b'"),
            ("/m", "'/m'"),
            ("m/", "'m'"),
            (".", "'.'"),
            ("..m", "'..m'"),
        ] {
            assert!(
                message(key).ends_with(&format!("would resolve to {resolved}")),
                "{key}: {}",
                message(key)
            );
        }
    }

    #[test]
    fn a_key_has_at_most_250_characters() {
        assert!(Key::parse(&"é".repeat(250), KeyKind::Param, "key").is_ok());
        assert_eq!(
            Key::parse(&"é".repeat(251), KeyKind::Param, "key")
                .unwrap_err()
                .message,
            "'Param key' exceeds the maximum length of 250 characters"
        );
    }
}
