//! The command line of each server.

use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::{Database, Program, artifacts_of};

/// Where the programs are.
#[derive(Debug, Clone)]
pub struct Programs {
    pub oxflow: PathBuf,
    pub mlflow: PathBuf,
    pub fasttrackml: PathBuf,
    /// A server of files, which is the limit of artifacts.
    pub nginx: PathBuf,
}

impl Programs {
    /// The file of a program.
    pub fn path(&self, program: Program) -> &Path {
        match program {
            Program::Oxflow => &self.oxflow,
            Program::Mlflow => &self.mlflow,
            Program::Fasttrackml => &self.fasttrackml,
        }
    }

    /// The Python that a real client of this server runs on.
    pub fn python(&self, program: Program) -> PathBuf {
        let venv = match program {
            Program::Oxflow | Program::Mlflow => &self.mlflow,
            Program::Fasttrackml => &self.fasttrackml,
        };
        venv.with_file_name("python")
    }

    /// The command that starts a server on a port of 127.0.0.1; everything else is as the server has it by itself.
    pub fn server(&self, program: Program, port: u16, database: &Database, folder: &Path) -> Command {
        let artifacts = artifacts_of(folder);
        let mut command = command(self.path(program));
        match program {
            Program::Oxflow => {
                command.args(["server", "--host", "127.0.0.1", "--port", &port.to_string()]);
                command.args(["--backend-store-uri", &database.uri()]);
                command.arg("--artifacts-destination").arg(artifacts);
            }
            Program::Mlflow => {
                command.args([
                    "server",
                    "--workers",
                    "1",
                    "--host",
                    "127.0.0.1",
                    "--port",
                    &port.to_string(),
                ]);
                // SQLAlchemy 2.1 takes psycopg 3 where no driver is named; psycopg2 is what is installed.
                let uri = database
                    .uri()
                    .replacen("postgresql://", "postgresql+psycopg2://", 1);
                command.args(["--backend-store-uri", &uri]);
                command.arg("--artifacts-destination").arg(artifacts);
                command
                    .env("MLFLOW_DISABLE_TELEMETRY", "true")
                    .env("DO_NOT_TRACK", "true");
            }
            Program::Fasttrackml => {
                let uri = match database {
                    Database::Sqlite(path) => format!("sqlite://{}", path.display()),
                    Database::Postgres { uri, .. } => uri.replacen("postgresql://", "postgres://", 1),
                };
                command.args(["server", "--listen-address", &format!("127.0.0.1:{port}")]);
                command.args(["--database-uri", &uri]);
                command.arg("--default-artifact-root").arg(artifacts);
            }
        }
        command.current_dir(folder);
        command
    }
}

/// A command that ends with this process, and knows nothing of what the user has set for servers and databases.
pub fn command(program: &Path) -> Command {
    command_with(&[], program)
}

/// The same for a program that needs no rights of root, and shall not have them; the folder becomes its own.
pub fn unprivileged(program: &Path, folder: &Path) -> Result<Command> {
    /// `nobody`, whatever its group is called.
    const NOBODY: u32 = 65534;
    if !rustix::process::geteuid().is_root() {
        return Ok(command(program));
    }
    chown(folder, Some(NOBODY), Some(NOBODY))?;
    for entry in fs::read_dir(folder)? {
        chown(entry?.path(), Some(NOBODY), Some(NOBODY))?;
    }
    let id = NOBODY.to_string();
    Ok(command_with(
        &["--reuid", &id, "--regid", &id, "--clear-groups"],
        program,
    ))
}

fn command_with(privileges: &[&str], program: &Path) -> Command {
    let setpriv = Path::new("/usr/bin/setpriv");
    let mut command = if setpriv.exists() || !privileges.is_empty() {
        let mut command = Command::new(setpriv);
        command
            .args(privileges)
            .args(["--pdeathsig", "TERM", "--"])
            .arg(program);
        command
    } else {
        Command::new(program)
    };
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if ["MLFLOW_", "OXFLOW_", "FML_", "PG"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
        {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null());
    command
}

/// Makes MLflow's tables in an empty database.
pub fn oxflow_upgrade(programs: &Programs, database: &Database) -> Result<()> {
    let output = command(&programs.oxflow)
        .args(["db", "upgrade", &database.uri()])
        .output();
    let output = output.with_context(|| format!("could not run {}", programs.oxflow.display()))?;
    if !output.status.success() {
        bail!(
            "`oxflow db upgrade` failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(())
}

/// What a program says for `--version`, or why it does not.
pub fn version_of(program: &Path) -> String {
    match command(program).arg("--version").output() {
        Ok(output) if output.status.success() => String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        Ok(output) => format!("unknown ({})", output.status),
        Err(error) => format!("not there ({error})"),
    }
}
