//! The pages: the embedded UI, or a folder of `--ui-dir`, or a page that says how to log a first run.

mod embedded;
mod encoding;
mod folder;
mod reserved;
mod welcome;

use axum::Extension;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, Method, header};
use axum::response::{IntoResponse, Redirect, Response};
use oxflow_artifacts::ArtifactPath;

pub(crate) use welcome::style;

use crate::app::Ui;
use crate::edge::ForwardedPrefix;
use crate::extract::PathParts;
use crate::{ApiError, App};

/// What a trusted proxy has put before the paths of this server, if it says so.
pub(crate) type Proxied = Option<Extension<ForwardedPrefix>>;

/// The page at `/`.
pub(crate) async fn index(
    State(app): State<App>,
    OriginalUri(uri): OriginalUri,
    proxied: Proxied,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let prefix = seen_prefix(&app, proxied);
    // Links of a page out of a folder are relative: below `/mlflow` they would lead to `/static-files`.
    if !uri.path().ends_with('/') {
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        return Ok(Redirect::permanent(&format!("{prefix}/{query}")).into_response());
    }
    match &app.ui {
        Ui::None => Ok(welcome::page(&prefix, &headers)),
        Ui::Embedded(pages) => Ok(embedded::index(pages, &prefix, &headers)),
        Ui::Folder(files) => folder::index(files, &headers).await,
    }
}

/// A file of the UI.
pub(crate) async fn file(
    State(app): State<App>,
    PathParts(path): PathParts<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    match &app.ui {
        Ui::None => Err(ApiError::endpoint_not_found()),
        Ui::Embedded(pages) => embedded::file(pages, &path, &headers),
        Ui::Folder(files) => folder::file(files, &ArtifactPath::parse(&path)?, &headers).await,
    }
}

/// Any path that no row of the table owns: a place within the UI if a browser opens it, else nothing.
pub(crate) async fn unrouted(
    State(app): State<App>,
    method: Method,
    OriginalUri(uri): OriginalUri,
    proxied: Proxied,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Ui::Embedded(pages) = &app.ui else {
        return Err(ApiError::endpoint_not_found());
    };
    let is_read = matches!(method, Method::GET | Method::HEAD);
    let below = uri.path().strip_prefix(app.config.static_prefix.as_str());
    let is_page = below.is_some_and(reserved::may_be_a_page);
    if !is_read || !is_page || !asks_for_a_page(&headers) {
        return Err(ApiError::endpoint_not_found());
    }
    Ok(embedded::index(pages, &seen_prefix(&app, proxied), &headers))
}

/// What begins the server's paths as a browser sees them: empty, or `/x`.
pub(crate) fn seen_prefix(app: &App, proxied: Proxied) -> String {
    let before = proxied.map(|Extension(ForwardedPrefix(prefix))| prefix);
    format!("{}{}", before.unwrap_or_default(), app.config.static_prefix)
}

/// Whether `text/html` itself is asked for, as browsers do for what is opened, and scripts do not.
fn asks_for_a_page(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|range| range.split(';').next())
        .any(|kind| kind.trim().eq_ignore_ascii_case("text/html"))
}
