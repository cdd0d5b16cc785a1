//! Searching logged models.

use axum::Json;
use axum::extract::State;
use oxflow_core::limits::{
    DEFAULT_LOGGED_MODEL_SEARCH_RESULTS, MAX_METRIC_DATASET_PAIRS, MAX_ORDER_BY_KEYS, MAX_SEARCH_RESULTS,
};
use oxflow_core::{ErrorCode, Invalid};
use oxflow_search::{
    LoggedModelField, LoggedModelOrderBy, LoggedModelToken, parse_logged_model_filter,
    parse_logged_model_order_field,
};
use oxflow_store::{DatasetFilter, LoggedModelOrder, LoggedModelSearch};
use oxflow_wire::{Field, LoggedModelsFound, SearchDataset, SearchLoggedModels, SearchOrder};

use super::fields::experiment_ids;
use crate::answer::Answer;
use crate::extract::JsonBody;
use crate::{ApiError, App};

/// Rows when a page of 0 is asked. MLflow 3.17.
const RESULTS_FOR_ZERO: i64 = 100;

/// Searches logged models of experiments.
pub(crate) async fn search(
    State(app): State<App>,
    JsonBody(req): JsonBody<SearchLoggedModels>,
) -> Answer<LoggedModelsFound> {
    let raw_ids = req
        .experiment_ids
        .sent("experiment_ids")?
        .texts("experiment_ids")?;
    let filter = req.filter.optional("filter")?.filter(|filter| !filter.is_empty());
    let mut datasets = Vec::new();
    for dataset in req.datasets.objects("datasets")? {
        datasets.push(dataset_filter(dataset)?);
    }
    let max_results = match req.max_results.optional("max_results")? {
        None => DEFAULT_LOGGED_MODEL_SEARCH_RESULTS,
        Some(0) => RESULTS_FOR_ZERO,
        Some(asked) if asked < 0 => {
            return Err(Invalid::value("max_results", asked, ". It must be a positive integer").into());
        }
        Some(asked) => asked.min(MAX_SEARCH_RESULTS),
    };
    let mut keys = Vec::new();
    for (i, order) in req.order_by.objects("order_by")?.into_iter().enumerate() {
        keys.push(order_key(order, i)?);
    }
    if keys.len() > MAX_ORDER_BY_KEYS {
        return Err(Invalid::new(format!(
            "order_by has {} keys; at most {MAX_ORDER_BY_KEYS} are accepted",
            keys.len()
        ))
        .into());
    }
    let order_by = keys.iter().map(order).collect::<Result<_, ApiError>>()?;
    let mut token = LoggedModelToken {
        experiment_ids: raw_ids.clone(),
        filter_string: filter.clone(),
        order_by: Some(keys).filter(|keys| !keys.is_empty()),
        offset: 0,
    };
    if let Some(earlier) = req.page_token.optional("page_token")? {
        token.resume(&earlier)?;
    }
    let conditions = parse_logged_model_filter(filter.as_deref().unwrap_or(""))?;
    let pairs = datasets.len() * conditions.len().max(1);
    if pairs > MAX_METRIC_DATASET_PAIRS {
        return Err(Invalid::new(format!(
            "a search may combine at most {MAX_METRIC_DATASET_PAIRS} pairs of conditions and datasets; this one has {pairs}"
        ))
        .into());
    }
    let search = LoggedModelSearch {
        experiment_ids: experiment_ids(&raw_ids)?,
        filter: conditions,
        datasets,
        order_by,
        max_results,
        offset: i64::try_from(token.offset).unwrap_or(i64::MAX),
    };
    let (found, has_more) = app.store.search_logged_models(search).await?;
    token.offset += found.len() as u64;
    Ok(Json(LoggedModelsFound {
        models: found.into_iter().map(Into::into).collect(),
        next_page_token: has_more.then(|| token.encode()),
    }))
}

fn dataset_filter(dataset: SearchDataset) -> Result<DatasetFilter, Invalid> {
    let Some(name) = optional_text(dataset.dataset_name, "dataset_name")? else {
        return Err(Invalid::new(
            "`dataset_name` in the `datasets` clause must be specified.",
        ));
    };
    Ok(DatasetFilter {
        name,
        digest: optional_text(dataset.dataset_digest, "dataset_digest")?,
    })
}

fn order_key(order: SearchOrder, i: usize) -> Result<LoggedModelOrderBy, Invalid> {
    Ok(LoggedModelOrderBy {
        field_name: order
            .field_name
            .optional(&format!("order_by[{i}].field_name"))?
            .unwrap_or_default(),
        ascending: order
            .ascending
            .optional(&format!("order_by[{i}].ascending"))?
            .unwrap_or(true),
        dataset_name: optional_text(order.dataset_name, "dataset_name")?,
        dataset_digest: optional_text(order.dataset_digest, "dataset_digest")?,
    })
}

fn order(key: &LoggedModelOrderBy) -> Result<LoggedModelOrder, ApiError> {
    let dataset = key.dataset_name.clone().map(|name| DatasetFilter {
        name,
        digest: key.dataset_digest.clone(),
    });
    Ok(LoggedModelOrder {
        field: order_field(&key.field_name)?,
        ascending: key.ascending,
        dataset,
    })
}

/// MLflow has a code of its own for an attribute that does not exist.
fn order_field(name: &str) -> Result<LoggedModelField, ApiError> {
    parse_logged_model_order_field(name).map_err(|error| {
        if name.contains('.') {
            error.into()
        } else {
            ApiError::new(ErrorCode::AttributeNotFound, error.message())
        }
    })
}

fn optional_text(field: Field<String>, name: &str) -> Result<Option<String>, Invalid> {
    Ok(field.optional(name)?.filter(|text| !text.is_empty()))
}
