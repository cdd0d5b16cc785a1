//! What a running server is told, resolved once by the program that starts it.

use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use oxflow_artifacts::LocationPolicy;
use oxflow_core::limits::MAX_ARTIFACT_LOCATION_CHARS;
use regex::Regex;

/// Settings of the HTTP side of a server.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// Begins every path but those of artifact files; empty, or `/x` without a slash at its end.
    pub static_prefix: String,
    /// Whether the artifact proxy and the artifacts of runs are served.
    pub serve_artifacts: bool,
    /// Whether nothing but artifacts is served.
    pub artifacts_only: bool,
    /// What clients may choose as the artifact location of an experiment.
    pub locations: LocationPolicy,
    /// What the source of a new model version must match somewhere.
    pub model_source_pattern: Option<Regex>,
    /// Whether param and tag values over their limit are cut instead of refused.
    pub truncate_long_values: bool,
    /// How long the URLs of presigned downloads are valid.
    pub presigned_download_ttl: Duration,
    /// Whether clients are told to send large files in parts to a local folder, too.
    pub offers_parts: bool,
    /// Checks and limits before a request reaches a handler.
    pub edge: EdgeConfig,
}

/// Checks and limits before a request reaches a handler. security.md, sections 1, 2, 5 and 9.
#[derive(Debug, Clone)]
pub struct EdgeConfig {
    /// The `--host` value, which is allowed as a Host unless it is a wildcard.
    pub host: String,
    /// Patterns of `--allowed-hosts`; `None` means the default list.
    pub allowed_hosts: Option<Vec<String>>,
    /// Origins of `--cors-allowed-origins`; `None` means the server's own only.
    pub cors_allowed_origins: Option<Vec<String>>,
    /// Value of `X-Frame-Options`; `None` leaves the header out.
    pub x_frame_options: Option<String>,
    /// Whether host and origin are checked at all.
    pub security_middleware: bool,
    /// Peers whose `X-Forwarded-*` headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether those of a unix socket's peers are.
    pub trusts_unix_socket: bool,
    /// Largest JSON body, in bytes.
    pub max_json_body_bytes: u64,
    /// Largest artifact, in bytes; `None` means no limit.
    pub max_artifact_bytes: Option<u64>,
    /// Time from accept, or from the first byte, to the whole header.
    pub header_timeout: Duration,
    /// Time that a body may stand still.
    pub body_idle_timeout: Duration,
    /// Time for a whole JSON body.
    pub json_body_timeout: Duration,
    /// Time that a connection may wait for its next request.
    pub keep_alive_timeout: Duration,
    /// Connections at one time.
    pub max_connections: usize,
    /// Connections at one time from one address.
    pub max_connections_per_address: usize,
    /// Time between two looks at the files of a certificate.
    pub certificate_look_every: Duration,
    /// Time that requests in flight get when the server stops.
    pub shutdown_grace: Duration,
    /// Time between "not ready" and refusing connections.
    pub shutdown_delay: Duration,
    /// Whether a line per request is logged.
    pub access_log: bool,
}

impl Default for EdgeConfig {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            allowed_hosts: None,
            cors_allowed_origins: None,
            x_frame_options: Some("SAMEORIGIN".to_owned()),
            security_middleware: true,
            trusted_proxies: Vec::new(),
            trusts_unix_socket: false,
            max_json_body_bytes: 32 * 1024 * 1024,
            max_artifact_bytes: None,
            header_timeout: Duration::from_secs(15),
            body_idle_timeout: Duration::from_secs(30),
            json_body_timeout: Duration::from_secs(120),
            keep_alive_timeout: Duration::from_secs(75),
            max_connections: 4096,
            max_connections_per_address: 512,
            certificate_look_every: Duration::from_secs(2),
            shutdown_grace: Duration::from_secs(25),
            shutdown_delay: Duration::ZERO,
            access_log: true,
        }
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            static_prefix: String::new(),
            serve_artifacts: true,
            artifacts_only: false,
            locations: LocationPolicy {
                max_chars: MAX_ARTIFACT_LOCATION_CHARS,
                allowed_schemes: Vec::new(),
                own_roots: Vec::new(),
                working_directory: PathBuf::from("/"),
            },
            model_source_pattern: None,
            truncate_long_values: true,
            presigned_download_ttl: Duration::from_secs(300),
            offers_parts: false,
            edge: EdgeConfig::default(),
        }
    }
}
