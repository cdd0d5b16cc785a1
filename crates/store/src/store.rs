//! Opening a store.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tracing::info;

use crate::driver::sqlite;
use crate::executor::Executor;
use crate::schema::{self, SchemaPolicy};
use crate::{DatabaseUri, OpenError, Result, Tx, UpgradeStep};

/// What a store needs to be opened.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// The database.
    pub uri: DatabaseUri,
    /// Folder for a database that lives as long as the server.
    pub temporary_dir: PathBuf,
    /// Threads that read.
    pub readers: usize,
    /// Where artifacts of new experiments go unless they say otherwise; experiment 0 gets `<root>/0`.
    pub default_artifact_root: String,
    /// Whether to make or to upgrade the schema.
    pub schema: SchemaPolicy,
    /// The time, ms since 1970: when experiment 0 is created.
    pub now_ms: i64,
}

/// Everything that is tracked. Cheap to clone; closes when the last clone is dropped.
#[derive(Debug, Clone)]
pub struct Store {
    executor: Arc<Executor>,
    default_artifact_root: Arc<str>,
    location: Arc<str>,
}

impl Store {
    /// Opens the database: makes or upgrades the schema as far as the policy allows, refuses any other.
    ///
    /// Blocks; meant for the start of a program.
    pub fn open(config: &StoreConfig) -> Result<Self, OpenError> {
        let (path, is_temporary) = match &config.uri {
            DatabaseUri::Sqlite(path) => (path.clone(), false),
            DatabaseUri::SqliteTemporary => (config.temporary_dir.join("mlflow.db"), true),
        };
        let shown = path.display().to_string();
        if config.schema == SchemaPolicy::Check && !is_temporary && !path.exists() {
            return Err(OpenError::NoSuchFile { path: shown });
        }
        create_folder_of(&path)?;
        let was_left_open = wal_of(&path).metadata().is_ok_and(|wal| wal.len() > 0);
        let open = |source| OpenError::Open {
            path: shown.clone(),
            source,
        };
        let mut writer = sqlite::open_writer(&path).map_err(open)?;
        if was_left_open {
            schema::check_for_damage(&mut writer, &path)?;
        }
        let log = &mut |step: UpgradeStep| info!("upgrading {shown}: {step}");
        let request = schema::Request::new(config.schema, config.now_ms, log);
        schema::prepare(&mut writer, &shown, request)?;
        let root = config.default_artifact_root.trim_end_matches('/');
        Tx { connection: &writer }
            .ensure_default_experiment(&format!("{root}/0"), config.now_ms)
            .map_err(|source| OpenError::Prepare {
                path: shown.clone(),
                source,
            })?;
        let executor = Executor::start(writer, &path, config.readers)?;
        if is_temporary {
            info!("the database is temporary: it goes away when the server stops");
        }
        Ok(Self {
            executor: Arc::new(executor),
            default_artifact_root: root.into(),
            location: shown.into(),
        })
    }

    /// The root below which experiments without a location of their own get one.
    pub fn default_artifact_root(&self) -> &str {
        &self.default_artifact_root
    }

    /// The database in words, without secrets.
    pub fn location(&self) -> &str {
        &self.location
    }

    /// Answers when the database answers.
    pub async fn ping(&self) -> Result<()> {
        self.read(|tx| Ok(tx.query_first("SELECT 1", &[], |row| row.int(0)).map(drop)?))
            .await
    }

    pub(crate) async fn write<T: Send + 'static>(
        &self,
        call: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.executor.write(call).await
    }

    pub(crate) async fn read<T: Send + 'static>(
        &self,
        call: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.executor.read(call).await
    }
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

fn wal_of(path: &Path) -> PathBuf {
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    wal.into()
}
