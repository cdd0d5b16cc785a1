//! What a trusted proxy says about the request it passes on.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::request::Parts as Head;
use ipnet::IpNet;

use super::authority::{Authority, Scheme};

/// The address a request comes from: the peer, or whom a trusted proxy names in `X-Forwarded-For`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddr(pub IpAddr);

/// A request as the client sent it, before any proxy.
#[derive(Debug)]
pub(super) struct AsSent {
    pub(super) scheme: Scheme,
    pub(super) authority: Authority,
    pub(super) client: Option<ClientAddr>,
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
        Ok(Self {
            scheme,
            authority,
            client: first_untrusted(head, trusted).or(client),
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
