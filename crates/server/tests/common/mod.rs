//! A server in-process, on an empty database and an empty folder of artifacts.

#![allow(clippy::disallowed_methods, reason = "tests find their own files")]

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use oxflow_artifacts::{Artifacts, ArtifactsConfig};
use oxflow_auth::{HashMethod, Permission};
use oxflow_core::{Clock, Entropy};
use oxflow_server::edge::Peer;
use oxflow_server::{App, Login, LoginConfig, Readiness, ServerConfig, Stores, Ui, router};
use oxflow_store::{Accounts, DatabaseUri, PoolConfig, SchemaPolicy, Store, StoreConfig};
use oxflow_testkit::goldens::{Got, Send};
use oxflow_testkit::postgres::TestDatabase;
use tower::ServiceExt;

/// Where all requests come from.
const PEER_ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 1);
const PEER: Peer = Peer::Address(PEER_ADDRESS);

const START_MS: i64 = 1_700_000_000_000;

pub struct Server {
    router: Router,
    app: App,
    clock: Clock,
    accounts: Option<Accounts>,
    folder: tempfile::TempDir,
    /// Last: goes when the server is gone.
    database: Option<TestDatabase>,
}

/// What is not as usual; usual is one SQLite database, no prefix, no UI.
#[derive(Default)]
struct Setup {
    database: Option<TestDatabase>,
    registry_is_apart: bool,
    ui: Option<Ui>,
    static_prefix: String,
    /// Whether the client of all requests is a trusted proxy.
    is_behind_proxy: bool,
    artifacts_only: bool,
    /// Whether one has to log in.
    has_login: bool,
}

impl Server {
    #[allow(dead_code, reason = "not every test binary uses it")]
    /// The artifacts destination.
    pub fn artifacts_folder(&self) -> std::path::PathBuf {
        self.folder.path().join("mlartifacts")
    }

    #[allow(dead_code, reason = "not every test binary uses it")]
    /// A server on SQLite.
    pub fn start() -> Self {
        Self::start_with(Setup::default())
    }

    #[allow(dead_code, reason = "not every test binary uses it")]
    /// A server on SQLite whose model registry has a database of its own.
    pub fn start_with_registry_apart() -> Self {
        Self::start_with(Setup {
            registry_is_apart: true,
            ..Setup::default()
        })
    }

    #[allow(dead_code, reason = "not every test binary uses it")]
    /// A server on SQLite with a web UI.
    pub fn start_with_ui(ui: Ui, static_prefix: &str) -> Self {
        Self::start_with(Setup {
            ui: Some(ui),
            static_prefix: static_prefix.to_owned(),
            ..Setup::default()
        })
    }

    #[allow(dead_code, reason = "not every test binary uses it")]
    /// A server on SQLite with a web UI, whose requests come from a trusted proxy.
    pub fn start_behind_proxy(ui: Ui, static_prefix: &str) -> Self {
        Self::start_with(Setup {
            ui: Some(ui),
            static_prefix: static_prefix.to_owned(),
            is_behind_proxy: true,
            ..Setup::default()
        })
    }

    #[allow(dead_code, reason = "not every test binary uses it")]
    /// A server of artifacts and nothing else.
    pub fn start_with_artifacts_only(ui: Ui) -> Self {
        Self::start_with(Setup {
            ui: Some(ui),
            artifacts_only: true,
            ..Setup::default()
        })
    }

    #[allow(dead_code, reason = "not every test binary uses it")]
    /// A server on SQLite that asks for a login; nobody may do what no grant says.
    pub fn start_with_login() -> Self {
        Self::start_with(Setup {
            has_login: true,
            ..Setup::default()
        })
    }

    #[allow(dead_code, reason = "not every test binary uses it")]
    /// The same on PostgreSQL, users too; `None` where tests have none.
    pub fn start_with_login_on_postgres() -> Option<Self> {
        TestDatabase::empty().map(|database| {
            Self::start_with(Setup {
                database: Some(database),
                has_login: true,
                ..Setup::default()
            })
        })
    }

    #[allow(dead_code, reason = "not every test binary uses it")]
    /// A server on PostgreSQL; `None` where tests have none.
    pub fn start_on_postgres() -> Option<Self> {
        TestDatabase::empty().map(|database| {
            Self::start_with(Setup {
                database: Some(database),
                ..Setup::default()
            })
        })
    }

    fn start_with(setup: Setup) -> Self {
        let database = setup.database;
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
            environment: Default::default(),
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
            registry: setup.registry_is_apart.then(|| open(registry)),
        };
        let mut config = ServerConfig::default();
        config.locations.working_directory = folder.path().to_owned();
        config.static_prefix = setup.static_prefix;
        config.artifacts_only = setup.artifacts_only;
        if setup.is_behind_proxy {
            config.edge.trusted_proxies = vec![PEER_ADDRESS.ip().into()];
        }
        let users = match &database {
            None => DatabaseUri::Sqlite(folder.path().join("basic_auth.db")),
            Some(database) => DatabaseUri::parse(database.uri(), &|_| None).unwrap(),
        };
        let accounts = setup
            .has_login
            .then(|| Accounts::open(&users, SchemaPolicy::Create).unwrap());
        let mut app = App::new(
            config,
            stores,
            artifacts,
            setup.ui.unwrap_or(Ui::None),
            clock.clone(),
            Entropy::seeded(7),
        );
        if let Some(accounts) = accounts.clone() {
            let config = LoginConfig {
                default_permission: Permission::NoPermissions,
                hash_method: HashMethod::Scrypt,
                hides_existence: false,
            };
            app = app.with_login(Login::new(accounts, config, clock.clone(), Entropy::System));
        }
        let prefix = &app.config.static_prefix;
        let served = oxflow_server::edge::wrap(router(&app), &app.config.edge, 5000, prefix);
        app.readiness.set(true);
        Self {
            router: served,
            app,
            clock,
            accounts,
            folder,
            database,
        }
    }

    #[allow(dead_code, reason = "not every test binary uses it")]
    /// The users of a server with a login.
    pub fn accounts(&self) -> &Accounts {
        self.accounts.as_ref().unwrap()
    }

    #[allow(dead_code, reason = "not every test binary uses it")]
    /// What the server is made of.
    pub fn app(&self) -> &App {
        &self.app
    }

    #[allow(dead_code, reason = "not every test binary uses it")]
    /// The clock of the server.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// What answers requests, for a connection of its own.
    #[allow(dead_code, reason = "not every test serves connections")]
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Whether the server takes requests.
    #[allow(dead_code, reason = "not every test serves connections")]
    pub fn readiness(&self) -> Readiness {
        self.app.readiness.clone()
    }

    /// Where the database and the artifacts are.
    #[allow(dead_code, reason = "not every test looks there")]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The PostgreSQL database below it, if it is on one.
    #[allow(dead_code, reason = "not every test looks there")]
    pub fn database(&self) -> Option<&TestDatabase> {
        self.database.as_ref()
    }

    #[allow(dead_code, reason = "not every test binary uses it")]
    /// Asks with the usual Host.
    pub async fn get(&self, target: &str, headers: &[(&str, &str)]) -> Got {
        self.ask("GET", target, headers, &[]).await
    }

    /// Asks with the usual Host.
    pub async fn ask(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Got {
        let usual = [("host", "127.0.0.1:5000")];
        let headers = usual.iter().chain(headers);
        self.send(&Send {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: headers
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body: body.to_vec(),
        })
        .await
    }

    #[allow(dead_code, reason = "not every test binary uses it")]
    /// Asks with the usual Host and goes away as soon as the answer begins; its status.
    pub async fn begin(&self, target: &str) -> u16 {
        self.begin_with(target, &[]).await
    }

    #[allow(dead_code, reason = "not every test binary uses it")]
    /// The same with more headers.
    pub async fn begin_with(&self, target: &str, headers: &[(&str, &str)]) -> u16 {
        let mut request = Request::builder().uri(target).header("host", "127.0.0.1:5000");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::empty()).unwrap();
        request.extensions_mut().insert(PEER);
        let response = self.router.clone().oneshot(request).await.unwrap();
        response.status().as_u16()
    }

    pub async fn send(&self, send: &Send) -> Got {
        if let Clock::Fixed(now) = &self.clock {
            now.fetch_add(1, Ordering::Relaxed);
        }
        let mut request = Request::builder().method(send.method.as_str()).uri(&send.target);
        for (name, value) in &send.headers {
            request = request.header(name, value);
        }
        let mut request = request.body(Body::from(send.body.clone())).unwrap();
        request.extensions_mut().insert(PEER);
        let response = self.router.clone().oneshot(request).await.unwrap();
        let mut headers: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in response.headers() {
            let value = String::from_utf8_lossy(value.as_bytes());
            let line = headers.entry(name.to_string()).or_default();
            let comma = if line.is_empty() { "" } else { ", " };
            *line += &format!("{comma}{value}");
        }
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes().to_vec();
        Got {
            status,
            headers,
            body,
        }
    }
}
