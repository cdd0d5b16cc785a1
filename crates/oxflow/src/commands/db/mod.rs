//! `oxflow db`: looks at, waits for and upgrades a database.

mod check;
mod info;
mod upgrade;
mod wait;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use oxflow_store::DatabaseUri;

use crate::config::parse_database;
use crate::env::Env;
use crate::failure::Failure;

/// Flags of `oxflow db`.
#[derive(Debug, Args)]
pub struct DbArgs {
    #[command(subcommand)]
    command: DbCommand,
}

#[derive(Debug, Subcommand)]
enum DbCommand {
    /// Upgrades the schema to the one of this release, in one transaction; makes it in an empty database.
    ///
    /// Upgrades databases of MLflow 1.30 and later. Stop the servers of an older MLflow first: they cannot
    /// work with the new schema.
    Upgrade(upgrade::UpgradeArgs),
    /// Exit code 0 when the database answers and has the schema of this release, 1 when not.
    Check(Target),
    /// Prints the kind of the database, its place, its revision and numbers of rows.
    Info(Target),
    /// Waits until the database answers a query; exit code 1 when it does not in time.
    Wait(wait::WaitArgs),
}

/// Which database.
#[derive(Debug, Args)]
struct Target {
    /// The database, such as `sqlite:///mlflow.db` [default: MLFLOW_BACKEND_STORE_URI].
    #[arg(value_name = "URI")]
    uri: Option<String>,
}

impl Target {
    fn database(&self, env: &Env) -> Result<DatabaseUri, Failure> {
        let variable = "MLFLOW_BACKEND_STORE_URI";
        match (&self.uri, env.get(variable)) {
            (Some(uri), _) => parse_database(uri, "URI", env),
            (None, Some(uri)) => parse_database(uri, &format!("`{variable}`"), env),
            (None, None) => Err(Failure::usage("which database?").hint(format!(
                "give its URI, such as `sqlite:///mlflow.db`, or set {variable}"
            ))),
        }
    }
}

/// Runs one of them.
pub fn run(args: &DbArgs, env: &Env) -> Result<ExitCode, Failure> {
    match &args.command {
        DbCommand::Upgrade(args) => upgrade::run(args, env),
        DbCommand::Check(target) => check::run(&target.database(env)?),
        DbCommand::Info(target) => info::run(&target.database(env)?),
        DbCommand::Wait(args) => wait::run(args, env),
    }
}
