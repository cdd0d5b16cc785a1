//! Variables beside those of flags: what the server reads, what it knows, what it has never heard of.

use std::fmt::Display;
use std::str::FromStr;

use super::settings::SETTINGS;
use crate::env::Env;
use crate::failure::Failure;

/// Longest artifact location, in characters.
pub const ARTIFACT_LOCATION_MAX_LENGTH: &str = "MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH";
/// Schemes with a host that experiments may point at.
pub const ALLOWED_SCHEMES: &str = "MLFLOW_ALLOWED_HOST_ADDRESSED_ARTIFACT_SCHEMES";
/// What the source of a new model version must match.
pub const MODEL_SOURCE_PATTERN: &str = "MLFLOW_CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX";
/// Whether too long values are cut instead of refused.
pub const TRUNCATE_LONG_VALUES: &str = "MLFLOW_TRUNCATE_LONG_VALUES";
/// The log level, unless a flag says another.
pub const LOGGING_LEVEL: &str = "MLFLOW_LOGGING_LEVEL";
/// The INI file of a login.
pub const AUTH_CONFIG_PATH: &str = "MLFLOW_AUTH_CONFIG_PATH";
/// The name of the first administrator.
pub const ADMIN_USERNAME: &str = "MLFLOW_AUTH_ADMIN_USERNAME";
/// The password of the first administrator.
pub const ADMIN_PASSWORD: &str = "MLFLOW_AUTH_ADMIN_PASSWORD";
/// Makes an open port without a login an error.
pub const REQUIRE_AUTH: &str = "OXFLOW_REQUIRE_AUTH";

/// How long the URLs of presigned downloads are valid, in seconds.
pub const PRESIGNED_TTL: &str = "MLFLOW_PRESIGNED_DOWNLOAD_URL_TTL_SECONDS";
/// Whether clients are told to send large files in parts to a local folder, too.
pub const OFFERS_PARTS: &str = "MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD";

/// Connections to PostgreSQL that are kept.
pub const POOL_SIZE: &str = "MLFLOW_SQLALCHEMYSTORE_POOL_SIZE";
/// Connections beyond those when many requests come at once.
pub const POOL_MAX_OVERFLOW: &str = "MLFLOW_SQLALCHEMYSTORE_MAX_OVERFLOW";
/// Seconds after which a connection is replaced.
pub const POOL_RECYCLE: &str = "MLFLOW_SQLALCHEMYSTORE_POOL_RECYCLE";
/// `NullPool`: a connection per request.
pub const POOL_CLASS: &str = "MLFLOW_SQLALCHEMYSTORE_POOLCLASS";

/// Variables that the server reads and that are no flags.
pub const WITHOUT_FLAG: [&str; 19] = [
    ARTIFACT_LOCATION_MAX_LENGTH,
    ALLOWED_SCHEMES,
    MODEL_SOURCE_PATTERN,
    TRUNCATE_LONG_VALUES,
    LOGGING_LEVEL,
    AUTH_CONFIG_PATH,
    ADMIN_USERNAME,
    ADMIN_PASSWORD,
    REQUIRE_AUTH,
    PRESIGNED_TTL,
    OFFERS_PARTS,
    "MLFLOW_S3_ENDPOINT_URL",
    "MLFLOW_S3_EXPECTED_BUCKET_OWNER",
    "MLFLOW_S3_IGNORE_TLS",
    "MLFLOW_S3_UPLOAD_EXTRA_ARGS",
    POOL_SIZE,
    POOL_MAX_OVERFLOW,
    POOL_RECYCLE,
    POOL_CLASS,
];

/// Variables of MLflow's client and server, 3.17 and 2.11, that change nothing here.
const KNOWN: &str = include_str!("known_variables.txt");

/// Set by our own tests.
const OF_TESTS: [&str; 3] = ["OXFLOW_BIN", "OXFLOW_PY_", "OXFLOW_TEST_"];

/// Variables from which someone may expect that a login is asked for.
const OF_LOGIN: [&str; 3] = [AUTH_CONFIG_PATH, ADMIN_USERNAME, ADMIN_PASSWORD];

/// The value of a variable that is no flag.
pub fn read<T: FromStr<Err: Display>>(env: &Env, name: &'static str) -> Result<Option<T>, Failure> {
    match env.get(name) {
        None => Ok(None),
        Some(text) => match text.parse() {
            Ok(value) => Ok(Some(value)),
            Err(error) => Err(Failure::usage(format!("`{name}` is `{text}`: {error}"))),
        },
    }
}

/// What is strange about the environment, a line each.
pub fn warnings(env: &Env, has_login: bool) -> Vec<String> {
    let mut warnings = Vec::new();
    let unknown: Vec<&str> = env
        .names()
        .filter(|name| is_ours(name) && !is_known(name))
        .collect();
    if !unknown.is_empty() {
        warnings.push(format!(
            "unknown variables, without effect: {}",
            unknown.join(", ")
        ));
    }
    let login: Vec<&str> = OF_LOGIN
        .into_iter()
        .filter(|name| !has_login && env.get(name).is_some())
        .collect();
    if !login.is_empty() {
        warnings.push(format!(
            "{}: without effect, as nobody has to log in; `--auth basic` asks for a login",
            login.join(", ")
        ));
    }
    warnings
}

fn is_ours(name: &str) -> bool {
    name.starts_with("MLFLOW_") || name.starts_with("OXFLOW_")
}

fn is_known(name: &str) -> bool {
    SETTINGS.iter().any(|setting| setting.variable == Some(name))
        || WITHOUT_FLAG.contains(&name)
        || KNOWN.lines().any(|known| known == name)
        || OF_TESTS.iter().any(|start| name.starts_with(start))
        || Env::is_secret_file(name)
        || is_kubernetes_service(name)
}

/// Kubernetes describes a service named `mlflow` to every pod in variables that begin with `MLFLOW_`.
fn is_kubernetes_service(name: &str) -> bool {
    name.ends_with("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || name.ends_with("_PORT")
        || name
            .split_once("_PORT_")
            .is_some_and(|(_, rest)| rest.contains("_TCP") || rest.contains("_UDP"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_clients_and_of_kubernetes_pass_silently() {
        let env = Env::for_test(&[
            ("MLFLOW_TRACKING_URI", "x"),
            ("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "7"),
            ("MLFLOW_RECIPES_PROFILE", "local"),
            ("MLFLOW_SERVICE_HOST", "10.0.0.1"),
            ("MLFLOW_SERVICE_PORT_HTTP", "80"),
            ("MLFLOW_PORT_5000_TCP_ADDR", "10.0.0.1"),
            ("MLFLOW_PORT", "tcp://10.0.0.1:5000"),
            ("OXFLOW_REQUIRE_AUTH", "false"),
            ("HOME", "/root"),
        ]);
        assert_eq!(warnings(&env, false), Vec::<String>::new());
    }

    #[test]
    fn unknown_variables_share_one_line() {
        let env = Env::for_test(&[("MLFLOW_HOSTT", "x"), ("OXFLOW_PROT", "1")]);
        assert_eq!(
            warnings(&env, false),
            ["unknown variables, without effect: MLFLOW_HOSTT, OXFLOW_PROT"]
        );
    }

    #[test]
    fn variables_of_a_login_are_not_taken_silently() {
        let warnings = warnings(&Env::for_test(&[("MLFLOW_AUTH_ADMIN_PASSWORD", "secret")]), false);
        assert_eq!(
            warnings,
            [
                "MLFLOW_AUTH_ADMIN_PASSWORD: without effect, as nobody has to log in; `--auth basic` asks for a login"
            ]
        );
    }
}
