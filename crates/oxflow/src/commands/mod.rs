//! The commands, one file each.

pub mod healthcheck;
pub mod import;
pub mod server;
pub mod version;

use std::io::Write;

use oxflow_store::{ConnectFailure, OpenError};

/// Writes to standard output. A closed pipe is the reader's choice and no failure.
fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
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
            "grant the user SELECT, INSERT, UPDATE and DELETE on all tables, or name another user; a standby or a \
             read-only database cannot be used"
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
        _ => return None,
    })
}
