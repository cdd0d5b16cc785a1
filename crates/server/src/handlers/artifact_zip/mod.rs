//! A folder of artifacts as one file.

mod outlet;
mod pack;
mod walk;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use oxflow_artifacts::{ArtifactError, ArtifactPath};
use oxflow_auth::Permission;
use oxflow_core::{ErrorCode, Invalid, RunId};
use oxflow_wire::RunArtifact;

use super::artifact_files::content_disposition;
use super::fields::run_id;
use super::run_artifacts::run_root;
use crate::authorize::Caller;
use crate::extract::QueryFieldsOf;
use crate::{ApiError, App};

/// Streams a folder of a run, or all of its artifacts. What is in it is known before the answer begins.
pub(crate) async fn zip(
    State(app): State<App>,
    caller: Caller,
    QueryFieldsOf(req): QueryFieldsOf<RunArtifact>,
) -> Result<Response, ApiError> {
    let id = run_id(req.run_id, req.run_uuid)?;
    let path = req.path.optional("path")?.unwrap_or_default();
    let folder = ArtifactPath::parse_directory(&path)?;
    let name = content_disposition("attachment", &file_name(&id, folder.as_ref()));
    let (_, root) = run_root(&app, &caller, id, Permission::Read).await?;
    if let Some(folder) = &folder {
        match app.artifacts.open_file(&root, folder).await {
            Err(ArtifactError::IsDirectory { .. }) => {}
            Err(error) => return Err(error.into()),
            Ok(_) => {
                let message = format!("'{folder}' is a file; download it with get-artifact");
                return Err(Invalid::new(message).into());
            }
        }
    }
    let place = Arc::clone(&app.packers).try_acquire_owned().map_err(|_| {
        let message = "too many folders are being packed at this moment; try again";
        ApiError::new(ErrorCode::TemporarilyUnavailable, message)
    })?;
    let items = walk::below(&app.artifacts, &root, folder.as_ref()).await?;
    let bytes = pack::start(app.artifacts.clone(), root, items, place);
    let headers = [
        (header::CONTENT_TYPE, "application/zip"),
        (header::CONTENT_DISPOSITION, name.as_str()),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"),
    ];
    Ok((headers, Body::from_stream(bytes)).into_response())
}

fn file_name(id: &RunId, folder: Option<&ArtifactPath>) -> String {
    match folder {
        Some(folder) => format!("{}.zip", folder.file_name()),
        None => format!("artifacts-{:.8}.zip", id.as_str()),
    }
}
