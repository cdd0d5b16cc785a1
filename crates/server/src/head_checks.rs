//! What the headers of a request alone are enough to refuse, whatever it asks for.
//!
//! Whoever has to log in hears that first: `router` puts `needs_login` in front of [`refuse`].

use axum::Router;
use axum::body::HttpBody;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use oxflow_core::ErrorCode;
use tower::ServiceExt;

use crate::ApiError;

/// Most characters of a header that its refusal repeats.
const SHOWN_CHARACTERS: usize = 100;

/// Lets a request pass, or hands it to `refusing`, which ends in [`refuse`].
pub(crate) async fn check(State(refusing): State<Router>, request: Request, next: Next) -> Response {
    if fault(&request).is_none() {
        return next.run(request).await;
    }
    let Ok(response) = refusing.oneshot(request).await;
    response
}

/// Says what is wrong with a request that did not pass.
pub(crate) async fn refuse(request: Request) -> Response {
    let fault = fault(&request);
    fault.map_or_else(
        || ApiError::endpoint_not_found().into_response(),
        IntoResponse::into_response,
    )
}

fn fault(request: &Request) -> Option<ApiError> {
    foreign_workspace(request.headers()).or_else(|| {
        let has_body = !request.body().is_end_stream();
        coded_body(request.headers()).filter(|_| has_body)
    })
}

/// There is one workspace; a request for another one would otherwise get its data.
fn foreign_workspace(headers: &HeaderMap) -> Option<ApiError> {
    let workspace = headers.get("x-mlflow-workspace")?;
    (workspace != "default").then(|| {
        ApiError::new(
            ErrorCode::FeatureDisabled,
            "Workspace APIs are not available: workspaces are not enabled on this server",
        )
    })
}

/// Nothing here undoes a coding: JSON would be taken for broken, and a file be stored as something else than it is.
/// security.md, section 9.
fn coded_body(headers: &HeaderMap) -> Option<ApiError> {
    let codings = headers.get_all(header::CONTENT_ENCODING);
    let is_plain = |coding: &[u8]| coding.is_empty() || coding.eq_ignore_ascii_case(b"identity");
    let coded = codings.iter().find(|codings| {
        let mut each = codings.as_bytes().split(|byte| *byte == b',');
        !each.all(|coding| is_plain(coding.trim_ascii()))
    })?;
    let coded = String::from_utf8_lossy(coded.as_bytes());
    let shown: String = coded.chars().take(SHOWN_CHARACTERS).collect();
    Some(ApiError::new(
        ErrorCode::UnsupportedMediaType,
        format!(
            "Content-Encoding '{shown}' is not understood: send the body as it is, without this header or with `identity`"
        ),
    ))
}
