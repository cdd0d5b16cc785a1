//! The order of a table.
//!
//! The database joins the values to sort by to the runs; they are compared here. So both databases have
//! one order, whatever their collations, and numbers that are stored as texts count as numbers.

use std::cmp::Ordering;

use oxflow_core::PARENT_RUN_TAG;
use oxflow_search::{ColumnAttribute, RunColumn};

use super::{RunTable, SortColumn};
use crate::conditions::Sql;
use crate::run_selection::attribute_sql;
use crate::{DbError, Dialect, Row, RunIdList, Tx};

/// Characters of a text that count for its place: bounds the memory of a sort.
const COMPARED_CHARS: usize = 256;

impl Tx<'_> {
    pub(crate) fn list_runs(&mut self, table: &RunTable) -> Result<RunIdList, DbError> {
        let sql = statement(self.dialect(), table);
        let mut found = Found::new(&table.sort);
        self.for_each_once(sql.text(), sql.values(), |row| found.take(row))?;
        Ok(found.sorted(&table.sort))
    }
}

/// Without an order by: the default order comes sorted out of an index, and any other is made here.
fn statement(dialect: Dialect, table: &RunTable) -> Sql {
    let mut sql = Sql::new(dialect, "SELECT r.run_uuid, r.start_time");
    for (i, key) in table.sort.iter().enumerate() {
        match &key.column {
            RunColumn::Attribute(attribute) => sql.push(", ").push(attribute_sql(*attribute)),
            RunColumn::Metric(_) => sql.push(&format!(", s{i}.value, s{i}.is_nan")),
            RunColumn::MetricStep(_) => sql.push(&format!(", s{i}.step")),
            _ => sql.push(&format!(", substr(s{i}.value, 1, {COMPARED_CHARS})")),
        };
    }
    sql.push(" FROM runs r");
    for (i, key) in table.sort.iter().enumerate() {
        if let Some((child, key)) = child_row(&key.column) {
            sql.push(&format!(
                " LEFT JOIN {child} s{i} ON s{i}.run_uuid = r.run_uuid AND s{i}.key = "
            ))
            .bind(key.to_owned());
        }
    }
    sql.push(" WHERE ");
    table.selection.push_conditions(&mut sql);
    sql
}

/// The table and the key of the row that holds the value of a column.
pub(super) fn child_row(column: &RunColumn) -> Option<(&'static str, &str)> {
    match column {
        RunColumn::Metric(key) | RunColumn::MetricStep(key) => Some(("latest_metrics", key)),
        RunColumn::Param(key) => Some(("params", key)),
        RunColumn::Tag(key) => Some(("tags", key)),
        RunColumn::Parent => Some(("tags", PARENT_RUN_TAG)),
        _ => None,
    }
}

/// What a run is ordered by in one column.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum SortValue {
    Int(i64),
    Number(f64),
    Text(Box<str>),
    NotANumber,
    Missing,
}

impl SortValue {
    fn read(row: &Row<'_>, place: &mut usize, column: &RunColumn) -> Result<Self, DbError> {
        let at = *place;
        *place += 1;
        let int = |number: Option<i64>| number.map_or(Self::Missing, Self::Int);
        Ok(match column {
            RunColumn::Metric(_) => {
                *place += 1;
                match row.real_or_null(at)? {
                    None => Self::Missing,
                    Some(_) if row.truth(at + 1)? => Self::NotANumber,
                    Some(number) => Self::Number(number),
                }
            }
            RunColumn::MetricStep(_) => int(row.int_or_null(at)?),
            RunColumn::Attribute(attribute)
                if attribute.is_time() || *attribute == ColumnAttribute::ExperimentId =>
            {
                int(row.int_or_null(at)?)
            }
            RunColumn::Attribute(_) => row.text_or_null(at)?.map_or(Self::Missing, Self::text),
            _ => row.text_or_null(at)?.map_or(Self::Missing, Self::number_or_text),
        })
    }

    fn text(text: String) -> Self {
        Self::Text(text.into())
    }

    /// Params and tags are texts; those that are numbers count as such.
    pub(super) fn number_or_text(text: String) -> Self {
        let trimmed = text.trim();
        let begins_as_number = trimmed
            .trim_start_matches(['+', '-', '.'])
            .starts_with(|c: char| c.is_ascii_digit() || matches!(c, 'i' | 'I'));
        let number = begins_as_number.then(|| trimmed.parse().ok()).flatten();
        number.map_or_else(|| Self::text(text), Self::Number)
    }

    /// Which values stand together, from the first to the last.
    fn rank(&self) -> u8 {
        match self {
            Self::Int(_) | Self::Number(_) => 0,
            Self::Text(_) => 1,
            Self::NotANumber => 2,
            Self::Missing => 3,
        }
    }

    /// NaN and missing values come last in both directions.
    pub(super) fn compare(&self, other: &Self, is_descending: bool) -> Ordering {
        let upwards = match (self, other) {
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Number(a), Self::Number(b)) => (a + 0.0).total_cmp(&(b + 0.0)),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        };
        if is_descending && self.rank() <= 1 && other.rank() <= 1 {
            upwards.reverse()
        } else {
            upwards
        }
    }
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
            values.push(SortValue::read(row, &mut place, &key.column)?);
        }
        Ok(())
    }

    fn sorted(&self, sort: &[SortColumn]) -> RunIdList {
        let count = u32::try_from(self.starts.len()).unwrap_or(u32::MAX);
        let mut order: Vec<u32> = (0..count).collect();
        order.sort_unstable_by(|a, b| self.compare(*a as usize, *b as usize, sort));
        self.ids.in_order(&order)
    }

    fn compare(&self, a: usize, b: usize, sort: &[SortColumn]) -> Ordering {
        for (values, key) in self.values.iter().zip(sort) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(texts: &[&str], is_descending: bool) -> Vec<String> {
        let mut values: Vec<SortValue> = texts
            .iter()
            .map(|text| SortValue::number_or_text((*text).to_owned()))
            .collect();
        values.sort_by(|a, b| a.compare(b, is_descending));
        values.into_iter().map(|value| format!("{value:?}")).collect()
    }

    #[test]
    fn params_that_are_numbers_sort_as_numbers_and_before_texts() {
        assert_eq!(
            ordered(
                &["b", "10", "nan", "9", "1e-3", " 2 ", "-inf", "0x1", "1_0"],
                false
            ),
            [
                "Number(-inf)",
                "Number(0.001)",
                "Number(2.0)",
                "Number(9.0)",
                "Number(10.0)",
                "Text(\"0x1\")",
                "Text(\"1_0\")",
                "Text(\"b\")",
                "Text(\"nan\")"
            ]
        );
        assert_eq!(
            ordered(&["b", "1", "a", "2"], true),
            ["Text(\"b\")", "Text(\"a\")", "Number(2.0)", "Number(1.0)"]
        );
    }

    #[test]
    fn minus_zero_is_zero() {
        let zero = SortValue::Number(-0.0).compare(&SortValue::Number(0.0), false);
        assert_eq!(zero, Ordering::Equal);
    }
}
