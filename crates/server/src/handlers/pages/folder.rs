//! A folder of `--ui-dir`.

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use oxflow_artifacts::{ArtifactError, ArtifactPath, ReadOnlyFolder};

use crate::ApiError;
use crate::handlers::artifact_files::is_known_to_client;

/// The first page of a UI, below its folder.
const INDEX: &str = "index.html";

/// Names of a UI's files change with their content. Source: `serve_static_file`, MLflow 3.17.
const KEPT_FOR_28_DAYS: &str = "max-age=2419200";

/// The page at `/`.
pub(super) async fn index(files: &ReadOnlyFolder, asked: &HeaderMap) -> Result<Response, ApiError> {
    send(files, &ArtifactPath::parse(INDEX)?, asked, "no-cache").await
}

/// Any other file.
pub(super) async fn file(
    files: &ReadOnlyFolder,
    path: &ArtifactPath,
    asked: &HeaderMap,
) -> Result<Response, ApiError> {
    send(files, path, asked, KEPT_FOR_28_DAYS).await
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
        (header::ETAG, file.etag()),
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
