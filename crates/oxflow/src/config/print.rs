//! `--print-config`: the settings as they came out, readable by `--config`.

use std::path::Path;

use toml::{Table, Value};

use super::units::{Bytes, Span};
use super::{Config, UNIX_PEERS};

impl Config {
    /// The settings as TOML. Holds no secret: this release has none.
    pub fn to_toml(&self) -> String {
        let mut table = Table::new();
        let mut set = |key: &str, value: Value| {
            table.insert(key.to_owned(), value);
        };
        let text = |text: &str| Value::String(text.to_owned());
        let list = |texts: &[String]| Value::Array(texts.iter().cloned().map(Value::String).collect());
        set("host", text(&self.host));
        set("port", Value::Integer(self.port.into()));
        set(
            "workers",
            Value::Integer(i64::try_from(self.workers).unwrap_or(i64::MAX)),
        );
        set("log_level", text(self.log.level.as_str()));
        if let Some(format) = self.log.format {
            set("log_format", text(&format.to_string()));
        }
        let storage = &self.storage;
        set("backend_store_uri", text(&storage.database.without_password()));
        set("auto_migrate", text(&storage.auto_migrate.to_string()));
        set("default_artifact_root", text(&storage.artifacts.default_root));
        set("artifacts_destination", text(&storage.artifacts.destination));
        set("artifact_root_allow", list(&storage.artifacts.extra_roots));
        set("serve_artifacts", Value::Boolean(storage.artifacts.serve));
        set("artifacts_only", Value::Boolean(self.server.artifacts_only));
        if !self.server.static_prefix.is_empty() {
            set("static_prefix", text(&self.server.static_prefix));
        }
        if let Some(dir) = &self.ui_dir {
            set("ui_dir", text(&dir.to_string_lossy()));
        }
        if let Some(socket) = &self.listen.socket {
            set("uds", text(&socket.path.to_string_lossy()));
            set("uds_mode", text(&socket.mode.to_string()));
        }
        if let Some(tls) = &self.listen.tls {
            let mut file = |key, path: &Path| set(key, text(&path.to_string_lossy()));
            file("tls_cert", &tls.certificate);
            file("tls_key", &tls.key);
            if let Some(authorities) = &tls.client_ca {
                file("tls_client_ca", authorities);
            }
        }
        let edge = &self.server.edge;
        if let Some(hosts) = &edge.allowed_hosts {
            set("allowed_hosts", list(hosts));
        }
        if let Some(origins) = &edge.cors_allowed_origins {
            set("cors_allowed_origins", list(origins));
        }
        set(
            "disable_security_middleware",
            Value::Boolean(!edge.security_middleware),
        );
        set(
            "x_frame_options",
            text(edge.x_frame_options.as_deref().unwrap_or("NONE")),
        );
        let networks = edge.trusted_proxies.iter().map(ToString::to_string);
        let unix = edge.trusts_unix_socket.then(|| UNIX_PEERS.to_owned());
        let proxies: Vec<String> = networks.chain(unix).collect();
        set("trusted_proxies", list(&proxies));
        set(
            "max_body_size",
            text(&Bytes(edge.max_json_body_bytes).to_string()),
        );
        if let Some(bytes) = edge.max_artifact_bytes {
            set("max_artifact_size", text(&Bytes(bytes).to_string()));
        }
        set("shutdown_grace", text(&Span(edge.shutdown_grace).to_string()));
        set("shutdown_delay", text(&Span(edge.shutdown_delay).to_string()));
        set("access_log", Value::Boolean(edge.access_log));
        table.to_string()
    }
}
