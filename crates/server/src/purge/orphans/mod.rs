//! Folders of artifacts that belong to nothing.

mod candidates;

use std::sync::{Arc, Mutex, PoisonError};

use oxflow_artifacts::{ArtifactError, ArtifactPath, Artifacts, ServableLocation, append_to_uri};
use oxflow_core::{ModelId, RunId};
use oxflow_store::{ArtifactOwners, LocationOf, Store, StoreError};

use self::candidates::Candidates;
use crate::artifact_digests::forget;

/// The folder of an experiment in which each logged model has one.
const MODELS: &str = "models";

/// The folder of a root in which each workspace but the default one has one. MLflow 3.17.
const WORKSPACES: &str = "workspaces";

/// A folder that is named after a run or logged model, which does not exist.
#[derive(Debug, Clone)]
pub struct Orphan {
    root: Arc<Root>,
    /// Where it is below its root: `1/<run id>`.
    path: ArtifactPath,
    /// `1/<run id>` below the artifacts destination, else its location: `s3://bucket/1/<run id>`.
    pub shown: String,
}

/// A folder in which experiments have theirs.
#[derive(Debug)]
struct Root {
    at: ServableLocation,
    /// What its location is called; `None` for the artifacts destination.
    name: Option<String>,
}

/// Looks for them where artifacts of experiments are by default: below the artifacts destination and below the default
/// root, as new experiments are laid out there: `<experiment>/<run id>` and `<experiment>/models/<model id>`, in MLflow's
/// workspaces below `workspaces/<name>`. Other folders are nobody's business here.
#[derive(Debug)]
pub struct Orphans<'a> {
    artifacts: &'a Artifacts,
    store: &'a Store,
    /// Registered models.
    registry: &'a Store,
    roots: Vec<Arc<Root>>,
    /// The default root, if it is one that this program does not reach.
    pub not_reached: Option<String>,
}

/// Why folders could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum OrphansError {
    /// A folder could not be read.
    #[error("could not list the folders of artifacts")]
    List(#[from] ArtifactError),
    /// The database could not be asked.
    #[error("could not look up what folders belong to")]
    Store(#[from] StoreError),
}

impl<'a> Orphans<'a> {
    /// A search below the default root, and below the artifacts destination if that is wanted. `registry` may be the same
    /// database as `store`.
    pub fn new(
        artifacts: &'a Artifacts,
        store: &'a Store,
        registry: &'a Store,
        looks_in_destination: bool,
    ) -> Self {
        let destination = artifacts.proxy().filter(|_| looks_in_destination);
        let mut roots: Vec<Arc<Root>> = Vec::new();
        roots.extend(destination.map(|at| {
            Arc::new(Root {
                at: at.clone(),
                name: None,
            })
        }));
        let name = store.default_artifact_root();
        let mut not_reached = None;
        match artifacts.servable(name) {
            Ok(at) if !at.is_only_read() => {
                let is_known = artifacts.proxy().is_some_and(|proxy| proxy.way() == at.way());
                if !is_known {
                    let name = Some(name.to_owned());
                    roots.push(Arc::new(Root { at, name }));
                }
            }
            _ => not_reached = Some(name.to_owned()),
        }
        Self {
            artifacts,
            store,
            registry,
            roots,
            not_reached,
        }
    }

    /// All of them, in order. `tell` hears how many folders were looked at until then.
    ///
    /// The folders are listed before the database is asked: runs have a row before they have a folder, so none that is
    /// made meanwhile looks like one without. A folder belongs to something if a run or logged model has its id, or if any
    /// location in the database names it, what is in it, or, where a location is all its owner's, what it is in.
    pub async fn find(&self, mut tell: impl FnMut(usize)) -> Result<Vec<Orphan>, OrphansError> {
        let (mut unknown, mut looked_at) = (Vec::new(), 0);
        for root in &self.roots {
            for experiment in self.experiments(root).await? {
                for (kind, folders) in [
                    (
                        ArtifactOwners::Runs,
                        self.folders(root, Some(&experiment), is_run_id).await?,
                    ),
                    (
                        ArtifactOwners::LoggedModels,
                        match below(&experiment, MODELS) {
                            Some(models) => self.folders(root, Some(&models), is_model_id).await?,
                            None => Vec::new(),
                        },
                    ),
                ] {
                    looked_at += folders.len();
                    unknown.extend(self.without_owner(root, kind, folders).await?);
                }
                tell(looked_at);
            }
        }
        Ok(self.without_location(unknown).await?)
    }

    /// Removes one.
    pub async fn remove(&self, orphan: &Orphan) -> Result<(), ArtifactError> {
        self.artifacts.delete(&orphan.root.at, &orphan.path).await?;
        forget(self.store, &orphan.root.at.place(&orphan.path)?).await;
        Ok(())
    }

    /// The folders of experiments, those of other workspaces than the default one behind them.
    async fn experiments(&self, root: &Root) -> Result<Vec<ArtifactPath>, OrphansError> {
        let mut experiments = self.folders(root, None, is_experiment_id).await?;
        if let Ok(workspaces) = ArtifactPath::parse(WORKSPACES) {
            for workspace in self.folders(root, Some(&workspaces), |_| true).await? {
                experiments.extend(self.folders(root, Some(&workspace), is_experiment_id).await?);
            }
        }
        Ok(experiments)
    }

    /// The folders in one, or in a root, whose names are of a kind.
    async fn folders(
        &self,
        root: &Root,
        directory: Option<&ArtifactPath>,
        is_wanted: fn(&str) -> bool,
    ) -> Result<Vec<ArtifactPath>, OrphansError> {
        let entries = self.artifacts.list(&root.at, directory).await?;
        let folders = entries
            .into_iter()
            .filter(|entry| entry.is_dir && is_wanted(&entry.name));
        Ok(folders
            .filter_map(|entry| match directory {
                None => ArtifactPath::parse(&entry.name).ok(),
                Some(directory) => below(directory, &entry.name),
            })
            .collect())
    }

    async fn without_owner(
        &self,
        root: &Arc<Root>,
        kind: ArtifactOwners,
        folders: Vec<ArtifactPath>,
    ) -> Result<Vec<Orphan>, StoreError> {
        if folders.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<String> = folders.iter().map(|path| path.file_name().to_owned()).collect();
        let known = self.store.known_owners(kind, ids).await?;
        let unknown = folders
            .into_iter()
            .filter(|path| !known.contains(path.file_name()));
        Ok(unknown
            .map(|path| Orphan {
                shown: match &root.name {
                    None => path.to_string(),
                    Some(name) => append_to_uri(name, &[path.as_str()]),
                },
                root: Arc::clone(root),
                path,
            })
            .collect())
    }

    /// Takes out those that a location names.
    async fn without_location(&self, folders: Vec<Orphan>) -> Result<Vec<Orphan>, StoreError> {
        if folders.is_empty() {
            return Ok(folders);
        }
        let places = folders.iter().map(|orphan| {
            let mut way = orphan.root.at.way();
            way.extend(orphan.path.segments().map(str::to_owned));
            way
        });
        let mut candidates = Candidates::new(places);
        for (_, root) in self.artifacts.roots() {
            candidates.claim_way(&root.way(), LocationOf::Owners);
        }
        let candidates = Arc::new(Mutex::new(candidates));
        let claim = {
            let (candidates, artifacts) = (Arc::clone(&candidates), self.artifacts.clone());
            move |of: LocationOf, location: &str| {
                let mut candidates = candidates.lock().unwrap_or_else(PoisonError::into_inner);
                candidates.claim(&artifacts, of, location);
            }
        };
        self.store.for_each_location(claim.clone()).await?;
        let of_version = move |location: &str| claim(LocationOf::Owner, location);
        self.registry.for_each_version_location(of_version).await?;
        let candidates = candidates.lock().unwrap_or_else(PoisonError::into_inner);
        let unclaimed = folders
            .into_iter()
            .enumerate()
            .filter(|(at, _)| !candidates.is_claimed(*at))
            .map(|(_, orphan)| orphan)
            .collect();
        Ok(unclaimed)
    }
}

fn below(directory: &ArtifactPath, name: &str) -> Option<ArtifactPath> {
    directory.join(&ArtifactPath::parse(name).ok()?).ok()
}

fn is_experiment_id(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_digit())
}

/// Only ids as servers make them: a folder of another name was made by somebody for something else.
fn is_run_id(name: &str) -> bool {
    RunId::parse(name).is_ok_and(|id| id.is_usual())
}

fn is_model_id(name: &str) -> bool {
    let hex = name.strip_prefix("m-").unwrap_or_default();
    ModelId::parse(name).is_some() && is_run_id(hex)
}
