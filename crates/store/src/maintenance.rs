//! What one does to a database without serving it: look, wait, back up, upgrade.
//!
//! Everything here blocks, and may not be called on a thread of an asynchronous runtime.

use std::fs::File;
use std::path::{Path, PathBuf};

use oxflow_core::Utc;
use rusqlite::Connection;

use crate::driver::postgres::{Access, Connector, Session};
use crate::driver::sqlite;
use crate::schema::{self, Found, Prepared, Request, SchemaPolicy};
use crate::store::create_folder_of;
use crate::{DatabaseUri, DbError, Dialect, OpenError, PostgresUri, Tx, UpgradeStep, migrations};

/// Tables whose rows somebody may want to know the number of.
const COUNTED: [&str; 13] = [
    "experiments",
    "runs",
    "metrics",
    "latest_metrics",
    "params",
    "tags",
    "registered_models",
    "model_versions",
    "logged_models",
    "datasets",
    "trace_info",
    "spans",
    "assessments",
];

/// A database as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseStatus {
    /// Where it is, without secrets.
    pub location: String,
    /// Its kind.
    pub dialect: Dialect,
    /// The version of the database program.
    pub version: String,
    /// Its schema.
    pub schema: SchemaState,
}

/// What schema a database has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaState {
    /// None: the database is empty.
    Empty,
    /// The one of this release.
    Current,
    /// Another revision.
    Other {
        /// As it is in the database.
        revision: String,
        /// Which MLflow made it; `None` if it is unknown.
        release: Option<String>,
        /// Whether this release can upgrade it.
        can_upgrade: bool,
    },
    /// Tables of another program.
    Foreign {
        /// Some of them.
        tables: String,
    },
}

impl DatabaseStatus {
    /// Fails, in the words of a server that would not start, unless the schema is this release's.
    pub fn require_current(&self) -> Result<(), OpenError> {
        let path = self.location.clone();
        match &self.schema {
            SchemaState::Current => Ok(()),
            SchemaState::Empty => Err(OpenError::NoSchema { path }),
            SchemaState::Other { revision, .. } => Err(OpenError::WrongRevision {
                path,
                found: revision.clone(),
            }),
            SchemaState::Foreign { tables } => Err(OpenError::NotMlflow {
                path,
                tables: tables.clone(),
            }),
        }
    }
}

/// Answers when the database does: logs in and runs a query.
pub fn ping(uri: &DatabaseUri) -> Result<(), OpenError> {
    read(uri, |tx| {
        tx.query_first("SELECT 1", &[], |row| row.int(0)).map(drop)
    })
}

/// Looks at a database and changes nothing.
pub fn inspect(uri: &DatabaseUri) -> Result<DatabaseStatus, OpenError> {
    let location = uri.to_string();
    read(uri, |tx| {
        let dialect = tx.dialect();
        let version = tx.query_first(dialect.version(), &[], |row| row.text(0))?;
        let schema = match Found::look(tx)? {
            Found::Empty => SchemaState::Empty,
            Found::Head => SchemaState::Current,
            Found::Other(revision) => SchemaState::Other {
                release: migrations::release_of(&revision),
                can_upgrade: migrations::can_upgrade(&revision).is_ok(),
                revision,
            },
            Found::Foreign(tables) => SchemaState::Foreign { tables },
        };
        Ok(DatabaseStatus {
            location,
            dialect,
            version: version.unwrap_or_default(),
            schema,
        })
    })
}

/// Counts the rows of the tables that matter, as far as there are such tables.
pub fn count_rows(uri: &DatabaseUri) -> Result<Vec<(&'static str, i64)>, OpenError> {
    read(uri, |tx| {
        let tables = tx.query(tx.dialect().list_tables(), &[], |row| row.text(0))?;
        let mut counts = Vec::new();
        for table in COUNTED {
            if tables.iter().any(|found| found == table) {
                let sql = format!("SELECT COUNT(*) FROM {table}");
                let count = tx.query_first(&sql, &[], |row| row.int(0))?;
                counts.push((table, count.unwrap_or_default()));
            }
        }
        Ok(counts)
    })
}

/// Whether and where to copy a database before it is upgraded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Backup {
    /// No copy.
    None,
    /// `<file>.backup-<revision>-<time>` beside the file.
    BesideIt,
    /// This file, which must not exist.
    At(PathBuf),
}

/// What is wanted of an upgrade.
#[derive(Debug)]
pub struct UpgradeRequest {
    /// Whether and where to copy the database first. SQLite only.
    pub backup: Backup,
    /// The time, ms since 1970.
    pub now_ms: i64,
}

/// Upgrades a database to the schema of this release, in one transaction; makes the schema in an empty one.
///
/// `on_step` hears of each revision before it begins, `on_backup` of the copy once it is on disk.
pub fn upgrade(
    uri: &DatabaseUri,
    request: &UpgradeRequest,
    on_step: &mut dyn FnMut(UpgradeStep),
    on_backup: &mut dyn FnMut(&Path),
) -> Result<Prepared, OpenError> {
    match uri {
        DatabaseUri::Sqlite(path) => upgrade_sqlite(path, request, on_step, on_backup),
        DatabaseUri::SqliteTemporary => Err(OpenError::Temporary),
        DatabaseUri::Postgres(uri) => upgrade_postgres(uri, request, on_step),
    }
}

fn upgrade_sqlite(
    path: &Path,
    request: &UpgradeRequest,
    on_step: &mut dyn FnMut(UpgradeStep),
    on_backup: &mut dyn FnMut(&Path),
) -> Result<Prepared, OpenError> {
    let location = path.display().to_string();
    create_folder_of(path)?;
    let mut writer = sqlite::open_writer(path).map_err(|source| OpenError::Open {
        path: location.clone(),
        source,
    })?;
    let mut before_upgrade = |revision: &str| {
        let target = match &request.backup {
            Backup::None => return Ok(()),
            Backup::BesideIt => beside(path, revision, request.now_ms),
            Backup::At(target) => target.clone(),
        };
        back_up(path, &target, revision).map_err(|source| OpenError::Backup {
            path: target.display().to_string(),
            source,
        })?;
        on_backup(&target);
        Ok(())
    };
    let wanted = Request::new(SchemaPolicy::Upgrade, request.now_ms, on_step);
    let wanted = wanted.before_upgrade(&mut before_upgrade);
    schema::change_sqlite(&mut writer, &location, SchemaPolicy::Upgrade, |tx| {
        schema::prepare(tx, &location, wanted)
    })
}

fn upgrade_postgres(
    uri: &PostgresUri,
    request: &UpgradeRequest,
    on_step: &mut dyn FnMut(UpgradeStep),
) -> Result<Prepared, OpenError> {
    let location = uri.masked();
    if request.backup != Backup::None {
        return Err(OpenError::NoBackup { location });
    }
    let mut session = connect(uri)?;
    let prepared = schema::change_postgres(&mut session, &location, |tx| {
        let wanted = Request::new(SchemaPolicy::Upgrade, request.now_ms, on_step);
        schema::prepare(tx, &location, wanted)
    })?;
    schema::add_own(&mut session, &location, SchemaPolicy::Upgrade)?;
    Ok(prepared)
}

fn connect(uri: &PostgresUri) -> Result<Session, OpenError> {
    Connector::new(uri, false)
        .and_then(|connector| connector.connect())
        .map_err(|cause| OpenError::Connect {
            location: uri.masked(),
            cause,
        })
}

/// Runs a query on a connection of its own that cannot write.
fn read<T>(uri: &DatabaseUri, call: impl FnOnce(&mut Tx<'_>) -> Result<T, DbError>) -> Result<T, OpenError> {
    match uri {
        DatabaseUri::Sqlite(path) => read_sqlite(path, call),
        DatabaseUri::SqliteTemporary => Err(OpenError::Temporary),
        DatabaseUri::Postgres(uri) => {
            let mut session = connect(uri)?;
            let mut tx = Tx::postgres(session.transaction(Access::Inspect));
            let failed = |source| OpenError::Query {
                location: uri.masked(),
                source,
            };
            let found = call(&mut tx).map_err(failed)?;
            tx.end(true).map_err(failed)?;
            Ok(found)
        }
    }
}

fn read_sqlite<T>(path: &Path, call: impl FnOnce(&mut Tx<'_>) -> Result<T, DbError>) -> Result<T, OpenError> {
    let shown = path.display().to_string();
    if !path.exists() {
        return Err(OpenError::NoSuchFile { path: shown });
    }
    sqlite::open_existing(path)
        .and_then(|connection| {
            let snapshot = connection.unchecked_transaction()?;
            call(&mut Tx::sqlite(&snapshot))
        })
        .map_err(|source| OpenError::Open { path: shown, source })
}

fn beside(path: &Path, revision: &str, now_ms: i64) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".backup-{revision}-{}", compact_time(now_ms)));
    name.into()
}

/// A time as `20250131T235959Z`.
fn compact_time(now_ms: i64) -> String {
    let utc = Utc::of_ms(now_ms);
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second
    )
}

/// Copies a database while its writer is locked out, and makes sure of the copy.
fn back_up(
    path: &Path,
    target: &Path,
    revision: &str,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    if target.exists() {
        return Err("the file exists".into());
    }
    let source = sqlite::open_existing(path)?;
    let name = target.to_str().ok_or("its name is not UTF-8")?;
    source.execute("VACUUM INTO $1", [name])?;
    verify(target, &source, revision).inspect_err(|_| {
        // A copy that cannot be trusted is worse than none.
        drop(std::fs::remove_file(target));
    })?;
    File::open(target)?.sync_all()?;
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(())
}

fn verify(
    target: &Path,
    source: &Connection,
    revision: &str,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    const OBJECTS: &str = "SELECT COUNT(*) FROM sqlite_master";
    let copy = sqlite::open_existing(target)?;
    let one = |connection: &Connection, sql: &str| {
        connection.query_row(sql, [], |row| row.get::<_, rusqlite::types::Value>(0))
    };
    let finding = one(&copy, "PRAGMA quick_check(1)")?;
    if finding != rusqlite::types::Value::from("ok".to_owned()) {
        return Err(format!("the copy is damaged: {finding:?}").into());
    }
    let copied = one(&copy, "SELECT version_num FROM alembic_version")?;
    if copied != rusqlite::types::Value::from(revision.to_owned())
        || one(&copy, OBJECTS)? != one(source, OBJECTS)?
    {
        return Err("the copy is not what was copied".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_without_separators() {
        for (seconds, text) in [
            (0, "19700101T000000Z"),
            (951_782_399, "20000228T235959Z"),
            (951_782_400, "20000229T000000Z"),
            (1_763_705_965, "20251121T061925Z"),
        ] {
            assert_eq!(compact_time(seconds * 1000), text);
        }
    }
}
