//! What a stored artifact URI points at.

use percent_encoding::percent_decode_str;

use crate::http::HttpAddress;
use crate::object::{ObjectAddress, Scheme};
use crate::path::{ArtifactPath, InvalidPath};

/// Path of the artifact API inside an `http(s)` URL, whatever prefix the server has.
const ARTIFACT_API: &str = "/api/2.0/mlflow-artifacts/artifacts";

/// A stored artifact URI, read but not yet compared with what the server may touch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A local path: its segments below `/`. Repeated slashes and `.` are dropped.
    Local(Vec<String>),
    /// A path below the artifacts destination of a server, ours or not; `None` is its root.
    Proxied(Option<ArtifactPath>),
    /// A place in an object store.
    Object(ObjectAddress),
    /// A folder of a web server that is not the artifact API of one.
    Http(HttpAddress),
    /// A store this crate does not reach; `ftp`, `hdfs`, … in lower case.
    Remote {
        /// The scheme of the URI.
        scheme: String,
    },
    /// Text nothing may be done with: `..` segments, control characters, relative paths, ….
    Unusable,
}

impl Location {
    /// Reads a stored URI. Never fails: what cannot be acted upon is [`Location::Unusable`].
    pub fn parse(stored: &str) -> Self {
        if stored.is_empty() || stored.chars().any(char::is_control) {
            return Self::Unusable;
        }
        let Some((scheme, rest)) = split_scheme(stored) else {
            return absolute_segments(stored).map_or(Self::Unusable, Self::Local);
        };
        match scheme.as_str() {
            "file" => file_uri(rest).map_or(Self::Unusable, Self::Local),
            "mlflow-artifacts" => proxied(without_query(split_authority(rest).1)),
            "http" | "https" => match artifact_api_path(rest) {
                Some(path) => proxied(path),
                None => HttpAddress::parse(&scheme, rest)
                    // Whose a place is, is looked up by its text, so it can have only one.
                    .filter(|address| address.is_written(stored))
                    .map_or(Self::Unusable, Self::Http),
            },
            _ => match Scheme::parse(&scheme) {
                Some(known) => ObjectAddress::parse(known, rest).map_or(Self::Unusable, Self::Object),
                None => Self::Remote { scheme },
            },
        }
    }
}

/// Splits `scheme:rest`, with the scheme in lower case. `None` for a plain path.
pub(crate) fn split_scheme(uri: &str) -> Option<(String, &str)> {
    let (scheme, rest) = uri.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    is_scheme.then(|| (scheme.to_ascii_lowercase(), rest))
}

/// Splits what follows `scheme:` into authority (empty without `//`) and the rest.
pub(crate) fn split_authority(rest: &str) -> (&str, &str) {
    let Some(after) = rest.strip_prefix("//") else {
        return ("", rest);
    };
    after.split_at(after.find(['/', '?', '#']).unwrap_or(after.len()))
}

fn without_query(path: &str) -> &str {
    path.split(['?', '#']).next().unwrap_or(path)
}

/// One round of decoding; `None` if the bytes are not UTF-8.
pub(crate) fn decode(text: &str) -> Option<String> {
    percent_decode_str(text)
        .decode_utf8()
        .ok()
        .map(|decoded| decoded.into_owned())
}

/// Segments of an absolute local path. `//host/x` is a network path elsewhere and refused with the
/// relative ones; so is every `..`, because what it means depends on links.
pub(crate) fn absolute_segments(path: &str) -> Option<Vec<String>> {
    let below = path.strip_prefix('/').filter(|rest| !rest.starts_with('/'))?;
    let kept = |segment: &&str| !matches!(*segment, "" | ".");
    let segments: Vec<String> = below.split('/').filter(kept).map(str::to_owned).collect();
    (!segments.iter().any(|segment| segment == "..")).then_some(segments)
}

/// `file:/p`, `file:///p` and `file://localhost/p`, decoded once as MLflow decodes them.
fn file_uri(rest: &str) -> Option<Vec<String>> {
    let (authority, path) = split_authority(rest);
    let is_here = authority.is_empty() || authority.eq_ignore_ascii_case("localhost");
    if !is_here || path.contains(['?', '#']) {
        return None;
    }
    absolute_segments(&decode(path)?)
}

/// The part behind [`ARTIFACT_API`] of what follows the scheme of a URL; `None` if it is not one of an artifact API.
pub(crate) fn artifact_api_path(rest: &str) -> Option<&str> {
    let (_, below) = without_query(split_authority(rest).1).split_once(ARTIFACT_API)?;
    (below.is_empty() || below.starts_with('/')).then_some(below)
}

/// A path of the artifact API. Decoded once, because clients put it into a request URL as it is
/// and the server decodes that: acting on the text itself would miss what they uploaded.
fn proxied(path: &str) -> Location {
    let directory = decode(path.trim_start_matches('/'))
        .ok_or(InvalidPath)
        .and_then(|decoded| ArtifactPath::parse_directory(&decoded));
    directory.map_or(Location::Unusable, Location::Proxied)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(path: &str) -> Location {
        Location::Local(
            path.split('/')
                .filter(|s| !s.is_empty())
                .map(str::to_owned)
                .collect(),
        )
    }

    fn below_proxy(path: &str) -> Location {
        Location::Proxied(ArtifactPath::parse_directory(path).unwrap())
    }

    fn object(uri: &str) -> Location {
        let (scheme, rest) = split_scheme(uri).unwrap();
        Location::Object(ObjectAddress::parse(Scheme::parse(&scheme).unwrap(), rest).unwrap())
    }

    fn web(uri: &str) -> Location {
        let (scheme, rest) = split_scheme(uri).unwrap();
        Location::Http(HttpAddress::parse(&scheme, rest).unwrap())
    }

    fn remote(scheme: &str) -> Location {
        Location::Remote {
            scheme: scheme.to_owned(),
        }
    }

    #[test]
    fn stored_uris_mean_what_mlflow_means_by_them() {
        let table = [
            ("/tmp/x", local("tmp/x")),
            ("/tmp//x/", local("tmp/x")),
            ("/tmp/./x", local("tmp/x")),
            ("/", local("")),
            ("/tmp/a b/é%20", local("tmp/a b/é%20")),
            ("/tmp/x?y=1", local("tmp/x?y=1")),
            ("file:///tmp/x", local("tmp/x")),
            ("file:/tmp/x", local("tmp/x")),
            ("FILE://LocalHost/tmp/x", local("tmp/x")),
            ("file:///tmp/a%20b", local("tmp/a b")),
            ("mlflow-artifacts:/1/r/artifacts", below_proxy("1/r/artifacts")),
            ("mlflow-artifacts:///1", below_proxy("1")),
            ("mlflow-artifacts://host:5000/1/", below_proxy("1")),
            ("mlflow-artifacts://u:p@host/1", below_proxy("1")),
            ("MLflow-Artifacts:/1", below_proxy("1")),
            ("mlflow-artifacts:1", below_proxy("1")),
            ("mlflow-artifacts:/", below_proxy("")),
            ("mlflow-artifacts://host", below_proxy("")),
            ("mlflow-artifacts:/a%20b?y=1", below_proxy("a b")),
            (
                "http://h:1/api/2.0/mlflow-artifacts/artifacts/1/r",
                below_proxy("1/r"),
            ),
            (
                "https://h/prefix/api/2.0/mlflow-artifacts/artifacts/1?x=2",
                below_proxy("1"),
            ),
            ("http://h/api/2.0/mlflow-artifacts/artifacts", below_proxy("")),
            ("http://h/api/2.0/mlflow-artifacts/artifacts/", below_proxy("")),
            (
                "http://h/api/2.0/mlflow-artifacts/artifactsX/1",
                web("http://h/api/2.0/mlflow-artifacts/artifactsX/1"),
            ),
            (
                "http://api/2.0/mlflow-artifacts/artifacts/1",
                web("http://api/2.0/mlflow-artifacts/artifacts/1"),
            ),
            ("https://h/x", web("https://h/x")),
            ("https://h/x%20y/", web("https://h/x%20y")),
            ("s3://b/x", object("s3://b/x")),
            ("S3://b/x/y/", object("s3://b/x/y")),
            ("gs://b/x", object("gs://b/x")),
            ("wasbs://c@h/x", object("wasbs://c@h/x")),
            ("abfss://c@h/x", object("abfss://c@h/x")),
            ("dbfs:/x", remote("dbfs")),
            ("runs:/1/x", remote("runs")),
            ("C:/x", remote("c")),
        ];
        for (stored, expected) in table {
            assert_eq!(Location::parse(stored), expected, "{stored}");
        }
    }

    #[test]
    fn ambiguous_text_is_unusable() {
        let table = [
            "",
            "S3://b/../x",
            "s3:///x",
            "s3://u:p@b/x",
            "wasbs://h/x",
            "rel",
            "./rel",
            "../x",
            "/tmp/../x",
            "/..",
            "//host/x",
            "/tmp/\0",
            "/tmp/a\nb",
            "\\\\host\\s",
            "~",
            " /tmp",
            "file:rel",
            "file://host/x",
            "file:////host/x",
            "file:///tmp/../x",
            "file:///tmp/%2e%2e/x",
            "file:///tmp/%ff",
            "file:///tmp/x?y",
            "file:///tmp/x#f",
            "file:///tmp%2f..%2fx",
            "mlflow-artifacts:/../x",
            "mlflow-artifacts:/a/%2e%2e/b",
            "mlflow-artifacts:/a/%252e%252e/b",
            "mlflow-artifacts:/a//b",
            "mlflow-artifacts:/a\\b",
            "mlflow-artifacts:/.oxflow-tmp/x",
            "mlflow-artifacts://h/./x",
            "http://h/api/2.0/mlflow-artifacts/artifacts/../x",
            "mlflow-artifacts:/%ff",
            "http://h/x?q=/api/2.0/mlflow-artifacts/artifacts/1",
            "http://u:p@h/x",
            "https://h/a/../b",
            "https://H/x",
            "HTTPS://h/x",
            "https://h:443/x",
            "https://h/%78",
            "https://h/x y",
        ];
        for stored in table {
            assert_eq!(Location::parse(stored), Location::Unusable, "{stored:?}");
        }
    }
}
