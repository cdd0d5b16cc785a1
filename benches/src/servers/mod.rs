//! The servers that are compared: how each is started, on which database, and stopped.

mod commands;
mod running;

use std::path::PathBuf;

use clap::ValueEnum;

pub use commands::{Programs, command, oxflow_upgrade, unprivileged, version_of};
pub use running::{Database, Server, Starting, free_port, spawn, start};

/// A server on a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Kind {
    /// Oxflow on SQLite
    OxflowSqlite,
    /// `mlflow server` with one worker on SQLite
    MlflowSqlite,
    /// FastTrackML on SQLite
    FasttrackmlSqlite,
    /// Oxflow on PostgreSQL
    OxflowPostgres,
    /// `mlflow server` with one worker on PostgreSQL
    MlflowPostgres,
    /// FastTrackML on PostgreSQL
    FasttrackmlPostgres,
    /// The same rows without a server: SQLite, PostgreSQL and a static HTTP answer alone
    Limit,
}

/// Which program a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Program {
    Oxflow,
    Mlflow,
    Fasttrackml,
}

/// Where rows are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Backend {
    Sqlite,
    Postgres,
}

impl Kind {
    /// The program and the database; `None` for the limit.
    pub fn parts(self) -> Option<(Program, Backend)> {
        Some(match self {
            Self::OxflowSqlite => (Program::Oxflow, Backend::Sqlite),
            Self::MlflowSqlite => (Program::Mlflow, Backend::Sqlite),
            Self::FasttrackmlSqlite => (Program::Fasttrackml, Backend::Sqlite),
            Self::OxflowPostgres => (Program::Oxflow, Backend::Postgres),
            Self::MlflowPostgres => (Program::Mlflow, Backend::Postgres),
            Self::FasttrackmlPostgres => (Program::Fasttrackml, Backend::Postgres),
            Self::Limit => return None,
        })
    }

    /// Whether it needs a PostgreSQL.
    pub fn is_on_postgres(self) -> bool {
        self.parts()
            .is_some_and(|(_, backend)| backend == Backend::Postgres)
    }

    /// What the tables call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::OxflowSqlite => "Oxflow, SQLite",
            Self::MlflowSqlite => "MLflow, SQLite",
            // FastTrackML 0.6.0: 50 acknowledged log-metric, and no fsync or fdatasync (strace).
            Self::FasttrackmlSqlite => "FastTrackML, SQLite (acknowledges before syncing)",
            Self::OxflowPostgres => "Oxflow, PostgreSQL",
            Self::MlflowPostgres => "MLflow, PostgreSQL",
            Self::FasttrackmlPostgres => "FastTrackML, PostgreSQL",
            Self::Limit => "the limit",
        }
    }

    /// A short name for folders, databases and progress lines.
    pub fn slug(self) -> String {
        self.to_possible_value()
            .map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// The folder in which a server of ours keeps artifacts.
pub fn artifacts_of(folder: &std::path::Path) -> PathBuf {
    folder.join("mlartifacts")
}
