//! What an artifact is, before it is downloaded.

use std::time::SystemTime;

use axum::Json;
use axum::extract::State;
use futures::TryStreamExt;
use oxflow_artifacts::{ArtifactError, ArtifactFile, ArtifactPath};
use oxflow_auth::Permission;
use oxflow_core::ErrorCode;
use oxflow_wire::{ArtifactHead, RunArtifact};

use super::fields::run_id;
use super::run_artifacts::run_root;
use crate::answer::Answer;
use crate::authorize::Caller;
use crate::extract::QueryFieldsOf;
use crate::{ApiError, App};

/// Bytes that are looked at to tell text from anything else.
const LOOKED_AT_BYTES: u64 = 8192;

/// Describes a file or directory of a run.
pub(crate) async fn head(
    State(app): State<App>,
    caller: Caller,
    QueryFieldsOf(req): QueryFieldsOf<RunArtifact>,
) -> Answer<ArtifactHead> {
    let id = run_id(req.run_id, req.run_uuid)?;
    let path = req.path.optional("path")?.unwrap_or_default();
    let asked = ArtifactPath::parse_directory(&path)?;
    let (_, root) = run_root(&app, &caller, id, Permission::Read).await?;
    let Some(asked) = asked else {
        return Ok(Json(directory(path)));
    };
    match app.open_artifact(&root, &asked).await {
        Ok(file) => Ok(Json(describe(file, &asked).await?)),
        Err(ArtifactError::IsDirectory { .. }) => Ok(Json(directory(path))),
        Err(error) => Err(error.into()),
    }
}

fn directory(path: String) -> ArtifactHead {
    ArtifactHead {
        path,
        is_dir: true,
        file_size: None,
        last_modified: None,
        content_type: None,
        is_text: false,
        sha256: None,
    }
}

async fn describe(file: ArtifactFile, path: &ArtifactPath) -> Result<ArtifactHead, ApiError> {
    let file_size = file.size_bytes();
    let last_modified = file.last_modified().duration_since(SystemTime::UNIX_EPOCH).ok();
    let sha256 = file.sha256().map(|digest| digest.to_string());
    let beginning = file.into_stream(Some(0..=LOOKED_AT_BYTES - 1));
    let beginning: Vec<_> = beginning.try_collect().await.map_err(|error| {
        ApiError::new(
            ErrorCode::InternalError,
            format!("could not read the artifact: {error}"),
        )
    })?;
    let is_text = is_text(&beginning.concat());
    let unknown = if is_text {
        mime_guess::mime::TEXT_PLAIN
    } else {
        mime_guess::mime::APPLICATION_OCTET_STREAM
    };
    let by_name = mime_guess::from_path(path.file_name()).first().unwrap_or(unknown);
    Ok(ArtifactHead {
        path: path.to_string(),
        is_dir: false,
        file_size: Some(file_size),
        last_modified: last_modified.and_then(|since| i64::try_from(since.as_millis()).ok()),
        content_type: Some(by_name.essence_str().to_owned()),
        is_text,
        sha256,
    })
}

/// UTF-8 without NUL; the last character may be cut.
fn is_text(beginning: &[u8]) -> bool {
    let is_utf8 = match std::str::from_utf8(beginning) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    is_utf8 && !beginning.contains(&0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_character_is_still_text() {
        assert!(is_text(b"") && is_text("größer".as_bytes()) && is_text(&"é".as_bytes()[..1]));
        assert!(!is_text(b"\x89PNG\r\n") && !is_text(b"a\0b") && !is_text(&[0xff, b'a', b'b']));
    }
}
