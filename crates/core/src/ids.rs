//! Ids, valid by construction.

use std::fmt;

use crate::text::json_string;
use crate::{Entropy, Invalid, short_json};

/// Id of an experiment: a whole number, written as a string on the wire. `0` is `Default`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExperimentId(i64);

impl ExperimentId {
    /// The experiment `Default` that every server has.
    pub const DEFAULT: Self = Self(0);

    /// An id read from the database.
    pub const fn from_row(id: i64) -> Self {
        Self(id)
    }

    /// Reads the wire form. MLflow's column is a 32-bit integer, but SQLite keeps 64 bits in it, and a
    /// database that was migrated from a file store has ids of 18 digits.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        raw.trim().parse().map(Self).map_err(|_| {
            Invalid::new(format!(
                "Invalid experiment ID '{raw}'. Experiment ID must be a valid integer."
            ))
        })
    }

    /// The number in the database.
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for ExperimentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Id of a run: made by servers as 32 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(String);

impl RunId {
    /// A new random id.
    pub fn random(entropy: &Entropy) -> Self {
        Self(entropy.hex_id())
    }

    /// An id read from the database.
    pub fn from_row(id: String) -> Self {
        Self(id)
    }

    /// Accepts what could be the id of a run: a letter or digit, then letters, digits, `_`, `-`,
    /// at most 256 characters. Rule: `_RUN_ID_REGEX`, MLflow 3.17.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        if is_id(raw, 256) {
            return Ok(Self(raw.to_owned()));
        }
        Err(Invalid::new(format!(
            "Invalid value {} for parameter 'run_id' supplied.",
            short_json(&json_string(raw))
        )))
    }

    /// Whether it is one that servers make: 32 lower-case hexadecimal digits.
    pub fn is_usual(&self) -> bool {
        self.0.len() == 32 && self.0.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Id of a logged model: `m-` and 32 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModelId(String);

impl ModelId {
    /// A new random id.
    pub fn random(entropy: &Entropy) -> Self {
        Self(format!("m-{}", entropy.hex_id()))
    }

    /// An id read from the database.
    pub fn from_row(id: String) -> Self {
        Self(id)
    }

    /// Accepts what could be the id of a logged model; `None` names no model at all.
    pub fn parse(raw: &str) -> Option<Self> {
        is_id(raw, 36).then(|| Self(raw.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn is_id(raw: &str, max_chars: usize) -> bool {
    raw.len() <= max_chars
        && raw.starts_with(|c: char| c.is_ascii_alphanumeric())
        && raw
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn experiment_ids_are_whole_numbers() {
        assert_eq!(ExperimentId::parse("12").unwrap().get(), 12);
        assert_eq!(
            ExperimentId::parse("abc").unwrap_err().message,
            "Invalid experiment ID 'abc'. Experiment ID must be a valid integer."
        );
        for raw in ["", "1.5", "-", "0x1", "1e3", "99999999999999999999"] {
            assert!(ExperimentId::parse(raw).is_err(), "{raw}");
        }
        assert_eq!(
            ExperimentId::parse("993013211579021919").unwrap().to_string(),
            "993013211579021919"
        );
    }

    #[test]
    fn run_ids_cannot_carry_a_path() {
        for raw in ["..", "a/b", "a\\b", "", "-a", "a b", "é", &"a".repeat(257)] {
            assert!(RunId::parse(raw).is_err(), "{raw}");
        }
        assert!(RunId::parse("0123456789abcdef0123456789abcdef").is_ok());
        assert_eq!(RunId::random(&Entropy::seeded(1)).as_str().len(), 32);
    }
}
