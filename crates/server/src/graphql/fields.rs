//! The root fields: each is answered by the handler of a REST endpoint.

use std::collections::{BTreeSet, HashMap};

use axum::Json;
use axum::extract::State;
use oxflow_auth::{Access, Owner};
use oxflow_core::{ErrorCode, ExperimentId};
use oxflow_wire::{Field, SearchRegistry};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::document::Asked;
use super::projection::snake_case;
use crate::authorize::Caller;
use crate::extract::{JsonBody, QueryOrBody};
use crate::handlers::{experiments, metrics, registry_search, run_artifacts, runs};
use crate::{ApiError, App};

/// What a query or a mutation can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are MLflow's")]
pub enum RootField {
    GetExperiment,
    GetRun,
    SearchRuns,
    GetMetricHistoryBulkInterval,
    ListArtifacts,
    SearchDatasets,
    SearchModelVersions,
    Test,
    TestMutation,
}

use RootField::{
    GetExperiment, GetMetricHistoryBulkInterval, GetRun, ListArtifacts, SearchDatasets, SearchModelVersions,
    SearchRuns, Test, TestMutation,
};

impl RootField {
    /// Every root field with its name and what a request needs to ask for it: as the REST endpoint beside it.
    pub const ALL: [(Self, &'static str, Access); 9] = [
        (
            GetExperiment,
            "mlflowGetExperiment",
            Access::read(Owner::Experiment),
        ),
        (GetRun, "mlflowGetRun", Access::read(Owner::ExperimentOfRun)),
        (SearchRuns, "mlflowSearchRuns", Access::read(Owner::Experiments)),
        (
            GetMetricHistoryBulkInterval,
            "mlflowGetMetricHistoryBulkInterval",
            Access::read(Owner::ExperimentsOfRuns),
        ),
        (
            ListArtifacts,
            "mlflowListArtifacts",
            Access::read(Owner::ExperimentOfRun),
        ),
        (
            SearchDatasets,
            "mlflowSearchDatasets",
            Access::read(Owner::Experiments),
        ),
        (
            SearchModelVersions,
            "mlflowSearchModelVersions",
            Access::Authenticated,
        ),
        (Test, "test", Access::Authenticated),
        (TestMutation, "testMutation", Access::Authenticated),
    ];

    /// The root field of a name.
    pub fn named(name: &str) -> Option<Self> {
        let row = Self::ALL.iter().find(|(_, known, _)| *known == name)?;
        Some(row.0)
    }
}

/// Checks what a root field names as the guard of its REST endpoint would; a search keeps what its caller may see.
async fn allowed(app: &App, caller: &Caller, mut asked: Asked) -> Result<Asked, ApiError> {
    let row = RootField::ALL.iter().find(|(field, ..)| *field == asked.field);
    let Some((_, _, Access::Needs(need, owner))) = row else {
        return Ok(asked);
    };
    let input = asked.arguments.get("input").and_then(Value::as_object);
    let named: Map<String, Value> = input
        .into_iter()
        .flatten()
        .map(|(name, value)| (snake_case(name), value.clone()))
        .collect();
    let allowed = caller.check_named(app, *need, *owner, named).await?;
    asked.arguments.insert("input".to_owned(), Value::Object(allowed));
    Ok(asked)
}

/// Answers a root field as REST would; an error is its sentence, as in MLflow.
pub(crate) async fn answer(app: &App, caller: &Caller, asked: Asked) -> Result<Value, String> {
    let asked = &allowed(app, caller, asked)
        .await
        .map_err(ApiError::into_message)?;
    let answered = match asked.field {
        GetExperiment => {
            let request = QueryOrBody(input(asked).map_err(ApiError::into_message)?);
            written(experiments::get(State(app.clone()), request).await).await
        }
        GetRun => get_run(app, caller, asked).await,
        SearchRuns => search_runs(app, caller, asked).await,
        GetMetricHistoryBulkInterval => sampled_history(app, asked).await,
        ListArtifacts => {
            let request = QueryOrBody(input(asked).map_err(ApiError::into_message)?);
            let listed = run_artifacts::list(State(app.clone()), caller.clone(), request).await;
            written(listed.map(|listed| Json(listed.into_json()))).await
        }
        SearchDatasets => {
            let request = JsonBody(input(asked).map_err(ApiError::into_message)?);
            written(experiments::search_datasets(State(app.clone()), request).await).await
        }
        SearchModelVersions => {
            let request = input(asked).map_err(ApiError::into_message)?;
            written(
                registry_search::find_versions(app, caller, request)
                    .await
                    .map(Json),
            )
            .await
        }
        Test => Ok(json!({ "output": asked.arguments.get("inputString") })),
        // As in MLflow, where it has no resolver.
        TestMutation => Ok(Value::Null),
    };
    answered.map_err(ApiError::into_message)
}

async fn get_run(app: &App, caller: &Caller, asked: &Asked) -> Result<Value, ApiError> {
    let mut answer = written(runs::get(State(app.clone()), QueryOrBody(input(asked)?)).await).await?;
    if let Some(run) = answer.get_mut("run") {
        add_related(app, caller, asked, std::slice::from_mut(run)).await?;
    }
    Ok(answer)
}

async fn search_runs(app: &App, caller: &Caller, asked: &Asked) -> Result<Value, ApiError> {
    let mut answer = written(runs::find(app, input(asked)?).await.map(Json)).await?;
    if let Some(Value::Array(runs)) = answer.get_mut("runs") {
        add_related(app, caller, asked, runs).await?;
    }
    Ok(answer)
}

async fn sampled_history(app: &App, asked: &Asked) -> Result<Value, ApiError> {
    let sampled = metrics::sample(app, input(asked)?).await?;
    in_background(move || serde_json::to_value(sampled.answer())).await
}

/// Adds to runs what only GraphQL has there: their experiments and model versions, if they are asked for.
async fn add_related(app: &App, caller: &Caller, asked: &Asked, runs: &mut [Value]) -> Result<(), ApiError> {
    if asked.selected.iter().any(|name| name == "experiment") {
        add_experiments(app, runs).await?;
    }
    if asked.selected.iter().any(|name| name == "modelVersions") {
        add_model_versions(app, caller, runs).await?;
    }
    Ok(())
}

/// Reads each experiment once, however many runs it has.
async fn add_experiments(app: &App, runs: &mut [Value]) -> Result<(), ApiError> {
    let id_of = |run: &Value| run["info"]["experiment_id"].as_str().map(str::to_owned);
    let ids: BTreeSet<String> = runs.iter().filter_map(id_of).collect();
    let mut experiments = Map::new();
    for id in ids {
        let experiment = app.store.get_experiment(ExperimentId::parse(&id)?).await?;
        let experiment = oxflow_wire::ExperimentJson::from(experiment);
        experiments.insert(id, in_background(move || serde_json::to_value(experiment)).await?);
    }
    for run in runs {
        if let Some(experiment) = id_of(run).and_then(|id| experiments.get(&id)) {
            run["experiment"] = experiment.clone();
        }
    }
    Ok(())
}

/// Runs whose model versions are looked for by one filter, which may have 64 KiB.
const RUNS_PER_VERSION_SEARCH: usize = 1000;

/// Finds the versions of many runs by one search.
async fn add_model_versions(app: &App, caller: &Caller, runs: &mut [Value]) -> Result<(), ApiError> {
    for runs in runs.chunks_mut(RUNS_PER_VERSION_SEARCH) {
        let ids: Vec<String> = runs
            .iter()
            .filter_map(|run| run["info"]["run_id"].as_str())
            .map(|id| format!("'{id}'"))
            .collect();
        if ids.is_empty() {
            continue;
        }
        let search = SearchRegistry {
            filter: Field::Given(format!("run_id IN ({})", ids.join(", "))),
            ..SearchRegistry::default()
        };
        let found = registry_search::find_versions(app, caller, search).await;
        let mut found = written(found.map(Json)).await?;
        let versions = found["model_versions"].as_array_mut().map(std::mem::take);
        let mut versions_of: HashMap<String, Vec<Value>> = HashMap::new();
        for version in versions.unwrap_or_default() {
            if let Some(id) = version["run_id"].as_str() {
                versions_of.entry(id.to_owned()).or_default().push(version);
            }
        }
        for run in runs {
            let versions = run["info"]["run_id"]
                .as_str()
                .and_then(|id| versions_of.remove(id));
            run["model_versions"] = Value::Array(versions.unwrap_or_default());
        }
    }
    Ok(())
}

/// The argument `input` as the request of a REST endpoint, which has the same fields.
fn input<T: DeserializeOwned + Default>(asked: &Asked) -> Result<T, ApiError> {
    let Some(Value::Object(input)) = asked.arguments.get("input") else {
        return Ok(T::default());
    };
    let fields: Map<String, Value> = input
        .iter()
        .map(|(name, value)| (snake_case(name), value.clone()))
        .collect();
    serde_json::from_value(Value::Object(fields))
        .map_err(|error| ApiError::new(ErrorCode::InvalidParameterValue, format!("`input`: {error}")))
}

/// An answer of a handler as JSON.
async fn written<T: Serialize + Send + 'static>(
    answer: Result<Json<T>, ApiError>,
) -> Result<Value, ApiError> {
    let Json(answer) = answer?;
    in_background(move || serde_json::to_value(answer)).await
}

/// An answer may hold 250,000 points: not on the threads that serve connections.
async fn in_background(
    write: impl FnOnce() -> serde_json::Result<Value> + Send + 'static,
) -> Result<Value, ApiError> {
    let failed = |error: &dyn std::fmt::Display| {
        ApiError::new(
            ErrorCode::InternalError,
            format!("writing the answer failed: {error}"),
        )
    };
    match tokio::task::spawn_blocking(write).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(failed(&error)),
        Err(error) => Err(failed(&error)),
    }
}
