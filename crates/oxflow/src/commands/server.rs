//! `oxflow server`.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use oxflow_artifacts::{ArtifactPath, Artifacts, ReadOnlyFolder};
use oxflow_auth::PasswordHash;
use oxflow_core::{Clock, Entropy};
use oxflow_server::edge::{self, Drained, Listener, Tls, TlsFiles, UnixSocketError};
use oxflow_server::{App, Login, SETTLED_EVERY, Stores, Ui, router, set_pending_owners};
use oxflow_store::{Accounts, DatabaseUri, SchemaPolicy, Store, StoreConfig, StoreError};
use tokio::net::TcpListener;
use tracing::{error, info, warn};

use super::version::VERSION;
use super::{print, store_failure};
use crate::config::{
    Admin, AutoMigrate, Config, LoginSettings, ServerArgs, SocketPlace, StorageConfig, UNCHECKED,
};
use crate::env::Env;
use crate::failure::Failure;
use crate::logging::Logging;
use crate::open_files;
use crate::stop::StopSignals;

/// How often the warning about switched-off checks is repeated.
const WARN_AGAIN: Duration = Duration::from_secs(3600);

/// How often left-over uploads are removed.
const SWEPT_EVERY: Duration = Duration::from_secs(3600);

/// Runs the server until it is told to stop.
pub fn run(args: &ServerArgs, env: &Env) -> Result<ExitCode, Failure> {
    let config = Config::resolve(args, env)?;
    if args.print_config {
        print(config.to_toml().trim_end());
        return Ok(ExitCode::SUCCESS);
    }
    let logging = Logging::start(&config.log);
    let outcome = run_until_stopped(config, &logging);
    logging.finish();
    outcome
}

fn run_until_stopped(config: Config, logging: &Logging) -> Result<ExitCode, Failure> {
    for warning in &config.warnings {
        warn!("{warning}");
    }
    open_files::raise_limit();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(config.workers)
        .enable_all()
        .build()
        .context("could not start the threads of the server")?;
    let code = runtime.block_on(serve(config, logging))?;
    // What is still running after the grace was cut off already.
    runtime.shutdown_timeout(Duration::from_secs(1));
    Ok(code)
}

async fn serve(config: Config, logging: &Logging) -> Result<ExitCode, Failure> {
    let clock = Clock::System;
    let tls = config
        .listen
        .tls
        .clone()
        .map(|files| load_tls(files, &clock))
        .transpose()?;
    let read_again = tls.clone().map(|tls| move || tls.read_again());
    let signals = StopSignals::catch(read_again)?;
    // Lives as long as the server: a temporary database goes with it.
    let temporary_dir = temporary_dir(&config.storage)?;
    let stores = open_stores(
        &config,
        temporary_dir.as_ref().map(tempfile::TempDir::path),
        &clock,
    )?;
    let login = match &config.login {
        None => None,
        Some(settings) => Some(open_login(settings, &clock).await?),
    };
    let artifacts =
        Artifacts::open(&config.storage.artifacts).context("could not open the artifact storage")?;
    let ui = match &config.ui_dir {
        None => Ui::embedded(),
        Some(dir) => Ui::Folder(open_ui(dir).await?),
    };
    // Last: a port that answers is a server that works.
    let is_tls = tls.is_some();
    let listener = match &config.listen.socket {
        Some(place) => listen_at_socket(place).await?,
        None => {
            let port = bind(&config).await?;
            match tls {
                None => Listener::from(port),
                Some(tls) => Listener::tls(port, tls),
            }
        }
    };
    let address = listener
        .local_addr()
        .context("could not tell the address of the listener")?;
    let edge_config = config.server.edge.clone();
    let prefix = config.server.static_prefix.clone();
    let url = url(&config, address, is_tls);
    print(&start_lines(&config, &url));
    info!("listening on {url}");
    if !edge_config.security_middleware {
        tokio::spawn(warn_every_hour());
    }
    let mut app = App::new(config.server, stores, artifacts, ui, clock, Entropy::System);
    if let Some(login) = login {
        app = app.with_login(login);
    }
    set_pending_owners(&app, Duration::ZERO)
        .await
        .context("could not give what was created last to its creators")?;
    let settling = tokio::spawn(settle_owners(app.clone()));
    let sweeping = tokio::spawn(sweep_every_hour(app.artifacts.clone()));
    let readiness = app.readiness.clone();
    let routes = edge::wrap(
        router(&app),
        &edge_config,
        address.map(|address| address.port()),
        &prefix,
    );
    drop(app);
    let stop = signals.first(logging.clone());
    let drained = edge::serve(listener, routes, readiness, &edge_config, stop).await;
    // It holds the databases open.
    settling.abort();
    sweeping.abort();
    match drained {
        Drained::Clean => {
            info!("stopped; every request was answered");
            Ok(ExitCode::SUCCESS)
        }
        Drained::CutOff => {
            error!(
                "stopped after {:?}; some requests were cut off",
                edge_config.shutdown_grace
            );
            Ok(ExitCode::FAILURE)
        }
    }
}

fn open_stores(config: &Config, temporary_dir: Option<&Path>, clock: &Clock) -> Result<Stores, Failure> {
    let tracking = open_store(config, &config.storage.database, temporary_dir, clock)?;
    let registry = config.storage.registry.as_ref();
    let registry = registry.map(|uri| open_store(config, uri, temporary_dir, clock));
    Ok(Stores {
        tracking,
        registry: registry.transpose()?,
    })
}

fn open_store(
    config: &Config,
    uri: &DatabaseUri,
    temporary_dir: Option<&Path>,
    clock: &Clock,
) -> Result<Store, Failure> {
    let storage = &config.storage;
    let store_config = StoreConfig {
        uri: uri.clone(),
        temporary_dir: temporary_dir.map(Path::to_owned).unwrap_or_default(),
        // More than cores: a long search must not make the short reads wait.
        readers: (2 * config.workers).clamp(4, 32),
        pool: storage.pool.clone(),
        default_artifact_root: storage.artifacts.default_root.clone(),
        schema: storage.auto_migrate.policy(),
        now_ms: clock.now_ms(),
    };
    Store::open(&store_config).map_err(store_failure)
}

/// Opens the database of users, and makes the first administrator.
async fn open_login(settings: &LoginSettings, clock: &Clock) -> Result<Login, Failure> {
    // MLflow brings its tables of users up to date at every start as well; the old ones stay in it.
    let policy = match settings.auto_migrate {
        AutoMigrate::Off => SchemaPolicy::Check,
        AutoMigrate::Create | AutoMigrate::On => SchemaPolicy::Upgrade,
    };
    let accounts = Accounts::open(&settings.database, policy).map_err(store_failure)?;
    let failed = |error: StoreError| Failure::from(anyhow::Error::new(error));
    let has_users = accounts.has_users().await.map_err(failed)?;
    if let Some(Admin { name, password }) = &settings.admin {
        let is_there = accounts
            .login(name.as_str().to_owned())
            .await
            .map_err(failed)?
            .is_some();
        match password {
            Some(password) if !is_there => {
                let method = settings.server.hash_method;
                let hash = PasswordHash::new(password, method, Entropy::System.bytes());
                accounts
                    .create_user(name.clone(), hash, true)
                    .await
                    .map_err(failed)?;
                info!("created the administrator '{name}' in {}", accounts.location());
            }
            None if !has_users => {
                let message = format!(
                    "{} has no users, and the first administrator no password",
                    accounts.location()
                );
                return Err(Failure::usage(message).hint(
                    "set MLFLOW_AUTH_ADMIN_PASSWORD, or name a file with `--admin-password-file`; or make users with `oxflow \
                     auth create-user NAME --admin`",
                ));
            }
            _ => {}
        }
    }
    info!(
        "users are in {}; what no grant speaks of, everybody may: {}",
        accounts.location(),
        settings.server.default_permission
    );
    Ok(Login::new(
        accounts,
        settings.server.clone(),
        clock.clone(),
        Entropy::System,
    ))
}

/// What is printed once the server listens: where it is, and where everything is kept.
fn start_lines(config: &Config, url: &str) -> String {
    let storage = &config.storage;
    let registry = storage.registry.as_ref();
    format!(
        "oxflow {VERSION} listening on {url}\ndatabase  {}{}{}\nartifacts {}",
        storage.database,
        registry.map_or_else(String::new, |uri| format!("\nregistry  {uri}")),
        config
            .login
            .as_ref()
            .map_or_else(String::new, |login| format!("\nusers     {}", login.database)),
        artifacts_in_words(storage),
    )
}

/// A folder of its own for a database that ends with the server.
fn temporary_dir(storage: &StorageConfig) -> Result<Option<tempfile::TempDir>, Failure> {
    let mut databases = storage.registry.iter().chain([&storage.database]);
    if !databases.any(|uri| *uri == DatabaseUri::SqliteTemporary) {
        return Ok(None);
    }
    let dir = tempfile::Builder::new().prefix("oxflow-").tempdir();
    Ok(Some(
        dir.context("could not make a folder for the temporary database")?,
    ))
}

/// Opens the folder of a UI. One without a first page is probably not the folder that was meant.
async fn open_ui(dir: &Path) -> Result<ReadOnlyFolder, Failure> {
    let hint = "`--ui-dir` is for the folder with the `index.html` of a built UI, such as `mlflow/server/js/build` of an \
                installed mlflow package";
    let index = ArtifactPath::parse("index.html").context("`index.html` is no path")?;
    let files = ReadOnlyFolder::open(dir)
        .context("could not open the folder of the web UI")
        .map_err(|error| Failure::from(error).hint(hint))?;
    files
        .open_file(&index)
        .await
        .with_context(|| format!("the folder `{}` of `--ui-dir` is no web UI", dir.display()))
        .map_err(|error| Failure::from(error).hint(hint))?;
    Ok(files)
}

/// Where the server is, as a client would name it; a unix socket has no such name and is given as its file.
fn url(config: &Config, address: Option<SocketAddr>, is_tls: bool) -> String {
    let prefix = &config.server.static_prefix;
    match (address, &config.listen.socket) {
        (Some(address), _) => format!("{}://{address}{prefix}", if is_tls { "https" } else { "http" }),
        (None, Some(socket)) => format!("unix:{}", socket.path.display()),
        (None, None) => String::new(),
    }
}

fn load_tls(files: TlsFiles, clock: &Clock) -> Result<Tls, Failure> {
    Tls::load(files, clock.clone()).map_err(|error| {
        Failure::from(anyhow::Error::new(error)).hint(
            "`--tls-cert` and `--tls-client-ca` name PEM files with certificates, `--tls-key` one with the key of the \
             first certificate of `--tls-cert`; the user of this process must be able to read them",
        )
    })
}

async fn listen_at_socket(place: &SocketPlace) -> Result<Listener, Failure> {
    let listener = Listener::unix_socket(&place.path, place.mode.0).await;
    listener.map_err(|error| {
        let hint = match &error {
            UnixSocketError::InUse { .. } => "stop it, or take another file with `--uds`",
            UnixSocketError::NotASocket { .. } => "name another file with `--uds`, or move this one away",
            UnixSocketError::Bind { .. } => {
                "does the folder of `--uds` exist, and may the user of this process write it? Paths of sockets have at \
                 most 107 bytes"
            }
        };
        Failure::from(anyhow::Error::new(error)).hint(hint)
    })
}

async fn bind(config: &Config) -> Result<TcpListener, Failure> {
    let host = config.host.trim_start_matches('[').trim_end_matches(']');
    let port = config.port;
    let error = match TcpListener::bind((host, port)).await {
        Ok(listener) => return Ok(listener),
        Err(error) => error,
    };
    let hint = match error.kind() {
        io::ErrorKind::AddrInUse => {
            "another program uses the port, perhaps another server; stop it, or take another with `--port`, 0 for any"
        }
        io::ErrorKind::PermissionDenied => {
            "ports below 1024 need a privilege; take a higher one with `--port`"
        }
        io::ErrorKind::AddrNotAvailable => {
            "`--host` must be an address of this machine; 0.0.0.0 means all of them"
        }
        _ => "is `--host` an address of this machine or a name for one?",
    };
    let error = anyhow::Error::new(error).context(format!("could not listen on {}:{port}", config.host));
    Err(Failure::from(error).hint(hint))
}

fn artifacts_in_words(storage: &StorageConfig) -> String {
    let artifacts = &storage.artifacts;
    if artifacts.serve {
        artifacts.destination.clone()
    } else {
        format!("not served; new experiments use {}", artifacts.default_root)
    }
}

/// Settles, again and again, whose the things are that other servers on these databases left without an owner.
async fn settle_owners(app: App) {
    loop {
        tokio::time::sleep(SETTLED_EVERY).await;
        if let Err(error) = set_pending_owners(&app, SETTLED_EVERY).await {
            warn!("could not look for things without an owner: {error}");
        }
    }
}

/// Uploads that were begun and never ended must not wait for the next start of the server.
async fn sweep_every_hour(artifacts: Artifacts) {
    loop {
        tokio::time::sleep(SWEPT_EVERY).await;
        if let Err(error) = artifacts.sweep().await {
            warn!("could not sweep the artifact store: {error}");
        }
    }
}

async fn warn_every_hour() {
    loop {
        tokio::time::sleep(WARN_AGAIN).await;
        warn!("{UNCHECKED}");
    }
}
