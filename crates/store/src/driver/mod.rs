//! A transaction as the SQL code sees it, whatever database is behind it.

pub(crate) mod postgres;
mod row;
pub(crate) mod sqlite;
mod value;

pub use postgres::ConnectFailure;
pub use row::Row;
pub use value::Value;

use tracing::trace;

use crate::metric_columns::Written;
use crate::{Change, DbError, Dialect};

/// An open transaction: the only way to run SQL.
///
/// Parameters are `$1`, `$2`, … numbered in the order in which they first appear, which both
/// databases understand. Statements are cached by their text.
#[derive(Debug)]
pub struct Tx<'c> {
    database: Database<'c>,
    /// What listeners are told after the commit; `None` while there are none.
    news: Option<Vec<Change>>,
    /// The latest metrics that were written; `None` if nobody keeps them.
    written: Option<Written>,
    /// The number of this run of the call, from 1.
    attempt: u32,
}

#[derive(Debug)]
enum Database<'c> {
    Sqlite(&'c rusqlite::Connection),
    Postgres(postgres::Transaction<'c>),
}

/// What a column holds, for databases that want to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Int,
    Real,
    Bool,
    Bytes,
}

/// Rows that go into one table by one logical statement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BulkInsert {
    /// The table.
    pub table: &'static str,
    /// Its columns, in the order of the values.
    pub columns: &'static [(&'static str, Kind)],
    /// What follows the values, such as `ON CONFLICT DO NOTHING`.
    pub on_conflict: &'static str,
}

impl BulkInsert {
    /// `INSERT INTO table (columns)`.
    pub(crate) fn head(&self) -> String {
        let columns: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        format!("INSERT INTO {} ({})", self.table, columns.join(", "))
    }

    /// The statement for one row.
    fn single(&self) -> String {
        let places: Vec<String> = (1..=self.columns.len()).map(|n| format!("${n}")).collect();
        format!(
            "{} VALUES ({}) {}",
            self.head(),
            places.join(", "),
            self.on_conflict
        )
    }
}

/// Tells whoever listens that a statement runs: with `--log-level oxflow_store::sql=trace` the log, and the test that
/// counts what each request costs. Never its values.
fn tell_of(sql: impl std::fmt::Display) {
    trace!(target: "oxflow_store::sql", "{sql}");
}

impl<'c> Tx<'c> {
    pub(crate) fn sqlite(connection: &'c rusqlite::Connection) -> Self {
        Self {
            database: Database::Sqlite(connection),
            news: None,
            written: None,
            attempt: 1,
        }
    }

    pub(crate) fn postgres(transaction: postgres::Transaction<'c>) -> Self {
        Self {
            database: Database::Postgres(transaction),
            news: None,
            written: None,
            attempt: 1,
        }
    }

    /// Says that this is not the first run of the call.
    pub(crate) fn set_attempt(&mut self, attempt: u32) {
        self.attempt = attempt;
    }

    /// Whether the call ran before and came to nothing, because the database was in trouble or others changed the same.
    pub(crate) fn runs_again(&self) -> bool {
        self.attempt > 1
    }

    /// Collects news from now on, if they are heard.
    pub(crate) fn collect_news(&mut self, are_heard: bool) {
        self.news = are_heard.then(Vec::new);
    }

    /// Where news are collected; `None` if nobody hears them.
    pub(crate) fn news(&mut self) -> Option<&mut Vec<Change>> {
        self.news.as_mut()
    }

    /// The news collected so far.
    pub(crate) fn take_news(&mut self) -> Vec<Change> {
        self.news.take().unwrap_or_default()
    }

    /// Collects from now on which latest metrics are written, if somebody keeps them.
    pub(crate) fn collect_written(&mut self, are_kept: bool) {
        self.written = are_kept.then(Written::default);
    }

    /// Where latest metrics are noted that are written; `None` if nobody keeps them.
    pub(crate) fn written(&mut self) -> Option<&mut Written> {
        self.written.as_mut()
    }

    /// The latest metrics that were written so far.
    pub(crate) fn take_written(&mut self) -> Written {
        self.written.take().unwrap_or_default()
    }

    /// Keeps or takes back what was done. On SQLite the writer thread does that for a group of calls.
    pub(crate) fn end(self, keep: bool) -> Result<(), DbError> {
        match self.database {
            Database::Sqlite(_) => Ok(()),
            Database::Postgres(transaction) => transaction.end(keep),
        }
    }

    /// Whose SQL this transaction speaks.
    pub fn dialect(&self) -> Dialect {
        match self.database {
            Database::Sqlite(_) => Dialect::Sqlite,
            Database::Postgres(_) => Dialect::Postgres,
        }
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

    /// Every row of a query that was built for one request: PostgreSQL plans it for these very values.
    ///
    /// From the sixth time on it would take a plan for any values: thirty times slower for a search that a rare tag
    /// narrows down.
    pub(crate) fn query_once<T>(
        &mut self,
        sql: &str,
        parameters: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, DbError>,
    ) -> Result<Vec<T>, DbError> {
        let mut found = Vec::new();
        self.for_each_once(sql, parameters, |row| {
            found.push(read(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// Hands the rows of a query over one by one that was built for one request; see [`Tx::query_once`].
    pub(crate) fn for_each_once(
        &mut self,
        sql: &str,
        parameters: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<(), DbError>,
    ) -> Result<(), DbError> {
        tell_of(sql);
        match &mut self.database {
            Database::Sqlite(connection) => sqlite::for_each(connection, sql, parameters, read),
            Database::Postgres(transaction) => {
                transaction.for_each_once(sql, parameters, &mut read).map(drop)
            }
        }
    }

    /// The first row of a query.
    pub(crate) fn query_first<T>(
        &mut self,
        sql: &str,
        parameters: &[Value<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T, DbError>,
    ) -> Result<Option<T>, DbError> {
        tell_of(sql);
        match &mut self.database {
            Database::Sqlite(connection) => sqlite::query_first(connection, sql, parameters, read),
            Database::Postgres(transaction) => {
                let (mut read, mut first) = (Some(read), None);
                transaction.for_each(sql, parameters, &mut |row| {
                    if let Some(read) = read.take() {
                        first = Some(read(row)?);
                    }
                    Ok(())
                })?;
                Ok(first)
            }
        }
    }

    /// Hands the rows of a query over one by one.
    pub(crate) fn for_each(
        &mut self,
        sql: &str,
        parameters: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<(), DbError>,
    ) -> Result<(), DbError> {
        tell_of(sql);
        match &mut self.database {
            Database::Sqlite(connection) => sqlite::for_each(connection, sql, parameters, read),
            Database::Postgres(transaction) => transaction.for_each(sql, parameters, &mut read).map(drop),
        }
    }

    /// Runs a statement; returns how many rows it changed.
    pub(crate) fn execute(&mut self, sql: &str, parameters: &[Value<'_>]) -> Result<usize, DbError> {
        tell_of(sql);
        match &mut self.database {
            Database::Sqlite(connection) => sqlite::execute(connection, sql, parameters),
            Database::Postgres(transaction) => transaction.for_each(sql, parameters, &mut |_| Ok(())),
        }
    }

    /// Runs a statement that may fail without ending the transaction.
    ///
    /// After an error PostgreSQL refuses everything else in the transaction, unless a savepoint was set;
    /// SQLite takes back the one statement.
    pub(crate) fn try_execute(&mut self, sql: &str, parameters: &[Value<'_>]) -> Result<usize, DbError> {
        tell_of(sql);
        match &mut self.database {
            Database::Sqlite(connection) => sqlite::execute(connection, sql, parameters),
            Database::Postgres(transaction) => {
                transaction.batch("SAVEPOINT attempt")?;
                let outcome = transaction.for_each(sql, parameters, &mut |_| Ok(()));
                transaction.batch(match outcome {
                    Ok(_) => "RELEASE attempt",
                    Err(_) => "ROLLBACK TO attempt",
                })?;
                outcome
            }
        }
    }

    /// Runs several statements without parameters, separated by semicolons.
    pub(crate) fn batch(&mut self, sql: &str) -> Result<(), DbError> {
        tell_of(sql);
        match &mut self.database {
            Database::Sqlite(connection) => Ok(connection.execute_batch(sql)?),
            Database::Postgres(transaction) => transaction.batch(sql),
        }
    }

    /// Every row that a statement of PostgreSQL returns which is the whole transaction. It changes what it changes, and
    /// running it twice changes no more: that happens when the connection breaks.
    ///
    /// SQLite has no statement that writes two tables, and would have nothing of it.
    pub(crate) fn query_alone<T>(
        &mut self,
        sql: &str,
        columns: Vec<(Kind, Vec<Value<'_>>)>,
        mut read: impl FnMut(&Row<'_>) -> Result<T, DbError>,
    ) -> Result<Vec<T>, DbError> {
        tell_of(sql);
        match &mut self.database {
            Database::Sqlite(_) => Err(DbError::unexpected("a statement of PostgreSQL".to_owned())),
            Database::Postgres(transaction) => {
                let mut found = Vec::new();
                transaction.for_each_alone(sql, columns, &mut |row| {
                    found.push(read(row)?);
                    Ok(())
                })?;
                Ok(found)
            }
        }
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
        tell_of(format_args!("INSERT INTO {}", insert.table));
        match &mut self.database {
            Database::Sqlite(connection) => sqlite::insert_many(connection, insert, rows),
            Database::Postgres(transaction) => transaction.insert_many(insert, rows.collect()),
        }
    }
}
