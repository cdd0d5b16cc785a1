//! Artifacts: requests and answers that are JSON.

use serde::{Deserialize, Serialize};

use crate::{Field, Int64};

/// Query of `GET mlflow/artifacts/list`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct ListArtifacts {
    pub run_id: Field<String>,
    pub run_uuid: Field<String>,
    pub path: Field<String>,
    pub page_token: Field<String>,
}

/// Query of `GET mlflow-artifacts/artifacts`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct ListProxied {
    pub path: Field<String>,
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

/// Answer to `mlflow/artifacts/list` and a logged model's `artifacts/directories`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct ArtifactsListed {
    pub root_uri: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileJson>,
}

/// Answer to `GET mlflow-artifacts/artifacts`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct ProxiedListed {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileJson>,
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
}
