//! Reading metric histories.

use axum::Json;
use axum::extract::State;
use oxflow_core::Invalid;
use oxflow_core::limits::{MAX_BULK_HISTORY_POINTS, MAX_BULK_HISTORY_RUNS, MAX_INTERVAL_POINTS};
use oxflow_store::{HistoryPage, IntervalQuery};
use oxflow_wire::{
    BulkHistoryAnswer, GetHistory, GetHistoryBulk, GetHistoryBulkInterval, HistoryAnswer, MetricJson,
};

use super::fields::{next_token, offset, run_id, run_ids};
use crate::App;
use crate::answer::Answer;
use crate::extract::{QueryFields, QueryOrBody};

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
) -> Answer<HistoryAnswer> {
    let id = run_id(req.run_id, req.run_uuid)?;
    let key = req.metric_key.required("metric_key")?;
    let max_results = req.max_results.optional("max_results")?;
    if let Some(asked) = max_results.filter(|asked| *asked < 1) {
        return Err(Invalid::value("max_results", asked, ". It must be a positive integer.").into());
    }
    let page = HistoryPage {
        offset: offset(req.page_token)?,
        max_results,
    };
    let (points, has_more) = app.store.metric_history(id, key.clone(), page).await?;
    Ok(Json(HistoryAnswer {
        next_page_token: next_token(page.offset, points.len(), has_more),
        metrics: points
            .iter()
            .map(|point| MetricJson::of_history(&key, point, false))
            .collect(),
    }))
}

/// The history of one metric of several runs, up to a number of points over all of them.
pub(crate) async fn bulk_history(
    State(app): State<App>,
    QueryOrBody(req): QueryOrBody<GetHistoryBulk>,
) -> Answer<BulkHistoryAnswer> {
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
    let Some(key) = req
        .metric_key
        .optional("metric_key")?
        .filter(|key| !key.is_empty())
    else {
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
    let points = app.store.bulk_history(run_ids(&ids)?, key.clone(), limit).await?;
    Ok(Json(BulkHistoryAnswer {
        metrics: points
            .iter()
            .map(|point| MetricJson::of_history(&key, point, true))
            .collect(),
    }))
}

/// The history of one metric of several runs, sampled per run.
pub(crate) async fn sampled_history(
    State(app): State<App>,
    QueryOrBody(req): QueryOrBody<GetHistoryBulkInterval>,
) -> Answer<HistoryAnswer> {
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
        run_ids: run_ids(&ids)?,
        key: key.clone(),
        steps,
        max_results,
    };
    let points = app.store.sampled_history(query).await?;
    Ok(Json(HistoryAnswer {
        metrics: points
            .iter()
            .map(|point| MetricJson::of_history(&key, point, true))
            .collect(),
        next_page_token: None,
    }))
}
