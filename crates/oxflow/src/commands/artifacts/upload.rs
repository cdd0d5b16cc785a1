//! `oxflow artifacts log-artifact` and `log-artifacts`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::OnceLock;

use anyhow::{Context, Result, anyhow};
use clap::Args;

use super::jobs::{self, Failures, Feed};
use super::location::{Author, Location};
use super::multipart::{self, InParts, PartSizes};
use super::piece::Source;
use super::progress::{Progress, bytes};
use super::relative::RelativePath;
use super::served::Served;
use super::tree::{self, Found};
use super::{Jobs, ServerChoice, api, failure, local};
use crate::env::Env;
use crate::failure::Failure;
use crate::tracking::{Client, tell};

/// Flags of `oxflow artifacts log-artifact`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  oxflow artifacts log-artifact --run-id 0a1b… --local-file model.onnx --artifact-path exports")]
pub struct LogArtifactArgs {
    /// The file.
    #[arg(long, short = 'l', value_name = "PATH")]
    local_file: PathBuf,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    jobs: Jobs,
    #[command(flatten)]
    server: ServerChoice,
}

/// Flags of `oxflow artifacts log-artifacts`.
#[derive(Debug, Args)]
#[command(after_help = "\
Links to files are uploaded as the files that they lead to; links to folders and empty folders are
left out, and told. What cannot be uploaded (sockets, pipes, links that lead nowhere) is told too,
the rest is uploaded, and the exit code is 1.

Example:
  oxflow artifacts log-artifacts -r 0a1b… -l ./checkpoints -a checkpoints --jobs 8")]
pub struct LogArtifactsArgs {
    /// The folder; it keeps its tree, without its own name.
    #[arg(long, short = 'l', value_name = "DIR")]
    local_dir: PathBuf,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    jobs: Jobs,
    #[command(flatten)]
    server: ServerChoice,
}

#[derive(Debug, Args)]
struct Target {
    /// The run.
    #[arg(long, short = 'r', value_name = "ID")]
    run_id: String,
    /// A folder below the artifacts of the run, made if it is missing [default: the artifacts themselves].
    #[arg(long, short = 'a', value_name = "PATH")]
    artifact_path: Option<String>,
}

/// An upload that is under way.
struct Upload<'a> {
    location: Location,
    folder: RelativePath,
    jobs: usize,
    sizes: PartSizes,
    takes_parts: OnceLock<bool>,
    progress: Progress,
    env: &'a Env,
}

/// A file that is to be uploaded.
struct Item {
    path: PathBuf,
    /// Where it goes, below the artifacts of the run.
    to: RelativePath,
}

/// Uploads a file.
pub fn log_artifact(args: &LogArtifactArgs, env: &Env) -> Result<ExitCode, Failure> {
    let path = env.working_dir.join(&args.local_file);
    let source = Source::open(&path)?;
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| anyhow!("`{}` has no name, or one that is not UTF-8", path.display()))?;
    let upload = Upload::begin(&args.target, &args.jobs, &args.server, env)?;
    let item = Item {
        to: upload.folder.child(name).map_err(|error| failure(error.into()))?,
        path: path.clone(),
    };
    upload.progress.found(source.size());
    upload.progress.found_all();
    upload.progress.during(|| upload.one(&item)).map_err(failure)?;
    tell(&format!(
        "logged `{}`, {}, as `{}`",
        path.display(),
        bytes(source.size()),
        item.to
    ));
    Ok(ExitCode::SUCCESS)
}

/// Uploads the files of a folder.
pub fn log_artifacts(args: &LogArtifactsArgs, env: &Env) -> Result<ExitCode, Failure> {
    let path = env.working_dir.join(&args.local_dir);
    if !path.is_dir() {
        let what = if path.exists() {
            "is not a folder"
        } else {
            "does not exist"
        };
        return Err(Failure::from(anyhow!("`{}` {what}", path.display()))
            .hint("`oxflow artifacts log-artifact` uploads a single file"));
    }
    let upload = Upload::begin(&args.target, &args.jobs, &args.server, env)?;
    upload.progress.during(|| upload.all(&path)).map_err(failure)?;
    let place = if upload.folder.is_root() {
        "the artifacts of the run".to_owned()
    } else {
        format!("`{}`", upload.folder)
    };
    tell(&format!(
        "logged {} files of `{}` to {place}",
        upload.progress.files(),
        path.display()
    ));
    Ok(ExitCode::SUCCESS)
}

impl<'a> Upload<'a> {
    fn begin(target: &Target, jobs: &Jobs, server: &ServerChoice, env: &'a Env) -> Result<Self, Failure> {
        let folder = RelativePath::parse(target.artifact_path.as_deref().unwrap_or_default())
            .map_err(|error| failure(error.into()))?;
        let sizes = PartSizes::from_env(env)?;
        let client = server.open(env)?;
        let location = of_run(&client, &target.run_id, env)?;
        Ok(Self {
            location,
            folder,
            jobs: jobs.jobs.into(),
            sizes,
            takes_parts: OnceLock::new(),
            progress: Progress::new("uploaded", env),
            env,
        })
    }

    /// Uploads all files of a folder: small ones several at a time, then large ones one after another in several parts.
    fn all(&self, folder: &Path) -> Result<()> {
        let failures = Failures::default();
        let mut large = Vec::new();
        let find = |feed: &Feed<'_, Item>| {
            tree::walk(folder, &mut |found| match found {
                Found::File { path, below, size } => {
                    let to = match self.folder.join(&below) {
                        Ok(to) => to,
                        Err(error) => {
                            failures.add(error.into());
                            return true;
                        }
                    };
                    self.progress.found(size);
                    let item = Item { path, to };
                    if self.goes_in_parts(size) {
                        large.push(item);
                        true
                    } else {
                        feed.give(item)
                    }
                }
                Found::LeftOut { path, what } => {
                    tell(&format!("left out: `{}`, {what}", path.display()));
                    true
                }
                Found::Impossible { path, what } => {
                    failures.add(anyhow!("`{}` cannot be uploaded: {what}", path.display()));
                    true
                }
            })?;
            self.progress.found_all();
            Ok(())
        };
        jobs::each(self.jobs, &failures, find, |item| self.one(&item));
        for item in large {
            if failures.is_hopeless() {
                break;
            }
            if let Err(error) = self.one(&item) {
                failures.add(error);
            }
        }
        failures.end("not uploaded")
    }

    /// Uploads a file. When that is interrupted it does not return.
    fn one(&self, item: &Item) -> Result<()> {
        self.progress.interruption().stop_here();
        let uploaded = self.transfer(item);
        if uploaded.is_err() {
            self.progress.interruption().stop_here();
        }
        uploaded
    }

    fn transfer(&self, item: &Item) -> Result<()> {
        let source = Source::open(&item.path)?;
        match &self.location {
            Location::Served(served) => self
                .send(served, &source, &item.to)
                .with_context(|| format!("`{}` was not uploaded", item.path.display()))?,
            Location::Local(root) => {
                let _busy = self.progress.interruption().busy();
                local::copy_in(&source, root, &item.to, &self.progress)?;
            }
        }
        Ok(())
    }

    fn send(&self, served: &Served, source: &Source<'_>, to: &RelativePath) -> Result<()> {
        if self.goes_in_parts(source.size()) {
            let (folder, name) = to.split().ok_or_else(|| anyhow!("a file needs a name"))?;
            let to = (&folder, name);
            let sent = multipart::upload(
                served,
                source,
                to,
                self.sizes,
                self.jobs,
                &self.progress,
                self.env,
            )?;
            if sent == InParts::Done {
                return Ok(());
            }
        }
        let _busy = self.progress.interruption().busy();
        served.put(to, source.size(), || {
            source.piece(0, source.size(), &self.progress)
        })?;
        source.check_unchanged()?;
        self.progress.file_done();
        Ok(())
    }

    /// Whether a file is large, and the server offers parts. Asks the server at most once.
    fn goes_in_parts(&self, size: u64) -> bool {
        let Location::Served(served) = &self.location else {
            return false;
        };
        size >= self.sizes.minimum_file
            && *self
                .takes_parts
                .get_or_init(|| match self.env.get("MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD") {
                    Some(value) => value == "1" || value.eq_ignore_ascii_case("true"),
                    None => served.takes_parts(),
                })
    }
}

/// Where the artifacts of a run go.
fn of_run(client: &Client, run_id: &str, env: &Env) -> Result<Location, Failure> {
    let run = api::run(client, run_id).map_err(failure)?;
    let location = Location::of_uri(&run.artifact_uri, Author::Server, client, env)?;
    if let Location::Local(root) = &location {
        // The server names a folder of this machine. All servers name one that ends so; with any other one it could
        // have files written wherever this user may write.
        if !root.ends_with(Path::new(run_id).join("artifacts")) {
            return Err(Failure::from(anyhow!(
                "the server says that the artifacts of this run are in the local folder `{}`, which is none of a run",
                root.display()
            ))
            .hint("such a folder ends with the id of the run and `artifacts`; nothing was written"));
        }
        tell(&format!(
            "the artifacts of this run are local files: copying to `{}`",
            root.display()
        ));
    }
    Ok(location)
}
