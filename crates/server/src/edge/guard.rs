//! What every request goes through on its way to a handler, and every answer on its way back.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::request::Parts as Head;
use axum::http::{Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use futures::FutureExt;
use oxflow_core::ErrorCode;
use oxflow_wire::ErrorBody;
use tracing::{Instrument, debug, error, error_span, info};

use super::authority::Scheme;
use super::forwarded::AsSent;
use super::hosts::{Hosts, asked_host};
use super::origins::{Origins, Standing};
use super::proxies::TrustedProxies;
use super::refusal::{MAX_PATH_BYTES, Refusal};
use super::request_id::{REQUEST_ID, RequestId, RequestIds};
use super::response_headers::{ResponseHeaders, pin_to_tls};
use super::serve::{LocalAddr, RefusedHeader};
use crate::EdgeConfig;

/// Paths that are asked every few seconds, by no user.
const PROBES: [&str; 3] = ["/health", "/livez", "/readyz"];

/// Puts the checks in front of a router: request id, panics, framing, `Host`, `Origin`, response headers, access log.
///
/// `local_port` is the port the server listens on, none for a unix socket; `static_prefix` is empty or `/x`.
pub fn wrap(
    router: Router,
    config: &EdgeConfig,
    local_port: impl Into<Option<u16>>,
    static_prefix: &str,
) -> Router {
    let guard = Guard {
        ids: RequestIds::new(),
        hosts: Hosts::new(config, local_port.into(), static_prefix),
        origins: Origins::new(config),
        response_headers: ResponseHeaders::new(config),
        trusted_proxies: TrustedProxies::new(config),
        access_log: config.access_log,
        static_prefix: static_prefix.to_owned(),
    };
    router.layer(from_fn_with_state(Arc::new(guard), pass))
}

struct Guard {
    ids: RequestIds,
    hosts: Hosts,
    origins: Origins,
    response_headers: ResponseHeaders,
    trusted_proxies: TrustedProxies,
    access_log: bool,
    static_prefix: String,
}

/// The whole way of one request.
async fn pass(State(guard): State<Arc<Guard>>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = guard.ids.id_for(request.headers());
    request.extensions_mut().insert(id.clone());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());

    // Of the highest level, so that errors have the id even where nothing else is logged.
    let span = error_span!("request", request.id = %id);
    let mut response = guard.answer(request, next, &id).instrument(span).await;
    guard.response_headers.add_to(response.headers_mut());
    response.headers_mut().insert(REQUEST_ID, id.header_value());
    guard.log(&method, &path, response.status(), started.elapsed(), &id);
    response
}

impl Guard {
    async fn answer(&self, request: Request, next: Next, id: &RequestId) -> Response {
        let (mut head, body) = request.into_parts();
        let (sent, standing) = match self.check(&head) {
            Ok(passed) => passed,
            Err(refusal) => {
                let mut response = refusal.into_response();
                self.origins
                    .add_headers(response.headers_mut(), None, Standing::Foreign);
                return response;
            }
        };
        if let Some(client) = sent.client {
            head.extensions.insert(client);
        }
        let is_pinned = head.extensions.insert(sent.scheme) == Some(Scheme::Https) && sent.is_pinnable();
        if let Some(prefix) = sent.prefix {
            head.extensions.insert(prefix);
        }
        let origin = head.headers.get(header::ORIGIN).cloned();
        let mut response = match self.origins.preflight(&head.method, &head.headers, standing) {
            Some(response) => response,
            None => {
                let handled = AssertUnwindSafe(next.run(Request::from_parts(head, body)))
                    .catch_unwind()
                    .await;
                handled.unwrap_or_else(|panic| after_panic(panic.as_ref(), id))
            }
        };
        if is_pinned {
            pin_to_tls(response.headers_mut());
        }
        self.origins
            .add_headers(response.headers_mut(), origin.as_ref(), standing);
        response
    }

    /// Looks at everything that needs no body.
    fn check(&self, head: &Head) -> Result<(AsSent, Standing), Refusal> {
        if let Some(RefusedHeader(refusal)) = head.extensions.get() {
            return Err(*refusal);
        }
        if head.method == Method::CONNECT {
            return Err(Refusal::NotAProxy);
        }
        let path = head.uri.path();
        let asked = asked_host(head).map_err(Refusal::Malformed)?;
        if path.len() > MAX_PATH_BYTES {
            return Err(Refusal::PathTooLong { bytes: path.len() });
        }
        let sent = AsSent::of(head, asked, &self.trusted_proxies).map_err(Refusal::Malformed)?;
        let local = head.extensions.get::<LocalAddr>().map(|local| local.0.ip());
        if !self.hosts.allow(path, &sent.authority, sent.scheme, local) {
            return Err(Refusal::ForeignHost);
        }
        let standing = self.origins.standing(&head.headers, &sent);
        if self.origins.blocks(&head.method, &head.headers, standing) {
            return Err(Refusal::ForeignOrigin);
        }
        Ok((sent, standing))
    }

    fn log(&self, method: &Method, path: &str, status: StatusCode, took: Duration, id: &RequestId) {
        if !self.access_log {
            return;
        }
        let status = status.as_u16();
        let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        let unprefixed = path.strip_prefix(self.static_prefix.as_str()).unwrap_or(path);
        if PROBES.contains(&path) || PROBES.contains(&unprefixed) {
            debug!(%method, path, status, duration_ms, request.id = %id, "{method} {path} {status}");
        } else {
            info!(%method, path, status, duration_ms, request.id = %id, "{method} {path} {status}");
        }
    }
}

/// Logs what the panic said, and answers without saying it. Where it happened only the panic hook knows, which the
/// program sets; it runs inside the request's span.
fn after_panic(panic: &(dyn Any + Send), id: &RequestId) -> Response {
    let said = panic.downcast_ref::<&str>().copied();
    let said = said
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("nothing");
    error!(request.id = %id, "a handler panicked: {said}");
    let message = format!("the server failed at this request; its log tells more under request id {id}");
    let code = ErrorCode::InternalError;
    let (sqlstate, error_class) = code.sqlstate_and_class().unzip();
    let body = ErrorBody {
        error_code: code.name(),
        message: &message,
        sqlstate,
        error_class,
        details: None,
    };
    (StatusCode::INTERNAL_SERVER_ERROR, Json(body)).into_response()
}
