//! A transaction as the SQL code sees it, whatever database is behind it.

pub(crate) mod sqlite;
mod value;

pub use value::{Row, Value};

use crate::{DbError, Dialect};

/// An open transaction: the only way to run SQL.
///
/// Parameters are `$1`, `$2`, … numbered in the order in which they first appear, which both
/// databases understand. Statements are cached by their text.
#[derive(Debug)]
pub struct Tx<'c> {
    pub(crate) connection: &'c rusqlite::Connection,
}

/// Rows that go into one table by one logical statement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BulkInsert {
    /// The table.
    pub table: &'static str,
    /// Its columns, in the order of the values.
    pub columns: &'static [&'static str],
    /// What follows the values, such as `ON CONFLICT DO NOTHING`.
    pub on_conflict: &'static str,
}

impl Tx<'_> {
    /// Whose SQL this transaction speaks.
    pub fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    /// Every row of a query.
    pub(crate) fn query<T>(
        &mut self,
        sql: &str,
        parameters: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, DbError>,
    ) -> Result<Vec<T>, DbError> {
        let mut found = Vec::new();
        self.for_each(sql, parameters, |row| {
            found.push(read(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// The first row of a query.
    pub(crate) fn query_first<T>(
        &mut self,
        sql: &str,
        parameters: &[Value<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T, DbError>,
    ) -> Result<Option<T>, DbError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        value::bind(&mut statement, parameters)?;
        let mut rows = statement.raw_query();
        match rows.next()? {
            Some(row) => read(&Row { inner: row }).map(Some),
            None => Ok(None),
        }
    }

    /// Hands the rows of a query over one by one.
    pub(crate) fn for_each(
        &mut self,
        sql: &str,
        parameters: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<(), DbError>,
    ) -> Result<(), DbError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        value::bind(&mut statement, parameters)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            read(&Row { inner: row })?;
        }
        Ok(())
    }

    /// Runs a statement; returns how many rows it changed.
    pub(crate) fn execute(&mut self, sql: &str, parameters: &[Value<'_>]) -> Result<usize, DbError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        value::bind(&mut statement, parameters)?;
        Ok(statement.raw_execute()?)
    }

    /// Runs several statements without parameters, separated by semicolons.
    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), DbError> {
        Ok(self.connection.execute_batch(sql)?)
    }

    /// Inserts many rows; returns how many were new.
    pub(crate) fn insert_many<'v, const N: usize>(
        &mut self,
        insert: &BulkInsert,
        rows: impl IntoIterator<Item = [Value<'v>; N]>,
    ) -> Result<usize, DbError> {
        debug_assert_eq!(insert.columns.len(), N, "one value per column");
        let mut rows = rows.into_iter().peekable();
        if rows.peek().is_none() {
            return Ok(0);
        }
        // In-process, a prepared single-row statement in a loop costs what a multi-row one does.
        let places: Vec<String> = (1..=N).map(|n| format!("${n}")).collect();
        let sql = format!(
            "INSERT INTO {} ({}) VALUES ({}) {}",
            insert.table,
            insert.columns.join(", "),
            places.join(", "),
            insert.on_conflict
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut inserted = 0;
        for row in rows {
            value::bind(&mut statement, &row)?;
            inserted += statement.raw_execute()?;
        }
        Ok(inserted)
    }
}
