//! Making and checking the schema.

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension};
use tracing::{info, warn};

use crate::driver::sqlite::Deadline;
use crate::{DbError, Dialect, OpenError, Tx};

/// The Alembic revision of MLflow 3.17.2's schema.
pub const HEAD_REVISION: &str = "dc11669786a5";

/// Name of experiment 0, which every server has.
pub const DEFAULT_EXPERIMENT_NAME: &str = "Default";

const MLFLOW_SQLITE: &str = include_str!("sqlite.sql");
const MLFLOW_POSTGRES: &str = include_str!("postgresql.sql");

/// What Oxflow adds to MLflow's schema: two indexes, no table. They are derived from MLflow's own tables and
/// can be dropped at any time: they are made again at the next start. MLflow opens a database that has them.
///
/// MLflow has no index from an experiment to its runs; without one, every search reads all runs.
const OXFLOW_INDEXES: &[(&str, &str)] = &[
    (
        "oxflow_runs_experiment",
        "CREATE INDEX IF NOT EXISTS oxflow_runs_experiment
             ON runs (experiment_id, lifecycle_stage, start_time DESC, run_uuid)",
    ),
    (
        "oxflow_logged_models_experiment",
        "CREATE INDEX IF NOT EXISTS oxflow_logged_models_experiment
             ON logged_models (experiment_id, lifecycle_stage, creation_timestamp_ms DESC, model_id)",
    ),
];

/// Key of PostgreSQL's advisory lock around changes of the schema: "oxflow" in ASCII.
pub(crate) const SCHEMA_LOCK: i64 = 0x6f78_666c_6f77;

/// How long a start waits for the check of a database that was not closed properly.
const CHECK_BUDGET: Duration = Duration::from_secs(5);

/// Makes the schema in an empty database; checks it in any other; adds what is ours.
///
/// Only one server at a time is in here: of several that start together, one makes the schema. SQLite is
/// locked by the transaction; PostgreSQL by a lock that ends with it.
pub(crate) fn make_or_check(tx: &mut Tx<'_>, location: &str) -> Result<(), OpenError> {
    let prepare = |source| OpenError::Prepare {
        path: location.to_owned(),
        source,
    };
    if tx.dialect() == Dialect::Postgres {
        let lock = format!("SELECT pg_advisory_xact_lock({SCHEMA_LOCK})");
        tx.batch(&lock).map_err(prepare)?;
    }
    match revision(tx).map_err(prepare)? {
        Revision::Head => {}
        Revision::Empty => {
            tx.batch(match tx.dialect() {
                Dialect::Sqlite => MLFLOW_SQLITE,
                Dialect::Postgres => MLFLOW_POSTGRES,
            })
            .map_err(prepare)?;
            info!("created the schema of MLflow 3.17.2 in {location}");
        }
        Revision::Other(found) => {
            return Err(OpenError::WrongRevision {
                path: location.to_owned(),
                found,
                expected: HEAD_REVISION,
            });
        }
        Revision::Foreign(tables) => {
            return Err(OpenError::NotMlflow {
                path: location.to_owned(),
                tables,
            });
        }
    }
    check_rights(tx, location)?;
    add_ours(tx).map_err(prepare)
}

/// Makes the indexes that are not there. Looks first: making one locks its table, even if it is there.
fn add_ours(tx: &mut Tx<'_>) -> Result<(), DbError> {
    let there: HashSet<String> = match tx.dialect() {
        Dialect::Sqlite => tx.query(
            "SELECT name FROM sqlite_master WHERE type = 'index'",
            &[],
            |row| row.text(0),
        ),
        Dialect::Postgres => tx.query(
            "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()",
            &[],
            |row| row.text(0),
        ),
    }?
    .into_iter()
    .collect();
    for (name, statement) in OXFLOW_INDEXES {
        if !there.contains(*name) {
            info!("making the index {name}");
            tx.batch(statement)?;
        }
    }
    Ok(())
}

enum Revision {
    Empty,
    Head,
    Other(String),
    Foreign(String),
}

fn revision(tx: &mut Tx<'_>) -> Result<Revision, DbError> {
    let tables: Vec<String> = match tx.dialect() {
        Dialect::Sqlite => tx.query(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
            &[],
            |row| row.text(0),
        ),
        Dialect::Postgres => tx.query(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename",
            &[],
            |row| row.text(0),
        ),
    }?;
    if tables.is_empty() {
        return Ok(Revision::Empty);
    }
    if !tables.iter().any(|table| table == "alembic_version") {
        let shown = tables
            .iter()
            .take(5)
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(", ");
        return Ok(Revision::Foreign(shown));
    }
    let versions = tx.query(
        "SELECT version_num FROM alembic_version ORDER BY version_num",
        &[],
        |row| row.text(0),
    )?;
    Ok(match versions.as_slice() {
        [one] if one == HEAD_REVISION => Revision::Head,
        [] => Revision::Other("(none)".to_owned()),
        several => Revision::Other(several.join(" and ")),
    })
}

/// Refuses a PostgreSQL user who may not write, before the first request finds out.
fn check_rights(tx: &mut Tx<'_>, location: &str) -> Result<(), OpenError> {
    if tx.dialect() == Dialect::Sqlite {
        return Ok(());
    }
    let may_write = tx
        .query_first(
            "SELECT has_table_privilege('runs', 'INSERT, UPDATE, DELETE')
                    AND NOT current_setting('transaction_read_only')::boolean",
            &[],
            |row| row.truth(0),
        )
        .map_err(|source| OpenError::Prepare {
            path: location.to_owned(),
            source,
        })?;
    match may_write {
        Some(true) => Ok(()),
        _ => Err(OpenError::ReadOnly {
            location: location.to_owned(),
        }),
    }
}

/// Looks for damage, within a time budget; for a database that was not closed properly.
pub(crate) fn check_for_damage(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let shown = path.display().to_string();
    let deadline = Deadline::watch(connection).map_err(|source| OpenError::Open {
        path: shown.clone(),
        source,
    })?;
    deadline.set(CHECK_BUDGET);
    let finding = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0))
        .optional();
    drop(connection.progress_handler(0, None::<fn() -> bool>));
    match finding {
        Ok(Some(text)) if text == "ok" => Ok(()),
        Ok(finding) => Err(OpenError::Damaged {
            path: shown,
            finding: finding.unwrap_or_else(|| "no answer".to_owned()),
        }),
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted) => {
            warn!("{shown} was not closed properly; checking it took over {CHECK_BUDGET:?} and was left");
            Ok(())
        }
        Err(error) => Err(OpenError::Damaged {
            path: shown,
            finding: error.to_string(),
        }),
    }
}
