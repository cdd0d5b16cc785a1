//! Experiments: create, read, change, delete, restore, tags.

use std::collections::{BTreeMap, HashMap, HashSet};

use oxflow_auth::ResourceType;
use oxflow_core::{
    DatasetSummary, Experiment, ExperimentId, ExperimentName, Key, LifecycleStage, NewExperiment, RunId, Tag,
    limits::MAX_SEARCH_DATASETS_ROWS,
};

use crate::driver::{BulkInsert, Kind};
use crate::schema::DEFAULT_EXPERIMENT_NAME;
use crate::{Change, DbError, PendingOwner, Result, Row, Store, StoreError, Tx, Value};

/// Where an experiment keeps artifacts: a row without a location means the default root.
pub(crate) fn location_or_default(experiment: &Experiment, default_root: &str) -> String {
    let default = || format!("{default_root}/{}", experiment.id);
    experiment
        .artifact_location
        .clone()
        .filter(|location| !location.is_empty())
        .unwrap_or_else(default)
}

/// The columns that [`read_experiment`] reads, in its order.
pub(crate) const EXPERIMENT_COLUMNS: &str =
    "experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time";

const SELECT_BY_ID: &str = "
    SELECT experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time
      FROM experiments
     WHERE experiment_id = $1";

const SELECT_BY_NAME: &str = "
    SELECT experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time
      FROM experiments
     WHERE workspace = 'default' AND name = $1";

const INSERT: &str = "
    INSERT INTO experiments (name, artifact_location, lifecycle_stage, creation_time, last_update_time, workspace)
    VALUES ($1, $2, 'active', $3, $3, 'default')
    ON CONFLICT (workspace, name) DO NOTHING
    RETURNING experiment_id";

const INSERT_DEFAULT: &str = "
    INSERT INTO experiments
           (experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time, workspace)
    VALUES (0, $1, $2, 'active', $3, $3, 'default')
    ON CONFLICT DO NOTHING";

const SET_LOCATION: &str = "UPDATE experiments SET artifact_location = $1 WHERE experiment_id = $2";

const RENAME: &str = "UPDATE experiments SET name = $1, last_update_time = $2 WHERE experiment_id = $3";

const SET_STAGE: &str =
    "UPDATE experiments SET lifecycle_stage = $1, last_update_time = $2 WHERE experiment_id = $3";

const DELETE_ITS_RUNS: &str =
    "UPDATE runs SET lifecycle_stage = 'deleted', deleted_time = $1 WHERE experiment_id = $2";

const RESTORE_ITS_RUNS: &str =
    "UPDATE runs SET lifecycle_stage = 'active', deleted_time = NULL WHERE experiment_id = $1";

const UPSERT_TAG: BulkInsert = BulkInsert {
    table: "experiment_tags",
    columns: &[
        ("key", Kind::Text),
        ("value", Kind::Text),
        ("experiment_id", Kind::Int),
    ],
    on_conflict: "ON CONFLICT (key, experiment_id) DO UPDATE SET value = excluded.value",
};

const DELETE_TAG: &str = "DELETE FROM experiment_tags WHERE key = $1 AND experiment_id = $2";

const SELECT_TAGS: &str = "
    SELECT experiment_id, key, value
      FROM experiment_tags
     WHERE experiment_id ";

impl Store {
    /// Creates an experiment. Its location is fixed to `<default root>/<id>` if none is given.
    pub async fn create_experiment(&self, new: NewExperiment) -> Result<ExperimentId> {
        let (root, notes_owners) = (self.default_artifact_root().to_owned(), self.notes_owners());
        self.write(move |tx| {
            let location = new.artifact_location.as_deref();
            let inserted = tx.query_first(
                INSERT,
                &[new.name.as_str().into(), location.into(), new.now_ms.into()],
                |row| experiment_id(row, 0),
            )?;
            let Some(id) = inserted else {
                return Err(tx.name_is_taken(new.name.as_str())?);
            };
            if location.is_none() {
                tx.execute(SET_LOCATION, &[format!("{root}/{id}").into(), id.get().into()])?;
            }
            // Of a repeated key the last one counts.
            let tags: BTreeMap<&str, &str> = new
                .tags
                .iter()
                .map(|(key, value)| (key.as_str(), value.as_str()))
                .collect();
            let rows = tags
                .into_iter()
                .map(|(key, value)| [key.into(), value.into(), id.get().into()]);
            tx.insert_many(&UPSERT_TAG, rows)?;
            if let Some(user_id) = new.creator.filter(|_| notes_owners) {
                let pending = PendingOwner {
                    resource_type: ResourceType::Experiment,
                    resource_id: id.to_string(),
                    user_id,
                };
                tx.note_pending_owner(&pending, new.now_ms)?;
            }
            tx.tell(|| Change::of_experiment(id));
            Ok(id)
        })
        .await
    }

    /// The experiment with an id, deleted ones too.
    pub async fn get_experiment(&self, id: ExperimentId) -> Result<Experiment> {
        self.read(move |tx| tx.get_experiment(id)).await
    }

    /// The experiment with a name, deleted ones too.
    pub async fn get_experiment_by_name(&self, name: &str) -> Result<Experiment> {
        let name = name.to_owned();
        self.read(move |tx| {
            let found = tx.query_first(SELECT_BY_NAME, &[(&name).into()], read_experiment)?;
            let Some(experiment) = found else {
                return Err(StoreError::NoExperimentNamed { name: name.clone() });
            };
            tx.with_tags(experiment)
        })
        .await
    }

    /// Renames an active experiment.
    pub async fn rename_experiment(&self, id: ExperimentId, name: ExperimentName, now_ms: i64) -> Result<()> {
        self.write(move |tx| {
            let experiment = tx
                .find_experiment_to_change(id)?
                .ok_or(StoreError::NoSuchExperiment { id })?;
            if experiment.lifecycle_stage != LifecycleStage::Active {
                return Err(StoreError::RenameDeletedExperiment);
            }
            match tx.try_execute(RENAME, &[name.as_str().into(), now_ms.into(), id.get().into()]) {
                Err(error) if error.is_constraint() => Err(tx.name_is_taken(name.as_str())?),
                other => {
                    other?;
                    tx.tell(|| Change::of_experiment(id));
                    Ok(())
                }
            }
        })
        .await
    }

    /// Moves an active experiment and all its runs to the trash.
    pub async fn delete_experiment(&self, id: ExperimentId, now_ms: i64) -> Result<()> {
        self.write(move |tx| {
            tx.require_stage(id, LifecycleStage::Active)?;
            tx.execute(SET_STAGE, &["deleted".into(), now_ms.into(), id.get().into()])?;
            tx.execute(DELETE_ITS_RUNS, &[now_ms.into(), id.get().into()])?;
            tx.tell(|| Change::of_all_runs(id));
            Ok(())
        })
        .await
    }

    /// Takes a deleted experiment and all its runs out of the trash, as MLflow does also those runs
    /// that were deleted one by one before.
    pub async fn restore_experiment(&self, id: ExperimentId, now_ms: i64) -> Result<()> {
        self.write(move |tx| {
            tx.require_stage(id, LifecycleStage::Deleted)?;
            tx.execute(SET_STAGE, &["active".into(), now_ms.into(), id.get().into()])?;
            tx.execute(RESTORE_ITS_RUNS, &[id.get().into()])?;
            tx.tell(|| Change::of_all_runs(id));
            Ok(())
        })
        .await
    }

    /// The experiments whose artifacts are not in the folder of their own below the default root, each with its location.
    pub async fn experiments_with_locations(&self) -> Result<Vec<(ExperimentId, String)>> {
        let root = self.default_artifact_root().to_owned();
        self.read(move |tx| {
            let found = tx.query(
                "SELECT experiment_id, artifact_location FROM experiments
                  WHERE artifact_location <> $1 || '/' || CAST(experiment_id AS VARCHAR(20))",
                &[root.as_str().into()],
                |row| Ok((experiment_id(row, 0)?, row.text(1)?)),
            )?;
            Ok(found)
        })
        .await
    }

    /// The experiment of each run; unknown runs have none.
    pub async fn experiments_by_run(&self, ids: Vec<RunId>) -> Result<HashMap<RunId, ExperimentId>> {
        self.read(move |tx| {
            let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
            let sql = format!(
                "SELECT run_uuid, experiment_id FROM runs WHERE experiment_id IS NOT NULL AND run_uuid {}",
                tx.dialect().is_among("$1")
            );
            let found = tx.query(&sql, &[ids.as_slice().into()], |row| {
                Ok((RunId::from_row(row.text(0)?), experiment_id(row, 1)?))
            })?;
            Ok(found.into_iter().collect())
        })
        .await
    }

    /// The experiments that runs are in; unknown runs are in none.
    pub async fn experiments_of_runs(&self, ids: Vec<RunId>) -> Result<HashSet<ExperimentId>> {
        self.read(move |tx| {
            let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
            let sql = format!(
                "SELECT DISTINCT experiment_id FROM runs WHERE experiment_id IS NOT NULL AND run_uuid {}",
                tx.dialect().is_among("$1")
            );
            let found = tx.query(&sql, &[ids.as_slice().into()], |row| experiment_id(row, 0))?;
            Ok(found.into_iter().collect())
        })
        .await
    }

    /// Sets a tag of an active experiment.
    pub async fn set_experiment_tag(&self, id: ExperimentId, key: Key, value: String) -> Result<()> {
        self.write(move |tx| {
            tx.require_active_experiment(id)?;
            let row = [key.as_str().into(), (&value).into(), id.get().into()];
            tx.insert_many(&UPSERT_TAG, [row])?;
            tx.tell(|| Change::of_experiment(id));
            Ok(())
        })
        .await
    }

    /// Removes a tag of an active experiment; it must be there.
    pub async fn delete_experiment_tag(&self, id: ExperimentId, key: String) -> Result<()> {
        self.write(move |tx| {
            tx.require_active_experiment(id)?;
            if tx.execute(DELETE_TAG, &[(&key).into(), id.get().into()])? == 0 {
                let key = key.clone();
                return Err(StoreError::NoExperimentTag { key, id });
            }
            tx.tell(|| Change::of_experiment(id));
            Ok(())
        })
        .await
    }

    /// The datasets that runs of some experiments used, each with its contexts, at most 1000 lines.
    pub async fn search_datasets(&self, ids: Vec<ExperimentId>) -> Result<Vec<DatasetSummary>> {
        self.read(move |tx| {
            let ids: Vec<i64> = ids.iter().map(|id| id.get()).collect();
            let sql = format!(
                "SELECT DISTINCT d.experiment_id, d.name, d.digest, t.value
                   FROM datasets d
                   JOIN inputs i ON i.source_id = d.dataset_uuid AND i.source_type = 'DATASET'
                   LEFT JOIN input_tags t ON t.input_uuid = i.input_uuid AND t.name = 'mlflow.data.context'
                  WHERE d.experiment_id {}
                  ORDER BY d.experiment_id, d.name, d.digest, t.value
                  LIMIT {MAX_SEARCH_DATASETS_ROWS}",
                tx.dialect().is_among("$1")
            );
            Ok(tx.query(&sql, &[ids.as_slice().into()], |row| {
                Ok(DatasetSummary {
                    experiment_id: experiment_id(row, 0)?,
                    name: row.text(1)?,
                    digest: row.text(2)?,
                    context: row.text_or_null(3)?,
                })
            })?)
        })
        .await
    }
}

impl Tx<'_> {
    pub(crate) fn ensure_default_experiment(&mut self, location: &str, now_ms: i64) -> Result<(), DbError> {
        let is_there = self.query_first(SELECT_BY_ID, &[0.into()], |_| Ok(()))?.is_some();
        if !is_there {
            self.execute(
                INSERT_DEFAULT,
                &[DEFAULT_EXPERIMENT_NAME.into(), location.into(), now_ms.into()],
            )?;
        }
        Ok(())
    }

    /// The experiment without its tags.
    pub(crate) fn find_experiment(&mut self, id: ExperimentId) -> Result<Option<Experiment>, DbError> {
        self.query_first(SELECT_BY_ID, &[id.get().into()], read_experiment)
    }

    /// The experiment, which nobody else changes until the end of the transaction.
    pub(crate) fn find_experiment_to_change(
        &mut self,
        id: ExperimentId,
    ) -> Result<Option<Experiment>, DbError> {
        let sql = format!("{SELECT_BY_ID}{}", self.dialect().for_update());
        self.query_first(&sql, &[id.get().into()], read_experiment)
    }

    pub(crate) fn require_active_experiment(&mut self, id: ExperimentId) -> Result<Experiment> {
        let experiment = self
            .find_experiment(id)?
            .ok_or(StoreError::NoSuchExperiment { id })?;
        match experiment.lifecycle_stage {
            LifecycleStage::Active => Ok(experiment),
            stage @ LifecycleStage::Deleted => Err(StoreError::ExperimentNotActive { id, stage }),
        }
    }

    fn get_experiment(&mut self, id: ExperimentId) -> Result<Experiment> {
        let experiment = self
            .find_experiment(id)?
            .ok_or(StoreError::NoSuchExperiment { id })?;
        self.with_tags(experiment)
    }

    /// As MLflow: an experiment of the other stage counts as missing.
    fn require_stage(&mut self, id: ExperimentId, stage: LifecycleStage) -> Result<()> {
        match self.find_experiment_to_change(id)? {
            Some(experiment) if experiment.lifecycle_stage == stage => Ok(()),
            _ => Err(StoreError::NoSuchExperiment { id }),
        }
    }

    fn with_tags(&mut self, mut experiment: Experiment) -> Result<Experiment> {
        self.fill_experiment_tags(std::slice::from_mut(&mut experiment))?;
        Ok(experiment)
    }

    /// Reads the tags of experiments, with one statement.
    pub(crate) fn fill_experiment_tags(&mut self, experiments: &mut [Experiment]) -> Result<(), DbError> {
        self.fill_tags_where("", experiments)
    }

    /// The same without views of ours, which are up to 200 of 4,000 bytes each.
    pub(crate) fn fill_experiment_tags_but_views(
        &mut self,
        experiments: &mut [Experiment],
    ) -> Result<(), DbError> {
        self.fill_tags_where(" AND key NOT LIKE 'oxflow.view.%'", experiments)
    }

    fn fill_tags_where(&mut self, condition: &str, experiments: &mut [Experiment]) -> Result<(), DbError> {
        let ids: Vec<i64> = experiments.iter().map(|experiment| experiment.id.get()).collect();
        let position_of: HashMap<i64, usize> = ids.iter().enumerate().map(|(i, id)| (*id, i)).collect();
        let sql = format!(
            "{SELECT_TAGS}{}{condition} ORDER BY experiment_id, key",
            self.dialect().is_among("$1")
        );
        self.for_each(&sql, &[Value::from(ids.as_slice())], |row| {
            if let Some(position) = position_of.get(&row.int(0)?) {
                experiments[*position].tags.push(read_tag(row, 1)?);
            }
            Ok(())
        })
    }

    fn name_is_taken(&mut self, name: &str) -> Result<StoreError, DbError> {
        let holder = self.query_first(SELECT_BY_NAME, &[name.into()], read_experiment)?;
        let holder = match holder {
            Some(other) if other.lifecycle_stage == LifecycleStage::Deleted => {
                format!(
                    "the deleted experiment {}; restore it, or choose another name",
                    other.id
                )
            }
            Some(other) => format!("experiment {}", other.id),
            None => "another experiment".to_owned(),
        };
        Ok(StoreError::ExperimentExists {
            name: name.to_owned(),
            holder,
        })
    }
}

pub(crate) fn read_experiment(row: &Row<'_>) -> Result<Experiment, DbError> {
    Ok(Experiment {
        id: experiment_id(row, 0)?,
        name: row.text(1)?,
        artifact_location: row.text_or_null(2)?,
        lifecycle_stage: stage(row, 3)?,
        creation_time_ms: row.int_or_null(4)?,
        last_update_time_ms: row.int_or_null(5)?,
        tags: Vec::new(),
    })
}

pub(crate) fn experiment_id(row: &Row<'_>, column: usize) -> Result<ExperimentId, DbError> {
    row.int(column).map(ExperimentId::from_row)
}

pub(crate) fn stage(row: &Row<'_>, column: usize) -> Result<LifecycleStage, DbError> {
    Ok(LifecycleStage::from_row(
        &row.text_or_null(column)?.unwrap_or_default(),
    ))
}

/// A key and a value in two columns; a NULL value reads as empty.
pub(crate) fn read_tag(row: &Row<'_>, key_column: usize) -> Result<Tag, DbError> {
    Ok(Tag {
        key: row.text(key_column)?,
        value: row.text_or_null(key_column + 1)?.unwrap_or_default(),
    })
}
