//! What a trusted proxy says about the request it passes on.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::request::Parts as Head;

use super::authority::{Authority, Host, Scheme};
use super::hosts::asked_host;
use super::proxies::{Peer, TrustedProxies};
use crate::EdgeConfig;

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

/// A request as the client sent it, before any proxy.
#[derive(Debug)]
pub(super) struct AsSent {
    pub(super) scheme: Scheme,
    pub(super) authority: Authority,
    pub(super) client: Option<ClientAddr>,
    pub(super) prefix: Option<ForwardedPrefix>,
}

impl AsSent {
    /// Whether browsers may be told to come over TLS only. An address has no such rule (RFC 6797, section 8.1.1), and
    /// one for `localhost` would hold for every other server of that machine.
    pub(super) fn is_pinnable(&self) -> bool {
        let is_shared = self.authority.host == Host::Name("localhost".to_owned());
        self.scheme == Scheme::Https && matches!(self.authority.host, Host::Name(_)) && !is_shared
    }

    /// Takes the peer's word if it is a trusted proxy, else the request as it is.
    pub(super) fn of(head: &Head, asked: Authority, trusted: &TrustedProxies) -> Result<Self, &'static str> {
        let peer = head.extensions.get::<Peer>().copied();
        let scheme = head.extensions.get::<Scheme>().copied().unwrap_or(Scheme::Http);
        let client = peer.map(|peer| ClientAddr(peer.address()));
        if !peer.is_some_and(|peer| trusted.trusts(peer)) {
            return Ok(Self {
                scheme,
                authority: asked,
                client,
                prefix: None,
            });
        }
        let scheme = match last(head, "x-forwarded-proto") {
            Some(raw) => Scheme::parse(raw).ok_or("`X-Forwarded-Proto` is neither http nor https")?,
            None => scheme,
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
            client: furthest_known(head, trusted).or(client),
            prefix,
        })
    }
}

/// `scheme://host[:port]` as the client sent a request that the guard has let pass.
pub(crate) fn origin_as_sent(head: &Head, config: &EdgeConfig) -> Option<String> {
    let asked = asked_host(head).ok()?;
    let sent = AsSent::of(head, asked, &TrustedProxies::new(config)).ok()?;
    let scheme = match sent.scheme {
        Scheme::Http => "http",
        Scheme::Https => "https",
    };
    Some(format!("{scheme}://{}", sent.authority))
}

/// What a proxy took from the beginning of the path.
pub(crate) fn prefix_as_sent(head: &Head) -> String {
    let prefix = head.extensions.get::<ForwardedPrefix>();
    prefix.map_or_else(String::new, |prefix| prefix.0.clone())
}

/// The last element: what the proxy next to us wrote; those before it may come from the client.
fn last<'a>(head: &'a Head, name: &str) -> Option<&'a str> {
    let value = head.headers.get_all(name).iter().next_back()?;
    value.to_str().ok()?.rsplit(',').next().map(str::trim)
}

/// Walks `X-Forwarded-For` from our side to the first address that is no trusted proxy: what is written before that
/// one, the client may have made up. A chain of trusted proxies only began at the first of them; a hop that is no
/// address hides what is before it.
fn furthest_known(head: &Head, trusted: &TrustedProxies) -> Option<ClientAddr> {
    let lines = head.headers.get_all("x-forwarded-for").iter().rev();
    let mut furthest = None;
    for raw in lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(',')) {
        let Some(address) = parse_hop(raw.trim()) else {
            break;
        };
        furthest = Some(ClientAddr(address));
        if !trusted.has(address) {
            break;
        }
    }
    furthest
}

/// An address as proxies write them: bare, in brackets, or with a port.
fn parse_hop(raw: &str) -> Option<IpAddr> {
    let in_brackets = |raw: &str| {
        let address = raw.strip_prefix('[')?.strip_suffix(']')?;
        address.parse::<Ipv6Addr>().ok().map(IpAddr::from)
    };
    let with_port = |raw: &str| raw.parse::<SocketAddr>().ok().map(|address| address.ip());
    let address = raw
        .parse()
        .ok()
        .or_else(|| in_brackets(raw))
        .or_else(|| with_port(raw));
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EdgeConfig;

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
    #[test]
    fn the_client_is_the_last_hop_that_no_trusted_proxy_is() {
        let trusted = TrustedProxies::new(&EdgeConfig {
            trusted_proxies: ["10.0.0.0/8", "2001:db8::/32"]
                .map(|network| network.parse().unwrap())
                .to_vec(),
            ..EdgeConfig::default()
        });
        for (lines, client) in [
            (&["192.0.2.7"][..], Some("192.0.2.7")),
            (&["6.6.6.6, 192.0.2.7"], Some("192.0.2.7")),
            (&["10.6.6.6, 192.0.2.7, 10.0.0.1"], Some("192.0.2.7")),
            (&["6.6.6.6", "192.0.2.7 ,10.0.0.1", "10.0.0.2"], Some("192.0.2.7")),
            (&["2a00:1450::1, 2001:db8::2"], Some("2a00:1450::1")),
            (
                &["6.6.6.6, [2a00:1450::1]:4711, [2001:db8::2]"],
                Some("2a00:1450::1"),
            ),
            (&["192.0.2.7:51234"], Some("192.0.2.7")),
            (&["6.6.6.6, ::ffff:10.0.0.9, ::ffff:192.0.2.7"], Some("192.0.2.7")),
            // Everything that is known is ours.
            (&["10.1.1.1, 10.0.0.1"], Some("10.1.1.1")),
            (&["6.6.6.6, unknown, 10.0.0.1"], Some("10.0.0.1")),
            (&["6.6.6.6,, 10.0.0.1"], Some("10.0.0.1")),
            (&["6.6.6.6, _hidden"], None),
            (&["6.6.6.6, "], None),
            (&[""], None),
            (&[], None),
        ] {
            let mut request = http::Request::builder();
            for line in lines {
                request = request.header("x-forwarded-for", *line);
            }
            let (head, ()) = request.body(()).unwrap().into_parts();
            let expected = client.map(|client| ClientAddr(client.parse().unwrap()));
            assert_eq!(furthest_known(&head, &trusted), expected, "{lines:?}");
        }
    }
}
