//! Registered models: names that versions of a model are published under.

use std::fmt;

use crate::limits::{
    MAX_ALIAS_CHARS, MAX_DESCRIPTION_CHARS, MAX_MODEL_NAME_CHARS, MAX_REGISTRY_TAG_VALUE_CHARS,
};
use crate::{Invalid, Key, KeyKind, ModelVersion, Tag, VersionNumber, check_length, key::check_is_own_path};

/// The tag that makes a registered model, and each of its versions, a prompt.
pub const IS_PROMPT_TAG: &str = "mlflow.prompt.is_prompt";

/// The tag of a version that holds the text of a prompt.
pub const PROMPT_TEXT_TAG: &str = "mlflow.prompt.text";

/// Whether tags make their owner a prompt: of a repeated key the last one counts.
pub fn is_prompt<'t>(tags: impl DoubleEndedIterator<Item = (&'t str, &'t str)>) -> bool {
    let mut of_prompt = tags.rev().filter(|(key, _)| *key == IS_PROMPT_TAG);
    of_prompt
        .next()
        .is_some_and(|(_, value)| value.eq_ignore_ascii_case("true"))
}

/// Name of a registered model: 1–256 characters that are not all blank, without `/` and `:`, and equal to
/// its own normalised form as a path.
///
/// Rule: `_validate_model_name`, MLflow 3.17; the length is the width of its column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelName(String);

impl ModelName {
    /// Checks a name; `parameter` is the request field that carries it.
    pub fn parse(raw: &str, parameter: &str) -> Result<Self, Invalid> {
        if raw.trim().is_empty() {
            return Err(Invalid::new(format!(
                "Missing value for required parameter '{parameter}'."
            )));
        }
        if raw.contains(['/', ':']) {
            return Err(Invalid::new(format!(
                "Invalid model name '{raw}'. Names cannot contain '/' or ':'."
            )));
        }
        check_is_own_path(raw, "name")?;
        check_length(parameter, MAX_MODEL_NAME_CHARS, raw)?;
        Ok(Self(raw.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ModelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A movable name for one version of a registered model, such as `champion`.
///
/// 1–255 letters and digits of any script, `_`, `-`. Rule: `_validate_model_alias_name`, MLflow 3.17.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelAlias(String);

impl ModelAlias {
    /// Checks an alias that is looked up or removed.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        if raw.is_empty() {
            return Err(Invalid::new("Registered model alias name cannot be empty."));
        }
        if !raw.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-')) {
            return Err(Invalid::new(format!(
                "Invalid alias name: '{raw}'. Names may only contain alphanumerics, underscores (_), and dashes (-)."
            )));
        }
        check_length("Registered model alias name", MAX_ALIAS_CHARS, raw)?;
        Ok(Self(raw.to_owned()))
    }

    /// Checks an alias that is set. `latest` and `v3` are refused, because `models:/name/latest` and
    /// `models:/name/3` mean something else already.
    pub fn parse_new(raw: &str) -> Result<Self, Invalid> {
        let alias = Self::parse(raw)?;
        if alias.is_latest() {
            return Err(Invalid::new(
                "'latest' alias name (case insensitive) is reserved.",
            ));
        }
        let number = raw.strip_prefix(['v', 'V']).unwrap_or("");
        if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Invalid::new(format!("Version alias name '{raw}' is reserved.")));
        }
        Ok(alias)
    }

    /// Whether this is the word for the highest version.
    pub fn is_latest(&self) -> bool {
        self.0.eq_ignore_ascii_case("latest")
    }

    /// The alias as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A registered model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredModel {
    /// Its name.
    pub name: String,
    /// Creation, ms since 1970.
    pub creation_timestamp_ms: Option<i64>,
    /// Last change of it or of a version, ms since 1970.
    pub last_updated_timestamp_ms: Option<i64>,
    /// What it is.
    pub description: Option<String>,
    /// The newest version of each stage, without aliases.
    pub latest_versions: Vec<ModelVersion>,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// Its aliases.
    pub aliases: Vec<AliasedVersion>,
}

/// An alias and what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AliasedVersion {
    /// The alias.
    pub alias: String,
    /// The version.
    pub version: VersionNumber,
}

/// What a new registered model is made of.
#[derive(Debug, Clone)]
pub struct NewRegisteredModel {
    /// Its name.
    pub name: ModelName,
    /// What it is.
    pub description: String,
    /// Tags to begin with.
    pub tags: Vec<(Key, String)>,
    /// Creation time, ms since 1970.
    pub now_ms: i64,
    /// Whose it is to be, on a server with users: an id in their database.
    pub creator: Option<i64>,
}

impl NewRegisteredModel {
    /// Whether it is to be a prompt. Of a repeated tag the last one counts.
    pub fn is_prompt(&self) -> bool {
        let mut tags = self.tags.iter().rev();
        let tag = tags.find(|(key, _)| key.as_str() == IS_PROMPT_TAG);
        tag.is_some_and(|(_, value)| value.eq_ignore_ascii_case("true"))
    }
}

/// Checks a tag of a registered model. Values are refused over their limit, never cut.
///
/// Rule: `_validate_registered_model_tag`, MLflow 3.17.
pub fn registered_model_tag(key: &str, value: String) -> Result<(Key, String), Invalid> {
    let key = Key::parse(key, KeyKind::Tag, "key")?;
    check_length("value", MAX_REGISTRY_TAG_VALUE_CHARS, &value)?;
    Ok((key, value))
}

/// Checks a tag of a model version.
///
/// Rule: `_validate_model_version_tag`, MLflow 3.17.
pub fn model_version_tag(key: &str, value: String) -> Result<(Key, String), Invalid> {
    if key == PROMPT_TEXT_TAG && value.chars().count() > MAX_REGISTRY_TAG_VALUE_CHARS {
        return Err(Invalid::new(format!(
            "Prompt text exceeds max length of {MAX_REGISTRY_TAG_VALUE_CHARS} characters."
        )));
    }
    registered_model_tag(key, value)
}

/// Checks the description of a model or a version: at most the width of its column.
pub fn check_description(description: &str) -> Result<(), Invalid> {
    check_length("description", MAX_DESCRIPTION_CHARS, description)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_models_have_no_slash_and_are_their_own_path() {
        for name in ["wine", "wine v2", "Ünï", "a.b-c_d", " x "] {
            assert!(ModelName::parse(name, "name").is_ok(), "{name}");
        }
        for name in ["", "  ", "a/b", "a:b", ".", "..", "..x", &"n".repeat(257)] {
            assert!(ModelName::parse(name, "name").is_err(), "{name}");
        }
    }

    #[test]
    fn aliases_that_mean_a_version_cannot_be_set() {
        for alias in ["champion", "v", "v1a", "1", "été_-"] {
            assert!(ModelAlias::parse_new(alias).is_ok(), "{alias}");
        }
        for alias in [
            "",
            "a b",
            "latest",
            "LATEST",
            "v1",
            "V22",
            "a.b",
            &"a".repeat(256),
        ] {
            assert!(ModelAlias::parse_new(alias).is_err(), "{alias}");
        }
        assert!(ModelAlias::parse("v1").is_ok());
    }

    #[test]
    fn the_last_of_repeated_prompt_tags_counts() {
        let is = |values: &[&'static str]| is_prompt(values.iter().map(|value| (IS_PROMPT_TAG, *value)));
        assert!(is(&["TRUE"]) && is(&["false", "true"]));
        assert!(!is(&[]) && !is(&["true", "false"]) && !is(&["yes"]));
    }
}
