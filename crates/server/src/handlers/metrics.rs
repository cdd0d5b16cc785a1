//! Reading metric histories.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use oxflow_core::limits::{MAX_BULK_HISTORY_POINTS, MAX_BULK_HISTORY_RUNS, MAX_INTERVAL_POINTS};
use oxflow_core::{HistoryPoint, Invalid, RunHistory, RunId};
use oxflow_store::{HistoryPage, IntervalQuery};
use oxflow_wire::{
    BulkHistoryAnswer, GetHistory, GetHistoryBulk, GetHistoryBulkInterval, PointJson, SampledHistoryAnswer,
};

use super::fields::{next_token, offset, run_ids};
use crate::extract::{QueryFields, QueryOrBody};
use crate::{ApiError, App};

impl QueryFields for GetHistory {}
impl QueryFields for GetHistoryBulk {
    const LISTS: &'static [&'static str] = Self::LISTS;
}
impl QueryFields for GetHistoryBulkInterval {
    const LISTS: &'static [&'static str] = Self::LISTS;
}

/// The history of one metric of one run; without a page size, all of it.
pub(crate) async fn history(
    State(app): State<App>,
    QueryOrBody(req): QueryOrBody<GetHistory>,
) -> Result<Response, ApiError> {
    let raw_id = req.run_id.or(req.run_uuid).required("run_id")?;
    let key = req.metric_key.required("metric_key")?;
    let max_results = req.max_results.optional("max_results")?;
    if let Some(asked) = max_results.filter(|asked| *asked < 1) {
        return Err(Invalid::value("max_results", asked, ". It must be a positive integer.").into());
    }
    let page = HistoryPage {
        offset: offset(req.page_token)?,
        max_results,
    };
    // MLflow looks for points, not for the run.
    let Ok(id) = RunId::parse(&raw_id) else {
        return Ok(stream_history(key, Vec::new(), None));
    };
    let (points, has_more) = app.store.metric_history(id, key.clone(), page).await?;
    let token = next_token(page.offset, points.len(), has_more);
    Ok(stream_history(key, points, token))
}

/// Points that are written to JSON at a time.
const POINTS_PER_PIECE: usize = 4096;

/// Writes a history piece by piece: a million points are 32 MB in memory, and 80 MB as JSON.
fn stream_history(key: String, points: Vec<HistoryPoint>, next_page_token: Option<String>) -> Response {
    let pieces = points.len().div_ceil(POINTS_PER_PIECE);
    let token = next_page_token.map(|token| serde_json::Value::from(token).to_string());
    let body = (0..=pieces).map(move |i| {
        let mut json = Vec::new();
        if i == 0 {
            json.extend_from_slice(if pieces == 0 { b"{" } else { b"{\"metrics\":[" });
        }
        let rest = points.get(i * POINTS_PER_PIECE..).unwrap_or_default();
        for (n, point) in rest.iter().take(POINTS_PER_PIECE).enumerate() {
            if i + n > 0 {
                json.push(b',');
            }
            serde_json::to_writer(&mut json, &PointJson::new(&key, point, None))?;
        }
        if i == pieces {
            json.extend_from_slice(if pieces == 0 { b"" } else { b"]" });
            if let Some(token) = &token {
                json.extend_from_slice(format!(",\"next_page_token\":{token}").as_bytes());
            }
            json.push(b'}');
        }
        Ok::<_, serde_json::Error>(json)
    });
    (
        [(header::CONTENT_TYPE, "application/json")],
        Body::from_stream(futures::stream::iter(body)),
    )
        .into_response()
}

/// The history of one metric of several runs, up to a number of points over all of them.
pub(crate) async fn bulk_history(
    State(app): State<App>,
    QueryOrBody(req): QueryOrBody<GetHistoryBulk>,
) -> Result<Response, ApiError> {
    let ids = req.run_id.texts("run_id")?;
    if ids.is_empty() {
        return Err(Invalid::new("GetMetricHistoryBulk request must specify at least one run_id.").into());
    }
    if ids.len() > MAX_BULK_HISTORY_RUNS {
        return Err(Invalid::new(format!(
            "GetMetricHistoryBulk request cannot specify more than {MAX_BULK_HISTORY_RUNS} run_ids. Received {} \
             run_ids.",
            ids.len()
        ))
        .into());
    }
    let Some(key) = req.metric_key.optional("metric_key")? else {
        return Err(Invalid::new("GetMetricHistoryBulk request must specify a metric_key.").into());
    };
    let max_results = req
        .max_results
        .optional("max_results")?
        .unwrap_or(MAX_BULK_HISTORY_POINTS);
    if max_results < 1 {
        return Err(Invalid::value("max_results", max_results, ". It must be a positive integer.").into());
    }
    let limit = max_results.min(MAX_BULK_HISTORY_POINTS);
    let runs = app.store.bulk_history(run_ids(&ids), key.clone(), limit).await?;
    Ok(Json(BulkHistoryAnswer {
        metrics: with_run_ids(&key, &runs),
    })
    .into_response())
}

fn with_run_ids<'a>(key: &'a str, runs: &'a [RunHistory]) -> Vec<PointJson<'a>> {
    let of_run = |run: &'a RunHistory| run.points.iter().map(|point| (run.run_id.as_str(), point));
    runs.iter()
        .flat_map(of_run)
        .map(|(run_id, point)| PointJson::new(key, point, Some(run_id)))
        .collect()
}

/// The history of one metric of several runs, sampled per run.
pub(crate) async fn sampled_history(
    State(app): State<App>,
    QueryOrBody(req): QueryOrBody<GetHistoryBulkInterval>,
) -> Result<Response, ApiError> {
    let ids = req.run_ids.texts("run_ids")?;
    if ids.is_empty() {
        return Err(Invalid::missing("run_ids").into());
    }
    if ids.len() > MAX_BULK_HISTORY_RUNS {
        return Err(Invalid::new(format!(
            "GetMetricHistoryBulkInterval request must specify at most {MAX_BULK_HISTORY_RUNS} run_ids. Received {} \
             run_ids. See the API docs for more information about request parameters.",
            ids.len()
        ))
        .into());
    }
    let key = req.metric_key.required("metric_key")?;
    let start = req.start_step.optional("start_step")?;
    let end = req.end_step.optional("end_step")?;
    let max_results = req
        .max_results
        .optional("max_results")?
        .unwrap_or(MAX_INTERVAL_POINTS);
    if !(1..=MAX_INTERVAL_POINTS).contains(&max_results) {
        return Err(Invalid::new(format!(
            "max_results must be between 1 and {MAX_INTERVAL_POINTS}. See the API docs for more information about \
             request parameters."
        ))
        .into());
    }
    let steps = match (start, end) {
        (None, None) => None,
        (Some(start), Some(end)) if start > end => {
            return Err(Invalid::new(format!(
                "end_step must be greater than start_step. Found start_step={start} and end_step={end}."
            ))
            .into());
        }
        (Some(start), Some(end)) => Some((start, end)),
        _ => {
            return Err(Invalid::new(
                "If either start step or end step are specified, both must be specified.",
            )
            .into());
        }
    };
    let query = IntervalQuery {
        run_ids: run_ids(&ids),
        key: key.clone(),
        steps,
        max_results,
    };
    let runs = app.store.sampled_history(query).await?;
    Ok(Json(SampledHistoryAnswer {
        metrics: with_run_ids(&key, &runs),
    })
    .into_response())
}
