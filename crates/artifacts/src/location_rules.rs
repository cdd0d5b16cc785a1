//! What a client may store as a new `artifact_location`.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;

use crate::location::{split_authority, split_scheme};

/// Schemes whose URI names the host to connect to. MLflow 3.17 refuses them by default.
const HOST_ADDRESSED: &[&str] = &[
    "abfss",
    "b2",
    "ftp",
    "hdfs",
    "http",
    "https",
    "mlflow-artifacts",
    "r2",
    "sftp",
    "viewfs",
];
/// The other schemes MLflow 3.17 has a store for.
const OTHER_SCHEMES: &[&str] = &["dbfs", "file", "gs", "models", "s3", "wasbs"];
/// Schemes that write `container@host`, where the part before `@` is no user.
const CONTAINER_AT_HOST: &[&str] = &["abfss", "b2", "r2", "wasbs"];
/// How often a text is decoded when looking for `..`.
const MAX_DECODE_ROUNDS: usize = 5;

/// What the operator allows as a location of new experiments.
#[derive(Debug, Clone)]
pub struct LocationPolicy {
    /// Longest location in Unicode characters. MLflow: `MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH`, 2048.
    pub max_chars: usize,
    /// Extra schemes, also host-addressed ones, from `MLFLOW_ALLOWED_HOST_ADDRESSED_ARTIFACT_SCHEMES`.
    pub allowed_schemes: Vec<String>,
    /// The server's own roots; a host-addressed location on the host of one of them is allowed.
    pub own_roots: Vec<String>,
    /// Directory a relative local path is meant against. Absolute.
    pub working_directory: PathBuf,
}

impl LocationPolicy {
    fn allows_scheme(&self, scheme: &str) -> bool {
        let mut allowed = self.allowed_schemes.iter();
        allowed.any(|allowed| allowed.eq_ignore_ascii_case(scheme))
    }
}

/// Why a location was refused. The first five texts are MLflow's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the message of each variant says what it stands for")]
pub enum InvalidLocation {
    #[error(
        "Invalid artifact path length. The length of the artifact path cannot be greater than {max_chars} characters. \
         To configure this limit, please set the MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH environment variable."
    )]
    TooLong { max_chars: usize },
    #[error("'artifact_location' URL can't include fragments or params.")]
    FragmentOrParams,
    #[error("Invalid query string")]
    Query,
    #[error("Artifact location cannot be a runs:/ URI. Given: '{given}'")]
    RunsUri { given: String },
    #[error(
        "'artifact_location' cannot use the '{scheme}' scheme: the '{scheme}' scheme addresses a host other than the \
         tracking server's configured artifact storage, so the server would connect to the host named in the URI. Set \
         the MLFLOW_ALLOWED_HOST_ADDRESSED_ARTIFACT_SCHEMES environment variable on the server to allow it."
    )]
    ForeignHost { scheme: String },
    #[error(
        "'artifact_location' cannot use the unknown '{scheme}' scheme. Set the \
         MLFLOW_ALLOWED_HOST_ADDRESSED_ARTIFACT_SCHEMES environment variable on the server to allow it."
    )]
    UnknownScheme { scheme: String },
    #[error("'artifact_location' must not be empty")]
    Empty,
    #[error("'artifact_location' must not contain control characters")]
    ControlCharacter,
    #[error("'artifact_location' must not contain a user name or password")]
    UserInfo,
    #[error("'artifact_location' must not contain '..' segments")]
    ParentSegment,
    #[error("'artifact_location' is a file: URI that names another host or no absolute path")]
    FileUri,
}

impl InvalidLocation {
    /// The message about another field than `artifact_location`.
    pub(crate) fn about(&self, field: &str) -> String {
        self.to_string()
            .replace("'artifact_location'", &format!("'{field}'"))
    }
}

/// Checks the location a client gave for a new experiment and returns the text to store.
///
/// The text is kept verbatim, except that a relative local path is made absolute. An absent or
/// empty location is the caller's business (it means the default root) and refused here.
pub fn check_new_location(raw: &str, policy: &LocationPolicy) -> Result<String, InvalidLocation> {
    if raw.is_empty() {
        return Err(InvalidLocation::Empty);
    }
    if raw.chars().count() > policy.max_chars {
        return Err(InvalidLocation::TooLong {
            max_chars: policy.max_chars,
        });
    }
    if raw.chars().any(char::is_control) {
        return Err(InvalidLocation::ControlCharacter);
    }
    let (scheme, rest) = split_scheme(raw).unwrap_or((String::new(), raw));
    let (authority, rest) = if scheme.is_empty() {
        ("", rest)
    } else {
        split_authority(rest)
    };
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));

    let last_segment = path.rsplit('/').next().unwrap_or(path);
    if !fragment.is_empty() || last_segment.contains(';') {
        return Err(InvalidLocation::FragmentOrParams);
    }
    // Anywhere, as in MLflow: `a..b` is refused too.
    if any_decoding(query, |text| text.contains("..")) {
        return Err(InvalidLocation::Query);
    }
    // `s3://../x` as well: a store that puts bucket and path together would go up.
    let has_way_up = |text: &str| text.split(['/', '\\']).any(|segment| segment == "..");
    if any_decoding(path, has_way_up) || any_decoding(authority, has_way_up) {
        return Err(InvalidLocation::ParentSegment);
    }
    check_scheme(raw, &scheme, authority, policy)?;
    // A source of a version may be there, in MLflow and here; a location is written to. security.md, section 4.
    if scheme == "wasbs" && !policy.allows_scheme(&scheme) && !is_own_host(&scheme, authority, policy) {
        return Err(InvalidLocation::ForeignHost { scheme });
    }
    if scheme.is_empty() {
        return Ok(make_absolute(raw, policy));
    }
    let is_here = authority.is_empty() || authority.eq_ignore_ascii_case("localhost");
    if scheme == "file" && !(is_here && path.starts_with('/')) {
        return Err(InvalidLocation::FileUri);
    }
    Ok(raw.to_owned())
}

pub(crate) fn check_scheme(
    raw: &str,
    scheme: &str,
    authority: &str,
    policy: &LocationPolicy,
) -> Result<(), InvalidLocation> {
    if scheme == "runs" {
        return Err(InvalidLocation::RunsUri {
            given: raw.to_owned(),
        });
    }
    if has_user_info(scheme, authority) {
        return Err(InvalidLocation::UserInfo);
    }
    if policy.allows_scheme(scheme) {
        return Ok(());
    }
    if HOST_ADDRESSED.contains(&scheme) {
        // `mlflow-artifacts:/x` names no host: it is ours whoever asks.
        let is_hostless_proxy = scheme == "mlflow-artifacts" && authority.is_empty();
        if is_hostless_proxy || is_own_host(scheme, authority, policy) {
            return Ok(());
        }
        return Err(InvalidLocation::ForeignHost {
            scheme: scheme.to_owned(),
        });
    }
    if scheme.is_empty() || OTHER_SCHEMES.contains(&scheme) {
        return Ok(());
    }
    Err(InvalidLocation::UnknownScheme {
        scheme: scheme.to_owned(),
    })
}

/// Whether there is a store for the scheme, reached or not.
pub(crate) fn is_known_scheme(scheme: &str) -> bool {
    HOST_ADDRESSED.contains(&scheme) || OTHER_SCHEMES.contains(&scheme)
}

fn has_user_info(scheme: &str, authority: &str) -> bool {
    match authority.rsplit_once('@') {
        None => false,
        Some((container, _)) if CONTAINER_AT_HOST.contains(&scheme) => container.contains([':', '@']),
        Some(_) => true,
    }
}

/// Same scheme and same host (with its port, without a container) as one of the server's roots.
fn is_own_host(scheme: &str, authority: &str, policy: &LocationPolicy) -> bool {
    policy.own_roots.iter().any(|root| {
        split_scheme(root).is_some_and(|(own_scheme, rest)| {
            own_scheme == scheme
                && host_and_port(split_authority(rest).0).eq_ignore_ascii_case(host_and_port(authority))
        })
    })
}

fn host_and_port(authority: &str) -> &str {
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

/// Whether the text, or what up to five rounds of percent-decoding make of it, has the property.
fn any_decoding(text: &str, has_property: impl Fn(&str) -> bool) -> bool {
    let mut current = text.to_owned();
    for _ in 0..=MAX_DECODE_ROUNDS {
        if has_property(&current) {
            return true;
        }
        let decoded = percent_decode_str(&current).decode_utf8_lossy().into_owned();
        if decoded == current {
            return false;
        }
        current = decoded;
    }
    // Still changing after that many rounds: nothing honest looks like this.
    true
}

pub(crate) fn make_absolute(raw: &str, policy: &LocationPolicy) -> String {
    if raw.starts_with('/') {
        return raw.to_owned();
    }
    let kept: Vec<&str> = raw.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    let base = policy.working_directory.to_string_lossy();
    format!("{}/{}", base.trim_end_matches('/'), kept.join("/"))
}

#[cfg(test)]
#[path = "location_rules_tests.rs"]
mod tests;
