//! Opening a store.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use oxflow_core::{Metric, RunId};
use tracing::info;

use crate::changes::Changes;
use crate::driver::postgres::{Access, Connector};
use crate::driver::sqlite;
use crate::executor::Executor;
use crate::metric_columns::MetricColumns;
use crate::metrics::{Derived, HistoryOrders, LoggedPoints, Packing};
use crate::others::Others;
use crate::schema::{self, OwnTables, SchemaPolicy};
use crate::view_states::LastCleaning;
use crate::{DatabaseUri, News, OpenError, PostgresUri, Result, Tx, UpgradeStep};

/// What a store needs to be opened.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// The database.
    pub uri: DatabaseUri,
    /// Folder for a database that lives as long as the server.
    pub temporary_dir: PathBuf,
    /// Threads that read, on SQLite.
    pub readers: usize,
    /// Connections, on PostgreSQL.
    pub pool: PoolConfig,
    /// Where artifacts of new experiments go unless they say otherwise; experiment 0 gets `<root>/0`.
    pub default_artifact_root: String,
    /// Whether to make or to upgrade the schema.
    pub schema: SchemaPolicy,
    /// The time, ms since 1970: when experiment 0 is created.
    pub now_ms: i64,
}

/// Connections to PostgreSQL.
#[derive(Debug, Clone)]
pub struct PoolConfig {
    /// At most so many, at least 1. They are opened when they are needed.
    pub max_connections: usize,
    /// A connection this old is replaced; `None` keeps them.
    pub recycle: Option<Duration>,
    /// Whether statements may be prepared under a name. They never are behind a pooler.
    pub may_prepare: bool,
}

impl Default for PoolConfig {
    /// MLflow's: SQLAlchemy keeps 5 connections and adds up to 10.
    fn default() -> Self {
        Self {
            max_connections: 15,
            recycle: None,
            may_prepare: true,
        }
    }
}

/// Everything that is tracked. Cheap to clone; closes when the last clone is dropped.
#[derive(Debug, Clone)]
pub struct Store {
    executor: Arc<Executor>,
    default_artifact_root: Arc<str>,
    location: Arc<str>,
    database_kind: &'static str,
    derived: Arc<Derived>,
    last_cleaning: Arc<LastCleaning>,
    others: Arc<Others>,
    history_orders: Arc<HistoryOrders>,
    notes_owners: bool,
    keeps_digests: bool,
}

impl Store {
    /// Opens the database: makes or upgrades the schema as far as the policy allows, refuses any other.
    ///
    /// Blocks; meant for the start of a program.
    pub fn open(config: &StoreConfig) -> Result<Self, OpenError> {
        let root = config.default_artifact_root.trim_end_matches('/');
        let (executor, own_tables) = match &config.uri {
            DatabaseUri::Sqlite(path) => open_sqlite(path, config, root)?,
            DatabaseUri::SqliteTemporary => {
                info!("the database is temporary: it goes away when the server stops");
                open_sqlite(&config.temporary_dir.join("mlflow.db"), config, root)?
            }
            // The driver blocks, which no thread of an asynchronous runtime may do.
            DatabaseUri::Postgres(uri) => std::thread::scope(|scope| {
                let opening = scope.spawn(|| open_postgres(uri, config, root));
                opening
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })?,
        };
        Ok(Self {
            executor: Arc::new(executor),
            default_artifact_root: root.into(),
            location: config.uri.to_string().into(),
            database_kind: match &config.uri {
                DatabaseUri::Sqlite(_) | DatabaseUri::SqliteTemporary => "sqlite",
                DatabaseUri::Postgres(_) => "postgresql",
            },
            derived: Arc::new(Derived::new(own_tables.series)),
            notes_owners: own_tables.pending_owners,
            keeps_digests: own_tables.artifact_digests,
            last_cleaning: Arc::default(),
            others: Arc::default(),
            history_orders: Arc::default(),
        })
    }

    /// The same store with other sizes of packed series, for tests.
    #[doc(hidden)]
    #[must_use]
    pub fn with_packing(mut self, packing: Packing) -> Self {
        self.derived = Arc::new(Derived::with_packing(packing, self.derived.is_there()));
        self
    }

    pub(crate) fn derived(&self) -> &Arc<Derived> {
        &self.derived
    }

    /// Whether there is a table for owners that are still to be set.
    pub(crate) fn notes_owners(&self) -> bool {
        self.notes_owners
    }

    /// Whether there is a table for digests of artifacts, and it may be written.
    pub fn keeps_artifact_digests(&self) -> bool {
        self.keeps_digests
    }

    pub(crate) fn last_cleaning(&self) -> &LastCleaning {
        &self.last_cleaning
    }

    /// The root below which experiments without a location of their own get one.
    pub fn default_artifact_root(&self) -> &str {
        &self.default_artifact_root
    }

    /// The database in words, without secrets.
    pub fn location(&self) -> &str {
        &self.location
    }

    /// `sqlite` or `postgresql`.
    pub fn database_kind(&self) -> &'static str {
        self.database_kind
    }

    /// Answers when the database answers.
    pub async fn ping(&self) -> Result<()> {
        self.read(|tx| Ok(tx.query_first("SELECT 1", &[], |row| row.int(0)).map(drop)?))
            .await
    }

    /// The changes of every write that is committed from now on; those of other programs as far as somebody calls
    /// [`Store::look_for_others`] now and then.
    pub fn listen(&self) -> tokio::sync::broadcast::Receiver<Arc<News>> {
        self.changes().listen()
    }

    pub(crate) fn changes(&self) -> &Changes {
        self.executor.changes()
    }

    pub(crate) fn history_orders(&self) -> &Arc<HistoryOrders> {
        &self.history_orders
    }

    pub(crate) fn metric_columns(&self) -> &Arc<MetricColumns> {
        self.executor.metric_columns()
    }

    pub(crate) fn others(&self) -> &Others {
        &self.others
    }

    pub(crate) async fn write<T: Send + 'static>(
        &self,
        call: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.others.wrote();
        self.executor.write(call).await
    }

    /// Whether points of several requests are written together.
    pub(crate) fn joins_points(&self) -> bool {
        self.executor.joins_points()
    }

    /// Logs points that belong to no logged model to an active run, in one transaction with those of other requests.
    pub(crate) async fn log_points(&self, run_id: RunId, points: Vec<Metric>) -> Result<()> {
        self.others.wrote();
        let logged = LoggedPoints { run_id, points };
        self.executor.log_points(logged, Arc::clone(&self.derived)).await
    }

    /// Looks at the database with the connection that writes, where there is one, but writes nothing.
    pub(crate) async fn glance<T: Send + 'static>(
        &self,
        call: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.executor.glance(call).await
    }

    pub(crate) async fn read<T: Send + 'static>(
        &self,
        call: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.executor.read(call).await
    }
}

fn open_sqlite(path: &Path, config: &StoreConfig, root: &str) -> Result<(Executor, OwnTables), OpenError> {
    let shown = path.display().to_string();
    if config.schema == SchemaPolicy::Check && config.uri != DatabaseUri::SqliteTemporary && !path.exists() {
        return Err(OpenError::NoSuchFile { path: shown });
    }
    create_folder_of(path)?;
    let was_left_open = wal_of(path).metadata().is_ok_and(|wal| wal.len() > 0);
    refuse_remains(path, was_left_open)?;
    let open = |source| OpenError::Open {
        path: shown.clone(),
        source,
    };
    let mut writer = sqlite::open_unchanged(path).map_err(open)?;
    if was_left_open {
        schema::check_for_damage(&mut writer, path)?;
    }
    schema::refuse_sqlite(&mut writer, &shown, config.schema)?;
    sqlite::make_writer(&writer).map_err(open)?;
    let own_tables = schema::change_sqlite(&mut writer, &shown, config.schema, |tx| {
        make_ready(tx, &shown, config, root)?;
        OwnTables::of(tx, &shown)
    })?;
    Ok((Executor::sqlite(writer, path, config.readers)?, own_tables))
}

fn open_postgres(
    uri: &PostgresUri,
    config: &StoreConfig,
    root: &str,
) -> Result<(Executor, OwnTables), OpenError> {
    let location = uri.masked();
    let connect = |cause| OpenError::Connect {
        location: location.clone(),
        cause,
    };
    let connector = Connector::new(uri, config.pool.may_prepare).map_err(connect)?;
    let mut session = connector.connect().map_err(connect)?;
    schema::change_postgres(&mut session, &location, |tx| {
        make_ready(tx, &location, config, root)
    })?;
    schema::add_own(&mut session, &location, config.schema)?;
    let mut tx = Tx::postgres(session.transaction(Access::Read));
    let own_tables = OwnTables::of(&mut tx, &location)?;
    drop(tx.end(false));
    Ok((Executor::postgres(connector, &config.pool)?, own_tables))
}

/// The schema, as far as the policy allows, and experiment 0.
fn make_ready(tx: &mut Tx<'_>, location: &str, config: &StoreConfig, root: &str) -> Result<(), OpenError> {
    let log = &mut |step: UpgradeStep| info!("upgrading {location}: {step}");
    schema::prepare(
        tx,
        location,
        schema::Request::new(config.schema, config.now_ms, log),
    )?;
    tx.ensure_default_experiment(&format!("{root}/0"), config.now_ms)
        .map_err(|source| OpenError::Prepare {
            path: location.to_owned(),
            source,
        })?;
    Ok(())
}

pub(crate) fn create_folder_of(path: &Path) -> Result<(), OpenError> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else {
        return Ok(());
    };
    std::fs::create_dir_all(folder).map_err(|source| OpenError::CreateFolder {
        path: folder.display().to_string(),
        source,
    })
}

/// The shortest file that can be a SQLite database: its smallest page.
const SHORTEST_DATABASE_BYTES: u64 = 512;

/// Refuses what SQLite would take for an empty database and begin anew: what is left of one.
fn refuse_remains(path: &Path, has_journal: bool) -> Result<(), OpenError> {
    let bytes = path.metadata().map_or(0, |file| file.len());
    let finding = match bytes {
        0 if has_journal => format!(
            "it is empty or not there, but its journal {} is: put back the file that belongs to it",
            wal_of(path).display()
        ),
        1..SHORTEST_DATABASE_BYTES => format!("it has {bytes} bytes, too few for a SQLite database"),
        _ => return Ok(()),
    };
    Err(OpenError::Damaged {
        path: path.display().to_string(),
        finding,
    })
}

fn wal_of(path: &Path) -> PathBuf {
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    wal.into()
}
