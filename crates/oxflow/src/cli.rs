//! The command line: which commands there are. Started as `mlflow`, the program is the same one.

use std::path::PathBuf;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::commands::artifacts::ArtifactsArgs;
use crate::commands::auth::AuthArgs;
use crate::commands::db::DbArgs;
use crate::commands::demo::DemoArgs;
use crate::commands::gc::GcArgs;
use crate::commands::healthcheck::HealthcheckArgs;
use crate::commands::import::ImportArgs;
use crate::commands::verify::VerifyArgs;
use crate::config::{ServerArgs, setting};

/// MLflow tracking in one program: a server that unmodified MLflow clients talk to.
#[derive(Debug, Parser)]
#[command(
    name = "oxflow",
    version,
    arg_required_else_help = true,
    disable_help_flag = true,
    disable_help_subcommand = true,
    after_help = "Examples:
  oxflow server                            on http://127.0.0.1:5000, data in this folder
  oxflow server --data-dir /var/lib/oxflow the same, data in /var/lib/oxflow
  oxflow server --backend-store-uri postgresql://user@host/mlflow
                                           the same, on PostgreSQL
  oxflow db upgrade sqlite:///mlflow.db    makes an older MLflow's database this release's
  oxflow import --from-filestore ./mlruns  brings an old file store into mlflow.db
  oxflow gc --older-than 30d               removes for good what was deleted a month ago
  oxflow verify artifacts                  reads all artifacts again, and compares
  oxflow demo                              fills that server with something to look at
  oxflow artifacts download -r 0a1b… -d .  downloads the artifacts of a run
  oxflow healthcheck                       exit code 0 when that server answers"
)]
pub struct Cli {
    /// Reads variables from this dotenv file; variables that are already set keep their value.
    #[arg(long, global = true, value_name = "PATH")]
    pub env_file: Option<PathBuf>,
    /// Prints help.
    #[arg(long, global = true, action = clap::ArgAction::Help)]
    help: Option<bool>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs the tracking server.
    #[command(visible_alias = "ui")]
    Server(Box<ServerArgs>),
    /// Looks at, waits for and upgrades a database.
    Db(DbArgs),
    /// Users and API tokens of a server that asks for a login.
    Auth(AuthArgs),
    /// Uploads, lists and downloads the artifacts of runs.
    Artifacts(ArtifactsArgs),
    /// Brings MLflow's old file store (`mlruns`) into the database.
    Import(Box<ImportArgs>),
    /// Removes for good what is deleted: runs, experiments, logged models, with their artifacts.
    Gc(Box<GcArgs>),
    /// Reads artifacts again and compares them with their checksums.
    Verify(VerifyArgs),
    /// Fills a running server with experiments, runs and models to look at.
    Demo(DemoArgs),
    /// Asks a running server whether it is alive; exit code 0 when it answers, 1 when not.
    Healthcheck(HealthcheckArgs),
    /// Prints the version of the program and the MLflow version it stands in for.
    Version,
}

impl Cli {
    /// Parses the process's arguments; ends the process on `--help` (0) and wrong usage (2).
    pub fn from_command_line() -> Self {
        let matches = Self::documented().get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }

    /// The command line with the default and variable of every setting in its help.
    fn documented() -> clap::Command {
        Self::command()
            .mut_subcommand("server", with_settings)
            .mut_subcommand("import", with_settings)
            .mut_subcommand("gc", with_settings)
            .mut_subcommand("verify", |verify| {
                verify.mut_subcommand("artifacts", with_settings)
            })
    }
}

/// Adds default and variable to the help of each flag that is a setting.
fn with_settings(command: clap::Command) -> clap::Command {
    command.mut_args(|arg| match arg.get_long().and_then(setting) {
        None => arg,
        Some(setting) => {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            arg.help(format!("{help}{}", setting.help_suffix()))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{SETTINGS, Support};

    /// The table of docs/configuration.md.
    fn table_of_settings() -> String {
        let command = Cli::command();
        let server = command.find_subcommand("server").unwrap();
        let mut table =
            "| flag | variable | default | meaning | in this release |\n|---|---|---|---|---|\n".to_owned();
        for setting in SETTINGS {
            let arg = server
                .get_arguments()
                .find(|arg| arg.get_long() == Some(setting.flag))
                .unwrap();
            let short = arg
                .get_short()
                .map(|short| format!(", `-{short}`"))
                .unwrap_or_default();
            let no = ["serve-artifacts", "access-log"].contains(&setting.flag);
            let no = if no {
                format!(", `--no-{}`", setting.flag)
            } else {
                String::new()
            };
            let variable = setting
                .variable
                .map_or("–".to_owned(), |name| format!("`{name}`"));
            let meaning = arg.get_help().unwrap().to_string();
            let support = match setting.support {
                Support::Works => "works".to_owned(),
                Support::NoEffect => "accepted, no effect".to_owned(),
                Support::Refused(what_to_do) => format!("**refused**: {what_to_do}"),
            };
            let flag = setting.flag;
            let default = setting.default;
            table += &format!("| `--{flag}`{short}{no} | {variable} | {default} | {meaning} | {support} |\n");
        }
        table
    }

    #[test]
    fn the_documentation_lists_every_setting() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");
        let page = std::fs::read_to_string(path).unwrap();
        let (before, rest) = page.split_once("<!-- settings -->\n").unwrap();
        let (written, after) = rest.split_once("<!-- end of settings -->\n").unwrap();
        let table = table_of_settings();
        if std::env::var_os("OXFLOW_TEST_UPDATE").is_some() {
            let page = format!("{before}<!-- settings -->\n{table}<!-- end of settings -->\n{after}");
            std::fs::write(path, page).unwrap();
        } else {
            assert_eq!(
                written, table,
                "run the tests with OXFLOW_TEST_UPDATE=1 and look at the difference"
            );
        }
    }

    #[test]
    fn every_flag_of_the_server_is_a_setting_and_every_setting_a_flag() {
        Cli::documented().debug_assert();
        let command = Cli::documented();
        let server = command.find_subcommand("server").unwrap();
        let flags: Vec<&str> = server.get_arguments().filter_map(|arg| arg.get_long()).collect();
        for setting in SETTINGS {
            assert!(flags.contains(&setting.flag), "--{} is not a flag", setting.flag);
        }
        let not_settings = [
            "help",
            "print-config",
            "no-serve-artifacts",
            "disable-workspaces",
            "no-access-log",
        ];
        for flag in flags {
            assert!(
                not_settings.contains(&flag) || setting(flag).is_some(),
                "--{flag} is not in the table"
            );
        }
    }
}
