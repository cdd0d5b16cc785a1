//! Patterns of `--allowed-hosts`.

use ipnet::IpNet;

use super::authority::{Authority, Host, Scheme, split_port};

/// What a `Host` may look like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum HostPattern {
    /// `*`
    Anything,
    /// `10.0.0.0/8`: addresses only, never names.
    Network(IpNet),
    /// `example.com`, `10.0.0.1:5000`, `*.example.com`; without a port, any port.
    Host { host: NamePattern, port: Option<u16> },
}

/// The host of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NamePattern {
    Exact(Host),
    /// A `*` stands for part of one label, never for a dot, and never for part of an address.
    Labels(Vec<String>),
}

impl HostPattern {
    pub(super) fn parse(raw: &str) -> Option<Self> {
        if raw == "*" {
            return Some(Self::Anything);
        }
        if raw.contains('/') {
            return raw.parse().ok().map(Self::Network);
        }
        if let Ok(address) = raw.parse() {
            return Some(Self::Host {
                host: NamePattern::Exact(Host::address(address)),
                port: None,
            });
        }
        let (name, port) = split_port(raw)?;
        let port = match port {
            None | Some("*") => None,
            Some(digits) => Some(digits.parse().ok()?),
        };
        // A `*` may stand where letters may: the rest is checked as the name it would be.
        let host = match Host::parse(&name.replace('*', "x"))? {
            Host::Name(_) if name.contains('*') => NamePattern::Labels(labels(&name.to_ascii_lowercase())),
            Host::Address(_) if name.contains('*') => return None,
            _ => NamePattern::Exact(Host::parse(name)?),
        };
        Some(Self::Host { host, port })
    }

    pub(super) fn matches(&self, authority: &Authority, scheme: Scheme) -> bool {
        match self {
            Self::Anything => true,
            Self::Network(network) => {
                matches!(authority.host, Host::Address(address) if network.contains(&address))
            }
            Self::Host { host, port } => {
                port.is_none_or(|port| port == authority.effective_port(scheme))
                    && host.matches(&authority.host)
            }
        }
    }
}

impl NamePattern {
    fn matches(&self, host: &Host) -> bool {
        match (self, host) {
            (Self::Exact(exact), host) => exact == host,
            (Self::Labels(patterns), Host::Name(name)) => {
                let labels: Vec<&str> = name.split('.').collect();
                labels.len() == patterns.len()
                    && patterns
                        .iter()
                        .zip(labels)
                        .all(|(pattern, label)| matches_label(pattern, label))
            }
            (Self::Labels(_), Host::Address(_)) => false,
        }
    }
}

fn labels(name: &str) -> Vec<String> {
    name.split('.').map(str::to_owned).collect()
}

/// Whether a label fits a pattern whose `*` stand for any letters, or for one or more if that is all there is.
fn matches_label(pattern: &str, label: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = label.strip_prefix(first) else {
        return false;
    };
    let Some(last) = pattern.contains('*').then(|| parts.next_back()).flatten() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last) && !label.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_labels_ports_and_networks() {
        let cases = [
            ("*", "anything.example:1", true),
            ("example.com", "EXAMPLE.com:9", true),
            ("example.com", "www.example.com", false),
            ("example.com:5000", "example.com:5000", true),
            ("example.com:5000", "example.com", false),
            ("example.com:80", "example.com", true),
            ("example.com:*", "example.com:7", true),
            ("*.example.com", "a.example.com", true),
            ("*.example.com", "a.b.example.com", false),
            ("*.example.com", "example.com", false),
            ("*.example.com", ".example.com", false),
            ("ml-*-eu.example.com", "ml-1-eu.example.com", true),
            ("ml-*-eu.example.com", "ml-eu.example.com", false),
            ("*.*.example.com", "a.b.example.com", true),
            ("10.*.*.*", "10.0.0.1", false),
            ("10.0.0.0/8", "10.1.2.3:5000", true),
            ("10.0.0.0/8", "10.attacker.example", false),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("fd00::/8", "[fd00::1]", true),
            ("::1", "[::1]:5000", true),
            ("[::1]:5000", "[::1]:5001", false),
        ];
        for (pattern, host, expected) in cases {
            let pattern_read =
                HostPattern::parse(pattern).unwrap_or_else(|| panic!("{pattern} is a pattern"));
            let authority = Authority::parse(host).unwrap();
            assert_eq!(
                pattern_read.matches(&authority, Scheme::Http),
                expected,
                "{pattern} and {host}"
            );
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for raw in ["", "http://a", "a:b", "10.0.0.0/33", "a b", "[::*]", "a/b"] {
            assert_eq!(HostPattern::parse(raw), None, "{raw:?}");
        }
    }
}
