//! Flags of `oxflow server`. Defaults and variables are in the table of settings.

use std::path::PathBuf;

use clap::{ArgAction, Args};

use super::listen::SocketMode;
use super::login::HashName;
use super::units::{
    AutoMigrate, Bytes, CommaList, Count, Frame, LogFormat, LogLevel, PgPrepared, Port, Prefix, Span,
};

/// Flags of `oxflow server`. A flag that was not given is `None` or `false`.
#[derive(Debug, Default, Args)]
#[command(after_help = "\
A flag wins over its variable, a variable over the file of --config, the file over the default.

Examples:
  oxflow server
      on http://127.0.0.1:5000, with mlflow.db and mlartifacts/ in this folder
  oxflow server --data-dir /srv/mlflow
      takes over mlflow.db and mlartifacts/ that `mlflow server` 3.17.2 left in that folder
  oxflow server --host 0.0.0.0 --allowed-hosts mlflow.example.org --trusted-proxies 10.0.0.7
      for other machines, behind a proxy that speaks TLS and asks for a login
  oxflow server --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem --tls-client-ca people.pem
      for other machines, on HTTPS, for clients with a certificate")]
pub struct ServerArgs {
    /// The database: `sqlite:///relative.db`, `sqlite:////absolute.db`, `postgresql://user:password@host/database`
    /// (what is missing comes from PGHOST, PGUSER, PGPASSWORD, …), or `sqlite://` for one that lives as long as the
    /// server.
    #[arg(long, value_name = "URI", help_heading = STORAGE)]
    pub backend_store_uri: Option<String>,
    /// A database that only serves reads.
    #[arg(long, value_name = "URI", help_heading = STORAGE)]
    pub read_replica_backend_store_uri: Option<String>,
    /// A database of its own for registered models.
    #[arg(long, value_name = "URI", help_heading = STORAGE)]
    pub registry_store_uri: Option<String>,
    /// Where artifacts of new experiments go. Experiments that exist keep their location.
    #[arg(long, value_name = "URI", help_heading = STORAGE)]
    pub default_artifact_root: Option<String>,
    /// Serves uploads, downloads and lists of artifacts.
    #[arg(long, overrides_with = "no_serve_artifacts", help_heading = STORAGE)]
    pub serve_artifacts: bool,
    /// Leaves artifacts to the clients, which then need access to their place themselves.
    #[arg(long, overrides_with = "serve_artifacts", help_heading = STORAGE)]
    pub no_serve_artifacts: bool,
    /// Serves artifacts and nothing else: no experiments, no runs.
    #[arg(long, help_heading = STORAGE)]
    pub artifacts_only: bool,
    /// Where artifacts that pass through the server are kept: a folder, or a place in an object store such as s3://bucket/folder.
    #[arg(long, value_name = "URI", help_heading = STORAGE)]
    pub artifacts_destination: Option<String>,
    /// The folder of the default database and the default artifacts.
    #[arg(long, value_name = "DIR", help_heading = STORAGE)]
    pub data_dir: Option<PathBuf>,
    /// What the server does about its tables: `off` nothing, `create` makes them in an empty database, `on`
    /// also upgrades those of an older MLflow. Back up before `on`.
    #[arg(long, value_name = "WHEN", help_heading = STORAGE)]
    pub auto_migrate: Option<AutoMigrate>,
    /// One more folder or bucket that the server may read and write because experiments point there; of a web server only read. May be repeated.
    #[arg(long, value_name = "URI", action = ArgAction::Append, help_heading = STORAGE)]
    pub artifact_root_allow: Vec<String>,

    /// The address to listen on; 0.0.0.0 is every address of the machine.
    #[arg(long, short = 'h', value_name = "HOST", help_heading = NETWORK)]
    pub host: Option<String>,
    /// The port to listen on; 0 takes a free one, which is printed.
    #[arg(long, short = 'p', value_name = "PORT", help_heading = NETWORK)]
    pub port: Option<Port>,
    /// Number of threads that answer requests, in one process.
    #[arg(long, short = 'w', value_name = "COUNT", help_heading = NETWORK)]
    pub workers: Option<Count>,
    /// Begins every path, as in `/mlflow`.
    #[arg(long, value_name = "PREFIX", help_heading = NETWORK)]
    pub static_prefix: Option<Prefix>,
    /// The folder of a built web UI, which is served in place of the page at `/`: `mlflow/server/js/build` of an
    /// installed mlflow package.
    #[arg(long, value_name = "DIR", help_heading = NETWORK)]
    pub ui_dir: Option<PathBuf>,
    /// Addresses or networks (10.0.0.0/8) of proxies whose X-Forwarded-* headers are believed, separated by
    /// commas; `unix` is whoever connects to `--uds`. May be repeated.
    #[arg(long, alias = "trusted-proxy", value_name = "CIDR", action = ArgAction::Append, help_heading = NETWORK)]
    pub trusted_proxies: Vec<CommaList>,
    /// Time that requests in flight get to finish when the server stops: `25s`, `500ms`, `2m`.
    #[arg(long, value_name = "TIME", help_heading = NETWORK)]
    pub shutdown_grace: Option<Span>,
    /// Time between saying "not ready" and refusing connections: `5s`.
    #[arg(long, value_name = "TIME", help_heading = NETWORK)]
    pub shutdown_delay: Option<Span>,
    /// Largest JSON body, in bytes or as `32MiB`.
    #[arg(long, value_name = "SIZE", help_heading = NETWORK)]
    pub max_body_size: Option<Bytes>,
    /// Largest artifact file, in bytes or as `10GiB`.
    #[arg(long, value_name = "SIZE", help_heading = NETWORK)]
    pub max_artifact_size: Option<Bytes>,
    /// Listens at a unix socket, this file, and not at a host and port.
    #[arg(long, value_name = "FILE", help_heading = NETWORK)]
    pub uds: Option<String>,
    /// Permissions of that file in octal: who may write it may connect.
    #[arg(long, value_name = "MODE", help_heading = NETWORK)]
    pub uds_mode: Option<SocketMode>,
    /// The server's certificate, then those that lead to its authority, in a PEM file: the port speaks HTTPS. The
    /// file is read again when it changes and on SIGHUP.
    #[arg(long, value_name = "FILE", help_heading = NETWORK)]
    pub tls_cert: Option<String>,
    /// The key of the certificate, in a PEM file without a password.
    #[arg(long, value_name = "FILE", help_heading = NETWORK)]
    pub tls_key: Option<String>,
    /// Authorities in a PEM file: a client must have a certificate of one of them.
    #[arg(long, value_name = "FILE", help_heading = NETWORK)]
    pub tls_client_ca: Option<String>,
    /// A second address with the probes and metrics only.
    #[arg(long, value_name = "HOST:PORT", help_heading = NETWORK)]
    pub admin_listen: Option<String>,

    /// Host headers that are answered, separated by commas: names, `*.example.org`, networks as 10.0.0.0/8;
    /// `*` allows all.
    #[arg(long, value_name = "HOSTS", help_heading = SECURITY)]
    pub allowed_hosts: Option<CommaList>,
    /// Origins of web pages that may change data, separated by commas; `*` allows all.
    #[arg(long, value_name = "ORIGINS", help_heading = SECURITY)]
    pub cors_allowed_origins: Option<CommaList>,
    /// Turns the checks of Host and Origin off. Any web page can then reach the server through a browser.
    #[arg(long, help_heading = SECURITY)]
    pub disable_security_middleware: bool,
    /// Who may show the pages in a frame: SAMEORIGIN, DENY, or NONE for everyone.
    #[arg(long, value_name = "WHO", help_heading = SECURITY)]
    pub x_frame_options: Option<Frame>,
    /// Who must log in, and how: `none` or `basic`, which is users with passwords and API tokens. `oidc`, `ldap` and
    /// `proxy` are for a later release.
    #[arg(long, value_name = "MODE", help_heading = SECURITY)]
    pub auth: Option<String>,
    /// MLflow's name for `--auth basic`: `basic-auth`.
    #[arg(long, value_name = "NAME", help_heading = SECURITY)]
    pub app_name: Option<String>,
    /// A file whose first line is the password of the first administrator.
    #[arg(long, value_name = "FILE", help_heading = SECURITY)]
    pub admin_password_file: Option<String>,
    /// Answers 404 and not 403 about what somebody may not see.
    #[arg(long, help_heading = SECURITY)]
    pub hide_existence: bool,
    /// How new passwords are kept: `argon2id`, or `scrypt`, which MLflow reads too.
    #[arg(long, value_name = "METHOD", help_heading = SECURITY)]
    pub password_hash: Option<HashName>,

    /// How log lines look on standard error: `text` or `json`.
    #[arg(long, value_name = "FORMAT", help_heading = OBSERVING)]
    pub log_format: Option<LogFormat>,
    /// Least important lines that are logged: `error`, `warn`, `info`, `debug`, `trace`, or per part as in
    /// `info,oxflow_store=debug`.
    #[arg(long, value_name = "LEVEL", help_heading = OBSERVING)]
    pub log_level: Option<LogLevel>,
    /// Logs one line per request.
    #[arg(long, overrides_with = "no_access_log", help_heading = OBSERVING)]
    pub access_log: bool,
    /// Logs no line per request.
    #[arg(long, overrides_with = "access_log", help_heading = OBSERVING)]
    pub no_access_log: bool,
    /// Serves Prometheus metrics.
    #[arg(long, value_name = "DIR", help_heading = OBSERVING)]
    pub expose_prometheus: Option<String>,
    /// The token that reading the metrics needs.
    #[arg(long, value_name = "TOKEN", help_heading = OBSERVING)]
    pub metrics_token: Option<String>,
    /// Where the server sends traces of its own work.
    #[arg(long, value_name = "URL", help_heading = OBSERVING)]
    pub otlp_endpoint: Option<String>,

    /// A TOML file of settings: the flags' names with `_` for `-`.
    #[arg(long, value_name = "FILE", help_heading = OTHER)]
    pub config: Option<PathBuf>,
    /// Prints the settings as they came out, as a file for --config, and ends.
    #[arg(long, help_heading = OTHER)]
    pub print_config: bool,
    /// Logs at level debug.
    #[arg(long, help_heading = OTHER)]
    pub dev: bool,
    /// Options of gunicorn. Heeded: --log-level, --keep-alive, --graceful-timeout, --forwarded-allow-ips,
    /// --certfile, --keyfile.
    #[arg(long, value_name = "OPTS", allow_hyphen_values = true, help_heading = OTHER)]
    pub gunicorn_opts: Option<String>,
    /// Options of uvicorn. Heeded: --log-level, --timeout-keep-alive, --timeout-graceful-shutdown,
    /// --forwarded-allow-ips, --ssl-certfile, --ssl-keyfile, --uds.
    #[arg(long, value_name = "OPTS", allow_hyphen_values = true, help_heading = OTHER)]
    pub uvicorn_opts: Option<String>,
    /// Options of waitress. None is heeded.
    #[arg(long, value_name = "OPTS", allow_hyphen_values = true, help_heading = OTHER)]
    pub waitress_opts: Option<String>,
    /// Seconds that MLflow keeps decrypted secrets in memory, 10 to 300.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(10..=300), help_heading = OTHER)]
    pub secrets_cache_ttl: Option<u16>,
    /// Number of decrypted secrets that MLflow keeps in memory, 1 to 10000.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=10000), help_heading = OTHER)]
    pub secrets_cache_max_size: Option<u16>,
    /// How traces are archived, a YAML file.
    #[arg(long, value_name = "FILE", help_heading = OTHER)]
    pub trace_archival_config: Option<String>,
    /// Where workspaces are kept.
    #[arg(long, value_name = "URI", help_heading = OTHER)]
    pub workspace_store_uri: Option<String>,
    /// Keeps experiments and models of workspaces apart.
    #[arg(long, overrides_with = "disable_workspaces", help_heading = OTHER)]
    pub enable_workspaces: bool,
    /// One workspace for all, as always in this release.
    #[arg(long, overrides_with = "enable_workspaces", help_heading = OTHER)]
    pub disable_workspaces: bool,
    /// Whether PostgreSQL statements are prepared under a name: `auto` (unless behind a pooler) or `off`.
    #[arg(long, value_name = "WHEN", help_heading = OTHER)]
    pub pg_prepared: Option<PgPrepared>,
}

const STORAGE: &str = "Storage";
const NETWORK: &str = "Network";
const SECURITY: &str = "Security";
const OBSERVING: &str = "Logs and metrics";
const OTHER: &str = "Other";
