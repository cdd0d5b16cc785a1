//! A stored file as an answer: types, ranges, conditional requests.

use std::ops::RangeInclusive;
use std::time::{Duration, SystemTime};

use axum::body::Body;
use axum::http::response::Builder;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use oxflow_artifacts::{ArtifactFile, ArtifactPath};
use oxflow_core::{ContentDigest, ErrorCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use unicode_normalization::UnicodeNormalization;

use crate::ApiError;

/// Whether a browser may keep an artifact without asking again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caching {
    /// No word about it, as the proxy of MLflow.
    Unsaid,
    /// Ask each time, as MLflow's run-level downloads.
    Revalidate,
}

const REPR_DIGEST: HeaderName = HeaderName::from_static("repr-digest");

/// Endings that are shown as text. Source: `get_text_extensions`, MLflow 3.17.
#[rustfmt::skip]
const TEXT_EXTENSIONS: [&str; 24] = [
    "txt", "log", "err", "cfg", "conf", "cnf", "cf", "ini", "properties", "prop", "hocon", "toml", "yaml", "yml",
    "xml", "json", "js", "py", "py3", "csv", "tsv", "md", "rst", "ipynb",
];

/// Endings that say how a file is compressed, not what it is. Source: Python's `mimetypes`.
const COMPRESSIONS: [&str; 4] = ["gz", "bz2", "xz", "br"];

/// Endings for which Python's `mimetypes`, which MLflow asks, knows another type.
const PYTHON_TYPES: [(&str, &str); 2] = [("parquet", "application/octet-stream"), ("wav", "audio/x-wav")];

/// What a browser may do with a file.
#[derive(Debug)]
pub(crate) struct Presentation {
    pub(crate) content_type: String,
    pub(crate) content_disposition: String,
    pub(crate) security_policy: &'static str,
}

/// Answers with a file, or the part of it that was asked for, as a download.
pub(crate) fn respond(
    file: ArtifactFile,
    path: &ArtifactPath,
    asked: &HeaderMap,
    caching: Caching,
) -> Result<Response, ApiError> {
    let name = path.file_name();
    let download = Presentation {
        content_type: content_type(name),
        content_disposition: content_disposition("attachment", name),
        // A stored page must not act as a page of this server.
        security_policy: "sandbox; default-src 'none'",
    };
    respond_as(&download, file, asked, caching)
}

/// Answers with a file, or the part of it that was asked for.
pub(crate) fn respond_as(
    presentation: &Presentation,
    file: ArtifactFile,
    asked: &HeaderMap,
    caching: Caching,
) -> Result<Response, ApiError> {
    let mut response = Response::builder()
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::ETAG, file.etag())
        .header(
            header::LAST_MODIFIED,
            httpdate::fmt_http_date(file.last_modified()),
        )
        .header(header::CONTENT_SECURITY_POLICY, presentation.security_policy)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    if let Some(sha256) = file.sha256() {
        response = response.header(REPR_DIGEST, repr_digest(sha256));
    }
    if caching == Caching::Revalidate {
        response = response.header(header::CACHE_CONTROL, "no-cache");
    }
    if is_known_to_client(&file, asked) {
        return finish(response.status(StatusCode::NOT_MODIFIED), Body::empty());
    }
    response = response
        .header(header::CONTENT_TYPE, presentation.content_type.as_str())
        .header(
            header::CONTENT_DISPOSITION,
            presentation.content_disposition.as_str(),
        );
    let size = file.size_bytes();
    match requested_range(&file, asked) {
        Requested::Whole => {
            response = response.header(header::CONTENT_LENGTH, size);
            finish(response, Body::from_stream(file.into_stream(None)))
        }
        Requested::Part(range) => {
            let (first, last) = (*range.start(), *range.end());
            response = response
                .status(StatusCode::PARTIAL_CONTENT)
                .header(header::CONTENT_RANGE, format!("bytes {first}-{last}/{size}"))
                .header(header::CONTENT_LENGTH, last - first + 1);
            finish(response, Body::from_stream(file.into_stream(Some(range))))
        }
        Requested::Unsatisfiable => {
            response = response
                .status(StatusCode::RANGE_NOT_SATISFIABLE)
                .header(header::CONTENT_RANGE, format!("bytes */{size}"));
            finish(response, Body::empty())
        }
    }
}

/// The checksum of the whole file, also in front of a part of it. Source: RFC 9530, section 3.
fn repr_digest(sha256: ContentDigest) -> String {
    format!("sha-256=:{}:", STANDARD.encode(sha256.as_bytes()))
}

fn finish(response: Builder, body: Body) -> Result<Response, ApiError> {
    response.body(body).map_err(|error| {
        ApiError::new(
            ErrorCode::InternalError,
            format!("could not build the answer: {error}"),
        )
    })
}

/// `If-None-Match`, else `If-Modified-Since`.
pub(crate) fn is_known_to_client(file: &ArtifactFile, asked: &HeaderMap) -> bool {
    if let Some(tags) = text_of(asked, &header::IF_NONE_MATCH) {
        return tags
            .split(',')
            .map(|tag| tag.trim().trim_start_matches("W/"))
            .any(|tag| tag == "*" || tag == file.etag());
    }
    text_of(asked, &header::IF_MODIFIED_SINCE)
        .and_then(|date| httpdate::parse_http_date(date).ok())
        .is_some_and(|date| whole_seconds(file.last_modified()) <= whole_seconds(date))
}

fn whole_seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or(Duration::ZERO)
        .as_secs()
}

fn text_of<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[derive(Debug, PartialEq, Eq)]
enum Requested {
    Whole,
    Part(RangeInclusive<u64>),
    Unsatisfiable,
}

fn requested_range(file: &ArtifactFile, asked: &HeaderMap) -> Requested {
    let Some(range) = text_of(asked, &header::RANGE) else {
        return Requested::Whole;
    };
    // A range of another version of the file is no use to the client: it gets the whole new one.
    if text_of(asked, &header::IF_RANGE).is_some_and(|tag| tag != file.etag()) {
        return Requested::Whole;
    }
    parse_range(range, file.size_bytes())
}

/// One range of bytes. Several ranges, and what is no range, mean the whole file (RFC 9110).
fn parse_range(text: &str, size: u64) -> Requested {
    let Some(("bytes", range)) = text.split_once('=') else {
        return Requested::Whole;
    };
    let Some((first, last)) = range.split_once('-') else {
        return Requested::Whole;
    };
    if range.contains(',') {
        return Requested::Whole;
    }
    let number = |digits: &str| -> Option<u64> {
        digits
            .bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| digits.parse().unwrap_or(u64::MAX))
    };
    let bounds = match (first, last) {
        ("", "") => None,
        ("", length) => number(length).map(|length| (size.saturating_sub(length), u64::MAX, length > 0)),
        (first, "") => number(first).map(|first| (first, u64::MAX, true)),
        (first, last) => number(first)
            .zip(number(last))
            .map(|(first, last)| (first, last, true)),
    };
    match bounds {
        None => Requested::Whole,
        Some((first, last, _)) if first > last => Requested::Whole,
        Some((first, _, is_wanted)) if first >= size || !is_wanted => Requested::Unsatisfiable,
        Some((first, last, _)) => Requested::Part(first..=last.min(size - 1)),
    }
}

/// The type by the name alone; text of any kind is plain text, so that no browser runs it.
pub(crate) fn content_type(name: &str) -> String {
    if name == "MLmodel" || TEXT_EXTENSIONS.contains(&extension(name).as_str()) {
        return "text/plain".to_owned();
    }
    // A compressed file has the type of what is inside.
    let inner = if COMPRESSIONS.contains(&extension(name).as_str()) {
        name.rsplit_once('.').map_or(name, |(inner, _)| inner)
    } else {
        name
    };
    if let Some((_, kind)) = PYTHON_TYPES
        .iter()
        .find(|(ending, _)| *ending == extension(inner))
    {
        return (*kind).to_owned();
    }
    let kind = mime_guess::from_path(inner).first_or_octet_stream();
    // `.mjs`, too: a page of this server may run what is served as a script.
    if kind.subtype() == mime_guess::mime::JAVASCRIPT {
        return "text/plain".to_owned();
    }
    kind.essence_str().to_owned()
}

fn extension(name: &str) -> String {
    name.rsplit_once('.')
        .map_or(name, |(_, extension)| extension)
        .to_ascii_lowercase()
}

/// What the extended form of a file name has to encode (RFC 8187).
const NOT_IN_EXTENDED_VALUES: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// `attachment` or `inline` with the name: an ASCII form for all, and the exact one in UTF-8 if they differ.
pub(crate) fn content_disposition(kind: &str, name: &str) -> String {
    let plain: String = name
        .nfkd()
        .filter(|c| c.is_ascii() && !c.is_ascii_control() && !matches!(c, '"' | '\\'))
        .collect();
    let is_token = plain
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b));
    let quote = if is_token { "" } else { "\"" };
    let disposition = format!("{kind}; filename={quote}{plain}{quote}");
    if plain == name {
        return disposition;
    }
    format!(
        "{disposition}; filename*=UTF-8''{}",
        utf8_percent_encode(name, NOT_IN_EXTENDED_VALUES)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_served_and_anything_odd_is_the_whole_file() {
        for (text, expected) in [
            ("bytes=0-4", Requested::Part(0..=4)),
            ("bytes=5-", Requested::Part(5..=9)),
            ("bytes=-3", Requested::Part(7..=9)),
            ("bytes=-30", Requested::Part(0..=9)),
            ("bytes=8-99", Requested::Part(8..=9)),
            ("bytes=10-", Requested::Unsatisfiable),
            ("bytes=-0", Requested::Unsatisfiable),
            ("bytes=99999999999999999999-", Requested::Unsatisfiable),
            ("bytes=4-2", Requested::Whole),
            ("bytes=0-1,3-4", Requested::Whole),
            ("bytes=a-b", Requested::Whole),
            ("bytes=-", Requested::Whole),
            ("bytes=0 - 1", Requested::Whole),
            ("bytes= 0-1", Requested::Whole),
            ("bytes=0-1\t", Requested::Whole),
            ("lines=0-4", Requested::Whole),
        ] {
            assert_eq!(parse_range(text, 10), expected, "{text}");
        }
        assert_eq!(parse_range("bytes=0-", 0), Requested::Unsatisfiable);
    }

    #[test]
    fn text_is_plain_and_names_cannot_break_the_header() {
        assert_eq!(content_type("MLmodel"), "text/plain");
        assert_eq!(content_type("a.JSON"), "text/plain");
        assert_eq!(content_type("module.mjs"), "text/plain");
        assert_eq!(content_type("script.js.gz"), "text/plain");
        assert_eq!(content_type("plot.png"), "image/png");
        assert_eq!(content_type("page.html"), "text/html");
        assert_eq!(content_type("weights.bin"), "application/octet-stream");
        assert_eq!(
            content_disposition("attachment", "a.txt"),
            "attachment; filename=a.txt"
        );
        assert_eq!(
            content_disposition("attachment", "a b.txt"),
            "attachment; filename=\"a b.txt\""
        );
        assert_eq!(
            content_disposition("attachment", "a\"\r\né.txt"),
            "attachment; filename=ae.txt; filename*=UTF-8''a%22%0D%0A%C3%A9.txt"
        );
    }
}
