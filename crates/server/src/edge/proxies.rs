//! Who is at the other end of a connection, and whether it is a proxy that is believed.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ipnet::IpNet;

use crate::EdgeConfig;

/// The other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// It has an address.
    Address(SocketAddr),
    /// A program of this machine, over a unix socket.
    UnixSocket,
}

impl Peer {
    /// Where it is; a program of this machine is at 127.0.0.1. An IPv4 address in IPv6 clothes is the IPv4 address.
    pub(super) fn address(self) -> IpAddr {
        match self {
            Self::Address(address) => address.ip().to_canonical(),
            Self::UnixSocket => IpAddr::V4(Ipv4Addr::LOCALHOST),
        }
    }
}

/// The peers whose `X-Forwarded-*` headers are believed. security.md, section 2.
#[derive(Debug, Clone)]
pub(super) struct TrustedProxies {
    networks: Vec<IpNet>,
    unix_socket: bool,
}

impl TrustedProxies {
    pub(super) fn new(config: &EdgeConfig) -> Self {
        Self {
            networks: config.trusted_proxies.clone(),
            unix_socket: config.trusts_unix_socket,
        }
    }

    /// Whether a peer is one. A unix socket is trusted by its own name only: who may open its file is another
    /// question than who may connect from 127.0.0.1.
    pub(super) fn trusts(&self, peer: Peer) -> bool {
        match peer {
            Peer::Address(_) => self.has(peer.address()),
            Peer::UnixSocket => self.unix_socket,
        }
    }

    /// Whether the proxy at an address, which another proxy names, is one.
    pub(super) fn has(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }
}
