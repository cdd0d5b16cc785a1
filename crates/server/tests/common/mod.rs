//! A server in-process, on an empty database and an empty folder of artifacts.

#![allow(clippy::disallowed_methods, reason = "tests find their own files")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use oxflow_artifacts::{Artifacts, ArtifactsConfig};
use oxflow_core::{Clock, Entropy};
use oxflow_server::{App, ServerConfig, Stores, router};
use oxflow_store::{DatabaseUri, PoolConfig, SchemaPolicy, Store, StoreConfig};
use oxflow_testkit::goldens::{Got, Send};
use oxflow_testkit::postgres::TestDatabase;
use tower::ServiceExt;

const START_MS: i64 = 1_700_000_000_000;

pub struct Server {
    router: Router,
    clock: Clock,
    folder: tempfile::TempDir,
    /// Last: goes when the server is gone.
    _database: Option<TestDatabase>,
}

impl Server {
    /// A server on SQLite.
    pub fn start() -> Self {
        Self::start_on(None, false)
    }

    #[allow(dead_code, reason = "not every test binary uses it")]
    /// A server on SQLite whose model registry has a database of its own.
    pub fn start_with_registry_apart() -> Self {
        Self::start_on(None, true)
    }

    #[allow(dead_code, reason = "not every test binary uses it")]
    /// A server on PostgreSQL; `None` where tests have none.
    pub fn start_on_postgres() -> Option<Self> {
        TestDatabase::empty().map(|database| Self::start_on(Some(database), false))
    }

    fn start_on(database: Option<TestDatabase>, registry_is_apart: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let uri = match &database {
            None => DatabaseUri::Sqlite(folder.path().join("mlflow.db")),
            Some(database) => DatabaseUri::parse(database.uri(), &|_| None).unwrap(),
        };
        let clock = Clock::fixed(START_MS);
        let artifacts = Artifacts::open(&ArtifactsConfig {
            destination: folder.path().join("mlartifacts").display().to_string(),
            default_root: "mlflow-artifacts:/".to_owned(),
            serve: true,
            extra_roots: Vec::new(),
        })
        .unwrap();
        let open = |uri| {
            let config = StoreConfig {
                uri,
                temporary_dir: folder.path().to_owned(),
                readers: 2,
                pool: PoolConfig::default(),
                default_artifact_root: "mlflow-artifacts:/".to_owned(),
                schema: SchemaPolicy::Create,
                now_ms: START_MS,
            };
            Store::open(&config).unwrap()
        };
        let registry = DatabaseUri::Sqlite(folder.path().join("registry.db"));
        let stores = Stores {
            tracking: open(uri),
            registry: registry_is_apart.then(|| open(registry)),
        };
        let mut config = ServerConfig::default();
        config.locations.working_directory = folder.path().to_owned();
        let app = App::new(config, stores, artifacts, clock.clone(), Entropy::seeded(7));
        let served = oxflow_server::edge::wrap(router(&app), &app.config.edge, 5000, "");
        app.readiness.set(true);
        Self {
            router: served,
            clock,
            folder,
            _database: database,
        }
    }

    /// Where the database and the artifacts are.
    #[allow(dead_code, reason = "not every test looks there")]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub async fn send(&self, send: &Send) -> Got {
        if let Clock::Fixed(now) = &self.clock {
            now.fetch_add(1, Ordering::Relaxed);
        }
        let mut request = Request::builder().method(send.method.as_str()).uri(&send.target);
        for (name, value) in &send.headers {
            request = request.header(name, value);
        }
        let request = request.body(Body::from(send.body.clone())).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let headers: BTreeMap<String, String> = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (
                    name.to_string(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes().to_vec();
        Got {
            status,
            headers,
            body,
        }
    }
}
