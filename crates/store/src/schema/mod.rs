//! Making and checking the schema.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension};
use tracing::{info, warn};

use crate::driver::sqlite::Deadline;
use crate::{DbError, OpenError};

/// The Alembic revision of MLflow 3.17.2's schema.
pub const HEAD_REVISION: &str = "dc11669786a5";

/// Name of experiment 0, which every server has.
pub const DEFAULT_EXPERIMENT_NAME: &str = "Default";

const MLFLOW_SQLITE: &str = include_str!("sqlite.sql");
const OXFLOW: &str = include_str!("oxflow.sql");

/// How long a start waits for the check of a database that was not closed properly.
const CHECK_BUDGET: Duration = Duration::from_secs(5);

/// Makes the schema in an empty database; checks it in any other; adds what is ours.
pub(crate) fn make_or_check(connection: &mut Connection, path: &Path) -> Result<(), OpenError> {
    let shown = path.display().to_string();
    let prepare = |source: DbError| OpenError::Prepare {
        path: shown.clone(),
        source,
    };
    // One transaction that locks the file: of two servers starting together, one makes the schema.
    let tx = connection
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .map_err(|e| prepare(e.into()))?;
    match revision(&tx).map_err(|e| prepare(e.into()))? {
        Revision::Head => {}
        Revision::Empty => {
            tx.execute_batch(MLFLOW_SQLITE).map_err(|e| prepare(e.into()))?;
            info!("created the schema of MLflow 3.17.2 in {shown}");
        }
        Revision::Other(found) => {
            return Err(OpenError::WrongRevision {
                path: shown,
                found,
                expected: HEAD_REVISION,
            });
        }
        Revision::Foreign(tables) => return Err(OpenError::NotMlflow { path: shown, tables }),
    }
    tx.execute_batch(OXFLOW).map_err(|e| prepare(e.into()))?;
    tx.commit().map_err(|e| prepare(e.into()))
}

enum Revision {
    Empty,
    Head,
    Other(String),
    Foreign(String),
}

fn revision(connection: &Connection) -> rusqlite::Result<Revision> {
    let tables: Vec<String> = connection
        .prepare(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
        )?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
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
    let versions: Vec<String> = connection
        .prepare("SELECT version_num FROM alembic_version ORDER BY version_num")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(match versions.as_slice() {
        [one] if one == HEAD_REVISION => Revision::Head,
        [] => Revision::Other("(none)".to_owned()),
        several => Revision::Other(several.join(" and ")),
    })
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
