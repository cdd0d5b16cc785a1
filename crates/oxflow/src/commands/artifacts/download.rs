//! `oxflow artifacts download`.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use clap::Args;

use super::destination::{Destination, absolute};
use super::jobs::{self, Failures, Feed};
use super::location::{Author, Location, split_scheme};
use super::models::{META_FILE, ModelUri, meta};
use super::progress::Progress;
use super::relative::RelativePath;
use super::served::{Entry, Served};
use super::tree::{self, Found};
use super::{Jobs, ServerChoice, api, failure, fetch, local};
use crate::commands::print;
use crate::env::Env;
use crate::failure::Failure;
use crate::tracking::{Client, RequestError, printable, tell};

/// How often a URI may lead to another URI.
const MAX_STEPS: usize = 5;

/// Flags of `oxflow artifacts download`.
#[derive(Debug, Args)]
#[command(after_help = "\
A file appears under its name when it is whole and checked: against its length, and against a
SHA-256 if the server gives one. A large file that breaks off stays as `<name>.oxflow-part`, and
the same command goes on where it ended, if the file on the server is still the same.

Examples:
  oxflow artifacts download --run-id 0a1b… --artifact-path checkpoints/last.pt --dst-path .
  oxflow artifacts download --artifact-uri models:/churn/3 --dst-path ./churn
  oxflow artifacts download --artifact-uri runs:/0a1b…/plots --jobs 8")]
pub struct DownloadArgs {
    /// The run; not with --artifact-uri, which counts if both are there.
    #[arg(long, short = 'r', value_name = "ID")]
    run_id: Option<String>,
    /// A file or folder below the artifacts of the run [default: all of them].
    #[arg(long, short = 'a', value_name = "PATH")]
    artifact_path: Option<String>,
    /// A file or folder: `runs:/<run id>/<path>`, `models:/<name>/<version>`, `models:/<name>@<alias>`,
    /// `models:/<model id>`, `mlflow-artifacts:/<path>`, or a local path.
    #[arg(long, short = 'u', value_name = "URI")]
    artifact_uri: Option<String>,
    /// The folder to download to, made if it is missing [default: a new folder among the temporary ones; local files are
    /// left where they are].
    #[arg(long, short = 'd', value_name = "DIR")]
    dst_path: Option<PathBuf>,
    #[command(flatten)]
    jobs: Jobs,
    #[command(flatten)]
    server: ServerChoice,
}

/// A file or folder somewhere.
struct Source {
    location: Location,
    /// What is wanted of it.
    path: RelativePath,
    /// Where its root is in the destination.
    into: RelativePath,
    /// Whether a folder with a model in it gets the file that says which version it is.
    model: Option<Option<(String, String)>>,
}

/// What is to be downloaded.
struct Wanted {
    /// Of several, all that are there; those that come later replace files of the earlier.
    sources: Vec<Source>,
    /// Whether local files are copied even if no destination was named.
    is_always_copied: bool,
}

/// Downloads, and prints where it is.
pub fn run(args: &DownloadArgs, env: &Env) -> Result<ExitCode, Failure> {
    let client = args.server.open(env)?;
    let wanted = wanted(args, &client, env)?;
    if let Some(path) = left_in_place(&wanted, args).map_err(failure)? {
        print(&format!("\n{}", path.display()));
        return Ok(ExitCode::SUCCESS);
    }
    let destination = match &args.dst_path {
        Some(path) => absolute(&env.working_dir.join(path)),
        None => tempfile::Builder::new()
            .prefix("oxflow-artifacts-")
            .tempdir()
            .context("could not make a temporary folder")?
            .keep(),
    };
    let destination = Destination::open(destination)?;
    let progress = Progress::new("downloaded", env);
    let found = progress.during(|| {
        let mut found = None;
        for source in &wanted.sources {
            if source.fetch(&destination, args.jobs.jobs.into(), &progress)? {
                found.get_or_insert(source.into.join(&source.path)?);
                source.write_meta(&destination)?;
            }
        }
        destination.sync()?;
        anyhow::Ok(found)
    });
    let Some(path) = found.map_err(failure)? else {
        let path = wanted
            .sources
            .first()
            .map(|source| source.path.to_string())
            .unwrap_or_default();
        return Err(Failure::from(anyhow!("there is no artifact `{path}`"))
            .hint("`oxflow artifacts list` shows what is there"));
    };
    print(&format!("\n{}", destination.path_of(&path).display()));
    Ok(ExitCode::SUCCESS)
}

fn wanted(args: &DownloadArgs, client: &Client, env: &Env) -> Result<Wanted, Failure> {
    match (&args.artifact_uri, &args.run_id) {
        (Some(uri), _) => of_uri(uri, Author::User, client, env, MAX_STEPS),
        (None, Some(run_id)) => {
            let path = args.artifact_path.as_deref().unwrap_or_default();
            let path = RelativePath::parse_folder(path).map_err(|error| failure(error.into()))?;
            of_run(run_id, &path, client, env)
        }
        (None, None) => {
            // 1, as MLflow's; its parser does not know that one of the two is needed.
            Err(Failure::from(anyhow!("which artifacts?"))
                .hint("name them with `--run-id`, and `--artifact-path` for a part of them, or with `--artifact-uri`"))
        }
    }
}

fn of_uri(uri: &str, author: Author, client: &Client, env: &Env, steps: usize) -> Result<Wanted, Failure> {
    let Some(steps) = steps.checked_sub(1) else {
        return Err(anyhow!(
            "`{}` leads from one URI to the next without an end",
            printable(uri)
        )
        .into());
    };
    let bad = |error: super::relative::BadPath| failure(error.into());
    match split_scheme(uri) {
        Some(("runs", rest)) => {
            let path = rest.trim_start_matches('/');
            let (run_id, path) = path.split_once('/').unwrap_or((path, ""));
            if run_id.is_empty() {
                let uri = printable(uri);
                return Err(
                    anyhow!("`{uri}` names no run: expected runs:/<run id>/<path of an artifact>").into(),
                );
            }
            of_run(
                run_id,
                &RelativePath::parse_folder(path).map_err(bad)?,
                client,
                env,
            )
        }
        Some(("models", rest)) => {
            let model = ModelUri::parse(rest).map_err(failure)?;
            let files = model.files(client).map_err(failure)?;
            let mut wanted = match split_scheme(&files.uri) {
                Some(("runs" | "models", _)) => of_uri(&files.uri, Author::Server, client, env, steps)?,
                _ => Wanted {
                    sources: vec![Source {
                        location: Location::of_uri(&files.uri, Author::Server, client, env)?,
                        path: RelativePath::root(),
                        into: RelativePath::root(),
                        model: None,
                    }],
                    is_always_copied: false,
                },
            };
            // The files of the model are at the destination itself, whatever their folder is called.
            for source in &mut wanted.sources {
                source.become_root(&model.path).map_err(bad)?;
                source.model = Some(files.version.clone());
            }
            Ok(wanted)
        }
        _ => {
            let (root, name) = uri.trim_end_matches('/').rsplit_once('/').unwrap_or(("", uri));
            let is_whole = name.is_empty() || root.is_empty() || root.ends_with([':', '/']);
            let (root, path) = match split_scheme(uri) {
                // `mlflow-artifacts:/` and its first level: the root is the server's, and the name is below it.
                Some((scheme, _)) if is_whole && root.ends_with(':') => (format!("{scheme}:/"), name),
                _ if is_whole && uri.starts_with('/') => ("/".to_owned(), name),
                _ if is_whole && split_scheme(uri).is_none() => (".".to_owned(), name),
                _ if is_whole => (uri.to_owned(), ""),
                _ => (root.to_owned(), name),
            };
            Ok(Wanted {
                sources: vec![Source {
                    location: Location::of_uri(&root, author, client, env)?,
                    path: RelativePath::parse(path).map_err(bad)?,
                    into: RelativePath::root(),
                    model: None,
                }],
                is_always_copied: false,
            })
        }
    }
}

/// The artifacts of a run, or some of them; and, as MLflow has them there too, those of the model that the run logged
/// under the first name of the path.
fn of_run(run_id: &str, path: &RelativePath, client: &Client, env: &Env) -> Result<Wanted, Failure> {
    let run = api::run(client, run_id).map_err(failure)?;
    let mut location = Location::of_uri(&run.artifact_uri, Author::Server, client, env)?;
    let Some((folder, name)) = path.split() else {
        let source = Source {
            location,
            path: RelativePath::root(),
            into: RelativePath::root(),
            model: None,
        };
        return Ok(Wanted {
            sources: vec![source],
            is_always_copied: false,
        });
    };
    let bad = |error: super::relative::BadPath| failure(error.into());
    location.descend(&folder).map_err(bad)?;
    let mut sources = vec![Source {
        location,
        path: RelativePath::parse(name).map_err(bad)?,
        into: RelativePath::root(),
        model: None,
    }];
    if let Some((first, rest)) = path.split_first()
        && let Some(uri) = api::model_of_run(client, run_id, &run.experiment_id, first).map_err(failure)?
    {
        sources.push(Source {
            location: Location::of_uri(&uri, Author::Server, client, env)?,
            path: rest,
            into: RelativePath::root().child(first).map_err(bad)?,
            model: Some(None),
        });
    }
    Ok(Wanted {
        sources,
        is_always_copied: true,
    })
}

/// Where local files are, if they are to be left there.
fn left_in_place(wanted: &Wanted, args: &DownloadArgs) -> Result<Option<PathBuf>> {
    let [
        Source {
            location: Location::Local(root),
            path,
            ..
        },
    ] = &wanted.sources[..]
    else {
        return Ok(None);
    };
    if wanted.is_always_copied || args.dst_path.is_some() {
        return Ok(None);
    }
    let found = local::find(root, path)?;
    let found = found.ok_or_else(|| anyhow!("there is no artifact `{path}` in `{}`", root.display()))?;
    Ok(Some(absolute(&found)))
}

impl Location {
    /// Makes a folder of it the place.
    fn descend(&mut self, folder: &RelativePath) -> Result<(), super::relative::BadPath> {
        match self {
            Self::Served(served) => served.root = served.root.join(folder)?,
            Self::Local(root) => root.extend(folder.names()),
        }
        Ok(())
    }
}

impl Source {
    /// Makes what is wanted the root, and wants a path below that.
    fn become_root(&mut self, below: &RelativePath) -> Result<(), super::relative::BadPath> {
        let path = std::mem::replace(&mut self.path, below.clone());
        self.into = RelativePath::root();
        self.location.descend(&path)
    }

    /// Downloads it; false if it is not there. The root of artifacts is there even when it is empty.
    fn fetch(&self, destination: &Destination, jobs: usize, progress: &Progress) -> Result<bool> {
        match &self.location {
            Location::Served(served) => self.fetch_served(served, destination, jobs, progress),
            Location::Local(root) => self.fetch_local(root, destination, progress),
        }
    }

    fn fetch_served(
        &self,
        served: &Served,
        destination: &Destination,
        jobs: usize,
        progress: &Progress,
    ) -> Result<bool> {
        let entries = served.list(&self.path)?;
        if entries.is_empty() && !self.path.is_root() {
            progress.found(0);
            progress.found_all();
            return match fetch::file(
                served,
                &self.path,
                destination,
                &self.into.join(&self.path)?,
                progress,
            ) {
                Err(error) if is_missing(&error) => Ok(false),
                fetched => fetched.map(|()| true),
            };
        }
        let failures = Failures::default();
        let find = |feed: &Feed<'_, Entry>| {
            let mut folders = VecDeque::from([(self.path.clone(), Some(entries))]);
            while let Some((folder, entries)) = folders.pop_front() {
                let entries = match entries {
                    Some(entries) => entries,
                    None => served.list(&folder)?,
                };
                if entries.is_empty() {
                    destination.folder(&self.into.join(&folder)?)?;
                }
                for entry in entries {
                    if entry.is_dir {
                        folders.push_back((entry.path, None));
                        continue;
                    }
                    progress.found(entry.size.unwrap_or(0));
                    if !feed.give(entry) {
                        return Ok(());
                    }
                }
            }
            progress.found_all();
            Ok(())
        };
        jobs::each(jobs, &failures, find, |entry| {
            fetch::file(
                served,
                &entry.path,
                destination,
                &self.into.join(&entry.path)?,
                progress,
            )
        });
        failures.end("not downloaded")?;
        Ok(true)
    }

    fn fetch_local(
        &self,
        root: &std::path::Path,
        destination: &Destination,
        progress: &Progress,
    ) -> Result<bool> {
        let Some(place) = local::find(root, &self.path)? else {
            return Ok(self.path.is_root());
        };
        let to = self.into.join(&self.path)?;
        if !place.is_dir() {
            local::copy_out(&place, destination, &to, progress)?;
            return Ok(true);
        }
        let failures = Failures::default();
        tree::walk(&place, &mut |found| {
            let copied = match found {
                Found::File { below, size, .. } => {
                    progress.found(size);
                    self.path
                        .join(&below)
                        .map_err(anyhow::Error::new)
                        .and_then(|path| local::find(root, &path))
                        .and_then(|from| from.ok_or_else(|| anyhow!("`{below}` is gone")))
                        .and_then(|from| local::copy_out(&from, destination, &to.join(&below)?, progress))
                }
                Found::LeftOut { path, what } => {
                    tell(&format!("left out: `{}`, {what}", path.display()));
                    Ok(())
                }
                Found::Impossible { path, what } => {
                    Err(anyhow!("`{}` cannot be copied: {what}", path.display()))
                }
            };
            copied.unwrap_or_else(|error| failures.add(error));
            !failures.is_hopeless()
        })?;
        failures.end("not copied")?;
        Ok(true)
    }

    /// Says which version a downloaded model is, in a file beside its `MLmodel`.
    fn write_meta(&self, destination: &Destination) -> Result<()> {
        let Some(version) = &self.model else {
            return Ok(());
        };
        let path = self.into.join(&self.path)?;
        if !destination.path_of(&path).is_dir() {
            return Ok(());
        }
        let folder = destination.folder(&path)?;
        if folder.has_file("MLmodel") {
            folder
                .write(META_FILE, meta(version.as_ref()).as_bytes())
                .with_context(|| format!("could not write `{}`", folder.path_of(META_FILE).display()))?;
        }
        Ok(())
    }
}

/// Whether a download failed because there is no such file: 404, or 400 for what is a folder.
fn is_missing(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<RequestError>())
        .any(|error| matches!(error.status(), Some(400 | 404)))
}
