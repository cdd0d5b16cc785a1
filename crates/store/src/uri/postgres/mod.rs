//! `postgresql://` URIs, completed from the `PG*` variables as PostgreSQL's own programs do.

mod options;
#[cfg(test)]
mod tests;
mod tls;

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use options::Options;
pub(crate) use tls::{Roots, Tls, TlsMode};

/// How long one attempt to connect may take, unless `connect_timeout` says otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// When the system asks whether an idle connection is still there, and how long data may stay unanswered: a
/// firewall or a server that went away without a word must not be waited for.
const KEEPALIVE: Duration = Duration::from_secs(30);
const UNANSWERED: Duration = Duration::from_secs(10);

/// What libpq would be protected by, and this driver is not: refused, not ignored.
const PROTECTIONS: [(&str, &str); 4] = [
    ("sslcrl", "PGSSLCRL"),
    ("sslcrldir", "PGSSLCRLDIR"),
    ("requirepeer", "PGREQUIREPEER"),
    ("service", "PGSERVICE"),
];

/// PostgreSQL's own port.
const PORT: u16 = 5432;

/// Where servers on this machine put their sockets: Debian's place, and PostgreSQL's own.
const SOCKET_FOLDERS: [&str; 2] = ["/var/run/postgresql", "/tmp"];

/// Options of other drivers that change nothing here.
const WITHOUT_EFFECT: [&str; 8] = [
    "client_encoding",
    "fallback_application_name",
    "gssencmode",
    "gsslib",
    "krbsrvname",
    "prepare_threshold",
    "sslcompression",
    "sslsni",
];

/// A PostgreSQL database: where it is, who connects and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresUri {
    /// Everything the driver knows by itself. Its `Debug` masks the password.
    pub(crate) config: Config,
    pub(crate) tls: Tls,
    /// File to look a missing password up in.
    pub(crate) passfile: Option<PathBuf>,
    /// `pgbouncer=true`: statements are never prepared under a name.
    pub(crate) behind_pgbouncer: bool,
    /// The URI as it was given, without its password.
    given: String,
}

/// Reads a variable of the environment.
pub type Variables<'v> = &'v dyn Fn(&str) -> Option<String>;

impl PostgresUri {
    /// Reads what follows `postgresql://`. What is missing comes from `PGHOST`, `PGPORT`, `PGDATABASE`,
    /// `PGUSER`, `PGPASSWORD` and so on; operations.md, section 3.1.
    pub(super) fn parse(rest: &str, variables: Variables<'_>) -> Result<Self, String> {
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        if query.contains('@') && !place.contains('@') {
            return Err("a `?` in the user or password is written `%3F`".to_owned());
        }
        let mut options = Options::split(query)?;
        let given = without_password(place, &options);
        let take = |options: &mut Options, name: &str, variable: &str| {
            options.take(name).or_else(|| variables(variable))
        };
        for (name, variable) in PROTECTIONS {
            if variables(variable).is_some() {
                return Err(format!("{variable} is set, but `{name}` is not supported"));
            }
        }
        let roots = match take(&mut options, "sslrootcert", "PGSSLROOTCERT") {
            Some(path) if path == "system" => Roots::System,
            Some(path) => Roots::File(path.into()),
            None => Roots::Unset,
        };
        let mode = match (take(&mut options, "sslmode", "PGSSLMODE"), &roots) {
            (Some(text), Roots::System) if text != "verify-full" => {
                return Err("`sslrootcert=system` needs `sslmode=verify-full`".to_owned());
            }
            (Some(text), _) => TlsMode::parse(&text)?,
            (None, Roots::System) => TlsMode::VerifyFull,
            (None, _) => TlsMode::Prefer,
        };
        let home = variables("HOME").map(PathBuf::from);
        let in_home = |file: &str| Some(home.as_ref()?.join(file)).filter(|path| path.exists());
        let roots = match roots {
            Roots::Unset => in_home(".postgresql/root.crt").map_or(Roots::Unset, Roots::File),
            given => given,
        };
        let cert = take(&mut options, "sslcert", "PGSSLCERT").map(PathBuf::from);
        let key = take(&mut options, "sslkey", "PGSSLKEY").map(PathBuf::from);
        let client = match (cert, key) {
            (Some(cert), Some(key)) => Some((cert, key)),
            (None, None) => in_home(".postgresql/postgresql.crt").zip(in_home(".postgresql/postgresql.key")),
            _ => return Err("`sslcert` and `sslkey` only mean something together".to_owned()),
        };
        let passfile = take(&mut options, "passfile", "PGPASSFILE")
            .map(PathBuf::from)
            .or_else(|| in_home(".pgpass"));
        let behind_pgbouncer = match options.take("pgbouncer").as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(other) => return Err(format!("`pgbouncer` is true or false, not `{other}`")),
        };
        for name in WITHOUT_EFFECT {
            options.take(name);
        }
        for (name, variable) in [
            ("target_session_attrs", "PGTARGETSESSIONATTRS"),
            ("channel_binding", "PGCHANNELBINDING"),
        ] {
            options.add_missing(name, variables(variable));
        }
        let place = with_port(place, variables("PGPORT").as_deref());
        let text = format!("postgresql://{place}{}", options.joined());
        let mut config: Config = text.parse().map_err(|error| reason(&error))?;
        complete(&mut config, variables)?;
        // As libpq: TLS is for networks.
        let is_local = config
            .get_hosts()
            .iter()
            .all(|host| matches!(host, Host::Unix(_)));
        let mode = if is_local { TlsMode::Disable } else { mode };
        config.ssl_mode(match mode {
            TlsMode::Disable => SslMode::Disable,
            TlsMode::Prefer => SslMode::Prefer,
            TlsMode::Require | TlsMode::VerifyCa | TlsMode::VerifyFull => SslMode::Require,
        });
        Ok(Self {
            config,
            tls: Tls { mode, roots, client },
            passfile,
            behind_pgbouncer,
            given,
        })
    }

    /// The URI as it was given, without its password: what it took from the environment is not in it.
    pub fn without_password(&self) -> &str {
        &self.given
    }

    /// The configuration for one of the hosts alone.
    pub(crate) fn only_host(&self, i: usize) -> Config {
        let all = &self.config;
        let mut one = Config::new();
        match &all.get_hosts()[i] {
            Host::Tcp(name) => one.host(name),
            Host::Unix(folder) => one.host_path(folder),
        };
        if let Some(address) = all.get_hostaddrs().get(i) {
            one.hostaddr(*address);
        }
        if let Some(port) = all.get_ports().get(i).or(all.get_ports().first()) {
            one.port(*port);
        }
        if let Some(user) = all.get_user() {
            one.user(user);
        }
        if let Some(password) = all.get_password() {
            one.password(password);
        }
        if let Some(database) = all.get_dbname() {
            one.dbname(database);
        }
        if let Some(options) = all.get_options() {
            one.options(options);
        }
        if let Some(name) = all.get_application_name() {
            one.application_name(name);
        }
        if let Some(limit) = all.get_connect_timeout() {
            one.connect_timeout(*limit);
        }
        one.tcp_user_timeout(all.get_tcp_user_timeout().copied().unwrap_or(UNANSWERED));
        let idle = all.get_keepalives_idle();
        let is_default = idle == Config::new().get_keepalives_idle();
        one.keepalives(all.get_keepalives())
            .keepalives_idle(if is_default { KEEPALIVE } else { idle });
        if let Some(interval) = all.get_keepalives_interval() {
            one.keepalives_interval(interval);
        }
        if let Some(retries) = all.get_keepalives_retries() {
            one.keepalives_retries(retries);
        }
        one.ssl_mode(all.get_ssl_mode())
            .ssl_negotiation(all.get_ssl_negotiation())
            .target_session_attrs(all.get_target_session_attrs())
            .channel_binding(all.get_channel_binding());
        one
    }

    /// The database as a URI without its password.
    pub fn masked(&self) -> String {
        let user = self.config.get_user().unwrap_or_default();
        let database = self.config.get_dbname().unwrap_or_default();
        format!("postgresql://{user}@{}/{database}", self.place())
    }

    /// Its hosts and ports.
    pub(crate) fn place(&self) -> String {
        let ports = self.config.get_ports();
        let port = |i: usize| ports.get(i).or(ports.first()).copied().unwrap_or(PORT);
        let place = |(i, host): (usize, &Host)| match host {
            Host::Tcp(name) if name.contains(':') => format!("[{name}]:{}", port(i)),
            Host::Tcp(name) => format!("{name}:{}", port(i)),
            Host::Unix(folder) => format!("{}:{}", folder.display(), port(i)),
        };
        let places: Vec<String> = self.config.get_hosts().iter().enumerate().map(place).collect();
        places.join(",")
    }
}

/// The URI without its password.
fn without_password(place: &str, options: &Options) -> String {
    let place = match place.rsplit_once('@') {
        Some((login, place)) => format!("{}@{place}", login.split(':').next().unwrap_or(login)),
        None => place.to_owned(),
    };
    let harmless = options
        .0
        .iter()
        .filter(|(name, _)| name != "password" && name != "sslpassword");
    format!(
        "postgresql://{place}{}",
        Options(harmless.cloned().collect()).joined()
    )
}

/// The place with a port at every host that has none.
fn with_port(place: &str, port: Option<&str>) -> String {
    let (login, rest) = place
        .rsplit_once('@')
        .map_or(("", place), |(login, rest)| (login, rest));
    let (hosts, database) = rest.split_once('/').unwrap_or((rest, ""));
    let complete = |host: &str| match port {
        Some(port) if !host.is_empty() && !host.rsplit(']').next().unwrap_or(host).contains(':') => {
            format!("{host}:{port}")
        }
        _ => host.to_owned(),
    };
    let hosts: Vec<String> = hosts.split(',').map(complete).collect();
    let at = if login.is_empty() { "" } else { "@" };
    format!("{login}{at}{}/{database}", hosts.join(","))
}

/// Fills in what neither the URI nor its options say.
fn complete(config: &mut Config, variables: Variables<'_>) -> Result<(), String> {
    if config.get_ports().is_empty()
        && let Some(port) = variables("PGPORT")
    {
        let port = port
            .parse()
            .map_err(|_| format!("PGPORT is `{port}`, not a port"))?;
        config.port(port);
    }
    if config.get_hosts().is_empty() {
        let host = variables("PGHOST")
            .or_else(|| variables("PGHOSTADDR"))
            .unwrap_or_else(|| nearest(config.get_ports().first().copied().unwrap_or(PORT)));
        for host in host.split(',') {
            config.host(host);
        }
    }
    let with_at = |host: &Host| matches!(host, Host::Tcp(name) if name.contains('@'));
    if config.get_hosts().iter().any(with_at) {
        return Err("an `@` in the user or password is written `%40`".to_owned());
    }
    if config.get_user().is_none() {
        let user = ["PGUSER", "USER", "LOGNAME"].into_iter().find_map(variables);
        config.user(user.ok_or("no user is given: put one into the URI or into PGUSER")?);
    }
    if config.get_dbname().is_none_or(str::is_empty) {
        let user = config.get_user().unwrap_or_default().to_owned();
        config.dbname(variables("PGDATABASE").unwrap_or(user));
    }
    if config.get_password().is_none()
        && let Some(password) = variables("PGPASSWORD")
    {
        config.password(password);
    }
    if config.get_options().is_none()
        && let Some(options) = variables("PGOPTIONS")
    {
        config.options(options);
    }
    if config.get_application_name().is_none() {
        config.application_name(variables("PGAPPNAME").unwrap_or_else(|| "oxflow".to_owned()));
    }
    if config.get_connect_timeout().is_none() {
        let seconds = variables("PGCONNECT_TIMEOUT").and_then(|text| text.parse().ok());
        config.connect_timeout(
            seconds
                .filter(|s| *s > 0)
                .map_or(CONNECT_TIMEOUT, Duration::from_secs),
        );
    }
    Ok(())
}

/// A server on this machine: the folder of its socket, or else the loopback address.
fn nearest(port: u16) -> String {
    let has_socket = |folder: &&str| Path::new(folder).join(format!(".s.PGSQL.{port}")).exists();
    let found = SOCKET_FOLDERS.into_iter().find(has_socket);
    found.unwrap_or("localhost").to_owned()
}

/// What the driver has against a text, without the text: it may hold a password.
fn reason(error: &tokio_postgres::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}
