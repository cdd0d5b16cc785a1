//! The pages inside the program.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use oxflow_ui::Pages;

use super::encoding::best_form;
use crate::ApiError;

/// A name that changes with the content is never asked for again.
const KEPT_FOR_EVER: &str = "public, max-age=31536000, immutable";

/// The page, which is the same for every path: it looks at the address itself.
pub(super) fn index(pages: &Pages, prefix: &str, asked: &HeaderMap) -> Response {
    let etag = format!("\"{}:{prefix}/\"", pages.index_hash);
    let about = [
        (header::ETAG, etag.as_str()),
        (header::CACHE_CONTROL, "no-cache"),
        // Below `/runs/…` there is no page for who wants JSON.
        (header::VARY, "accept"),
        (
            header::CONTENT_SECURITY_POLICY,
            oxflow_ui::CONTENT_SECURITY_POLICY,
        ),
    ];
    if is_known(asked, &etag) {
        return (StatusCode::NOT_MODIFIED, about).into_response();
    }
    let content_type = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    (about, content_type, pages.index(&format!("{prefix}/"))).into_response()
}

/// A file of the page, in the form that the client likes best.
pub(super) fn file(pages: &Pages, name: &str, asked: &HeaderMap) -> Result<Response, ApiError> {
    let file = pages.file(name).ok_or_else(ApiError::endpoint_not_found)?;
    let form = best_form(file, asked);
    let etag = match form.encoding {
        None => format!("\"{}\"", file.hash),
        Some(encoding) => format!("\"{}-{encoding}\"", file.hash),
    };
    let is_named_by_content = file.is_named_by_content();
    let about = [
        (header::ETAG, etag.as_str()),
        (
            header::CACHE_CONTROL,
            if is_named_by_content {
                KEPT_FOR_EVER
            } else {
                "no-cache"
            },
        ),
        (header::VARY, "accept-encoding"),
        // With every file: a worker has the policy of its own script, not that of the page.
        (
            header::CONTENT_SECURITY_POLICY,
            oxflow_ui::CONTENT_SECURITY_POLICY,
        ),
    ];
    if is_known(asked, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, about).into_response());
    }
    let content_type = [(header::CONTENT_TYPE, file.content_type)];
    let encoding = form
        .encoding
        .map(|encoding| [(header::CONTENT_ENCODING, encoding)]);
    Ok(match encoding {
        None => (about, content_type, form.bytes).into_response(),
        Some(encoding) => (about, content_type, encoding, form.bytes).into_response(),
    })
}

/// Whether `If-None-Match` names what would be sent.
fn is_known(asked: &HeaderMap, etag: &str) -> bool {
    asked
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|tag| tag.trim().trim_start_matches("W/"))
        .any(|tag| tag == "*" || tag == etag)
}
