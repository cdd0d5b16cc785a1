//! Runs by the values of params or tags, with their metrics summarised.
//!
//! Two statements whatever the number of groups: the groups of the runs, and the metrics of the runs. The
//! median needs all values of a group, so they are summarised here.

use std::collections::HashMap;

use oxflow_core::{Invalid, MetricValue, RunStatus};
use oxflow_search::{ColumnAttribute, RunColumn};

use super::order::{SortValue, child_row};
use super::summary::Summary;
use crate::conditions::Sql;
use crate::run_list::RunPlaces;
use crate::run_selection::attribute_sql;
use crate::{DbError, Dialect, Result, Row, RunIdList, RunSelection, Store};

/// A table of groups of runs.
#[derive(Debug, Clone)]
pub struct GroupQuery {
    /// Which runs.
    pub selection: RunSelection,
    /// What makes a group; see [`GroupQuery::check_group`].
    pub group: Vec<RunColumn>,
    /// Keys of the metrics that are summarised.
    pub metrics: Vec<String>,
    /// Order, before the tie-break (most runs first, then values).
    pub sort: Vec<GroupSort>,
    /// Groups to skip.
    pub offset: usize,
    /// Groups on the page.
    pub limit: usize,
}

/// What groups are ordered by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupSort {
    /// What.
    pub by: GroupSortBy,
    /// Whether the greatest come first. Groups without a value come last anyway.
    pub is_descending: bool,
}

/// What groups are ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupSortBy {
    /// How many runs they have.
    Count,
    /// A column of the group, by its place.
    Group(usize),
    /// A number about a metric, by its place.
    Metric(usize, Aggregate),
}

/// A number about the values of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Aggregate {
    Mean,
    Std,
    Median,
    Min,
    Max,
}

/// A group of runs.
#[derive(Debug, Clone, PartialEq)]
pub struct RunGroup {
    /// What its runs have in common; `None` is no value.
    pub values: Vec<Option<String>>,
    /// How many runs.
    pub count: i64,
    /// How many of them are running.
    pub running: i64,
    /// The metrics, in the order of the question; `None` if no run has it.
    pub metrics: Vec<Option<Summary>>,
}

/// A page of groups.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GroupsFound {
    /// All runs.
    pub total: usize,
    /// All groups.
    pub total_groups: usize,
    /// The groups of the page.
    pub groups: Vec<RunGroup>,
}

impl GroupQuery {
    /// Refuses columns that make no groups.
    pub fn check_group(column: &RunColumn) -> Result<(), Invalid> {
        match column {
            RunColumn::Attribute(attribute) if !attribute.is_time() => Ok(()),
            RunColumn::Param(_) | RunColumn::Tag(_) | RunColumn::Parent => Ok(()),
            other => Err(Invalid::new(format!(
                "Runs cannot be grouped by column {:?}",
                other.to_string()
            ))),
        }
    }
}

impl Store {
    /// A page of groups; all runs of each group count.
    pub async fn group_runs(&self, query: GroupQuery) -> Result<GroupsFound> {
        self.read(move |tx| {
            let mut groups = Groups::of_metrics(query.metrics.len());
            let sql = group_statement(tx.dialect(), &query);
            tx.for_each_once(sql.text(), sql.values(), |row| groups.take(row, &query))?;
            if !query.metrics.is_empty() {
                let runs = groups.ids.places();
                let sql = metric_statement(tx.dialect(), &query);
                tx.for_each_once(sql.text(), sql.values(), |row| {
                    groups.take_metric(row, &runs, &query)
                })?;
            }
            Ok(groups.page(&query))
        })
        .await
    }
}

pub(super) fn group_statement(dialect: Dialect, query: &GroupQuery) -> Sql {
    let mut sql = Sql::new(dialect, "SELECT r.run_uuid, r.status");
    for (i, column) in query.group.iter().enumerate() {
        match column {
            RunColumn::Attribute(ColumnAttribute::ExperimentId) => {
                sql.push(", CAST(r.experiment_id AS TEXT)")
            }
            RunColumn::Attribute(attribute) => sql.push(", ").push(attribute_sql(*attribute)),
            _ => sql.push(&format!(", g{i}.value")),
        };
    }
    sql.push(" FROM runs r");
    for (i, column) in query.group.iter().enumerate() {
        if let Some((child, key)) = child_row(column) {
            sql.push(&format!(
                " LEFT JOIN {child} g{i} ON g{i}.run_uuid = r.run_uuid AND g{i}.key = "
            ))
            .bind(key.to_owned());
        }
    }
    sql.push(" WHERE ");
    query.selection.push_conditions(&mut sql);
    sql
}

/// The runs come in the order of their ids: so the index of each metric is read from one end to the other, and not each page as
/// often as runs are on it (100,000 runs with three metrics on SQLite: two thirds of the CPU). `LIMIT` keeps both databases
/// from forgetting the order.
pub(super) fn metric_statement(dialect: Dialect, query: &GroupQuery) -> Sql {
    let mut sql = Sql::new(
        dialect,
        "SELECT c.run_uuid, c.key, c.value, c.is_nan FROM (SELECT r.run_uuid FROM runs r WHERE ",
    );
    query.selection.push_conditions(&mut sql);
    sql.push(&format!(
        " ORDER BY r.run_uuid LIMIT {}) listed CROSS JOIN latest_metrics c WHERE c.run_uuid = listed.run_uuid AND c.key",
        i64::MAX
    ))
    .is_among(query.metrics.clone().into(), false);
    sql
}

/// Groups that are being collected.
#[derive(Default)]
struct Groups {
    groups: Vec<RunGroup>,
    place_of_values: HashMap<Vec<Option<String>>, u32>,
    /// The runs, with the group of each.
    ids: RunIdList,
    group_of_run: Vec<u32>,
    /// Of each metric, the values of the runs that have it, each with its group: 16 bytes a value however many
    /// groups there are.
    metrics: Vec<Vec<(u32, f64)>>,
}

impl Groups {
    fn of_metrics(metrics: usize) -> Self {
        Self {
            metrics: vec![Vec::new(); metrics],
            ..Self::default()
        }
    }

    fn take(&mut self, row: &Row<'_>, query: &GroupQuery) -> Result<(), DbError> {
        let mut values = Vec::with_capacity(query.group.len());
        for i in 0..query.group.len() {
            values.push(row.text_or_null(i + 2)?);
        }
        let place = match self.place_of_values.get(&values) {
            Some(place) => *place,
            None => {
                let place = u32::try_from(self.groups.len())
                    .map_err(|_| DbError::unexpected("more groups than a table can have".to_owned()))?;
                self.groups.push(RunGroup {
                    values: values.clone(),
                    count: 0,
                    running: 0,
                    metrics: Vec::new(),
                });
                self.place_of_values.insert(values, place);
                place
            }
        };
        let group = &mut self.groups[place as usize];
        group.count += 1;
        if row.text_in_place_or_null(1)? == Some(RunStatus::Running.as_str()) {
            group.running += 1;
        }
        self.ids.push(row.text_in_place(0)?);
        self.group_of_run.push(place);
        Ok(())
    }

    fn take_metric(&mut self, row: &Row<'_>, runs: &RunPlaces, query: &GroupQuery) -> Result<(), DbError> {
        let Some(run) = runs.get(row.text_in_place(0)?) else {
            return Ok(());
        };
        let key = row.text_in_place(1)?;
        let value = MetricValue {
            stored: row.real(2)?,
            is_nan: row.truth(3)?,
        };
        if let Some(metric) = query.metrics.iter().position(|other| *other == key) {
            self.metrics[metric].push((self.group_of_run[run], value.logged()));
        }
        Ok(())
    }

    /// All groups are summed up for the metrics that they are ordered by, those of the page for the others.
    fn page(mut self, query: &GroupQuery) -> GroupsFound {
        for values in &mut self.metrics {
            values.sort_unstable_by_key(|(group, _)| *group);
        }
        let mut order: Vec<usize> = (0..self.groups.len()).collect();
        let known = self.ordering_summaries(query);
        let get = |place: usize, group: usize| known.get(&place).and_then(|of| of[group].as_ref());
        order.sort_unstable_by(|a, b| {
            compare(
                (&self.groups[*a], &|place| get(place, *a)),
                (&self.groups[*b], &|place| get(place, *b)),
                &query.sort,
            )
        });
        let page = order.iter().skip(query.offset).take(query.limit);
        let groups = page.map(|place| RunGroup {
            metrics: self.metrics.iter().map(|of| summary_of(of, *place)).collect(),
            ..self.groups[*place].clone()
        });
        GroupsFound {
            total: self.ids.len(),
            total_groups: self.groups.len(),
            groups: groups.collect(),
        }
    }

    /// Of the metrics that groups are ordered by, the summary of each group.
    fn ordering_summaries(&self, query: &GroupQuery) -> HashMap<usize, Vec<Option<Summary>>> {
        let places = query.sort.iter().filter_map(|sort| match sort.by {
            GroupSortBy::Metric(place, _) => Some((place, self.metrics.get(place)?)),
            _ => None,
        });
        let summaries = |of: &[(u32, f64)]| {
            (0..self.groups.len())
                .map(|group| summary_of(of, group))
                .collect()
        };
        places.map(|(place, of)| (place, summaries(of))).collect()
    }
}

/// The summary of one group, of values that stand in the order of their groups.
fn summary_of(values: &[(u32, f64)], group: usize) -> Option<Summary> {
    let start = values.partition_point(|(other, _)| (*other as usize) < group);
    let of_group = values[start..]
        .iter()
        .take_while(|(other, _)| *other as usize == group)
        .map(|(_, value)| *value);
    Summary::of(of_group.collect())
}

/// A group, and its summary of a metric by its place.
type Compared<'g> = (&'g RunGroup, &'g dyn Fn(usize) -> Option<&'g Summary>);

fn compare(a: Compared<'_>, b: Compared<'_>, sort: &[GroupSort]) -> std::cmp::Ordering {
    let value = |group: &RunGroup, place: usize| match group.values.get(place) {
        Some(Some(text)) => SortValue::number_or_text(text.clone()),
        _ => SortValue::Missing,
    };
    let mut order = std::cmp::Ordering::Equal;
    for key in sort {
        let sort_value = |(group, summary): Compared<'_>| match key.by {
            GroupSortBy::Count => SortValue::Int(group.count),
            GroupSortBy::Group(place) => value(group, place),
            GroupSortBy::Metric(place, aggregate) => {
                let number = summary(place).and_then(|summary| summary.get(aggregate));
                number.map_or(SortValue::Missing, SortValue::Number)
            }
        };
        order = order.then_with(|| sort_value(a).compare(&sort_value(b), key.is_descending));
    }
    let (a, b) = (a.0, b.0);
    let by_value = |place| value(a, place).compare(&value(b, place), false);
    order
        .then_with(|| b.count.cmp(&a.count))
        .then_with(|| {
            (0..a.values.len())
                .map(by_value)
                .find(|order| order.is_ne())
                .unwrap_or(std::cmp::Ordering::Equal)
        })
        .then_with(|| a.values.cmp(&b.values))
}
