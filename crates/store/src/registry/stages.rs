//! Stages of model versions.

use oxflow_core::{ModelName, ModelVersion, Stage, VersionNumber};

use crate::{Result, Store, Tx};

const SET_STAGE: &str = "
    UPDATE model_versions
       SET current_stage = $1, last_updated_time = $2
     WHERE workspace = 'default' AND name = $3 AND version = $4";

const ARCHIVE_OTHERS: &str = "
    UPDATE model_versions
       SET current_stage = 'Archived', last_updated_time = $1
     WHERE workspace = 'default' AND name = $2 AND version != $3 AND current_stage = $4";

/// What becomes of the versions that are in a stage when another one enters it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExistingVersions {
    /// They stay.
    Keep,
    /// They move to `Archived`.
    Archive,
}

impl Store {
    /// Moves a version to a stage.
    pub async fn set_model_version_stage(
        &self,
        name: ModelName,
        version: VersionNumber,
        stage: Stage,
        existing: ExistingVersions,
        now_ms: i64,
    ) -> Result<ModelVersion> {
        self.write(move |tx| {
            tx.lock_model_version(&name, version)?;
            tx.touch_registered_model(&name, now_ms)?;
            if existing == ExistingVersions::Archive {
                tx.execute(
                    ARCHIVE_OTHERS,
                    &[
                        now_ms.into(),
                        name.as_str().into(),
                        version.get().into(),
                        stage.as_str().into(),
                    ],
                )?;
            }
            tx.execute(
                SET_STAGE,
                &[
                    stage.as_str().into(),
                    now_ms.into(),
                    name.as_str().into(),
                    version.get().into(),
                ],
            )?;
            tx.get_model_version(&name, version)
        })
        .await
    }

    /// The newest version of each of some stages, with tags and aliases.
    pub async fn get_latest_versions(
        &self,
        name: ModelName,
        stages: Vec<Stage>,
    ) -> Result<Vec<ModelVersion>> {
        self.read(move |tx| tx.get_latest_versions(&name, &stages)).await
    }
}

impl Tx<'_> {
    fn get_latest_versions(&mut self, name: &ModelName, stages: &[Stage]) -> Result<Vec<ModelVersion>> {
        self.require_registered_model(name)?;
        let mut latest: Vec<ModelVersion> = self
            .latest_versions(&[name.to_string()])?
            .into_iter()
            .flatten()
            .filter(|version| {
                let current = version.current_stage.as_deref();
                stages.iter().any(|stage| current == Some(stage.as_str()))
            })
            .collect();
        self.fill_version_tags(&mut latest.iter_mut().collect::<Vec<_>>())?;
        for version in &mut latest {
            self.fill_version_aliases(version)?;
        }
        Ok(latest)
    }
}
