//! MLflow's closed list of error codes and what each becomes over HTTP.

/// Error code of MLflow's REST API, with its one HTTP status.
///
/// Source: the status table of `mlflow.exceptions`, MLflow 3.17.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are MLflow's and say it all")]
pub enum ErrorCode {
    InvalidParameterValue,
    AttributeNotFound,
    BadRequest,
    ResourceAlreadyExists,
    Unauthenticated,
    PermissionDenied,
    ResourceDoesNotExist,
    NotFound,
    EndpointNotFound,
    MethodNotAllowed,
    RequestTimeout,
    UnsupportedMediaType,
    RangeNotSatisfiable,
    RequestLimitExceeded,
    ResourceExhausted,
    PayloadTooLarge,
    NoSpace,
    FeatureDisabled,
    InvalidState,
    InternalError,
    NotImplemented,
    TemporarilyUnavailable,
    DeadlineExceeded,
}

impl ErrorCode {
    /// The code's name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidParameterValue | Self::AttributeNotFound => "INVALID_PARAMETER_VALUE",
            Self::BadRequest
            | Self::MethodNotAllowed
            | Self::UnsupportedMediaType
            | Self::RangeNotSatisfiable
            | Self::RequestTimeout => "BAD_REQUEST",
            Self::ResourceAlreadyExists => "RESOURCE_ALREADY_EXISTS",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::PermissionDenied => "PERMISSION_DENIED",
            Self::ResourceDoesNotExist => "RESOURCE_DOES_NOT_EXIST",
            Self::NotFound => "NOT_FOUND",
            Self::EndpointNotFound => "ENDPOINT_NOT_FOUND",
            Self::RequestLimitExceeded => "REQUEST_LIMIT_EXCEEDED",
            Self::ResourceExhausted | Self::PayloadTooLarge | Self::NoSpace => "RESOURCE_EXHAUSTED",
            Self::FeatureDisabled => "FEATURE_DISABLED",
            Self::InvalidState => "INVALID_STATE",
            Self::InternalError => "INTERNAL_ERROR",
            Self::NotImplemented => "NOT_IMPLEMENTED",
            Self::TemporarilyUnavailable => "TEMPORARILY_UNAVAILABLE",
            Self::DeadlineExceeded => "DEADLINE_EXCEEDED",
        }
    }

    /// The HTTP status.
    ///
    /// `INVALID_STATE` and `FEATURE_DISABLED` are 400 here and 500 in MLflow: the Python client
    /// repeats a 500 for minutes, and repeating cannot help (docs/differences.md).
    pub const fn http_status(self) -> u16 {
        match self {
            Self::InvalidParameterValue
            | Self::AttributeNotFound
            | Self::BadRequest
            | Self::ResourceAlreadyExists
            | Self::InvalidState
            | Self::FeatureDisabled => 400,
            Self::Unauthenticated => 401,
            Self::PermissionDenied => 403,
            Self::ResourceDoesNotExist | Self::NotFound | Self::EndpointNotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::RequestTimeout => 408,
            Self::PayloadTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::RangeNotSatisfiable => 416,
            Self::RequestLimitExceeded | Self::ResourceExhausted => 429,
            Self::InternalError => 500,
            Self::NotImplemented => 501,
            Self::TemporarilyUnavailable => 503,
            Self::DeadlineExceeded => 504,
            Self::NoSpace => 507,
        }
    }

    /// `sqlstate` and `error_class`, which MLflow 3.x adds to the body for some codes.
    pub const fn sqlstate_and_class(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::InvalidParameterValue | Self::BadRequest => Some(("KAM00", "INVALID_PARAMETER_VALUE")),
            Self::AttributeNotFound => Some(("KAM04", "ATTRIBUTE_NOT_FOUND")),
            Self::ResourceAlreadyExists => Some(("KAM00", "RESOURCE_ALREADY_EXISTS")),
            Self::PermissionDenied => Some(("KAM00", "PERMISSION_DENIED")),
            Self::ResourceDoesNotExist | Self::NotFound | Self::EndpointNotFound => {
                Some(("KAM00", "RESOURCE_NOT_FOUND"))
            }
            Self::FeatureDisabled => Some(("KAM00", "FEATURE_DISABLED")),
            Self::InternalError | Self::InvalidState | Self::TemporarilyUnavailable => {
                Some(("XXM00", "CLIENT_INTERNAL_ERROR"))
            }
            _ => None,
        }
    }
}
