//! Connections to a SQLite file.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Statement};

use super::{BulkInsert, Row, Value};
use crate::caller::Caller;
use crate::metric_columns;
use crate::{DbError, DbErrorKind};

/// How long a statement waits for another process that holds the file. security.md, section 11.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Statements kept prepared per connection.
const CACHED_STATEMENTS: usize = 256;

/// Opens the file for writing, creating it if there is none.
pub(crate) fn open_writer(path: &Path) -> Result<Connection, DbError> {
    let connection = open_unchanged(path)?;
    make_writer(&connection)?;
    Ok(connection)
}

/// Opens the file, creating it if there is none, and leaves it as it is, with its journal, until it is made a writer's:
/// a database that is refused may be damaged, or another program's.
pub(crate) fn open_unchanged(path: &Path) -> Result<Connection, DbError> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    prepare(&connection)?;
    Ok(connection)
}

/// Makes a connection one that writes.
pub(crate) fn make_writer(connection: &Connection) -> Result<(), DbError> {
    // WAL lets readers go on while the writer commits; FULL makes a commit mean "on disk".
    set_wal(connection)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    Ok(())
}

/// Switches the file to WAL, if it is not yet. SQLite does not wait for the lock that this takes,
/// however long the busy timeout; so of two servers that start together, one has to try again.
fn set_wal(connection: &Connection) -> Result<(), DbError> {
    const PAUSE: Duration = Duration::from_millis(5);
    let started = Instant::now();
    loop {
        match connection
            .pragma_update(None, "journal_mode", "WAL")
            .map_err(DbError::from)
        {
            Err(error) if error.kind() == DbErrorKind::Busy && started.elapsed() < BUSY_TIMEOUT => {
                std::thread::sleep(PAUSE);
            }
            other => return other,
        }
    }
}

/// Opens the file for reading only.
pub(crate) fn open_reader(path: &Path) -> Result<Connection, DbError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    prepare(&connection)?;
    connection.pragma_update(None, "query_only", true)?;
    metric_columns::teach(&connection)?;
    Ok(connection)
}

/// Opens a file that exists, and cannot change it.
pub(crate) fn open_existing(path: &Path) -> Result<Connection, DbError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    prepare(&connection)?;
    Ok(connection)
}

/// The session settings of MLflow's own connections, and our cache sizes.
fn prepare(connection: &Connection) -> Result<(), DbError> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "case_sensitive_like", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -8_000)?; // KiB
    Ok(())
}

/// Ends statements that run past a deadline, so that one search cannot hold a reader for ever, or for somebody who has
/// gone away.
#[derive(Debug, Clone)]
pub(crate) struct Deadline {
    started: Instant,
    until_ms: Arc<AtomicU64>,
    caller: Arc<Mutex<Option<Caller>>>,
}

impl Deadline {
    /// Watches the connection; no deadline is set yet.
    pub(crate) fn watch(connection: &mut Connection) -> Result<Self, DbError> {
        let deadline = Self {
            started: Instant::now(),
            until_ms: Arc::new(AtomicU64::new(u64::MAX)),
            caller: Arc::default(),
        };
        let watched = deadline.clone();
        // Every so many virtual machine steps: often enough for milliseconds, too rarely to cost.
        connection.progress_handler(
            20_000,
            Some(move || watched.has_passed() || watched.is_abandoned()),
        )?;
        Ok(deadline)
    }

    /// Sets the time from now on that statements may take.
    pub(crate) fn set(&self, limit: Duration) {
        let until = (self.started.elapsed() + limit).as_millis();
        self.until_ms
            .store(u64::try_from(until).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// Sets whose going away ends statements from now on.
    pub(crate) fn follow(&self, caller: Option<Caller>) {
        *self.caller.lock().unwrap_or_else(PoisonError::into_inner) = caller;
    }

    fn is_abandoned(&self) -> bool {
        let caller = self.caller.lock().unwrap_or_else(PoisonError::into_inner);
        caller.as_ref().is_some_and(Caller::has_gone)
    }

    fn has_passed(&self) -> bool {
        self.started.elapsed().as_millis() > u128::from(self.until_ms.load(Ordering::Relaxed))
    }
}

pub(super) fn query_first<T>(
    connection: &Connection,
    sql: &str,
    parameters: &[Value<'_>],
    read: impl FnOnce(&Row<'_>) -> Result<T, DbError>,
) -> Result<Option<T>, DbError> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, parameters)?;
    match statement.raw_query().next()? {
        Some(row) => read(&Row::Sqlite(row)).map(Some),
        None => Ok(None),
    }
}

pub(super) fn for_each(
    connection: &Connection,
    sql: &str,
    parameters: &[Value<'_>],
    mut read: impl FnMut(&Row<'_>) -> Result<(), DbError>,
) -> Result<(), DbError> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, parameters)?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next()? {
        read(&Row::Sqlite(row))?;
    }
    Ok(())
}

pub(super) fn execute(
    connection: &Connection,
    sql: &str,
    parameters: &[Value<'_>],
) -> Result<usize, DbError> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, parameters)?;
    Ok(statement.raw_execute()?)
}

/// In-process, a prepared single-row statement in a loop costs what a multi-row one does.
pub(super) fn insert_many<'v, const N: usize>(
    connection: &Connection,
    insert: &BulkInsert,
    rows: impl IntoIterator<Item = [Value<'v>; N]>,
) -> Result<usize, DbError> {
    let mut rows = rows.into_iter().peekable();
    if rows.peek().is_none() {
        return Ok(0);
    }
    let mut statement = connection.prepare_cached(&insert.single())?;
    let mut inserted = 0;
    for row in rows {
        bind(&mut statement, &row)?;
        inserted += statement.raw_execute()?;
    }
    Ok(inserted)
}

fn bind(statement: &mut Statement<'_>, parameters: &[Value<'_>]) -> Result<(), DbError> {
    for (i, value) in parameters.iter().enumerate() {
        statement.raw_bind_parameter(i + 1, value)?;
    }
    Ok(())
}
