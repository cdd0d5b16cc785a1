//! Databases that are filled before servers start on them: rows in MLflow's schema, made once, the very same for all.

mod history;
mod postgres;
mod registry;
mod rows;
mod runs;
mod send;
mod sqlite;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

pub use history::{HISTORY_KEY, HISTORY_POINTS, HISTORY_RUN, WHOLE_KEY, WHOLE_POINTS};
pub use postgres::take_over;
pub use registry::{ALIAS, MODELS, VERSIONS_PER_MODEL, model_name};
pub use rows::{Cell, EXPERIMENT, Table};
pub use runs::METRIC as SEARCHED_METRIC;

use crate::bench::Bench;
use crate::progress::{Steps, say};
use crate::servers::{Backend, Database, Program, Server};
use crate::stop;

/// Goes up when other rows are made, so that nobody takes a file with the old ones.
const VERSION: u32 = 2;

/// What a database is filled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filling {
    /// So many runs, of 50 params, 50 metrics and 5 tags each.
    Runs(u64),
    /// A run with a metric of a million points, and one of a hundred thousand.
    History,
    /// 200 models of 100 versions each.
    Registry,
}

impl Filling {
    fn name(self) -> String {
        match self {
            Self::Runs(runs) => format!("runs_{runs}"),
            Self::History => "history".to_owned(),
            Self::Registry => "registry".to_owned(),
        }
    }

    /// The tables, in an order in which rows only refer to what is there.
    fn tables(self) -> Vec<Table> {
        match self {
            Self::Runs(_) => runs::tables(),
            Self::History => history::tables(),
            Self::Registry => registry::tables(),
        }
    }

    /// Hands the rows of a table over.
    fn rows(self, table: &str, take: rows::Take<'_>) -> Result<()> {
        let mut steps = Steps::of(&format!("filling {}, rows of {table}", self.name()));
        let take: rows::Take<'_> = &mut |cells| {
            stop::check()?;
            steps.step();
            take(cells)
        };
        match self {
            Self::Runs(runs) => runs::rows(runs, table, take),
            Self::History => history::rows(table, take),
            Self::Registry => registry::rows(table, take),
        }
    }

    /// A database of its own with these rows.
    pub fn copy(self, bench: &Bench, backend: Backend, folder: &Path, name: &str) -> Result<Database> {
        match backend {
            Backend::Sqlite => {
                let filled = self.sqlite_file(bench)?;
                let path = folder.join("mlflow.db");
                fs::copy(&filled, &path).with_context(|| format!("could not copy {}", filled.display()))?;
                // Written back while nothing is measured.
                fs::File::open(&path)?.sync_all()?;
                Ok(Database::Sqlite(path))
            }
            Backend::Postgres => {
                let cluster = bench.cluster()?;
                cluster.create(name, Some(&self.postgres_database(bench)?))
            }
        }
    }

    /// The file with these rows, which is made unless it is there.
    fn sqlite_file(self, bench: &Bench) -> Result<PathBuf> {
        let path = bench.data_folder.join(format!("{}.v{VERSION}.db", self.name()));
        if !path.exists() {
            say(&format!("filling {}", path.display()));
            let partial = path.with_extension("partial");
            drop(fs::remove_file(&partial));
            crate::servers::oxflow_upgrade(&bench.programs, &Database::Sqlite(partial.clone()))?;
            sqlite::fill(&partial, self)?;
            fs::rename(&partial, &path)?;
        }
        Ok(path)
    }

    /// The name of the database with these rows, which is made unless it is there.
    fn postgres_database(self, bench: &Bench) -> Result<String> {
        let cluster = bench.cluster()?;
        let name = self.postgres_name();
        if !cluster.has(&name)? {
            say(&format!("filling {name}"));
            let partial = format!("{name}_partial");
            let database = cluster.create(&partial, None)?;
            crate::servers::oxflow_upgrade(&bench.programs, &database)?;
            postgres::fill(&database, self)?;
            cluster.rename(&partial, &name)?;
        }
        Ok(name)
    }

    fn postgres_name(self) -> String {
        format!("bench_data_{}", self.name())
    }

    /// Removes what was made in PostgreSQL; files stay for the next time.
    pub fn discard(self, bench: &Bench) {
        if let Some(Err(error)) = bench
            .cluster
            .as_ref()
            .map(|cluster| cluster.remove(&self.postgres_name()))
        {
            say(&format!("{}: {error:#}", self.postgres_name()));
        }
    }

    /// Where a file is kept that a server made of what it was sent.
    pub fn sent_file(self, bench: &Bench) -> PathBuf {
        bench
            .data_folder
            .join(format!("fasttrackml_{}.v{VERSION}.db", self.name()))
    }

    /// Keeps the file of a server that has ended.
    pub fn keep(self, path: &Path, kept: &Path) -> Result<()> {
        let journal = path.with_extension("db-wal");
        ensure!(
            !journal.exists(),
            "{} is left: the server did not end well",
            journal.display()
        );
        let partial = kept.with_extension("partial");
        fs::copy(path, &partial).with_context(|| format!("could not copy {}", path.display()))?;
        Ok(fs::rename(&partial, kept)?)
    }

    /// Sends the same rows to a server that has tables of its own.
    pub fn send(self, server: &Server) -> Result<()> {
        if server.program != Program::Fasttrackml {
            bail!("{} reads MLflow's tables", server.kind.label());
        }
        say(&format!("sending {} to {}", self.name(), server.kind.label()));
        match self {
            Self::Runs(runs) => send::runs(server, runs),
            Self::History => send::history(server),
            Self::Registry => bail!("it has no model registry"),
        }
    }
}
