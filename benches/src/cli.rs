//! The command line.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand, ValueEnum};

use crate::bench::Bench;
use crate::postgres::Cluster;
use crate::servers::{Kind, Programs};
use crate::workloads::{USUAL, Workloads};

/// Measures Oxflow beside MLflow, FastTrackML and the databases alone.
///
/// Starts each server itself, on an empty database or on a copy of the very same rows, and runs each workload on all of
/// them in turn, round after round. Prints a table per group of workloads: medians of the rounds with the least and the
/// most, latencies, CPU time of the server (and of PostgreSQL), memory, and how many times Oxflow is ahead.
/// Progress goes to standard error.
#[derive(Debug, Parser)]
#[command(name = "oxflow-bench", after_help = EXAMPLES)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Groups of workloads, separated by commas [default: all but search100k and soak]
    #[arg(long, value_enum, value_delimiter = ',', value_name = "NAMES")]
    pub workloads: Vec<Workloads>,

    /// Servers, separated by commas; those on PostgreSQL need tools/postgres around this program [default: all]
    #[arg(long, value_enum, value_delimiter = ',', value_name = "NAMES")]
    pub servers: Vec<Kind>,

    /// How often each workload is measured on each server
    #[arg(long, default_value_t = 3, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    pub rounds: u32,

    /// How long clients repeat an operation in a round, in seconds; each does at least one
    #[arg(long, default_value_t = 2, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub seconds: u64,

    /// How long the soak lasts on each server, in minutes
    #[arg(long, default_value_t = 10, value_name = "MINUTES", value_parser = clap::value_parser!(u64).range(1..))]
    pub minutes: u64,

    /// Size of the large artifact, in MiB
    #[arg(long, default_value_t = 1024, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..))]
    pub artifact_mib: u64,

    /// Writes everything that was measured, round by round, to a file
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// Writes machine and tables between the marks of a document, as in docs/performance.md
    #[arg(long, value_name = "FILE")]
    pub markdown: Option<PathBuf>,

    /// Where servers keep their data while they are measured, on a real disk; filled databases stay in it for the next
    /// time
    #[arg(long, default_value = "target/bench", value_name = "DIR")]
    pub folder: PathBuf,

    /// The Oxflow that is measured: a release build
    #[arg(
        long,
        env = "OXFLOW_BIN",
        default_value = "target/release/oxflow",
        value_name = "FILE"
    )]
    pub oxflow: PathBuf,

    /// The MLflow that is measured
    #[arg(
        long,
        env = "OXFLOW_BENCH_MLFLOW",
        default_value = ".venvs/py317/bin/mlflow",
        value_name = "FILE"
    )]
    pub mlflow: PathBuf,

    /// The FastTrackML that is measured
    #[arg(
        long,
        env = "OXFLOW_BENCH_FML",
        default_value = ".venvs/fasttrackml/bin/fml",
        value_name = "FILE"
    )]
    pub fml: PathBuf,

    /// The nginx that is the limit of artifacts
    #[arg(
        long,
        env = "OXFLOW_BENCH_NGINX",
        default_value = "/usr/sbin/nginx",
        value_name = "FILE"
    )]
    pub nginx: PathBuf,

    /// A PostgreSQL on this machine in which databases may be made [default: none; tools/postgres sets it]
    #[arg(
        long,
        env = "OXFLOW_TEST_POSTGRES",
        value_name = "URI",
        hide_env_values = true
    )]
    pub postgres: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  make bench
      everything but the soak and the 100,000 runs, in about half an hour
  make bench ARGS='--workloads logging --servers oxflow-sqlite,mlflow-sqlite,limit'
      one group, on SQLite alone
  make bench ARGS='--workloads soak --servers oxflow-sqlite --minutes 60'
      an hour of mixed load
  make bench ARGS='--json bench.json --markdown docs/performance.md'
      keeps the results";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Answers every request at once: the ceiling of the load generator
    #[command(hide = true)]
    Answer {
        /// Where files that are put are kept
        folder: PathBuf,
    },
    /// Counts the instructions of requests by callgrind, and compares them with what they were
    Instructions {
        /// The numbers
        #[arg(long, default_value = "benches/instructions.txt", value_name = "FILE")]
        goldens: PathBuf,

        /// Writes the numbers anew
        #[arg(long)]
        update: bool,
    },
}

/// The folder of this run of the program; goes with this value.
pub struct WorkFolder(PathBuf);

impl Drop for WorkFolder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

impl Arguments {
    /// The groups to measure.
    pub fn workloads(&self) -> &[Workloads] {
        if self.workloads.is_empty() {
            USUAL
        } else {
            &self.workloads
        }
    }

    /// How much was measured, for the head of the tables.
    pub fn effort(&self) -> String {
        let rounds = if self.rounds == 1 {
            "one round".to_owned()
        } else {
            format!("{} rounds", self.rounds)
        };
        format!(
            "Medians of {rounds}; each operation is repeated for {} s on each server in turn.",
            self.seconds
        )
    }

    /// Finds the programs and makes the folders.
    pub fn prepare(&self) -> Result<(Bench, WorkFolder)> {
        fs::create_dir_all(&self.folder)
            .with_context(|| format!("could not make {}", self.folder.display()))?;
        let folder = fs::canonicalize(&self.folder)?;
        remove_what_was_left(&folder)?;
        let (work, data) = (
            folder.join(format!("work-{}", std::process::id())),
            folder.join("data"),
        );
        for made in [&work, &data] {
            fs::create_dir_all(made).with_context(|| format!("could not make {}", made.display()))?;
        }
        let kinds = if self.servers.is_empty() {
            Kind::value_variants()
        } else {
            &self.servers
        };
        let cluster = self.postgres.as_deref().map(Cluster::find).transpose()?;
        if cluster.is_none() && kinds.iter().any(|kind| kind.is_on_postgres()) {
            eprintln!(
                "warning: no PostgreSQL, so nothing is measured on it; `tools/postgres` around this program starts one"
            );
        }
        let bench = Bench {
            programs: Programs {
                oxflow: found(&self.oxflow).context("Oxflow is missing; `make bench` builds it")?,
                mlflow: found(&self.mlflow).unwrap_or_else(|_| self.mlflow.clone()),
                fasttrackml: found(&self.fml).unwrap_or_else(|_| self.fml.clone()),
                nginx: self.nginx.clone(),
            },
            kinds: kinds
                .iter()
                .copied()
                .filter(|kind| cluster.is_some() || !kind.is_on_postgres())
                .collect(),
            rounds: self.rounds,
            duration: Duration::from_secs(self.seconds),
            soak: Duration::from_secs(self.minutes * 60),
            artifact_bytes: self.artifact_mib << 20,
            work_folder: work.clone(),
            data_folder: data,
            cluster,
        };
        Ok((bench, WorkFolder(work)))
    }
}

/// The absolute path of a program: servers work in folders of their own. Not its canonical one: a Python in a virtual
/// environment is a link.
fn found(program: &Path) -> Result<PathBuf> {
    anyhow::ensure!(program.exists(), "{} is not there", program.display());
    Ok(std::path::absolute(program)?)
}

/// Removes folders of runs of the program that were killed.
fn remove_what_was_left(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if let Some(pid) = name.strip_prefix("work-")
            && !Path::new("/proc").join(pid).exists()
        {
            fs::remove_dir_all(&path).with_context(|| format!("could not remove {}", path.display()))?;
        }
    }
    Ok(())
}
