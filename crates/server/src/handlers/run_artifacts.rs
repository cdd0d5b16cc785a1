//! Artifacts of runs and logged models.

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use oxflow_artifacts::{ArtifactPath, ServableLocation, UploadLimits};
use oxflow_core::limits::MAX_UI_UPLOAD_BYTES;
use oxflow_core::{ErrorCode, Invalid, RunId};
use oxflow_wire::{
    ArtifactsListed, GetLoggedModelFile, ListArtifacts, ListLoggedModelArtifacts, RunArtifact,
};

use super::artifact_files::{Caching, respond};
use super::artifact_proxy::file_json;
use super::fields::{model_id, run_id};
use crate::answer::Answer;
use crate::extract::{QueryFields, QueryFieldsOf, QueryOrBody, read_whole};
use crate::{ApiError, App};

impl QueryFields for ListArtifacts {}
impl QueryFields for RunArtifact {}
impl QueryFields for ListLoggedModelArtifacts {}
impl QueryFields for GetLoggedModelFile {}

/// Lists a folder of a run's artifacts, with paths from the run's root.
pub(crate) async fn list(
    State(app): State<App>,
    QueryOrBody(req): QueryOrBody<ListArtifacts>,
) -> Answer<ArtifactsListed> {
    let id = run_id(req.run_id, req.run_uuid)?;
    let path = req.path.optional("path")?.unwrap_or_default();
    let directory = ArtifactPath::parse_directory(&path)?;
    let (uri, root) = run_root(&app, id).await?;
    listed(&app, uri, &root, directory.as_ref()).await
}

/// Lists a folder of a logged model's artifacts.
pub(crate) async fn list_of_logged_model(
    State(app): State<App>,
    Path(id): Path<String>,
    QueryFieldsOf(req): QueryFieldsOf<ListLoggedModelArtifacts>,
) -> Answer<ArtifactsListed> {
    let path = req
        .artifact_directory_path
        .optional("artifact_directory_path")?
        .unwrap_or_default();
    let directory = ArtifactPath::parse_directory(&path)?;
    let (uri, root) = logged_model_root(&app, &id).await?;
    listed(&app, uri, &root, directory.as_ref()).await
}

async fn listed(
    app: &App,
    root_uri: String,
    root: &ServableLocation,
    directory: Option<&ArtifactPath>,
) -> Answer<ArtifactsListed> {
    let entries = app.artifacts.list(root, directory).await?;
    let files = entries
        .into_iter()
        .map(|entry| file_json(entry, directory))
        .collect();
    Ok(Json(ArtifactsListed { root_uri, files }))
}

/// Sends a file of a run.
pub(crate) async fn download(
    State(app): State<App>,
    QueryFieldsOf(req): QueryFieldsOf<RunArtifact>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let id = run_id(req.run_id, req.run_uuid)?;
    let path = ArtifactPath::parse(&req.path.required("path")?)?;
    let (_, root) = run_root(&app, id).await?;
    let file = app.artifacts.open_file(&root, &path).await?;
    respond(file, &path, &headers, Caching::Revalidate)
}

/// Sends a file of a logged model.
pub(crate) async fn download_of_logged_model(
    State(app): State<App>,
    Path(id): Path<String>,
    QueryFieldsOf(req): QueryFieldsOf<GetLoggedModelFile>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let path = ArtifactPath::parse(&req.artifact_file_path.required("artifact_file_path")?)?;
    let (_, root) = logged_model_root(&app, &id).await?;
    let file = app.artifacts.open_file(&root, &path).await?;
    respond(file, &path, &headers, Caching::Revalidate)
}

/// Stores a small file of a run: what the UI uploads, at most 10 MiB.
pub(crate) async fn upload(
    State(app): State<App>,
    QueryFieldsOf(req): QueryFieldsOf<RunArtifact>,
    request: Request,
) -> Result<Response, ApiError> {
    let required = |what: &str| Invalid::new(format!("Request must specify {what}."));
    let raw_id = req
        .run_uuid
        .or(req.run_id)
        .optional("run_uuid")?
        .filter(|raw| !raw.is_empty());
    let raw_id = raw_id.ok_or_else(|| required("run_uuid"))?;
    let raw_path = req.path.optional("path")?.filter(|raw| !raw.is_empty());
    let path = ArtifactPath::parse(&raw_path.ok_or_else(|| required("path"))?)?;
    let (head, body) = request.into_parts();
    let data = read_whole(&head.headers, body, &app, MAX_UI_UPLOAD_BYTES)
        .await
        .map_err(|error| {
            if error.code() == ErrorCode::PayloadTooLarge {
                return Invalid::new("Artifact size is too large. Max size is 10MB.").into();
            }
            error
        })?;
    if data.is_empty() {
        return Err(required("data").into());
    }
    let id = run_id(oxflow_wire::Field::Given(raw_id), oxflow_wire::Field::Absent)?;
    let (_, root) = run_root(&app, id).await?;
    let limits = UploadLimits {
        expected_bytes: Some(data.len() as u64),
        max_bytes: None,
    };
    let body = futures::stream::iter([Ok::<_, std::convert::Infallible>(data)]);
    app.artifacts.put(&root, &path, body, limits).await?;
    Ok((StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], "").into_response())
}

/// Where a run keeps its artifacts: the stored URI, and the place if this server may touch it.
async fn run_root(app: &App, id: RunId) -> Result<(String, ServableLocation), ApiError> {
    let uri = app.store.get_run_info(id).await?.artifact_uri.unwrap_or_default();
    let root = app.artifacts.servable(&uri)?;
    Ok((uri, root))
}

async fn logged_model_root(app: &App, id: &str) -> Result<(String, ServableLocation), ApiError> {
    let model = app.store.get_logged_model(model_id(id)?, false).await?;
    let root = app.artifacts.servable(&model.artifact_location)?;
    Ok((model.artifact_location, root))
}
