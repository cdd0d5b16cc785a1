//! What the URIs of a file store point at.

use std::path::PathBuf;

use oxflow_core::{ModelId, RunId};
use percent_encoding::percent_decode_str;

/// Whose artifacts a local URI of the store names, wherever the store was when it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnedPlace {
    /// `…/<run id>/artifacts/<rest>`
    OfRun {
        /// The run.
        id: RunId,
        /// What follows; empty for the artifacts as a whole.
        rest: String,
    },
    /// `…/models/<model id>/artifacts/<rest>`
    OfModel {
        /// The logged model.
        id: ModelId,
        /// What follows; empty for the artifacts as a whole.
        rest: String,
    },
}

/// Whether a URI names a place in a file system: a `file:` URI, or a path, also one of Windows.
pub fn is_local(uri: &str) -> bool {
    match uri.split_once(':') {
        None => true,
        Some((scheme, _)) => {
            let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
            !is_scheme || scheme.len() == 1 || scheme.eq_ignore_ascii_case("file")
        }
    }
}

/// Reads whose artifacts a local URI names; `None` for other places.
pub fn place_in_store(uri: &str) -> Option<OwnedPlace> {
    if !is_local(uri) {
        return None;
    }
    let path = decoded(uri)?;
    let segments: Vec<&str> = path.split(['/', '\\']).filter(|part| !part.is_empty()).collect();
    let at = segments
        .iter()
        .rposition(|part| *part == crate::names::ARTIFACTS)
        .filter(|at| *at >= 1)?;
    // The first one that follows an id: an artifact may itself be called `artifacts`.
    let at = (1..=at).find(|at| segments[*at] == crate::names::ARTIFACTS && is_id(segments[*at - 1]))?;
    let rest = segments[at + 1..].join("/");
    let id = segments[at - 1];
    if at >= 2 && segments[at - 2] == crate::names::MODELS {
        let id = ModelId::parse(id)?;
        return Some(OwnedPlace::OfModel { id, rest });
    }
    let id = RunId::parse(id).ok()?;
    Some(OwnedPlace::OfRun { id, rest })
}

/// The absolute path that a `file:` URI or a path names on this machine.
pub fn local_path(uri: &str) -> Option<PathBuf> {
    let path = decoded(uri).filter(|_| is_local(uri))?;
    let path = path
        .strip_prefix("//")
        .filter(|_| uri.contains(':'))
        .unwrap_or(&path);
    Some(PathBuf::from(path)).filter(|path| path.is_absolute())
}

fn decoded(uri: &str) -> Option<String> {
    match uri.split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("file") => {
            Some(percent_decode_str(rest).decode_utf8().ok()?.into_owned())
        }
        _ => Some(uri.to_owned()),
    }
}

/// 32 hexadecimal digits, perhaps after `m-`.
fn is_id(segment: &str) -> bool {
    let digits = segment.strip_prefix("m-").unwrap_or(segment);
    digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn local_places_are_known_by_the_end_of_their_path() {
        for (prefix, rest) in [
            ("file:///srv/mlruns/1/", "model"),
            ("/srv/mlruns/1/", ""),
            ("./mlruns/1/", "a/artifacts/b"),
            ("file:///C:/Users/me/mlruns/1/", "x"),
            ("C:\\Users\\me\\mlruns\\1\\", "x"),
        ] {
            let uri = format!("{prefix}{RUN}/artifacts/{rest}");
            let expected = OwnedPlace::OfRun {
                id: RunId::parse(RUN).unwrap(),
                rest: rest.to_owned(),
            };
            assert_eq!(place_in_store(&uri), Some(expected), "{uri}");
        }
        let model = format!("file:///x/1/models/m-{RUN}/artifacts/a%20b");
        assert!(matches!(place_in_store(&model), Some(OwnedPlace::OfModel { rest, .. }) if rest == "a b"));
    }

    #[test]
    fn paths_of_this_machine_are_absolute() {
        for (uri, path) in [
            ("file:///srv/a%20b", Some("/srv/a b")),
            ("file:/srv/x", Some("/srv/x")),
            ("/srv/x", Some("/srv/x")),
            ("./x", None),
            ("file://host/x", None),
            ("s3://b/x", None),
        ] {
            assert_eq!(local_path(uri), path.map(PathBuf::from), "{uri}");
        }
    }

    #[test]
    fn other_places_stay() {
        for uri in [
            format!("s3://b/1/{RUN}/artifacts/model"),
            format!("mlflow-artifacts:/1/{RUN}/artifacts/model"),
            format!("runs:/{RUN}/model"),
            "models:/m-1".to_owned(),
            "/srv/models/final/artifacts/x".to_owned(),
            String::new(),
        ] {
            assert_eq!(place_in_store(&uri), None, "{uri}");
        }
    }
}
