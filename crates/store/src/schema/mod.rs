//! Making, checking and upgrading the schema.

mod own;

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension};
use tracing::{info, warn};

use crate::driver::postgres::{Access, Session};
use crate::driver::sqlite::Deadline;
use crate::migrations::{self, UpgradeStep};
use crate::{DbError, Dialect, OpenError, Tx};
use own::missing_own;

pub(crate) use own::OwnTables;

/// The Alembic revision of MLflow 3.17.2's schema.
pub const HEAD_REVISION: &str = "dc11669786a5";

/// Name of experiment 0, which every server has.
pub const DEFAULT_EXPERIMENT_NAME: &str = "Default";

const MLFLOW_SQLITE: &str = include_str!("sqlite.sql");
const MLFLOW_POSTGRES: &str = include_str!("postgresql.sql");

/// Key of PostgreSQL's advisory lock around changes of the schema: "oxflow" in ASCII.
pub(crate) const SCHEMA_LOCK: i64 = 0x6f78_666c_6f77;

/// How long the making of an index waits for those who write the table; meanwhile nobody else may begin to.
const INDEX_LOCK_LIMIT: Duration = Duration::from_secs(2);

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

/// Runs a change of the schema of a SQLite file in one transaction that locks the file.
pub(crate) fn change_sqlite<T>(
    connection: &mut Connection,
    location: &str,
    policy: SchemaPolicy,
    change: impl FnOnce(&mut Tx<'_>) -> Result<T, OpenError>,
) -> Result<T, OpenError> {
    let failed = failure(location);
    // SQLite heeds neither inside of a transaction. Without the first, dropping a table deletes the rows that
    // point to it; without the second, renaming one fails if any view is broken meanwhile.
    let set = |connection: &Connection, is_upgrading: bool| -> Result<(), DbError> {
        connection.pragma_update(None, "foreign_keys", !is_upgrading)?;
        Ok(connection.pragma_update(None, "legacy_alter_table", is_upgrading)?)
    };
    let may_upgrade = policy == SchemaPolicy::Upgrade;
    if may_upgrade {
        set(connection, true).map_err(&failed)?;
    }
    let outcome = {
        let transaction = connection
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
            .map_err(|error| failed(error.into()))?;
        change(&mut Tx::sqlite(&transaction)).and_then(|done| {
            transaction
                .commit()
                .map(|()| done)
                .map_err(|error| failed(error.into()))
        })
    };
    if may_upgrade {
        set(connection, false).map_err(&failed)?;
    }
    outcome
}

/// Runs a change of the schema of a PostgreSQL database in one transaction, under a lock that ends with it.
pub(crate) fn change_postgres<T>(
    session: &mut Session,
    location: &str,
    change: impl FnOnce(&mut Tx<'_>) -> Result<T, OpenError>,
) -> Result<T, OpenError> {
    let mut tx = Tx::postgres(session.transaction(Access::Migrate));
    let outcome = lock_schema(&mut tx)
        .map_err(failure(location))
        .and_then(|()| change(&mut tx));
    tx.end(outcome.is_ok()).map_err(failure(location)).and(outcome)
}

fn lock_schema(tx: &mut Tx<'_>) -> Result<(), DbError> {
    let try_lock = format!("SELECT pg_try_advisory_xact_lock({SCHEMA_LOCK})");
    if tx.query_first(&try_lock, &[], |row| row.truth(0))? == Some(true) {
        return Ok(());
    }
    info!("waiting for another server that works on the schema");
    tx.batch(&format!("SELECT pg_advisory_xact_lock({SCHEMA_LOCK})"))
}

/// Makes, checks or upgrades the schema; adds what is ours.
///
/// Only one server at a time is in here: of several that start together, one makes the schema. SQLite is
/// locked by the transaction; PostgreSQL by a lock that ends with it.
pub(crate) fn prepare(tx: &mut Tx<'_>, location: &str, request: Request<'_>) -> Result<Prepared, OpenError> {
    let failed = failure(location);
    let policy = request.policy;
    let found = Found::look(tx).map_err(&failed)?;
    let prepared = match found.plan(policy, location)? {
        Plan::Keep => Prepared::Current,
        Plan::Create => {
            tx.batch(match tx.dialect() {
                Dialect::Sqlite => MLFLOW_SQLITE,
                Dialect::Postgres => MLFLOW_POSTGRES,
            })
            .map_err(&failed)?;
            info!("created the schema of MLflow 3.17.2 in {location}");
            Prepared::Created
        }
        Plan::Upgrade { from } => {
            upgrade(tx, location, &from, request)?;
            Prepared::Upgraded { from }
        }
    };
    check_rights(tx, location)?;
    let is_ours_alone = tx.dialect() == Dialect::Sqlite || prepared != Prepared::Current;
    if policy != SchemaPolicy::Check && is_ours_alone {
        for own in missing_own(tx).map_err(&failed)? {
            tx.batch(&own.statement).map_err(&failed)?;
        }
    }
    Ok(prepared)
}

fn failure(location: &str) -> impl Fn(DbError) -> OpenError {
    move |source| OpenError::Prepare {
        path: location.to_owned(),
        source,
    }
}

/// Adds what is ours and a PostgreSQL database of MLflow lacks, each in a transaction of its own: others work in that
/// database, and an index that is being made keeps them from writing. One that cannot be made is only told.
pub(crate) fn add_own(session: &mut Session, location: &str, policy: SchemaPolicy) -> Result<(), OpenError> {
    if policy == SchemaPolicy::Check {
        return Ok(());
    }
    let mut tx = Tx::postgres(session.transaction(Access::Read));
    let missing = missing_own(&mut tx).map_err(failure(location))?;
    tx.end(false).map_err(failure(location))?;
    for own in missing {
        let (name, statement) = (own.name, own.statement);
        info!("making {name}, which {}", own.purpose);
        let mut tx = Tx::postgres(session.transaction(Access::Migrate));
        let made = tx
            .batch(&format!(
                "SET LOCAL lock_timeout = {}; SELECT pg_advisory_xact_lock({SCHEMA_LOCK}); {statement}",
                INDEX_LOCK_LIMIT.as_millis()
            ))
            .inspect_err(|error| {
                warn!(
                    "{name}, which {}, could not be made: {error}; the owner of the tables makes it with `oxflow db \
                     upgrade`",
                    own.purpose
                );
            });
        tx.end(made.is_ok()).map_err(failure(location))?;
    }
    Ok(())
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

/// What to do with a schema.
enum Plan {
    Keep,
    Create,
    Upgrade { from: String },
}

/// Refuses a SQLite file whose schema the policy does not allow, before anything about the file is changed.
pub(crate) fn refuse_sqlite(
    connection: &mut Connection,
    location: &str,
    policy: SchemaPolicy,
) -> Result<(), OpenError> {
    let failed = failure(location);
    let transaction = connection.transaction().map_err(|error| failed(error.into()))?;
    let found = Found::look(&mut Tx::sqlite(&transaction)).map_err(&failed)?;
    found.plan(policy, location).map(drop)
}

impl Found {
    fn plan(self, policy: SchemaPolicy, location: &str) -> Result<Plan, OpenError> {
        let path = location.to_owned();
        match (self, policy) {
            (Self::Head, _) => Ok(Plan::Keep),
            (Self::Empty, SchemaPolicy::Check) => Err(OpenError::NoSchema { path }),
            (Self::Empty, SchemaPolicy::Create | SchemaPolicy::Upgrade) => Ok(Plan::Create),
            (Self::Other(from), SchemaPolicy::Upgrade) => Ok(Plan::Upgrade { from }),
            (Self::Other(found), SchemaPolicy::Check | SchemaPolicy::Create) => {
                Err(OpenError::WrongRevision { path, found })
            }
            (Self::Foreign(tables), _) => Err(OpenError::NotMlflow { path, tables }),
        }
    }

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

/// Refuses a PostgreSQL user who may not read and write, before the first request finds out.
fn check_rights(tx: &mut Tx<'_>, location: &str) -> Result<(), OpenError> {
    if tx.dialect() == Dialect::Sqlite {
        return Ok(());
    }
    let may_write = tx
        .query_first(
            // One privilege at a time: of a list PostgreSQL says whether any of them is held.
            "SELECT bool_and(has_table_privilege(name, privilege))
                    AND has_sequence_privilege(pg_get_serial_sequence('experiments', 'experiment_id'), 'USAGE')
                    AND NOT current_setting('transaction_read_only')::boolean
               FROM unnest(ARRAY['experiments', 'runs', 'metrics', 'latest_metrics', 'params', 'tags']) AS name,
                    unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS privilege",
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
            // SQLite writes several lines.
            finding: finding.map_or_else(
                || "no answer".to_owned(),
                |text| text.lines().collect::<Vec<_>>().join(", "),
            ),
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
