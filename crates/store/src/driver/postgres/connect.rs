//! Opening connections, and what it means when that fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rand::RngExt;
use tokio::runtime::Builder;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config};
use tokio_postgres_rustls::MakeRustlsConnect;
use tracing::{info, warn};

use super::access::{Access, Holder};
use super::statement::Statements;
use super::{Session, passfile, tls};
use crate::uri::PostgresUri;

/// A setting under a name of ours: whoever finds it in a session speaks to the database directly.
const PROBE: &str = "oxflow.direct";

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectFailure {
    /// Nobody listens there, the name is unknown, or the network is in the way.
    #[error("{0}")]
    Unreachable(String),
    /// No answer in time.
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
    /// The server does not let this user in.
    #[error("{0}")]
    Login(String),
    /// There is no such database on that server.
    #[error("{0}")]
    NoDatabase(String),
    /// TLS was refused by one side, or a certificate is not good.
    #[error("{0}")]
    Tls(String),
    /// The server is starting, stopping, or has no connection left.
    #[error("{0}")]
    NotNow(String),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

/// Opens connections to one database.
#[derive(Clone)]
pub(crate) struct Connector {
    /// One for each host, in the order in which they are tried.
    hosts: Vec<Config>,
    tls: MakeRustlsConnect,
    /// For connecting to one host, and again for logging in there.
    timeout: Duration,
    /// Whether statements may be prepared under a name; a pooler that was met turns it off.
    may_prepare: Arc<AtomicBool>,
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connector")
            .field("may_prepare", &self.may_prepare)
            .finish_non_exhaustive()
    }
}

/// The name that all connections of this process have and nobody else's, so that `others` can tell them apart.
/// PostgreSQL cuts names off at 63 bytes.
fn name_of_connections(wanted: Option<&str>) -> String {
    let wanted: String = wanted.unwrap_or("oxflow").chars().take(40).collect();
    format!("{wanted} {:08x}", rand::random::<u32>())
}

impl Connector {
    /// Reads certificates and the password file. `may_prepare`: unless the connection goes through a pooler,
    /// statements are prepared under names.
    pub(crate) fn new(uri: &PostgresUri, may_prepare: bool) -> Result<Self, ConnectFailure> {
        let name = name_of_connections(uri.config.get_application_name());
        let hosts: Vec<Config> = (0..uri.config.get_hosts().len())
            .map(|i| {
                let mut config = uri.only_host(i);
                config.application_name(&name);
                if config.get_password().is_none()
                    && let Some(path) = &uri.passfile
                    && let Some(password) = passfile::password(path, &config)
                {
                    config.password(password);
                }
                config
            })
            .collect();
        Ok(Self {
            hosts,
            tls: tls::connector(&uri.tls).map_err(ConnectFailure::Tls)?,
            timeout: uri.config.get_connect_timeout().copied().unwrap_or_default(),
            may_prepare: Arc::new(AtomicBool::new(may_prepare && !uri.behind_pgbouncer)),
        })
    }

    /// Opens one connection, to the first host that takes it.
    pub(crate) fn connect(&self) -> Result<Session, ConnectFailure> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| ConnectFailure::Other(format!("could not make a runtime: {error}")))?;
        let mut failure = ConnectFailure::Other("no host is named".to_owned());
        for config in &self.hosts {
            let limit = self.timeout * 2;
            let logged_in = runtime.block_on(async {
                tokio::time::timeout(limit, self.log_in(config))
                    .await
                    .unwrap_or(Err(ConnectFailure::TimedOut(limit)))
            });
            match logged_in {
                Err(cause) => failure = cause,
                Ok((client, holder)) => {
                    return Ok(Session {
                        runtime,
                        client,
                        tls: self.tls.clone(),
                        holder,
                        statements: Statements::new(holder),
                        opened: Instant::now(),
                        used: Instant::now(),
                        is_broken: false,
                    });
                }
            }
        }
        Err(failure)
    }

    /// Connects, and finds out whether the session is ours alone.
    ///
    /// A pooler in transaction mode hands statements of one client to the next one under the same name: with
    /// several servers of ours behind one, a name would stand for another statement. A pooler cannot pass a
    /// setting of the session on: it refuses or forgets it.
    async fn log_in(&self, config: &Config) -> Result<(Client, Holder), ConnectFailure> {
        if !self.may_prepare.load(Ordering::Relaxed) {
            let client = self.open(config).await.map_err(|e| self.failure(&e))?;
            return Ok((client, Holder::Pooler));
        }
        let token = format!("{:032x}", rand::rng().random::<u128>());
        let mut probing = config.clone();
        let given = config.get_options().unwrap_or_default();
        let ours = Access::session_options();
        probing.options(format!("{given} {ours} -c {PROBE}={token}").trim_start());
        let client = match self.open(&probing).await {
            Ok(client) => client,
            Err(error) => {
                let failure = self.failure(&error);
                // Whatever a pooler says about a setting that it does not know.
                if error.code().is_none() || !matches!(failure, ConnectFailure::Other(_)) {
                    return Err(failure);
                }
                let client = self.open(config).await.map_err(|e| self.failure(&e))?;
                self.met_a_pooler("it refused a setting of the session");
                return Ok((client, Holder::Pooler));
            }
        };
        let found = client
            .query_typed(&format!("SELECT current_setting('{PROBE}', true)"), &[])
            .await
            .map_err(|error| self.failure(&error))?;
        let is_direct = found
            .first()
            .and_then(|row| row.try_get::<_, Option<String>>(0).ok().flatten())
            == Some(token);
        if is_direct {
            return Ok((client, Holder::Us));
        }
        self.met_a_pooler("it did not pass a setting of the session on");
        Ok((client, Holder::Pooler))
    }

    fn met_a_pooler(&self, sign: &str) {
        if self.may_prepare.swap(false, Ordering::Relaxed) {
            info!("the database is behind a pooler ({sign}): statements are not prepared under names");
        }
    }

    async fn open(&self, config: &Config) -> Result<Client, tokio_postgres::Error> {
        let (client, connection) = config.connect(self.tls.clone()).await?;
        // Runs whenever this session waits for an answer.
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                warn!("a connection to PostgreSQL ended: {}", words(&error));
            }
        });
        Ok(client)
    }

    fn failure(&self, error: &tokio_postgres::Error) -> ConnectFailure {
        let text = words(error);
        match error.code() {
            Some(&SqlState::INVALID_PASSWORD | &SqlState::INVALID_AUTHORIZATION_SPECIFICATION) => {
                // Also what pg_hba.conf answers to a connection without encryption.
                ConnectFailure::Login(text)
            }
            Some(&SqlState::INVALID_CATALOG_NAME) => ConnectFailure::NoDatabase(text),
            Some(
                &SqlState::CANNOT_CONNECT_NOW
                | &SqlState::TOO_MANY_CONNECTIONS
                | &SqlState::ADMIN_SHUTDOWN
                | &SqlState::CRASH_SHUTDOWN,
            ) => ConnectFailure::NotNow(text),
            Some(_) => ConnectFailure::Other(text),
            None => {
                let what = error.to_string();
                if what.contains("TLS") {
                    ConnectFailure::Tls(text)
                } else if what.contains("timeout") {
                    ConnectFailure::TimedOut(self.timeout)
                } else if what.contains("authentication") || what.contains("configuration") {
                    ConnectFailure::Login(text)
                } else if what.contains("connect") || what.contains("communicating") {
                    ConnectFailure::Unreachable(text)
                } else {
                    ConnectFailure::Other(text)
                }
            }
        }
    }
}

/// An error in words: what the database says, or else what broke.
pub(crate) fn words(error: &tokio_postgres::Error) -> String {
    if let Some(error) = error.as_db_error() {
        let mut text = format!("{} ({})", error.message(), error.code().code());
        for more in [error.detail(), error.hint()].into_iter().flatten() {
            text.push_str("; ");
            text.push_str(more);
        }
        return text;
    }
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}
