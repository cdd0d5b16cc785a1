//! Saved states of pages.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use oxflow_core::{ExperimentId, Invalid, ViewId, ViewState};
use oxflow_store::NamedView;
use oxflow_wire::{Empty, Field, FindViews, NamedViewJson, SaveView, Truth};
use serde_json::json;

use crate::answer::{Answer, done};
use crate::extract::{AnyJsonBody, QueryFields, QueryFieldsOf};
use crate::{ApiError, App};

impl QueryFields for FindViews {}

/// Keeps a state: under the hash of its content, or as a named view of an experiment.
pub(crate) async fn save(
    State(app): State<App>,
    AnyJsonBody(req): AnyJsonBody<SaveView>,
) -> Result<Response, ApiError> {
    let state = ViewState::parse(&req.state)?;
    let now_ms = app.clock.now_ms();
    let Some(experiment) = experiment_if_named(req.experiment_id)? else {
        refuse_without_experiment(&req.name)?;
        let id = state.id().as_str().to_owned();
        app.store.put_view(state, now_ms).await?;
        return Ok(Json(json!({ "id": id })).into_response());
    };
    let name = req.name.required("name")?;
    let is_default = matches!(req.is_default.optional("is_default")?, Some(Truth(true)));
    app.store
        .set_named_view(experiment, &name, state, is_default, now_ms)
        .await?;
    Ok(Json(json!({ "name": name, "is_default": is_default, "updated_time": now_ms })).into_response())
}

/// The state of an id, or all named views of an experiment.
pub(crate) async fn find(
    State(app): State<App>,
    QueryFieldsOf(req): QueryFieldsOf<FindViews>,
) -> Result<Response, ApiError> {
    if let Some(id) = req.id.optional("id")?.filter(|id| !id.is_empty()) {
        let state = app
            .store
            .get_view(ViewId::parse(&id)?, app.clock.now_ms())
            .await?;
        return Ok(Json(json!({ "id": id, "state": state })).into_response());
    }
    let experiment = experiment_if_named(req.experiment_id)?;
    let experiment = experiment.ok_or_else(|| Invalid::missing("experiment_id"))?;
    let views = app.store.named_views(experiment).await?;
    let views: Vec<NamedViewJson> = views.into_iter().map(view_json).collect();
    Ok(Json(json!({ "views": views })).into_response())
}

/// Removes a named view.
pub(crate) async fn delete(
    State(app): State<App>,
    QueryFieldsOf(req): QueryFieldsOf<FindViews>,
) -> Answer<Empty> {
    let experiment = experiment_if_named(req.experiment_id)?;
    let experiment = experiment.ok_or_else(|| Invalid::missing("experiment_id"))?;
    let name = req.name.required("name")?;
    app.store.delete_named_view(experiment, &name).await?;
    done()
}

fn experiment_if_named(raw: Field<String>) -> Result<Option<ExperimentId>, Invalid> {
    let raw = raw.optional("experiment_id")?.filter(|raw| !raw.is_empty());
    raw.map(|raw| ExperimentId::parse(&raw)).transpose()
}

/// A name would be lost without a word.
fn refuse_without_experiment(name: &Field<String>) -> Result<(), Invalid> {
    match name {
        Field::Absent => Ok(()),
        _ => Err(Invalid::new("a view with a 'name' needs an 'experiment_id'")),
    }
}

fn view_json(view: NamedView) -> NamedViewJson {
    NamedViewJson {
        name: view.name,
        state: view.state,
        is_default: view.is_default,
        updated_time: view.updated_time_ms,
    }
}
