//! Where on which web server a location is.

use std::fmt;

use url::Url;

use crate::location::{decode, split_authority};
use crate::path::ArtifactPath;

/// A folder of a web server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpAddress {
    /// Scheme, host and port, as the URL standard writes them, with the path `/`.
    origin: Url,
    /// The decoded names on the way.
    pub(crate) segments: Vec<String>,
}

impl HttpAddress {
    /// What its locations look like.
    pub(crate) const EXAMPLE: &'static str = "https://host/folder";

    /// Reads what follows the scheme, `http` or `https`: `//host:port/a/b%20c`. `None` if that is no folder to read from: a
    /// user, a query, a fragment, a way up or an empty part in the path, however often encoded.
    pub(crate) fn parse(scheme: &str, rest: &str) -> Option<Self> {
        if rest.contains(['?', '#', '\\']) || rest.chars().any(char::is_control) {
            return None;
        }
        let (authority, path) = split_authority(rest);
        if authority.is_empty() || authority.contains(['@', ' ']) {
            return None;
        }
        let origin = Url::parse(&format!("{scheme}://{authority}/")).ok()?;
        let path = ArtifactPath::parse_directory(&decode(path.strip_prefix('/').unwrap_or(path))?).ok()?;
        let segments = path.iter().flat_map(ArtifactPath::segments).map(str::to_owned);
        Some(Self {
            segments: segments.collect(),
            origin,
        })
    }

    /// Whether a text is the one that the URL standard has for it; a slash may follow.
    pub(crate) fn is_written(&self, text: &str) -> bool {
        self.to_string().trim_end_matches('/') == text.trim_end_matches('/')
    }

    /// Whether it is reached without TLS.
    pub(crate) fn is_plain(&self) -> bool {
        self.origin.scheme() == "http"
    }

    /// The server, as a URL.
    pub(crate) fn store(&self) -> String {
        self.origin.to_string()
    }

    /// The path below it that another address has, if that is below it.
    pub(crate) fn below<'a>(&self, other: &'a Self) -> Option<&'a [String]> {
        let is_same_server = self.origin == other.origin;
        is_same_server
            .then(|| other.segments.strip_prefix(self.segments.as_slice()))
            .flatten()
    }

    /// The URL of what is below it, each name percent-encoded.
    pub(crate) fn url(&self, below: Option<&ArtifactPath>) -> Url {
        let mut url = self.origin.clone();
        url.path_segments_mut()
            .expect("URLs with a host have a path")
            .clear()
            .extend(&self.segments)
            .extend(below.iter().flat_map(|below| below.segments()));
        url
    }
}

impl fmt::Display for HttpAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.url(None).as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::location::split_scheme;

    fn parse(uri: &str) -> Option<HttpAddress> {
        let (scheme, rest) = split_scheme(uri)?;
        HttpAddress::parse(&scheme, rest)
    }

    #[test]
    fn addresses_are_written_as_the_url_standard_says() {
        for (given, written) in [
            ("http://h", "http://h/"),
            ("https://h/models/", "https://h/models"),
            ("HTTPS://Host:443/a", "https://host/a"),
            ("http://h:8080/a", "http://h:8080/a"),
            ("http://0x7f.1/a", "http://127.0.0.1/a"),
            ("http://[::1]:80/a", "http://[::1]/a"),
            ("http://bücher.example/a", "http://xn--bcher-kva.example/a"),
            ("http://h/a b/%C3%A9", "http://h/a%20b/%C3%A9"),
            ("http://h/100%25/a+b;c=d&e", "http://h/100%25/a+b;c=d&e"),
        ] {
            assert_eq!(parse(given).unwrap().to_string(), written, "{given}");
        }
    }

    #[test]
    fn what_is_no_folder_is_refused() {
        for uri in [
            "http:",
            "http:h/a",
            "http://",
            "http:///a",
            "http://:80/a",
            "http://h:port/a",
            "http://h:99999/a",
            "http://user@h/a",
            "http://user:password@h/a",
            "http://@h/a",
            "http://h\\@other/a",
            "http://h /a",
            "http://%40h/a",
            "http://h/a?x=1",
            "http://h/a#b",
            "http://h/a\\b",
            "http://h/a\tb",
            "http://h//a",
            "http://h/a//b",
            "http://h/./a",
            "http://h/../a",
            "http://h/a/%2e%2e/b",
            "http://h/a/%252e%252e/b",
            "http://h/a%2f..%2fb",
            "http://h/a%5c..%5cb",
            "http://h/a%3fb",
            "http://h/a%23b",
            "http://h/%ff",
            "http://h/%00",
        ] {
            assert_eq!(parse(uri), None, "{uri}");
        }
    }

    #[test]
    fn what_is_below_is_told_by_server_and_whole_names() {
        let root = parse("http://h/models").unwrap();
        let below = |uri: &str| root.below(&parse(uri).unwrap()).map(<[String]>::to_vec);
        assert_eq!(below("http://h/models/"), Some(Vec::new()));
        assert_eq!(below("http://H:80/%6dodels/a%20b"), Some(vec!["a b".to_owned()]));
        for outside in [
            "http://h",
            "http://h/models-2/a",
            "http://h/Models/a",
            "http://h/other/models/a",
            "http://h:8080/models/a",
            "http://other/models/a",
            "http://h.example/models/a",
            "https://h/models/a",
            "https://h:80/models/a",
        ] {
            assert_eq!(below(outside), None, "{outside}");
        }
    }
}
