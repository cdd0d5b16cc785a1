//! From an HTTP request to a request of the API.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts as Head;
use axum::http::{HeaderMap, Method, header};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use oxflow_core::{ErrorCode, Invalid};
use oxflow_wire::{parse_body, parse_query};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use crate::{ApiError, App};

/// The fields of a JSON body.
#[derive(Debug)]
pub struct JsonBody<T>(pub T);

impl<T: DeserializeOwned + Default + Send + 'static> FromRequest<App> for JsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        check_content_type(request.method(), request.headers())?;
        let (head, body) = request.into_parts();
        let body = read_whole(&head.headers, body, app, app.config.edge.max_json_body_bytes).await?;
        Ok(Self(parse(body).await?))
    }
}

/// Largest body of the endpoints whose fields take any JSON: in memory it takes up to forty times its bytes.
const MAX_ANY_JSON_BYTES: u64 = 2 * 1024 * 1024;

/// The fields of a JSON body, some of which take any JSON, or which ignores others at a price: of GraphQL, and of
/// Oxflow's own endpoints. At most 2 MiB.
#[derive(Debug)]
pub struct AnyJsonBody<T>(pub T);

impl<T: DeserializeOwned + Default + Send + 'static> FromRequest<App> for AnyJsonBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        check_content_type(request.method(), request.headers())?;
        let (head, body) = request.into_parts();
        let limit = app.config.edge.max_json_body_bytes.min(MAX_ANY_JSON_BYTES);
        let body = read_whole(&head.headers, body, app, limit).await?;
        Ok(Self(parse(body).await?))
    }
}

/// The names of a request's repeated query parameters.
pub trait QueryFields: DeserializeOwned + Default + Send + 'static {
    /// Parameters that are lists even when they come once.
    const LISTS: &'static [&'static str] = &[];
}

/// The fields of a GET request: of the query string, or of a JSON body if there is no query.
#[derive(Debug)]
pub struct QueryOrBody<T>(pub T);

impl<T: QueryFields> FromRequest<App> for QueryOrBody<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let (head, body) = request.into_parts();
        if let Some(query) = head.uri.query().filter(|query| !query.is_empty()) {
            return Ok(Self(parse_query(query, T::LISTS)?));
        }
        let body = read_whole(&head.headers, body, app, app.config.edge.max_json_body_bytes).await?;
        Ok(Self(parse(body).await?))
    }
}

/// The fields of a request that may name them anywhere: of the JSON body if it has one, else of the query string.
/// MLflow reads DELETE like that.
#[derive(Debug)]
pub struct AnyFields<T>(pub T);

impl<T: QueryFields> FromRequest<App> for AnyFields<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let (head, body) = request.into_parts();
        let body = read_whole(&head.headers, body, app, app.config.edge.max_json_body_bytes).await?;
        if head.method == Method::GET || body.bytes.is_empty() {
            return Ok(Self(parse_query(head.uri.query().unwrap_or(""), T::LISTS)?));
        }
        Ok(Self(parse(body).await?))
    }
}

/// The fields of the query string alone.
#[derive(Debug)]
pub struct QueryFieldsOf<T>(pub T);

impl<T: QueryFields> FromRequestParts<App> for QueryFieldsOf<T> {
    type Rejection = ApiError;

    async fn from_request_parts(head: &mut Head, _: &App) -> Result<Self, ApiError> {
        Ok(Self(parse_query(head.uri.query().unwrap_or(""), T::LISTS)?))
    }
}

/// The variable parts of the path, decoded once.
#[derive(Debug)]
pub struct PathParts<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for PathParts<T> {
    type Rejection = ApiError;

    async fn from_request_parts(head: &mut Head, app: &App) -> Result<Self, ApiError> {
        let parts = Path::<T>::from_request_parts(head, app).await;
        parts
            .map(|Path(parts)| Self(parts))
            .map_err(|_| Invalid::new("Invalid path").into())
    }
}

/// A body in memory, with its share of the memory that all bodies together may use.
#[derive(Debug)]
pub(crate) struct HeldBody {
    pub(crate) bytes: Bytes,
    _memory: OwnedSemaphorePermit,
}

impl HeldBody {
    /// The same body with another list in a field, which has two spellings; as large at most.
    pub(crate) fn with_list(
        &self,
        field: &str,
        camel_case: &str,
        items: &[String],
    ) -> Result<Bytes, ApiError> {
        let mut fields: Map<String, Value> = parse_body::<Fields>(&self.bytes)?.0;
        fields.remove(camel_case);
        fields.insert(field.to_owned(), items.into());
        let whole = serde_json::to_vec(&fields).map_err(|error| {
            ApiError::new(
                ErrorCode::InternalError,
                format!("writing a request failed: {error}"),
            )
        })?;
        Ok(whole.into())
    }
}

/// All fields of a body.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
struct Fields(Map<String, Value>);

/// Bodies over this size are parsed away from the threads that serve connections.
const PARSED_IN_PLACE_BYTES: usize = 64 * 1024;

async fn parse<T: DeserializeOwned + Default + Send + 'static>(body: HeldBody) -> Result<T, ApiError> {
    if body.bytes.len() <= PARSED_IN_PLACE_BYTES {
        return Ok(parse_body(&body.bytes)?);
    }
    let parsed = tokio::task::spawn_blocking(move || parse_body(&body.bytes)).await;
    let parsed = parsed
        .map_err(|error| ApiError::new(ErrorCode::InternalError, format!("parsing failed: {error}")))?;
    Ok(parsed?)
}

/// Reads a body up to a limit of size and time.
pub(crate) async fn read_whole(
    headers: &HeaderMap,
    body: Body,
    app: &App,
    limit_bytes: u64,
) -> Result<HeldBody, ApiError> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok())
        .and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit_bytes) {
        return Err(too_large(limit_bytes, announced));
    }
    let collected = collect(body, app, limit_bytes);
    timeout(app.config.edge.json_body_timeout, collected)
        .await
        .map_err(|_| too_slow(app.config.edge.json_body_timeout))?
}

async fn collect(mut body: Body, app: &App, limit_bytes: u64) -> Result<HeldBody, ApiError> {
    let mut whole = BytesMut::new();
    let mut memory = reserve(app, 0)?;
    loop {
        let idle = app.config.edge.body_idle_timeout;
        let frame = timeout(idle, body.frame()).await.map_err(|_| too_slow(idle))?;
        let Some(frame) = frame else {
            return Ok(HeldBody {
                bytes: whole.freeze(),
                _memory: memory,
            });
        };
        let frame = frame.map_err(|_| Invalid::new("the request body broke off before its end"))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        let length = whole.len() + data.len();
        if length as u64 > limit_bytes {
            return Err(too_large(limit_bytes, None));
        }
        let missing = length.div_ceil(1024).saturating_sub(memory.num_permits());
        memory.merge(reserve(app, missing)?);
        whole.extend_from_slice(&data);
    }
}

/// Takes a share of the memory that all bodies together may use.
fn reserve(app: &App, kib: usize) -> Result<OwnedSemaphorePermit, ApiError> {
    let kib = u32::try_from(kib).unwrap_or(u32::MAX);
    Arc::clone(&app.body_memory)
        .try_acquire_many_owned(kib)
        .map_err(|_| {
            ApiError::new(
                ErrorCode::TemporarilyUnavailable,
                "too many large requests are being read at this moment; try again",
            )
        })
}

fn too_large(limit_bytes: u64, announced: Option<u64>) -> ApiError {
    let size = announced.map_or_else(|| "more".to_owned(), |length| format!("{length} bytes"));
    ApiError::new(
        ErrorCode::PayloadTooLarge,
        format!("the request body may have {limit_bytes} bytes, but it has {size}"),
    )
}

fn too_slow(limit: Duration) -> ApiError {
    ApiError::new(
        ErrorCode::RequestTimeout,
        format!("the request body did not arrive within {} s", limit.as_secs()),
    )
}

/// POST and PUT must say that they carry JSON, as in MLflow; so no HTML form reaches them.
fn check_content_type(method: &Method, headers: &HeaderMap) -> Result<(), Invalid> {
    if !matches!(*method, Method::POST | Method::PUT) {
        return Ok(());
    }
    let refuse = |detail: &str| Invalid {
        code: ErrorCode::InvalidParameterValue,
        message: format!("Bad Request. Content-Type {detail}"),
    };
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return Err(refuse("header is missing."));
    };
    let kind = value
        .to_str()
        .unwrap_or("")
        .split(';')
        .next()
        .unwrap_or("")
        .trim();
    if kind.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(refuse("must be one of ['application/json']."))
}
