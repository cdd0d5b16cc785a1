//! Charts of metrics.

use std::collections::HashSet;
use std::hash::Hash;

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use oxflow_core::limits::{
    DEFAULT_SERIES_WIDTH, MAX_SERIES_KEYS, MAX_SERIES_RUNS, MAX_SERIES_WIDTH, MAX_STATS_KEYS, MAX_STATS_RUNS,
    MIN_SERIES_WIDTH,
};
use oxflow_core::{Axis, ErrorCode, Invalid, Series};
use oxflow_store::{SeriesQuery, StatsQuery};
use oxflow_wire::{
    Field, GetSeries, GetStats, List, SERIES_MEDIA_TYPE, SeriesAnswer, StatsAnswer, StatsJson, series_bytes,
};

use super::fields::run_ids;
use crate::answer::page;
use crate::extract::JsonBody;
use crate::{ApiError, App};

/// Metric histories at the resolution of a chart.
pub(crate) async fn series(
    State(app): State<App>,
    headers: HeaderMap,
    JsonBody(req): JsonBody<GetSeries>,
) -> Result<Response, ApiError> {
    let series = app.store.series(query(req)?).await?;
    write(series, wants_bytes(&headers)).await
}

/// What the metrics of runs came to.
pub(crate) async fn stats(
    State(app): State<App>,
    JsonBody(req): JsonBody<GetStats>,
) -> Result<Response, ApiError> {
    let runs = texts(req.runs, "runs", MAX_STATS_RUNS)?;
    let keys = match req.keys {
        List::Absent => None,
        sent => Some(texts(sent, "keys", MAX_STATS_KEYS)?),
    };
    let query = StatsQuery {
        run_ids: each_once(run_ids(&runs)),
        keys,
    };
    let stats = app.store.metric_stats(query).await?;
    let count = stats.len();
    let stats = stats.into_iter().map(StatsJson::from).collect();
    page(StatsAnswer { stats }, count).await
}

fn query(req: GetSeries) -> Result<SeriesQuery, Invalid> {
    let runs = texts(req.runs, "runs", MAX_SERIES_RUNS)?;
    let keys = texts(req.keys, "keys", MAX_SERIES_KEYS)?;
    let width = req.width.optional("width")?.unwrap_or(DEFAULT_SERIES_WIDTH);
    let width = usize::try_from(width)
        .ok()
        .filter(|_| (MIN_SERIES_WIDTH..=MAX_SERIES_WIDTH).contains(&width))
        .ok_or_else(|| {
            Invalid::new(format!(
                "'width' must be between {MIN_SERIES_WIDTH} and {MAX_SERIES_WIDTH}, but it is {width}"
            ))
        })?;
    Ok(SeriesQuery {
        run_ids: each_once(run_ids(&runs)),
        keys: each_once(keys),
        axis: req.x.optional("x")?.unwrap_or(Axis::Step),
        from: req
            .from
            .optional("from")?
            .map_or(i64::MIN, |from| from.least_above),
        to: req.to.optional("to")?.map_or(i64::MAX, |to| to.greatest_below),
        width,
    })
}

/// A list of texts, not empty and not longer than `limit`.
fn texts(list: List<Field<String>>, name: &str, limit: usize) -> Result<Vec<String>, Invalid> {
    let count = list.len();
    if count > limit {
        return Err(Invalid::new(format!(
            "'{name}' may name at most {limit}; this request names {count}"
        )));
    }
    let texts = list.texts(name)?;
    if texts.is_empty() {
        return Err(Invalid::missing(name));
    }
    Ok(texts)
}

/// The items in their order, without repetitions.
fn each_once<T: Clone + Eq + Hash>(items: Vec<T>) -> Vec<T> {
    let mut seen = HashSet::new();
    items
        .into_iter()
        .filter(|item| seen.insert(item.clone()))
        .collect()
}

fn wants_bytes(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter();
    accepted
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains(SERIES_MEDIA_TYPE))
}

/// Writes the answer away from the threads that serve connections: it may have megabytes.
async fn write(series: Vec<Series>, as_bytes: bool) -> Result<Response, ApiError> {
    let written = tokio::task::spawn_blocking(move || {
        if as_bytes {
            series_bytes(&series)
        } else {
            serde_json::to_vec(&SeriesAnswer::new(&series))
        }
    });
    let failed = |error: String| {
        ApiError::new(
            ErrorCode::InternalError,
            format!("writing the answer failed: {error}"),
        )
    };
    let body = written
        .await
        .map_err(|error| failed(error.to_string()))?
        .map_err(|error| failed(error.to_string()))?;
    let media_type = if as_bytes {
        SERIES_MEDIA_TYPE
    } else {
        "application/json"
    };
    Ok(([(header::CONTENT_TYPE, media_type)], body).into_response())
}
