//! Answers.

use axum::Json;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use oxflow_core::ErrorCode;
use oxflow_wire::Empty;
use serde::Serialize;

use crate::ApiError;

/// A JSON answer or an error.
pub(crate) type Answer<T> = Result<Json<T>, ApiError>;

/// The answer `{}`.
pub(crate) fn done() -> Answer<Empty> {
    Ok(Json(Empty {}))
}

/// Items whose JSON takes a few hundred microseconds to write.
const ITEMS_WRITTEN_IN_PLACE: usize = 50;

/// A JSON answer with so many runs, models or versions.
pub(crate) async fn page<T: Serialize + Send + 'static>(
    answer: T,
    items: usize,
) -> Result<Response, ApiError> {
    if items <= ITEMS_WRITTEN_IN_PLACE {
        return Ok(Json(answer).into_response());
    }
    large(answer).await
}

/// A JSON answer that may be large: written away from the threads that serve connections.
pub(crate) async fn large<T: Serialize + Send + 'static>(answer: T) -> Result<Response, ApiError> {
    let written = tokio::task::spawn_blocking(move || serde_json::to_vec(&answer)).await;
    match written {
        Ok(Ok(json)) => Ok(([(header::CONTENT_TYPE, "application/json")], json).into_response()),
        Ok(Err(error)) => Err(ApiError::new(
            ErrorCode::InternalError,
            format!("writing the answer failed: {error}"),
        )),
        Err(error) => Err(ApiError::new(
            ErrorCode::InternalError,
            format!("writing the answer failed: {error}"),
        )),
    }
}
