//! The file of `--config`.

use std::path::Path;

use anyhow::Context;
use toml::{Table, Value};

use super::settings::{SETTINGS, setting};
use crate::failure::Failure;

/// Settings of a file, as text like those of variables.
#[derive(Debug, Default)]
pub struct SettingsFile {
    path: String,
    table: Table,
}

impl SettingsFile {
    /// Reads a file; keys that are no setting are an error.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("could not read the configuration file `{shown}`"))
            .map_err(|error| Failure::from(error).into_usage())?;
        Self::parse(shown, &text)
    }

    /// Reads the text of a file.
    pub fn parse(path: String, text: &str) -> Result<Self, Failure> {
        let table: Table = text
            .parse()
            .with_context(|| format!("the configuration file `{path}` is not TOML"))
            .map_err(|error| Failure::from(error).into_usage())?;
        for key in table.keys() {
            if !SETTINGS.iter().any(|setting| setting.key() == *key) {
                return Err(Failure::usage(format!("`{key}` in `{path}` is not a setting")).hint(meant(key)));
            }
        }
        if table.contains_key("config") {
            return Err(Failure::usage(format!(
                "`config` in `{path}`: one file cannot name another"
            )));
        }
        Ok(Self { path, table })
    }

    /// A value as text; lists are joined with commas.
    pub fn get(&self, key: &str) -> Result<Option<String>, Failure> {
        let Some(value) = self.table.get(key) else {
            return Ok(None);
        };
        match as_text(value) {
            Some(text) => Ok(Some(text)),
            None => Err(Failure::usage(format!(
                "{}: expected a text, a number, true or false, or a list of texts",
                self.name(key)
            ))),
        }
    }

    /// The key in words.
    pub fn name(&self, key: &str) -> String {
        format!("`{key}` in `{}`", self.path)
    }
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(is_on) => Some(is_on.to_string()),
        Value::Array(values) => {
            let texts: Option<Vec<&str>> = values.iter().map(Value::as_str).collect();
            texts.map(|texts| texts.join(","))
        }
        _ => None,
    }
}

/// What a wrong key probably stands for.
fn meant(key: &str) -> String {
    let flag = key.trim_start_matches("no_").replace('_', "-");
    match setting(&flag) {
        Some(setting) => format!("write `{} = …`", setting.key()),
        None => "`oxflow server --help` lists the flags; a key is a flag with `_` for `-`".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Result<SettingsFile, Failure> {
        SettingsFile::parse("x.toml".to_owned(), text)
    }

    #[test]
    fn keys_are_flags_with_underscores() {
        let file = file("port = 81\nserve_artifacts = false\nallowed_hosts = [\"a\", \"b\"]\n").unwrap();
        let get = |key| file.get(key).unwrap();
        assert_eq!(get("port").as_deref(), Some("81"));
        assert_eq!(get("serve_artifacts").as_deref(), Some("false"));
        assert_eq!(get("allowed_hosts").as_deref(), Some("a,b"));
        assert_eq!(get("host"), None);
    }

    #[test]
    fn unknown_keys_and_strange_values_are_errors() {
        for (text, message) in [
            ("prot = 1", "error: `prot` in `x.toml` is not a setting"),
            (
                "[server]\nport = 1",
                "error: `server` in `x.toml` is not a setting",
            ),
            (
                "no-serve-artifacts = true",
                "error: `no-serve-artifacts` in `x.toml` is not a setting",
            ),
            (
                "config = 'y.toml'",
                "error: `config` in `x.toml`: one file cannot name another",
            ),
            ("port =", "error: the configuration file `x.toml` is not TOML"),
        ] {
            let shown = file(text).unwrap_err().to_string();
            assert!(shown.starts_with(message), "{shown}");
        }
        assert!(file("port = { a = 1 }").unwrap().get("port").is_err());
    }
}
