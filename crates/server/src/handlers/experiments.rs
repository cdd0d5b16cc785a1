//! Experiments.

use axum::Json;
use axum::extract::State;
use oxflow_artifacts::check_new_location;
use oxflow_auth::ResourceType;
use oxflow_core::limits::{
    MAX_EXPERIMENT_TAG_VALUE_CHARS, MAX_SEARCH_DATASETS_EXPERIMENTS, MAX_SEARCH_RESULTS,
};
use oxflow_core::{ErrorCode, ExperimentId, ExperimentName, Invalid, Key, NewExperiment, check_length};
use oxflow_search::{parse_experiment_filter, parse_experiment_order_by};
use oxflow_store::ExperimentSearch;
use oxflow_wire::{
    CreateExperiment, DatasetsFound, Empty, ExperimentAnswer, ExperimentCreated, ExperimentIdRequest,
    ExperimentTagRequest, ExperimentsFound, Field, GetExperimentByName, SearchDatasets, SearchExperiments,
    UpdateExperiment,
};

use super::fields::{check_keys_differ, experiment_ids, next_token, offset, page_size, tag_key};
use crate::answer::{Answer, done};
use crate::authorize::Caller;
use crate::extract::{JsonBody, QueryFields, QueryOrBody};
use crate::{ApiError, App};

impl QueryFields for ExperimentIdRequest {}
impl QueryFields for GetExperimentByName {}
impl QueryFields for SearchExperiments {
    const LISTS: &'static [&'static str] = Self::LISTS;
}

/// Creates an experiment.
pub(crate) async fn create(
    State(app): State<App>,
    caller: Caller,
    JsonBody(req): JsonBody<CreateExperiment>,
) -> Answer<ExperimentCreated> {
    caller.check_creation(ResourceType::Experiment, "*")?;
    let name = ExperimentName::parse(&req.name.required("name")?)?;
    let location = req
        .artifact_location
        .optional("artifact_location")?
        .filter(|raw| !raw.is_empty());
    let artifact_location = location
        .map(|raw| check_new_location(&raw, &app.config.locations))
        .transpose()?;
    let mut tags = Vec::new();
    for (i, pair) in req.tags.objects("tags")?.into_iter().enumerate() {
        // MLflow calls a missing key an empty one, which no key may be.
        let key = pair.key.optional(&format!("tags[{i}].key"))?.unwrap_or_default();
        let value = pair
            .value
            .optional(&format!("tags[{i}].value"))?
            .unwrap_or_default();
        tags.push(experiment_tag(&key, value)?);
    }
    check_keys_differ(tags.iter().map(|(key, _)| key.as_str()))?;
    let new = NewExperiment {
        name,
        artifact_location,
        tags,
        now_ms: app.clock.now_ms(),
        creator: caller.user().map(|viewer| viewer.id),
    };
    let id = app.store.create_experiment(new).await?;
    caller
        .owns(&app, ResourceType::Experiment, &id.to_string())
        .await?;
    Ok(Json(ExperimentCreated {
        experiment_id: id.to_string(),
    }))
}

/// An experiment by its id, deleted ones too.
pub(crate) async fn get(
    State(app): State<App>,
    QueryOrBody(req): QueryOrBody<ExperimentIdRequest>,
) -> Answer<ExperimentAnswer> {
    let id = required_id(req.experiment_id)?;
    let experiment = app.store.get_experiment(id).await?;
    Ok(Json(ExperimentAnswer {
        experiment: experiment.into(),
    }))
}

/// An experiment by its name, deleted ones too.
pub(crate) async fn get_by_name(
    State(app): State<App>,
    QueryOrBody(req): QueryOrBody<GetExperimentByName>,
) -> Answer<ExperimentAnswer> {
    let name = req.experiment_name.required("experiment_name")?;
    let experiment = app.store.get_experiment_by_name(&name).await?;
    Ok(Json(ExperimentAnswer {
        experiment: experiment.into(),
    }))
}

/// Searches experiments by a request body.
pub(crate) async fn search(
    State(app): State<App>,
    caller: Caller,
    JsonBody(req): JsonBody<SearchExperiments>,
) -> Answer<ExperimentsFound> {
    find(&app, &caller, req).await
}

/// Searches experiments by a query string.
pub(crate) async fn search_by_query(
    State(app): State<App>,
    caller: Caller,
    QueryOrBody(req): QueryOrBody<SearchExperiments>,
) -> Answer<ExperimentsFound> {
    find(&app, &caller, req).await
}

async fn find(app: &App, caller: &Caller, req: SearchExperiments) -> Answer<ExperimentsFound> {
    // MLflow has no default here: a request without a page size asks for 0 rows and is refused.
    let max_results = page_size(
        req.max_results.optional("max_results")?.unwrap_or(0),
        MAX_SEARCH_RESULTS,
    )?;
    let filter = req.filter.optional("filter")?.unwrap_or_default();
    let search = ExperimentSearch {
        filter: parse_experiment_filter(&filter)?,
        order_by: parse_experiment_order_by(&req.order_by.texts("order_by")?)?,
        view: req
            .view_type
            .optional("view_type")?
            .map(|choice| choice.0)
            .unwrap_or_default(),
        max_results,
        offset: offset(req.page_token)?,
        visible: caller.experiments(),
    };
    find_page(app, search).await
}

/// One page of a search of experiments.
pub(crate) async fn find_page(app: &App, search: ExperimentSearch) -> Answer<ExperimentsFound> {
    let skipped = search.offset;
    let (found, has_more) = app.store.search_experiments(search).await?;
    Ok(Json(ExperimentsFound {
        next_page_token: next_token(skipped, found.len(), has_more),
        experiments: found.into_iter().map(Into::into).collect(),
    }))
}

/// Renames an experiment.
pub(crate) async fn update(
    State(app): State<App>,
    JsonBody(req): JsonBody<UpdateExperiment>,
) -> Answer<Empty> {
    let id = required_id(req.experiment_id)?;
    let name = ExperimentName::parse(&req.new_name.required("new_name")?)?;
    app.store.rename_experiment(id, name, app.clock.now_ms()).await?;
    done()
}

/// Moves an experiment and its runs to the trash.
pub(crate) async fn delete(
    State(app): State<App>,
    JsonBody(req): JsonBody<ExperimentIdRequest>,
) -> Answer<Empty> {
    let id = required_id(req.experiment_id)?;
    app.store.delete_experiment(id, app.clock.now_ms()).await?;
    done()
}

/// Takes an experiment and its runs out of the trash.
pub(crate) async fn restore(
    State(app): State<App>,
    JsonBody(req): JsonBody<ExperimentIdRequest>,
) -> Answer<Empty> {
    let id = required_id(req.experiment_id)?;
    app.store.restore_experiment(id, app.clock.now_ms()).await?;
    done()
}

/// Sets a tag of an experiment.
pub(crate) async fn set_tag(
    State(app): State<App>,
    JsonBody(req): JsonBody<ExperimentTagRequest>,
) -> Answer<Empty> {
    let id = required_id(req.experiment_id)?;
    let key = req.key.required("key")?;
    let value = req.value.optional("value")?.unwrap_or_default();
    let (key, value) = experiment_tag(&key, value)?;
    app.store.set_experiment_tag(id, key, value).await?;
    done()
}

/// Removes a tag of an experiment.
pub(crate) async fn delete_tag(
    State(app): State<App>,
    JsonBody(req): JsonBody<ExperimentTagRequest>,
) -> Answer<Empty> {
    let id = required_id(req.experiment_id)?;
    let key = req.key.required("key")?;
    app.store.delete_experiment_tag(id, key).await?;
    done()
}

/// The datasets that the runs of experiments used.
pub(crate) async fn search_datasets(
    State(app): State<App>,
    JsonBody(req): JsonBody<SearchDatasets>,
) -> Answer<DatasetsFound> {
    let raw = req.experiment_ids.texts("experiment_ids")?;
    if raw.is_empty() {
        return Err(ApiError::new(
            ErrorCode::InvalidParameterValue,
            "SearchDatasets request must specify at least one experiment_id.",
        ));
    }
    if raw.len() > MAX_SEARCH_DATASETS_EXPERIMENTS {
        return Err(ApiError::new(
            ErrorCode::InvalidParameterValue,
            format!(
                "SearchDatasets request cannot specify more than {MAX_SEARCH_DATASETS_EXPERIMENTS} \
                 experiment_ids. Received {} experiment_ids.",
                raw.len()
            ),
        ));
    }
    let found = app.store.search_datasets(experiment_ids(&raw)?).await?;
    Ok(Json(DatasetsFound {
        dataset_summaries: found.into_iter().map(Into::into).collect(),
    }))
}

fn required_id(field: Field<String>) -> Result<ExperimentId, Invalid> {
    ExperimentId::parse(&field.required("experiment_id")?)
}

/// Values of experiment tags are refused over their limit, never cut (MLflow 3.17).
fn experiment_tag(key: &str, value: String) -> Result<(Key, String), Invalid> {
    let key = tag_key(key)?;
    check_length("value", MAX_EXPERIMENT_TAG_VALUE_CHARS, &value)?;
    Ok((key, value))
}
