//! Making, checking and upgrading the schema.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension};
use tracing::{info, warn};

use crate::driver::sqlite::Deadline;
use crate::migrations::{self, UpgradeStep};
use crate::{DbError, OpenError, Tx};

/// The Alembic revision of MLflow 3.17.2's schema.
pub const HEAD_REVISION: &str = "dc11669786a5";

/// Name of experiment 0, which every server has.
pub const DEFAULT_EXPERIMENT_NAME: &str = "Default";

const MLFLOW_SQLITE: &str = include_str!("sqlite.sql");
const OXFLOW: &str = include_str!("oxflow.sql");

/// How long a start waits for the check of a database that was not closed properly.
const CHECK_BUDGET: Duration = Duration::from_secs(5);

/// What to do about a schema that is missing or old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaPolicy {
    /// Refuse; write nothing.
    Check,
    /// Make it in an empty database; refuse an old one.
    Create,
    /// Make it in an empty database; upgrade an old one.
    Upgrade,
}

/// What was done about the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Prepared {
    /// Nothing: it was this release's.
    Current,
    /// The database was empty, and got the schema.
    Created,
    /// It had an older schema, this one.
    Upgraded {
        /// The revision before.
        from: String,
    },
}

/// Called between taking the lock and the first change, with the revision that is upgraded.
pub(crate) type BeforeUpgrade<'r> = &'r mut dyn FnMut(&str) -> Result<(), OpenError>;

/// What is wanted of a schema.
pub(crate) struct Request<'r> {
    policy: SchemaPolicy,
    now_ms: i64,
    on_step: &'r mut dyn FnMut(UpgradeStep),
    before_upgrade: Option<BeforeUpgrade<'r>>,
}

impl<'r> Request<'r> {
    pub(crate) fn new(policy: SchemaPolicy, now_ms: i64, on_step: &'r mut dyn FnMut(UpgradeStep)) -> Self {
        Self {
            policy,
            now_ms,
            on_step,
            before_upgrade: None,
        }
    }

    /// Also runs this before an upgrade.
    pub(crate) fn before_upgrade(mut self, call: BeforeUpgrade<'r>) -> Self {
        self.before_upgrade = Some(call);
        self
    }
}

/// Makes, checks or upgrades the schema of a SQLite file; adds what is ours.
pub(crate) fn prepare(
    connection: &mut Connection,
    location: &str,
    request: Request<'_>,
) -> Result<Prepared, OpenError> {
    let failed = |source: DbError| OpenError::Prepare {
        path: location.to_owned(),
        source,
    };
    if request.policy != SchemaPolicy::Upgrade {
        return prepare_locked(connection, location, request);
    }
    // SQLite heeds neither inside of a transaction. Without the first, dropping a table deletes the rows that
    // point to it; without the second, renaming one fails if any view is broken meanwhile.
    let set = |connection: &Connection, is_upgrading: bool| -> Result<(), DbError> {
        connection.pragma_update(None, "foreign_keys", !is_upgrading)?;
        Ok(connection.pragma_update(None, "legacy_alter_table", is_upgrading)?)
    };
    set(connection, true).map_err(failed)?;
    let outcome = prepare_locked(connection, location, request);
    set(connection, false).map_err(failed)?;
    outcome
}

/// One transaction that locks the file: of several servers starting together, one makes the schema.
fn prepare_locked(
    connection: &mut Connection,
    location: &str,
    request: Request<'_>,
) -> Result<Prepared, OpenError> {
    let failed = |source: DbError| OpenError::Prepare {
        path: location.to_owned(),
        source,
    };
    let transaction = connection
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .map_err(|e| failed(e.into()))?;
    let prepared = bring_up(
        &mut Tx {
            connection: &transaction,
        },
        location,
        request,
    )?;
    transaction.commit().map_err(|e| failed(e.into()))?;
    Ok(prepared)
}

/// Does what is wanted, in a transaction beside which nobody else does it.
fn bring_up(tx: &mut Tx<'_>, location: &str, request: Request<'_>) -> Result<Prepared, OpenError> {
    let failed = |source: DbError| OpenError::Prepare {
        path: location.to_owned(),
        source,
    };
    let found = Found::look(tx).map_err(failed)?;
    let prepared = match (found, request.policy) {
        (Found::Head, _) => Prepared::Current,
        (Found::Empty, SchemaPolicy::Check) => {
            return Err(OpenError::NoSchema {
                path: location.to_owned(),
            });
        }
        (Found::Empty, SchemaPolicy::Create | SchemaPolicy::Upgrade) => {
            tx.batch(MLFLOW_SQLITE).map_err(failed)?;
            info!("created the schema of MLflow 3.17.2 in {location}");
            Prepared::Created
        }
        (Found::Other(from), SchemaPolicy::Upgrade) => {
            upgrade(tx, location, &from, request)?;
            return Ok(Prepared::Upgraded { from });
        }
        (Found::Other(found), SchemaPolicy::Check | SchemaPolicy::Create) => {
            return Err(OpenError::WrongRevision {
                path: location.to_owned(),
                found,
            });
        }
        (Found::Foreign(tables), _) => {
            return Err(OpenError::NotMlflow {
                path: location.to_owned(),
                tables,
            });
        }
    };
    if request.policy != SchemaPolicy::Check {
        tx.batch(OXFLOW).map_err(failed)?;
    }
    Ok(prepared)
}

fn upgrade(tx: &mut Tx<'_>, location: &str, from: &str, request: Request<'_>) -> Result<(), OpenError> {
    let failed = |source| OpenError::Upgrade {
        path: location.to_owned(),
        source,
    };
    migrations::can_upgrade(from).map_err(failed)?;
    if let Some(call) = request.before_upgrade {
        call(from)?;
    }
    migrations::upgrade(tx, from, request.now_ms, request.on_step).map_err(failed)?;
    tx.batch(OXFLOW).map_err(|source| failed(source.into()))?;
    info!("upgraded {location} from schema revision {from} to {HEAD_REVISION}");
    Ok(())
}

/// What a database has for a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// No table at all.
    Empty,
    /// This release's.
    Head,
    /// Another revision; `(none)`, or several joined by `and`, if it is not exactly one.
    Other(String),
    /// Tables of another program, these among them.
    Foreign(String),
}

impl Found {
    pub(crate) fn look(tx: &mut Tx<'_>) -> Result<Self, DbError> {
        let tables = tx.query(tx.dialect().list_tables(), &[], |row| row.text(0))?;
        if tables.is_empty() {
            return Ok(Self::Empty);
        }
        if !tables.iter().any(|table| table == "alembic_version") {
            return Ok(Self::Foreign(tables[..tables.len().min(5)].join(", ")));
        }
        let versions = tx.query(
            "SELECT version_num FROM alembic_version ORDER BY version_num",
            &[],
            |row| row.text(0),
        )?;
        Ok(match versions.as_slice() {
            [one] if one == HEAD_REVISION => Self::Head,
            [] => Self::Other("(none)".to_owned()),
            several => Self::Other(several.join(" and ")),
        })
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
