//! Logged models: requests and answers.

use oxflow_core::{LoggedModel, LoggedModelMetric, LoggedModelStatus};
use serde::{Deserialize, Serialize};

use crate::{Choice, Double, Field, Int64, KeyValue, List, MetricJson, Object, Pair, pairs};

/// Body of `POST mlflow/logged-models`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct CreateLoggedModel {
    #[serde(alias = "experimentId")]
    pub experiment_id: Field<String>,
    pub name: Field<String>,
    #[serde(alias = "modelType")]
    pub model_type: Field<String>,
    #[serde(alias = "sourceRunId")]
    pub source_run_id: Field<String>,
    pub params: List<Object<KeyValue>>,
    pub tags: List<Object<KeyValue>>,
}

/// Body of `PATCH mlflow/logged-models/{model_id}`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct FinalizeLoggedModel {
    pub status: Field<Choice<LoggedModelStatus>>,
}

/// Query of `GET mlflow/logged-models/{model_id}`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct GetLoggedModel {
    #[serde(alias = "allowDeleted")]
    pub allow_deleted: Field<bool>,
}

/// Body of `POST mlflow/logged-models/{model_id}/params`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct LogLoggedModelParams {
    pub params: List<Object<KeyValue>>,
}

/// Body of `PATCH mlflow/logged-models/{model_id}/tags`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct SetLoggedModelTags {
    pub tags: List<Object<KeyValue>>,
}

/// Body of `POST mlflow/logged-models/search`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct SearchLoggedModels {
    #[serde(alias = "experimentIds")]
    pub experiment_ids: List<Field<String>>,
    pub filter: Field<String>,
    pub datasets: List<Object<SearchDataset>>,
    #[serde(alias = "maxResults")]
    pub max_results: Field<Int64>,
    #[serde(alias = "orderBy")]
    pub order_by: List<Object<SearchOrder>>,
    #[serde(alias = "pageToken")]
    pub page_token: Field<String>,
}

/// A dataset that the metrics of a search are about.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct SearchDataset {
    #[serde(alias = "datasetName")]
    pub dataset_name: Field<String>,
    #[serde(alias = "datasetDigest")]
    pub dataset_digest: Field<String>,
}

/// One key of the order of a search.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct SearchOrder {
    #[serde(alias = "fieldName")]
    pub field_name: Field<String>,
    pub ascending: Field<bool>,
    #[serde(alias = "datasetName")]
    pub dataset_name: Field<String>,
    #[serde(alias = "datasetDigest")]
    pub dataset_digest: Field<String>,
}

/// Query of `GET mlflow/logged-models/{model_id}/artifacts/directories`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct ListLoggedModelArtifacts {
    pub artifact_directory_path: Field<String>,
    pub page_token: Field<String>,
    /// Oxflow's own: docs/api.md.
    pub max_results: Field<Int64>,
}

/// Query of `GET mlflow/logged-models/{model_id}/artifacts/files`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct GetLoggedModelFile {
    pub artifact_file_path: Field<String>,
}

/// Answer to every call that returns one logged model.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct LoggedModelAnswer {
    pub model: LoggedModelJson,
}

/// Answer to `logged-models/search`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct LoggedModelsFound {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<LoggedModelJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

/// `mlflow.LoggedModel`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct LoggedModelJson {
    pub info: LoggedModelInfoJson,
    pub data: LoggedModelDataJson,
}

/// `mlflow.LoggedModelInfo`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct LoggedModelInfoJson {
    pub model_id: String,
    pub experiment_id: String,
    pub name: String,
    pub creation_timestamp_ms: Int64,
    pub last_updated_timestamp_ms: Int64,
    pub artifact_uri: String,
    pub status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_run_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_message: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Pair>,
}

/// `mlflow.LoggedModelData`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct LoggedModelDataJson {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub params: Vec<Pair>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<MetricJson>,
}

impl From<LoggedModel> for LoggedModelJson {
    fn from(model: LoggedModel) -> Self {
        let model_id = model.model_id.to_string();
        let metrics = model
            .metrics
            .into_iter()
            .map(|metric| metric_json(&model_id, metric))
            .collect();
        Self {
            info: LoggedModelInfoJson {
                experiment_id: model.experiment_id.to_string(),
                name: model.name,
                creation_timestamp_ms: model.creation_timestamp_ms,
                last_updated_timestamp_ms: model.last_updated_timestamp_ms,
                artifact_uri: model.artifact_location,
                status: model.status.as_str(),
                model_type: model.model_type,
                source_run_id: model.source_run_id,
                status_message: model.status_message,
                tags: pairs(model.tags),
                model_id,
            },
            data: LoggedModelDataJson {
                params: pairs(model.params),
                metrics,
            },
        }
    }
}

fn metric_json(model_id: &str, metric: LoggedModelMetric) -> MetricJson {
    MetricJson {
        key: metric.key,
        value: Double(metric.value.get()),
        timestamp: metric.timestamp_ms,
        step: metric.step,
        dataset_name: metric.dataset_name,
        dataset_digest: metric.dataset_digest,
        model_id: Some(model_id.to_owned()),
        run_id: Some(metric.run_id.to_string()),
    }
}
