//! Which web pages may act on this server. security.md, section 5.

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tracing::warn;

use super::authority::{Authority, Host, Scheme};
use super::forwarded::AsSent;
use super::hosts::single;
use crate::EdgeConfig;

/// How long a browser may remember the answer to a preflight, in seconds. MLflow 3.17: 600.
const PREFLIGHT_MAX_AGE: &str = "600";

const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/// The origins that may read answers and change state, beside the server's own.
#[derive(Debug)]
pub(super) struct Origins {
    is_checked: bool,
    is_any_listed: bool,
    listed: Vec<Origin>,
}

/// Scheme, host and port of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Origin {
    scheme: String,
    host: Host,
    port: Option<u16>,
}

/// What a request's `Origin` is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Absent,
    Own,
    Listed,
    Foreign,
}

impl Origins {
    pub(super) fn new(config: &EdgeConfig) -> Self {
        let configured = config.cors_allowed_origins.as_deref().unwrap_or_default();
        Self {
            is_checked: config.security_middleware,
            is_any_listed: configured.iter().any(|raw| raw.trim() == "*"),
            listed: configured
                .iter()
                .filter_map(|raw| parse_listed(raw.trim()))
                .collect(),
        }
    }

    /// What the page that sent a request is to us.
    pub(super) fn standing(&self, headers: &HeaderMap, sent: &AsSent) -> Standing {
        let origin = match single(headers, header::ORIGIN) {
            Ok(None) => return Standing::Absent,
            Ok(Some(value)) => value.to_str().ok().and_then(Origin::parse),
            Err(_) => None,
        };
        // `null`, which sandboxed pages send, is no origin and stays foreign even where any is listed.
        match origin {
            None => Standing::Foreign,
            Some(origin) if self.is_any_listed || self.listed.contains(&origin) => Standing::Listed,
            Some(origin) if origin == Origin::of(sent) => Standing::Own,
            Some(_) => Standing::Foreign,
        }
    }

    /// Whether a request that would change state comes from a page that may not.
    pub(super) fn blocks(&self, method: &Method, headers: &HeaderMap, standing: Standing) -> bool {
        let changes_state = ![Method::GET, Method::HEAD, Method::OPTIONS].contains(method);
        let is_cross_site = || {
            headers
                .get_all("sec-fetch-site")
                .iter()
                .any(|site| site == "cross-site")
        };
        self.is_checked
            && changes_state
            && match standing {
                Standing::Own | Standing::Listed => false,
                Standing::Foreign => true,
                Standing::Absent => is_cross_site(),
            }
    }

    /// The answer to a preflight; `None` if the request is none.
    pub(super) fn preflight(
        &self,
        method: &Method,
        headers: &HeaderMap,
        standing: Standing,
    ) -> Option<Response> {
        let is_preflight = method == Method::OPTIONS
            && headers.contains_key(header::ORIGIN)
            && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        if !self.is_checked || !is_preflight {
            return None;
        }
        if standing == Standing::Foreign {
            return Some((StatusCode::FORBIDDEN, "Cross-origin request blocked").into_response());
        }
        let mut response = (StatusCode::OK, "OK").into_response();
        let answer = response.headers_mut();
        self.allow(answer, headers);
        answer.insert(
            header::ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static(METHODS),
        );
        answer.insert(
            header::ACCESS_CONTROL_MAX_AGE,
            HeaderValue::from_static(PREFLIGHT_MAX_AGE),
        );
        if let Some(wanted) = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
            answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
        }
        Some(response)
    }

    /// Lets the page read the answer if it is listed.
    pub(super) fn add_headers(
        &self,
        answer: &mut HeaderMap,
        origin: Option<&HeaderValue>,
        standing: Standing,
    ) {
        if !self.is_checked {
            return;
        }
        if standing == Standing::Listed && !answer.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
            self.allow_origin(answer, origin);
        }
        // Appended, as a handler may have its own.
        answer.append(header::VARY, HeaderValue::from_static("Origin"));
    }

    fn allow(&self, answer: &mut HeaderMap, request: &HeaderMap) {
        self.allow_origin(answer, request.get(header::ORIGIN));
    }

    /// Credentials only for origins listed by name, never for `*`.
    fn allow_origin(&self, answer: &mut HeaderMap, origin: Option<&HeaderValue>) {
        let Some(origin) = origin else { return };
        if self.is_any_listed {
            answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        } else {
            answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            answer.insert(
                header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
                HeaderValue::from_static("true"),
            );
        }
    }
}

impl Origin {
    fn parse(raw: &str) -> Option<Self> {
        let (scheme, authority) = raw.split_once("://")?;
        let authority = Authority::parse(authority)?;
        let default_port = Scheme::parse(scheme).map(Scheme::default_port);
        let port = authority.port.or(default_port);
        Some(Self {
            scheme: scheme.to_ascii_lowercase(),
            host: authority.host,
            port,
        })
    }

    /// The origin of the server's own pages, as the sender of a request sees it.
    fn of(sent: &AsSent) -> Self {
        let scheme = match sent.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        let port = sent.authority.effective_port(sent.scheme);
        Self {
            scheme: scheme.to_owned(),
            host: sent.authority.host.clone(),
            port: Some(port),
        }
    }
}

fn parse_listed(raw: &str) -> Option<Origin> {
    let origin = Origin::parse(raw.strip_suffix('/').unwrap_or(raw));
    if origin.is_none() && raw != "*" {
        warn!("`{raw}` of the allowed origins is not `scheme://host[:port]`: it allows nothing");
    }
    origin
}
