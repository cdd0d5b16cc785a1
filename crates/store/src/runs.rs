//! Runs: create, read, change, delete, restore; one batch of metrics, params and tags.

use std::sync::Arc;

use oxflow_core::{
    ExperimentId, Invalid, Key, LifecycleStage, Metric, NewRun, Param, RUN_NAME_TAG, Run, RunId, RunInfo,
    RunStatus, RunUpdate,
};

use crate::experiments::{experiment_id, location_or_default, stage};
use crate::metrics::Derived;
use crate::{Change, DbError, Result, Row, Store, StoreError, Tx, What};

/// The columns that [`read_run_info`] reads, in its order; the table is called `r`.
pub(crate) const RUN_COLUMNS: &str = "r.run_uuid, r.experiment_id, r.name, r.user_id, r.status, r.start_time, \
     r.end_time, r.artifact_uri, r.lifecycle_stage";

const SELECT_BY_ID: &str = "
    SELECT r.run_uuid, r.experiment_id, r.name, r.user_id, r.status, r.start_time,
           r.end_time, r.artifact_uri, r.lifecycle_stage
      FROM runs r
     WHERE r.run_uuid = $1";

/// The same, and whether there are packed series that new points may lie before.
const SELECT_FOR_POINTS: &str = "
    SELECT r.run_uuid, r.experiment_id, r.name, r.user_id, r.status, r.start_time,
           r.end_time, r.artifact_uri, r.lifecycle_stage,
           EXISTS (SELECT 1 FROM oxflow_series h WHERE h.run_uuid = r.run_uuid)
      FROM runs r
     WHERE r.run_uuid = $1";

const INSERT: &str = "
    INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time,
                      end_time, source_version, lifecycle_stage, artifact_uri, experiment_id, deleted_time)
    VALUES ($1, $2, 'UNKNOWN', '', '', $3, 'RUNNING', $4, NULL, '', 'active', $5, $6, NULL)";

const UPDATE: &str = "
    UPDATE runs
       SET status = COALESCE($1, status), end_time = COALESCE($2, end_time), name = COALESCE($3, name)
     WHERE run_uuid = $4";

const DELETE: &str = "UPDATE runs SET lifecycle_stage = 'deleted', deleted_time = $1 WHERE run_uuid = $2";

const RESTORE: &str = "UPDATE runs SET lifecycle_stage = 'active', deleted_time = NULL WHERE run_uuid = $1";

/// Requests with more points than this do not share a transaction with others.
const MOST_JOINED_POINTS: usize = 64;

/// What one `log-batch` writes, valid by itself.
#[derive(Debug, Clone, Default)]
pub struct RunBatch {
    /// Points, in any order, perhaps repeated.
    pub metrics: Vec<Metric>,
    /// Params, each key once.
    pub params: Vec<Param>,
    /// Tags; of a repeated key the last one counts.
    pub tags: Vec<(Key, String)>,
}

impl RunBatch {
    /// What the batch changes of its run.
    fn change(&self, run: &RunInfo) -> Change {
        let parts = [
            (What::Metrics, self.metrics.is_empty()),
            (What::Params, self.params.is_empty()),
            (What::Tags, self.tags.is_empty()),
        ];
        let changed = parts.into_iter().filter(|(_, is_empty)| !is_empty);
        let what: Vec<What> = changed.map(|(what, _)| what).collect();
        Change::of_run(run, what).with_points(&self.metrics)
    }

    /// Whether it is points of a run alone, few enough that a transaction of their own costs more than they do.
    fn is_few_points(&self) -> bool {
        let count = self.metrics.len();
        (1..=MOST_JOINED_POINTS).contains(&count)
            && self.params.is_empty()
            && self.tags.is_empty()
            && self.metrics.iter().all(|metric| metric.source.is_none())
    }
}

impl Store {
    /// Creates a run in an active experiment. `artifact_uri` makes its URI out of the experiment's.
    pub async fn create_run(
        &self,
        new: NewRun,
        artifact_uri: impl Fn(&str, &RunId) -> Result<String, Invalid> + Send + 'static,
    ) -> Result<Run> {
        let default_root = self.default_artifact_root().to_owned();
        self.write(move |tx| {
            let experiment = tx.require_active_experiment(new.experiment_id)?;
            let uri = artifact_uri(&location_or_default(&experiment, &default_root), &new.run_id)?;
            tx.execute(
                INSERT,
                &[
                    new.run_id.as_str().into(),
                    (&new.name).into(),
                    (&new.user_id).into(),
                    new.start_time_ms.into(),
                    uri.into(),
                    new.experiment_id.get().into(),
                ],
            )?;
            let tags = new.tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str()));
            tx.upsert_run_tags(&new.run_id, tags)?;
            let run = tx.get_run(&new.run_id)?;
            tx.tell(|| Change::of_run(&run.info, [What::Created]));
            Ok(run)
        })
        .await
    }

    /// A run with everything logged to it; deleted ones too.
    pub async fn get_run(&self, id: RunId) -> Result<Run> {
        self.read(move |tx| tx.get_run(&id)).await
    }

    /// One of some ids that no run has, if there is one.
    pub async fn find_unknown_run(&self, ids: Vec<RunId>) -> Result<Option<RunId>> {
        let texts: Vec<String> = ids.iter().map(RunId::to_string).collect();
        let known = self
            .read(move |tx| {
                let sql = format!(
                    "SELECT r.run_uuid FROM runs r WHERE r.run_uuid {}",
                    tx.dialect().is_among("$1")
                );
                Ok(tx.query(&sql, &[texts.as_slice().into()], |row| row.text(0))?)
            })
            .await?;
        Ok(ids
            .into_iter()
            .find(|id| !known.iter().any(|known| known == id.as_str())))
    }

    /// The columns of a run; deleted ones too.
    pub async fn get_run_info(&self, id: RunId) -> Result<RunInfo> {
        self.read(move |tx| tx.require_run(&id)).await
    }

    /// Changes an active run. A new name also becomes its tag `mlflow.runName`.
    pub async fn update_run(&self, id: RunId, update: RunUpdate) -> Result<RunInfo> {
        self.write(move |tx| tx.update_run(&id, &update)).await
    }

    /// Moves a run to the trash; a deleted one only gets a new time of deletion.
    pub async fn delete_run(&self, id: RunId, now_ms: i64) -> Result<()> {
        self.write(move |tx| tx.delete_run(&id, now_ms)).await
    }

    /// Takes a run out of the trash; an active one stays as it is.
    pub async fn restore_run(&self, id: RunId) -> Result<()> {
        self.write(move |tx| tx.restore_run(&id)).await
    }

    /// Logs a batch to an active run, whole or not at all.
    pub async fn log_batch(&self, id: RunId, batch: RunBatch) -> Result<()> {
        if self.joins_points() && batch.is_few_points() {
            return self.log_points(id, batch.metrics).await;
        }
        let derived = Arc::clone(self.derived());
        self.write(move |tx| {
            let (run, has_packed) = tx.require_run_for_points(&id, &derived)?;
            tx.insert_params(&id, &batch.params)?;
            tx.append_metrics(&run, &batch.metrics, has_packed)?;
            tx.set_run_tags(&id, &batch.tags)?;
            tx.tell(|| batch.change(&run));
            Ok(())
        })
        .await
    }

    /// Logs one point to an active run.
    pub async fn log_metric(&self, id: RunId, metric: Metric) -> Result<()> {
        let batch = RunBatch {
            metrics: vec![metric],
            ..RunBatch::default()
        };
        self.log_batch(id, batch).await
    }

    /// Logs one param to an active run; the same value again is fine, another is refused.
    pub async fn log_param(&self, id: RunId, param: Param) -> Result<()> {
        self.write(move |tx| {
            let run = tx.require_active_run(&id)?;
            tx.insert_param(&id, &param)?;
            tx.tell(|| Change::of_run(&run, [What::Params]));
            Ok(())
        })
        .await
    }
}

impl Tx<'_> {
    pub(crate) fn require_run(&mut self, id: &RunId) -> Result<RunInfo> {
        self.query_first(SELECT_BY_ID, &[id.as_str().into()], read_run_info)?
            .ok_or_else(|| StoreError::NoSuchRun { id: id.to_string() })
    }

    pub(crate) fn require_active_run(&mut self, id: &RunId) -> Result<RunInfo> {
        active(self.require_run(id)?)
    }

    /// The active run, and whether series of it are packed.
    fn require_run_for_points(&mut self, id: &RunId, derived: &Derived) -> Result<(RunInfo, bool)> {
        if derived.is_there() {
            let read = self.query_first(SELECT_FOR_POINTS, &[id.as_str().into()], |row| {
                Ok((read_run_info(row)?, row.truth(9)?))
            });
            if let Some((run, has_packed)) = self.or_nothing(read, derived)? {
                return Ok((active(run)?, has_packed));
            }
        }
        Ok((self.require_active_run(id)?, false))
    }

    /// The active run, which nobody else changes until the end of the transaction.
    pub(crate) fn lock_active_run(&mut self, id: &RunId) -> Result<RunInfo> {
        let sql = format!("{SELECT_BY_ID}{}", self.dialect().for_update());
        let run = self.query_first(&sql, &[id.as_str().into()], read_run_info)?;
        active(run.ok_or_else(|| StoreError::NoSuchRun { id: id.to_string() })?)
    }

    /// Changes an active run. A new name also becomes its tag `mlflow.runName`.
    pub(crate) fn update_run(&mut self, id: &RunId, update: &RunUpdate) -> Result<RunInfo> {
        self.lock_active_run(id)?;
        self.execute(
            UPDATE,
            &[
                update.status.map(RunStatus::as_str).into(),
                update.end_time_ms.into(),
                update.run_name.as_deref().into(),
                id.as_str().into(),
            ],
        )?;
        if let Some(name) = &update.run_name {
            self.upsert_run_tag(id, RUN_NAME_TAG, name)?;
        }
        let run = self.require_run(id)?;
        self.tell(|| Change::of_run(&run, [What::Status]));
        Ok(run)
    }

    /// Tells that something went into a run or came out of it, if there is such a run.
    pub(crate) fn tell_inputs_of(&mut self, run_id: &str) -> Result<(), DbError> {
        if run_id.is_empty() || self.news().is_none() {
            return Ok(());
        }
        if let Some(run) = self.query_first(SELECT_BY_ID, &[run_id.into()], read_run_info)? {
            self.tell(|| Change::of_run(&run, [What::Inputs]));
        }
        Ok(())
    }

    pub(crate) fn delete_run(&mut self, id: &RunId, now_ms: i64) -> Result<()> {
        let run = self.require_run(id)?;
        self.execute(DELETE, &[now_ms.into(), id.as_str().into()])?;
        self.tell(|| Change::of_run(&run, [What::Deleted]));
        Ok(())
    }

    pub(crate) fn restore_run(&mut self, id: &RunId) -> Result<()> {
        let run = self.require_run(id)?;
        self.execute(RESTORE, &[id.as_str().into()])?;
        self.tell(|| Change::of_run(&run, [What::Created]));
        Ok(())
    }

    fn get_run(&mut self, id: &RunId) -> Result<Run> {
        let info = self.require_run(id)?;
        let mut runs = self.with_data(vec![info])?;
        let mut run = runs
            .pop()
            .ok_or_else(|| StoreError::NoSuchRun { id: id.to_string() })?;
        run.model_inputs = self.model_inputs(id)?;
        Ok(run)
    }

    /// Runs with their latest metrics, params, tags, datasets and outputs: one statement for each.
    pub(crate) fn with_data(&mut self, infos: Vec<RunInfo>) -> Result<Vec<Run>, DbError> {
        let ids: Vec<String> = infos.iter().map(|info| info.run_id.to_string()).collect();
        let mut runs: Vec<Run> = infos
            .into_iter()
            .map(|info| Run {
                info,
                metrics: Vec::new(),
                params: Vec::new(),
                tags: Vec::new(),
                dataset_inputs: Vec::new(),
                model_inputs: Vec::new(),
                model_outputs: Vec::new(),
            })
            .collect();
        if runs.is_empty() {
            return Ok(runs);
        }
        self.fill_latest_metrics(&ids, &mut runs)?;
        self.fill_params(&ids, &mut runs)?;
        self.fill_tags(&ids, &mut runs)?;
        self.fill_dataset_inputs(&ids, &mut runs)?;
        self.fill_model_outputs(&ids, &mut runs)?;
        Ok(runs)
    }
}

pub(crate) fn active(run: RunInfo) -> Result<RunInfo> {
    match run.lifecycle_stage {
        LifecycleStage::Active => Ok(run),
        stage @ LifecycleStage::Deleted => Err(StoreError::RunNotActive {
            id: run.run_id,
            stage,
        }),
    }
}

pub(crate) fn read_run_info(row: &Row<'_>) -> Result<RunInfo, DbError> {
    let status = row.text_or_null(4)?.unwrap_or_default();
    Ok(RunInfo {
        run_id: RunId::from_row(row.text(0)?),
        experiment_id: match row.int_or_null(1)? {
            Some(_) => experiment_id(row, 1)?,
            None => ExperimentId::DEFAULT,
        },
        run_name: row.text_or_null(2)?,
        user_id: row.text_or_null(3)?,
        // The column allows NULL, which no version of MLflow writes.
        status: RunStatus::from_name(&status).unwrap_or(RunStatus::Running),
        start_time_ms: row.int_or_null(5)?,
        end_time_ms: row.int_or_null(6)?,
        artifact_uri: row.text_or_null(7)?,
        lifecycle_stage: stage(row, 8)?,
    })
}
