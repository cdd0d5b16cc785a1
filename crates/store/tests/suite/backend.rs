//! Databases for the suite, and builders that hide what a test is not about.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use oxflow_core::{
    Entropy, ExperimentId, ExperimentName, Key, KeyKind, Metric, MetricValue, NewExperiment, NewRun, Param,
    Run, RunId, Tag,
};
use oxflow_store::{DatabaseUri, PoolConfig, Result, RunBatch, SchemaPolicy, Store, StoreConfig};
use oxflow_testkit::postgres::TestDatabase;
use tempfile::TempDir;

pub const NOW_MS: i64 = 1_700_000_000_000;

/// A store in an empty database of its own.
pub struct TestStore {
    pub store: Store,
    pub entropy: Entropy,
    names: AtomicU64,
    pub folder: TempDir,
    /// Last: goes when the store is closed.
    pub database: Option<TestDatabase>,
}

/// Runs each test once per database; on PostgreSQL only where tests have one.
macro_rules! store_tests {
    ($($(#[$meta:meta])* async fn $name:ident($store:ident) $body:block)*) => {
        mod cases {
            #[allow(unused_imports)]
            use super::*;
            $($(#[$meta])* pub async fn $name($store: crate::suite::backend::TestStore) $body)*
        }
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::cases::$name(crate::suite::backend::TestStore::sqlite()).await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let Some(store) = crate::suite::backend::TestStore::postgres() else {
                    return;
                };
                super::cases::$name(store).await;
            })*
        }
    };
}
pub(crate) use store_tests;

/// The same, and once more on SQLite with metrics in memory however few runs there are.
macro_rules! search_tests {
    ($($(#[$meta:meta])* async fn $name:ident($store:ident) $body:block)*) => {
        crate::suite::backend::store_tests! { $($(#[$meta])* async fn $name($store) $body)* }
        mod sqlite_with_columns {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::cases::$name(crate::suite::backend::TestStore::sqlite_with_columns()).await;
            })*
        }
    };
}
pub(crate) use search_tests;

impl TestStore {
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&sqlite_config(&folder)).unwrap();
        Self::over(store, folder)
    }

    /// One that keeps metrics in memory however few runs there are.
    pub fn sqlite_with_columns() -> Self {
        let mut store = Self::sqlite();
        store.store = store.store.clone().with_columns_from(0);
        store
    }

    /// A store in a PostgreSQL database; `None` where tests have no PostgreSQL.
    pub fn postgres() -> Option<Self> {
        let database = TestDatabase::prepared(|uri| drop(Store::open(&postgres_config(uri)).unwrap()))?;
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&postgres_config(database.uri())).unwrap();
        let mut store = Self::over(store, folder);
        store.database = Some(database);
        Some(store)
    }

    pub fn over(store: Store, folder: TempDir) -> Self {
        Self {
            database: None,
            store,
            entropy: Entropy::System,
            names: AtomicU64::new(0),
            folder,
        }
    }

    /// Runs a statement beside the store, for what would take long through it.
    pub fn run_sql(&self, sql: &str) {
        match &self.database {
            Some(database) => tokio::task::block_in_place(|| database.connect().run(sql)),
            None => rusqlite::Connection::open(self.folder.path().join("mlflow.db"))
                .unwrap()
                .execute_batch(sql)
                .unwrap(),
        }
    }

    /// The PostgreSQL database below it.
    pub fn database(&self) -> &TestDatabase {
        self.database.as_ref().unwrap()
    }

    fn fresh_name(&self, what: &str) -> String {
        format!("{what} {}", self.names.fetch_add(1, Ordering::Relaxed))
    }

    pub async fn given_experiment(&self) -> ExperimentId {
        self.create_experiment(&self.fresh_name("experiment"))
            .await
            .unwrap()
    }

    pub async fn create_experiment(&self, name: &str) -> Result<ExperimentId> {
        let new = NewExperiment {
            creator: None,
            name: ExperimentName::parse(name).unwrap(),
            artifact_location: None,
            tags: Vec::new(),
            now_ms: NOW_MS,
        };
        self.store.create_experiment(new).await
    }

    pub async fn given_run(&self) -> RunId {
        let experiment = self.given_experiment().await;
        self.given_run_in(experiment, NOW_MS).await
    }

    pub async fn given_run_in(&self, experiment_id: ExperimentId, start_time_ms: i64) -> RunId {
        self.create_run(experiment_id, start_time_ms)
            .await
            .unwrap()
            .info
            .run_id
    }

    pub async fn create_run(&self, experiment_id: ExperimentId, start_time_ms: i64) -> Result<Run> {
        let name = self.fresh_name("run");
        let new = NewRun {
            experiment_id,
            run_id: RunId::random(&self.entropy),
            tags: vec![Tag {
                key: "mlflow.runName".to_owned(),
                value: name.clone(),
            }],
            name,
            user_id: "ada".to_owned(),
            start_time_ms,
        };
        self.store
            .create_run(new, |root, id| Ok(format!("{root}/{id}/artifacts")))
            .await
    }

    pub async fn log(&self, run: &RunId, points: &[Metric]) {
        let batch = RunBatch {
            metrics: points.to_vec(),
            ..RunBatch::default()
        };
        self.store.log_batch(run.clone(), batch).await.unwrap();
    }

    pub async fn set_tag(&self, run: &RunId, key: &str, value: &str) {
        self.store
            .set_run_tag(run.clone(), tag_key(key), value.to_owned())
            .await
            .unwrap();
    }

    pub async fn run(&self, id: &RunId) -> Run {
        self.store.get_run(id.clone()).await.unwrap()
    }
}

pub fn sqlite_config(folder: &TempDir) -> StoreConfig {
    StoreConfig {
        uri: DatabaseUri::Sqlite(folder.path().join("mlflow.db")),
        temporary_dir: folder.path().to_owned(),
        readers: 2,
        pool: PoolConfig::default(),
        default_artifact_root: "mlflow-artifacts:/".to_owned(),
        schema: SchemaPolicy::Create,
        now_ms: NOW_MS,
    }
}

pub fn postgres_config(uri: &str) -> StoreConfig {
    StoreConfig {
        uri: DatabaseUri::parse(uri, &|_| None).unwrap(),
        temporary_dir: PathBuf::new(),
        readers: 2,
        pool: PoolConfig {
            max_connections: 4,
            ..PoolConfig::default()
        },
        default_artifact_root: "mlflow-artifacts:/".to_owned(),
        schema: SchemaPolicy::Create,
        now_ms: NOW_MS,
    }
}

pub fn tag_key(key: &str) -> Key {
    Key::parse(key, KeyKind::Tag, "key").unwrap()
}

pub fn param(key: &str, value: &str) -> Param {
    Param {
        key: Key::parse(key, KeyKind::Param, "key").unwrap(),
        value: value.to_owned(),
    }
}

pub fn point(key: &str, value: f64, timestamp_ms: i64, step: i64) -> Metric {
    Metric {
        key: Key::parse(key, KeyKind::Metric, "name").unwrap(),
        value: MetricValue::new(value),
        timestamp_ms,
        step,
        source: None,
    }
}

/// The pairs of a list of tags or params, in key order.
pub fn pairs(tags: &[Tag]) -> Vec<(&str, &str)> {
    let mut pairs: Vec<_> = tags
        .iter()
        .map(|tag| (tag.key.as_str(), tag.value.as_str()))
        .collect();
    pairs.sort_unstable();
    pairs
}
