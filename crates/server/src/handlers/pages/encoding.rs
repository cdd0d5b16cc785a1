//! Which form of a file a client wants.

use axum::http::{HeaderMap, header};
use oxflow_ui::File;

/// A form of a file: bytes, and what `Content-Encoding` and the ETag say of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) bytes: &'static [u8],
    pub(super) encoding: Option<&'static str>,
}

/// The form the client likes best; of those it likes the same, the smallest.
///
/// The file as it is goes to who asks for nothing, or for what is not there.
pub(super) fn best_form(file: &File, asked: &HeaderMap) -> Form {
    let accepted = Accepted::of(asked);
    let plain = Form {
        bytes: file.plain,
        encoding: None,
    };
    let compressed = [("br", file.brotli), ("gzip", file.gzip)];
    let mut best = (plain, accepted.identity());
    for (encoding, bytes) in compressed {
        let Some(bytes) = bytes else { continue };
        let weight = accepted.weight(encoding);
        let is_better = weight > best.1 || (weight == best.1 && bytes.len() < best.0.bytes.len());
        if weight > 0 && is_better {
            let encoding = Some(encoding);
            best = (Form { bytes, encoding }, weight);
        }
    }
    best.0
}

/// `Accept-Encoding`: names in small letters with their weights in thousandths.
struct Accepted(Vec<(String, u16)>);

impl Accepted {
    fn of(headers: &HeaderMap) -> Self {
        let values = headers.get_all(header::ACCEPT_ENCODING).iter();
        let values = values.filter_map(|value| value.to_str().ok());
        let codings = values.flat_map(|value| value.split(','));
        Self(codings.filter_map(coding).collect())
    }

    fn listed(&self, name: &str) -> Option<u16> {
        let mut listed = self.0.iter().filter(|(listed, _)| listed == name);
        listed.next().map(|(_, weight)| *weight)
    }

    fn weight(&self, name: &str) -> u16 {
        self.listed(name).or_else(|| self.listed("*")).unwrap_or(0)
    }

    /// Unlisted, the plain form is fine, but anything listed is liked better.
    fn identity(&self) -> u16 {
        self.listed("identity").unwrap_or(0)
    }
}

/// One element such as `gzip;q=0.8`. What is no weight counts as none given.
fn coding(element: &str) -> Option<(String, u16)> {
    let mut parts = element.split(';').map(str::trim);
    let name = parts.next().filter(|name| !name.is_empty())?;
    let weight = parts
        .filter_map(|part| part.split_once('='))
        .find(|(key, _)| key.trim().eq_ignore_ascii_case("q"))
        .and_then(|(_, weight)| weight.trim().parse::<f32>().ok())
        .filter(|weight| (0.0..=1.0).contains(weight));
    // In range, so it fits.
    let thousandths = (weight.unwrap_or(1.0) * 1000.0).round() as u16;
    Some((name.to_ascii_lowercase(), thousandths))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_client_decides_and_then_the_size() {
        let file = File {
            name: "a.js",
            content_type: "text/javascript",
            hash: "0",
            plain: b"plain plain",
            brotli: Some(b"br"),
            gzip: Some(b"gzip"),
        };
        for (asked, expected) in [
            ("gzip, deflate, br, zstd", Some("br")),
            ("gzip, deflate", Some("gzip")),
            ("GZIP", Some("gzip")),
            ("br;q=0.5, gzip;q=0.8", Some("gzip")),
            ("br;q=0, gzip", Some("gzip")),
            ("br;q=0.001", Some("br")),
            ("*", Some("br")),
            ("*;q=0.1, br;q=0", Some("gzip")),
            ("identity, br;q=0.5", None),
            ("identity;q=0.5, gzip", Some("gzip")),
            ("identity, br", Some("br")),
            ("deflate", None),
            ("br;q=0, gzip;q=0", None),
            ("", None),
            (";;,q=1,", None),
            ("br;q=nan", Some("br")),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(asked));
            assert_eq!(best_form(&file, &headers).encoding, expected, "{asked}");
        }
        assert_eq!(best_form(&file, &HeaderMap::new()).encoding, None);
    }
}
