//! Versions of registered models: create, read, describe, delete, tags.

use oxflow_core::{Key, ModelId, ModelName, ModelVersion, NewModelVersion, Stage, Tag, VersionNumber};
use oxflow_search::python_json;
use serde_json::{Value as Json, json};

use super::rows::{DELETED_STAGE, VERSION, VERSION_COLUMNS, VERSION_TAG, WORKSPACE, read_version};
use crate::tags::last_of_key;
use crate::{DbError, Result, Store, StoreError, Tx, Value};

/// The tag of a logged model that lists the versions it became.
const MODEL_VERSIONS_TAG: &str = "mlflow.modelVersions";

const STATUS_READY: &str = "READY";

/// Deleted versions count: no number is given twice.
const NEXT_NUMBER: &str = "
    SELECT COALESCE(MAX(version), 0) + 1
      FROM model_versions
     WHERE workspace = 'default' AND name = $1";

const NEWEST: &str = "
    SELECT version
      FROM model_versions
     WHERE workspace = 'default' AND name = $1 AND current_stage != 'Deleted_Internal'
     ORDER BY version DESC
     LIMIT 1";

const DESCRIBE: &str = "
    UPDATE model_versions
       SET description = $1, last_updated_time = $2
     WHERE workspace = 'default' AND name = $3 AND version = $4";

/// What MLflow leaves of a deleted version.
const DELETE: &str = "
    UPDATE model_versions
       SET current_stage = 'Deleted_Internal', last_updated_time = $1, description = NULL, user_id = NULL,
           source = 'REDACTED-SOURCE-PATH', run_id = 'REDACTED-RUN-ID', run_link = 'REDACTED-RUN-LINK',
           status_message = NULL
     WHERE workspace = 'default' AND name = $2 AND version = $3";

const DELETE_ALIASES: &str = "
    DELETE FROM registered_model_aliases
     WHERE workspace = 'default' AND name = $1 AND version = $2";

const DELETE_TAG: &str = "
    DELETE FROM model_version_tags
     WHERE workspace = 'default' AND key = $1 AND name = $2 AND version = $3";

impl Store {
    /// Adds a version to a registered model, with the next number.
    pub async fn create_model_version(&self, new: NewModelVersion) -> Result<ModelVersion> {
        self.write(move |tx| {
            tx.touch_registered_model(&new.name, new.now_ms)?;
            let number = tx.insert_model_version(&new)?;
            tx.upsert_version_tags(&new.name, number, &new.tags)?;
            if let Some(model_id) = &new.model_id {
                tx.note_version_of_logged_model(model_id, new.name.as_str(), number)?;
            }
            tx.tell_inputs_of(&new.run_id)?;
            tx.get_model_version(&new.name, number)
        })
        .await
    }

    /// Tells whoever listens that something came out of a run: a version in a registry with a database of its own.
    pub async fn tell_of_version_of_run(&self, run_id: String) -> Result<()> {
        // Nothing is written; but only writes are told of.
        self.write(move |tx| Ok(tx.tell_inputs_of(&run_id)?)).await
    }

    /// Tells a logged model of a version that it became in a registry with a database of its own.
    pub async fn note_version_of_logged_model(
        &self,
        model_id: ModelId,
        name: String,
        version: VersionNumber,
    ) -> Result<()> {
        self.write(move |tx| tx.note_version_of_logged_model(&model_id, &name, version))
            .await
    }

    /// A version with its tags and aliases.
    pub async fn get_model_version(&self, name: ModelName, version: VersionNumber) -> Result<ModelVersion> {
        self.read(move |tx| tx.get_model_version(&name, version)).await
    }

    /// The version with the highest number.
    pub async fn get_newest_model_version(&self, name: ModelName) -> Result<ModelVersion> {
        self.read(move |tx| {
            tx.require_registered_model(&name)?;
            let newest = tx.query_first(NEWEST, &[name.as_str().into()], |row| row.int(0))?;
            let newest = newest.ok_or_else(|| StoreError::NoModelVersions {
                name: name.to_string(),
            })?;
            tx.get_model_version(&name, VersionNumber::from_row(newest))
        })
        .await
    }

    /// Says what a version is; `None` takes the description away.
    pub async fn describe_model_version(
        &self,
        name: ModelName,
        version: VersionNumber,
        description: Option<String>,
        now_ms: i64,
    ) -> Result<ModelVersion> {
        self.write(move |tx| {
            tx.lock_model_version(&name, version)?;
            tx.execute(
                DESCRIBE,
                &[
                    description.as_deref().into(),
                    now_ms.into(),
                    name.as_str().into(),
                    version.get().into(),
                ],
            )?;
            tx.get_model_version(&name, version)
        })
        .await
    }

    /// Deletes a version and its aliases. Its row stays, without what it said.
    pub async fn delete_model_version(
        &self,
        name: ModelName,
        version: VersionNumber,
        now_ms: i64,
    ) -> Result<()> {
        self.write(move |tx| {
            let before = tx.lock_model_version(&name, version)?;
            tx.touch_registered_model(&name, now_ms)?;
            tx.tell_inputs_of(before.run_id.as_deref().unwrap_or_default())?;
            let place: [Value<'_>; 2] = [name.as_str().into(), version.get().into()];
            tx.execute(DELETE_ALIASES, &place)?;
            let [name, version] = place;
            tx.execute(DELETE, &[now_ms.into(), name, version])?;
            Ok(())
        })
        .await
    }

    /// Sets a tag of a version.
    pub async fn set_model_version_tag(
        &self,
        name: ModelName,
        version: VersionNumber,
        key: Key,
        value: String,
    ) -> Result<()> {
        self.write(move |tx| {
            tx.lock_model_version(&name, version)?;
            Ok(tx.upsert_version_tags(&name, version, &[(key.clone(), value.clone())])?)
        })
        .await
    }

    /// Removes a tag of a version; it may be absent.
    pub async fn delete_model_version_tag(
        &self,
        name: ModelName,
        version: VersionNumber,
        key: Key,
    ) -> Result<()> {
        self.write(move |tx| {
            tx.lock_model_version(&name, version)?;
            tx.execute(
                DELETE_TAG,
                &[key.as_str().into(), name.as_str().into(), version.get().into()],
            )?;
            Ok(())
        })
        .await
    }
}

fn no_such_version(name: &ModelName, version: VersionNumber) -> StoreError {
    StoreError::NoSuchModelVersion {
        name: name.to_string(),
        version,
    }
}

impl Tx<'_> {
    /// Makes other changes of the version and its model wait; the version must exist.
    pub(super) fn lock_model_version(
        &mut self,
        name: &ModelName,
        version: VersionNumber,
    ) -> Result<ModelVersion> {
        match self.lock_registered_model(name) {
            Err(StoreError::NoSuchRegisteredModel { .. }) => return Err(no_such_version(name, version)),
            locked => locked?,
        }
        self.find_model_version(name, version)?
            .ok_or_else(|| no_such_version(name, version))
    }

    fn find_model_version(
        &mut self,
        name: &ModelName,
        version: VersionNumber,
    ) -> Result<Option<ModelVersion>, DbError> {
        let sql = format!(
            "SELECT {VERSION_COLUMNS}
               FROM model_versions v
              WHERE v.workspace = 'default' AND v.name = $1 AND v.version = $2 AND v.current_stage != $3"
        );
        let parameters = [name.as_str().into(), version.get().into(), DELETED_STAGE.into()];
        self.query_first(&sql, &parameters, |row| read_version(row, 0))
    }

    pub(super) fn get_model_version(
        &mut self,
        name: &ModelName,
        version: VersionNumber,
    ) -> Result<ModelVersion> {
        let found = self.find_model_version(name, version)?;
        let mut found = found.ok_or_else(|| no_such_version(name, version))?;
        self.fill_version_tags(&mut [&mut found])?;
        self.fill_version_aliases(&mut found)?;
        Ok(found)
    }

    /// Stores a version under the next number. Nobody else takes it: the row of the model is locked.
    fn insert_model_version(&mut self, new: &NewModelVersion) -> Result<VersionNumber, DbError> {
        let number = self.query_first(NEXT_NUMBER, &[new.name.as_str().into()], |row| row.int(0))?;
        let number = VersionNumber::from_row(number.unwrap_or(1));
        let row = [
            new.name.as_str().into(),
            number.get().into(),
            new.now_ms.into(),
            new.now_ms.into(),
            (&new.description).into(),
            Value::Null,
            Stage::None.as_str().into(),
            (&new.source).into(),
            (&new.run_id).into(),
            STATUS_READY.into(),
            Value::Null,
            (&new.run_link).into(),
            (&new.storage_location).into(),
            WORKSPACE.into(),
        ];
        if self.insert_many(&VERSION, [row])? == 0 {
            return Err(DbError::unexpected(format!(
                "version {number} of registered model `{}` appeared while its model was locked",
                new.name
            )));
        }
        Ok(number)
    }

    fn upsert_version_tags(
        &mut self,
        name: &ModelName,
        version: VersionNumber,
        tags: &[(Key, String)],
    ) -> Result<(), DbError> {
        let rows = last_of_key(tags).into_iter().map(|(key, value)| {
            [
                key.into(),
                value.into(),
                name.as_str().into(),
                version.get().into(),
                WORKSPACE.into(),
            ]
        });
        self.insert_many(&VERSION_TAG, rows)?;
        Ok(())
    }

    /// Adds a version to the list in the tag `mlflow.modelVersions` of the logged model that it was.
    fn note_version_of_logged_model(
        &mut self,
        model_id: &ModelId,
        name: &str,
        version: VersionNumber,
    ) -> Result<()> {
        let stored = self.lock_tag_of_logged_model(model_id, MODEL_VERSIONS_TAG)?;
        let mut versions = match stored.map(|text| serde_json::from_str(&text)) {
            Some(Ok(Json::Array(versions))) => versions,
            _ => Vec::new(),
        };
        let entry = json!({ "name": name, "version": version.get() });
        if !versions.contains(&entry) {
            versions.push(entry);
        }
        let tag = Tag {
            key: MODEL_VERSIONS_TAG.to_owned(),
            value: python_json(&versions),
        };
        self.set_tag_of_logged_model(model_id, &tag)
    }
}
