//! Searches of the model registry, and the lists that older clients ask for.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use oxflow_core::limits::{
    DEFAULT_MODEL_SEARCH_RESULTS, MAX_MODEL_SEARCH_RESULTS, MAX_VERSION_SEARCH_RESULTS,
};
use oxflow_core::{Invalid, ModelName, Stage};
use oxflow_search::{
    parse_model_version_filter, parse_model_version_order_by, parse_registered_model_filter,
    parse_registered_model_order_by,
};
use oxflow_store::{ModelVersionSearch, RegisteredModelSearch};
use oxflow_wire::{GetLatestVersions, ModelVersionsFound, RegisteredModelsFound, SearchRegistry};

use super::fields::{next_token, offset, page_size};
use crate::answer::{Answer, page};
use crate::authorize::Caller;
use crate::extract::{JsonBody, QueryFields, QueryOrBody};
use crate::{ApiError, App};

impl QueryFields for SearchRegistry {
    const LISTS: &'static [&'static str] = Self::LISTS;
}

impl QueryFields for GetLatestVersions {
    const LISTS: &'static [&'static str] = Self::LISTS;
}

/// Searches registered models.
pub(crate) async fn models(
    State(app): State<App>,
    caller: Caller,
    QueryOrBody(req): QueryOrBody<SearchRegistry>,
) -> Result<Response, ApiError> {
    let answer = find_models(&app, &caller, req).await?;
    let models = answer.registered_models.len();
    page(answer, models).await
}

/// The answer of a search of registered models.
pub(crate) async fn find_models(
    app: &App,
    caller: &Caller,
    req: SearchRegistry,
) -> Result<RegisteredModelsFound, ApiError> {
    let max_results = req.max_results.optional("max_results")?;
    let max_results = max_results.unwrap_or(DEFAULT_MODEL_SEARCH_RESULTS);
    check_not_above(max_results, MAX_MODEL_SEARCH_RESULTS)?;
    let filter = req.filter.optional("filter")?.unwrap_or_default();
    let order_by = req.order_by.texts("order_by")?;
    let search = RegisteredModelSearch {
        filter: parse_registered_model_filter(&filter)?,
        order_by: parse_registered_model_order_by(&order_by)?,
        max_results: page_size(max_results, MAX_MODEL_SEARCH_RESULTS)?,
        offset: offset(req.page_token)?,
        visible: caller.models(),
    };
    let skipped = search.offset;
    let (found, has_more) = app.registry.search_registered_models(search).await?;
    Ok(RegisteredModelsFound {
        next_page_token: next_token(skipped, found.len(), has_more),
        registered_models: found.into_iter().map(Into::into).collect(),
    })
}

/// Searches model versions.
pub(crate) async fn versions(
    State(app): State<App>,
    caller: Caller,
    QueryOrBody(req): QueryOrBody<SearchRegistry>,
) -> Result<Response, ApiError> {
    let answer = find_versions(&app, &caller, req).await?;
    let versions = answer.model_versions.len();
    page(answer, versions).await
}

/// The answer of a search of model versions.
pub(crate) async fn find_versions(
    app: &App,
    caller: &Caller,
    req: SearchRegistry,
) -> Result<ModelVersionsFound, ApiError> {
    let max_results = req.max_results.optional("max_results")?;
    let max_results = max_results.unwrap_or(MAX_VERSION_SEARCH_RESULTS);
    check_not_above(max_results, MAX_VERSION_SEARCH_RESULTS)?;
    let filter = req.filter.optional("filter")?.unwrap_or_default();
    let order_by = req.order_by.texts("order_by")?;
    if max_results < 1 {
        return Err(Invalid::new(format!(
            "Invalid value for max_results. It must be a positive integer, but got {max_results}"
        ))
        .into());
    }
    let search = ModelVersionSearch {
        filter: parse_model_version_filter(&filter)?,
        order_by: parse_model_version_order_by(&order_by)?,
        max_results,
        offset: offset(req.page_token)?,
        visible: caller.models_with_versions(),
    };
    let skipped = search.offset;
    let (found, has_more) = app.registry.search_model_versions(search).await?;
    Ok(ModelVersionsFound {
        next_page_token: next_token(skipped, found.len(), has_more),
        model_versions: found.into_iter().map(Into::into).collect(),
    })
}

/// Refuses a page over its limit, in the words for a value of a query string.
fn check_not_above(max_results: i64, limit: i64) -> Result<(), Invalid> {
    if max_results > limit {
        return Err(Invalid::wrong_type(
            "max_results",
            &format!("\"{max_results}\""),
            "str",
        ));
    }
    Ok(())
}

/// The newest version of each stage of a registered model.
pub(crate) async fn latest_versions(
    State(app): State<App>,
    JsonBody(req): JsonBody<GetLatestVersions>,
) -> Answer<ModelVersionsFound> {
    find_latest(&app, req).await
}

/// [`latest_versions`] by a query string.
pub(crate) async fn latest_versions_by_query(
    State(app): State<App>,
    QueryOrBody(req): QueryOrBody<GetLatestVersions>,
) -> Answer<ModelVersionsFound> {
    find_latest(&app, req).await
}

async fn find_latest(app: &App, req: GetLatestVersions) -> Answer<ModelVersionsFound> {
    let name = req.name.required("name")?;
    let raw_stages = req.stages.texts("stages")?;
    let name = ModelName::parse(&name, "name")?;
    let stages = if raw_stages.is_empty() {
        Stage::ALL.to_vec()
    } else {
        // MLflow looks for the model before it looks at the stages.
        let stages = raw_stages.iter().map(|raw| Stage::parse(raw)).collect();
        match stages {
            Ok(stages) => stages,
            Err(invalid) => {
                app.registry.get_registered_model(name).await?;
                return Err(invalid.into());
            }
        }
    };
    let latest = app.registry.get_latest_versions(name, stages).await?;
    Ok(Json(ModelVersionsFound {
        model_versions: latest.into_iter().map(Into::into).collect(),
        next_page_token: None,
    }))
}
