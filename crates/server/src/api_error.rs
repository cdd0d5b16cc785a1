//! The one error of the HTTP edge.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use oxflow_artifacts::{ArtifactError, InvalidLocation, InvalidPath, InvalidSource, NotServed};
use oxflow_core::{ErrorCode, Invalid};
use oxflow_search::SearchError;
use oxflow_store::StoreError;
use oxflow_wire::{ErrorBody, ErrorDetails};
use tracing::{error, warn};

/// What went wrong with a request, as the client is told; the cause goes to the log.
#[derive(Debug)]
pub struct ApiError {
    code: ErrorCode,
    message: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
    details: Option<ErrorDetails>,
}

impl ApiError {
    /// An error with a message for the client.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            source: None,
            details: None,
        }
    }

    /// An error about a text that a field of the request holds, with the place in it.
    pub(crate) fn of_text(field: &'static str, text: &str, error: &SearchError) -> Self {
        let units = |text: &str| text.encode_utf16().count();
        let span = error.span().unwrap_or(0..text.len());
        let details = ErrorDetails {
            field,
            offset: units(text.get(..span.start).unwrap_or_default()),
            length: units(text.get(span).unwrap_or_default()),
        };
        Self {
            details: Some(details),
            ..Self::new(ErrorCode::InvalidParameterValue, error.message())
        }
    }

    /// The code of the error.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// The sentence for an answer that has no place for more; the rest goes to the log.
    pub(crate) fn into_message(self) -> String {
        self.log();
        self.message
    }

    /// What the client is told.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Nothing is served under this path.
    pub fn endpoint_not_found() -> Self {
        Self::new(
            ErrorCode::EndpointNotFound,
            "No API is served under this path. See docs/api-coverage.md.",
        )
    }

    /// Logs what the operator should know, once.
    fn log(&self) {
        let status = self.code.http_status();
        let cause = self.source.as_deref().map(chain).unwrap_or_default();
        match self.code {
            ErrorCode::InternalError => error!(status, cause, "{}", self.message),
            _ if status >= 500 => warn!(status, cause, "{}", self.message),
            _ => {}
        }
    }
}

/// An error and its causes in one line.
fn chain(error: &(dyn std::error::Error + Send + Sync + 'static)) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line.push_str(": ");
        line.push_str(&error.to_string());
        cause = error.source();
    }
    line
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.log();
        let (sqlstate, error_class) = self.code.sqlstate_and_class().unzip();
        let body = ErrorBody {
            error_code: self.code.name(),
            message: &self.message,
            sqlstate,
            error_class,
            details: self.details,
        };
        let status =
            StatusCode::from_u16(self.code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(body)).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

impl From<Invalid> for ApiError {
    fn from(invalid: Invalid) -> Self {
        Self::new(invalid.code, invalid.message)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self {
            code: error.code(),
            message: error.to_string(),
            source: Some(error.into()),
            details: None,
        }
    }
}

impl From<SearchError> for ApiError {
    fn from(error: SearchError) -> Self {
        Self::new(ErrorCode::InvalidParameterValue, error.message())
    }
}

impl From<InvalidPath> for ApiError {
    fn from(error: InvalidPath) -> Self {
        Self::new(ErrorCode::InvalidParameterValue, error.to_string())
    }
}

impl From<InvalidLocation> for ApiError {
    fn from(error: InvalidLocation) -> Self {
        Self::new(ErrorCode::InvalidParameterValue, error.to_string())
    }
}

impl From<InvalidSource> for ApiError {
    fn from(error: InvalidSource) -> Self {
        Self::new(ErrorCode::InvalidParameterValue, error.to_string())
    }
}

impl From<NotServed> for ApiError {
    fn from(error: NotServed) -> Self {
        Self::new(ErrorCode::InvalidParameterValue, error.to_string())
    }
}

impl From<ArtifactError> for ApiError {
    fn from(error: ArtifactError) -> Self {
        let code = match &error {
            ArtifactError::NotFound { .. } => ErrorCode::ResourceDoesNotExist,
            ArtifactError::TooLarge { .. } | ArtifactError::FileTooLong => ErrorCode::PayloadTooLarge,
            ArtifactError::NoSpace => ErrorCode::NoSpace,
            ArtifactError::ReadOnly => ErrorCode::TemporarilyUnavailable,
            ArtifactError::Io { .. } => ErrorCode::InternalError,
            ArtifactError::NoBucket { .. } | ArtifactError::NoSuchUpload(_) => {
                ErrorCode::ResourceDoesNotExist
            }
            ArtifactError::StoreRefuses { .. } | ArtifactError::NotForEverybody { .. } => {
                ErrorCode::PermissionDenied
            }
            ArtifactError::StoreFailed { .. } => ErrorCode::TemporarilyUnavailable,
            ArtifactError::NotAFolder { .. }
            | ArtifactError::NotAnObjectStore { .. }
            | ArtifactError::NotOffered { .. } => ErrorCode::NotImplemented,
            _ => ErrorCode::InvalidParameterValue,
        };
        Self {
            code,
            message: error.to_string(),
            source: Some(error.into()),
            details: None,
        }
    }
}
