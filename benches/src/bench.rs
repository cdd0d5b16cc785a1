//! What every group of workloads works with: the programs, the folders, the PostgreSQL.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};

use crate::cases::{Case, Contender};
use crate::data::{self, Filling};
use crate::postgres::Cluster;
use crate::process;
use crate::progress::say;
use crate::rounds::{self, Table};
use crate::servers::{self, Backend, Database, Kind, Program, Programs, Server, Starting, oxflow_upgrade};
use crate::stop;

/// How long servers may take to come to rest after their start.
const QUIET_LIMIT: Duration = Duration::from_secs(10);

/// The settings of a run of the program.
pub struct Bench {
    pub programs: Programs,
    /// Whom to measure, in this order.
    pub kinds: Vec<Kind>,
    pub rounds: u32,
    /// How long an operation is repeated in a round.
    pub duration: Duration,
    pub soak: Duration,
    pub artifact_bytes: u64,
    /// Goes with the program.
    pub work_folder: PathBuf,
    /// Stays: databases that take long to fill.
    pub data_folder: PathBuf,
    pub cluster: Option<Cluster>,
}

/// The servers of one group of workloads; they, their folders and their databases go with this value.
pub struct Group<'b> {
    bench: &'b Bench,
    name: String,
    pub servers: Vec<Server>,
    /// Who did not start, and why.
    absent: Vec<(Kind, String)>,
}

impl Bench {
    /// Whether limits are measured beside the servers.
    pub fn has_limits(&self) -> bool {
        self.kinds.contains(&Kind::Limit)
    }

    /// Whether a server with this kind of database is measured.
    pub fn has(&self, backend: Backend) -> bool {
        self.kinds
            .iter()
            .filter_map(|kind| kind.parts())
            .any(|(_, its)| its == backend)
    }

    /// The PostgreSQL.
    pub fn cluster(&self) -> Result<&Cluster> {
        self.cluster
            .as_ref()
            .context("PostgreSQL is not there: run this through tools/postgres, as `make bench` does")
    }

    /// A folder that is empty.
    pub fn new_folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.work_folder.join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("could not empty {}", folder.display()))?;
        }
        fs::create_dir_all(&folder).with_context(|| format!("could not make {}", folder.display()))?;
        Ok(folder)
    }

    /// Starts the servers of a group, each on its own copy of the data, or on nothing.
    ///
    /// Who does not start is not measured; its rows say why.
    pub fn start<'b>(
        &'b self,
        name: &str,
        filling: Option<&Filling>,
        takes_part: impl Fn(Kind) -> bool,
    ) -> Group<'b> {
        let mut group = Group {
            bench: self,
            name: name.to_owned(),
            servers: Vec::new(),
            absent: Vec::new(),
        };
        let kinds = self.kinds.iter().copied();
        // MLflow takes half a minute to answer; meanwhile the others are filled.
        let mut starting = Vec::new();
        for kind in kinds.filter(|kind| *kind != Kind::Limit && takes_part(*kind)) {
            if !stop::is_asked() {
                say(&format!("{name} · starting {}", kind.label()));
                starting.push((kind, self.start_one(&group, kind, filling)));
            }
        }
        for (kind, started) in starting {
            match started.and_then(Starting::wait) {
                Ok(server) => group.servers.push(server),
                Err(error) => {
                    say(&format!("{name} · {}: {error:#}", kind.label()));
                    group.absent.push((kind, format!("{error:#}")));
                }
            }
        }
        // `mlflow server` starts helpers after it answers.
        process::wait_until_quiet(std::process::id(), QUIET_LIMIT);
        group
    }

    fn start_one(&self, group: &Group<'_>, kind: Kind, filling: Option<&Filling>) -> Result<Starting> {
        let (program, backend) = kind.parts().context("the limit is no server")?;
        let folder = self.new_folder(&format!("{}/{}", group.name, kind.slug()))?;
        let name = group.database_name(kind);
        // FastTrackML has tables of its own.
        let copied = filling.filter(|_| program != Program::Fasttrackml);
        let database = match copied {
            None => self.empty_database(backend, &folder, &name)?,
            Some(filling) => filling.copy(self, backend, &folder, &name)?,
        };
        let spawn = || servers::spawn(&self.programs, kind, &folder, database.clone());
        let Some(filling) = filling.filter(|_| program == Program::Fasttrackml) else {
            return spawn();
        };
        let sent = self.sent_file(filling, &folder)?;
        match &database {
            Database::Sqlite(path) => {
                fs::copy(&sent, path).with_context(|| format!("could not copy {}", sent.display()))?;
            }
            Database::Postgres { .. } => {
                // Its first start makes the tables.
                drop(spawn()?.wait()?);
                say(&format!("{} takes over {}", kind.label(), sent.display()));
                data::take_over(&database, &sent)?;
            }
        }
        spawn()
    }

    /// The file that FastTrackML has made of the rows it was sent, which is made unless it is there.
    fn sent_file(&self, filling: &Filling, folder: &Path) -> Result<PathBuf> {
        let kept = filling.sent_file(self);
        if !kept.exists() {
            let path = folder.join("sent.db");
            let kind = Kind::FasttrackmlSqlite;
            let server = servers::start(&self.programs, kind, folder, Database::Sqlite(path.clone()))?;
            filling.send(&server)?;
            drop(server);
            filling.keep(&path, &kept)?;
        }
        Ok(kept)
    }

    /// A database of its own with these rows for a bare loop, if limits and servers on that kind of database are measured.
    /// In PostgreSQL it goes with the cluster, or when the next one takes its name.
    pub fn copy_for_limit(&self, filling: Filling, backend: Backend, name: &str) -> Option<Result<Database>> {
        let kind = match backend {
            Backend::Sqlite => "sqlite",
            Backend::Postgres => "postgres",
        };
        let name = format!("{name}_{kind}");
        (self.has_limits() && self.has(backend)).then(|| {
            let folder = self.new_folder(&format!("bare/{name}"))?;
            filling.copy(self, backend, &folder, &format!("bench_bare_{name}"))
        })
    }

    /// A database without tables.
    pub fn empty_database(&self, backend: Backend, folder: &Path, name: &str) -> Result<Database> {
        match backend {
            Backend::Sqlite => Ok(Database::Sqlite(folder.join("mlflow.db"))),
            Backend::Postgres => self.cluster()?.create(name, None),
        }
    }

    /// A database that a server has used before.
    pub fn existing_database(&self, backend: Backend, folder: &Path, name: &str) -> Result<Database> {
        match backend {
            Backend::Sqlite => Ok(Database::Sqlite(folder.join("mlflow.db"))),
            Backend::Postgres => Ok(self.cluster()?.database(name)),
        }
    }

    /// A database with MLflow's tables and nothing in them, for a limit.
    pub fn bare_database(&self, backend: Backend, name: &str) -> Result<Database> {
        let folder = self.new_folder(&format!("bare/{name}"))?;
        let database = self.empty_database(backend, &folder, &format!("bench_bare_{name}"))?;
        oxflow_upgrade(&self.programs, &database)?;
        Ok(database)
    }
}

impl Group<'_> {
    /// Measures cases of these servers; who did not start has a row in every workload.
    pub fn measure(&self, title: &str, cases: Vec<Case<'_>>) -> Table {
        self.measure_in(title, cases, self.bench.rounds)
    }

    /// The same in so many rounds.
    pub fn measure_in(&self, title: &str, cases: Vec<Case<'_>>, rounds: u32) -> Table {
        let mut table = rounds::measure(title, cases, rounds, Vec::new());
        for (kind, problem) in &self.absent {
            if table.rows.is_empty() {
                table
                    .remarks
                    .push(format!("{} did not start: {problem}", kind.label()));
            }
            table = table.with_absent(&Contender::server(*kind), problem);
        }
        table
    }

    fn database_name(&self, kind: Kind) -> String {
        format!("bench_{}_{}", self.name, kind.slug()).replace('-', "_")
    }
}

impl Drop for Group<'_> {
    fn drop(&mut self) {
        let used: Vec<Kind> = self.servers.iter().map(|server| server.kind).collect();
        self.servers.clear();
        for kind in used.into_iter().filter(|kind| kind.is_on_postgres()) {
            let removed = self
                .bench
                .cluster()
                .and_then(|cluster| cluster.remove(&self.database_name(kind)));
            if let Err(error) = removed {
                say(&format!("{}: {error:#}", self.name));
            }
        }
        drop(fs::remove_dir_all(self.bench.work_folder.join(&self.name)));
    }
}
