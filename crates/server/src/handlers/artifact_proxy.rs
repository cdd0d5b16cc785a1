//! The artifact proxy: files below the artifacts destination, for clients without access to it.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{OriginalUri, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt};
use oxflow_artifacts::{ArtifactError, ArtifactPath, InvalidPath, ServableLocation, UploadLimits};
use oxflow_core::ErrorCode;
use oxflow_wire::{Empty, ListProxied};
use percent_encoding::percent_decode_str;

use super::artifact_files::{Caching, respond};
use super::artifact_list::{self, Listing, page_wanted};
use crate::answer::{Answer, done};
use crate::extract::{QueryFields, QueryOrBody};
use crate::{ApiError, App};

impl QueryFields for ListProxied {}

/// Stores a file.
pub(crate) async fn upload(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    let root = proxy(&app)?;
    let raw = raw_path(request.uri());
    if raw.ends_with('/') {
        return Err(ApiError::new(
            ErrorCode::InvalidParameterValue,
            "Artifact path must include a filename (cannot end with '/').",
        ));
    }
    let path = decoded_path(raw)?;
    let (head, body) = request.into_parts();
    store_body(&app, root, &path, &head.headers, body).await?;
    Ok(StatusCode::OK.into_response())
}

/// Stores a request body as an artifact; what arrives too slowly or breaks off is not kept.
pub(crate) async fn store_body(
    app: &App,
    at: &ServableLocation,
    path: &ArtifactPath,
    headers: &HeaderMap,
    body: Body,
) -> Result<(), ApiError> {
    let body = with_idle_limit(body, app.config.edge.body_idle_timeout);
    let limits = upload_limits(app, headers);
    let stored = app.put_artifact(at, path, body, limits).await;
    stored.map_err(store_error)
}

/// What is known and allowed about the length of an upload.
pub(super) fn upload_limits(app: &App, headers: &HeaderMap) -> UploadLimits {
    let expected_bytes = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok())
        .and_then(|length| length.parse().ok());
    UploadLimits {
        expected_bytes,
        max_bytes: app.config.edge.max_artifact_bytes,
    }
}

/// What a failed upload is told.
pub(super) fn store_error(error: ArtifactError) -> ApiError {
    match &error {
        ArtifactError::Body(cause) if cause.is::<Stalled>() => {
            ApiError::new(ErrorCode::RequestTimeout, Stalled.to_string())
        }
        _ => error.into(),
    }
}

/// An upload stood still for longer than it may.
#[derive(Debug, thiserror::Error)]
#[error("no byte of the body arrived in time; nothing was stored")]
struct Stalled;

pub(super) type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// A body that ends with an error when it stands still for too long.
pub(super) fn with_idle_limit(
    body: Body,
    limit: Duration,
) -> impl Stream<Item = Result<Bytes, BodyError>> + Send {
    let frames = body
        .into_data_stream()
        .map_err(|error| -> BodyError { error.into() });
    let limited = futures::stream::unfold(Box::pin(frames), move |mut frames| async move {
        match tokio::time::timeout(limit, frames.next()).await {
            Ok(frame) => frame.map(|frame| (frame, frames)),
            Err(_) => Some((Err(Stalled.into()), frames)),
        }
    });
    limited.fuse()
}

/// Sends a file.
pub(crate) async fn download(
    State(app): State<App>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let root = proxy(&app)?;
    let path = decoded_path(raw_path(&uri))?;
    let file = app.open_artifact(root, &path).await?;
    respond(file, &path, &headers, Caching::Unsaid)
}

/// Deletes a file or a whole folder; what is not there is fine.
pub(crate) async fn delete(State(app): State<App>, OriginalUri(uri): OriginalUri) -> Answer<Empty> {
    let root = proxy(&app)?;
    let path = decoded_path(without_last_slash(raw_path(&uri)))?;
    app.delete_artifact(root, &path).await?;
    done()
}

/// Lists a folder by its direct children.
pub(crate) async fn list(
    State(app): State<App>,
    QueryOrBody(req): QueryOrBody<ListProxied>,
) -> Result<Listing, ApiError> {
    let root = proxy(&app)?;
    let wanted = page_wanted(req.max_results, req.page_token)?;
    let path = req.path.optional("path")?.unwrap_or_default();
    let directory = ArtifactPath::parse_directory(&path)?;
    artifact_list::find(&app, None, (root, directory.as_ref()), wanted, None).await
}

pub(super) fn proxy(app: &App) -> Result<&ServableLocation, ApiError> {
    app.artifacts.proxy().ok_or_else(|| {
        ApiError::new(
            ErrorCode::TemporarilyUnavailable,
            "Artifact serving is disabled on this server. To enable it, start the server with --serve-artifacts.",
        )
    })
}

/// What follows the endpoint's own part of a path, still encoded.
pub(super) fn raw_path(uri: &Uri) -> &str {
    const ENDPOINTS: [&str; 7] = [
        "artifacts/",
        "presigned/",
        "mpu/create/",
        "mpu/complete/",
        "mpu/abort/",
        "mpu/part/",
        "signed/",
    ];
    let below = uri
        .path()
        .split_once("/mlflow-artifacts/")
        .map_or("", |(_, below)| below);
    ENDPOINTS
        .iter()
        .find_map(|endpoint| below.strip_prefix(endpoint))
        .unwrap_or("")
}

/// The path below the store that a request names, decoded as its handler does; empty for one that no handler takes.
pub(crate) fn proxied_path(uri: &Uri) -> String {
    decoded_path(without_last_slash(raw_path(uri))).map_or_else(|_| String::new(), |path| path.to_string())
}

/// `mlflow gc` deletes a folder as `1/<run id>/artifacts/` (`HttpArtifactRepository.delete_artifacts`, MLflow 3.17).
fn without_last_slash(raw: &str) -> &str {
    raw.strip_suffix('/').unwrap_or(raw)
}

/// Decodes a path once: the only place where the proxy does.
pub(super) fn decoded_path(raw: &str) -> Result<ArtifactPath, InvalidPath> {
    let decoded = percent_decode_str(raw).decode_utf8().map_err(|_| InvalidPath)?;
    ArtifactPath::parse(&decoded)
}
