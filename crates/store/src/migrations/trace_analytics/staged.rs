//! Values on their way into the new columns, a page of rows at a time.

use crate::driver::BulkInsert;
use crate::{DbError, Dialect, Row, Tx, Value};

/// Rows that are read, worked out and written together.
const PAGE: i64 = 500;

/// The values worked out for rows, on their way into the columns.
pub(super) struct Staged {
    pub(super) insert: BulkInsert,
    pub(super) create: &'static str,
    pub(super) update: &'static str,
}

impl Staged {
    pub(super) fn create(&self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        tx.batch(self.create)
    }

    pub(super) fn apply<const N: usize>(
        &self,
        tx: &mut Tx<'_>,
        rows: Vec<[Value<'_>; N]>,
    ) -> Result<(), DbError> {
        if rows.is_empty() {
            return Ok(());
        }
        tx.insert_many(&self.insert, rows)?;
        tx.batch(self.update)?;
        // In PostgreSQL deleted rows stay until the transaction ends, and are read again for each page.
        let empty = match tx.dialect() {
            Dialect::Sqlite => "DELETE FROM",
            Dialect::Postgres => "TRUNCATE",
        };
        tx.batch(&format!("{empty} {}", self.insert.table))
    }

    pub(super) fn discard(&self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        tx.batch(&format!("DROP TABLE {}", self.insert.table))
    }
}

/// New columns are NULL already.
pub(super) fn says_something(values: &[Value<'_>]) -> bool {
    values.iter().any(|value| *value != Value::Null)
}

pub(super) fn first_chars(text: &str, count: usize) -> &str {
    match text.char_indices().nth(count) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

/// The rows behind the last one of the page before.
pub(super) fn page<'l, T>(
    tx: &mut Tx<'_>,
    select: &str,
    behind: &str,
    order: &str,
    last: impl Iterator<Item = &'l String>,
    read: impl FnMut(&Row<'_>) -> Result<T, DbError>,
) -> Result<Vec<T>, DbError> {
    let parameters: Vec<Value<'_>> = last.map(Value::from).collect();
    let condition = if parameters.is_empty() {
        String::new()
    } else {
        format!("WHERE {behind}")
    };
    let sql = format!("{select} {condition} ORDER BY {order} LIMIT {PAGE}");
    tx.query(&sql, &parameters, read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_by_characters() {
        assert_eq!(first_chars("äöü", 2), "äö");
        assert_eq!(first_chars("äöü", 3), "äöü");
    }
}
