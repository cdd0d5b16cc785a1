//! What a trusted proxy says about the request it passes on.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::request::Parts as Head;
use ipnet::IpNet;

use super::authority::{Authority, Scheme};

/// The address a request comes from: the peer, or whom a trusted proxy names in `X-Forwarded-For`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddr(pub IpAddr);

/// What a trusted proxy took off the beginning of the path, as it says in `X-Forwarded-Prefix`: `/x`, never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForwardedPrefix(pub String);

impl ForwardedPrefix {
    /// Longest one, in bytes.
    const MAX_BYTES: usize = 1024;

    /// Takes what a path can hold as it is, so that it can be written into a page. `/` alone is no prefix.
    fn parse(raw: &str) -> Result<Option<Self>, &'static str> {
        let prefix = raw.trim_end_matches('/');
        if prefix.is_empty() {
            return Ok(None);
        }
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "/-_.~".contains(c);
        let mut parts = prefix.split('/');
        let is_path = parts.next() == Some("") && parts.all(|part| !matches!(part, "" | "." | ".."));
        if !is_path || prefix.len() > Self::MAX_BYTES || !prefix.chars().all(is_plain) {
            return Err("`X-Forwarded-Prefix` is not a plain path");
        }
        Ok(Some(Self(prefix.to_owned())))
    }
}

/// How the client sent the request, before any proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SentOver(Scheme);

impl SentOver {
    pub(super) fn new(scheme: Scheme) -> Self {
        Self(scheme)
    }

    /// Whether nobody between the client and us, or its proxy, could read it.
    pub fn is_tls(self) -> bool {
        self.0 == Scheme::Https
    }
}

/// A request as the client sent it, before any proxy.
#[derive(Debug)]
pub(super) struct AsSent {
    pub(super) scheme: Scheme,
    pub(super) authority: Authority,
    pub(super) client: Option<ClientAddr>,
    pub(super) prefix: Option<ForwardedPrefix>,
}

impl AsSent {
    /// Takes the peer's word if it is a trusted proxy, else the request as it is.
    pub(super) fn of(head: &Head, asked: Authority, trusted: &[IpNet]) -> Result<Self, &'static str> {
        let peer = head
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|peer| peer.0.ip().to_canonical());
        let client = peer.map(ClientAddr);
        if !peer.is_some_and(|peer| is_in(trusted, peer)) {
            return Ok(Self {
                scheme: Scheme::Http,
                authority: asked,
                client,
                prefix: None,
            });
        }
        let scheme = match last(head, "x-forwarded-proto") {
            Some(raw) => Scheme::parse(raw).ok_or("`X-Forwarded-Proto` is neither http nor https")?,
            None => Scheme::Http,
        };
        let authority = match last(head, "x-forwarded-host") {
            Some(raw) => Authority::parse(raw).ok_or("`X-Forwarded-Host` is not `host` or `host:port`")?,
            None => asked,
        };
        let prefix = match last(head, "x-forwarded-prefix") {
            Some(raw) => ForwardedPrefix::parse(raw)?,
            None => None,
        };
        Ok(Self {
            scheme,
            authority,
            client: first_untrusted(head, trusted).or(client),
            prefix,
        })
    }
}

/// The last element: what the proxy next to us wrote; those before it may come from the client.
fn last<'a>(head: &'a Head, name: &str) -> Option<&'a str> {
    let value = head.headers.get_all(name).iter().next_back()?;
    value.to_str().ok()?.rsplit(',').next().map(str::trim)
}

/// Walks `X-Forwarded-For` from our side to the first address that is no trusted proxy.
fn first_untrusted(head: &Head, trusted: &[IpNet]) -> Option<ClientAddr> {
    let lines = head.headers.get_all("x-forwarded-for").iter().rev();
    for raw in lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(',')) {
        let address = raw.trim().parse::<IpAddr>().ok()?.to_canonical();
        if !is_in(trusted, address) {
            return Some(ClientAddr(address));
        }
    }
    None
}

fn is_in(networks: &[IpNet], address: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_a_plain_path() {
        let parsed = |raw| ForwardedPrefix::parse(raw).map(|prefix| prefix.map(|prefix| prefix.0));
        assert_eq!(parsed("/a/b-c.d~/"), Ok(Some("/a/b-c.d~".to_owned())));
        assert_eq!((parsed(""), parsed("/")), (Ok(None), Ok(None)));
        let long = format!("/{}", "x".repeat(1024));
        for raw in [
            "a",
            "//evil.example",
            "/a//b",
            "/..",
            "/a/./b",
            "/\"><script>",
            "/a b",
            "/é",
            "/%2e",
            &long,
        ] {
            assert!(parsed(raw).is_err(), "{raw}");
        }
    }
}
