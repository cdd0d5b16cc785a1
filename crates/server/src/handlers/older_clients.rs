//! Endpoints that only clients before MLflow 2 call.

use axum::Json;
use axum::extract::State;
use oxflow_core::limits::{DEFAULT_MODEL_SEARCH_RESULTS, MAX_MODEL_SEARCH_RESULTS, MAX_SEARCH_RESULTS};
use oxflow_search::{ExperimentAttribute, ExperimentField, OrderBy};
use oxflow_store::{ExperimentSearch, RegisteredModelSearch};
use oxflow_wire::{
    ExperimentsFound, RegisteredModelsFound, RunsFound, SearchExperiments, SearchRegistry, SearchRuns,
};

use super::fields::{next_token, offset, page_size};
use super::runs;
use crate::App;
use crate::answer::Answer;
use crate::extract::{QueryFields, QueryOrBody};

impl QueryFields for SearchRuns {
    const LISTS: &'static [&'static str] = Self::LISTS;
}

/// Experiments in the order of their ids; as many as fit a page if the request names no number.
pub(crate) async fn list_experiments(
    State(app): State<App>,
    QueryOrBody(req): QueryOrBody<SearchExperiments>,
) -> Answer<ExperimentsFound> {
    let max_results = req.max_results.optional("max_results")?;
    let view = req.view_type.optional("view_type")?;
    let search = ExperimentSearch {
        filter: Vec::new(),
        order_by: vec![OrderBy {
            field: ExperimentField::Attribute(ExperimentAttribute::ExperimentId),
            ascending: true,
        }],
        view: view.map(|choice| choice.0).unwrap_or_default(),
        max_results: page_size(max_results.unwrap_or(MAX_SEARCH_RESULTS), MAX_SEARCH_RESULTS)?,
        offset: offset(req.page_token)?,
    };
    let skipped = search.offset;
    let (found, has_more) = app.store.search_experiments(search).await?;
    Ok(Json(ExperimentsFound {
        next_page_token: next_token(skipped, found.len(), has_more),
        experiments: found.into_iter().map(Into::into).collect(),
    }))
}

/// Searches runs by a query string.
pub(crate) async fn search_runs(
    State(app): State<App>,
    QueryOrBody(req): QueryOrBody<SearchRuns>,
) -> Answer<RunsFound> {
    Ok(Json(runs::find(&app, req).await?))
}

/// Registered models in the order of their names.
pub(crate) async fn list_registered_models(
    State(app): State<App>,
    QueryOrBody(req): QueryOrBody<SearchRegistry>,
) -> Answer<RegisteredModelsFound> {
    let max_results = req.max_results.optional("max_results")?;
    let max_results = max_results.unwrap_or(DEFAULT_MODEL_SEARCH_RESULTS);
    let search = RegisteredModelSearch {
        filter: Vec::new(),
        order_by: Vec::new(),
        max_results: page_size(max_results, MAX_MODEL_SEARCH_RESULTS)?,
        offset: offset(req.page_token)?,
    };
    let skipped = search.offset;
    let (found, has_more) = app.registry.search_registered_models(search).await?;
    Ok(Json(RegisteredModelsFound {
        next_page_token: next_token(skipped, found.len(), has_more),
        registered_models: found.into_iter().map(Into::into).collect(),
    }))
}
