//! Uploads in parts and presigned URLs. Object stores sign URLs of their own; for a folder this server does, with an expiring
//! HMAC, and takes the parts itself.

use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::{OriginalUri, Request, State};
use axum::http::request::Parts as Head;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use oxflow_artifacts::{ArtifactPath, DonePart, NewUpload};
use oxflow_core::{ErrorCode, Invalid};
use oxflow_wire::{
    Empty, Int64, MultipartCreated, MultipartRequest, PartCredential, PresignedDownload, SignedQuery,
};

use super::artifact_files::{Caching, respond};
use super::artifact_proxy::{decoded_path, proxy, raw_path, store_error, upload_limits, with_idle_limit};
use super::signed_urls::{Signed, Signer};
use crate::answer::{Answer, done};
use crate::extract::{JsonBody, QueryFields, QueryFieldsOf};
use crate::{ApiError, App};

/// How long the URLs of parts are valid: as long as boto3's.
const PARTS_VALID_FOR: Duration = Duration::from_secs(60 * 60);

/// Most parts of an upload: S3's limit.
const MAX_PARTS: i64 = 10_000;

impl QueryFields for SignedQuery {}

/// Begins an upload in parts: the answer has a URL for each.
pub(crate) async fn create(
    State(app): State<App>,
    OriginalUri(uri): OriginalUri,
    head: Asked,
    JsonBody(req): JsonBody<MultipartRequest>,
) -> Answer<MultipartCreated> {
    let root = proxy(&app)?;
    let path = target(raw_path(&uri), &req.path.required("path")?)?;
    let parts = req.num_parts.optional("num_parts")?.unwrap_or(1);
    let parts = u32::try_from(parts)
        .ok()
        .filter(|parts| (1..=MAX_PARTS).contains(&i64::from(*parts)))
        .ok_or_else(|| {
            Invalid::new(format!(
                "num_parts must be between 1 and {MAX_PARTS} (got {parts})."
            ))
        })?;
    let begun = app
        .artifacts
        .begin_parts(root, &path, parts, PARTS_VALID_FOR)
        .await
        .map_err(store_error)?;
    let (upload_id, credentials) = match begun {
        NewUpload::ToStore { id, parts } => {
            let credentials = parts.into_iter().map(|part| PartCredential {
                url: part.url,
                part_number: i64::from(part.number),
            });
            (id, credentials.collect())
        }
        NewUpload::ToServer { id } => {
            let signer = Signer::of(&app).await?;
            let expires = signer.expiry(&app, PARTS_VALID_FOR);
            let url = |number: u32| {
                let signed = Signed::Part {
                    path: &path,
                    upload_id: &id,
                    number,
                };
                PartCredential {
                    url: format!("{}{}", head.base(&app), signer.target(&signed, expires)),
                    part_number: i64::from(number),
                }
            };
            let credentials = (1..=parts).map(url).collect();
            (id, credentials)
        }
    };
    Ok(Json(MultipartCreated {
        upload_id,
        credentials,
    }))
}

/// Takes a part of an upload to a folder from whoever has its signed URL.
pub(crate) async fn put_part(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    proxy(&app)?;
    let path = decoded_path(raw_path(request.uri()))?;
    let query: SignedQuery = oxflow_wire::parse_query(request.uri().query().unwrap_or(""), &[])?;
    // What is missing was not signed.
    let id = query.upload_id.optional("upload_id")?.unwrap_or_default();
    let number = query.part_number.optional("part_number")?.unwrap_or_default();
    let number = u32::try_from(number).unwrap_or_default();
    let signed = Signed::Part {
        path: &path,
        upload_id: &id,
        number,
    };
    Signer::of(&app)
        .await?
        .check(&app, &signed, query.expires, query.signature)?;
    let (head, body) = request.into_parts();
    let etag = store_part(&app, &path, (&id, number), &head.headers, body).await?;
    let etag = HeaderValue::try_from(format!("\"{etag}\"")).map_err(|_| Invalid::new("Invalid part"))?;
    let mut response = StatusCode::OK.into_response();
    response.headers_mut().insert(header::ETAG, etag);
    Ok(response)
}

async fn store_part(
    app: &App,
    path: &ArtifactPath,
    part: (&str, u32),
    headers: &HeaderMap,
    body: Body,
) -> Result<String, ApiError> {
    let limits = upload_limits(app, headers);
    let body = with_idle_limit(body, app.config.edge.body_idle_timeout);
    let stored = app
        .artifacts
        .put_part(proxy(app)?, path, part, body, limits)
        .await;
    stored.map_err(store_error)
}

/// Makes one artifact of the parts of an upload.
pub(crate) async fn complete(
    State(app): State<App>,
    OriginalUri(uri): OriginalUri,
    JsonBody(req): JsonBody<MultipartRequest>,
) -> Answer<Empty> {
    let root = proxy(&app)?;
    let path = target(raw_path(&uri), &req.path.required("path")?)?;
    let id = req.upload_id.required("upload_id")?;
    let mut parts = Vec::new();
    for (i, part) in req.parts.objects("parts")?.into_iter().enumerate() {
        let number = part.part_number.required(&format!("parts[{i}].part_number"))?;
        parts.push(DonePart {
            number: u32::try_from(number).map_err(|_| {
                Invalid::new(format!(
                    "parts[{i}].part_number must be at least 1 (got {number})."
                ))
            })?,
            etag: part
                .etag
                .optional(&format!("parts[{i}].etag"))?
                .unwrap_or_default(),
        });
    }
    if parts.is_empty() {
        return Err(Invalid::missing("parts").into());
    }
    app.complete_artifact(root, &path, &id, parts)
        .await
        .map_err(store_error)?;
    done()
}

/// Takes back what has come of an upload.
pub(crate) async fn abort(
    State(app): State<App>,
    OriginalUri(uri): OriginalUri,
    JsonBody(req): JsonBody<MultipartRequest>,
) -> Answer<Empty> {
    let root = proxy(&app)?;
    let path = target(raw_path(&uri), &req.path.required("path")?)?;
    let id = req.upload_id.required("upload_id")?;
    app.artifacts
        .abort_parts(root, &path, &id)
        .await
        .map_err(store_error)?;
    done()
}

/// Where a client gets a file without this server's login, for a while.
pub(crate) async fn presigned_download(
    State(app): State<App>,
    OriginalUri(uri): OriginalUri,
    head: Asked,
) -> Answer<PresignedDownload> {
    let root = proxy(&app)?;
    let path = decoded_path(raw_path(&uri))?;
    let valid_for = app.config.presigned_download_ttl;
    let signed = app.artifacts.presigned_download(root, &path, valid_for).await;
    if let Some(signed) = signed.map_err(store_error)? {
        return Ok(Json(PresignedDownload {
            url: signed.url,
            file_size: size(signed.size_bytes),
        }));
    }
    let file = app.artifacts.open_file(root, &path).await?;
    let signer = Signer::of(&app).await?;
    let expires = signer.expiry(&app, valid_for);
    Ok(Json(PresignedDownload {
        url: format!(
            "{}{}",
            head.base(&app),
            signer.target(&Signed::Download { path: &path }, expires)
        ),
        file_size: size(file.size_bytes()),
    }))
}

/// Sends a file to whoever has its signed URL.
pub(crate) async fn signed_download(
    State(app): State<App>,
    OriginalUri(uri): OriginalUri,
    QueryFieldsOf(query): QueryFieldsOf<SignedQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let root = proxy(&app)?;
    let path = decoded_path(raw_path(&uri))?;
    Signer::of(&app).await?.check(
        &app,
        &Signed::Download { path: &path },
        query.expires,
        query.signature,
    )?;
    let file = app.open_artifact(root, &path).await?;
    respond(file, &path, &headers, Caching::Unsaid)
}

fn size(bytes: u64) -> Int64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// What is uploaded to: the folder of the URL, and the file's name there. Clients name their local file, whole.
fn target(folder: &str, file: &str) -> Result<ArtifactPath, ApiError> {
    let name = file.rsplit('/').next().unwrap_or_default();
    Ok(decoded_path(folder)?.join(&ArtifactPath::parse(name)?)?)
}

/// How a client reached this server, for URLs that are sent to it.
#[derive(Debug)]
pub(crate) struct Asked {
    origin: Option<String>,
    prefix: String,
}

impl axum::extract::FromRequestParts<App> for Asked {
    type Rejection = ApiError;

    async fn from_request_parts(head: &mut Head, app: &App) -> Result<Self, ApiError> {
        Ok(Self {
            origin: crate::edge::origin_as_sent(head, &app.config.edge),
            prefix: crate::edge::prefix_as_sent(head),
        })
    }
}

impl Asked {
    /// What begins the URLs of this server, as the client sees it.
    fn base(&self, app: &App) -> String {
        format!(
            "{}{}{}",
            self.origin.as_deref().unwrap_or_default(),
            self.prefix,
            app.config.static_prefix
        )
    }
}

/// That a signed URL is not one of this server's, or no longer.
pub(super) fn not_signed(message: &'static str) -> ApiError {
    ApiError::new(ErrorCode::PermissionDenied, message)
}
