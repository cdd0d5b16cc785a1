//! `oxflow gc`: removes for good what is deleted.

mod age;
mod folders;
mod report;
mod scope;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use oxflow_artifacts::{Artifacts, Location};
use oxflow_core::Clock;
use oxflow_server::purge::{Orphans, Purge, Purged, Served};
use oxflow_store::{SchemaPolicy, StoreError, Trash};

use self::age::Age;
use self::folders::{Folders, Server};
use self::report::{FoundOrphans, Report};
use self::scope::Scope;
use super::opening::{open_store, storage_of_server};
use super::progress::Progress;
use crate::config::{ServerArgs, StorageConfig};
use crate::env::Env;
use crate::failure::{Failure, in_one_line};

/// Flags of `oxflow gc`.
#[derive(Debug, Args)]
#[command(after_help = "\
Without ids everything goes that is deleted: runs, experiments with all that is in them, logged models.
With ids only these go. Artifacts are removed before the rows: what was interrupted can be run again.
A run or logged model that a version of a registered model comes from stays, and is named.

Exit code 0 when all that was planned is gone; 1 when something could not be removed, which is named;
2 for wrong usage.

Examples:
  oxflow gc --dry-run
      says what would go, out of mlflow.db and mlartifacts/ of this folder
  oxflow gc --older-than 30d --data-dir /srv/mlflow
      removes what was deleted more than 30 days ago
  oxflow gc --backend-store-uri postgresql://user@host/mlflow --artifacts-destination /srv/artifacts
      on PostgreSQL
  oxflow gc --orphans
      also lists folders of artifacts that belong to nothing")]
pub struct GcArgs {
    /// Only what was deleted longer ago: `30d`, `1d2h3m4s`, `1.5d`.
    #[arg(long, value_name = "AGE", help_heading = WHAT)]
    older_than: Option<Age>,
    /// Only these runs, separated by commas.
    #[arg(long, value_name = "IDS", value_delimiter = ',', help_heading = WHAT)]
    run_ids: Option<Vec<String>>,
    /// Only these experiments with all that is in them, separated by commas.
    #[arg(long, value_name = "IDS", value_delimiter = ',', help_heading = WHAT)]
    experiment_ids: Option<Vec<String>>,
    /// Only these logged models, separated by commas.
    #[arg(long, value_name = "IDS", value_delimiter = ',', help_heading = WHAT)]
    logged_model_ids: Option<Vec<String>>,
    /// Also records of jobs that are over; with --older-than those created before.
    #[arg(long, help_heading = WHAT)]
    jobs: bool,
    /// Only the records of these jobs, separated by commas.
    #[arg(long, value_name = "IDS", value_delimiter = ',', help_heading = WHAT)]
    job_ids: Option<Vec<String>>,
    /// Only this workspace [default: `default`] [env: MLFLOW_WORKSPACE].
    #[arg(long, value_name = "NAME", conflicts_with = "all_workspaces", help_heading = WHAT)]
    workspace: Option<String>,
    /// All workspaces.
    #[arg(long, help_heading = WHAT)]
    all_workspaces: bool,
    /// Also what versions of registered models come from. Their files are lost then.
    #[arg(long, help_heading = WHAT)]
    force_registered: bool,
    /// Also rows whose artifacts are at a place that this program does not reach. The artifacts stay there.
    #[arg(long, help_heading = WHAT)]
    leave_unserved: bool,
    /// Also lists folders in the artifacts destination and in the default root that are named after a run or logged model
    /// that does not exist.
    #[arg(long, help_heading = WHAT)]
    orphans: bool,
    /// Removes those folders. No other server may keep its artifacts in the same places.
    #[arg(long, help_heading = WHAT)]
    delete_orphans: bool,

    /// Says what would go, and removes nothing.
    #[arg(long, help_heading = HOW)]
    dry_run: bool,
    /// Prints one JSON object in place of text.
    #[arg(long, help_heading = HOW)]
    json: bool,

    /// The database: `sqlite:///relative.db`, `sqlite:////absolute.db`, or `postgresql://user@host/database`.
    #[arg(long, value_name = "URI", help_heading = WHERE)]
    backend_store_uri: Option<String>,
    /// The database of registered models, if it is another one.
    #[arg(long, value_name = "URI", help_heading = WHERE)]
    registry_store_uri: Option<String>,
    /// The folder in which artifacts that pass through the server are kept.
    #[arg(long, value_name = "URI", help_heading = WHERE)]
    artifacts_destination: Option<String>,
    /// Where artifacts of new experiments go.
    #[arg(long, value_name = "URI", help_heading = WHERE)]
    default_artifact_root: Option<String>,
    /// One more folder in which artifacts may be removed. May be repeated.
    #[arg(long, value_name = "URI", action = clap::ArgAction::Append, help_heading = WHERE)]
    artifact_root_allow: Vec<String>,
    /// The server through which artifacts are removed if no destination is named: `http://127.0.0.1:5000`
    /// [env: MLFLOW_TRACKING_URI].
    #[arg(long, value_name = "URL", help_heading = WHERE)]
    tracking_uri: Option<String>,
    /// The folder of the default database and the default artifacts.
    #[arg(long, value_name = "DIR", help_heading = WHERE)]
    data_dir: Option<PathBuf>,
    /// The TOML file of settings that the server is started with.
    #[arg(long, value_name = "FILE", help_heading = WHERE)]
    config: Option<PathBuf>,
}

const WHAT: &str = "What goes";
const HOW: &str = "How";
const WHERE: &str = "Where it is";

/// Removes what is deleted.
pub fn run(args: &GcArgs, env: &Env) -> Result<ExitCode, Failure> {
    let scope = Scope::of(args, env, Clock::System.now_ms())?;
    let storage = storage(args, env)?;
    let artifacts = Artifacts::open(&storage.artifacts).context("could not open the artifact storage")?;
    let server = Server::choose(args, env, &storage)?;
    let is_default_root_behind_server = matches!(
        Location::parse(&storage.artifacts.default_root),
        Location::Proxied(_)
    );
    if args.looks_for_orphans() && server.is_some() && is_default_root_behind_server {
        return Err(
            Failure::usage("`--orphans` needs the folder of the artifacts, not a server").hint(
                "name it with `--artifacts-destination`, or with `--default-artifact-root` if clients write there themselves",
            ),
        );
    }
    let store = open_store(&storage.database, &storage, SchemaPolicy::Check)?;
    let served = Served {
        artifacts: artifacts.clone(),
        store: store.clone(),
    };
    let folders = Folders::new(served, server);
    let registry = match &storage.registry {
        Some(uri) => open_store(uri, &storage, SchemaPolicy::Check)?,
        None => store.clone(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("could not start the removal")?;
    let gc = Gc {
        args,
        scope,
        artifacts,
        purge: Purge {
            store,
            registry,
            folders,
            deleted_by_ms: None,
            with_registered: args.force_registered,
            with_unserved: args.leave_unserved,
        },
    };
    runtime.block_on(gc.run(&storage))
}

/// A removal at work.
struct Gc<'a> {
    args: &'a GcArgs,
    scope: Scope,
    artifacts: Artifacts,
    purge: Purge<Folders>,
}

impl Gc<'_> {
    async fn run(mut self, storage: &StorageConfig) -> Result<ExitCode, Failure> {
        self.purge.deleted_by_ms = self.scope.query.deleted_by_ms;
        self.check_workspace().await?;
        let trash = self.purge.plan(self.scope.query.clone()).await.map_err(stopped)?;
        let jobs = match &self.scope.jobs {
            Some(query) => self.purge.store.find_jobs(query.clone()).await.map_err(stopped)?,
            None => Vec::new(),
        };
        let report = Report::new(self.args.json, self.args.dry_run, &self.scope);
        report.plan(&trash, &jobs);
        if !trash.is_empty() {
            report.warn_of_missing_folder(storage, self.purge.folders.is_remote());
        }
        let (mut purged, mut removed_jobs) = (Purged::default(), 0);
        if self.args.dry_run {
            purged.stayed = self.purge.out_of_reach(&trash);
        } else {
            purged = self.carry_out(&trash).await?;
            removed_jobs = self
                .purge
                .store
                .remove_jobs(jobs.clone())
                .await
                .map_err(stopped)?;
        }
        let orphans = match self.args.looks_for_orphans() {
            true => Some(self.orphans().await?),
            false => None,
        };
        Ok(report.end(&trash, &jobs, &purged, removed_jobs, orphans.as_ref()))
    }

    async fn carry_out(&self, trash: &Trash) -> Result<Purged, Failure> {
        let total = trash.runs.len() + trash.logged_models.len() + trash.experiments.len();
        let mut progress = Progress::new();
        let purged = self
            .purge
            .carry_out(trash, |purged| {
                progress.tick(|| format!("{} of {total} removed or looked at", purged.done()));
            })
            .await
            .map_err(stopped);
        progress.end();
        purged
    }

    async fn orphans(&self) -> Result<FoundOrphans, Failure> {
        // Without a destination that somebody named, the one of a server elsewhere is meant, not that of this folder.
        let looks_in_destination = !self.purge.folders.is_remote();
        let (store, registry) = (&self.purge.store, &self.purge.registry);
        let search = Orphans::new(&self.artifacts, store, registry, looks_in_destination);
        let mut progress = Progress::new();
        let orphans = search
            .find(|folders| progress.tick(|| format!("{folders} folders looked at")))
            .await
            .map_err(anyhow::Error::new)?;
        let mut found = FoundOrphans {
            not_reached: search.not_reached.clone(),
            ..FoundOrphans::default()
        };
        let is_to_go = self.args.delete_orphans && !self.args.dry_run;
        for orphan in orphans {
            if is_to_go {
                match search.remove(&orphan).await {
                    Ok(()) => found.removed += 1,
                    Err(error) => found.failed.push((orphan.shown.clone(), in_one_line(&error))),
                }
                progress.tick(|| format!("{} folders removed", found.removed));
            }
            found.paths.push(orphan.shown);
        }
        progress.end();
        Ok(found)
    }

    async fn check_workspace(&self) -> Result<(), Failure> {
        let Some(workspace) = &self.scope.query.workspace else {
            return Ok(());
        };
        if self
            .purge
            .store
            .has_workspace(workspace.clone())
            .await
            .map_err(stopped)?
        {
            return Ok(());
        }
        Err(
            Failure::usage(format!("there is no workspace `{workspace}` in the database"))
                .hint("`--workspace` and MLFLOW_WORKSPACE name one; without them it is `default`"),
        )
    }
}

impl GcArgs {
    fn looks_for_orphans(&self) -> bool {
        self.orphans || self.delete_orphans
    }
}

fn stopped(error: StoreError) -> Failure {
    let error = anyhow::Error::new(error).context("the removal stopped");
    Failure::from(error)
        .hint("what was removed is gone, the rest is as it was; run the command again to go on")
}

/// The same settings as those of the server.
fn storage(args: &GcArgs, env: &Env) -> Result<StorageConfig, Failure> {
    let server = ServerArgs {
        backend_store_uri: args.backend_store_uri.clone(),
        registry_store_uri: args.registry_store_uri.clone(),
        default_artifact_root: args.default_artifact_root.clone(),
        artifacts_destination: args.artifacts_destination.clone(),
        artifact_root_allow: args.artifact_root_allow.clone(),
        data_dir: args.data_dir.clone(),
        config: args.config.clone(),
        ..ServerArgs::default()
    };
    storage_of_server(&server, env)
}
