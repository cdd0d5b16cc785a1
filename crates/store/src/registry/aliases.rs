//! Aliases of model versions.

use oxflow_core::{ModelAlias, ModelName, ModelVersion, VersionNumber};

use super::rows::{ALIAS, WORKSPACE};
use crate::{Result, Store, StoreError};

const SELECT: &str = "
    SELECT version
      FROM registered_model_aliases
     WHERE workspace = 'default' AND name = $1 AND alias = $2";

const DELETE: &str = "
    DELETE FROM registered_model_aliases
     WHERE workspace = 'default' AND name = $1 AND alias = $2";

impl Store {
    /// Points an alias at a version; moves it if it is there.
    pub async fn set_model_alias(
        &self,
        name: ModelName,
        alias: ModelAlias,
        version: VersionNumber,
    ) -> Result<()> {
        self.write(move |tx| {
            tx.lock_model_version(&name, version)?;
            let row = [
                alias.as_str().into(),
                version.get().into(),
                name.as_str().into(),
                WORKSPACE.into(),
            ];
            tx.insert_many(&ALIAS, [row])?;
            Ok(())
        })
        .await
    }

    /// Removes an alias; it may be absent.
    pub async fn delete_model_alias(&self, name: ModelName, alias: ModelAlias) -> Result<()> {
        self.write(move |tx| {
            tx.lock_registered_model(&name)?;
            tx.execute(DELETE, &[name.as_str().into(), alias.as_str().into()])?;
            Ok(())
        })
        .await
    }

    /// The version that an alias stands for.
    pub async fn get_model_version_by_alias(
        &self,
        name: ModelName,
        alias: ModelAlias,
    ) -> Result<ModelVersion> {
        self.read(move |tx| {
            let version = tx.query_first(SELECT, &[name.as_str().into(), alias.as_str().into()], |row| {
                row.int(0)
            })?;
            let Some(version) = version else {
                tx.require_registered_model(&name)?;
                return Err(StoreError::NoSuchModelAlias {
                    alias: alias.as_str().to_owned(),
                });
            };
            tx.get_model_version(&name, VersionNumber::from_row(version))
        })
        .await
    }
}
