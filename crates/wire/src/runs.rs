//! Runs and what is logged to them: requests and answers.

use oxflow_core::{
    DatasetInput, HistoryPoint, Metric, ModelId, ModelOutput, Run, RunInfo, RunStatus, ViewType,
};
use serde::{Deserialize, Serialize};

use crate::{Choice, Double, Field, Int64, KeyValue, List, Object, Pair, pairs};

/// Body of `POST mlflow/runs/create`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct CreateRun {
    #[serde(alias = "experimentId")]
    pub experiment_id: Field<String>,
    #[serde(alias = "userId")]
    pub user_id: Field<String>,
    #[serde(alias = "runName")]
    pub run_name: Field<String>,
    #[serde(alias = "startTime")]
    pub start_time: Field<Int64>,
    pub tags: List<Object<KeyValue>>,
}

/// Body of `POST mlflow/runs/update`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct UpdateRun {
    #[serde(alias = "runId")]
    pub run_id: Field<String>,
    #[serde(alias = "runUuid")]
    pub run_uuid: Field<String>,
    pub status: Field<Choice<RunStatus>>,
    #[serde(alias = "endTime")]
    pub end_time: Field<Int64>,
    #[serde(alias = "runName")]
    pub run_name: Field<String>,
}

/// A request that names one run.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct GetRun {
    #[serde(alias = "runId")]
    pub run_id: Field<String>,
    #[serde(alias = "runUuid")]
    pub run_uuid: Field<String>,
}

/// Body of `POST mlflow/runs/log-metric`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct LogMetric {
    #[serde(alias = "runId")]
    pub run_id: Field<String>,
    #[serde(alias = "runUuid")]
    pub run_uuid: Field<String>,
    pub key: Field<String>,
    pub value: Field<f64>,
    pub timestamp: Field<Int64>,
    pub step: Field<Int64>,
    #[serde(alias = "modelId")]
    pub model_id: Field<String>,
    #[serde(alias = "datasetName")]
    pub dataset_name: Field<String>,
    #[serde(alias = "datasetDigest")]
    pub dataset_digest: Field<String>,
}

/// Body of `POST mlflow/runs/log-parameter`, `set-tag` and `delete-tag`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct RunKeyValue {
    #[serde(alias = "runId")]
    pub run_id: Field<String>,
    #[serde(alias = "runUuid")]
    pub run_uuid: Field<String>,
    pub key: Field<String>,
    pub value: Field<String>,
}

/// Body of `POST mlflow/runs/log-batch`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct LogBatch {
    #[serde(alias = "runId")]
    pub run_id: Field<String>,
    pub metrics: List<Object<BatchMetric>>,
    pub params: List<Object<KeyValue>>,
    pub tags: List<Object<KeyValue>>,
}

/// A metric of a batch.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct BatchMetric {
    pub key: Field<String>,
    pub value: Field<f64>,
    pub timestamp: Field<Int64>,
    pub step: Field<Int64>,
    #[serde(alias = "modelId")]
    pub model_id: Field<String>,
    #[serde(alias = "datasetName")]
    pub dataset_name: Field<String>,
    #[serde(alias = "datasetDigest")]
    pub dataset_digest: Field<String>,
}

/// Body of `POST mlflow/runs/log-model`, which clients before 3.0 send.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct LogModel {
    #[serde(alias = "runId")]
    pub run_id: Field<String>,
    #[serde(alias = "modelJson")]
    pub model_json: Field<String>,
}

/// Body of `POST mlflow/runs/log-inputs`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct LogInputs {
    #[serde(alias = "runId")]
    pub run_id: Field<String>,
    pub datasets: List<Object<DatasetInputRequest>>,
    pub models: List<Object<ModelInputRequest>>,
}

/// A dataset with the tags of its use.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct DatasetInputRequest {
    pub tags: List<Object<KeyValue>>,
    pub dataset: Option<Object<DatasetRequest>>,
}

/// A dataset.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct DatasetRequest {
    pub name: Field<String>,
    pub digest: Field<String>,
    #[serde(alias = "sourceType")]
    pub source_type: Field<String>,
    pub source: Field<String>,
    pub schema: Field<String>,
    pub profile: Field<String>,
}

/// A logged model that a run reads.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct ModelInputRequest {
    #[serde(alias = "modelId")]
    pub model_id: Field<String>,
}

/// Body of `POST mlflow/runs/outputs`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct LogOutputs {
    #[serde(alias = "runId")]
    pub run_id: Field<String>,
    pub models: List<Object<ModelOutputRequest>>,
}

/// A logged model that a run makes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct ModelOutputRequest {
    #[serde(alias = "modelId")]
    pub model_id: Field<String>,
    pub step: Field<Int64>,
}

/// Body of `POST mlflow/runs/search`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct SearchRuns {
    #[serde(alias = "experimentIds")]
    pub experiment_ids: List<Field<String>>,
    pub filter: Field<String>,
    #[serde(alias = "runViewType")]
    pub run_view_type: Field<Choice<ViewType>>,
    #[serde(alias = "maxResults")]
    pub max_results: Field<Int64>,
    #[serde(alias = "orderBy")]
    pub order_by: List<Field<String>>,
    #[serde(alias = "pageToken")]
    pub page_token: Field<String>,
}

impl SearchRuns {
    /// The repeated parameters of the query.
    pub const LISTS: &[&str] = &["experiment_ids", "order_by"];
}

/// Query of `GET mlflow/metrics/get-history`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct GetHistory {
    pub run_id: Field<String>,
    pub run_uuid: Field<String>,
    pub metric_key: Field<String>,
    pub page_token: Field<String>,
    pub max_results: Field<Int64>,
}

/// Query of `GET mlflow/metrics/get-history-bulk`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct GetHistoryBulk {
    pub run_id: List<Field<String>>,
    pub metric_key: Field<String>,
    pub max_results: Field<Int64>,
}

impl GetHistoryBulk {
    /// The repeated parameters of the query.
    pub const LISTS: &[&str] = &["run_id"];
}

/// Query of `GET mlflow/metrics/get-history-bulk-interval`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct GetHistoryBulkInterval {
    pub run_ids: List<Field<String>>,
    pub metric_key: Field<String>,
    pub start_step: Field<Int64>,
    pub end_step: Field<Int64>,
    pub max_results: Field<Int64>,
}

impl GetHistoryBulkInterval {
    /// The repeated parameters of the query.
    pub const LISTS: &[&str] = &["run_ids"];
}

/// Answer to `runs/create` and `runs/get`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct RunAnswer {
    pub run: RunJson,
}

/// Answer to `runs/update`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct RunInfoAnswer {
    pub run_info: RunInfoJson,
}

/// Answer to `runs/search`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct RunsFound {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<RunJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

/// `mlflow.Run`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct RunJson {
    pub info: RunInfoJson,
    pub data: RunDataJson,
    pub inputs: RunInputsJson,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outputs: Option<RunOutputsJson>,
}

/// `mlflow.RunInfo`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct RunInfoJson {
    pub run_uuid: String,
    pub experiment_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    pub status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Int64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Int64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact_uri: Option<String>,
    pub lifecycle_stage: &'static str,
    pub run_id: String,
}

/// `mlflow.RunData`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct RunDataJson {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<MetricJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub params: Vec<Pair>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Pair>,
}

/// `mlflow.Metric`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct MetricJson {
    pub key: String,
    pub value: Double,
    pub timestamp: Int64,
    pub step: Int64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset_digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
}

/// `mlflow.RunInputs`.
#[derive(Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct RunInputsJson {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dataset_inputs: Vec<DatasetInputJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub model_inputs: Vec<ModelInputJson>,
}

/// `mlflow.DatasetInput`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct DatasetInputJson {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Pair>,
    pub dataset: DatasetJson,
}

/// `mlflow.Dataset`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct DatasetJson {
    pub name: String,
    pub digest: String,
    pub source_type: String,
    pub source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
}

/// `mlflow.ModelInput`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct ModelInputJson {
    pub model_id: String,
}

/// `mlflow.RunOutputs`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct RunOutputsJson {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub model_outputs: Vec<ModelOutputJson>,
}

/// `mlflow.ModelOutput`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct ModelOutputJson {
    pub model_id: String,
    pub step: Int64,
}

/// A point of a history, with its run where the endpoint prints it.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct PointJson<'a> {
    pub key: &'a str,
    pub value: Double,
    pub timestamp: Int64,
    pub step: Int64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<&'a str>,
}

impl<'a> PointJson<'a> {
    /// A point of the metric `key`.
    pub fn new(key: &'a str, point: &HistoryPoint, run_id: Option<&'a str>) -> Self {
        Self {
            key,
            value: Double(point.value.get()),
            timestamp: point.timestamp_ms,
            step: point.step,
            run_id,
        }
    }
}

/// Answer to `metrics/get-history-bulk`, which prints the list even when it is empty.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct BulkHistoryAnswer<'a> {
    pub metrics: Vec<PointJson<'a>>,
}

/// Answer to `metrics/get-history-bulk-interval`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct SampledHistoryAnswer<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<PointJson<'a>>,
}

impl RunJson {
    /// The run as `runs/get` and `runs/search` print it.
    pub fn whole(run: Run) -> Self {
        let outputs = run.model_outputs.into_iter().map(ModelOutputJson::from).collect();
        Self {
            info: run.info.into(),
            data: RunDataJson {
                metrics: run.metrics.into_iter().map(MetricJson::from).collect(),
                params: pairs(run.params),
                tags: pairs(run.tags),
            },
            inputs: RunInputsJson {
                dataset_inputs: run
                    .dataset_inputs
                    .into_iter()
                    .map(DatasetInputJson::from)
                    .collect(),
                model_inputs: run.model_inputs.into_iter().map(ModelInputJson::from).collect(),
            },
            outputs: Some(RunOutputsJson {
                model_outputs: outputs,
            }),
        }
    }

    /// The run as `runs/create` prints it: without outputs.
    pub fn created(run: Run) -> Self {
        Self {
            outputs: None,
            ..Self::whole(run)
        }
    }
}

impl From<RunInfo> for RunInfoJson {
    fn from(info: RunInfo) -> Self {
        Self {
            run_uuid: info.run_id.to_string(),
            experiment_id: info.experiment_id.to_string(),
            run_name: info.run_name,
            user_id: info.user_id,
            status: info.status.as_str(),
            start_time: info.start_time_ms,
            // MLflow does not print an end of 0.
            end_time: info.end_time_ms.filter(|end| *end != 0),
            artifact_uri: info.artifact_uri,
            lifecycle_stage: info.lifecycle_stage.as_str(),
            run_id: info.run_id.to_string(),
        }
    }
}

impl From<Metric> for MetricJson {
    fn from(metric: Metric) -> Self {
        Self {
            key: metric.key.into_string(),
            value: Double(metric.value.get()),
            timestamp: metric.timestamp_ms,
            step: metric.step,
            dataset_name: None,
            dataset_digest: None,
            model_id: None,
            run_id: None,
        }
    }
}

impl From<DatasetInput> for DatasetInputJson {
    fn from(input: DatasetInput) -> Self {
        let dataset = input.dataset;
        Self {
            tags: pairs(input.tags),
            dataset: DatasetJson {
                name: dataset.name,
                digest: dataset.digest,
                source_type: dataset.source_type,
                source: dataset.source,
                // MLflow leaves both out if they are empty.
                schema: dataset.schema.filter(|schema| !schema.is_empty()),
                profile: dataset.profile.filter(|profile| !profile.is_empty()),
            },
        }
    }
}

impl From<ModelId> for ModelInputJson {
    fn from(model_id: ModelId) -> Self {
        Self {
            model_id: model_id.to_string(),
        }
    }
}

impl From<ModelOutput> for ModelOutputJson {
    fn from(output: ModelOutput) -> Self {
        Self {
            model_id: output.model_id.to_string(),
            step: output.step,
        }
    }
}
