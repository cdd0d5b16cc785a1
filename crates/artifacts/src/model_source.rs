//! What a client may name as the source of a model version.

use oxflow_core::ModelUri;
use percent_encoding::percent_decode_str;

use crate::location::{Location, split_authority, split_scheme};
use crate::location_rules::{InvalidLocation, LocationPolicy, check_scheme, is_known_scheme, make_absolute};
use crate::path::ArtifactPath;

/// Path of the artifact API, as segments.
const ARTIFACT_API: [&str; 4] = ["api", "2.0", "mlflow-artifacts", "artifacts"];

/// How often a source is decoded when looking for `..`.
const MAX_DECODE_ROUNDS: usize = 32;

/// A source whose text is in order. Whether the run or model that it needs has it, is another question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelSource {
    /// A path on the server's disk, without `.` and `..`.
    Local(LocalSource),
    /// `runs:/<run id>/path`
    Run {
        /// The run.
        run_id: String,
    },
    /// `models:/…`: a logged model or another version.
    Model(ModelUri),
    /// Below the artifact API of a server.
    Proxied,
    /// In a store that clients reach themselves.
    Elsewhere,
}

/// Segments of a local source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalSource(Vec<String>);

/// Which parameter of a request a source belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceOwner {
    /// `run_id`
    Run,
    /// `model_id`
    Model,
}

impl SourceOwner {
    const fn parameter(self) -> &'static str {
        match self {
            Self::Run => "run_id",
            Self::Model => "model_id",
        }
    }
}

/// Why a source was refused. The texts are MLflow's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the message of each variant says what it stands for")]
pub enum InvalidSource {
    #[error("{}", .0.about("source"))]
    Location(InvalidLocation),
    #[error(
        "Invalid model version source: '{source_uri}'. If supplying a source as an http, https, local file path, \
         ftp, objectstore, or mlflow-artifacts uri, an absolute path must be provided without relative path \
         references present. Please provide an absolute path."
    )]
    Relative { source_uri: String },
    #[error(
        "Invalid model version source: '{source_uri}'. The {} request parameter must identify the resource that \
         contains the source.",
        owner.parameter()
    )]
    NotOfOwner { source_uri: String, owner: SourceOwner },
    #[error(
        "Invalid model version source: '{source_uri}'. To use a local path as a model version source, the {parameter} \
         request parameter has to be specified and the local path has to be contained within the artifact directory \
         of the run specified by the {parameter}.",
        parameter = owner.parameter()
    )]
    LocalNotOfOwner { source_uri: String, owner: SourceOwner },
    #[error(
        "Invalid model version source: '{source_uri}'. Registered model sources must use the active model registry."
    )]
    ForeignRegistry { source_uri: String },
}

impl ModelSource {
    /// Reads and checks a source. `owner` is the parameter that messages speak of.
    ///
    /// Rule: `_create_model_version` and what it calls, MLflow 3.17.
    pub fn parse(raw: &str, owner: SourceOwner, policy: &LocationPolicy) -> Result<Self, InvalidSource> {
        if raw.chars().any(char::is_control) {
            return Err(InvalidSource::Location(InvalidLocation::ControlCharacter));
        }
        let relative = || InvalidSource::Relative {
            source_uri: raw.to_owned(),
        };
        let not_of_owner = |owner| InvalidSource::NotOfOwner {
            source_uri: raw.to_owned(),
            owner,
        };
        let Some((scheme, rest)) = split_scheme(raw) else {
            return Ok(Self::Local(LocalSource::read(raw, policy)));
        };
        let (authority, path) = split_authority(rest);
        let path = path.split(['?', '#']).next().unwrap_or(path);
        match scheme.as_str() {
            "file" => {
                let is_here = ["", ".", "localhost", "127.0.0.1"].contains(&authority);
                if !is_here {
                    return Err(InvalidSource::Location(InvalidLocation::FileUri));
                }
                return Ok(Self::Local(LocalSource::read(path, policy)));
            }
            "models" => {
                if !authority.is_empty() {
                    return Err(InvalidSource::ForeignRegistry {
                        source_uri: raw.to_owned(),
                    });
                }
                let uri = ModelUri::parse(path).ok_or_else(|| not_of_owner(SourceOwner::Model))?;
                return Ok(Self::Model(uri));
            }
            // Checked below: it names no store of its own.
            "runs" => {}
            // A scheme without `:/` behind it, such as `javascript:alert(1)`, is refused for its path.
            _ if !path.starts_with('/') && !is_known_scheme(&scheme) => return Err(relative()),
            _ => check_scheme(raw, &scheme, authority, policy).map_err(InvalidSource::Location)?,
        }
        if !has_absolute_path(raw) {
            return Err(relative());
        }
        if scheme == "runs" {
            let run_id = path.trim_start_matches('/').split('/').next().unwrap_or("");
            if !authority.is_empty() || run_id.is_empty() {
                return Err(not_of_owner(owner));
            }
            return Ok(Self::Run {
                run_id: run_id.to_owned(),
            });
        }
        let is_proxied = scheme == "mlflow-artifacts"
            || (scheme.starts_with("http") && {
                let parts = parts(path);
                parts
                    .windows(ARTIFACT_API.len())
                    .any(|window| window == ARTIFACT_API)
            });
        Ok(if is_proxied {
            Self::Proxied
        } else {
            Self::Elsewhere
        })
    }
}

impl LocalSource {
    /// Reads a path as MLflow does: decoded once, against the working directory, `..` taken back.
    fn read(path: &str, policy: &LocationPolicy) -> Self {
        let decoded = percent_decode_str(path).decode_utf8_lossy();
        let mut segments: Vec<String> = Vec::new();
        for segment in absolute(&decoded, policy).split('/') {
            match segment {
                "" | "." => {}
                ".." => {
                    segments.pop();
                }
                segment => segments.push(segment.to_owned()),
            }
        }
        Self(segments)
    }

    /// Whether the path lies in the artifact directory of a run or model.
    fn is_within(&self, artifact_uri: &str) -> bool {
        match Location::parse(artifact_uri) {
            Location::Local(root) => !root.is_empty() && self.0.starts_with(&root),
            _ => false,
        }
    }
}

fn absolute(path: &str, policy: &LocationPolicy) -> String {
    if path.contains("..") && !path.starts_with('/') {
        return format!("{}/{path}", policy.working_directory.to_string_lossy());
    }
    make_absolute(path, policy)
}

impl ModelSource {
    /// Whether a local or proxied source, written as `raw`, lies in the artifacts of a run or model: as MLflow reads
    /// both, and also as this server would when it sends files.
    pub fn is_within(&self, raw: &str, artifact_uri: &str) -> bool {
        let as_mlflow_reads = match self {
            Self::Local(path) => path.is_within(artifact_uri),
            Self::Proxied => is_uri_within(raw, artifact_uri),
            Self::Run { .. } | Self::Model(_) | Self::Elsewhere => false,
        };
        as_mlflow_reads && is_servable_within(raw, artifact_uri)
    }
}

/// Whether nothing outside of the artifacts is served for a source; what is never served at all is fine.
fn is_servable_within(raw: &str, artifact_uri: &str) -> bool {
    let segments = |path: &Option<ArtifactPath>| {
        let path = path.as_ref().map(ToString::to_string).unwrap_or_default();
        path.split('/').map(str::to_owned).collect::<Vec<_>>()
    };
    match (Location::parse(raw), Location::parse(artifact_uri)) {
        (Location::Unusable, _) => true,
        (Location::Local(source), Location::Local(root)) => source.starts_with(&root),
        (Location::Proxied(source), Location::Proxied(root)) => {
            segments(&source).starts_with(&segments(&root))
        }
        _ => false,
    }
}

/// Whether the URI of a source lies below the artifact URI of a run or model: the same scheme, host and
/// first segments.
fn is_uri_within(source: &str, artifact_uri: &str) -> bool {
    let read = |uri: &str| {
        let (scheme, rest) = split_scheme(uri).unwrap_or((String::new(), uri));
        let (authority, path) = split_authority(rest);
        (scheme, authority.to_lowercase(), parts(path))
    };
    let (scheme, authority, path) = read(source);
    let (root_scheme, root_authority, root) = read(artifact_uri);
    scheme == root_scheme && authority == root_authority && !root.is_empty() && path.starts_with(&root)
}

/// The decoded segments of a path, without empty ones.
fn parts(path: &str) -> Vec<String> {
    let path = path.split(['?', '#']).next().unwrap_or(path);
    path.split('/')
        .filter(|part| !part.is_empty())
        .map(|part| decoded(part, false).unwrap_or_default())
        .collect()
}

/// Whether a URI, however often decoded, has a path that begins with `/`, names something, and holds no
/// `.` or `..`, and a query without `..`.
fn has_absolute_path(raw: &str) -> bool {
    let Some(uri) = decoded(raw, true) else {
        return false;
    };
    let Some((_, rest)) = split_scheme(&uri) else {
        return false;
    };
    let (_, path) = split_authority(rest);
    let (path, query) = path.split_once(['?', '#']).unwrap_or((path, ""));
    let names_something = path.starts_with('/') && path.chars().any(|c| c != '/');
    names_something
        && !uri.contains('\0')
        && !query.contains("..")
        && !path.split(['/', '\\']).any(|segment| segment == ".")
        && !uri.split(['/', '\\']).any(|segment| segment == "..")
}

/// A text decoded until nothing changes; `+` may stand for a space. `None` if it goes on changing: nothing honest
/// looks like this.
fn decoded(text: &str, with_plus: bool) -> Option<String> {
    let mut current = text.to_owned();
    for _ in 0..MAX_DECODE_ROUNDS {
        let spaced = if with_plus {
            current.replace('+', " ")
        } else {
            current.clone()
        };
        let next = percent_decode_str(&spaced).decode_utf8_lossy().into_owned();
        if next == current {
            return Some(current);
        }
        current = next;
    }
    None
}

#[cfg(test)]
#[path = "model_source_tests.rs"]
mod tests;
