//! What a request names, read beside the request itself: for deciding who may send it.
//!
//! The fields have the same names, spellings and types as in the requests, so both readings name the same.

use serde::Deserialize;

use crate::{Field, List, Object};

/// An experiment.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct NamedExperiment {
    #[serde(alias = "experimentId")]
    pub experiment_id: Field<String>,
    #[serde(alias = "experimentName")]
    pub experiment_name: Field<String>,
}

/// Several experiments.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct NamedExperiments {
    #[serde(alias = "experimentIds")]
    pub experiment_ids: List<Field<String>>,
}

impl NamedExperiments {
    /// The repeated parameters of the query.
    pub const LISTS: &[&str] = &["experiment_ids"];
}

/// A run, and the logged models that something is logged to beside it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct NamedRun {
    #[serde(alias = "runId")]
    pub run_id: Field<String>,
    #[serde(alias = "runUuid")]
    pub run_uuid: Field<String>,
    #[serde(alias = "modelId")]
    pub model_id: Field<String>,
    pub metrics: List<Object<NamedLoggedModel>>,
    pub models: List<Object<NamedLoggedModel>>,
}

/// A logged model.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct NamedLoggedModel {
    #[serde(alias = "modelId")]
    pub model_id: Field<String>,
}

/// Several runs.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's, and ours")]
pub struct NamedRuns {
    pub run_id: List<Field<String>>,
    pub run_ids: List<Field<String>>,
    pub runs: List<Field<String>>,
}

impl NamedRuns {
    /// The repeated parameters of the query.
    pub const LISTS: &[&str] = &["run_id", "run_ids"];
}

/// A selection of runs: experiments, or the runs themselves.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are those of docs/api.md")]
pub struct NamedSelection {
    pub experiments: List<Field<String>>,
    pub ids: List<Field<String>>,
}

/// Experiments and runs in a query, each list separated by commas; or a selection as JSON in `request`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are those of docs/api.md")]
pub struct NamedInQuery {
    pub experiments: Field<String>,
    pub runs: Field<String>,
    pub ids: Field<String>,
    pub request: Field<String>,
}

/// A registered model; and where a new version of it comes from.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct NamedModel {
    pub name: Field<String>,
    #[serde(alias = "newName")]
    pub new_name: Field<String>,
    pub source: Field<String>,
    #[serde(alias = "runId")]
    pub run_id: Field<String>,
    #[serde(alias = "modelId")]
    pub model_id: Field<String>,
}

/// A folder of artifacts.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct NamedArtifacts {
    pub path: Field<String>,
}
