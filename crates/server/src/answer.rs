//! Answers.

use axum::Json;
use oxflow_wire::Empty;

use crate::ApiError;

/// A JSON answer or an error.
pub(crate) type Answer<T> = Result<Json<T>, ApiError>;

/// The answer `{}`.
pub(crate) fn done() -> Answer<Empty> {
    Ok(Json(Empty {}))
}
