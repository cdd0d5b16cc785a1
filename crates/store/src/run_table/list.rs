//! The ordered list of the runs of a table.
//!
//! First the runs, then for each column to sort by that is no property of the run itself the values that they have.
//! To look a value up for each run costs about twice what it costs to read all values of the key, which is what is
//! done when the runs are most of those that have the key (100,000 runs by one metric on SQLite).

use std::cmp::Ordering;

use oxflow_search::RunColumn;

use super::order::{SortValue, child_row};
use super::{RunTable, SortColumn};
use crate::conditions::Sql;
use crate::run_list::RunPlaces;
use crate::run_selection::attribute_sql;
use crate::{DbError, Dialect, Row, RunIdList, Tx};

/// Characters of a text that count for its place: bounds the memory of a sort.
const COMPARED_CHARS: usize = 256;

/// Runs up to this number have their values looked up one by one.
const LOOKED_UP_RUNS: usize = 2_000;

impl Tx<'_> {
    pub(crate) fn list_runs(&mut self, table: &RunTable) -> Result<RunIdList, DbError> {
        let sql = statement(self.dialect(), table);
        let mut found = Found::new(&table.sort);
        self.for_each_once(sql.text(), sql.values(), |row| found.take(row))?;
        let mut places = None;
        for (i, sort) in table.sort.iter().enumerate() {
            if let Some((child, key)) = child_row(&sort.column) {
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
            if let Some(place) = places.get(&row.text(0)?) {
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

/// Without an order: the default one comes sorted out of an index, and any other is made here.
fn statement(dialect: Dialect, table: &RunTable) -> Sql {
    let mut sql = Sql::new(dialect, "SELECT r.run_uuid, r.start_time");
    for key in &table.sort {
        if let RunColumn::Attribute(attribute) = key.column {
            sql.push(", ").push(attribute_sql(attribute));
        }
    }
    sql.push(" FROM runs r WHERE ");
    table.selection.push_conditions(&mut sql);
    sql
}

/// The runs that were found, column by column.
struct Found<'s> {
    sort: &'s [SortColumn],
    ids: RunIdList,
    starts: Vec<Option<i64>>,
    values: Vec<Vec<SortValue>>,
}

impl<'s> Found<'s> {
    fn new(sort: &'s [SortColumn]) -> Self {
        Self {
            sort,
            ids: RunIdList::default(),
            starts: Vec::new(),
            values: vec![Vec::new(); sort.len()],
        }
    }

    fn take(&mut self, row: &Row<'_>) -> Result<(), DbError> {
        if self.starts.len() == u32::MAX as usize {
            return Err(DbError::unexpected("more runs than a table can have".to_owned()));
        }
        self.ids.push(&row.text(0)?);
        self.starts.push(row.int_or_null(1)?);
        let mut place = 2;
        for (values, key) in self.values.iter_mut().zip(self.sort) {
            if let RunColumn::Attribute(_) = key.column {
                values.push(SortValue::read(row, place, &key.column)?);
                place += 1;
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
