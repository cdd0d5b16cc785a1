//! Versions of registered models.

use std::fmt;

use crate::limits::{MAX_RUN_LINK_CHARS, MAX_SOURCE_CHARS, MAX_VERSION_RUN_ID_CHARS};
use crate::{Invalid, Key, ModelId, ModelName, Tag, check_description, check_length};

/// Number of a version: 1, 2, 3, … within its model, never given twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionNumber(i64);

impl VersionNumber {
    /// A number read from the database.
    pub const fn from_row(number: i64) -> Self {
        Self(number)
    }

    /// Reads the wire form as Python reads a whole number: `01`, `+1`, ` 1 ` and `1_0` are numbers too. One
    /// that no version can have names none.
    ///
    /// Rule: `_validate_model_version`, MLflow 3.17.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let text = raw.trim();
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        let is_number = digits
            .split('_')
            .all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()));
        if !is_number {
            return Err(Invalid::new(format!(
                "Parameter 'version' must be an integer, got '{raw}'."
            )));
        }
        // 0 is the number of no version.
        Ok(Self(text.replace('_', "").parse().unwrap_or(0)))
    }

    /// The number.
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for VersionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where a version stands on its way into use. Older than aliases; any stage may follow any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "MLflow's names")]
pub enum Stage {
    None,
    Staging,
    Production,
    Archived,
}

impl Stage {
    /// Every stage that a version can be seen in.
    pub const ALL: [Self; 4] = [Self::None, Self::Staging, Self::Production, Self::Archived];

    /// Reads a stage, whatever its case.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let found = Self::ALL
            .into_iter()
            .find(|stage| raw.eq_ignore_ascii_case(stage.as_str()));
        found.ok_or_else(|| {
            Invalid::new(format!(
                "Invalid Model Version stage: {raw}. Value must be one of None, Staging, Production, Archived."
            ))
        })
    }

    /// The form of the wire and of the column.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Staging => "Staging",
            Self::Production => "Production",
            Self::Archived => "Archived",
        }
    }

    /// Whether versions in it are in use, so that a new one can push them out.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Staging | Self::Production)
    }
}

/// A version of a registered model.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "MLflow's names")]
pub struct ModelVersion {
    pub name: String,
    pub version: VersionNumber,
    pub creation_timestamp_ms: Option<i64>,
    pub last_updated_timestamp_ms: Option<i64>,
    pub description: Option<String>,
    pub user_id: Option<String>,
    pub current_stage: Option<String>,
    pub source: Option<String>,
    /// Where its files are; the source if none is stored.
    pub storage_location: Option<String>,
    pub run_id: Option<String>,
    pub run_link: Option<String>,
    pub status: Option<String>,
    pub status_message: Option<String>,
    pub tags: Vec<Tag>,
    pub aliases: Vec<String>,
}

impl ModelVersion {
    /// The URI that its files are read from.
    pub fn download_uri(&self) -> Option<&str> {
        let stored = self.storage_location.as_deref().filter(|uri| !uri.is_empty());
        stored.or(self.source.as_deref())
    }
}

/// What a new version is made of. Its number is given when it is stored.
#[derive(Debug, Clone)]
pub struct NewModelVersion {
    /// The model it joins.
    pub name: ModelName,
    /// Where it came from, as a URI.
    pub source: String,
    /// Where its files are: differs from the source if that names another version or a logged model.
    pub storage_location: String,
    /// The run that made it; empty when none.
    pub run_id: String,
    /// The logged model it was, if it is in the same database: it is told about its version.
    pub model_id: Option<ModelId>,
    /// Address of the run in another MLflow server.
    pub run_link: String,
    /// What it is.
    pub description: String,
    /// Tags to begin with.
    pub tags: Vec<(Key, String)>,
    /// Creation time, ms since 1970.
    pub now_ms: i64,
}

impl NewModelVersion {
    /// Checks what the columns can hold.
    pub fn check(&self) -> Result<(), Invalid> {
        check_length("source", MAX_SOURCE_CHARS, &self.source)?;
        check_length("storage_location", MAX_SOURCE_CHARS, &self.storage_location)?;
        check_length("run_id", MAX_VERSION_RUN_ID_CHARS, &self.run_id)?;
        check_length("run_link", MAX_RUN_LINK_CHARS, &self.run_link)?;
        check_description(&self.description)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_read_in_any_case() {
        assert_eq!(Stage::parse("staging").unwrap(), Stage::Staging);
        assert_eq!(Stage::parse("NONE").unwrap(), Stage::None);
        assert!(Stage::parse("Deleted_Internal").is_err());
    }

    #[test]
    fn numbers_of_versions_are_whole() {
        for (raw, number) in [
            (" 12 ", 12),
            ("+1", 1),
            ("0_1", 1),
            ("-3", -3),
            ("9223372036854775808", 0),
        ] {
            assert_eq!(VersionNumber::parse(raw).unwrap().get(), number, "{raw}");
        }
        for raw in ["", "x", "1.0", "1a", "_1", "1__0", "+"] {
            let message = VersionNumber::parse(raw).unwrap_err().message;
            assert!(message.ends_with(&format!("got '{raw}'.")), "{message}");
        }
    }
}
