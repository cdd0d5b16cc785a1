//! Removing very many rows without making others wait for long.

use std::time::Duration;

use super::REMOVED_AT_ONCE;
use crate::{DbError, Dialect, Store, Tx, Value};

/// Rows that go in one transaction: some tenths of a second on SQLite, where everybody else who writes waits for as long.
pub(super) const ROWS_AT_ONCE: usize = 20_000;

/// Longest pause between two transactions: more than the 100 ms that SQLite sleeps at most before it tries again to get the
/// lock. Without a pause others would hardly ever find it free.
const LONGEST_PAUSE: Duration = Duration::from_millis(150);

/// Transactions shorter than this need no pause: those who wait try again after a few milliseconds.
const SHORT: Duration = Duration::from_millis(5);

/// A table whose rows belong to something by one of its columns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows {
    pub table: &'static str,
    pub column: &'static str,
}

/// Something with the number of rows that belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Size {
    pub id: String,
    pub rows: usize,
}

impl Store {
    /// How many rows of some tables belong to each of some ids, in the order of ids.
    pub(super) async fn sizes(
        &self,
        mut ids: Vec<String>,
        tables: &'static [Rows],
    ) -> crate::Result<Vec<Size>> {
        ids.sort_unstable();
        ids.dedup();
        self.read(move |tx| {
            let counts: Vec<String> = tables
                .iter()
                .map(|Rows { table, column }| {
                    format!("(SELECT COUNT(*) FROM {table} t WHERE t.{column} = list.id)")
                })
                .collect();
            let sql = format!(
                "SELECT list.id, {}
                   FROM {} list
                  ORDER BY list.position",
                counts.join(" + "),
                tx.dialect().ids_with_position("$1")
            );
            Ok(tx.query(&sql, &[ids.as_slice().into()], |row| {
                Ok(Size {
                    id: row.text(0)?,
                    rows: usize::try_from(row.int(1)?).unwrap_or_default(),
                })
            })?)
        })
        .await
    }
}

impl Tx<'_> {
    /// Deletes the rows whose column is one of some ids.
    pub(super) fn delete_by(&mut self, rows: Rows, ids: &[String]) -> Result<usize, DbError> {
        let sql = delete_by(self.dialect(), rows);
        self.execute(&sql, &[ids.into()])
    }

    /// Deletes rows that belong to an id, `limit` at most: fewer only if no more are left.
    pub(super) fn delete_some(&mut self, tables: &[Rows], id: &str, limit: usize) -> Result<usize, DbError> {
        let mut deleted = 0;
        for rows in tables {
            if deleted == limit {
                break;
            }
            let sql = delete_some(self.dialect(), *rows);
            let left = i64::try_from(limit - deleted).unwrap_or(i64::MAX);
            let values: [Value<'_>; 2] = [id.into(), left.into()];
            deleted += self.execute(&sql, &values)?;
        }
        Ok(deleted)
    }
}

/// Deletes the rows of `$1`, a list of ids.
pub(super) fn delete_by(dialect: Dialect, rows: Rows) -> String {
    let Rows { table, column } = rows;
    format!("DELETE FROM {table} WHERE {column} {}", dialect.is_among("$1"))
}

/// Deletes `$2` of the rows of `$1`.
pub(super) fn delete_some(dialect: Dialect, rows: Rows) -> String {
    let (Rows { table, column }, row_id) = (rows, dialect.row_id());
    format!(
        "DELETE FROM {table}
          WHERE {row_id} IN (SELECT {row_id} FROM {table} WHERE {column} = $1 LIMIT $2)"
    )
}

/// Cuts things into parts of which none has too many rows, or too many things; one with too many rows is a part of its own.
pub(super) fn parts(sizes: &[Size], rows_at_once: usize) -> impl Iterator<Item = &[Size]> {
    let mut rest = sizes;
    std::iter::from_fn(move || {
        let mut rows = 0;
        let fits = |size: &&Size| {
            rows += size.rows;
            rows <= rows_at_once
        };
        let count = rest.iter().take(REMOVED_AT_ONCE).take_while(fits).count();
        let (part, others) = rest.split_at(count.max(1).min(rest.len()));
        rest = others;
        (!part.is_empty()).then_some(part)
    })
}

/// Leaves the database to others for a moment after a transaction that took so long; on PostgreSQL nobody waited.
pub(super) async fn give_way(dialect: Dialect, took: Duration) {
    if dialect == Dialect::Sqlite && took > SHORT {
        tokio::time::sleep(took.min(LONGEST_PAUSE)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(rows: &[usize]) -> Vec<usize> {
        let size = |rows: &usize| Size {
            id: String::new(),
            rows: *rows,
        };
        let sizes: Vec<Size> = rows.iter().map(size).collect();
        parts(&sizes, ROWS_AT_ONCE).map(<[_]>::len).collect()
    }

    #[test]
    fn no_part_has_too_many_things_or_rows() {
        assert_eq!(cut(&[]), [] as [usize; 0]);
        assert_eq!(cut(&vec![0; 1001]), [500, 500, 1]);
        assert_eq!(cut(&[ROWS_AT_ONCE, 1, 1]), [1, 2]);
        assert_eq!(cut(&[1, ROWS_AT_ONCE + 1, ROWS_AT_ONCE - 1, 1]), [1, 1, 2]);
    }
}
