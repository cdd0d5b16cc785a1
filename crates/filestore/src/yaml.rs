//! `meta.yaml` and its like.
//!
//! Every scalar is read as the text that stands in the file: PyYAML writes the run name `1e3` and the
//! digest `0o17` without quotes, because they are no numbers in its YAML 1.1, and a YAML 1.2 reader
//! that decides by itself would change them.

use std::str::FromStr;

use serde::de::DeserializeOwned;

use crate::{Folder, Problem};

/// A scalar as it was written, or null.
pub(crate) type Scalar = Option<String>;

/// Reads a YAML file; `None` if there is none of this name.
pub(crate) fn read<T: DeserializeOwned>(folder: &Folder, name: &str) -> Result<Option<T>, Problem> {
    let Some(text) = folder.find_text(name)? else {
        return Ok(None);
    };
    let path = folder.path().join(name);
    if text.trim().is_empty() {
        return Err(Problem::new(
            path,
            "the file is empty; what it describes was skipped",
        ));
    }
    serde_saphyr::from_str(&text).map(Some).map_err(|error| Problem {
        path,
        line: error.location().map(|location| location.line()),
        what: format!(
            "not readable as YAML of MLflow ({}); what it describes was skipped",
            brief(&error)
        ),
        is_cut: false,
    })
}

/// The message without the excerpt of the file, which may be long.
fn brief(error: &serde_saphyr::Error) -> String {
    let text = error.without_snippet().to_string();
    text.lines().next().unwrap_or_default().to_owned()
}

/// A number that the file may or may not have; another text is a problem.
pub(crate) fn number<T: FromStr>(folder: &Folder, field: &str, value: &Scalar) -> Result<Option<T>, Problem> {
    let Some(text) = value.as_deref().map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    text.parse().map(Some).map_err(|_| bad_field(folder, field, text))
}

/// Milliseconds since 1970; files of very old versions and other tools may hold `1.5e12` or `…0.0`.
pub(crate) fn millis(folder: &Folder, field: &str, value: &Scalar) -> Result<Option<i64>, Problem> {
    let Some(text) = value.as_deref().map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    if let Ok(number) = text.parse() {
        return Ok(Some(number));
    }
    match text.parse::<f64>() {
        // Below 2^53 a float is exact.
        Ok(number) if number.abs() < 9.0e15 => Ok(Some(number as i64)),
        _ => Err(bad_field(folder, field, text)),
    }
}

pub(crate) fn bad_field(folder: &Folder, field: &str, text: &str) -> Problem {
    let shown: String = text.chars().take(60).collect();
    Problem::new(
        folder.path(),
        format!("`{field}` is `{shown}`, which cannot be meant; what it describes was skipped"),
    )
}
