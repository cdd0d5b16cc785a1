//! Removing the artifact folders of what goes, and nothing beside them.

use std::error::Error as _;

use oxflow_artifacts::{ArtifactError, ArtifactPath, Artifacts};

/// What MLflow calls the folder in a run's, or a logged model's, that its location names.
const ARTIFACTS: &str = "artifacts";

/// The folder of an experiment in which each trace has one.
pub(super) const TRACES: &str = "traces";
/// The folder of an experiment in which each logged model has one.
const MODELS: &str = "models";

/// Why artifacts stay.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRemoved {
    /// This program does not reach the place.
    #[error("its artifacts are at `{location}`, which is not served here")]
    NotServed {
        /// The place.
        location: String,
    },
    /// This program reads the place, and cannot write there.
    #[error("its artifacts are at `{location}`, which can only be read from here")]
    OnlyRead {
        /// The place.
        location: String,
    },
    /// The place does not carry the id of what it is said to belong to, so others may use it too.
    #[error(
        "its artifacts are at `{location}`, which is not named after it, so others may use it; nothing there was removed"
    )]
    NotItsOwn {
        /// The place.
        location: String,
    },
    /// The storage refused.
    #[error("its artifacts at `{location}` could not be removed: {cause}")]
    Refused {
        /// The place.
        location: String,
        /// What the storage said.
        cause: String,
    },
}

impl NotRemoved {
    /// Whether this program will never remove it, however often it tries.
    pub fn is_elsewhere(&self) -> bool {
        !matches!(self, Self::Refused { .. })
    }

    fn refused(location: &str, error: &ArtifactError) -> Self {
        let cause = error.source().map_or(String::new(), |cause| format!(": {cause}"));
        Self::Refused {
            location: location.to_owned(),
            cause: format!("{error}{cause}"),
        }
    }
}

/// Where artifacts are, for one who removes them. What is not there counts as removed.
pub trait RemoveFolders: Sync {
    /// Whether [`Self::remove_own`] would try: it fails with what makes that impossible, and touches nothing.
    fn check_own(&self, owner: &str, location: &str) -> Result<(), NotRemoved>;

    /// Removes the folder of a run or logged model with all that is in it.
    fn remove_own(&self, owner: &str, location: &str) -> impl Future<Output = Result<(), NotRemoved>> + Send;

    /// Removes the artifacts of the traces of an experiment, and its folder if nothing else is in it. A folder that is
    /// not named after the experiment, or not served, stays: MLflow's gc leaves them all.
    fn remove_rest(
        &self,
        experiment: &str,
        location: &str,
    ) -> impl Future<Output = Result<(), NotRemoved>> + Send;
}

/// The part of a path that belongs to its owner alone: up to the folder that has the owner's id, if only `artifacts`
/// is below it, else all of it. `None` if the id is no part of the path.
pub fn own_folder(owner: &str, path: &ArtifactPath) -> Option<ArtifactPath> {
    if !path.segments().any(|segment| segment == owner) {
        return None;
    }
    let above = path.parent().filter(|_| path.file_name() == ARTIFACTS);
    Some(
        above
            .filter(|above| above.file_name() == owner)
            .unwrap_or_else(|| path.clone()),
    )
}

impl RemoveFolders for Artifacts {
    fn check_own(&self, owner: &str, location: &str) -> Result<(), NotRemoved> {
        let here = Here::find(self, location)?;
        own_folder(owner, &here.path)
            .map(drop)
            .ok_or_else(|| not_its_own(location))
    }

    async fn remove_own(&self, owner: &str, location: &str) -> Result<(), NotRemoved> {
        let here = Here::find(self, location)?;
        let own = own_folder(owner, &here.path).ok_or_else(|| not_its_own(location))?;
        here.remove().await?;
        // An imported run may have its `meta.yaml` beside its artifacts.
        if own != here.path
            && let Some(above) = parent_of(location)
        {
            Here::find(self, above)?.remove_if_empty().await?;
        }
        Ok(())
    }

    async fn remove_rest(&self, experiment: &str, location: &str) -> Result<(), NotRemoved> {
        let Ok(here) = Here::find(self, location) else {
            return Ok(());
        };
        if here.path.file_name() != experiment {
            return Ok(());
        }
        here.remove_below(TRACES).await?;
        if let Ok(models) = Here::find(self, &format!("{}/{MODELS}", location.trim_end_matches('/'))) {
            models.remove_if_empty().await?;
        }
        here.remove_if_empty().await
    }
}

/// A folder that is served, below a root.
struct Here<'a> {
    artifacts: &'a Artifacts,
    location: &'a str,
    path: ArtifactPath,
}

impl<'a> Here<'a> {
    /// A root itself is nobody's own.
    fn find(artifacts: &'a Artifacts, location: &'a str) -> Result<Self, NotRemoved> {
        let not_served = |_| NotRemoved::NotServed {
            location: location.to_owned(),
        };
        let at = artifacts.servable(location).map_err(not_served)?;
        if at.is_only_read() {
            return Err(NotRemoved::OnlyRead {
                location: location.to_owned(),
            });
        }
        let path = at.path_in_root().cloned().ok_or_else(|| not_its_own(location))?;
        Ok(Self {
            artifacts,
            location,
            path,
        })
    }

    /// Removes the folder out of the one above, in which it has to be the same in the path as in the location: `#` and `%`
    /// in a location could mean something else.
    async fn remove(&self) -> Result<(), NotRemoved> {
        let not_own = || not_its_own(self.location);
        let above = parent_of(self.location).ok_or_else(not_own)?;
        let above = self.artifacts.servable(above).map_err(|_| not_own())?;
        if above.path_in_root() != self.path.parent().as_ref() {
            return Err(not_own());
        }
        let name = ArtifactPath::parse(self.path.file_name()).map_err(|_| not_own())?;
        let removed = self.artifacts.delete(&above, &name).await;
        removed.map_err(|error| NotRemoved::refused(self.location, &error))
    }

    async fn remove_below(&self, name: &str) -> Result<(), NotRemoved> {
        let refused = |error: ArtifactError| NotRemoved::refused(self.location, &error);
        let at = self
            .artifacts
            .servable(self.location)
            .map_err(|error| refused(error.into()))?;
        let name = ArtifactPath::parse(name).map_err(|error| refused(error.into()))?;
        self.artifacts.delete(&at, &name).await.map_err(refused)
    }

    async fn remove_if_empty(&self) -> Result<(), NotRemoved> {
        let refused = |error: ArtifactError| NotRemoved::refused(self.location, &error);
        let at = self
            .artifacts
            .servable(self.location)
            .map_err(|error| refused(error.into()))?;
        if self.artifacts.list(&at, None).await.map_err(refused)?.is_empty() {
            self.remove().await?;
        }
        Ok(())
    }
}

fn not_its_own(location: &str) -> NotRemoved {
    NotRemoved::NotItsOwn {
        location: location.to_owned(),
    }
}

/// The location above; `None` for a name alone.
fn parent_of(location: &str) -> Option<&str> {
    let (above, _) = location.trim_end_matches('/').rsplit_once('/')?;
    Some(above)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests make their own files")]
mod tests {
    use oxflow_artifacts::ArtifactsConfig;

    use super::*;

    fn path(text: &str) -> ArtifactPath {
        ArtifactPath::parse(text).unwrap()
    }

    #[test]
    fn only_folders_with_the_id_of_their_owner_are_its_own() {
        let own = |text: &str| own_folder("r1", &path(text)).map(|path| path.to_string());
        assert_eq!(own("1/r1/artifacts").as_deref(), Some("1/r1"));
        assert_eq!(own("1/models/r1/artifacts").as_deref(), Some("1/models/r1"));
        assert_eq!(own("1/r1").as_deref(), Some("1/r1"));
        assert_eq!(own("1/r1/other").as_deref(), Some("1/r1/other"));
        for foreign in ["1", "1/r2/artifacts", "1/artifacts", "1/r11/artifacts"] {
            assert_eq!(own(foreign), None, "{foreign}");
        }
    }

    fn store(files: &[&str]) -> (tempfile::TempDir, Artifacts) {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let file = folder.path().join("root").join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, "x").unwrap();
        }
        let config = ArtifactsConfig {
            destination: folder.path().join("root").to_str().unwrap().to_owned(),
            default_root: "mlflow-artifacts:/".to_owned(),
            serve: true,
            extra_roots: Vec::new(),
            environment: Default::default(),
        };
        (folder, Artifacts::open(&config).unwrap())
    }

    fn left(folder: &tempfile::TempDir) -> Vec<String> {
        let mut left = Vec::new();
        let root = folder.path().join("root");
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in folder.read_dir().unwrap().map(Result::unwrap) {
                if entry.file_name() == oxflow_artifacts::TEMP_DIRECTORY {
                    continue;
                }
                left.push(entry.path().strip_prefix(&root).unwrap().display().to_string());
                if entry.path().is_dir() {
                    folders.push(entry.path());
                }
            }
        }
        left.sort_unstable();
        left
    }

    #[tokio::test]
    async fn a_run_takes_its_folder_along_and_nothing_beside_it() {
        let (folder, artifacts) = store(&[
            "1/r1/artifacts/a/b",
            "1/r2/artifacts/a",
            "1/r3/artifacts/a",
            "1/r3/meta.yaml",
        ]);
        artifacts
            .remove_own("r1", "mlflow-artifacts:/1/r1/artifacts")
            .await
            .unwrap();
        artifacts
            .remove_own("r1", "mlflow-artifacts:/1/r1/artifacts")
            .await
            .unwrap();
        let local = format!("{}/root/1/r3/artifacts/", folder.path().display());
        artifacts.remove_own("r3", &local).await.unwrap();
        assert_eq!(
            left(&folder),
            [
                "1",
                "1/r2",
                "1/r2/artifacts",
                "1/r2/artifacts/a",
                "1/r3",
                "1/r3/meta.yaml"
            ]
        );
    }

    #[tokio::test]
    async fn what_is_not_its_own_or_not_served_stays() {
        let (folder, artifacts) = store(&["1/r2/artifacts/a"]);
        for location in [
            "mlflow-artifacts:/",
            "mlflow-artifacts:/1",
            "mlflow-artifacts:/1/r2/artifacts",
            "mlflow-artifacts:/1/r2/artifacts?r1",
            "mlflow-artifacts:/1/r2/artifacts#/r1/artifacts",
        ] {
            let error = artifacts.remove_own("r1", location).await.unwrap_err();
            assert!(
                matches!(error, NotRemoved::NotItsOwn { .. }),
                "{location}: {error}"
            );
        }
        for location in [
            "s3://bucket/1/r1/artifacts",
            "/elsewhere/1/r1/artifacts",
            "mlflow-artifacts:/../r1",
        ] {
            let error = artifacts.remove_own("r1", location).await.unwrap_err();
            assert!(
                matches!(error, NotRemoved::NotServed { .. }),
                "{location}: {error}"
            );
        }
        assert_eq!(left(&folder).len(), 4);
    }

    #[tokio::test]
    async fn what_can_only_be_read_stays_and_nobody_is_asked() {
        let folder = tempfile::tempdir().unwrap();
        // Nobody listens there: whoever asks gets another error.
        let root = "http://127.0.0.1:1/models";
        let config = ArtifactsConfig {
            destination: folder.path().to_str().unwrap().to_owned(),
            default_root: "mlflow-artifacts:/".to_owned(),
            serve: true,
            extra_roots: vec![root.to_owned()],
            environment: Default::default(),
        };
        let artifacts = Artifacts::open(&config).unwrap();
        let location = format!("{root}/1/r1/artifacts");
        let planned = artifacts.check_own("r1", &location).unwrap_err();
        let removed = artifacts.remove_own("r1", &location).await.unwrap_err();
        for error in [planned, removed] {
            assert!(matches!(error, NotRemoved::OnlyRead { .. }), "{error}");
            assert!(error.is_elsewhere());
        }
        artifacts.remove_rest("1", &format!("{root}/1")).await.unwrap();
    }

    #[tokio::test]
    async fn an_experiment_takes_its_traces_along_and_its_folder_if_that_is_empty() {
        let (folder, artifacts) = store(&[
            "1/traces/t/artifacts/x",
            "2/traces/t/artifacts/x",
            "2/r/artifacts/a",
            "shared/traces/x",
        ]);
        std::fs::create_dir(folder.path().join("root/1/models")).unwrap();
        for (id, location) in [
            ("1", "mlflow-artifacts:/1"),
            ("2", "mlflow-artifacts:/2"),
            ("3", "mlflow-artifacts:/shared"),
        ] {
            artifacts.remove_rest(id, location).await.unwrap();
        }
        assert_eq!(
            left(&folder),
            [
                "2",
                "2/r",
                "2/r/artifacts",
                "2/r/artifacts/a",
                "shared",
                "shared/traces",
                "shared/traces/x"
            ]
        );
    }
}
