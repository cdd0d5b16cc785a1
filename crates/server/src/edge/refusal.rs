//! What a request that goes no further is told.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use oxflow_core::ErrorCode;

use super::framing::Fault;
use super::head::{MAX_HEADER_BYTES, MAX_HEADERS};
use crate::ApiError;

/// Longest path, in bytes.
pub(super) const MAX_PATH_BYTES: usize = 32 * 1024;

/// Why a request does not reach the router.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It cannot be said what the request is, so nobody knows what follows it either.
    Malformed(Fault),
    HeaderTooLong,
    TooManyHeaders,
    /// No limit of a body is as large.
    LengthTooLarge {
        bytes: u64,
    },
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
            Self::Malformed(fault) => closing(ApiError::new(ErrorCode::BadRequest, fault)),
            Self::HeaderTooLong => header_too_large(format!(
                "the request line and the headers may have {MAX_HEADER_BYTES} bytes, but they have more"
            )),
            Self::TooManyHeaders => header_too_large(format!(
                "a request may have {MAX_HEADERS} header lines, but it has more"
            )),
            Self::LengthTooLarge { bytes } => {
                let message = format!("no request body may have {bytes} bytes");
                closing(ApiError::new(ErrorCode::PayloadTooLarge, message))
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

/// The answer after which nothing more is read.
fn closing(error: ApiError) -> Response {
    let close = [(header::CONNECTION, HeaderValue::from_static("close"))];
    (close, error).into_response()
}

fn header_too_large(message: String) -> Response {
    let mut response = closing(ApiError::new(ErrorCode::InvalidParameterValue, message));
    *response.status_mut() = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
    response
}
