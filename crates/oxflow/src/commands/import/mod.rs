//! `oxflow import`: MLflow's old file store into the database.

mod batch;
mod experiments;
mod files;
mod models;
mod runs;
mod tally;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, ValueEnum};
use oxflow_artifacts::{Artifacts, append_to_uri};
use oxflow_core::Entropy;
use oxflow_filestore::FileStore;
use oxflow_store::{DatabaseUri, NameConflict, Store, StoreError};
use tokio::runtime::Runtime;

use self::tally::Tally;
use super::opening::open_store;
use super::print;
use crate::config::{ServerArgs, StorageConfig};
use crate::env::Env;
use crate::failure::Failure;

/// Flags of `oxflow import`.
#[derive(Debug, Args)]
#[command(after_help = "\
Imported are experiments, runs, every point of every metric, params, tags, datasets, logged models,
traces, registered models with versions and aliases; deleted ones too. The folder is only read.
Running the command again adds what is new, and nothing twice.

Exit code 0 when all was imported or was there; 1 when something was not, which is named above the
table.

Examples:
  oxflow import --from-filestore ./mlruns
      into mlflow.db and mlartifacts/ of this folder
  oxflow import --from-filestore /srv/old/mlruns --artifacts link --data-dir /srv/mlflow
      the same in another folder; artifacts become hard links and need no space
  oxflow import --from-filestore ./mlruns --backend-store-uri postgresql://user@host/mlflow
      into PostgreSQL")]
pub struct ImportArgs {
    /// The folder of the file store: `mlruns`, or the one that holds it.
    #[arg(long, value_name = "DIR")]
    from_filestore: PathBuf,
    /// What happens to artifacts that are local files.
    #[arg(long, value_name = "HOW", value_enum, default_value_t = ArtifactChoice::Copy)]
    artifacts: ArtifactChoice,
    /// What happens when another experiment or registered model has the name.
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = ConflictChoice::Stop)]
    on_conflict: ConflictChoice,
    /// The database: `sqlite:///relative.db`, `sqlite:////absolute.db`, or `postgresql://user@host/database`.
    #[arg(long, value_name = "URI")]
    backend_store_uri: Option<String>,
    /// Where artifacts of new experiments go; imported ones go there, too.
    #[arg(long, value_name = "URI")]
    default_artifact_root: Option<String>,
    /// Where artifacts that pass through the server are kept: a folder, or a place in an object store such as s3://bucket/folder.
    #[arg(long, value_name = "URI")]
    artifacts_destination: Option<String>,
    /// The folder of the default database and the default artifacts.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// The TOML file of settings that the server is started with.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// What happens to artifacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ArtifactChoice {
    /// They are copied to the artifacts of the server; every client reaches them.
    Copy,
    /// The same with hard links, which need no space; copied where that is not possible.
    Link,
    /// They stay, and the rows keep pointing at them: for clients on this machine.
    Keep,
}

/// What happens to a name that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ConflictChoice {
    /// Nothing at all is imported; the names are listed.
    Stop,
    /// The experiment or registered model is left out.
    Skip,
    /// Its runs or versions are added to the one that has the name.
    Merge,
    /// It gets a longer name.
    Rename,
}

/// An import at work.
struct Import<'a> {
    source: &'a FileStore,
    store: Store,
    artifacts: Artifacts,
    default_root: String,
    choice: ArtifactChoice,
    on_conflict: ConflictChoice,
    runtime: Runtime,
    tally: Tally,
}

/// Runs the import.
pub fn run(args: &ImportArgs, env: &Env) -> Result<ExitCode, Failure> {
    let storage = storage(args, env)?;
    let folder = env.working_dir.join(&args.from_filestore);
    let source = open_source(&folder)?;
    let artifacts = Artifacts::open(&storage.artifacts).context("could not open the artifact storage")?;
    let default_root = storage.artifacts.default_root.clone();
    if args.artifacts != ArtifactChoice::Keep {
        check_root(&artifacts, &storage)?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("could not start the import")?;
    let import = Import {
        source: &source,
        store: open_store(&storage.database, &storage, storage.auto_migrate.policy())?,
        artifacts,
        default_root,
        choice: args.artifacts,
        on_conflict: args.on_conflict,
        runtime,
        tally: Tally::new(&folder),
    };
    import.run()?;
    print(&import.tally.table());
    import.tally.say_the_end();
    Ok(import.tally.exit_code())
}

impl Import<'_> {
    fn run(&self) -> Result<(), Failure> {
        if self.on_conflict == ConflictChoice::Stop {
            self.refuse_conflicts()?;
        }
        let experiments = self.import_experiments()?;
        // After all runs: a logged model may have points of runs of another experiment.
        for experiment in &experiments {
            self.import_logged_models(experiment)?;
            self.import_traces(experiment)?;
        }
        self.import_registered_models()
    }

    /// Waits for a call to the store. Errors that the next call would have, too, end the import.
    fn ask<T>(
        &self,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<Result<T, StoreError>, Failure> {
        let outcome = self.runtime.block_on(call);
        self.tally.tick();
        match outcome {
            Err(error) if is_lasting(&error) => Err(stopped(error)),
            outcome => Ok(outcome),
        }
    }

    /// Waits for a call to the store; every error ends the import.
    fn need<T>(&self, call: impl Future<Output = Result<T, StoreError>>) -> Result<T, Failure> {
        self.ask(call)?.map_err(stopped)
    }

    fn name_conflict(&self) -> NameConflict {
        match self.on_conflict {
            ConflictChoice::Stop | ConflictChoice::Skip => NameConflict::Refuse,
            ConflictChoice::Merge => NameConflict::Merge,
            ConflictChoice::Rename => NameConflict::Rename,
        }
    }
}

/// Whether an error is about the database as a whole and not about these rows.
fn is_lasting(error: &StoreError) -> bool {
    use oxflow_core::ErrorCode;
    matches!(
        error.code(),
        ErrorCode::TemporarilyUnavailable | ErrorCode::NoSpace
    )
}

fn stopped(error: StoreError) -> Failure {
    let error = anyhow::Error::new(error).context("the import stopped");
    Failure::from(error).hint("what was imported stays; run the command again to go on")
}

/// The same settings as those of the server.
fn storage(args: &ImportArgs, env: &Env) -> Result<StorageConfig, Failure> {
    let server = ServerArgs {
        backend_store_uri: args.backend_store_uri.clone(),
        default_artifact_root: args.default_artifact_root.clone(),
        artifacts_destination: args.artifacts_destination.clone(),
        data_dir: args.data_dir.clone(),
        config: args.config.clone(),
        ..ServerArgs::default()
    };
    let storage = StorageConfig::of_command(&server, env)?;
    if storage.database == DatabaseUri::SqliteTemporary {
        return Err(
            Failure::usage("the database is a temporary one, which would go away with the import")
                .hint("name one that stays with `--backend-store-uri`, such as `sqlite:///mlflow.db`"),
        );
    }
    Ok(storage)
}

fn open_source(folder: &std::path::Path) -> Result<FileStore, Failure> {
    let shown = folder.display();
    let source = FileStore::open(folder)
        .with_context(|| format!("could not open the folder `{shown}`"))
        .map_err(Failure::from)?;
    if !source.is_plausible() {
        let message =
            format!("`{shown}` is no file store of MLflow: it holds no experiment, no `models`, no `.trash`");
        return Err(Failure::from(anyhow::anyhow!(message))
            .hint("`--from-filestore` names the folder `mlruns`, or the one that holds it"));
    }
    Ok(source)
}

/// Files can only be put where this program reaches.
fn check_root(artifacts: &Artifacts, storage: &StorageConfig) -> Result<(), Failure> {
    let root = &storage.artifacts.default_root;
    match artifacts.servable(&append_to_uri(root, &["0"])) {
        Ok(_) => Ok(()),
        Err(_) => Err(Failure::usage(format!(
            "artifacts cannot be brought to `{root}`, the root of new experiments: this program does not reach it"
        ))
        .hint("`--artifacts keep` leaves them where they are, `--default-artifact-root` names another root")),
    }
}

/// Randomness for the ids of edges.
const ENTROPY: Entropy = Entropy::System;
