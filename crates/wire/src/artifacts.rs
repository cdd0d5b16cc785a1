//! Artifacts: requests and answers that are JSON.

use serde::{Deserialize, Serialize};

use crate::{Field, Int64, List, Object};

/// Query of `GET mlflow/artifacts/list`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct ListArtifacts {
    pub run_id: Field<String>,
    pub run_uuid: Field<String>,
    pub path: Field<String>,
    pub page_token: Field<String>,
    /// Oxflow's own: docs/api.md.
    pub max_results: Field<Int64>,
}

/// Query of `GET mlflow-artifacts/artifacts`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct ListProxied {
    pub path: Field<String>,
    /// Oxflow's own, as `max_results`.
    pub page_token: Field<String>,
    /// Oxflow's own: docs/api.md.
    pub max_results: Field<Int64>,
}

/// Query of `GET get-artifact` and `POST mlflow/upload-artifact`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct RunArtifact {
    pub run_id: Field<String>,
    pub run_uuid: Field<String>,
    pub path: Field<String>,
}

/// Body of `POST mlflow-artifacts/mpu/create`, `complete` and `abort`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct MultipartRequest {
    pub path: Field<String>,
    #[serde(alias = "numParts")]
    pub num_parts: Field<Int64>,
    #[serde(alias = "uploadId")]
    pub upload_id: Field<String>,
    pub parts: List<Object<SentPart>>,
}

/// `mlflow.artifacts.MultipartUploadPart`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct SentPart {
    #[serde(alias = "partNumber")]
    pub part_number: Field<Int64>,
    pub etag: Field<String>,
    pub url: Field<String>,
}

/// Answer to `POST mlflow-artifacts/mpu/create`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct MultipartCreated {
    pub upload_id: String,
    pub credentials: Vec<PartCredential>,
}

/// `mlflow.artifacts.MultipartUploadCredential`; our URLs need no headers, and an empty map is left out.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct PartCredential {
    pub url: String,
    pub part_number: Int64,
}

/// Answer to `GET mlflow-artifacts/presigned/{path}`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct PresignedDownload {
    pub url: String,
    pub file_size: Int64,
}

/// Answer to `POST mlflow/artifacts/presigned-upload-url` and `presigned-download-url`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct PresignedUrlAnswer {
    pub presigned_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_size: Option<Int64>,
}

/// Query of a URL that this server has signed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SignedQuery {
    /// The upload that a part belongs to.
    pub upload_id: Field<String>,
    /// Which part it is, from 1.
    pub part_number: Field<Int64>,
    /// When the URL ends, in seconds since 1970.
    pub expires: Field<Int64>,
    /// HMAC-SHA256 of all of it, in hexadecimal digits.
    pub signature: Field<String>,
}

/// Body of `POST mlflow/artifacts/presigned-upload-url` and `presigned-download-url`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct PresignedUrlRequest {
    #[serde(alias = "runId")]
    pub run_id: Field<String>,
    #[serde(alias = "modelId")]
    pub model_id: Field<String>,
    pub path: Field<String>,
    pub expiration: Field<Int64>,
}

/// Answer to `mlflow/artifacts/list`, a logged model's `artifacts/directories`, and `GET mlflow-artifacts/artifacts`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct ArtifactsListed {
    /// Not in the last one's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_uri: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileJson>,
    /// Where pages are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

/// `mlflow.FileInfo`; a size of 0 is left out, as MLflow does.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct FileJson {
    pub path: String,
    pub is_dir: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_size: Option<Int64>,
}

/// Answer to `GET /api/oxflow/v1/artifacts/head`. docs/api.md.
#[derive(Debug, Serialize)]
pub struct ArtifactHead {
    /// As asked for; empty for the root.
    pub path: String,
    /// Directory or file.
    pub is_dir: bool,
    /// Bytes; null for a directory.
    pub file_size: Option<u64>,
    /// Ms since 1970; null for a directory.
    pub last_modified: Option<i64>,
    /// Media type; null for a directory.
    pub content_type: Option<String>,
    /// Whether its beginning is text in UTF-8.
    pub is_text: bool,
    /// SHA-256 of its bytes in hexadecimal digits; null if it did not come through this server, or was changed since.
    pub sha256: Option<String>,
}
