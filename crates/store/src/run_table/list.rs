//! The ordered list of the runs of a table.
//!
//! First the runs, then for each column to sort by that is no property of the run itself the values that they have.
//! To look a value up for each run costs about twice what it costs to read all values of the key, which is what is
//! done when the runs are most of those that have the key (100,000 runs by one metric on SQLite).
//!
//! Metrics that are in memory (`metric_columns`) are not looked up at all.
//!
//! A run that is found by a condition on a metric brings the value along, if it is that metric that the runs are sorted by.

use std::cmp::Ordering;

use oxflow_search::{Predicate, RunColumn, RunField};

use super::order::{SortValue, child_row};
use super::{RunTable, SortColumn};
use crate::conditions::Sql;
use crate::metric_columns::ColumnsInUse;
use crate::run_list::RunPlaces;
use crate::run_search::push_metric_predicate;
use crate::run_selection::attribute_sql;
use crate::{DbError, Dialect, Row, RunIdList, Tx};

/// Characters of a text that count for its place: bounds the memory of a sort.
const COMPARED_CHARS: usize = 256;

/// Runs up to this number have their values looked up one by one.
const LOOKED_UP_RUNS: usize = 2_000;

impl Tx<'_> {
    pub(crate) fn list_runs(
        &mut self,
        table: &RunTable,
        columns: &ColumnsInUse,
    ) -> Result<RunIdList, DbError> {
        let joined = Joined::of(table).filter(|joined| columns.get(joined.key).is_none());
        let sql = statement(self.dialect(), table, joined.as_ref(), columns);
        let mut found = Found::new(&table.sort, joined.as_ref().map(|joined| joined.sort));
        self.for_each_once(sql.text(), sql.values(), |row| found.take(row))?;
        let mut places = None;
        for (i, sort) in table.sort.iter().enumerate() {
            if found.joined == Some(i) {
                continue;
            }
            if let RunColumn::Metric(key) = &sort.column
                && let Some(column) = columns.get(key)
            {
                let values = found.ids.iter().map(|id| SortValue::of_metric(column.get(id)));
                found.values[i] = values.collect();
            } else if let Some((child, key)) = child_row(&sort.column) {
                let places = places.get_or_insert_with(|| found.ids.places());
                found.values[i] = self.values_of(&found.ids, places, &sort.column, child, key)?;
            }
        }
        Ok(found.sorted())
    }

    /// What each run of a list has in a column.
    fn values_of(
        &mut self,
        ids: &RunIdList,
        places: &RunPlaces,
        column: &RunColumn,
        child: &str,
        key: &str,
    ) -> Result<Vec<SortValue>, DbError> {
        let mut values = vec![SortValue::Missing; ids.len()];
        if ids.is_empty() {
            return Ok(values);
        }
        let mut sql = Sql::new(self.dialect(), "SELECT c.run_uuid, ");
        match column {
            RunColumn::Metric(_) => sql.push("c.value, c.is_nan"),
            RunColumn::MetricStep(_) => sql.push("c.step"),
            _ => sql.push(&format!("substr(c.value, 1, {COMPARED_CHARS})")),
        };
        if self.has_mostly_these(ids, child, key)? {
            sql.push(&format!(" FROM {child} c WHERE c.key = "))
                .bind(key.to_owned());
        } else {
            sql.push(" FROM ")
                .ids_with_position(ids.window(0, ids.len()))
                .push(&format!(
                    " page CROSS JOIN {child} c WHERE c.run_uuid = page.id AND c.key = "
                ))
                .bind(key.to_owned());
        }
        self.for_each_once(sql.text(), sql.values(), |row| {
            if let Some(place) = places.get(row.text_in_place(0)?) {
                values[place] = SortValue::read(row, 1, column)?;
            }
            Ok(())
        })?;
        Ok(values)
    }

    /// Whether the runs of a list are half of the runs that have a key, or more.
    fn has_mostly_these(&mut self, ids: &RunIdList, child: &str, key: &str) -> Result<bool, DbError> {
        if ids.len() <= LOOKED_UP_RUNS {
            return Ok(false);
        }
        let too_many = i64::try_from(ids.len()).unwrap_or(i64::MAX / 4) * 2 + 1;
        let sql = format!("SELECT COUNT(*) FROM (SELECT 1 FROM {child} WHERE key = $1 LIMIT $2) counted");
        let count = self.query_first(&sql, &[key.into(), too_many.into()], |row| row.int(0))?;
        Ok(count.unwrap_or(0) < too_many)
    }
}

/// A metric that a condition of the filter wants the runs to have, and that they are sorted by: one lookup serves both.
pub(super) struct Joined<'t> {
    key: &'t str,
    predicate: &'t Predicate,
    /// The place of the condition in the filter.
    condition: usize,
    /// The place of the column in the order.
    sort: usize,
}

impl<'t> Joined<'t> {
    pub(super) fn of(table: &'t RunTable) -> Option<Self> {
        let sort_by = |wanted: &str| {
            let mut columns = table.sort.iter();
            columns.position(|sort| matches!(&sort.column, RunColumn::Metric(key) if key == wanted))
        };
        let mut filter = table.selection.filter.iter().enumerate();
        filter.find_map(|(condition, wanted)| match &wanted.field {
            RunField::Metric(key) => Some(Self {
                key,
                predicate: &wanted.predicate,
                condition,
                sort: sort_by(key)?,
            }),
            _ => None,
        })
    }
}

/// Without an order: the default one comes sorted out of an index, and any other is made here.
pub(super) fn statement(
    dialect: Dialect,
    table: &RunTable,
    joined: Option<&Joined<'_>>,
    columns: &ColumnsInUse,
) -> Sql {
    let mut sql = Sql::new(dialect, "SELECT r.run_uuid, r.start_time").with_columns(columns);
    for (i, key) in table.sort.iter().enumerate() {
        match key.column {
            RunColumn::Attribute(attribute) => sql.push(", ").push(attribute_sql(attribute)),
            _ if joined.is_some_and(|joined| joined.sort == i) => sql.push(", m.value, m.is_nan"),
            _ => continue,
        };
    }
    let Some(joined) = joined else {
        sql.push(" FROM runs r WHERE ");
        table.selection.push_conditions(&mut sql);
        return sql;
    };
    // In this order: with the runs of the metric outside SQLite would look up runs of all experiments.
    sql.push(" FROM runs r CROSS JOIN latest_metrics m WHERE m.run_uuid = r.run_uuid AND m.key = ")
        .bind(joined.key.to_owned());
    push_metric_predicate(&mut sql, joined.predicate);
    sql.push(" AND ");
    let mut rest = table.selection.clone();
    rest.filter.remove(joined.condition);
    rest.push_conditions(&mut sql);
    sql
}

/// The runs that were found, column by column.
struct Found<'s> {
    sort: &'s [SortColumn],
    ids: RunIdList,
    starts: Vec<Option<i64>>,
    values: Vec<Vec<SortValue>>,
    /// The column whose values come with the runs, though they are in another table.
    joined: Option<usize>,
}

impl<'s> Found<'s> {
    fn new(sort: &'s [SortColumn], joined: Option<usize>) -> Self {
        Self {
            sort,
            ids: RunIdList::default(),
            starts: Vec::new(),
            values: vec![Vec::new(); sort.len()],
            joined,
        }
    }

    fn take(&mut self, row: &Row<'_>) -> Result<(), DbError> {
        if self.starts.len() == u32::MAX as usize {
            return Err(DbError::unexpected("more runs than a table can have".to_owned()));
        }
        self.ids.push(row.text_in_place(0)?);
        self.starts.push(row.int_or_null(1)?);
        let mut place = 2;
        for (i, (values, key)) in self.values.iter_mut().zip(self.sort).enumerate() {
            if let RunColumn::Attribute(_) = key.column {
                values.push(SortValue::read(row, place, &key.column)?);
                place += 1;
            } else if self.joined == Some(i) {
                values.push(SortValue::read(row, place, &key.column)?);
                place += 2;
            }
        }
        Ok(())
    }

    fn sorted(&self) -> RunIdList {
        let count = u32::try_from(self.starts.len()).unwrap_or(u32::MAX);
        let mut order: Vec<u32> = (0..count).collect();
        order.sort_unstable_by(|a, b| self.compare(*a as usize, *b as usize));
        self.ids.in_order(&order)
    }

    fn compare(&self, a: usize, b: usize) -> Ordering {
        for (values, key) in self.values.iter().zip(self.sort) {
            let by_value = values[a].compare(&values[b], key.is_descending);
            if by_value != Ordering::Equal {
                return by_value;
            }
        }
        // Latest first; `None` is less than any start, so it comes last.
        let by_start = self.starts[b].cmp(&self.starts[a]);
        by_start.then_with(|| self.ids.compare(a, b))
    }
}
