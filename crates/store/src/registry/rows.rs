//! The tables of the registry and how their rows are read.

use oxflow_core::{ModelVersion, RegisteredModel, VersionNumber};

use crate::driver::{BulkInsert, Kind};
use crate::{DbError, Row};

/// The one workspace.
pub(crate) const WORKSPACE: &str = "default";

/// The stage of deleted versions: their rows stay, so that no number is given twice.
pub(crate) const DELETED_STAGE: &str = "Deleted_Internal";

/// The columns that [`read_model`] reads, in its order; the table is called `r`.
pub(crate) const MODEL_COLUMNS: &str = "r.name, r.creation_time, r.last_updated_time, r.description";

/// The columns that [`read_version`] reads, in its order; the table is called `v`.
pub(crate) const VERSION_COLUMNS: &str = "v.name, v.version, v.creation_time, v.last_updated_time, v.description, \
     v.user_id, v.current_stage, v.source, v.storage_location, v.run_id, v.run_link, v.status, v.status_message";

pub(crate) const MODEL: BulkInsert = BulkInsert {
    table: "registered_models",
    columns: &[
        ("name", Kind::Text),
        ("creation_time", Kind::Int),
        ("last_updated_time", Kind::Int),
        ("description", Kind::Text),
        ("workspace", Kind::Text),
    ],
    on_conflict: "ON CONFLICT (workspace, name) DO NOTHING",
};

pub(crate) const MODEL_TAG: BulkInsert = BulkInsert {
    table: "registered_model_tags",
    columns: &[
        ("key", Kind::Text),
        ("value", Kind::Text),
        ("name", Kind::Text),
        ("workspace", Kind::Text),
    ],
    on_conflict: "ON CONFLICT (workspace, key, name) DO UPDATE SET value = excluded.value",
};

pub(crate) const ALIAS: BulkInsert = BulkInsert {
    table: "registered_model_aliases",
    columns: &[
        ("alias", Kind::Text),
        ("version", Kind::Int),
        ("name", Kind::Text),
        ("workspace", Kind::Text),
    ],
    on_conflict: "ON CONFLICT (workspace, name, alias) DO UPDATE SET version = excluded.version",
};

pub(crate) const VERSION: BulkInsert = BulkInsert {
    table: "model_versions",
    columns: &[
        ("name", Kind::Text),
        ("version", Kind::Int),
        ("creation_time", Kind::Int),
        ("last_updated_time", Kind::Int),
        ("description", Kind::Text),
        ("user_id", Kind::Text),
        ("current_stage", Kind::Text),
        ("source", Kind::Text),
        ("run_id", Kind::Text),
        ("status", Kind::Text),
        ("status_message", Kind::Text),
        ("run_link", Kind::Text),
        ("storage_location", Kind::Text),
        ("workspace", Kind::Text),
    ],
    on_conflict: "ON CONFLICT (workspace, name, version) DO NOTHING",
};

pub(crate) const VERSION_TAG: BulkInsert = BulkInsert {
    table: "model_version_tags",
    columns: &[
        ("key", Kind::Text),
        ("value", Kind::Text),
        ("name", Kind::Text),
        ("version", Kind::Int),
        ("workspace", Kind::Text),
    ],
    on_conflict: "ON CONFLICT (workspace, key, name, version) DO UPDATE SET value = excluded.value",
};

/// A registered model without its versions, tags and aliases.
pub(crate) fn read_model(row: &Row<'_>) -> Result<RegisteredModel, DbError> {
    Ok(RegisteredModel {
        name: row.text(0)?,
        creation_timestamp_ms: row.int_or_null(1)?,
        last_updated_timestamp_ms: row.int_or_null(2)?,
        description: row.text_or_null(3)?,
        latest_versions: Vec::new(),
        tags: Vec::new(),
        aliases: Vec::new(),
    })
}

/// A version without its tags and aliases, from column `first` on.
pub(crate) fn read_version(row: &Row<'_>, first: usize) -> Result<ModelVersion, DbError> {
    Ok(ModelVersion {
        name: row.text(first)?,
        version: VersionNumber::from_row(row.int(first + 1)?),
        creation_timestamp_ms: row.int_or_null(first + 2)?,
        last_updated_timestamp_ms: row.int_or_null(first + 3)?,
        description: row.text_or_null(first + 4)?,
        user_id: row.text_or_null(first + 5)?,
        current_stage: row.text_or_null(first + 6)?,
        source: row.text_or_null(first + 7)?,
        storage_location: row.text_or_null(first + 8)?,
        run_id: row.text_or_null(first + 9)?,
        run_link: row.text_or_null(first + 10)?,
        status: row.text_or_null(first + 11)?,
        status_message: row.text_or_null(first + 12)?,
        tags: Vec::new(),
        aliases: Vec::new(),
    })
}
