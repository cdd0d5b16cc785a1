//! `oxflow verify`: reads what is kept again, and compares.

mod check;
mod report;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};
use futures::{Stream, TryStreamExt, stream};
use oxflow_artifacts::{ArtifactPath, Artifacts, ServableLocation};
use oxflow_store::{ArtifactDigest, SchemaPolicy, Store};

use self::check::{Checker, Outcome};
use self::report::Report;
use super::opening::{open_store, storage_of_server};
use super::progress::Progress;
use crate::config::ServerArgs;
use crate::env::Env;
use crate::failure::Failure;

/// Flags of `oxflow verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Reads artifacts again and compares them with the checksums that were kept when they came.
    Artifacts(Box<VerifyArtifactsArgs>),
}

/// Flags of `oxflow verify artifacts`.
#[derive(Debug, Args)]
#[command(after_help = "\
The server keeps the SHA-256 of every artifact that passes through it. What went past it, as to an object
store directly, or came before Oxflow did, has none until `--add` notes it.

  damaged     the store says that nobody wrote the file since, and its bytes are others
  changed     somebody replaced the file beside the server
  missing     the file is not there
  unreadable  the store failed, as it says

Exit code 0 when everything is as it came; 1 when something is not, which is named; 2 for wrong usage.
It changes nothing, unless a flag says so, and may run beside a server.

Examples:
  oxflow verify artifacts
      reads all that is in mlartifacts/ of this folder and has a checksum in mlflow.db
  oxflow verify artifacts --below 1/0a1b2c… --json
      one run, for a program
  oxflow verify artifacts --add --artifacts-destination s3://bucket/mlflow --backend-store-uri postgresql://…
      notes the checksums of what has none, too")]
pub struct VerifyArtifactsArgs {
    /// Only this file or folder below the root: `1/<run id>`.
    #[arg(long, value_name = "PATH", help_heading = WHAT)]
    below: Option<String>,
    /// Reads files without a checksum, too, and notes theirs.
    #[arg(long, help_heading = WHAT)]
    add: bool,
    /// Takes what was replaced or removed beside the server for right: notes what is there now.
    #[arg(long, help_heading = WHAT)]
    accept_changes: bool,

    /// Files read at one time.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64), help_heading = HOW)]
    jobs: u16,
    /// Prints one JSON object in place of text.
    #[arg(long, help_heading = HOW)]
    json: bool,

    /// The database: `sqlite:///relative.db`, `sqlite:////absolute.db`, or `postgresql://user@host/database`.
    #[arg(long, value_name = "URI", help_heading = WHERE)]
    backend_store_uri: Option<String>,
    /// The folder or object store in which artifacts that pass through the server are kept.
    #[arg(long, value_name = "URI", help_heading = WHERE)]
    artifacts_destination: Option<String>,
    /// Where artifacts of new experiments go.
    #[arg(long, value_name = "URI", help_heading = WHERE)]
    default_artifact_root: Option<String>,
    /// One more place in which the server keeps artifacts. May be repeated.
    #[arg(long, value_name = "URI", action = clap::ArgAction::Append, help_heading = WHERE)]
    artifact_root_allow: Vec<String>,
    /// The folder of the default database and the default artifacts.
    #[arg(long, value_name = "DIR", help_heading = WHERE)]
    data_dir: Option<PathBuf>,
    /// The TOML file of settings that the server is started with.
    #[arg(long, value_name = "FILE", help_heading = WHERE)]
    config: Option<PathBuf>,
}

const WHAT: &str = "What is read";
const HOW: &str = "How";
const WHERE: &str = "Where it is";

/// Digests taken out of the database at once.
const PAGE: usize = 1000;

/// Reads everything again.
pub fn run(args: &VerifyArgs, env: &Env) -> Result<ExitCode, Failure> {
    let What::Artifacts(args) = &args.what;
    let below = match &args.below {
        None => None,
        Some(path) => ArtifactPath::parse_directory(path)
            .map_err(|error| Failure::usage(format!("`--below {path}`: {error}")))?,
    };
    let server = ServerArgs {
        backend_store_uri: args.backend_store_uri.clone(),
        default_artifact_root: args.default_artifact_root.clone(),
        artifacts_destination: args.artifacts_destination.clone(),
        artifact_root_allow: args.artifact_root_allow.clone(),
        data_dir: args.data_dir.clone(),
        config: args.config.clone(),
        ..ServerArgs::default()
    };
    let storage = storage_of_server(&server, env)?;
    // All would be missing, and be forgotten.
    let destination = Path::new(&storage.artifacts.destination);
    let is_there = !storage.artifacts.serve || !destination.is_absolute() || destination.exists();
    if args.accept_changes && !is_there {
        let shown = destination.display();
        return Err(
            Failure::usage(format!("the folder of the artifacts, `{shown}`, does not exist"))
                .hint("`--artifacts-destination` names the one that the server keeps them in"),
        );
    }
    let artifacts = Artifacts::open(&storage.artifacts).context("could not open the artifact storage")?;
    let store = open_store(&storage.database, &storage, SchemaPolicy::Check)?;
    if !store.keeps_artifact_digests() {
        let error = anyhow::anyhow!("the database keeps no checksums of artifacts");
        return Err(Failure::from(error)
            .hint("start the server on it once with `--auto-migrate create`, as a user who may make and write tables"));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(usize::from(args.jobs))
        .enable_all()
        .build()
        .context("could not start to read")?;
    let verify = Verify {
        args,
        below,
        artifacts,
        store,
    };
    runtime.block_on(verify.run())
}

struct Verify<'a> {
    args: &'a VerifyArtifactsArgs,
    below: Option<ArtifactPath>,
    artifacts: Artifacts,
    store: Store,
}

impl Verify<'_> {
    async fn run(&self) -> Result<ExitCode, Failure> {
        let mut report = Report::new(self.args.json);
        let mut progress = Progress::new();
        let mut trees = Vec::new();
        for (tree, root) in self.artifacts.roots() {
            trees.push(tree.to_owned());
            let checker = Checker {
                artifacts: self.artifacts.clone(),
                store: self.store.clone(),
                root,
                tree: tree.into(),
                accepts_changes: self.args.accept_changes,
            };
            self.read(&checker, &mut report, &mut progress).await?;
        }
        progress.end();
        for (tree, count) in self.store.artifact_digest_trees().await.map_err(stopped)? {
            if !trees.contains(&tree) {
                report.left_out(&tree, count);
            }
        }
        Ok(report.end())
    }

    async fn read(
        &self,
        checker: &Checker,
        report: &mut Report,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        let kept = self.kept(&checker.tree).map_ok(|kept| {
            let checker = checker.clone();
            tokio::spawn(async move { checker.compare(kept).await })
        });
        self.tell(kept, report, progress).await?;
        // Web servers keep nothing that came through this one, and list by their own rules.
        if self.args.add && !checker.root.is_only_read() {
            let files = files_below(&self.artifacts, &checker.root, self.below.clone()).map_ok(|path| {
                let checker = checker.clone();
                tokio::spawn(async move { checker.add(path).await })
            });
            self.tell(files, report, progress).await?;
        }
        Ok(())
    }

    /// Waits for what becomes of each, a few at a time.
    async fn tell(
        &self,
        checks: impl Stream<Item = Result<tokio::task::JoinHandle<Result<Outcome, Failure>>, Failure>>,
        report: &mut Report,
        progress: &mut Progress,
    ) -> Result<(), Failure> {
        let mut outcomes = std::pin::pin!(
            checks
                .map_ok(|check| async move {
                    check
                        .await
                        .map_err(|panic| Failure::from(anyhow::Error::new(panic)))?
                })
                .try_buffer_unordered(usize::from(self.args.jobs))
        );
        while let Some(outcome) = outcomes.try_next().await? {
            report.add(&outcome);
            progress.tick(|| report.so_far());
        }
        Ok(())
    }

    /// What was kept of the artifacts of a tree, a page at a time.
    fn kept(&self, tree: &str) -> impl Stream<Item = Result<ArtifactDigest, Failure>> {
        let (store, tree) = (self.store.clone(), tree.to_owned());
        let below = self.below.as_ref().map(ToString::to_string);
        let first = Some(String::new());
        let pages = stream::try_unfold(first, move |after| {
            let (store, tree, below) = (store.clone(), tree.clone(), below.clone());
            async move {
                let Some(after) = after else {
                    return Ok::<_, Failure>(None);
                };
                let page = store
                    .artifact_digests(&tree, below.as_deref(), &after, PAGE)
                    .await
                    .map_err(stopped)?;
                let next = page.last().map(|last| last.path.clone());
                let next = next.filter(|_| page.len() == PAGE);
                Ok(Some((stream::iter(page.into_iter().map(Ok)), next)))
            }
        });
        pages.try_flatten()
    }
}

/// All files below a folder, folder by folder.
fn files_below<'a>(
    artifacts: &'a Artifacts,
    root: &'a ServableLocation,
    folder: Option<ArtifactPath>,
) -> impl Stream<Item = Result<ArtifactPath, Failure>> + 'a {
    let folders = stream::try_unfold(vec![folder], move |mut folders| async move {
        let Some(folder) = folders.pop() else {
            return Ok::<_, Failure>(None);
        };
        let entries = artifacts.list(root, folder.as_ref()).await;
        let entries = entries.context("could not list the artifacts")?;
        let mut files = Vec::new();
        for entry in entries {
            let Ok(name) = ArtifactPath::parse(&entry.name) else {
                continue;
            };
            let path = match &folder {
                None => Ok(name),
                Some(folder) => folder.join(&name),
            };
            match path {
                Ok(path) if entry.is_dir => folders.push(Some(path)),
                Ok(path) => files.push(Ok(path)),
                Err(_) => {}
            }
        }
        Ok(Some((stream::iter(files), folders)))
    });
    folders.try_flatten()
}

fn stopped(error: oxflow_store::StoreError) -> Failure {
    Failure::from(anyhow::Error::new(error).context("the comparison stopped"))
}
