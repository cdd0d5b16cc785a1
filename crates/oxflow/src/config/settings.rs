//! The settings of the server: names, variables, defaults, and what this release does with them.

/// One setting. Its key in a configuration file is the flag with `_` for `-`.
#[derive(Debug)]
pub struct Setting {
    /// The flag without its dashes.
    pub flag: &'static str,
    /// The variable; `None` for settings that MLflow has as a flag only.
    pub variable: Option<&'static str>,
    /// The default in words.
    pub default: &'static str,
    /// What this release does with it.
    pub support: Support,
}

/// What this release does with a setting.
#[derive(Debug, Clone, Copy)]
pub enum Support {
    /// It does what it says.
    Works,
    /// It is for another server's insides and changes nothing here.
    NoEffect,
    /// It asks for something that does not exist yet: the server does not start. The text says what to do.
    Refused(&'static str),
}

use Support::{NoEffect, Refused, Works};

const fn row(flag: &'static str, variable: &'static str, default: &'static str, support: Support) -> Setting {
    let variable = if variable.is_empty() { None } else { Some(variable) };
    Setting {
        flag,
        variable,
        default,
        support,
    }
}

const WORKSPACES: Support = Refused("remove it; every client works in the one default workspace");
const METRICS: Support = Refused("remove it; use `/health` and `/readyz` for monitoring");

/// Every setting of `oxflow server`, MLflow's first in the order of its own help.
#[rustfmt::skip]
pub const SETTINGS: &[Setting] = &[
    row("backend-store-uri", "MLFLOW_BACKEND_STORE_URI", "sqlite:///mlflow.db in --data-dir", Works),
    row("read-replica-backend-store-uri", "MLFLOW_READ_REPLICA_BACKEND_STORE_URI", "none",
        Refused("remove it; all reads go to `--backend-store-uri`")),
    row("registry-store-uri", "MLFLOW_REGISTRY_STORE_URI", "--backend-store-uri", Works),
    row("default-artifact-root", "MLFLOW_DEFAULT_ARTIFACT_ROOT",
        "mlflow-artifacts:/, with --no-serve-artifacts ./mlruns in --data-dir", Works),
    row("serve-artifacts", "MLFLOW_SERVE_ARTIFACTS", "on", Works),
    row("artifacts-only", "MLFLOW_ARTIFACTS_ONLY", "off", Works),
    row("artifacts-destination", "MLFLOW_ARTIFACTS_DESTINATION", "./mlartifacts in --data-dir", Works),
    row("host", "MLFLOW_HOST", "127.0.0.1", Works),
    row("port", "MLFLOW_PORT", "5000", Works),
    row("workers", "MLFLOW_WORKERS", "number of cores, at least 2", Works),
    row("static-prefix", "MLFLOW_STATIC_PREFIX", "none", Works),
    row("allowed-hosts", "MLFLOW_SERVER_ALLOWED_HOSTS", "localhost, 127.0.0.1, [::1] and --host", Works),
    row("cors-allowed-origins", "MLFLOW_SERVER_CORS_ALLOWED_ORIGINS", "the server's own", Works),
    row("disable-security-middleware", "MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE", "off", Works),
    row("x-frame-options", "MLFLOW_SERVER_X_FRAME_OPTIONS", "SAMEORIGIN", Works),
    row("gunicorn-opts", "MLFLOW_GUNICORN_OPTS", "none", Works),
    row("uvicorn-opts", "MLFLOW_UVICORN_OPTS", "none", Works),
    row("waitress-opts", "", "none", Works),
    row("dev", "", "off", Works),
    row("expose-prometheus", "MLFLOW_EXPOSE_PROMETHEUS", "off", METRICS),
    row("app-name", "", "none", Works),
    row("trace-archival-config", "MLFLOW_TRACE_ARCHIVAL_CONFIG", "none",
        Refused("remove it; this release does not store traces")),
    row("secrets-cache-ttl", "MLFLOW_SERVER_SECRETS_CACHE_TTL", "60", NoEffect),
    row("secrets-cache-max-size", "MLFLOW_SERVER_SECRETS_CACHE_MAX_SIZE", "1000", NoEffect),
    row("workspace-store-uri", "MLFLOW_WORKSPACE_STORE_URI", "none", WORKSPACES),
    row("enable-workspaces", "MLFLOW_ENABLE_WORKSPACES", "off", WORKSPACES),
    row("config", "OXFLOW_CONFIG", "none", Works),
    row("data-dir", "OXFLOW_DATA_DIR", "the working directory", Works),
    row("auto-migrate", "OXFLOW_AUTO_MIGRATE", "create", Works),
    row("artifact-root-allow", "OXFLOW_ARTIFACT_ROOT_ALLOW", "none", Works),
    row("ui-dir", "OXFLOW_UI_DIR", "none", Works),
    row("max-body-size", "OXFLOW_MAX_BODY_SIZE", "32MiB", Works),
    row("max-artifact-size", "OXFLOW_MAX_ARTIFACT_SIZE", "no limit", Works),
    row("trusted-proxies", "OXFLOW_TRUSTED_PROXIES", "none", Works),
    row("log-format", "OXFLOW_LOG_FORMAT", "text on a terminal, else json", Works),
    row("log-level", "OXFLOW_LOG_LEVEL", "info", Works),
    row("access-log", "OXFLOW_ACCESS_LOG", "on", Works),
    row("shutdown-grace", "OXFLOW_SHUTDOWN_GRACE", "25s", Works),
    row("shutdown-delay", "OXFLOW_SHUTDOWN_DELAY", "0s", Works),
    row("auth", "OXFLOW_AUTH", "none", Works),
    row("admin-password-file", "OXFLOW_ADMIN_PASSWORD_FILE", "none", Works),
    row("hide-existence", "OXFLOW_HIDE_EXISTENCE", "off", Works),
    row("password-hash", "OXFLOW_PASSWORD_HASH", "argon2id", Works),
    row("uds", "OXFLOW_UDS", "none", Works),
    row("uds-mode", "OXFLOW_UDS_MODE", "660", Works),
    row("tls-cert", "OXFLOW_TLS_CERT", "none", Works),
    row("tls-key", "OXFLOW_TLS_KEY", "none", Works),
    row("tls-client-ca", "OXFLOW_TLS_CLIENT_CA", "none", Works),
    row("admin-listen", "OXFLOW_ADMIN_LISTEN", "none",
        Refused("remove it; `/health`, `/livez` and `/readyz` answer on the main port")),
    row("metrics-token", "OXFLOW_METRICS_TOKEN", "none", METRICS),
    row("otlp-endpoint", "OTEL_EXPORTER_OTLP_ENDPOINT", "none",
        Refused("remove it; the server sends no traces of its own")),
    row("pg-prepared", "OXFLOW_PG_PREPARED", "auto", Works),
];

/// The setting of a flag.
pub fn setting(flag: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.flag == flag)
}

impl Setting {
    /// The key in a configuration file.
    pub fn key(&self) -> String {
        self.flag.replace('-', "_")
    }

    /// What the help says after the sentence.
    pub fn help_suffix(&self) -> String {
        let default = self.default;
        let variable = self
            .variable
            .map(|name| format!(" [env: {name}]"))
            .unwrap_or_default();
        let support = match self.support {
            Works => "",
            NoEffect => " [accepted, no effect]",
            Refused(_) => " [not in this release]",
        };
        format!(" [default: {default}]{variable}{support}")
    }
}
