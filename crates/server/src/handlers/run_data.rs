//! Logging metrics, params and tags to runs.

use std::collections::HashSet;

use axum::extract::State;
use oxflow_core::limits::{
    MAX_DATASET_DIGEST_CHARS, MAX_DATASET_NAME_CHARS, MAX_ENTITIES_PER_BATCH, MAX_METRICS_PER_BATCH,
    MAX_MODEL_JSON_BYTES, MAX_PARAM_VALUE_CHARS, MAX_PARAMS_PER_BATCH, MAX_RUN_NAME_CHARS,
    MAX_RUN_TAG_VALUE_CHARS, MAX_TAGS_PER_BATCH,
};
use oxflow_core::{
    ErrorCode, Invalid, Key, KeyKind, Metric, MetricSource, MetricValue, ModelId, Param, RUN_NAME_TAG, RunId,
    check_length, python_repr, short_json,
};
use oxflow_store::RunBatch;
use oxflow_wire::{BatchMetric, Empty, Field, KeyValue, LogBatch, LogMetric, LogModel, RunKeyValue};
use serde_json::Value as Json;

use super::fields::{run_id, tag_key};
use crate::answer::{Answer, done};
use crate::extract::JsonBody;
use crate::{ApiError, App};

/// Logs one point of a metric.
pub(crate) async fn log_metric(State(app): State<App>, JsonBody(req): JsonBody<LogMetric>) -> Answer<Empty> {
    let id = run_id(req.run_id, req.run_uuid)?;
    let key = req.key.required("key")?;
    let value = req.value.required("value")?;
    let timestamp_ms = req.timestamp.required("timestamp")?;
    let step = req.step.optional("step")?.unwrap_or(0);
    let metric = Metric {
        key: Key::parse(&key, KeyKind::Metric, "name")?,
        value: MetricValue::new(value),
        timestamp_ms,
        step,
        source: metric_source(req.model_id, req.dataset_name, req.dataset_digest)?,
    };
    metric.check_timestamp("timestamp")?;
    app.store.log_metric(id, metric).await?;
    done()
}

/// What a metric was measured for; a dataset without a model is not kept, as in MLflow.
fn metric_source(
    model_id: Field<String>,
    dataset_name: Field<String>,
    dataset_digest: Field<String>,
) -> Result<Option<MetricSource>, ApiError> {
    let model = model_id.optional("model_id")?.filter(|raw| !raw.is_empty());
    let dataset_name = dataset_name
        .optional("dataset_name")?
        .filter(|name| !name.is_empty());
    let dataset_digest = dataset_digest
        .optional("dataset_digest")?
        .filter(|digest| !digest.is_empty());
    if dataset_name.is_some() != dataset_digest.is_some() {
        return Err(
            Invalid::new("Both dataset_name and dataset_digest must be provided if one is provided").into(),
        );
    }
    let Some(model) = model else { return Ok(None) };

    check_length(
        "dataset_name",
        MAX_DATASET_NAME_CHARS,
        dataset_name.as_deref().unwrap_or(""),
    )?;
    check_length(
        "dataset_digest",
        MAX_DATASET_DIGEST_CHARS,
        dataset_digest.as_deref().unwrap_or(""),
    )?;
    let model_id = ModelId::parse(&model).ok_or_else(|| {
        ApiError::new(
            ErrorCode::InvalidParameterValue,
            format!("logged model `{model}` does not exist"),
        )
    })?;
    Ok(Some(MetricSource {
        model_id,
        dataset_name,
        dataset_digest,
    }))
}

/// Logs one param.
pub(crate) async fn log_param(State(app): State<App>, JsonBody(req): JsonBody<RunKeyValue>) -> Answer<Empty> {
    let id = run_id(req.run_id, req.run_uuid)?;
    let key = req.key.required("key")?;
    let value = req.value.optional("value")?.unwrap_or_default();
    let param = Param {
        key: Key::parse(&key, KeyKind::Param, "key")?,
        value: app.fit_value("Param value", value, MAX_PARAM_VALUE_CHARS)?,
    };
    app.store.log_param(id, param).await?;
    done()
}

/// Sets a tag of a run.
pub(crate) async fn set_tag(State(app): State<App>, JsonBody(req): JsonBody<RunKeyValue>) -> Answer<Empty> {
    let id = run_id(req.run_id, req.run_uuid)?;
    let key = req.key.required("key")?;
    let value = req.value.optional("value")?.unwrap_or_default();
    let value = app.fit_value("value", value, MAX_RUN_TAG_VALUE_CHARS)?;
    let key = tag_key(&key)?;
    check_run_name(&key, &value)?;
    app.store.set_run_tag(id, key, value).await?;
    done()
}

/// Removes a tag of a run.
pub(crate) async fn delete_tag(
    State(app): State<App>,
    JsonBody(req): JsonBody<RunKeyValue>,
) -> Answer<Empty> {
    let id = run_id(req.run_id, req.run_uuid)?;
    let key = req.key.required("key")?;
    app.store.delete_run_tag(id, key).await?;
    done()
}

/// Logs metrics, params and tags together, whole or not at all.
pub(crate) async fn log_batch(State(app): State<App>, JsonBody(req): JsonBody<LogBatch>) -> Answer<Empty> {
    let raw_id = req.run_id.required("run_id")?;
    let (metric_count, param_count, tag_count) = (req.metrics.len(), req.params.len(), req.tags.len());
    // More than a list can carry at all: the same answer, before a single item is looked at.
    if metric_count.max(param_count).max(tag_count) > MAX_ENTITIES_PER_BATCH {
        check_counts(metric_count, param_count, tag_count)?;
    }
    let metrics = req.metrics.objects("metrics")?;
    let params = req.params.objects("params")?;
    let tags = req.tags.objects("tags")?;
    let batch = RunBatch {
        metrics: numbered(metrics, batch_metric)?,
        params: numbered(params, |i, pair| batch_param(&app, i, pair))?,
        tags: numbered(tags, |i, pair| batch_tag(&app, i, pair))?,
    };
    let id = RunId::parse(&raw_id)?;
    check_counts(metric_count, param_count, tag_count)?;
    check_param_keys_differ(&batch.params)?;
    app.store.log_batch(id, batch).await?;
    done()
}

fn numbered<T, U>(
    items: Vec<T>,
    mut parse: impl FnMut(usize, T) -> Result<U, ApiError>,
) -> Result<Vec<U>, ApiError> {
    items
        .into_iter()
        .enumerate()
        .map(|(i, item)| parse(i, item))
        .collect()
}

fn batch_metric(i: usize, metric: BatchMetric) -> Result<Metric, ApiError> {
    // The names of fields are only made up when there is something to say about them.
    let at = |field: &str| format!("metrics[{i}].{field}");
    let key = given_or(metric.key, || at("key"))?;
    let value = given_or(metric.value, || at("value"))?;
    let timestamp_ms = given_or(metric.timestamp, || at("timestamp"))?;
    let step = metric.step.optional("step")?.unwrap_or(0);
    let key = match Key::parse(&key, KeyKind::Metric, "name") {
        Ok(key) => key,
        Err(_) => Key::parse(&key, KeyKind::Metric, &at("name"))?,
    };
    let metric = Metric {
        key,
        value: MetricValue::new(value),
        timestamp_ms,
        step,
        source: metric_source(metric.model_id, metric.dataset_name, metric.dataset_digest)?,
    };
    if metric.timestamp_ms < 0 {
        metric.check_timestamp(&at("timestamp"))?;
    }
    Ok(metric)
}

fn given_or<T: oxflow_wire::Scalar>(field: Field<T>, name: impl FnOnce() -> String) -> Result<T, Invalid> {
    match field {
        Field::Given(value) if !value.is_empty() => Ok(value),
        other => other.required(&name()),
    }
}

fn batch_param(app: &App, i: usize, pair: KeyValue) -> Result<Param, ApiError> {
    let key = pair.key.required(&format!("params[{i}].key"))?;
    let value = pair
        .value
        .optional(&format!("params[{i}].value"))?
        .unwrap_or_default();
    Ok(Param {
        key: Key::parse(&key, KeyKind::Param, &format!("params[{i}].key"))?,
        value: app.fit_value("Param value", value, MAX_PARAM_VALUE_CHARS)?,
    })
}

fn batch_tag(app: &App, i: usize, pair: KeyValue) -> Result<(Key, String), ApiError> {
    let key = pair.key.required(&format!("tags[{i}].key"))?;
    let value = pair
        .value
        .optional(&format!("tags[{i}].value"))?
        .unwrap_or_default();
    let key = Key::parse(&key, KeyKind::Tag, &format!("tags[{i}].key"))?;
    let value = app.fit_value("value", value, MAX_RUN_TAG_VALUE_CHARS)?;
    check_run_name(&key, &value)?;
    Ok((key, value))
}

/// A tag that renames its run must fit the column of names.
pub(super) fn check_run_name(key: &Key, value: &str) -> Result<(), Invalid> {
    if key.as_str() == RUN_NAME_TAG {
        check_length("run_name", MAX_RUN_NAME_CHARS, value)
    } else {
        Ok(())
    }
}

fn check_counts(metrics: usize, params: usize, tags: usize) -> Result<(), Invalid> {
    check_count("metrics", metrics, MAX_METRICS_PER_BATCH)?;
    check_count("params", params, MAX_PARAMS_PER_BATCH)?;
    check_count("tags", tags, MAX_TAGS_PER_BATCH)?;
    check_count(
        "metrics, params, and tags",
        metrics + params + tags,
        MAX_ENTITIES_PER_BATCH,
    )
}

fn check_count(what: &str, count: usize, limit: usize) -> Result<(), Invalid> {
    if count <= limit {
        return Ok(());
    }
    Err(Invalid::new(format!(
        "A batch logging request can contain at most {limit} {what}. Got {count} {what}. Please split up {what} \
         across multiple requests and try again."
    )))
}

fn check_param_keys_differ(params: &[Param]) -> Result<(), Invalid> {
    let mut seen = HashSet::new();
    let mut repeated: Vec<&str> = Vec::new();
    for param in params {
        let key = param.key.as_str();
        if !seen.insert(key) && !repeated.contains(&key) {
            repeated.push(key);
        }
    }
    if repeated.is_empty() {
        return Ok(());
    }
    let keys: Vec<String> = repeated.into_iter().map(python_repr).collect();
    Err(Invalid::new(format!(
        "Duplicate parameter keys have been submitted: [{}]. Please ensure the request contains only one param \
         value per param key.",
        keys.join(", ")
    )))
}

/// The fields without which a model of a client before 3.0 is not recorded.
const MODEL_FIELDS: [&str; 4] = ["artifact_path", "flavors", "utc_time_created", "run_id"];

/// Records a model that a client before MLflow 3 logged.
pub(crate) async fn log_model(State(app): State<App>, JsonBody(req): JsonBody<LogModel>) -> Answer<Empty> {
    let raw_id = req.run_id.required("run_id")?;
    let text = req.model_json.required("model_json")?;
    if text.len() > MAX_MODEL_JSON_BYTES {
        return Err(Invalid::new(format!(
            "'model_json' may have {MAX_MODEL_JSON_BYTES} bytes, but has {}",
            text.len()
        ))
        .into());
    }
    let model: Json = serde_json::from_str(&text).map_err(|_| {
        Invalid::new(format!(
            "Malformed model info. \n {} \n is not a valid JSON.",
            short_json(&text)
        ))
    })?;
    let missing: Vec<&str> = MODEL_FIELDS
        .into_iter()
        .filter(|field| model.get(field).is_none_or(Json::is_null))
        .collect();
    if !missing.is_empty() {
        let missing: Vec<String> = missing.into_iter().map(python_repr).collect();
        return Err(Invalid::new(format!(
            "Model json is missing mandatory fields: [{}]",
            missing.join(", ")
        ))
        .into());
    }
    let id = run_id(Field::Given(raw_id), Field::Absent)?;
    app.store.append_model_history(id, model).await?;
    done()
}
