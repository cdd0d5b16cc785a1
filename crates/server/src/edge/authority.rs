//! `host[:port]`, taken apart before anything compares it.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// Longest host name, in bytes (RFC 1035).
const MAX_NAME_BYTES: usize = 253;

/// How a request was sent: in an extension of every request, as the client sent it, before any proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// In the clear.
    Http,
    /// In TLS.
    Https,
}

impl Scheme {
    pub(super) fn parse(raw: &str) -> Option<Self> {
        if raw.eq_ignore_ascii_case("http") {
            Some(Self::Http)
        } else if raw.eq_ignore_ascii_case("https") {
            Some(Self::Https)
        } else {
            None
        }
    }

    /// The port that an address of this scheme means when it names none.
    pub(super) fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// A host: `10.attacker.example` is a name, whatever it begins with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Host {
    Address(IpAddr),
    /// In lower case.
    Name(String),
}

impl Host {
    /// Parses a host without a port; IPv6 addresses in brackets.
    pub(super) fn parse(raw: &str) -> Option<Self> {
        if let Some(address) = raw.strip_prefix('[') {
            let address: Ipv6Addr = address.strip_suffix(']')?.parse().ok()?;
            return Some(Self::address(address.into()));
        }
        if let Ok(IpAddr::V4(address)) = raw.parse() {
            return Some(Self::address(address.into()));
        }
        let is_name_byte = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        let is_name = !raw.is_empty() && raw.len() <= MAX_NAME_BYTES && raw.bytes().all(is_name_byte);
        is_name.then(|| Self::Name(raw.to_ascii_lowercase()))
    }

    /// An IPv4 address in IPv6 clothes is the IPv4 address.
    pub(super) fn address(address: IpAddr) -> Self {
        Self::Address(address.to_canonical())
    }
}

/// A host and the port named with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Authority {
    pub(super) host: Host,
    pub(super) port: Option<u16>,
}

impl Authority {
    /// Parses `host[:digits]`; `None` for anything else, user names and empty ports included.
    pub(super) fn parse(raw: &str) -> Option<Self> {
        let (host, port) = split_port(raw)?;
        let port = match port {
            None => None,
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(digits.parse().ok()?),
            Some(_) => return None,
        };
        Some(Self {
            host: Host::parse(host)?,
            port,
        })
    }

    /// The port, named or meant.
    pub(super) fn effective_port(&self, scheme: Scheme) -> u16 {
        self.port.unwrap_or(scheme.default_port())
    }
}

impl fmt::Display for Authority {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Address(IpAddr::V6(address)) => write!(formatter, "[{address}]"),
            Host::Address(address) => write!(formatter, "{address}"),
            Host::Name(name) => formatter.write_str(name),
        }?;
        self.port.map_or(Ok(()), |port| write!(formatter, ":{port}"))
    }
}

/// Splits at the colon before the port, if there is one; a colon inside brackets is none.
pub(super) fn split_port(raw: &str) -> Option<(&str, Option<&str>)> {
    let name_end = match raw.strip_prefix('[') {
        Some(_) => raw.find(']')? + 1,
        None => raw.find(':').unwrap_or(raw.len()),
    };
    match &raw[name_end..] {
        "" => Some((raw, None)),
        rest => Some((&raw[..name_end], Some(rest.strip_prefix(':')?))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_ports_are_taken_apart() {
        let name = |name: &str| Host::Name(name.to_owned());
        let address = |raw: &str| Host::Address(raw.parse().unwrap());
        let cases = [
            ("Example.COM", name("example.com"), None),
            ("example.com:5000", name("example.com"), Some(5000)),
            ("10.attacker.example", name("10.attacker.example"), None),
            ("127.1", name("127.1"), None),
            ("10.0.0.1:80", address("10.0.0.1"), Some(80)),
            ("[::1]:5000", address("::1"), Some(5000)),
            ("[::ffff:10.0.0.1]", address("10.0.0.1"), None),
        ];
        for (raw, host, port) in cases {
            assert_eq!(Authority::parse(raw), Some(Authority { host, port }), "{raw:?}");
        }
    }

    #[test]
    fn anything_else_is_malformed() {
        for raw in [
            "",
            ":80",
            "host:",
            "host:+80",
            "host:65536",
            "host:80:80",
            "::1",
            "[::1",
            "[::1]80",
            "[::1%eth0]",
            "[127.0.0.1]",
            "user@host",
            "host/path",
            "ho st",
            "a,b",
            "höst",
            "[::1]:x",
        ] {
            assert_eq!(Authority::parse(raw), None, "{raw:?}");
        }
    }
}
