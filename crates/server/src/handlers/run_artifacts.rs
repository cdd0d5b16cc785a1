//! Artifacts of runs, logged models and model versions.

use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use oxflow_artifacts::{ArtifactError, ArtifactFile, ArtifactPath, ServableLocation, UploadLimits};
use oxflow_auth::Permission;
use oxflow_core::limits::MAX_UI_UPLOAD_BYTES;
use oxflow_core::{ErrorCode, Invalid, ModelName, RunId, VersionNumber};
use oxflow_wire::{
    Field, GetLoggedModelFile, ListArtifacts, ListLoggedModelArtifacts, ModelVersionArtifact,
    PresignedUrlAnswer, PresignedUrlRequest, RunArtifact,
};

use super::artifact_files::{Caching, respond};
use super::artifact_list::{self, Listing, page_wanted};
use super::fields::{model_id, run_id};
use crate::answer::Answer;
use crate::authorize::Caller;
use crate::extract::{JsonBody, PathParts, QueryFields, QueryFieldsOf, QueryOrBody, read_whole};
use crate::{ApiError, App};

impl QueryFields for ListArtifacts {}
impl QueryFields for RunArtifact {}
impl QueryFields for ListLoggedModelArtifacts {}
impl QueryFields for GetLoggedModelFile {}
impl QueryFields for ModelVersionArtifact {}

/// Lists a folder of a run's artifacts, with paths from the run's root.
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    QueryOrBody(req): QueryOrBody<ListArtifacts>,
) -> Result<Listing, ApiError> {
    let id = run_id(req.run_id, req.run_uuid)?;
    let path = req.path.optional("path")?.unwrap_or_default();
    let directory = ArtifactPath::parse_directory(&path)?;
    let wanted = page_wanted(req.max_results, req.page_token)?;
    let (uri, root) = run_root(&app, &caller, id, Permission::Read).await?;
    let directory = directory.as_ref();
    artifact_list::find(&app, Some(uri), (&root, directory), wanted, directory).await
}

/// Lists a folder of a logged model's artifacts.
pub(crate) async fn list_of_logged_model(
    State(app): State<App>,
    caller: Caller,
    PathParts(id): PathParts<String>,
    QueryFieldsOf(req): QueryFieldsOf<ListLoggedModelArtifacts>,
) -> Result<Listing, ApiError> {
    let path = req
        .artifact_directory_path
        .optional("artifact_directory_path")?
        .unwrap_or_default();
    let directory = ArtifactPath::parse_directory(&path)?;
    let wanted = page_wanted(req.max_results, req.page_token)?;
    let (uri, root) = logged_model_root(&app, &caller, &id).await?;
    let directory = directory.as_ref();
    artifact_list::find(&app, Some(uri), (&root, directory), wanted, directory).await
}

/// Sends a file of a run.
pub(crate) async fn download(
    State(app): State<App>,
    caller: Caller,
    QueryFieldsOf(req): QueryFieldsOf<RunArtifact>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let id = run_id(req.run_id, req.run_uuid)?;
    let path = ArtifactPath::parse(&req.path.required("path")?)?;
    let (_, root) = run_root(&app, &caller, id, Permission::Read).await?;
    send(&app, &root, &path, &headers).await
}

/// Sends a file of a logged model.
pub(crate) async fn download_of_logged_model(
    State(app): State<App>,
    caller: Caller,
    PathParts(id): PathParts<String>,
    QueryFieldsOf(req): QueryFieldsOf<GetLoggedModelFile>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let path = req
        .artifact_file_path
        .optional("artifact_file_path")?
        .filter(|path| !path.is_empty());
    let Some(path) = path else {
        return Err(ApiError::new(
            ErrorCode::BadRequest,
            "Request must include the \"artifact_file_path\" query parameter.",
        ));
    };
    let path = ArtifactPath::parse(&path)?;
    let (_, root) = logged_model_root(&app, &caller, &id).await?;
    send(&app, &root, &path, &headers).await
}

/// Sends a file of a model version.
pub(crate) async fn download_of_model_version(
    State(app): State<App>,
    caller: Caller,
    QueryFieldsOf(req): QueryFieldsOf<ModelVersionArtifact>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let path = ArtifactPath::parse(&req.path.required("path")?)?;
    let name = req.name.optional("name")?.unwrap_or_default();
    let version = req.version.optional("version")?.unwrap_or_default();
    let name = ModelName::parse(&name, "name")?;
    let version = VersionNumber::parse(&version)?;
    let version = app.registry.get_model_version(name, version).await?;
    let uri = version.download_uri().unwrap_or_default();
    let Some((run, below)) = run_and_path(uri) else {
        let root = caller.servable(&app, uri, Permission::Read).await?;
        return send(&app, &root, &path, &headers).await;
    };
    let (_, root) = run_root(
        &app,
        &caller,
        run_id(Field::Given(run.to_owned()), Field::Absent)?,
        Permission::Read,
    )
    .await?;
    let path = match ArtifactPath::parse_directory(&below)? {
        Some(directory) => directory.join(&path)?,
        None => path,
    };
    send(&app, &root, &path, &headers).await
}

/// The run and the path below its artifacts that a `runs:/…` URI names; repeated slashes count once.
fn run_and_path(uri: &str) -> Option<(&str, String)> {
    let (scheme, path) = uri.split_once(':')?;
    let path = scheme.eq_ignore_ascii_case("runs").then_some(path)?;
    let path = path.split(['?', '#']).next()?;
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    let run = segments.next()?;
    Some((run, segments.collect::<Vec<_>>().join("/")))
}

async fn send(
    app: &App,
    root: &ServableLocation,
    path: &ArtifactPath,
    headers: &HeaderMap,
) -> Result<Response, ApiError> {
    let file = open(app, root, path).await?;
    respond(file, path, headers, Caching::Revalidate)
}

/// Opens a file below a root, with MLflow's words for what is no file.
pub(crate) async fn open(
    app: &App,
    root: &ServableLocation,
    path: &ArtifactPath,
) -> Result<ArtifactFile, ApiError> {
    // As in MLflow messages name the path below the artifacts destination.
    let whole = || match root.path_in_root() {
        Some(below) => format!("{below}/{path}"),
        None => path.to_string(),
    };
    match app.open_artifact(root, path).await {
        Ok(file) => Ok(file),
        Err(ArtifactError::NotFound { .. }) => {
            let message = format!("No such artifact: '{}'", whole());
            Err(ApiError::new(ErrorCode::ResourceDoesNotExist, message))
        }
        Err(ArtifactError::IsDirectory { .. }) => Err(Invalid::new(format!(
            "Artifact path refers to a directory, not a file: '{}'",
            whole()
        ))
        .into()),
        Err(error) => Err(error.into()),
    }
}

/// URLs that need no login, to stores that clients may reach themselves.
pub(crate) async fn presigned_upload_url(
    State(app): State<App>,
    caller: Caller,
    JsonBody(req): JsonBody<PresignedUrlRequest>,
) -> Answer<PresignedUrlAnswer> {
    const DEFAULT_SECONDS: u64 = 900;
    let run = req.run_id.optional("run_id")?.filter(|id| !id.is_empty());
    let model = req.model_id.optional("model_id")?.filter(|id| !id.is_empty());
    let path = ArtifactPath::parse(&req.path.required("path")?)?;
    let valid_for = expiration(req.expiration, DEFAULT_SECONDS)?;
    let uri = match (run, model) {
        (Some(run), None) => run_uri(&app, run_id(Field::Given(run), Field::Absent)?).await?,
        (None, Some(model)) => {
            app.store
                .get_logged_model(model_id(&model)?, false)
                .await?
                .artifact_location
        }
        _ => return Err(Invalid::new("Exactly one of run_id and model_id must be provided.").into()),
    };
    if !is_proxied(&uri) {
        let place = caller.servable(&app, &uri, Permission::Edit).await?;
        if let Some(presigned_url) = app.artifacts.presigned_upload(&place, &path, valid_for).await? {
            app.forget_digest(&place, &path).await?;
            return Ok(Json(PresignedUrlAnswer {
                presigned_url,
                file_size: None,
            }));
        }
    }
    Err(Invalid::new(format!(
        "Presigned upload is not supported for proxied artifact storage (artifact URI scheme: {}). This endpoint \
         requires a direct cloud storage artifact URI.",
        scheme_of(&uri)
    ))
    .into())
}

/// See [`presigned_upload_url`].
pub(crate) async fn presigned_download_url(
    State(app): State<App>,
    caller: Caller,
    JsonBody(req): JsonBody<PresignedUrlRequest>,
) -> Answer<PresignedUrlAnswer> {
    const DEFAULT_SECONDS: u64 = 300;
    let run = req.run_id.required("run_id")?;
    let path = ArtifactPath::parse(&req.path.required("path")?)?;
    let valid_for = expiration(req.expiration, DEFAULT_SECONDS)?;
    let uri = run_uri(&app, run_id(Field::Given(run), Field::Absent)?).await?;
    if !is_proxied(&uri) {
        let place = caller.servable(&app, &uri, Permission::Read).await?;
        if let Some(signed) = app.artifacts.presigned_download(&place, &path, valid_for).await? {
            return Ok(Json(PresignedUrlAnswer {
                presigned_url: signed.url,
                file_size: Some(i64::try_from(signed.size_bytes).unwrap_or(i64::MAX)),
            }));
        }
    }
    Err(Invalid::new(format!(
        "Presigned download is not supported for runs with proxied artifact storage (artifact URI scheme: {}). This \
         endpoint requires a run with a direct cloud storage artifact URI.",
        scheme_of(&uri)
    ))
    .into())
}

/// Whether clients go through this server, or are on its machine, as the URI says.
fn is_proxied(uri: &str) -> bool {
    matches!(scheme_of(uri), "mlflow-artifacts" | "file" | "http" | "https")
}

fn expiration(given: Field<i64>, default_seconds: u64) -> Result<Duration, Invalid> {
    const MAX_SECONDS: i64 = 604_800;
    match given.optional("expiration")? {
        Some(seconds) if !(1..=MAX_SECONDS).contains(&seconds) => Err(Invalid::new(format!(
            "expiration must be between 1 and {MAX_SECONDS} seconds (got {seconds})."
        ))),
        Some(seconds) => Ok(Duration::from_secs(seconds.unsigned_abs())),
        None => Ok(Duration::from_secs(default_seconds)),
    }
}

fn scheme_of(uri: &str) -> &str {
    uri.split_once(':').map_or("file", |(scheme, _)| scheme)
}

async fn run_uri(app: &App, id: RunId) -> Result<String, ApiError> {
    Ok(app.store.get_run_info(id).await?.artifact_uri.unwrap_or_default())
}

/// Stores a small file of a run: what the UI uploads, at most 10 MiB.
pub(crate) async fn upload(
    State(app): State<App>,
    caller: Caller,
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
    if data.bytes.is_empty() {
        return Err(required("data").into());
    }
    let id = run_id(Field::Given(raw_id), Field::Absent)?;
    let (_, root) = run_root(&app, &caller, id, Permission::Edit).await?;
    let limits = UploadLimits {
        expected_bytes: Some(data.bytes.len() as u64),
        max_bytes: None,
    };
    let body = futures::stream::iter([Ok::<_, std::convert::Infallible>(data.bytes)]);
    app.put_artifact(&root, &path, body, limits).await?;
    Ok((StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], "").into_response())
}

/// Where a run keeps its artifacts: the stored URI, and the place if this server may touch it.
pub(crate) async fn run_root(
    app: &App,
    caller: &Caller,
    id: RunId,
    need: Permission,
) -> Result<(String, ServableLocation), ApiError> {
    let uri = run_uri(app, id).await?;
    let root = caller.servable(app, &uri, need).await?;
    Ok((uri, root))
}

async fn logged_model_root(
    app: &App,
    caller: &Caller,
    id: &str,
) -> Result<(String, ServableLocation), ApiError> {
    let model = app.store.get_logged_model(model_id(id)?, false).await?;
    let root = caller
        .servable(app, &model.artifact_location, Permission::Read)
        .await?;
    Ok((model.artifact_location, root))
}
