//! The page of a server without a UI.

use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};

/// How to log a first run, with the address the page was asked under.
pub(super) fn page(prefix: &str, headers: &HeaderMap) -> Response {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or("127.0.0.1:5000");
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-' | '[' | ']');
    let host: String = host.chars().filter(|c| is_plain(*c)).collect();
    let address = format!("http://{host}{prefix}");
    (
        [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CACHE_CONTROL, "no-cache"),
            (
                header::CONTENT_SECURITY_POLICY,
                oxflow_ui::CONTENT_SECURITY_POLICY,
            ),
        ],
        oxflow_ui::welcome_page(&address),
    )
        .into_response()
}

/// The style of that page.
pub(crate) async fn style() -> Response {
    (
        [(header::CONTENT_TYPE, "text/css; charset=utf-8")],
        oxflow_ui::WELCOME_STYLE,
    )
        .into_response()
}
