//! Why somebody is not let in, and what they are told.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use oxflow_core::ErrorCode;
use oxflow_wire::ErrorBody;

use super::hashing::Busy;
use crate::ApiError;

/// The reason for not letting somebody in.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// There is nothing to log in with, or it is wrong. Nobody is told which of it.
    Unknown,
    /// The header cannot be read.
    Malformed(&'static str),
    /// Too many logins failed; how long to wait.
    TooOften(Duration),
    /// Too many passwords are being checked.
    Busy,
    /// The database of users did not answer.
    Failed(ApiError),
}

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        Self::Failed(error)
    }
}

impl From<Busy> for Refusal {
    fn from(_: Busy) -> Self {
        Self::Busy
    }
}

/// How MLflow says that somebody has to log in, and where its users read how.
const NOT_AUTHENTICATED: &str = "You are not authenticated. Please see \
    https://www.mlflow.org/docs/latest/auth/index.html#authenticating-to-mlflow on how to authenticate.";

impl Refusal {
    /// The answer. A page of ours asks for the password itself, so its browser must not; MLflow's clients and pages are
    /// answered as MLflow does, our own endpoints in JSON.
    pub(crate) fn response(self, is_own_endpoint: bool, may_ask: bool) -> Response {
        match self {
            Self::Unknown => unauthenticated(NOT_AUTHENTICATED, is_own_endpoint, may_ask),
            Self::Malformed(fault) => {
                let message = format!("You are not authenticated: {fault}.");
                unauthenticated(&message, is_own_endpoint, may_ask)
            }
            Self::TooOften(left) => retry(
                StatusCode::TOO_MANY_REQUESTS,
                ErrorCode::RequestLimitExceeded,
                left.as_secs() + 1,
                &format!(
                    "Too many logins failed from this address or for this name; try again in {} s.",
                    left.as_secs() + 1
                ),
            ),
            Self::Busy => retry(
                StatusCode::SERVICE_UNAVAILABLE,
                ErrorCode::TemporarilyUnavailable,
                1,
                "Too many passwords are being checked at this moment; try again.",
            ),
            Self::Failed(error) => error.into_response(),
        }
    }
}

fn unauthenticated(message: &str, is_own_endpoint: bool, may_ask: bool) -> Response {
    let mut response = if is_own_endpoint {
        json(StatusCode::UNAUTHORIZED, ErrorCode::Unauthenticated, message)
    } else {
        (StatusCode::UNAUTHORIZED, message.to_owned()).into_response()
    };
    if may_ask {
        response.headers_mut().insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Basic realm=\"mlflow\""),
        );
    }
    response
}

fn retry(status: StatusCode, code: ErrorCode, seconds: u64, message: &str) -> Response {
    let mut response = json(status, code, message);
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

pub(crate) fn json(status: StatusCode, code: ErrorCode, message: &str) -> Response {
    let (sqlstate, error_class) = code.sqlstate_and_class().unzip();
    let body = ErrorBody {
        error_code: code.name(),
        message,
        sqlstate,
        error_class,
        details: None,
    };
    (status, Json(body)).into_response()
}
