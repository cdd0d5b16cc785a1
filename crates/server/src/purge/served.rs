//! Folders of artifacts with what is known of the files in them: both go.

use oxflow_artifacts::{ArtifactPath, ArtifactPlace, Artifacts};
use oxflow_store::Store;

use super::folders::{NotRemoved, RemoveFolders, TRACES, own_folder};
use crate::artifact_digests::forget;

/// Artifacts that are removed together with their checksums.
#[derive(Debug, Clone)]
pub struct Served {
    /// Where they are.
    pub artifacts: Artifacts,
    /// Where the checksums are.
    pub store: Store,
}

impl Served {
    /// Forgets the checksums of what is below a location, of the part of its path that `which` chooses.
    async fn forget(&self, location: &str, which: impl FnOnce(&ArtifactPath) -> Option<ArtifactPath>) {
        let place = self
            .artifacts
            .servable(location)
            .ok()
            .and_then(|at| at.own_place());
        let gone = place.and_then(|place| {
            let path = which(&place.path)?;
            Some(ArtifactPlace { path, ..place })
        });
        if let Some(gone) = gone {
            forget(&self.store, &gone).await;
        }
    }
}

impl RemoveFolders for Served {
    fn check_own(&self, owner: &str, location: &str) -> Result<(), NotRemoved> {
        self.artifacts.check_own(owner, location)
    }

    async fn remove_own(&self, owner: &str, location: &str) -> Result<(), NotRemoved> {
        self.artifacts.remove_own(owner, location).await?;
        self.forget(location, |path| own_folder(owner, path)).await;
        Ok(())
    }

    async fn remove_rest(&self, experiment: &str, location: &str) -> Result<(), NotRemoved> {
        self.artifacts.remove_rest(experiment, location).await?;
        let traces = |path: &ArtifactPath| {
            let own = path.file_name() == experiment;
            own.then(|| {
                ArtifactPath::parse(TRACES)
                    .and_then(|traces| path.join(&traces))
                    .ok()
            })?
        };
        self.forget(location, traces).await;
        Ok(())
    }
}
