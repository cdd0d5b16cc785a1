//! `ArtifactPath`: the only path a storage function takes.

use std::fmt;
use std::ops::RangeInclusive;

use percent_encoding::percent_decode_str;

/// Name of the directory below each local root that holds unfinished uploads.
///
/// No artifact path may contain it, and listings never show it.
pub const TEMP_DIRECTORY: &str = ".oxflow-tmp";

/// Longest path segment in bytes, as file systems have it.
const MAX_SEGMENT_BYTES: usize = 255;
/// Longest path in bytes.
const MAX_PATH_BYTES: usize = 4096;
/// Most segments in one path.
const MAX_SEGMENTS: usize = 128;
/// How often a value is percent-decoded further when looking for a disguised traversal.
const MAX_DECODE_ROUNDS: usize = 5;

/// What `%10` to `%19` decode to.
///
/// Many clients, 2.22 and 3.6 among them, put `%` between the parts of an image's name and write numbers after it:
/// `dog%step%10%timestamp%1795252641760`. Times in milliseconds begin with 17 until 2027, with 18 and 19 until 2033.
const MADE_OF_DIGITS: RangeInclusive<char> = '\u{10}'..='\u{19}';

/// Schemes that make `scheme:rest` a URI even when no slash follows the colon.
const URI_SCHEMES: &[&str] = &[
    "abfs",
    "abfss",
    "b2",
    "data",
    "dbfs",
    "file",
    "ftp",
    "ftps",
    "gopher",
    "gs",
    "hdfs",
    "http",
    "https",
    "javascript",
    "mlflow-artifacts",
    "models",
    "r2",
    "runs",
    "s3",
    "sftp",
    "viewfs",
    "wasb",
    "wasbs",
];

/// A relative path below an artifact root, such as `model/MLmodel`.
///
/// 1–128 segments of 1–255 bytes, at most 4096 bytes in all, separated by single slashes. It cannot
/// hold anything that a file system, an object store, a URL or a Windows client could read as a
/// way out of the root, not even after decoding it up to five times more. Names such as `a b`, `é`,
/// `...` and `a%25b` are kept byte for byte.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ArtifactPath(String);

/// The text is not a path below an artifact root.
///
/// It says no more than MLflow does: naming the rule would only help to get around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Invalid path")]
pub struct InvalidPath;

impl ArtifactPath {
    /// Reads a path from the once-decoded request value.
    pub fn parse(decoded: &str) -> Result<Self, InvalidPath> {
        if decoded.len() > MAX_PATH_BYTES || !survives_decoding(decoded) {
            return Err(InvalidPath);
        }
        Ok(Self(decoded.to_owned()))
    }

    /// Reads the path of a directory: the empty text is the root (`None`), one trailing slash is dropped.
    pub fn parse_directory(decoded: &str) -> Result<Option<Self>, InvalidPath> {
        if decoded.is_empty() {
            return Ok(None);
        }
        Self::parse(decoded.strip_suffix('/').unwrap_or(decoded)).map(Some)
    }

    /// The path as text, exactly as it was parsed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The names between the slashes; at least one.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/')
    }

    /// The last segment.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// What follows the last dot of the file name; `None` for `Makefile`, `.env` and `name.`.
    pub fn extension(&self) -> Option<&str> {
        let (stem, extension) = self.file_name().rsplit_once('.')?;
        (!stem.is_empty() && !extension.is_empty()).then_some(extension)
    }

    /// Everything before the last segment; `None` when there is only one.
    pub fn parent(&self) -> Option<Self> {
        let (parent, _) = self.0.rsplit_once('/')?;
        Some(Self(parent.to_owned()))
    }

    /// `self/below`. Fails if that is no path: too long, too deep, or, as `s:` and `x`, a URI.
    pub fn join(&self, below: &Self) -> Result<Self, InvalidPath> {
        Self::parse(&format!("{}/{}", self.0, below.0))
    }
}

impl fmt::Display for ArtifactPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Checks the value and whatever further percent-decoding makes of it.
fn survives_decoding(value: &str) -> bool {
    if !is_plain_path(value) {
        return false;
    }
    let mut current = value.to_owned();
    for _ in 0..MAX_DECODE_ROUNDS {
        let decoded = decode_once(&current);
        if decoded == current {
            return true;
        }
        if !is_plain_path(&decoded.replace(|c| MADE_OF_DIGITS.contains(&c), "")) {
            return false;
        }
        current = decoded;
    }
    // Still changing: nobody names a file like that, and a sixth round might be a traversal.
    decode_once(&current) == current
}

/// One round of percent-decoding. Bytes that are not UTF-8 become U+FFFD: every character the
/// rules look for is ASCII or a control character, so nothing can hide behind the replacement.
fn decode_once(value: &str) -> String {
    percent_decode_str(value).decode_utf8_lossy().into_owned()
}

/// The rules themselves, for a value that is not decoded any further.
fn is_plain_path(value: &str) -> bool {
    let has_refused_character = value
        .chars()
        .any(|c| c.is_control() || matches!(c, '\\' | '#' | '?'));
    !has_refused_character
        && !has_drive_or_scheme(value)
        && value.split('/').count() <= MAX_SEGMENTS
        && value.split('/').all(is_plain_segment)
}

/// An empty segment also stands for the empty path, a leading slash and a trailing one.
fn is_plain_segment(segment: &str) -> bool {
    !matches!(segment, "" | "." | "..")
        && segment.len() <= MAX_SEGMENT_BYTES
        // Any case: some file systems do not tell them apart. At any depth: roots may be nested.
        && !segment.eq_ignore_ascii_case(TEMP_DIRECTORY)
}

/// `C:`, `file:x`, `any+scheme:/x`. A colon elsewhere is an ordinary character: `loss:train.json`.
fn has_drive_or_scheme(value: &str) -> bool {
    let Some((prefix, rest)) = value.split_once(':') else {
        return false;
    };
    let is_scheme = prefix.starts_with(|c: char| c.is_ascii_alphabetic())
        && prefix
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    is_scheme
        && (prefix.len() == 1
            || rest.starts_with('/')
            || URI_SCHEMES.iter().any(|known| prefix.eq_ignore_ascii_case(known)))
}

#[cfg(test)]
#[path = "path_tests.rs"]
mod tests;
