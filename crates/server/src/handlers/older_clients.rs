//! Endpoints that only clients before MLflow 2 call.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use oxflow_core::limits::MAX_SEARCH_RESULTS;
use oxflow_search::{ExperimentAttribute, ExperimentField, OrderBy};
use oxflow_store::ExperimentSearch;
use oxflow_wire::{ExperimentsFound, RunsFound, SearchExperiments, SearchRegistry, SearchRuns};

use super::fields::{offset, page_size};
use super::{experiments, registry_search, runs};
use crate::answer::{Answer, page};
use crate::authorize::Caller;
use crate::extract::{QueryFields, QueryOrBody};
use crate::{ApiError, App};

impl QueryFields for SearchRuns {
    const LISTS: &'static [&'static str] = Self::LISTS;
}

/// Experiments in the order of their ids; as many as fit a page if the request names no number.
pub(crate) async fn list_experiments(
    State(app): State<App>,
    caller: Caller,
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
        visible: caller.experiments(),
    };
    experiments::find_page(&app, search).await
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
    caller: Caller,
    QueryOrBody(req): QueryOrBody<SearchRegistry>,
) -> Result<Response, ApiError> {
    let listing = SearchRegistry {
        max_results: req.max_results,
        page_token: req.page_token,
        ..SearchRegistry::default()
    };
    let answer = registry_search::find_models(&app, &caller, listing).await?;
    let models = answer.registered_models.len();
    page(answer, models).await
}
