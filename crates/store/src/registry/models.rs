//! Registered models: create, read, describe, rename, delete, tags.

use oxflow_auth::ResourceType;
use oxflow_core::{IS_PROMPT_TAG, Key, ModelName, NewRegisteredModel, RegisteredModel};

use super::rows::{MODEL, MODEL_COLUMNS, MODEL_TAG, WORKSPACE, read_model};
use crate::tags::last_of_key;
use crate::{DbError, DbErrorKind, PendingOwner, Result, Store, StoreError, Tx};

const SELECT_ONE: &str = "SELECT 1 FROM registered_models WHERE workspace = 'default' AND name = $1";

const SELECT_VERSIONS: &str = "SELECT 1 FROM model_versions WHERE workspace = 'default' AND name = $1";

const DESCRIBE: &str = "
    UPDATE registered_models
       SET description = $1, last_updated_time = $2
     WHERE workspace = 'default' AND name = $3";

const TOUCH: &str = "
    UPDATE registered_models
       SET last_updated_time = $1
     WHERE workspace = 'default' AND name = $2";

/// Versions, tags and aliases follow: their foreign keys cascade.
const RENAME: &str = "
    UPDATE registered_models
       SET name = $1, last_updated_time = $2
     WHERE workspace = 'default' AND name = $3";

const TOUCH_VERSIONS: &str = "
    UPDATE model_versions
       SET last_updated_time = $1
     WHERE workspace = 'default' AND name = $2";

const DELETE_TAG: &str =
    "DELETE FROM registered_model_tags WHERE workspace = 'default' AND key = $1 AND name = $2";

const SELECT_TAG: &str =
    "SELECT 1 FROM registered_model_tags WHERE workspace = 'default' AND key = $1 AND name = $2";

/// Children before their parents.
const DELETE: [&str; 5] = [
    "DELETE FROM model_version_tags WHERE workspace = 'default' AND name = $1",
    "DELETE FROM model_versions WHERE workspace = 'default' AND name = $1",
    "DELETE FROM registered_model_aliases WHERE workspace = 'default' AND name = $1",
    "DELETE FROM registered_model_tags WHERE workspace = 'default' AND name = $1",
    "DELETE FROM registered_models WHERE workspace = 'default' AND name = $1",
];

impl Store {
    /// Creates a registered model, or a prompt if its tags say so.
    pub async fn create_registered_model(&self, new: NewRegisteredModel) -> Result<RegisteredModel> {
        let notes_owners = self.notes_owners();
        self.write(move |tx| {
            let name = new.name.as_str();
            let row = [
                name.into(),
                new.now_ms.into(),
                new.now_ms.into(),
                (&new.description).into(),
                WORKSPACE.into(),
            ];
            if tx.insert_many(&MODEL, [row])? == 0 {
                return Err(StoreError::RegisteredModelExists {
                    name: name.to_owned(),
                    has_prompt_tag: tx.model_has_prompt_tag(name)?,
                    new_has_prompt_tag: new.tags.iter().any(|(key, _)| key.as_str() == IS_PROMPT_TAG),
                });
            }
            tx.upsert_model_tags(&new.name, &new.tags)?;
            if let Some(user_id) = new.creator.filter(|_| notes_owners) {
                let pending = PendingOwner {
                    resource_type: ResourceType::of_model(new.is_prompt()),
                    resource_id: name.to_owned(),
                    user_id,
                };
                tx.note_pending_owner(&pending, new.now_ms)?;
            }
            tx.get_registered_model(&new.name)
        })
        .await
    }

    /// Whether there is a prompt of that name.
    pub async fn is_prompt(&self, name: ModelName) -> Result<bool> {
        self.read(move |tx| {
            let tag = tx.query_first(
                "SELECT value FROM registered_model_tags WHERE workspace = 'default' AND key = $1 AND name = $2",
                &[IS_PROMPT_TAG.into(), name.as_str().into()],
                |row| row.text_or_null(0),
            )?;
            Ok(tag.flatten().is_some_and(|value| value.eq_ignore_ascii_case("true")))
        })
        .await
    }

    /// A registered model with its tags, aliases and the newest version of each stage.
    pub async fn get_registered_model(&self, name: ModelName) -> Result<RegisteredModel> {
        self.read(move |tx| tx.get_registered_model(&name)).await
    }

    /// Says what a registered model is.
    pub async fn describe_registered_model(
        &self,
        name: ModelName,
        description: String,
        now_ms: i64,
    ) -> Result<RegisteredModel> {
        self.write(move |tx| {
            let parameters = [(&description).into(), now_ms.into(), name.as_str().into()];
            if tx.execute(DESCRIBE, &parameters)? == 0 {
                return Err(no_such_model(&name));
            }
            tx.get_registered_model(&name)
        })
        .await
    }

    /// Renames a registered model with its versions, tags and aliases.
    pub async fn rename_registered_model(
        &self,
        name: ModelName,
        new_name: ModelName,
        now_ms: i64,
    ) -> Result<RegisteredModel> {
        self.write(move |tx| {
            tx.lock_registered_model(&name)?;
            let parameters = [new_name.as_str().into(), now_ms.into(), name.as_str().into()];
            tx.try_execute(RENAME, &parameters)
                .map_err(|error| match error.kind() {
                    DbErrorKind::Constraint => StoreError::RegisteredModelNameTaken {
                        name: new_name.to_string(),
                    },
                    _ => error.into(),
                })?;
            tx.execute(TOUCH_VERSIONS, &[now_ms.into(), new_name.as_str().into()])?;
            tx.get_registered_model(&new_name)
        })
        .await
    }

    /// Deletes a registered model with all that belongs to it, for good.
    pub async fn delete_registered_model(&self, name: ModelName) -> Result<()> {
        self.write(move |tx| {
            tx.lock_registered_model_to_delete(&name)?;
            for statement in DELETE {
                tx.execute(statement, &[name.as_str().into()])?;
            }
            Ok(())
        })
        .await
    }

    /// Sets a tag of a registered model.
    pub async fn set_registered_model_tag(&self, name: ModelName, key: Key, value: String) -> Result<()> {
        self.write(move |tx| {
            tx.lock_registered_model(&name)?;
            Ok(tx.upsert_model_tags(&name, &[(key.clone(), value.clone())])?)
        })
        .await
    }

    /// Removes a tag of a registered model; it may be absent.
    pub async fn delete_registered_model_tag(&self, name: ModelName, key: Key) -> Result<()> {
        self.write(move |tx| {
            tx.lock_registered_model(&name)?;
            tx.execute(DELETE_TAG, &[key.as_str().into(), name.as_str().into()])?;
            Ok(())
        })
        .await
    }
}

pub(super) fn no_such_model(name: &ModelName) -> StoreError {
    StoreError::NoSuchRegisteredModel {
        name: name.to_string(),
    }
}

impl Tx<'_> {
    /// Makes every other change of this model and of its versions wait.
    pub(super) fn lock_registered_model(&mut self, name: &ModelName) -> Result<()> {
        let sql = format!("{SELECT_ONE}{}", self.dialect().for_update());
        self.require_model_row(&sql, name)
    }

    /// [`Self::lock_registered_model`], also against new rows that refer to the model or to a version, which a server
    /// of MLflow may add.
    fn lock_registered_model_to_delete(&mut self, name: &ModelName) -> Result<()> {
        let of_rows = self.dialect().for_deletion();
        self.require_model_row(&format!("{SELECT_ONE}{of_rows}"), name)?;
        let versions = format!("{SELECT_VERSIONS}{of_rows}");
        Ok(self.for_each(&versions, &[name.as_str().into()], |_| Ok(()))?)
    }

    /// Refuses the name of no model.
    pub(super) fn require_registered_model(&mut self, name: &ModelName) -> Result<()> {
        self.require_model_row(SELECT_ONE, name)
    }

    fn require_model_row(&mut self, sql: &str, name: &ModelName) -> Result<()> {
        let found = self.query_first(sql, &[name.as_str().into()], |_| Ok(()))?;
        found.ok_or_else(|| no_such_model(name))
    }

    /// Notes that a version of the model changed; also locks it.
    pub(super) fn touch_registered_model(&mut self, name: &ModelName, now_ms: i64) -> Result<()> {
        match self.execute(TOUCH, &[now_ms.into(), name.as_str().into()])? {
            0 => Err(no_such_model(name)),
            _ => Ok(()),
        }
    }

    fn get_registered_model(&mut self, name: &ModelName) -> Result<RegisteredModel> {
        let sql = format!(
            "SELECT {MODEL_COLUMNS} FROM registered_models r WHERE r.workspace = 'default' AND r.name = $1"
        );
        let model = self.query_first(&sql, &[name.as_str().into()], read_model)?;
        let mut model = model.ok_or_else(|| no_such_model(name))?;
        self.fill_registered_models(std::slice::from_mut(&mut model))?;
        Ok(model)
    }

    fn model_has_prompt_tag(&mut self, name: &str) -> Result<bool, DbError> {
        let found = self.query_first(SELECT_TAG, &[IS_PROMPT_TAG.into(), name.into()], |_| Ok(()))?;
        Ok(found.is_some())
    }

    fn upsert_model_tags(&mut self, name: &ModelName, tags: &[(Key, String)]) -> Result<(), DbError> {
        let rows = last_of_key(tags)
            .into_iter()
            .map(|(key, value)| [key.into(), value.into(), name.as_str().into(), WORKSPACE.into()]);
        self.insert_many(&MODEL_TAG, rows)?;
        Ok(())
    }
}
