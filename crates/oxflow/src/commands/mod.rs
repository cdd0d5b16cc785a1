//! The commands, one file each.

pub mod artifacts;
pub mod auth;
pub mod db;
pub mod demo;
pub mod gc;
pub mod healthcheck;
pub mod import;
mod opening;
mod progress;
pub mod server;
pub mod verify;
pub mod version;

use std::io::Write;

use oxflow_store::{ConnectFailure, DbErrorKind, OpenError, UpgradeError};

use crate::failure::Failure;

/// Writes to standard output. A closed pipe is the reader's choice and no failure.
fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// A number of bytes in binary units.
fn size_in_words(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 {
        format!("{bytes} bytes")
    } else {
        format!("{value:.1} {}", UNITS[unit])
    }
}

/// A failure of the database with what to do about it.
fn store_failure(error: OpenError) -> Failure {
    let hint = database_hint(&error);
    let failure = Failure::from(anyhow::Error::new(error));
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// What to do about a database that does not open.
fn database_hint(error: &OpenError) -> Option<&'static str> {
    Some(match error {
        OpenError::Open { .. } => {
            "is it a SQLite file, does its folder belong to the user of this process, is there room? `--data-dir` or \
             `--backend-store-uri` name another place"
        }
        OpenError::Damaged { .. } => {
            "put a backup in its place, or recover what is left with `sqlite3 … .recover`"
        }
        OpenError::ReadOnly { .. } => {
            "grant the user SELECT, INSERT, UPDATE and DELETE on all tables and USAGE on all sequences, or name another \
             user; a standby or a read-only database cannot be used"
        }
        OpenError::NotMlflow { .. } => {
            "name an empty database or one of MLflow's; this one was left as it is"
        }
        OpenError::Prepare { source, .. } if source.kind() == DbErrorKind::Denied => {
            "the first start in an empty database needs a user who may make tables: its owner, or `GRANT CREATE ON \
             SCHEMA public`; later starts need SELECT, INSERT, UPDATE and DELETE on all tables"
        }
        OpenError::Connect { cause, .. } => match cause {
            ConnectFailure::Unreachable(_) | ConnectFailure::TimedOut(_) => {
                "does PostgreSQL run there, is the name right, does a firewall let the port through? `oxflow db wait` \
                 waits for a database that is starting"
            }
            ConnectFailure::Login(_) => {
                "check user and password (an `@` or `/` in them is written %40, %2F), and the line of pg_hba.conf for \
                 this user, database and address; it may ask for TLS (`?sslmode=require`)"
            }
            ConnectFailure::NoDatabase(_) => {
                "make it with `createdb`, or name another one at the end of the URI"
            }
            ConnectFailure::Tls(_) => {
                "`?sslmode=` says how: `disable` without TLS, `require` with any certificate, `verify-full` with one \
                 that `sslrootcert` vouches for and that is made out to this host"
            }
            ConnectFailure::NotNow(_) => {
                "the database is starting, stopping or has no connection left: try again; \
                 MLFLOW_SQLALCHEMYSTORE_POOL_SIZE and _MAX_OVERFLOW lower what each server takes"
            }
            ConnectFailure::Other(_) => return None,
        },
        OpenError::Query { source, .. } if source.kind() == DbErrorKind::Denied => {
            "grant the user SELECT on all tables"
        }
        OpenError::NoSuchFile { .. } | OpenError::NoSchema { .. } => {
            "make it with `oxflow db upgrade`, or start the server once with `--auto-migrate create`"
        }
        OpenError::WrongRevision { .. } => {
            "make a backup, then upgrade it with `oxflow db upgrade`, or start the server with `--auto-migrate on`; a \
             newer one needs a newer Oxflow"
        }
        OpenError::Upgrade { source, .. } => return hint_for_upgrade(source),
        OpenError::Backup { .. } => {
            "is there room beside the database? `--backup-before-migrate=PATH` names another place"
        }
        OpenError::NoBackup { .. } => {
            "use `pg_dump --format=custom` first, then `oxflow db upgrade` without the flag"
        }
        _ => return None,
    })
}

fn hint_for_upgrade(error: &UpgradeError) -> Option<&'static str> {
    match error {
        UpgradeError::TooOld { .. } => Some(
            "make a backup, then run `mlflow db upgrade` of MLflow 1.30 or any later one up to 3.17.2 on it first",
        ),
        UpgradeError::Unknown { .. } => {
            Some("use the Oxflow, or the MLflow, that is as new as the database; there is no way back")
        }
        UpgradeError::Revision { source, .. } => hint_for_upgrade(source),
        UpgradeError::Data { .. } | UpgradeError::Orphans { .. } => {
            Some("MLflow's own upgrade stops there as well; correct or delete these rows first")
        }
        UpgradeError::LosesColumn { .. } => Some("copy it elsewhere and drop it first"),
        UpgradeError::Database(error) if error.kind() == DbErrorKind::Denied => {
            Some("an upgrade takes the owner of the tables; name that user in the URI")
        }
        UpgradeError::Database(_) => None,
    }
}
