//! Opening what a server keeps, for commands that work beside it.

use std::path::PathBuf;

use oxflow_core::Clock;
use oxflow_store::{DatabaseUri, SchemaPolicy, Store, StoreConfig};

use super::store_failure;
use crate::config::{ServerArgs, StorageConfig};
use crate::env::Env;
use crate::failure::Failure;

/// The same settings as those of the server, whose database is there already.
pub fn storage_of_server(server: &ServerArgs, env: &Env) -> Result<StorageConfig, Failure> {
    let storage = StorageConfig::of_command(server, env)?;
    if storage.database == DatabaseUri::SqliteTemporary {
        return Err(
            Failure::usage("the database is a temporary one, which has nothing in it")
                .hint("name that of the server with `--backend-store-uri`, such as `sqlite:///mlflow.db`"),
        );
    }
    Ok(storage)
}

/// Opens a database for a command; [`SchemaPolicy::Check`] makes none.
pub fn open_store(
    uri: &DatabaseUri,
    storage: &StorageConfig,
    schema: SchemaPolicy,
) -> Result<Store, Failure> {
    let config = StoreConfig {
        uri: uri.clone(),
        temporary_dir: PathBuf::new(),
        readers: 1,
        pool: storage.pool.clone(),
        default_artifact_root: storage.artifacts.default_root.clone(),
        schema,
        now_ms: Clock::System.now_ms(),
    };
    Store::open(&config).map_err(store_failure)
}
