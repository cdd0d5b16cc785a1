//! Runs: create, read, change, search, delete, restore.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use oxflow_artifacts::append_to_uri;
use oxflow_core::limits::{
    DEFAULT_RUN_SEARCH_RESULTS, MAX_KEY_CHARS, MAX_RUN_NAME_CHARS, MAX_RUN_TAG_VALUE_CHARS,
    MAX_SEARCH_RESULTS, MAX_USER_ID_CHARS,
};
use oxflow_core::{
    ExperimentId, Invalid, NewRun, RUN_NAME_TAG, RunId, RunUpdate, Tag, check_length, generated_name,
    python_repr,
};
use oxflow_search::{parse_run_filter, parse_run_order_by};
use oxflow_store::RunSearch;
use oxflow_wire::{
    CreateRun, Empty, GetRun, RunAnswer, RunInfoAnswer, RunJson, RunsFound, SearchRuns, UpdateRun,
};

use super::fields::{check_keys_differ, experiment_ids, next_token, offset, page_size, raw_pair, run_id};
use crate::answer::{Answer, done, page};
use crate::extract::{JsonBody, QueryFields, QueryOrBody};
use crate::{ApiError, App};

impl QueryFields for GetRun {}

/// Creates a run.
pub(crate) async fn create(State(app): State<App>, JsonBody(req): JsonBody<CreateRun>) -> Answer<RunAnswer> {
    let experiment_id = match req
        .experiment_id
        .optional("experiment_id")?
        .filter(|raw| !raw.is_empty())
    {
        Some(raw) => ExperimentId::parse(&raw)?,
        None => ExperimentId::DEFAULT,
    };
    let user_id = req.user_id.optional("user_id")?.unwrap_or_default();
    check_length("user_id", MAX_USER_ID_CHARS, &user_id)?;
    let run_name = req.run_name.optional("run_name")?.unwrap_or_default();
    let start_time_ms = req.start_time.optional("start_time")?.unwrap_or(0);
    let mut tags = Vec::new();
    for (i, pair) in req.tags.objects("tags")?.into_iter().enumerate() {
        let tag = raw_pair(pair, "tags", i)?;
        check_length("key", MAX_KEY_CHARS, &tag.key)?;
        tags.push(Tag {
            value: app.fit_value("value", tag.value, MAX_RUN_TAG_VALUE_CHARS)?,
            key: tag.key,
        });
    }
    check_keys_differ(tags.iter().map(|tag| tag.key.as_str()))?;
    let name = name_run(run_name, &mut tags, &app)?;
    let new = NewRun {
        experiment_id,
        run_id: RunId::random(&app.entropy),
        name,
        user_id,
        start_time_ms,
        tags,
    };
    let run = app.store.create_run(new, run_artifact_uri).await?;
    Ok(Json(RunAnswer {
        run: RunJson::created(run),
    }))
}

/// Where a run of an experiment keeps its artifacts.
fn run_artifact_uri(experiment_location: &str, run_id: &RunId) -> Result<String, Invalid> {
    Ok(append_to_uri(
        experiment_location,
        &[run_id.as_str(), "artifacts"],
    ))
}

/// The name of a new run: from the field, else from the tag, else generated. Sets the tag.
fn name_run(run_name: String, tags: &mut Vec<Tag>, app: &App) -> Result<String, Invalid> {
    let tagged = tags
        .iter()
        .rev()
        .find(|tag| tag.key == RUN_NAME_TAG)
        .map(|tag| tag.value.clone());
    let name = match (run_name, tagged) {
        (name, Some(tag)) if !name.is_empty() && name != tag => {
            return Err(Invalid::new(format!(
                "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with different values \
                 (run_name={}, mlflow.runName={}).",
                python_repr(&name),
                python_repr(&tag)
            )));
        }
        (name, _) if !name.is_empty() => name,
        (_, Some(tag)) if !tag.is_empty() => tag,
        _ => generated_name(&app.entropy),
    };
    check_length("run_name", MAX_RUN_NAME_CHARS, &name)?;
    tags.retain(|tag| tag.key != RUN_NAME_TAG);
    tags.push(Tag {
        key: RUN_NAME_TAG.to_owned(),
        value: name.clone(),
    });
    Ok(name)
}

/// A run with everything logged to it.
pub(crate) async fn get(State(app): State<App>, QueryOrBody(req): QueryOrBody<GetRun>) -> Answer<RunAnswer> {
    let run = app.store.get_run(run_id(req.run_id, req.run_uuid)?).await?;
    Ok(Json(RunAnswer {
        run: RunJson::whole(run),
    }))
}

/// Changes state, end and name of a run.
pub(crate) async fn update(
    State(app): State<App>,
    JsonBody(req): JsonBody<UpdateRun>,
) -> Answer<RunInfoAnswer> {
    let id = run_id(req.run_id, req.run_uuid)?;
    let update = RunUpdate {
        status: req.status.optional("status")?.map(|choice| choice.0),
        end_time_ms: req.end_time.optional("end_time")?,
        run_name: req.run_name.optional("run_name")?.filter(|name| !name.is_empty()),
    };
    check_length(
        "run_name",
        MAX_RUN_NAME_CHARS,
        update.run_name.as_deref().unwrap_or(""),
    )?;
    let info = app.store.update_run(id, update).await?;
    Ok(Json(RunInfoAnswer {
        run_info: info.into(),
    }))
}

/// Moves a run to the trash.
pub(crate) async fn delete(State(app): State<App>, JsonBody(req): JsonBody<GetRun>) -> Answer<Empty> {
    let id = run_id(req.run_id, req.run_uuid)?;
    app.store.delete_run(id, app.clock.now_ms()).await?;
    done()
}

/// Takes a run out of the trash.
pub(crate) async fn restore(State(app): State<App>, JsonBody(req): JsonBody<GetRun>) -> Answer<Empty> {
    app.store.restore_run(run_id(req.run_id, req.run_uuid)?).await?;
    done()
}

/// Searches runs of experiments.
pub(crate) async fn search(
    State(app): State<App>,
    JsonBody(req): JsonBody<SearchRuns>,
) -> Result<Response, ApiError> {
    let answer = find(&app, req).await?;
    let runs = answer.runs.len();
    page(answer, runs).await
}

/// The answer of a search of runs.
pub(crate) async fn find(app: &App, req: SearchRuns) -> Result<RunsFound, ApiError> {
    let ids = req.experiment_ids.texts("experiment_ids")?;
    let filter = req.filter.optional("filter")?.unwrap_or_default();
    let view = req
        .run_view_type
        .optional("run_view_type")?
        .map(|choice| choice.0)
        .unwrap_or_default();
    let max_results = match req.max_results.optional("max_results")? {
        Some(asked) if asked > MAX_SEARCH_RESULTS => {
            return Err(Invalid::wrong_type("max_results", &asked.to_string(), "int").into());
        }
        asked => page_size(asked.unwrap_or(DEFAULT_RUN_SEARCH_RESULTS), MAX_SEARCH_RESULTS)?,
    };
    let search = RunSearch {
        experiment_ids: experiment_ids(&ids)?,
        filter: parse_run_filter(&filter)?,
        order_by: parse_run_order_by(&req.order_by.texts("order_by")?)?,
        view,
        max_results,
        offset: offset(req.page_token)?,
    };
    let skipped = search.offset;
    let (found, has_more) = app.store.search_runs(search).await?;
    Ok(RunsFound {
        next_page_token: next_token(skipped, found.len(), has_more),
        runs: found.into_iter().map(RunJson::whole).collect(),
    })
}
