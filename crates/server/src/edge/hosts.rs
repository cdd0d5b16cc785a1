//! Which `Host` a request may name: the defence against DNS rebinding. security.md, sections 1 and 2.

use std::net::IpAddr;

use axum::http::request::Parts as Head;
use axum::http::{HeaderMap, HeaderName, header};
use tracing::warn;

use super::authority::{Authority, Host, Scheme};
use super::host_pattern::HostPattern;
use crate::EdgeConfig;

/// Paths that answer under any well-formed Host: probes name the address they happen to use.
const FOR_ANY_HOST: [&str; 4] = ["/health", "/livez", "/readyz", "/version"];

/// The hosts a server answers to.
#[derive(Debug)]
pub(super) struct Hosts {
    rule: Rule,
    static_prefix: String,
}

#[derive(Debug)]
enum Rule {
    /// Checks are off.
    Any,
    Patterns(Vec<HostPattern>),
    /// The default: these names, with the listening port or none.
    Own {
        names: Vec<Host>,
        /// None at a unix socket, where a request names no port either.
        port: Option<u16>,
        is_wildcard: bool,
    },
}

impl Hosts {
    pub(super) fn new(config: &EdgeConfig, port: Option<u16>, static_prefix: &str) -> Self {
        let rule = match &config.allowed_hosts {
            _ if !config.security_middleware => Rule::Any,
            Some(patterns) => Rule::Patterns(patterns.iter().filter_map(|raw| parse_pattern(raw)).collect()),
            None => own(&config.host, port),
        };
        Self {
            rule,
            static_prefix: static_prefix.to_owned(),
        }
    }

    /// Whether a request for this host and path may go on; `local` is our end of its connection.
    pub(super) fn allow(&self, path: &str, asked: &Authority, scheme: Scheme, local: Option<IpAddr>) -> bool {
        if self.is_for_any_host(path) {
            return true;
        }
        match &self.rule {
            Rule::Any => true,
            Rule::Patterns(patterns) => patterns.iter().any(|pattern| pattern.matches(asked, scheme)),
            Rule::Own {
                names,
                port,
                is_wildcard,
            } => {
                let is_own_address =
                    || *is_wildcard && local.map(Host::address).as_ref() == Some(&asked.host);
                (asked.port.is_none() || asked.port == *port)
                    && (names.contains(&asked.host) || is_own_address())
            }
        }
    }

    fn is_for_any_host(&self, path: &str) -> bool {
        let unprefixed = path.strip_prefix(self.static_prefix.as_str()).unwrap_or(path);
        FOR_ANY_HOST.contains(&path) || FOR_ANY_HOST.contains(&unprefixed)
    }
}

fn parse_pattern(raw: &str) -> Option<HostPattern> {
    let pattern = HostPattern::parse(raw.trim());
    if pattern.is_none() {
        warn!(
            "`{raw}` of the allowed hosts is neither a host, a host with `*`, nor a network: it allows nothing"
        );
    }
    pattern
}

fn own(host: &str, port: Option<u16>) -> Rule {
    let host = host.parse().ok().map(Host::address).or_else(|| Host::parse(host));
    let is_wildcard = matches!(host, Some(Host::Address(address)) if address.is_unspecified());
    let mut names = vec![
        Host::Name("localhost".to_owned()),
        Host::Address(IpAddr::from([127, 0, 0, 1])),
        Host::Address(IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])),
    ];
    names.extend(host.filter(|_| !is_wildcard));
    Rule::Own {
        names,
        port,
        is_wildcard,
    }
}

/// The one host that a request names, in its `Host` header and, if it is there, in its target.
pub(super) fn asked_host(head: &Head) -> Result<Authority, &'static str> {
    let host = match single(&head.headers, header::HOST) {
        Ok(Some(host)) => host,
        Ok(None) => return Err("a request names its host in a `Host` header"),
        Err(Repeated) => return Err("a request has one `Host` header"),
    };
    let host = parse_header(host).ok_or("the `Host` header is not `host` or `host:port`")?;
    if let Some(target) = head.uri.authority() {
        let scheme = head
            .uri
            .scheme_str()
            .and_then(Scheme::parse)
            .ok_or("the scheme of the target is not http")?;
        let target = Authority::parse(target.as_str()).ok_or("the target is not at `host` or `host:port`")?;
        if target.host != host.host || target.effective_port(scheme) != host.effective_port(scheme) {
            return Err("the target and the `Host` header name different hosts");
        }
    }
    Ok(host)
}

/// More than one header of a name.
#[derive(Debug)]
pub(super) struct Repeated;

/// The value of a header that may come once.
pub(super) fn single(headers: &HeaderMap, name: HeaderName) -> Result<Option<&http::HeaderValue>, Repeated> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        _ => Err(Repeated),
    }
}

fn parse_header(value: &http::HeaderValue) -> Option<Authority> {
    Authority::parse(value.to_str().ok()?)
}
