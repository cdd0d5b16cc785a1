//! Registered models with their versions.

use oxflow_core::{ImportedModel, Tag};

use super::NameConflict;
use crate::driver::BulkInsert;
use crate::registry::{ALIAS, MODEL, MODEL_TAG, VERSION, VERSION_TAG, WORKSPACE};
use crate::{DbError, Result, Store, Tx};

// What is there stays.
const INSERT: BulkInsert = MODEL;
const INSERT_TAG: BulkInsert = BulkInsert {
    on_conflict: "ON CONFLICT (workspace, key, name) DO NOTHING",
    ..MODEL_TAG
};
const INSERT_ALIAS: BulkInsert = BulkInsert {
    on_conflict: "ON CONFLICT (workspace, name, alias) DO NOTHING",
    ..ALIAS
};
const INSERT_VERSION: BulkInsert = VERSION;
const INSERT_VERSION_TAG: BulkInsert = BulkInsert {
    on_conflict: "ON CONFLICT (workspace, key, name, version) DO NOTHING",
    ..VERSION_TAG
};

const SELECT_CREATION: &str =
    "SELECT creation_time FROM registered_models WHERE workspace = 'default' AND name = $1";

/// A registered model to import.
#[derive(Debug, Clone)]
pub struct ModelImport {
    /// The model.
    pub model: ImportedModel,
    /// What to do if its name is taken by another one.
    pub on_conflict: NameConflict,
}

/// What became of a registered model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelOutcome {
    /// Its name here; `None` if another model has its name and nothing was changed.
    pub name: Option<String>,
    /// Whether it is new.
    pub was_created: bool,
    /// How many of its versions are new.
    pub new_versions: usize,
}

impl Store {
    /// Whether a registered model has this name that was made at another time.
    pub async fn model_name_is_taken(&self, model: ImportedModel) -> Result<bool> {
        self.read(move |tx| {
            let existing = tx.creation_of_model(&model.name)?;
            Ok(existing.is_some_and(|time| time != model.creation_time_ms))
        })
        .await
    }

    /// Imports a registered model with its versions, aliases and tags. What is there stays as it is; a
    /// version is added if its number is free.
    pub async fn import_model(&self, import: ModelImport) -> Result<ModelOutcome> {
        self.write(move |tx| tx.import_model(&import)).await
    }
}

impl Tx<'_> {
    fn import_model(&mut self, import: &ModelImport) -> Result<ModelOutcome> {
        let model = &import.model;
        let mut name = model.name.clone();
        let is_other =
            |existing: Option<Option<i64>>| existing.is_some_and(|time| time != model.creation_time_ms);
        if is_other(self.creation_of_model(&name)?) {
            match import.on_conflict {
                NameConflict::Merge => {}
                NameConflict::Rename => name = format!("{name} (imported)"),
                NameConflict::Refuse => return Ok(taken()),
            }
            if import.on_conflict == NameConflict::Rename && is_other(self.creation_of_model(&name)?) {
                return Ok(taken());
            }
        }
        let row = [
            (&name).into(),
            model.creation_time_ms.into(),
            model.last_updated_time_ms.into(),
            model.description.as_deref().into(),
            WORKSPACE.into(),
        ];
        let was_created = self.insert_many(&INSERT, [row])? == 1;
        let tags = model.tags.iter().map(|tag| {
            [
                (&tag.key).into(),
                (&tag.value).into(),
                (&name).into(),
                WORKSPACE.into(),
            ]
        });
        self.insert_many(&INSERT_TAG, tags)?;
        let new_versions = self.import_versions(model, &name)?;
        let aliases = model
            .aliases
            .iter()
            .map(|(alias, version)| [alias.into(), (*version).into(), (&name).into(), WORKSPACE.into()]);
        self.insert_many(&INSERT_ALIAS, aliases)?;
        Ok(ModelOutcome {
            name: Some(name),
            was_created,
            new_versions,
        })
    }

    fn import_versions(&mut self, model: &ImportedModel, name: &str) -> Result<usize, DbError> {
        let rows = model.versions.iter().map(|version| {
            [
                name.into(),
                version.version.into(),
                version.creation_time_ms.into(),
                version.last_updated_time_ms.into(),
                version.description.as_deref().into(),
                version.user_id.as_deref().into(),
                (&version.current_stage).into(),
                version.source.as_deref().into(),
                version.run_id.as_deref().into(),
                (&version.status).into(),
                version.status_message.as_deref().into(),
                version.run_link.as_deref().into(),
                version.storage_location.as_deref().into(),
                WORKSPACE.into(),
            ]
        });
        let new_versions = self.insert_many(&INSERT_VERSION, rows)?;
        let tags: Vec<(i64, &Tag)> = model
            .versions
            .iter()
            .flat_map(|version| version.tags.iter().map(|tag| (version.version, tag)))
            .collect();
        let rows = tags.iter().map(|(version, tag)| {
            [
                (&tag.key).into(),
                (&tag.value).into(),
                name.into(),
                (*version).into(),
                WORKSPACE.into(),
            ]
        });
        self.insert_many(&INSERT_VERSION_TAG, rows)?;
        Ok(new_versions)
    }

    fn creation_of_model(&mut self, name: &str) -> Result<Option<Option<i64>>, DbError> {
        self.query_first(SELECT_CREATION, &[name.into()], |row| row.int_or_null(0))
    }
}

fn taken() -> ModelOutcome {
    ModelOutcome {
        name: None,
        was_created: false,
        new_versions: 0,
    }
}
