//! Appending path segments to a stored URI the way MLflow does.

use crate::location::{split_authority, split_scheme};

/// Schemes MLflow writes back with `//` even without a host (`file:/x` becomes `file:///x`).
const KEEPS_EMPTY_AUTHORITY: &[&str] = &["file", "ftp", "http", "https", "sftp"];

/// Appends `segments` to the path of `base`, in front of its query and fragment.
///
/// `s3://b/x?y=1` with `["r", "artifacts"]` gives `s3://b/x/r/artifacts?y=1`. A plain local path has
/// no query: there `?` is part of a name. The result is what MLflow 3.17 (`append_to_uri_path`)
/// stores, including its rewriting of `mlflow-artifacts:///x` to `mlflow-artifacts:/x`.
pub fn append_to_uri(base: &str, segments: &[&str]) -> String {
    let suffix = segments.join("/");
    let Some((scheme, rest)) = split_scheme(base) else {
        return posix_join(base, &suffix);
    };
    let (authority, rest) = split_authority(rest);
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (path, params) = split_params(&scheme, path);

    let path = posix_join(path, &suffix);
    let mut uri = format!("{scheme}:");
    let is_rooted = path.starts_with('/');
    if !authority.is_empty() || (is_rooted && KEEPS_EMPTY_AUTHORITY.contains(&scheme.as_str())) {
        uri.push_str("//");
        uri.push_str(authority);
        if !is_rooted {
            uri.push('/');
        }
    }
    uri.push_str(&path);
    for (mark, part) in [(';', params), ('?', query), ('#', fragment)] {
        if !part.is_empty() {
            uri.push(mark);
            uri.push_str(part);
        }
    }
    uri
}

fn posix_join(base: &str, suffix: &str) -> String {
    let slash = if base.is_empty() || base.ends_with('/') {
        ""
    } else {
        "/"
    };
    format!("{base}{slash}{suffix}")
}

/// Splits `;params` off the last segment, for the schemes that have them.
pub(crate) fn split_params<'a>(scheme: &str, path: &'a str) -> (&'a str, &'a str) {
    if !matches!(scheme, "" | "ftp" | "http" | "https" | "sftp") {
        return (path, "");
    }
    let last = path.rfind('/').map_or(0, |slash| slash + 1);
    match path[last..].split_once(';') {
        Some((name, params)) => (&path[..last + name.len()], params),
        None => (path, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::append_to_uri;

    /// Base and result as MLflow 3.17.2 answered for the segments `R`, `artifacts`.
    const RECORDED: &[(&str, &str)] = &[
        ("", "R/artifacts"),
        ("/", "/R/artifacts"),
        ("/tmp/x", "/tmp/x/R/artifacts"),
        ("/tmp/x/", "/tmp/x/R/artifacts"),
        ("/tmp/x?y=1", "/tmp/x?y=1/R/artifacts"),
        ("/tmp/x#f", "/tmp/x#f/R/artifacts"),
        ("/tmp/x;p", "/tmp/x;p/R/artifacts"),
        ("//h/x", "//h/x/R/artifacts"),
        ("rel", "rel/R/artifacts"),
        ("file:///tmp/x", "file:///tmp/x/R/artifacts"),
        ("file:/tmp/x", "file:///tmp/x/R/artifacts"),
        ("file:///tmp/x?y=1", "file:///tmp/x/R/artifacts?y=1"),
        ("file:rel", "file:rel/R/artifacts"),
        ("file:///", "file:///R/artifacts"),
        ("s3://b", "s3://b/R/artifacts"),
        ("s3://b/", "s3://b/R/artifacts"),
        ("s3://b/x", "s3://b/x/R/artifacts"),
        ("s3://b/x//", "s3://b/x//R/artifacts"),
        ("s3://b//x", "s3://b//x/R/artifacts"),
        ("s3://b/x?y=1", "s3://b/x/R/artifacts?y=1"),
        ("s3://b?y=1", "s3://b/R/artifacts?y=1"),
        ("s3://b/x?", "s3://b/x/R/artifacts"),
        ("s3://b/x?y=1&z=2#f", "s3://b/x/R/artifacts?y=1&z=2#f"),
        ("s3://b/x#f", "s3://b/x/R/artifacts#f"),
        ("s3://b/x%20y", "s3://b/x%20y/R/artifacts"),
        ("s3:///x", "s3:/x/R/artifacts"),
        ("s3:x", "s3:x/R/artifacts"),
        ("S3://B/X", "s3://B/X/R/artifacts"),
        ("hdfs:///x", "hdfs:/x/R/artifacts"),
        ("hdfs://h:1/x", "hdfs://h:1/x/R/artifacts"),
        ("dbfs:/x", "dbfs:/x/R/artifacts"),
        ("dbfs:/", "dbfs:/R/artifacts"),
        ("mlflow-artifacts:/", "mlflow-artifacts:/R/artifacts"),
        ("mlflow-artifacts:", "mlflow-artifacts:R/artifacts"),
        ("mlflow-artifacts:///x", "mlflow-artifacts:/x/R/artifacts"),
        (
            "mlflow-artifacts://h:5/x?y",
            "mlflow-artifacts://h:5/x/R/artifacts?y",
        ),
        ("mlflow-artifacts://h", "mlflow-artifacts://h/R/artifacts"),
        ("http://h", "http://h/R/artifacts"),
        ("https:///x", "https:///x/R/artifacts"),
        ("sftp:/x", "sftp:///x/R/artifacts"),
        ("http://h/x;p", "http://h/x/R/artifacts;p"),
        ("http://h/x;?q", "http://h/x/R/artifacts?q"),
        ("gs://b/x;p?q=1", "gs://b/x;p/R/artifacts?q=1"),
        ("abfss://c@h/x", "abfss://c@h/x/R/artifacts"),
        ("wasbs://c@h/", "wasbs://c@h/R/artifacts"),
    ];

    #[test]
    fn joins_as_mlflow_does() {
        for (base, expected) in RECORDED {
            assert_eq!(append_to_uri(base, &["R", "artifacts"]), *expected, "{base}");
        }
    }
}
