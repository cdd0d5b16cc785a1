//! Servers in this process, for requests.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use http_body_util::BodyExt;
use oxflow_artifacts::{Artifacts, ArtifactsConfig};
use oxflow_auth::{HashMethod, PasswordHash, Permission, Token, UserName};
use oxflow_core::{Clock, Entropy};
use oxflow_server::edge::{self, Peer};
use oxflow_server::{App, Login, LoginConfig, ServerConfig, Stores, Ui, router};
use oxflow_store::{
    Accounts, DatabaseUri, NewToken, PoolConfig, SchemaPolicy, Store, StoreConfig, TokenKind,
};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tower::ServiceExt;

const NOW_MS: i64 = 1_700_000_000_000;

/// A server on an empty SQLite database.
pub(crate) struct Server {
    runtime: Runtime,
    router: Router,
    /// The API tokens of its users.
    tokens: BTreeMap<&'static str, String>,
    _folder: TempDir,
}

/// An answer: its status and its whole body.
pub(crate) type Answer = (u16, Vec<u8>);

impl Server {
    /// One that asks nobody who they are.
    pub(crate) fn open() -> Self {
        Self::with_users(&[])
    }

    /// One with these users; those called `admin` are administrators.
    pub(crate) fn with_users(users: &[&'static str]) -> Self {
        let folder = TempDir::new().expect("a folder for the test");
        let runtime = Runtime::new().expect("a runtime");
        let (clock, entropy) = (Clock::fixed(NOW_MS), Entropy::seeded(7));
        let artifacts = Artifacts::open(&ArtifactsConfig {
            destination: folder.path().join("mlartifacts").display().to_string(),
            default_root: "mlflow-artifacts:/".to_owned(),
            serve: true,
            extra_roots: Vec::new(),
            environment: Default::default(),
        });
        let store = Store::open(&StoreConfig {
            uri: DatabaseUri::Sqlite(folder.path().join("mlflow.db")),
            temporary_dir: folder.path().to_owned(),
            readers: 2,
            pool: PoolConfig::default(),
            default_artifact_root: "mlflow-artifacts:/".to_owned(),
            schema: SchemaPolicy::Create,
            now_ms: NOW_MS,
        });
        let stores = Stores {
            tracking: store.expect("a new database"),
            registry: None,
        };
        let mut config = ServerConfig::default();
        config.locations.working_directory = folder.path().to_owned();
        let edge_config = config.edge.clone();
        let artifacts = artifacts.expect("a new folder of artifacts");
        let mut app = App::new(config, stores, artifacts, Ui::None, clock.clone(), entropy);
        let mut tokens = BTreeMap::new();
        if !users.is_empty() {
            let uri = DatabaseUri::Sqlite(folder.path().join("basic_auth.db"));
            let accounts = Accounts::open(&uri, SchemaPolicy::Create).expect("a new database of users");
            for (i, name) in users.iter().enumerate() {
                let token = Token::new([u8::try_from(i).unwrap_or_default(); 32]);
                runtime.block_on(add_user(&accounts, name, &token));
                tokens.insert(*name, token.reveal().to_owned());
            }
            let config = LoginConfig {
                default_permission: Permission::NoPermissions,
                hash_method: HashMethod::Scrypt,
                hides_existence: false,
            };
            app = app.with_login(Login::new(accounts, config, clock, Entropy::System));
        }
        let router = edge::wrap(router(&app), &edge_config, 5000, "");
        app.readiness.set(true);
        Self {
            runtime,
            router,
            tokens,
            _folder: folder,
        }
    }

    /// Asks as a user of the server, or as nobody in particular. The body of a stream of events is not waited for.
    pub(crate) fn ask(&self, who: Option<&str>, mut request: Request<Body>) -> Answer {
        if let Some(token) = who.and_then(|who| self.tokens.get(who)) {
            let value = format!("Bearer {token}").parse().expect("tokens are ASCII");
            request.headers_mut().insert(header::AUTHORIZATION, value);
        }
        let peer = Peer::Address(([127, 0, 0, 1], 1).into());
        request.extensions_mut().insert(peer);
        self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await;
            let (head, body) = response.unwrap_or_else(|never| match never {}).into_parts();
            let kind = head.headers.get(header::CONTENT_TYPE);
            if kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream")) {
                return (head.status.as_u16(), Vec::new());
            }
            let body = body.collect().await.map(|body| body.to_bytes().to_vec());
            (head.status.as_u16(), body.unwrap_or_default())
        })
    }
}

async fn add_user(accounts: &Accounts, name: &str, token: &Token) {
    let username = UserName::parse(name).expect("a name for a user");
    let no_password = PasswordHash::from_row("none".to_owned());
    let user = accounts.create_user(username, no_password, name == "admin").await;
    let new = NewToken {
        user_id: user.expect("a new user").id,
        username: name.to_owned(),
        kind: TokenKind::Token,
        name: "fuzzing".to_owned(),
        hash: token.hash(),
        scope: None,
        now_ms: NOW_MS,
        expires_at_ms: None,
    };
    accounts.create_token(new).await.expect("a new token");
}
