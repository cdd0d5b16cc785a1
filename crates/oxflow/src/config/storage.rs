//! Where the database and the artifacts are.

use std::path::{Component, Path, PathBuf};

use oxflow_artifacts::ArtifactsConfig;
use oxflow_store::{DatabaseUri, PoolConfig};

use super::args::ServerArgs;
use super::pool;
use super::settings_file;
use super::sources::{Found, Sources};
use super::units::{AutoMigrate, CommaList};
use crate::env::Env;
use crate::failure::Failure;

/// Root of new experiments when artifacts go through the server. MLflow 3.17: `resolve_default_artifact_root`.
const PROXIED_ROOT: &str = "mlflow-artifacts:/";

/// The database and the artifacts.
#[derive(Debug, Clone)]
pub struct StorageConfig {
    /// The database, with an absolute path.
    pub database: DatabaseUri,
    /// When the schema is made.
    pub auto_migrate: AutoMigrate,
    /// The database of the model registry, if it is another one.
    pub registry: Option<DatabaseUri>,
    /// Connections to a PostgreSQL database.
    pub pool: PoolConfig,
    /// The artifacts, with absolute paths.
    pub artifacts: ArtifactsConfig,
    /// Whether somebody said where the artifacts are that pass through a server.
    pub names_destination: bool,
}

impl StorageConfig {
    /// Decides where everything is for a command that is no server, from the same flags, variables and file.
    pub fn of_command(args: &ServerArgs, env: &Env) -> Result<Self, Failure> {
        let file = settings_file(args, env)?;
        Self::resolve(args, &Sources { env, file: &file })
    }

    /// Decides where everything is. Touches nothing.
    pub fn resolve(args: &ServerArgs, sources: &Sources<'_>) -> Result<Self, Failure> {
        let working_dir = &sources.env.working_dir;
        let given_dir = sources.value("data-dir", args.data_dir.clone())?;
        let has_data_dir = given_dir.is_some();
        let data_dir = match given_dir {
            None => working_dir.clone(),
            Some(dir) => absolute(working_dir, &dir),
        };
        let local = |uri: String| {
            if has_scheme(&uri) {
                uri
            } else {
                text(&absolute(working_dir, Path::new(&uri)))
            }
        };
        let serve = sources
            .switch("serve-artifacts", args.serve_artifacts, args.no_serve_artifacts)?
            .unwrap_or(true);
        let destination = sources.value("artifacts-destination", args.artifacts_destination.clone())?;
        let names_destination = destination.is_some() || has_data_dir;
        let root = sources.value("default-artifact-root", args.default_artifact_root.clone())?;
        let default_root = match root {
            Some(root) => local(root),
            None if serve => PROXIED_ROOT.to_owned(),
            None => text(&data_dir.join("mlruns")),
        };
        let given_roots =
            (!args.artifact_root_allow.is_empty()).then(|| CommaList(args.artifact_root_allow.clone()));
        let extra_roots = sources
            .value("artifact-root-allow", given_roots)?
            .map_or(Vec::new(), |CommaList(roots)| roots);
        let artifacts = ArtifactsConfig {
            destination: destination.map_or_else(|| text(&data_dir.join("mlartifacts")), local),
            default_root,
            serve,
            extra_roots: extra_roots.into_iter().map(local).collect(),
            environment: sources.env.all(),
        };
        let auto_migrate = sources
            .value("auto-migrate", args.auto_migrate)?
            .unwrap_or(AutoMigrate::Create);
        let database = database(args, sources, &data_dir)?;
        Ok(Self {
            registry: registry(args, sources)?.filter(|registry| *registry != database),
            database,
            auto_migrate,
            pool: pool::resolve(args, sources)?,
            artifacts,
            names_destination,
        })
    }
}

fn database(args: &ServerArgs, sources: &Sources<'_>, data_dir: &Path) -> Result<DatabaseUri, Failure> {
    let Some(Found { value: uri, source }) =
        sources.found("backend-store-uri", args.backend_store_uri.clone())?
    else {
        return Ok(DatabaseUri::Sqlite(data_dir.join("mlflow.db")));
    };
    parse_database(&uri, &source, sources.env)
}

fn registry(args: &ServerArgs, sources: &Sources<'_>) -> Result<Option<DatabaseUri>, Failure> {
    let found = sources.found("registry-store-uri", args.registry_store_uri.clone())?;
    found
        .map(|Found { value: uri, source }| parse_database(&uri, &source, sources.env))
        .transpose()
}

/// Reads the URI of a database; `source` says where it was found.
pub fn parse_database(uri: &str, source: &str, env: &Env) -> Result<DatabaseUri, Failure> {
    if !has_scheme(uri) || uri.to_ascii_lowercase().starts_with("file:") {
        // `host=… password=…` is no URI either.
        let may_hold_a_secret = uri.contains('@') || uri.contains("password");
        let uri = if may_hold_a_secret { "…" } else { uri };
        return Err(Failure::usage(format!("{source} is `{uri}`, a folder of MLflow's file store, not a database"))
            .hint(
                "`oxflow import --from-filestore <folder>` brings it into a database, which `--backend-store-uri` then \
                 names, such as `sqlite:///mlflow.db`",
            ));
    }
    let variables = |name: &str| env.get(name).map(str::to_owned);
    match DatabaseUri::parse(uri, &variables) {
        Ok(DatabaseUri::Sqlite(path)) => Ok(DatabaseUri::Sqlite(absolute(&env.working_dir, &path))),
        Ok(other) => Ok(other),
        Err(error) => Err(Failure::from(anyhow::anyhow!("{source}: {error}")).hint(
            "`sqlite:///mlflow.db` is a file in the working directory, `sqlite:////var/lib/mlflow.db` one anywhere, \
             `postgresql://user:password@host:5432/database` a PostgreSQL database",
        )),
    }
}

/// Whether a text is a URI and not a path.
fn has_scheme(text: &str) -> bool {
    let Some((scheme, _)) = text.split_once(':') else {
        return false;
    };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// The path below `base`, without `.` parts.
fn absolute(base: &Path, path: &Path) -> PathBuf {
    base.join(path)
        .components()
        .filter(|part| *part != Component::CurDir)
        .collect()
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
