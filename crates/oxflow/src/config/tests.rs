//! Tests of the whole resolution.

use std::path::PathBuf;

use clap::Parser;
use oxflow_store::DatabaseUri;

use super::*;

#[derive(Parser)]
#[command(disable_help_flag = true)]
struct Line {
    #[command(flatten)]
    server: ServerArgs,
}

fn args(line: &[&str]) -> ServerArgs {
    Line::try_parse_from(["server"].iter().chain(line))
        .unwrap()
        .server
}

fn resolve(line: &[&str], variables: &[(&str, &str)]) -> Result<Config, Failure> {
    Config::resolve(&args(line), &Env::for_test(variables))
}

fn with_file(text: &str, line: &[&str], variables: &[(&str, &str)]) -> Result<Config, Failure> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("oxflow.toml");
    std::fs::write(&path, text).unwrap();
    let mut args = args(line);
    args.config = Some(path);
    Config::resolve(&args, &Env::for_test(variables))
}

/// What is compared of a configuration: what `--print-config` prints.
fn line_of(config: &Config, key: &str) -> String {
    let toml = config.to_toml();
    let line = toml.lines().find(|line| line.starts_with(&format!("{key} = ")));
    line.map_or("-".to_owned(), |line| {
        line.split_once(" = ").unwrap().1.to_owned()
    })
}

/// A setting of the table below.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    (&'static str, &'static str),
    &'static [&'static str],
    [&'static str; 3],
);

/// Key, default, then the value as file, variable and flag, and what each comes out as.
#[test]
fn a_flag_wins_over_its_variable_over_the_file_over_the_default() {
    #[rustfmt::skip]
    let table: &[Row] = &[
        ("port", "5000", "1", ("MLFLOW_PORT", "2"), &["-p", "3"], ["1", "2", "3"]),
        ("host", "\"127.0.0.1\"", "'::1'", ("MLFLOW_HOST", "localhost"), &["-h", "127.0.0.2"],
            ["\"::1\"", "\"localhost\"", "\"127.0.0.2\""]),
        ("workers", "4", "1", ("MLFLOW_WORKERS", "2"), &["-w", "3"], ["1", "2", "3"]),
        ("backend_store_uri", "\"sqlite:////work-dir/mlflow.db\"", "'sqlite:///a.db'",
            ("MLFLOW_BACKEND_STORE_URI", "sqlite:////b.db"), &["--backend-store-uri", "sqlite://"],
            ["\"sqlite:////work-dir/a.db\"", "\"sqlite:////b.db\"", "\"sqlite://\""]),
        ("artifacts_destination", "\"/work-dir/mlartifacts\"", "'a'", ("MLFLOW_ARTIFACTS_DESTINATION", "./b"),
            &["--artifacts-destination", "file:///c"],
            ["\"/work-dir/a\"", "\"/work-dir/b\"", "\"file:///c\""]),
        ("default_artifact_root", "\"mlflow-artifacts:/\"", "'a'", ("MLFLOW_DEFAULT_ARTIFACT_ROOT", "s3://b/x"),
            &["--default-artifact-root", "/c"], ["\"/work-dir/a\"", "\"s3://b/x\"", "\"/c\""]),
        ("serve_artifacts", "true", "false", ("MLFLOW_SERVE_ARTIFACTS", "true"), &["--no-serve-artifacts"],
            ["false", "true", "false"]),
        ("access_log", "true", "false", ("OXFLOW_ACCESS_LOG", "on"), &["--no-access-log"],
            ["false", "true", "false"]),
        ("disable_security_middleware", "false", "true", ("MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE", "0"),
            &["--disable-security-middleware"], ["true", "false", "true"]),
        ("allowed_hosts", "-", "['a']", ("MLFLOW_SERVER_ALLOWED_HOSTS", "b, c"), &["--allowed-hosts", "d"],
            ["[\"a\"]", "[\"b\", \"c\"]", "[\"d\"]"]),
        ("cors_allowed_origins", "-", "['http://a']", ("MLFLOW_SERVER_CORS_ALLOWED_ORIGINS", "http://b"),
            &["--cors-allowed-origins", "http://c"], ["[\"http://a\"]", "[\"http://b\"]", "[\"http://c\"]"]),
        ("trusted_proxies", "[]", "['10.0.0.0/8']", ("OXFLOW_TRUSTED_PROXIES", "::1"),
            &["--trusted-proxy", "1.2.3.4,unix", "--trusted-proxies", "2.0.0.0/8"],
            ["[\"10.0.0.0/8\"]", "[\"::1/128\"]", "[\"1.2.3.4/32\", \"2.0.0.0/8\", \"unix\"]"]),
        ("uds", "-", "'a.sock'", ("OXFLOW_UDS", "/run/b.sock"), &["--uds", "./c.sock"],
            ["\"/work-dir/a.sock\"", "\"/run/b.sock\"", "\"/work-dir/./c.sock\""]),
        ("x_frame_options", "\"SAMEORIGIN\"", "'DENY'", ("MLFLOW_SERVER_X_FRAME_OPTIONS", "none"),
            &["--x-frame-options", "sameorigin"], ["\"DENY\"", "\"NONE\"", "\"SAMEORIGIN\""]),
        ("static_prefix", "-", "'/a'", ("MLFLOW_STATIC_PREFIX", "/b"), &["--static-prefix", "/c"],
            ["\"/a\"", "\"/b\"", "\"/c\""]),
        ("max_body_size", "\"32MiB\"", "1024", ("OXFLOW_MAX_BODY_SIZE", "2MiB"), &["--max-body-size", "3000"],
            ["\"1KiB\"", "\"2MiB\"", "\"3000\""]),
        ("max_artifact_size", "-", "'1GiB'", ("OXFLOW_MAX_ARTIFACT_SIZE", "2GiB"), &["--max-artifact-size", "3GiB"],
            ["\"1GiB\"", "\"2GiB\"", "\"3GiB\""]),
        ("shutdown_grace", "\"25s\"", "1", ("OXFLOW_SHUTDOWN_GRACE", "2m"), &["--shutdown-grace", "3ms"],
            ["\"1s\"", "\"120s\"", "\"3ms\""]),
        ("shutdown_delay", "\"0s\"", "1", ("OXFLOW_SHUTDOWN_DELAY", "2s"), &["--shutdown-delay", "3s"],
            ["\"1s\"", "\"2s\"", "\"3s\""]),
        ("log_level", "\"info\"", "'error'", ("OXFLOW_LOG_LEVEL", "warn"), &["--log-level", "trace"],
            ["\"error\"", "\"warn\"", "\"trace\""]),
        ("log_format", "-", "'json'", ("OXFLOW_LOG_FORMAT", "text"), &["--log-format", "json"],
            ["\"json\"", "\"text\"", "\"json\""]),
        ("auto_migrate", "\"create\"", "'off'", ("OXFLOW_AUTO_MIGRATE", "create"), &["--auto-migrate", "on"],
            ["\"off\"", "\"create\"", "\"on\""]),
        ("artifact_root_allow", "[]", "['a']", ("OXFLOW_ARTIFACT_ROOT_ALLOW", "/b,/c"),
            &["--artifact-root-allow", "/d", "--artifact-root-allow", "/e"],
            ["[\"/work-dir/a\"]", "[\"/b\", \"/c\"]", "[\"/d\", \"/e\"]"]),
    ];
    for &(key, default, in_file, variable, line, [from_file, from_variable, from_flag]) in table {
        let file = format!("{key} = {in_file}");
        assert_eq!(
            line_of(&resolve(&[], &[]).unwrap(), key),
            default,
            "{key}: default"
        );
        assert_eq!(
            line_of(&with_file(&file, &[], &[]).unwrap(), key),
            from_file,
            "{key}: file"
        );
        assert_eq!(
            line_of(&with_file(&file, &[], &[variable]).unwrap(), key),
            from_variable,
            "{key}: variable"
        );
        assert_eq!(
            line_of(&with_file(&file, line, &[variable]).unwrap(), key),
            from_flag,
            "{key}: flag"
        );
    }
    let tested: Vec<String> = table.iter().map(|row| row.0.to_owned()).collect();
    for line in resolve(&[], &[]).unwrap().to_toml().lines() {
        let key = line.split(" = ").next().unwrap();
        assert!(
            key == "artifacts_only" || tested.contains(&key.to_owned()),
            "{key} is not in the table"
        );
    }
}

#[test]
fn of_two_opposite_flags_the_last_counts() {
    for (line, expected) in [
        (["--serve-artifacts", "--no-serve-artifacts"], "false"),
        (["--no-serve-artifacts", "--serve-artifacts"], "true"),
    ] {
        assert_eq!(
            line_of(&resolve(&line, &[]).unwrap(), "serve_artifacts"),
            expected
        );
    }
}

#[test]
fn printed_settings_are_a_file_that_gives_the_same_settings() {
    let line = [
        "--data-dir",
        "d",
        "--no-serve-artifacts",
        "--host",
        "0.0.0.0",
        "--x-frame-options",
        "NONE",
        "-p",
        "0",
        "--allowed-hosts",
        "a,*.b",
        "--static-prefix",
        "/m",
        "--trusted-proxies",
        "10.0.0.0/8",
        "--log-format",
        "text",
        "--max-artifact-size",
        "1025",
        "--shutdown-grace",
        "1500ms",
    ];
    let socket = [
        "--uds",
        "m.sock",
        "--uds-mode",
        "600",
        "--trusted-proxies",
        "unix",
    ];
    let tls = [
        "--tls-cert",
        "c.pem",
        "--tls-key",
        "k.pem",
        "--tls-client-ca",
        "ca.pem",
    ];
    for line in [&line[..], &socket, &tls] {
        let printed = resolve(line, &[]).unwrap().to_toml();
        assert_eq!(with_file(&printed, &[], &[]).unwrap().to_toml(), printed);
    }
}

#[test]
fn the_data_dir_is_the_base_of_the_defaults_only() {
    let config = resolve(&["--data-dir", "data", "--no-serve-artifacts"], &[]).unwrap();
    assert_eq!(
        config.storage.database,
        oxflow_store::DatabaseUri::Sqlite(PathBuf::from("/work-dir/data/mlflow.db"))
    );
    assert_eq!(config.storage.artifacts.destination, "/work-dir/data/mlartifacts");
    assert_eq!(config.storage.artifacts.default_root, "/work-dir/data/mlruns");
    let config = resolve(
        &["--data-dir", "/data", "--backend-store-uri", "sqlite:///x.db"],
        &[],
    )
    .unwrap();
    assert_eq!(
        config.storage.database,
        oxflow_store::DatabaseUri::Sqlite(PathBuf::from("/work-dir/x.db"))
    );
}

/// Every setting of a later release, as flag, variable and key of a file.
#[test]
fn what_is_not_in_this_release_is_refused_and_named() {
    let mut messages = String::new();
    for setting in SETTINGS {
        if !matches!(setting.support, Support::Refused(_)) {
            continue;
        }
        let flag = format!("--{}", setting.flag);
        let is_switch = setting.flag == "enable-workspaces";
        let line = if is_switch {
            vec![flag.as_str()]
        } else {
            vec![flag.as_str(), "true"]
        };
        messages += &resolve(&line, &[]).expect_err(setting.flag).to_string();
        let file = with_file(&format!("{} = 'true'", setting.key()), &[], &[])
            .expect_err(setting.flag)
            .to_string();
        assert!(
            file.starts_with(&format!("error: `{}` in `", setting.key())),
            "{file}"
        );
        match setting.variable {
            None => {}
            Some("OTEL_EXPORTER_OTLP_ENDPOINT") => {
                let config = resolve(&[], &[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://x")]).unwrap();
                assert_eq!(config.warnings.len(), 1);
            }
            Some(name) => {
                let message = resolve(&[], &[(name, "true")]).expect_err(name).to_string();
                assert!(
                    message.starts_with(&format!("error: `{name}` is not available")),
                    "{message}"
                );
            }
        }
    }
    let expected = include_str!("../../tests/snapshots/refused.txt");
    if std::env::var_os("OXFLOW_TEST_UPDATE").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/snapshots/refused.txt");
        std::fs::write(path, &messages).unwrap();
    } else {
        assert_eq!(messages, expected);
    }
}

#[test]
fn asking_for_what_happens_anyway_is_fine() {
    let line = [
        "--auth",
        "none",
        "--disable-workspaces",
        "--pg-prepared",
        "auto",
        "--secrets-cache-ttl",
        "300",
    ];
    assert!(
        resolve(&line, &[("MLFLOW_ENABLE_WORKSPACES", "true")])
            .unwrap()
            .warnings
            .is_empty()
    );
    let same = [
        "--backend-store-uri",
        "sqlite:///x.db",
        "--registry-store-uri",
        "sqlite:///x.db",
    ];
    assert_eq!(resolve(&same, &[]).unwrap().storage.registry, None);
    let apart = resolve(&["--registry-store-uri", "sqlite:///y.db"], &[]).unwrap();
    assert_eq!(
        apart.storage.registry,
        Some(DatabaseUri::Sqlite(PathBuf::from("/work-dir/y.db")))
    );
}

#[test]
fn bad_values_name_their_source() {
    for (result, message) in [
        (
            resolve(&[], &[("MLFLOW_PORT", "x")]),
            "error: `MLFLOW_PORT` is `x`: expected a port from 0 to 65535\n",
        ),
        (
            resolve(&[], &[("MLFLOW_SERVE_ARTIFACTS", "maybe")]),
            "error: `MLFLOW_SERVE_ARTIFACTS` is `maybe`: expected `true` or `false`\n",
        ),
        (
            resolve(&[], &[("MLFLOW_SERVER_SECRETS_CACHE_TTL", "9")]),
            "error: `MLFLOW_SERVER_SECRETS_CACHE_TTL` is `9`: expected a number from 10 to 300\n",
        ),
        (
            resolve(&["--trusted-proxies", "a.b"], &[]),
            "error: `--trusted-proxies` names `a.b`: expected an address, a network such as `10.0.0.0/8`, or `unix`\n",
        ),
    ] {
        assert_eq!(result.unwrap_err().to_string(), message);
    }
}

#[test]
fn folders_and_other_databases_are_refused_as_backend() {
    for uri in ["./mlruns", "/data/mlruns", "file:///data/mlruns"] {
        let message = resolve(&[], &[("MLFLOW_BACKEND_STORE_URI", uri)])
            .unwrap_err()
            .to_string();
        assert!(
            message.starts_with(&format!("error: `MLFLOW_BACKEND_STORE_URI` is `{uri}`, a folder")),
            "{message}"
        );
        assert!(message.contains("oxflow import"), "{message}");
    }
    let message = resolve(&["--backend-store-uri", "mysql://u:secret@h/d"], &[])
        .unwrap_err()
        .to_string();
    assert!(
        !message.contains("secret") && message.contains("mysql"),
        "{message}"
    );
}

#[test]
fn a_postgresql_database_is_printed_without_its_password() {
    let variables = [("PGHOST", "db"), ("PGPASSWORD", "secret"), ("PGUSER", "ada")];
    let config = resolve(&["--backend-store-uri", "postgresql://"], &variables).unwrap();
    assert_eq!(
        config.storage.database.to_string(),
        "postgresql://ada@db:5432/ada"
    );
    assert!(!config.to_toml().contains("secret"));
    let uri = "postgresql://ada:secret@db/ml?sslmode=require";
    let printed = resolve(&["--backend-store-uri", uri], &[]).unwrap().to_toml();
    assert!(
        printed.contains("\"postgresql://ada@db/ml?sslmode=require\""),
        "{printed}"
    );
}

#[test]
fn an_open_port_without_login_warns_or_is_refused() {
    for host in ["127.0.0.1", "127.1.2.3", "::1", "[::1]", "localhost"] {
        assert!(
            resolve(&["--host", host], &[("OXFLOW_REQUIRE_AUTH", "true")])
                .unwrap()
                .warnings
                .is_empty(),
            "{host}"
        );
    }
    let guarded = [
        &["--uds", "m.sock"][..],
        &["--tls-cert", "c", "--tls-key", "k", "--tls-client-ca", "ca"],
    ];
    for line in guarded {
        let line = [line, &["--host", "0.0.0.0"]].concat();
        assert!(
            resolve(&line, &[("OXFLOW_REQUIRE_AUTH", "true")])
                .unwrap()
                .warnings
                .is_empty()
        );
    }
    for host in ["0.0.0.0", "::", "10.0.0.1", "example.org"] {
        let warnings = resolve(&["--host", host], &[]).unwrap().warnings;
        assert!(
            warnings.iter().any(|line| line.starts_with("NO LOGIN: ")),
            "{host}: {warnings:?}"
        );
        let message = resolve(&["--host", host], &[("OXFLOW_REQUIRE_AUTH", "true")])
            .unwrap_err()
            .to_string();
        assert!(message.contains("OXFLOW_REQUIRE_AUTH is set"), "{message}");
    }
}

#[test]
fn doors_left_open_on_purpose_are_named() {
    let line = [
        "--allowed-hosts",
        "*",
        "--cors-allowed-origins",
        "*",
        "--disable-security-middleware",
        "--trusted-proxies",
        "0.0.0.0/0",
    ];
    let warnings = resolve(&line, &[]).unwrap().warnings;
    assert_eq!(warnings.len(), 4, "{warnings:?}");
}

#[test]
fn variables_without_a_flag_reach_the_server() {
    let config = resolve(
        &[],
        &[
            ("MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH", "77"),
            ("MLFLOW_ALLOWED_HOST_ADDRESSED_ARTIFACT_SCHEMES", "ftp,http"),
            ("MLFLOW_TRUNCATE_LONG_VALUES", "false"),
            (
                "MLFLOW_CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX",
                "^s3://(a|b)/",
            ),
        ],
    )
    .unwrap();
    assert_eq!(config.server.locations.max_chars, 77);
    assert_eq!(config.server.locations.allowed_schemes, ["ftp", "http"]);
    assert_eq!(
        config.server.locations.working_directory,
        PathBuf::from("/work-dir")
    );
    assert!(!config.server.truncate_long_values);
    let pattern = config.server.model_source_pattern.unwrap();
    assert!(pattern.is_match("s3://a/x") && !pattern.is_match("gs://a/x"));
}

#[test]
fn log_levels_have_an_order_too() {
    let level = |line: &[&str]| {
        resolve(line, &[("MLFLOW_LOGGING_LEVEL", "ERROR")])
            .unwrap()
            .log
            .level
    };
    assert_eq!(level(&[]).as_str(), "error");
    assert_eq!(level(&["--uvicorn-opts", "--log-level warning"]).as_str(), "warn");
    assert_eq!(
        level(&["--dev", "--uvicorn-opts", "--log-level warning"]).as_str(),
        "debug"
    );
    assert_eq!(level(&["--dev", "--log-level", "trace"]).as_str(), "trace");
}

#[test]
fn artifacts_only_needs_artifacts() {
    assert!(resolve(&["--artifacts-only"], &[]).unwrap().server.artifacts_only);
    assert!(resolve(&["--artifacts-only", "--no-serve-artifacts"], &[]).is_err());
}
