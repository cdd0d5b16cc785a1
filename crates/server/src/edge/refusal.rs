//! What a request that goes no further is told.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use oxflow_core::ErrorCode;

use super::framing::Fault;
use crate::ApiError;

/// Longest path, in bytes.
pub(super) const MAX_PATH_BYTES: usize = 32 * 1024;

/// Why a request does not reach the router.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It cannot be said what the request is, so nobody knows what follows it either.
    Malformed(Fault),
    /// CONNECT.
    NotAProxy,
    PathTooLong {
        bytes: usize,
    },
    ForeignHost,
    ForeignOrigin,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Malformed(fault) => {
                let close = [(header::CONNECTION, HeaderValue::from_static("close"))];
                (close, ApiError::new(ErrorCode::BadRequest, fault)).into_response()
            }
            Self::NotAProxy => {
                ApiError::new(ErrorCode::MethodNotAllowed, "this server is no proxy").into_response()
            }
            Self::PathTooLong { bytes } => {
                let message = format!("the path has {bytes} bytes; at most {MAX_PATH_BYTES} are allowed");
                let mut response = ApiError::new(ErrorCode::InvalidParameterValue, message).into_response();
                *response.status_mut() = StatusCode::URI_TOO_LONG;
                response
            }
            // MLflow 3.17 answers these two as plain text.
            Self::ForeignHost => {
                let message = "Invalid Host header - possible DNS rebinding attack detected";
                (StatusCode::FORBIDDEN, message).into_response()
            }
            Self::ForeignOrigin => (StatusCode::FORBIDDEN, "Cross-origin request blocked").into_response(),
        }
    }
}
