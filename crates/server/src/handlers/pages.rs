//! The pages: a folder of `--ui-dir`, else a page that says how to log a first run.

use axum::body::Body;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use oxflow_artifacts::{ArtifactError, ArtifactPath, ReadOnlyFolder};

use super::artifact_files::is_known_to_client;
use crate::extract::PathParts;
use crate::{ApiError, App};

/// The first page of a UI, below its folder.
const INDEX: &str = "index.html";

/// Names of a UI's files change with their content. Source: `serve_static_file`, MLflow 3.17.
const KEPT_FOR_28_DAYS: &str = "max-age=2419200";

/// The page at `/`.
pub(crate) async fn index(
    State(app): State<App>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    // Links of the page are relative: below `/mlflow` they would lead to `/static-files`.
    if !uri.path().ends_with('/') {
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        return Ok(Redirect::permanent(&format!("{}/{query}", app.config.static_prefix)).into_response());
    }
    match &app.ui {
        None => Ok(welcome(&app, &headers)),
        Some(files) => send(files, &ArtifactPath::parse(INDEX)?, &headers, "no-cache").await,
    }
}

/// A file of the UI.
pub(crate) async fn file(
    State(app): State<App>,
    PathParts(path): PathParts<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Some(files) = &app.ui else {
        return Err(ApiError::endpoint_not_found());
    };
    let path = ArtifactPath::parse(&path)?;
    send(files, &path, &headers, KEPT_FOR_28_DAYS).await
}

async fn send(
    files: &ReadOnlyFolder,
    path: &ArtifactPath,
    asked: &HeaderMap,
    caching: &'static str,
) -> Result<Response, ApiError> {
    let file = match files.open_file(path).await {
        // A folder is no file of the UI.
        Err(ArtifactError::NotFound { .. } | ArtifactError::IsDirectory { .. }) => {
            return Err(ApiError::endpoint_not_found());
        }
        other => other?,
    };
    let about = [
        (header::ETAG, file.etag().to_owned()),
        (
            header::LAST_MODIFIED,
            httpdate::fmt_http_date(file.last_modified()),
        ),
        (header::CACHE_CONTROL, caching.to_owned()),
        // With every file: a worker has the policy of its own script, not that of the page.
        (
            header::CONTENT_SECURITY_POLICY,
            oxflow_ui::FOLDER_SECURITY_POLICY.to_owned(),
        ),
    ];
    if is_known_to_client(&file, asked) {
        return Ok((StatusCode::NOT_MODIFIED, about).into_response());
    }
    let content = [
        (header::CONTENT_TYPE, content_type(path.file_name())),
        (header::CONTENT_LENGTH, file.size_bytes().to_string()),
    ];
    Ok((about, content, Body::from_stream(file.into_stream(None))).into_response())
}

fn content_type(name: &str) -> String {
    let kind = mime_guess::from_path(name).first_or_octet_stream();
    if kind.type_() == "text" {
        return format!("{}; charset=utf-8", kind.essence_str());
    }
    kind.essence_str().to_owned()
}

/// How to log a first run, with the address the page was asked under.
fn welcome(app: &App, headers: &HeaderMap) -> Response {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or("127.0.0.1:5000");
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-' | '[' | ']');
    let host: String = host.chars().filter(|c| is_plain(*c)).collect();
    let address = format!("http://{host}{}", app.config.static_prefix);
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
