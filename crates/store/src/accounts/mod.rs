//! Users, their roles and what these grant: MLflow's database of its basic-auth app, and our tokens and audit log in it.
//!
//! It is a database of its own (`sqlite:///basic_auth.db` unless the ini file says otherwise), or the tracking server's.

mod audit;
mod grants;
mod roles;
mod rows;
mod schema;
mod tokens;
mod users;
mod watcher;

use std::path::Path;
use std::sync::Arc;

use crate::driver::postgres::Connector;
use crate::driver::sqlite;
use crate::executor::Executor;
use crate::store::create_folder_of;
use crate::{DatabaseUri, DbError, OpenError, PoolConfig, PostgresUri, Result, SchemaPolicy, Tx};

pub use audit::{AuditEvent, NewAuditEvent};
pub use grants::GrantOn;
pub use roles::{Role, RoleGrant, RoleMember};
pub use schema::ACCOUNTS_HEAD_REVISION;
pub use tokens::{NewToken, TokenInfo, TokenKind};
pub use users::{Login, TokenLogin, User, UserWithRoles};
pub use watcher::AccountsVersion;
use watcher::Watcher;

/// Threads that read users on SQLite.
const READERS: usize = 2;

/// Connections to PostgreSQL, at most.
const CONNECTIONS: usize = 5;

/// The database of users. Cheap to clone; closes when the last clone is dropped.
#[derive(Debug, Clone)]
pub struct Accounts {
    executor: Arc<Executor>,
    location: Arc<str>,
    watcher: Arc<Watcher>,
}

impl Accounts {
    /// Opens the database: makes the tables in an empty one, upgrades those of an older MLflow, as far as the policy
    /// allows. Other tables in it are left alone: MLflow may keep its users and its runs in one database.
    ///
    /// Blocks; meant for the start of a program.
    pub fn open(uri: &DatabaseUri, policy: SchemaPolicy) -> Result<Self, OpenError> {
        match uri {
            DatabaseUri::Sqlite(path) => Self::open_sqlite(path, policy),
            DatabaseUri::SqliteTemporary => Err(OpenError::NoSuchFile {
                path: "sqlite:// (users are kept in a file or in PostgreSQL)".to_owned(),
            }),
            // The driver blocks, which no thread of an asynchronous runtime may do.
            DatabaseUri::Postgres(uri) => std::thread::scope(|scope| {
                let opening = scope.spawn(|| Self::open_postgres(uri, policy));
                opening
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            }),
        }
    }

    fn open_sqlite(path: &Path, policy: SchemaPolicy) -> Result<Self, OpenError> {
        let shown = path.display().to_string();
        if policy == SchemaPolicy::Check && !path.exists() {
            return Err(OpenError::NoSuchFile { path: shown });
        }
        create_folder_of(path)?;
        let open = |source| OpenError::Open {
            path: shown.clone(),
            source,
        };
        let mut writer = sqlite::open_writer(path).map_err(open)?;
        crate::schema::change_sqlite(&mut writer, &shown, policy, |tx| {
            schema::prepare(tx, &shown, policy)
        })?;
        let watcher = sqlite::open_existing(path).map_err(open)?;
        Ok(Self {
            executor: Arc::new(Executor::sqlite(writer, path, READERS)?),
            location: shown.into(),
            watcher: Arc::new(Watcher::of_sqlite(watcher)),
        })
    }

    fn open_postgres(uri: &PostgresUri, policy: SchemaPolicy) -> Result<Self, OpenError> {
        let location = uri.masked();
        let connect = |cause| OpenError::Connect {
            location: location.clone(),
            cause,
        };
        let pool = PoolConfig {
            max_connections: CONNECTIONS,
            ..PoolConfig::default()
        };
        let connector = Connector::new(uri, pool.may_prepare).map_err(connect)?;
        let mut session = connector.connect().map_err(connect)?;
        crate::schema::change_postgres(&mut session, &location, |tx| {
            schema::prepare(tx, &location, policy)
        })?;
        drop(session);
        Ok(Self {
            executor: Arc::new(Executor::postgres(connector, &pool)?),
            location: location.into(),
            watcher: Arc::default(),
        })
    }

    /// The database in words, without secrets.
    pub fn location(&self) -> &str {
        &self.location
    }

    /// What changes with every commit: at once with those of this process, and on SQLite within a millisecond with those
    /// of others. PostgreSQL has nothing that tells as cheaply.
    pub fn version(&self) -> AccountsVersion {
        self.watcher.version()
    }

    async fn write<T: Send + 'static>(
        &self,
        call: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let written = self.executor.write(call).await;
        // What failed may have been written all the same.
        self.watcher.note_own();
        written
    }

    async fn read<T: Send + 'static>(
        &self,
        call: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.executor.read(call).await
    }
}

/// The id of a row that was just inserted.
fn inserted(id: Option<i64>) -> Result<i64, DbError> {
    id.ok_or_else(|| DbError::unexpected("an INSERT returned no id".to_owned()))
}
