//! Model versions: requests and answers.

use oxflow_core::ModelVersion;
use serde::{Deserialize, Serialize};

use crate::{Field, KeyValue, List, Object, Pair, Truth, pairs};

/// Body of `POST mlflow/model-versions/create`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct CreateModelVersion {
    pub name: Field<String>,
    pub source: Field<String>,
    #[serde(alias = "runId")]
    pub run_id: Field<String>,
    pub tags: List<Object<KeyValue>>,
    #[serde(alias = "runLink")]
    pub run_link: Field<String>,
    pub description: Field<String>,
    #[serde(alias = "modelId")]
    pub model_id: Field<String>,
}

/// A request that names one version.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct ModelVersionRequest {
    pub name: Field<String>,
    pub version: Field<String>,
}

/// Body of `PATCH mlflow/model-versions/update`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct UpdateModelVersion {
    pub name: Field<String>,
    pub version: Field<String>,
    pub description: Field<String>,
}

/// Body of `POST mlflow/model-versions/transition-stage`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct TransitionModelVersionStage {
    pub name: Field<String>,
    pub version: Field<String>,
    pub stage: Field<String>,
    #[serde(alias = "archiveExistingVersions")]
    pub archive_existing_versions: Field<Truth>,
}

/// Body of `POST mlflow/model-versions/set-tag` and `DELETE …/delete-tag`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct ModelVersionTagRequest {
    pub name: Field<String>,
    pub version: Field<String>,
    pub key: Field<String>,
    pub value: Field<String>,
}

/// Query of `GET /model-versions/get-artifact`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct ModelVersionArtifact {
    pub name: Field<String>,
    pub version: Field<String>,
    pub path: Field<String>,
}

/// Answer to every call that returns one version.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct ModelVersionAnswer {
    pub model_version: ModelVersionJson,
}

/// Answer to `model-versions/search` and `registered-models/get-latest-versions`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct ModelVersionsFound {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub model_versions: Vec<ModelVersionJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

/// Answer to `model-versions/get-download-uri`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct DownloadUriAnswer {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact_uri: Option<String>,
}

/// `mlflow.ModelVersion`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct ModelVersionJson {
    pub name: String,
    pub version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creation_timestamp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_updated_timestamp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_stage: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_message: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Pair>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_link: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
}

impl From<ModelVersion> for ModelVersionJson {
    fn from(version: ModelVersion) -> Self {
        Self {
            name: version.name,
            version: version.version.to_string(),
            creation_timestamp: version.creation_timestamp_ms,
            last_updated_timestamp: version.last_updated_timestamp_ms,
            user_id: version.user_id,
            current_stage: version.current_stage,
            description: version.description,
            source: version.source,
            run_id: version.run_id,
            status: version.status,
            status_message: version.status_message.filter(|text| !text.is_empty()),
            tags: pairs(version.tags),
            run_link: version.run_link,
            aliases: version.aliases,
        }
    }
}
