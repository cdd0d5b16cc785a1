//! Folders of artifacts that belong to nothing.

use oxflow_artifacts::{ArtifactError, ArtifactPath, Artifacts, ServableLocation};
use oxflow_core::{ModelId, RunId};
use oxflow_store::{ArtifactOwners, Store, StoreError};

use crate::artifact_digests::forget;

/// The folder of an experiment in which each logged model has one.
const MODELS: &str = "models";

/// A folder that is named after a run or logged model, which does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphan {
    /// Where it is below the artifacts destination: `1/<run id>`.
    pub path: ArtifactPath,
}

/// Looks for them below the artifacts destination, as new experiments are laid out there: `<experiment>/<run id>` and
/// `<experiment>/models/<model id>`. Other folders are nobody's business here.
#[derive(Debug)]
pub struct Orphans<'a> {
    /// Where artifacts are.
    pub artifacts: &'a Artifacts,
    /// Runs and logged models.
    pub store: &'a Store,
    /// Registered models.
    pub registry: &'a Store,
}

/// Why folders could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum OrphansError {
    /// The folder could not be read.
    #[error("could not list the artifacts destination")]
    List(#[from] ArtifactError),
    /// The database could not be asked.
    #[error("could not look up what folders belong to")]
    Store(#[from] StoreError),
}

impl Orphans<'_> {
    /// The folders of experiments, in order; empty where artifacts are not served.
    pub async fn experiments(&self) -> Result<Vec<ArtifactPath>, OrphansError> {
        let names = self.folders(None).await?;
        let is_id = |name: &str| name.bytes().all(|byte| byte.is_ascii_digit());
        let ids = names.into_iter().filter(|path| is_id(path.file_name()));
        Ok(ids.collect())
    }

    /// Those of one experiment, whether it exists or not.
    ///
    /// The folders are listed before the database is asked: runs have a row before they have a folder, so none that is
    /// made meanwhile looks like one without.
    pub async fn of_experiment(&self, experiment: &ArtifactPath) -> Result<Vec<Orphan>, OrphansError> {
        let runs = self.folders(Some(experiment)).await?;
        let runs = runs.into_iter().filter(|path| is_run_id(path.file_name()));
        let mut orphans = self.unknown(ArtifactOwners::Runs, runs.collect()).await?;
        if let Some(models) = below(experiment, MODELS) {
            let models = self.folders(Some(&models)).await?;
            let models = models.into_iter().filter(|path| is_model_id(path.file_name()));
            orphans.extend(
                self.unknown(ArtifactOwners::LoggedModels, models.collect())
                    .await?,
            );
        }
        Ok(orphans)
    }

    /// Removes one.
    pub async fn remove(&self, orphan: &Orphan) -> Result<(), ArtifactError> {
        match self.root() {
            Some(root) => {
                self.artifacts.delete(root, &orphan.path).await?;
                forget(self.store, &root.place(&orphan.path)?).await;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn root(&self) -> Option<&ServableLocation> {
        self.artifacts.proxy()
    }

    async fn folders(&self, directory: Option<&ArtifactPath>) -> Result<Vec<ArtifactPath>, OrphansError> {
        let Some(root) = self.root() else {
            return Ok(Vec::new());
        };
        let entries = self.artifacts.list(root, directory).await?;
        let folders = entries.into_iter().filter(|entry| entry.is_dir);
        Ok(folders
            .filter_map(|entry| match directory {
                None => ArtifactPath::parse(&entry.name).ok(),
                Some(directory) => below(directory, &entry.name),
            })
            .collect())
    }

    async fn unknown(
        &self,
        kind: ArtifactOwners,
        folders: Vec<ArtifactPath>,
    ) -> Result<Vec<Orphan>, OrphansError> {
        if folders.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<String> = folders.iter().map(|path| path.file_name().to_owned()).collect();
        let known = self.store.known_owners(kind, ids.clone()).await?;
        let versions = self
            .registry
            .versions_by_origin(ids.into_iter().collect())
            .await?;
        let is_orphan = |path: &ArtifactPath| {
            let id = path.file_name();
            !known.contains(id) && versions.get(id).is_none()
        };
        Ok(folders
            .into_iter()
            .filter(is_orphan)
            .map(|path| Orphan { path })
            .collect())
    }
}

fn below(directory: &ArtifactPath, name: &str) -> Option<ArtifactPath> {
    directory.join(&ArtifactPath::parse(name).ok()?).ok()
}

/// Only ids as servers make them: a folder of another name was made by somebody for something else.
fn is_run_id(name: &str) -> bool {
    RunId::parse(name).is_ok_and(|id| id.is_usual())
}

fn is_model_id(name: &str) -> bool {
    let hex = name.strip_prefix("m-").unwrap_or_default();
    ModelId::parse(name).is_some() && is_run_id(hex)
}
