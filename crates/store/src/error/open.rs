//! Why a database was not opened.

use crate::DbError;
use crate::driver::postgres::ConnectFailure;
use crate::migrations::{self, UpgradeError};
use crate::schema::HEAD_REVISION;

/// The database could not be opened.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum OpenError {
    #[error("database URI `{uri}`: {reason}")]
    BadUri { uri: String, reason: String },
    #[error("could not connect to {location}: {cause}")]
    Connect { location: String, cause: ConnectFailure },
    #[error("could not open the database file {path}")]
    Open {
        path: String,
        #[source]
        source: DbError,
    },
    #[error("{path} is damaged: {finding}")]
    Damaged { path: String, finding: String },
    #[error("could not look at the database {location}")]
    Query {
        location: String,
        #[source]
        source: DbError,
    },
    #[error("there is no database {path}")]
    NoSuchFile { path: String },
    #[error("a database that lives as long as the server (`sqlite://`) cannot be looked at from outside")]
    Temporary,
    #[error("the database {path} has no schema yet")]
    NoSchema { path: String },
    #[error(
        "the database {path} has schema revision {found}{}, but this release needs {HEAD_REVISION}",
        made_by(found)
    )]
    WrongRevision { path: String, found: String },
    #[error("the database {path} was not upgraded, and is as it was")]
    Upgrade {
        path: String,
        #[source]
        source: UpgradeError,
    },
    #[error(
        "only SQLite databases are copied before an upgrade, and {location} is none; nothing was upgraded"
    )]
    NoBackup { location: String },
    #[error("could not make the backup {path}, so nothing was upgraded")]
    Backup {
        path: String,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("the database {path} holds tables ({tables}) but no MLflow schema")]
    NotMlflow { path: String, tables: String },
    #[error("the user of {location} may not read and write all tables")]
    ReadOnly { location: String },
    #[error("could not prepare the database {path}")]
    Prepare {
        path: String,
        #[source]
        source: DbError,
    },
    #[error("could not create the folder {path}")]
    CreateFolder {
        path: String,
        #[source]
        source: std::io::Error,
    },
    #[error("could not start the store's threads")]
    Threads(#[source] std::io::Error),
}

/// The MLflow that a revision belongs to, in brackets.
fn made_by(revision: &str) -> String {
    migrations::release_of(revision).map_or_else(String::new, |release| format!(" ({release})"))
}
