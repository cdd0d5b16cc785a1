//! What runs have: keys, values, and groups with the same values.

use axum::extract::State;
use axum::response::Response;
use oxflow_core::limits::{
    MAX_COUNTED_RUNS, MAX_GROUP_COLUMNS, MAX_GROUPED_METRICS, MAX_LISTED_KEYS, MAX_LISTED_VALUES,
    MAX_SEARCH_CHARS, MAX_SORT_COLUMNS,
};
use oxflow_core::{ExperimentId, Invalid, check_length};
use oxflow_search::RunColumn;
use oxflow_store::{
    Aggregate, GroupQuery, GroupSort, GroupSortBy, KeyQuery, KeyTable, KeyUse, RunGroup, RunSelection,
    Summary, ValueQuery,
};
use oxflow_wire::{
    DatasetRunsJson, Double, Field, GroupJson, GroupsAnswer, GroupsRequest, KeyJson, KeysAnswer, KeysRequest,
    List, MetricSummary, Object, SortBy, ValueRuns, ValuesAnswer, ValuesRequest,
};

use super::fields::experiment_ids;
use super::run_tables::rows;
use super::selection::{column, columns, selection, view};
use crate::answer::large;
use crate::extract::{AnyJsonBody, QueryFields, QueryFieldsOf};
use crate::{ApiError, App};

impl QueryFields for ValuesRequest {}

/// Which metrics, params, tags and datasets the runs have.
pub(crate) async fn keys(
    State(app): State<App>,
    AnyJsonBody(req): AnyJsonBody<KeysRequest>,
) -> Result<Response, ApiError> {
    let (kinds, with_datasets) = kinds(req.kinds)?;
    let query = KeyQuery {
        selection: selection(req.selection)?,
        kinds,
        with_datasets,
        contains: contains(req.contains)?,
        limit: limit(req.limit.optional("limit")?, MAX_LISTED_KEYS, MAX_LISTED_KEYS)?,
        exact_runs: MAX_COUNTED_RUNS,
    };
    let mut found = app.store.run_keys(query).await?;
    let mut of_kind = |kind| {
        let keys = found.keys.remove(&kind);
        keys.map(|keys| keys.into_iter().map(key_json).collect())
    };
    let answer = KeysAnswer {
        metrics: of_kind(KeyTable::Metrics),
        params: of_kind(KeyTable::Params),
        tags: of_kind(KeyTable::Tags),
        total_runs: found.total_runs,
        sampled: found.is_sampled,
        datasets: with_datasets.then(|| {
            let datasets = found.datasets.into_iter().map(|dataset| DatasetRunsJson {
                name: dataset.name,
                digest: dataset.digest,
                runs: dataset.runs,
            });
            datasets.collect()
        }),
    };
    large(answer).await
}

fn key_json(found: KeyUse) -> KeyJson {
    KeyJson {
        key: found.key,
        runs: found.runs,
        differs: found.differs,
    }
}

/// The kinds that were asked for, all if none was, and whether datasets are among them.
fn kinds(list: List<Field<String>>) -> Result<(Vec<KeyTable>, bool), Invalid> {
    let names = list.texts("kinds")?;
    if names.is_empty() {
        return Ok((vec![KeyTable::Metrics, KeyTable::Params, KeyTable::Tags], true));
    }
    let (mut kinds, mut with_datasets) = (Vec::new(), false);
    for name in names {
        let kind = match name.as_str() {
            "metric" => KeyTable::Metrics,
            "param" => KeyTable::Params,
            "tag" => KeyTable::Tags,
            "dataset" => {
                with_datasets = true;
                continue;
            }
            _ => {
                let message = format!("Unknown kind {name:?}. It must be metric, param, tag or dataset");
                return Err(Invalid::new(message));
            }
        };
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    Ok((kinds, with_datasets))
}

fn contains(field: Field<String>) -> Result<String, Invalid> {
    let contains = field.optional("contains")?.unwrap_or_default();
    check_length("contains", MAX_SEARCH_CHARS, &contains)?;
    Ok(contains)
}

fn limit(asked: Option<i64>, default: i64, most: i64) -> Result<usize, Invalid> {
    let asked = asked.unwrap_or(default);
    match usize::try_from(asked) {
        Ok(limit) if (1..=most).contains(&asked) => Ok(limit),
        _ => Err(Invalid::value(
            "limit",
            asked,
            &format!(". It must be 1 to {most}"),
        )),
    }
}

/// Values when nothing is asked.
const DEFAULT_VALUES: i64 = 50;

/// Values of one column, for completion.
pub(crate) async fn values(
    State(app): State<App>,
    QueryFieldsOf(req): QueryFieldsOf<ValuesRequest>,
) -> Result<Response, ApiError> {
    let experiments: Vec<String> = req
        .experiments
        .required("experiments")?
        .split(',')
        .map(str::to_owned)
        .collect();
    let experiments: Vec<ExperimentId> = experiment_ids(&experiments)?;
    let limit = limit(req.limit.optional("limit")?, DEFAULT_VALUES, MAX_LISTED_VALUES)?;
    let query = ValueQuery::new(
        RunSelection::of_experiments(experiments, view(req.view)?),
        column(&req.column.required("column")?)?,
        contains(req.contains)?,
        limit,
    )?;
    let found = app.store.run_values(query).await?;
    let values = found.into_iter().map(|(value, runs)| ValueRuns { value, runs });
    large(ValuesAnswer {
        values: values.collect(),
    })
    .await
}

/// Runs by the values of params or tags.
pub(crate) async fn groups(
    State(app): State<App>,
    AnyJsonBody(req): AnyJsonBody<GroupsRequest>,
) -> Result<Response, ApiError> {
    let selection = selection(req.selection)?;
    let group = group(req.group)?;
    let shown = metrics(req.columns)?;
    let mut metrics = shown.clone();
    let sort = group_sort(req.sort, &group, &mut metrics)?;
    if metrics.len() > MAX_GROUPED_METRICS {
        let message = format!(
            "At most {MAX_GROUPED_METRICS} metrics are summarised; this asks for {}",
            metrics.len()
        );
        return Err(Invalid::new(message).into());
    }
    let (offset, limit) = rows(req.offset.optional("offset")?, req.limit.optional("limit")?)?;
    let query = GroupQuery {
        selection,
        group,
        metrics,
        sort,
        offset,
        limit,
    };
    let found = app.store.group_runs(query).await?;
    let groups = found.groups.into_iter().map(|group| group_json(group, &shown));
    large(GroupsAnswer {
        total: found.total,
        total_groups: found.total_groups,
        offset,
        groups: groups.collect(),
    })
    .await
}

fn group(list: List<Field<String>>) -> Result<Vec<RunColumn>, Invalid> {
    let names = list.texts("group")?;
    if names.is_empty() || names.len() > MAX_GROUP_COLUMNS {
        return Err(Invalid::new(format!(
            "'group' must have 1 to {MAX_GROUP_COLUMNS} columns"
        )));
    }
    let mut group = Vec::new();
    for name in names {
        let column = column(&name)?;
        GroupQuery::check_group(&column)?;
        group.push(column);
    }
    Ok(group)
}

/// The keys of the metrics that are shown of groups.
fn metrics(list: List<Field<String>>) -> Result<Vec<String>, Invalid> {
    let key = |column| match column {
        RunColumn::Metric(key) => Ok(key),
        other => Err(Invalid::new(format!(
            "Column {:?} is not shown of groups; metrics are",
            other.to_string()
        ))),
    };
    columns(list)?.into_iter().map(key).collect()
}

/// The order of groups. Metrics that are sorted by are summarised too.
fn group_sort(
    list: List<Object<SortBy>>,
    group: &[RunColumn],
    metrics: &mut Vec<String>,
) -> Result<Vec<GroupSort>, Invalid> {
    let list = list.objects("sort")?;
    if list.len() > MAX_SORT_COLUMNS {
        let message = format!(
            "'sort' has {} columns; at most {MAX_SORT_COLUMNS} are accepted",
            list.len()
        );
        return Err(Invalid::new(message));
    }
    let mut sort = Vec::new();
    for (i, by) in list.into_iter().enumerate() {
        let name = by.column.required(&format!("sort[{i}].column"))?;
        let is_descending = by
            .descending
            .optional(&format!("sort[{i}].descending"))?
            .unwrap_or(false);
        let aggregate = aggregate(by.aggregate, &format!("sort[{i}].aggregate"))?;
        sort.push(GroupSort {
            by: sorted_by(&name, aggregate, group, metrics)?,
            is_descending,
        });
    }
    Ok(sort)
}

fn sorted_by(
    name: &str,
    aggregate: Aggregate,
    group: &[RunColumn],
    metrics: &mut Vec<String>,
) -> Result<GroupSortBy, Invalid> {
    if name == "count" {
        return Ok(GroupSortBy::Count);
    }
    let column = column(name)?;
    if let Some(place) = group.iter().position(|other| *other == column) {
        return Ok(GroupSortBy::Group(place));
    }
    let RunColumn::Metric(key) = column else {
        return Err(Invalid::new(format!(
            "Groups are sorted by count, by one of their columns or by a metric, not by {name:?}"
        )));
    };
    let place = metrics.iter().position(|other| *other == key).unwrap_or_else(|| {
        metrics.push(key);
        metrics.len() - 1
    });
    Ok(GroupSortBy::Metric(place, aggregate))
}

fn aggregate(field: Field<String>, name: &str) -> Result<Aggregate, Invalid> {
    Ok(match field.optional(name)?.as_deref() {
        None | Some("mean") => Aggregate::Mean,
        Some("std") => Aggregate::Std,
        Some("median") => Aggregate::Median,
        Some("min") => Aggregate::Min,
        Some("max") => Aggregate::Max,
        Some(_) => {
            return Err(Invalid::new(format!(
                "'{name}' must be mean, std, median, min or max"
            )));
        }
    })
}

fn group_json(group: RunGroup, shown: &[String]) -> GroupJson {
    let summaries = shown.iter().zip(group.metrics);
    let metrics = summaries.filter_map(|(key, summary)| {
        let column = RunColumn::Metric(key.clone()).to_string();
        summary.map(|summary| (column, summary_json(&summary)))
    });
    GroupJson {
        values: group.values,
        count: group.count,
        running: group.running,
        metrics: metrics.collect(),
    }
}

fn summary_json(summary: &Summary) -> MetricSummary {
    MetricSummary {
        count: summary.count,
        mean: summary.mean.map(Double),
        std: summary.std.map(Double),
        stderr: summary.stderr.map(Double),
        median: summary.median.map(Double),
        min: summary.min.map(Double),
        max: summary.max.map(Double),
        nan: summary.nan,
    }
}
