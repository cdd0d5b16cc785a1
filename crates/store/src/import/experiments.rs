//! Experiments: which one of the database is the one of the source, and making it.

use oxflow_core::{Experiment, ExperimentId};

use super::NameConflict;
use crate::driver::{BulkInsert, Kind};
use crate::experiments::{EXPERIMENT_COLUMNS, read_experiment};
use crate::{DbError, Result, Store, StoreError, Tx};

/// Tag that tells the id in the source, where the database needed another.
const SOURCE_ID_TAG: &str = "oxflow.import.experiment_id";

const INSERT: &str = "
    INSERT INTO experiments
           (experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time, workspace)
    VALUES ($1, $2, $3, $4, $5, $6, 'default')";

const INSERT_WITH_NEW_ID: &str = "
    INSERT INTO experiments (name, artifact_location, lifecycle_stage, creation_time, last_update_time, workspace)
    VALUES ($1, $2, $3, $4, $5, 'default')
    RETURNING experiment_id";

const SET_LOCATION: &str = "UPDATE experiments SET artifact_location = $1 WHERE experiment_id = $2";

/// Experiment 0 exists from the start; as long as nobody used it, it becomes that of the source.
const TAKE_OVER_DEFAULT: &str = "
    UPDATE experiments
       SET name = $1, artifact_location = COALESCE($2, artifact_location), lifecycle_stage = $3,
           creation_time = COALESCE($4, creation_time), last_update_time = COALESCE($5, last_update_time)
     WHERE experiment_id = 0";

const FIRST_RUN: &str = "SELECT 1 FROM runs WHERE experiment_id = $1 LIMIT 1";

const INSERT_TAG: BulkInsert = BulkInsert {
    table: "experiment_tags",
    columns: &[
        ("key", Kind::Text),
        ("value", Kind::Text),
        ("experiment_id", Kind::Int),
    ],
    on_conflict: "ON CONFLICT (key, experiment_id) DO NOTHING",
};

/// Where artifacts of new runs of an imported experiment go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportLocation {
    /// Where the source said.
    AsInSource,
    /// To the default root of the database, below the new id.
    BelowDefaultRoot,
}

/// An experiment to import.
#[derive(Debug, Clone)]
pub struct ExperimentImport {
    /// The experiment with its id, name, times, stage and tags in the source.
    pub source: Experiment,
    /// Its artifacts.
    pub location: ImportLocation,
    /// What to do if its name is taken by another experiment.
    pub on_conflict: NameConflict,
}

/// What became of an experiment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExperimentOutcome {
    /// It is new, under this id and name.
    Created {
        /// Its id.
        id: ExperimentId,
        /// Its name.
        name: String,
    },
    /// It was imported before, or is to be merged with this one.
    Existing(ExperimentId),
    /// Another experiment has its name; nothing was changed.
    NameTaken(ExperimentId),
}

impl Store {
    /// Makes an experiment of the source, or finds the one it became earlier.
    ///
    /// It is the same one if it has the id (or the tag that tells the old id) and the creation time or
    /// the name. It keeps its id, unless that is taken or does not fit the column.
    pub async fn import_experiment(&self, import: ExperimentImport) -> Result<ExperimentOutcome> {
        let root = self.default_artifact_root().to_owned();
        self.write(move |tx| tx.import_experiment(&import, &root)).await
    }

    /// Tells what [`Self::import_experiment`] would answer if it refused conflicts, and changes nothing.
    /// `None` if it would create the experiment.
    pub async fn look_for_experiment(&self, source: Experiment) -> Result<Option<ExperimentOutcome>> {
        self.read(move |tx| {
            if source.id == ExperimentId::DEFAULT {
                return Ok(Some(ExperimentOutcome::Existing(source.id)));
            }
            if let Some(id) = tx.find_imported(&source)? {
                return Ok(Some(ExperimentOutcome::Existing(id)));
            }
            Ok(tx.id_of_name(&source.name)?.map(ExperimentOutcome::NameTaken))
        })
        .await
    }
}

impl Tx<'_> {
    fn import_experiment(&mut self, import: &ExperimentImport, root: &str) -> Result<ExperimentOutcome> {
        let source = &import.source;
        if source.id == ExperimentId::DEFAULT {
            self.take_over_default(import)?;
            self.insert_experiment_tags(source, source.id)?;
            return Ok(ExperimentOutcome::Existing(source.id));
        }
        if let Some(id) = self.find_imported(source)? {
            self.insert_experiment_tags(source, id)?;
            return Ok(ExperimentOutcome::Existing(id));
        }
        let mut name = source.name.clone();
        if let Some(holder) = self.id_of_name(&name)? {
            match import.on_conflict {
                NameConflict::Refuse => return Ok(ExperimentOutcome::NameTaken(holder)),
                NameConflict::Merge => {
                    self.insert_experiment_tags(source, holder)?;
                    return Ok(ExperimentOutcome::Existing(holder));
                }
                NameConflict::Rename => name = renamed(source),
            }
            if let Some(holder) = self.id_of_name(&name)? {
                return Ok(ExperimentOutcome::NameTaken(holder));
            }
        }
        let id = self.insert_experiment(source, &name)?;
        if import.location == ImportLocation::BelowDefaultRoot {
            self.execute(SET_LOCATION, &[format!("{root}/{id}").into(), id.get().into()])?;
        }
        self.insert_experiment_tags(source, id)?;
        if id != source.id || name != source.name {
            let tag = [
                SOURCE_ID_TAG.into(),
                source.id.to_string().into(),
                id.get().into(),
            ];
            self.insert_many(&INSERT_TAG, [tag])?;
        }
        Ok(ExperimentOutcome::Created { id, name })
    }

    fn insert_experiment(&mut self, source: &Experiment, name: &str) -> Result<ExperimentId> {
        let location = source.artifact_location.as_deref();
        let stage = source.lifecycle_stage.as_str();
        let (created, updated) = (source.creation_time_ms, source.last_update_time_ms);
        let fits = source.id.get() <= self.dialect().largest_kept_experiment_id();
        if fits && self.find_experiment(source.id)?.is_none() {
            self.execute(
                INSERT,
                &[
                    source.id.get().into(),
                    name.into(),
                    location.into(),
                    stage.into(),
                    created.into(),
                    updated.into(),
                ],
            )?;
            if let Some(sql) = self.dialect().after_own_experiment_id() {
                self.query_first(sql, &[], |_| Ok(()))?;
            }
            return Ok(source.id);
        }
        let id = self.query_first(
            INSERT_WITH_NEW_ID,
            &[
                name.into(),
                location.into(),
                stage.into(),
                created.into(),
                updated.into(),
            ],
            |row| row.int(0).map(ExperimentId::from_row),
        )?;
        id.ok_or_else(|| StoreError::from(DbError::unexpected("an insert returned no id".to_owned())))
    }

    /// The experiment that the source became in an earlier import, or simply has here.
    fn find_imported(&mut self, source: &Experiment) -> Result<Option<ExperimentId>, DbError> {
        if let Some(existing) = self.find_experiment(source.id)?
            && is_same(&existing, source)
        {
            return Ok(Some(existing.id));
        }
        let columns: Vec<String> = EXPERIMENT_COLUMNS
            .split(", ")
            .map(|name| format!("e.{name}"))
            .collect();
        let sql = format!(
            "SELECT {}
               FROM experiment_tags t
               JOIN experiments e ON e.experiment_id = t.experiment_id
              WHERE t.key = $1 AND t.value = $2
              ORDER BY e.experiment_id",
            columns.join(", ")
        );
        let parameters = [SOURCE_ID_TAG.into(), source.id.to_string().into()];
        let candidates = self.query(&sql, &parameters, read_experiment)?;
        let found = candidates.iter().find(|existing| is_same(existing, source));
        Ok(found.map(|existing| existing.id))
    }

    fn take_over_default(&mut self, import: &ExperimentImport) -> Result<()> {
        let source = &import.source;
        let Some(existing) = self.find_experiment(ExperimentId::DEFAULT)? else {
            return Ok(());
        };
        let is_taken_over = existing.creation_time_ms == source.creation_time_ms;
        if is_taken_over || self.query_first(FIRST_RUN, &[0.into()], |_| Ok(()))?.is_some() {
            return Ok(());
        }
        let name_is_free = self
            .id_of_name(&source.name)?
            .is_none_or(|holder| holder == source.id);
        let name = if name_is_free {
            &source.name
        } else {
            &existing.name
        };
        let location = match import.location {
            ImportLocation::AsInSource => source.artifact_location.as_deref(),
            ImportLocation::BelowDefaultRoot => None,
        };
        self.execute(
            TAKE_OVER_DEFAULT,
            &[
                name.into(),
                location.into(),
                source.lifecycle_stage.as_str().into(),
                source.creation_time_ms.into(),
                source.last_update_time_ms.into(),
            ],
        )?;
        Ok(())
    }

    fn insert_experiment_tags(&mut self, source: &Experiment, id: ExperimentId) -> Result<(), DbError> {
        let rows = source
            .tags
            .iter()
            .map(|tag| [(&tag.key).into(), (&tag.value).into(), id.get().into()]);
        self.insert_many(&INSERT_TAG, rows)?;
        Ok(())
    }

    fn id_of_name(&mut self, name: &str) -> Result<Option<ExperimentId>, DbError> {
        let sql = "SELECT experiment_id FROM experiments WHERE workspace = 'default' AND name = $1";
        self.query_first(sql, &[name.into()], |row| row.int(0).map(ExperimentId::from_row))
    }
}

/// Whether the experiment of the database is that of the source: made at the same millisecond, or of
/// the same name (experiments of MLflow before 1.29 have no creation time; one may also be renamed later).
fn is_same(existing: &Experiment, source: &Experiment) -> bool {
    let same_time = source.creation_time_ms.is_some() && existing.creation_time_ms == source.creation_time_ms;
    same_time || existing.name == source.name || existing.name == renamed(source)
}

fn renamed(source: &Experiment) -> String {
    format!("{} (imported {})", source.name, source.id)
}

impl ExperimentOutcome {
    /// The experiment that takes the runs, if one does.
    pub fn id(&self) -> Option<ExperimentId> {
        match self {
            Self::Created { id, .. } | Self::Existing(id) => Some(*id),
            Self::NameTaken(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use oxflow_core::LifecycleStage;

    use super::*;

    fn experiment(id: i64, name: &str, creation_time_ms: Option<i64>) -> Experiment {
        Experiment {
            id: ExperimentId::from_row(id),
            name: name.to_owned(),
            artifact_location: None,
            lifecycle_stage: LifecycleStage::Active,
            creation_time_ms,
            last_update_time_ms: None,
            tags: Vec::new(),
        }
    }

    #[test]
    fn an_experiment_is_known_by_its_creation_time_or_its_name() {
        let source = experiment(7, "a", Some(5));
        assert!(is_same(&experiment(7, "renamed since", Some(5)), &source));
        assert!(is_same(&experiment(8, "a (imported 7)", None), &source));
        assert!(!is_same(&experiment(7, "b", Some(6)), &source));
        assert!(!is_same(&experiment(7, "b", None), &experiment(7, "a", None)));
    }
}
