//! Registered models and aliases: requests and answers.

use oxflow_core::{AliasedVersion, RegisteredModel};
use serde::{Deserialize, Serialize};

use crate::{Field, Int64, KeyValue, List, ModelVersionJson, Object, Pair, pairs};

/// Body of `POST mlflow/registered-models/create`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct CreateRegisteredModel {
    pub name: Field<String>,
    pub tags: List<Object<KeyValue>>,
    pub description: Field<String>,
}

/// A request that names one registered model.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct ModelNameRequest {
    pub name: Field<String>,
}

/// Body of `PATCH mlflow/registered-models/update`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct UpdateRegisteredModel {
    pub name: Field<String>,
    pub description: Field<String>,
}

/// Body of `POST mlflow/registered-models/rename`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct RenameRegisteredModel {
    pub name: Field<String>,
    #[serde(alias = "newName")]
    pub new_name: Field<String>,
}

/// Query of `GET mlflow/registered-models/search` and `GET mlflow/model-versions/search`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct SearchRegistry {
    pub filter: Field<String>,
    #[serde(alias = "maxResults")]
    pub max_results: Field<Int64>,
    #[serde(alias = "orderBy")]
    pub order_by: List<Field<String>>,
    #[serde(alias = "pageToken")]
    pub page_token: Field<String>,
}

impl SearchRegistry {
    /// The repeated parameters of the query.
    pub const LISTS: &[&str] = &["order_by"];
}

/// Query of `GET`, body of `POST mlflow/registered-models/get-latest-versions`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct GetLatestVersions {
    pub name: Field<String>,
    pub stages: List<Field<String>>,
}

impl GetLatestVersions {
    /// The repeated parameters of the query.
    pub const LISTS: &[&str] = &["stages"];
}

/// Body of `POST mlflow/registered-models/set-tag` and `DELETE …/delete-tag`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct RegisteredModelTagRequest {
    pub name: Field<String>,
    pub key: Field<String>,
    pub value: Field<String>,
}

/// `mlflow/registered-models/alias`: body of `POST` and `DELETE`, query of `GET`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct ModelAliasRequest {
    pub name: Field<String>,
    pub alias: Field<String>,
    pub version: Field<String>,
}

/// Answer to every call that returns one registered model.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct RegisteredModelAnswer {
    pub registered_model: RegisteredModelJson,
}

/// Answer to `registered-models/search`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct RegisteredModelsFound {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub registered_models: Vec<RegisteredModelJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

/// `mlflow.RegisteredModel`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct RegisteredModelJson {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creation_timestamp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_updated_timestamp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub latest_versions: Vec<ModelVersionJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Pair>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<ModelAliasJson>,
}

/// `mlflow.RegisteredModelAlias`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct ModelAliasJson {
    pub alias: String,
    pub version: String,
}

impl From<RegisteredModel> for RegisteredModelJson {
    fn from(model: RegisteredModel) -> Self {
        Self {
            name: model.name,
            creation_timestamp: model.creation_timestamp_ms,
            last_updated_timestamp: model.last_updated_timestamp_ms.filter(|time| *time != 0),
            description: model.description.filter(|text| !text.is_empty()),
            latest_versions: model.latest_versions.into_iter().map(Into::into).collect(),
            tags: pairs(model.tags),
            aliases: model.aliases.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<AliasedVersion> for ModelAliasJson {
    fn from(alias: AliasedVersion) -> Self {
        Self {
            alias: alias.alias,
            version: alias.version.to_string(),
        }
    }
}
