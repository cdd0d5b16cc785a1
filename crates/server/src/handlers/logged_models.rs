//! Logged models.

use axum::Json;
use axum::extract::State;
use oxflow_artifacts::append_to_uri;
use oxflow_core::limits::MAX_LOGGED_MODEL_KEY_CHARS;
use oxflow_core::{
    ExperimentId, Invalid, LoggedModelName, ModelId, NewLoggedModel, Tag, check_length, generated_name,
};
use oxflow_wire::{
    CreateLoggedModel, Empty, FinalizeLoggedModel, GetLoggedModel, KeyValue, List, LogLoggedModelParams,
    LoggedModelAnswer, Object, SetLoggedModelTags,
};

use super::fields::{check_keys_differ, model_id, raw_pair};
use crate::App;
use crate::answer::{Answer, done};
use crate::extract::{JsonBody, PathParts, QueryFields, QueryFieldsOf};

impl QueryFields for GetLoggedModel {}

/// Creates a logged model, pending until it is finalized.
pub(crate) async fn create(
    State(app): State<App>,
    JsonBody(req): JsonBody<CreateLoggedModel>,
) -> Answer<LoggedModelAnswer> {
    let experiment_id = ExperimentId::parse(&req.experiment_id.required("experiment_id")?)?;
    let name = match req.name.optional("name")?.filter(|name| !name.is_empty()) {
        Some(name) => name,
        None => generated_name(&app.entropy),
    };
    let new = NewLoggedModel {
        model_id: ModelId::random(&app.entropy),
        experiment_id,
        name: LoggedModelName::parse(&name)?,
        model_type: req.model_type.optional("model_type")?.unwrap_or_default(),
        source_run_id: req.source_run_id.optional("source_run_id")?.unwrap_or_default(),
        params: pairs(req.params, "params")?,
        tags: pairs(req.tags, "tags")?,
        now_ms: app.clock.now_ms(),
    };
    new.check()?;
    check_keys_differ(new.tags.iter().map(|tag| tag.key.as_str()))?;
    let model = app.store.create_logged_model(new, logged_model_uri).await?;
    Ok(Json(LoggedModelAnswer { model: model.into() }))
}

/// Where a logged model of an experiment keeps its artifacts.
fn logged_model_uri(experiment_location: &str, id: &ModelId) -> Result<String, Invalid> {
    Ok(append_to_uri(
        experiment_location,
        &["models", id.as_str(), "artifacts"],
    ))
}

fn pairs(list: List<Object<KeyValue>>, name: &str) -> Result<Vec<Tag>, Invalid> {
    let mut pairs = Vec::new();
    for (i, pair) in list.objects(name)?.into_iter().enumerate() {
        let pair = raw_pair(pair, name, i)?;
        check_length("key", MAX_LOGGED_MODEL_KEY_CHARS, &pair.key)?;
        pairs.push(pair);
    }
    Ok(pairs)
}

/// A logged model with its params, tags and metrics.
pub(crate) async fn get(
    State(app): State<App>,
    PathParts(id): PathParts<String>,
    QueryFieldsOf(req): QueryFieldsOf<GetLoggedModel>,
) -> Answer<LoggedModelAnswer> {
    let allow_deleted = req.allow_deleted.optional("allow_deleted")?.unwrap_or(false);
    let model = app.store.get_logged_model(model_id(&id)?, allow_deleted).await?;
    Ok(Json(LoggedModelAnswer { model: model.into() }))
}

/// Sets the state of a logged model.
pub(crate) async fn finalize(
    State(app): State<App>,
    PathParts(id): PathParts<String>,
    JsonBody(req): JsonBody<FinalizeLoggedModel>,
) -> Answer<LoggedModelAnswer> {
    let Some(status) = req.status.optional("status")? else {
        return Err(Invalid::missing("status").into());
    };
    let model = app
        .store
        .finalize_logged_model(model_id(&id)?, status.0, app.clock.now_ms())
        .await?;
    Ok(Json(LoggedModelAnswer { model: model.into() }))
}

/// Moves a logged model to the trash.
pub(crate) async fn delete(State(app): State<App>, PathParts(id): PathParts<String>) -> Answer<Empty> {
    app.store
        .delete_logged_model(model_id(&id)?, app.clock.now_ms())
        .await?;
    done()
}

/// Adds params to a logged model.
pub(crate) async fn log_params(
    State(app): State<App>,
    PathParts(id): PathParts<String>,
    JsonBody(req): JsonBody<LogLoggedModelParams>,
) -> Answer<Empty> {
    app.store
        .log_logged_model_params(model_id(&id)?, pairs(req.params, "params")?)
        .await?;
    done()
}

/// Sets tags of a logged model.
pub(crate) async fn set_tags(
    State(app): State<App>,
    PathParts(id): PathParts<String>,
    JsonBody(req): JsonBody<SetLoggedModelTags>,
) -> Answer<Empty> {
    app.store
        .set_logged_model_tags(model_id(&id)?, pairs(req.tags, "tags")?)
        .await?;
    done()
}

/// Removes a tag of a logged model.
pub(crate) async fn delete_tag(
    State(app): State<App>,
    PathParts((id, key)): PathParts<(String, String)>,
) -> Answer<Empty> {
    app.store.delete_logged_model_tag(model_id(&id)?, key).await?;
    done()
}
