//! Experiments: requests and answers.

use oxflow_core::{Experiment, ViewType};
use serde::{Deserialize, Serialize};

use crate::{Choice, Field, Int64, KeyValue, List, Object, Pair, pairs};

/// Body of `POST mlflow/experiments/create`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct CreateExperiment {
    pub name: Field<String>,
    #[serde(alias = "artifactLocation")]
    pub artifact_location: Field<String>,
    pub tags: List<Object<KeyValue>>,
}

/// A request that names one experiment.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct ExperimentIdRequest {
    #[serde(alias = "experimentId")]
    pub experiment_id: Field<String>,
}

/// Query of `GET mlflow/experiments/get-by-name`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct GetExperimentByName {
    #[serde(alias = "experimentName")]
    pub experiment_name: Field<String>,
}

/// Body of `POST mlflow/experiments/update`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct UpdateExperiment {
    #[serde(alias = "experimentId")]
    pub experiment_id: Field<String>,
    #[serde(alias = "newName")]
    pub new_name: Field<String>,
}

/// Body of `POST`, query of `GET mlflow/experiments/search`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct SearchExperiments {
    #[serde(alias = "maxResults")]
    pub max_results: Field<Int64>,
    #[serde(alias = "pageToken")]
    pub page_token: Field<String>,
    pub filter: Field<String>,
    #[serde(alias = "orderBy")]
    pub order_by: List<Field<String>>,
    #[serde(alias = "viewType")]
    pub view_type: Field<Choice<ViewType>>,
}

impl SearchExperiments {
    /// The repeated parameters of the query.
    pub const LISTS: &[&str] = &["order_by"];
}

/// Body of `POST mlflow/experiments/set-experiment-tag` and `…/delete-experiment-tag`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct ExperimentTagRequest {
    #[serde(alias = "experimentId")]
    pub experiment_id: Field<String>,
    pub key: Field<String>,
    pub value: Field<String>,
}

/// Body of `POST mlflow/experiments/search-datasets`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct SearchDatasets {
    #[serde(alias = "experimentIds")]
    pub experiment_ids: List<Field<String>>,
}

/// Answer to `experiments/create`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct ExperimentCreated {
    pub experiment_id: String,
}

/// Answer to `experiments/get` and `get-by-name`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct ExperimentAnswer {
    pub experiment: ExperimentJson,
}

/// Answer to `experiments/search`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct ExperimentsFound {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub experiments: Vec<ExperimentJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

/// `mlflow.Experiment`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct ExperimentJson {
    pub experiment_id: String,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact_location: Option<String>,
    pub lifecycle_stage: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_update_time: Option<Int64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creation_time: Option<Int64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Pair>,
    pub workspace: &'static str,
}

impl From<Experiment> for ExperimentJson {
    fn from(experiment: Experiment) -> Self {
        Self {
            experiment_id: experiment.id.to_string(),
            name: experiment.name,
            artifact_location: experiment.artifact_location,
            lifecycle_stage: experiment.lifecycle_stage.as_str(),
            last_update_time: experiment.last_update_time_ms,
            creation_time: experiment.creation_time_ms,
            tags: pairs(experiment.tags),
            workspace: "default",
        }
    }
}

/// Answer to `experiments/search-datasets`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct DatasetsFound {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dataset_summaries: Vec<DatasetSummaryJson>,
}

/// `mlflow.DatasetSummary`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct DatasetSummaryJson {
    pub experiment_id: String,
    pub name: String,
    pub digest: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
}

impl From<oxflow_core::DatasetSummary> for DatasetSummaryJson {
    fn from(summary: oxflow_core::DatasetSummary) -> Self {
        Self {
            experiment_id: summary.experiment_id.to_string(),
            name: summary.name,
            digest: summary.digest,
            context: summary.context,
        }
    }
}
