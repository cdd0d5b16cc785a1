//! The configuration of the server, resolved once: flag, else variable, else file, else default.

mod args;
mod file;
mod legacy_options;
mod listen;
mod login;
mod pool;
mod print;
mod settings;
mod sources;
mod storage;
#[cfg(test)]
mod tests;
mod units;
mod variables;

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use oxflow_artifacts::LocationPolicy;
use oxflow_core::limits::MAX_ARTIFACT_LOCATION_CHARS;
use oxflow_server::{EdgeConfig, ServerConfig};

pub use args::ServerArgs;
pub use listen::{ListenConfig, SocketPlace};
pub use login::{Admin, LoginSettings, first_line};
pub use settings::setting;
#[cfg(test)]
pub use settings::{SETTINGS, Support};
pub use storage::{StorageConfig, parse_database};
pub use units::{AutoMigrate, LogFormat, LogLevel, Span};

use crate::env::Env;
use crate::failure::Failure;
use file::SettingsFile;
use legacy_options::LegacyOptions;
use sources::{Found, Sources, refusal};
use units::{Bytes, CommaList, Count, Frame, Port, Prefix, Switch};

/// Everything that `oxflow server` is told.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address or name to listen on.
    pub host: String,
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
    /// What is listened at in place of a port in the clear.
    pub listen: ListenConfig,
    /// Threads that answer requests.
    pub workers: usize,
    /// The database and the artifacts.
    pub storage: StorageConfig,
    /// The folder of a web UI.
    pub ui_dir: Option<PathBuf>,
    /// Who may log in; `None` if nobody has to.
    pub login: Option<LoginSettings>,
    /// The HTTP side.
    pub server: ServerConfig,
    /// Logging.
    pub log: LogConfig,
    /// What to warn about once logging works, a line each.
    pub warnings: Vec<String>,
}

/// What is logged, and how it looks.
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// How lines look; `None` means text on a terminal and JSON elsewhere.
    pub format: Option<LogFormat>,
    /// Which lines.
    pub level: LogLevel,
}

/// How long the URLs of presigned downloads are valid, unless a variable says so: as long as MLflow's.
const PRESIGNED_TTL: Duration = Duration::from_secs(300);

impl Config {
    /// Decides every setting.
    pub fn resolve(args: &ServerArgs, env: &Env) -> Result<Self, Failure> {
        let file = settings_file(args, env)?;
        let sources = Sources { env, file: &file };
        refuse_what_is_missing(args, &sources)?;
        accept_without_effect(args, &sources)?;
        let legacy = legacy_options(args, &sources)?;
        let storage = StorageConfig::resolve(args, &sources)?;
        let edge = edge(args, &sources, &legacy)?;
        let login = LoginSettings::resolve(args, &sources)?;
        let listen = ListenConfig::resolve(args, &sources, &legacy)?;
        let port = sources.value("port", args.port)?.map_or(5000, |Port(port)| port);
        let workers = sources
            .value("workers", args.workers)?
            .map_or(env.cores.max(2), |Count(count)| count);
        let Prefix(static_prefix) = sources
            .value("static-prefix", args.static_prefix.clone())?
            .unwrap_or(Prefix(String::new()));
        let ui_dir = sources
            .value("ui-dir", args.ui_dir.clone())?
            .map(|dir| env.working_dir.join(dir));
        let truncate = variables::read(env, variables::TRUNCATE_LONG_VALUES)?;
        let presigned_ttl = variables::read(env, variables::PRESIGNED_TTL)?;
        let offers_parts = variables::read(env, variables::OFFERS_PARTS)?;
        let server = ServerConfig {
            static_prefix,
            serve_artifacts: storage.artifacts.serve,
            artifacts_only: sources
                .switch("artifacts-only", args.artifacts_only, false)?
                .unwrap_or(false),
            edge,
            locations: locations(env, &storage)?,
            model_source_pattern: variables::read(env, variables::MODEL_SOURCE_PATTERN)?,
            truncate_long_values: truncate.is_none_or(|Switch(is_on)| is_on),
            presigned_download_ttl: presigned_ttl.map_or(PRESIGNED_TTL, |Span(time)| time),
            offers_parts: offers_parts.is_some_and(|Switch(is_on)| is_on),
        };
        if server.artifacts_only && !server.serve_artifacts {
            let message = "`--artifacts-only` and `--no-serve-artifacts` leave nothing to serve";
            return Err(Failure::usage(message).hint("remove one of them"));
        }
        let log = log(args, &sources, &legacy)?;
        let mut warnings = variables::warnings(env, login.is_some());
        warnings.extend(legacy.warnings);
        warnings.extend(otlp_warning(args, env));
        let host = server.edge.host.clone();
        let require_auth = variables::read(env, variables::REQUIRE_AUTH)?;
        if login.is_none() && !listen.is_guarded() {
            warnings.extend(exposure(&host, require_auth)?);
        }
        warnings.extend(weak_checks(&server.edge));
        Ok(Self {
            host,
            port,
            listen,
            workers,
            storage,
            ui_dir,
            login,
            server,
            log,
            warnings,
        })
    }
}

/// The file of `--config`, an empty one without it.
fn settings_file(args: &ServerArgs, env: &Env) -> Result<SettingsFile, Failure> {
    match config_path(args, env) {
        None => Ok(SettingsFile::default()),
        Some(path) => SettingsFile::read(&path),
    }
}

fn config_path(args: &ServerArgs, env: &Env) -> Option<std::path::PathBuf> {
    args.config
        .clone()
        .or_else(|| env.get("OXFLOW_CONFIG").map(Into::into))
}

/// Ends with an error at the first setting that asks for something of a later release.
fn refuse_what_is_missing(args: &ServerArgs, sources: &Sources<'_>) -> Result<(), Failure> {
    let never = |_: &str| false;
    sources.refuse(
        "read-replica-backend-store-uri",
        args.read_replica_backend_store_uri.as_ref(),
        never,
    )?;
    sources.refuse("expose-prometheus", args.expose_prometheus.as_ref(), never)?;
    sources.refuse(
        "trace-archival-config",
        args.trace_archival_config.as_ref(),
        never,
    )?;
    sources.refuse("workspace-store-uri", args.workspace_store_uri.as_ref(), never)?;
    let workspaces = match (args.enable_workspaces, args.disable_workspaces) {
        (false, false) => None,
        (is_on, _) => Some(Switch(is_on)),
    };
    if let Some(Found {
        value: Switch(true),
        source,
    }) = sources.found("enable-workspaces", workspaces)?
    {
        return Err(refusal("enable-workspaces", &source));
    }
    sources.refuse("admin-listen", args.admin_listen.as_ref(), never)?;
    sources.refuse("metrics-token", args.metrics_token.as_ref(), never)?;
    // The variable belongs to OpenTelemetry and is often set for a whole machine: that only warns.
    if otlp_warning(args, sources.env).is_none() {
        sources.refuse("otlp-endpoint", args.otlp_endpoint.as_ref(), never)?;
    }
    Ok(())
}

fn otlp_warning(args: &ServerArgs, env: &Env) -> Option<String> {
    let is_from_variable = args.otlp_endpoint.is_none() && env.get("OTEL_EXPORTER_OTLP_ENDPOINT").is_some();
    is_from_variable.then(|| {
        "OTEL_EXPORTER_OTLP_ENDPOINT: without effect, the server sends no traces of its own".to_owned()
    })
}

/// Settings of MLflow's insides: checked as MLflow checks them, then forgotten.
fn accept_without_effect(args: &ServerArgs, sources: &Sources<'_>) -> Result<(), Failure> {
    for (flag, given, range) in [
        ("secrets-cache-ttl", args.secrets_cache_ttl, 10..=300),
        ("secrets-cache-max-size", args.secrets_cache_max_size, 1..=10_000),
    ] {
        if let Some(Found { value, source }) = sources.found(flag, given)?
            && !range.contains(&value)
        {
            let (low, high) = range.into_inner();
            return Err(Failure::usage(format!(
                "{source} is `{value}`: expected a number from {low} to {high}"
            )));
        }
    }
    Ok(())
}

fn legacy_options(args: &ServerArgs, sources: &Sources<'_>) -> Result<LegacyOptions, Failure> {
    let mut options = LegacyOptions::default();
    for (flag, given) in [
        ("gunicorn-opts", &args.gunicorn_opts),
        ("uvicorn-opts", &args.uvicorn_opts),
        ("waitress-opts", &args.waitress_opts),
    ] {
        if let Some(Found { value, source }) = sources.found(flag, given.clone())? {
            options.add(&source, &value)?;
        }
    }
    Ok(options)
}

/// Checks and limits of the HTTP edge.
fn edge(args: &ServerArgs, sources: &Sources<'_>, legacy: &LegacyOptions) -> Result<EdgeConfig, Failure> {
    let default = EdgeConfig::default();
    let list = |flag, given: &Option<CommaList>| {
        let found = sources.value(flag, given.clone())?;
        Ok::<_, Failure>(
            found
                .map(|CommaList(parts)| parts)
                .filter(|parts| !parts.is_empty()),
        )
    };
    let frame = sources
        .value("x-frame-options", args.x_frame_options)?
        .unwrap_or(Frame::SameOrigin);
    let is_unchecked = sources
        .switch(
            "disable-security-middleware",
            args.disable_security_middleware,
            false,
        )?
        .unwrap_or(false);
    let max_artifact = sources.value("max-artifact-size", args.max_artifact_size)?;
    let grace = sources
        .value("shutdown-grace", args.shutdown_grace)?
        .or(legacy.shutdown_grace);
    let delay = sources.value("shutdown-delay", args.shutdown_delay)?;
    let (trusted_proxies, trusts_unix_socket) = trusted_proxies(args, sources, legacy)?;
    Ok(EdgeConfig {
        host: sources.value("host", args.host.clone())?.unwrap_or(default.host),
        allowed_hosts: list("allowed-hosts", &args.allowed_hosts)?,
        cors_allowed_origins: list("cors-allowed-origins", &args.cors_allowed_origins)?,
        x_frame_options: match frame {
            Frame::SameOrigin => Some("SAMEORIGIN".to_owned()),
            Frame::Deny => Some("DENY".to_owned()),
            Frame::None => None,
        },
        security_middleware: !is_unchecked,
        trusted_proxies,
        trusts_unix_socket,
        max_json_body_bytes: sources
            .value("max-body-size", args.max_body_size)?
            .map_or(default.max_json_body_bytes, |Bytes(bytes)| bytes),
        max_artifact_bytes: max_artifact.map(|Bytes(bytes)| bytes),
        keep_alive_timeout: legacy
            .keep_alive
            .map_or(default.keep_alive_timeout, |Span(time)| time),
        shutdown_grace: grace.map_or(default.shutdown_grace, |Span(time)| time),
        shutdown_delay: delay.map_or(Duration::ZERO, |Span(time)| time),
        access_log: sources
            .switch("access-log", args.access_log, args.no_access_log)?
            .unwrap_or(default.access_log),
        ..default
    })
}

/// The name of a unix socket's peers among trusted proxies, as in uvicorn.
pub const UNIX_PEERS: &str = "unix";

/// The networks of trusted proxies, and whether those of a unix socket's peers are.
fn trusted_proxies(
    args: &ServerArgs,
    sources: &Sources<'_>,
    legacy: &LegacyOptions,
) -> Result<(Vec<IpNet>, bool), Failure> {
    let has_unix = |parts: &[String]| parts.iter().any(|part| part == UNIX_PEERS);
    let given: Vec<String> = args
        .trusted_proxies
        .iter()
        .flat_map(|CommaList(parts)| parts.clone())
        .collect();
    let given = (!given.is_empty()).then_some(CommaList(given));
    let Some(Found {
        value: CommaList(parts),
        source,
    }) = sources.found("trusted-proxies", given)?
    else {
        let parts = legacy
            .trusted_proxies
            .clone()
            .map_or(Vec::new(), |CommaList(parts)| parts);
        // Uvicorn also takes names, which are no peers of ours.
        let networks = parts.iter().filter_map(|part| network(part)).collect();
        return Ok((networks, has_unix(&parts)));
    };
    let trusts_unix_socket = has_unix(&parts);
    let networks = parts.iter().filter(|part| *part != UNIX_PEERS).map(|part| {
        network(part).ok_or_else(|| {
            Failure::usage(format!(
                "{source} names `{part}`: expected an address, a network such as `10.0.0.0/8`, or `unix`"
            ))
        })
    });
    let networks = networks.collect::<Result<_, _>>()?;
    Ok((networks, trusts_unix_socket))
}

fn network(text: &str) -> Option<IpNet> {
    text.parse()
        .ok()
        .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// What clients may choose as the artifact location of an experiment.
fn locations(env: &Env, storage: &StorageConfig) -> Result<LocationPolicy, Failure> {
    let max_chars = variables::read(env, variables::ARTIFACT_LOCATION_MAX_LENGTH)?;
    let schemes = variables::read(env, variables::ALLOWED_SCHEMES)?;
    let artifacts = &storage.artifacts;
    let mut own_roots = vec![artifacts.default_root.clone(), artifacts.destination.clone()];
    own_roots.extend(artifacts.extra_roots.iter().cloned());
    Ok(LocationPolicy {
        max_chars: max_chars.unwrap_or(MAX_ARTIFACT_LOCATION_CHARS),
        allowed_schemes: schemes.map_or(Vec::new(), |CommaList(schemes)| schemes),
        own_roots,
        working_directory: env.working_dir.clone(),
    })
}

fn log(args: &ServerArgs, sources: &Sources<'_>, legacy: &LegacyOptions) -> Result<LogConfig, Failure> {
    let format = sources.value("log-format", args.log_format)?;
    let of_flag = sources.value("log-level", args.log_level.clone())?;
    let is_dev = sources.switch("dev", args.dev, false)?.unwrap_or(false);
    let of_dev = is_dev.then(LogLevel::debug);
    let of_mlflow = variables::read(sources.env, variables::LOGGING_LEVEL)?;
    let level = of_flag
        .or(of_dev)
        .or_else(|| legacy.log_level.clone())
        .or(of_mlflow);
    Ok(LogConfig {
        format,
        level: level.unwrap_or_else(LogLevel::info),
    })
}

/// A port that other machines reach, and no login: worth a warning, or an error for who asked for one.
fn exposure(host: &str, require_auth: Option<Switch>) -> Result<Option<String>, Failure> {
    if is_loopback(host) {
        return Ok(None);
    }
    if require_auth == Some(Switch(true)) {
        let message = format!(
            "`--host` is `{host}`, which other machines reach, and there is no login, but {} is set",
            variables::REQUIRE_AUTH
        );
        return Err(Failure::usage(message)
            .hint("`--auth basic` asks for a login; or listen on 127.0.0.1 behind a proxy that does"));
    }
    Ok(Some(format!(
        "NO LOGIN: `--host` is `{host}`, so everyone who reaches this port can read, change and delete all \
         experiments, runs and artifacts. `--auth basic` asks for a login; or listen on 127.0.0.1 behind a proxy that does; \
         {}=true makes this an error",
        variables::REQUIRE_AUTH
    )))
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    match address.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => address.eq_ignore_ascii_case("localhost"),
    }
}

/// Checks that were asked to let everything through.
fn weak_checks(edge: &EdgeConfig) -> Vec<String> {
    let has_star = |list: &Option<Vec<String>>| list.iter().flatten().any(|part| part == "*");
    let mut warnings = Vec::new();
    if !edge.security_middleware {
        warnings.push(UNCHECKED.to_owned());
    }
    if has_star(&edge.allowed_hosts) {
        warnings.push("`--allowed-hosts` is `*`: DNS rebinding lets web pages reach this server".to_owned());
    }
    if has_star(&edge.cors_allowed_origins) {
        warnings
            .push("`--cors-allowed-origins` is `*`: every web page can read and change data here".to_owned());
    }
    if edge
        .trusted_proxies
        .iter()
        .any(|network| network.prefix_len() == 0)
    {
        warnings.push("every peer is trusted as a proxy: clients can claim any address and host".to_owned());
    }
    warnings
}

/// Said at the start and every hour.
pub const UNCHECKED: &str = "`--disable-security-middleware` is on: Host and Origin are not checked, so any web page \
                             can read and change data through the browser of someone who reaches this server";
