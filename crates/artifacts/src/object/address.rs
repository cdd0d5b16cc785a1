//! Where in which object store a location is.

use std::fmt;

/// The scheme of a URI of an object store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Amazon S3, or what `MLFLOW_S3_ENDPOINT_URL` names.
    S3,
    /// Cloudflare R2: `r2://bucket@account.r2.cloudflarestorage.com/path`.
    R2,
    /// Backblaze B2: `b2://bucket@s3.region.backblazeb2.com/path`.
    B2,
    /// Google Cloud Storage.
    Gcs,
    /// Azure Blob Storage: `wasbs://container@account.blob.core.windows.net/path`.
    Wasbs,
    /// Azure Data Lake Storage: `abfss://container@account.dfs.core.windows.net/path`.
    Abfss,
}

impl Scheme {
    const ALL: [(&'static str, Self); 6] = [
        ("s3", Self::S3),
        ("r2", Self::R2),
        ("b2", Self::B2),
        ("gs", Self::Gcs),
        ("wasbs", Self::Wasbs),
        ("abfss", Self::Abfss),
    ];

    /// The scheme of a name in lower case.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, scheme)| *scheme)
    }

    pub(crate) fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, scheme)| *scheme == self)
            .map_or("", |(name, _)| *name)
    }

    /// What its locations look like.
    pub(crate) fn example(self) -> &'static str {
        match self {
            Self::S3 => "s3://bucket/folder",
            Self::R2 => "r2://bucket@account.r2.cloudflarestorage.com/folder",
            Self::B2 => "b2://bucket@s3.region.backblazeb2.com/folder",
            Self::Gcs => "gs://bucket/folder",
            Self::Wasbs => "wasbs://container@account.blob.core.windows.net/folder",
            Self::Abfss => "abfss://container@account.dfs.core.windows.net/folder",
        }
    }

    /// Whether the authority is `bucket@host`.
    pub(crate) fn names_a_host(self) -> bool {
        !matches!(self, Self::S3 | Self::Gcs)
    }
}

/// A place in an object store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectAddress {
    pub(crate) scheme: Scheme,
    /// The bucket, or the container.
    pub(crate) bucket: String,
    /// The host of schemes that name one, in lower case.
    pub(crate) host: Option<String>,
    /// The parts of the key, the last of them without a slash.
    pub(crate) segments: Vec<String>,
}

impl ObjectAddress {
    /// Reads what follows the scheme: `//bucket/a/b`. `None` if that is no place to store something at: no bucket, an empty
    /// part or a way up in the key, a query, a fragment, a password.
    pub(crate) fn parse(scheme: Scheme, rest: &str) -> Option<Self> {
        if rest.contains(['?', '#', '\\']) || rest.chars().any(char::is_control) {
            return None;
        }
        let (authority, path) = crate::location::split_authority(rest);
        let (bucket, host) = match (scheme.names_a_host(), authority.split_once('@')) {
            (false, None) => (authority, None),
            (true, Some((bucket, host))) if is_host(host) => (bucket, Some(host.to_ascii_lowercase())),
            _ => return None,
        };
        if !is_bucket(bucket) {
            return None;
        }
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        let segments: Vec<String> = path
            .split('/')
            .filter(|_| !path.is_empty())
            .map(str::to_owned)
            .collect();
        let is_place = |segment: &String| !matches!(segment.as_str(), "" | "." | "..");
        segments.iter().all(is_place).then(|| Self {
            scheme,
            bucket: bucket.to_owned(),
            host,
            segments,
        })
    }

    /// The bucket, as a URI.
    pub(crate) fn store(&self) -> String {
        Self {
            segments: Vec::new(),
            ..self.clone()
        }
        .to_string()
    }

    /// The path below it that another address has, if that is below it.
    pub(crate) fn below<'a>(&self, other: &'a Self) -> Option<&'a [String]> {
        let is_same_bucket =
            self.scheme == other.scheme && self.bucket == other.bucket && self.host == other.host;
        is_same_bucket
            .then(|| other.segments.strip_prefix(self.segments.as_slice()))
            .flatten()
    }
}

impl fmt::Display for ObjectAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}://{}", self.scheme.name(), self.bucket)?;
        if let Some(host) = &self.host {
            write!(formatter, "@{host}")?;
        }
        self.segments
            .iter()
            .try_for_each(|segment| write!(formatter, "/{segment}"))
    }
}

/// Letters, digits, dots, hyphens and underscores: what names of buckets and containers are made of.
fn is_bucket(name: &str) -> bool {
    let may_be_in = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '$');
    !name.is_empty() && name.len() <= 255 && name.chars().all(may_be_in) && !name.starts_with('.')
}

/// A name or an address, with a port or without.
fn is_host(host: &str) -> bool {
    let may_be_in = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    !host.is_empty() && host.chars().all(may_be_in)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::location::split_scheme;

    fn parse(uri: &str) -> Option<ObjectAddress> {
        let (scheme, rest) = split_scheme(uri)?;
        ObjectAddress::parse(Scheme::parse(&scheme)?, rest)
    }

    #[test]
    fn addresses_are_read_and_written() {
        for uri in [
            "s3://bucket",
            "s3://bucket/a/b c/é%20",
            "s3://my.bucket-1/a",
            "gs://bucket/a",
            "r2://bucket@account.r2.cloudflarestorage.com/a",
            "b2://bucket@s3.us-east-005.backblazeb2.com/a",
            "wasbs://container@account.blob.core.windows.net/a/b",
            "abfss://container@account.dfs.core.windows.net/a",
        ] {
            assert_eq!(parse(uri).unwrap().to_string(), uri);
        }
        assert_eq!(parse("s3://bucket/a/").unwrap().to_string(), "s3://bucket/a");
        assert_eq!(parse("S3://bucket/").unwrap().to_string(), "s3://bucket");
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for uri in [
            "s3:",
            "s3://",
            "s3:///a",
            "s3:bucket/a",
            "s3://../a",
            "s3://bucket/../a",
            "s3://bucket/a/../b",
            "s3://bucket/./a",
            "s3://bucket//a",
            "s3://bucket/a//b",
            "s3://bucket/a?x=1",
            "s3://bucket/a#b",
            "s3://bucket\\a",
            "s3://user@bucket/a",
            "s3://user:password@bucket/a",
            "s3://bucket:80/a",
            "gs://a@b/c",
            "wasbs://container/a",
            "wasbs://a:b@account.blob.core.windows.net/a",
            "wasbs://c@u@account.blob.core.windows.net/a",
            "wasbs://c@/a",
            "ftp://host/a",
        ] {
            assert_eq!(parse(uri), None, "{uri}");
        }
    }

    #[test]
    fn what_is_below_is_told_by_whole_parts() {
        let root = parse("s3://bucket/ml").unwrap();
        let below = |uri: &str| root.below(&parse(uri).unwrap()).map(<[String]>::to_vec);
        assert_eq!(
            below("s3://bucket/ml/1/a"),
            Some(vec!["1".to_owned(), "a".to_owned()])
        );
        assert_eq!(below("s3://bucket/ml"), Some(Vec::new()));
        for outside in [
            "s3://bucket/mlx/1",
            "s3://bucket",
            "s3://other/ml/1",
            "gs://bucket/ml/1",
        ] {
            assert_eq!(below(outside), None, "{outside}");
        }
    }
}
