//! Logged models: create, read, finish, delete, params, tags, metrics.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use oxflow_core::{
    ExperimentId, Invalid, LifecycleStage, LoggedModel, LoggedModelMetric, LoggedModelStatus, Metric,
    MetricValue, ModelId, NewLoggedModel, RunId, RunInfo, Tag,
};

use crate::conditions::at_position;
use crate::driver::{BulkInsert, Kind};
use crate::experiments::{experiment_id, location_or_default, read_tag, stage};
use crate::{DbError, Result, Row, Store, StoreError, Tx, Value};

/// The columns that [`read_logged_model`] reads, in its order; the table is called `m`.
pub(crate) const LOGGED_MODEL_COLUMNS: &str = "m.model_id, m.experiment_id, m.name, m.artifact_location, \
     m.creation_timestamp_ms, m.last_updated_timestamp_ms, m.status, m.lifecycle_stage, m.model_type, \
     m.source_run_id, m.status_message";

const INSERT: &str = "
    INSERT INTO logged_models
           (model_id, experiment_id, name, artifact_location, creation_timestamp_ms, last_updated_timestamp_ms,
            status, lifecycle_stage, model_type, source_run_id, status_message)
    VALUES ($1, $2, $3, $4, $5, $5, $6, 'active', $7, $8, NULL)";

const SET_STATUS: &str =
    "UPDATE logged_models SET status = $1, last_updated_timestamp_ms = $2 WHERE model_id = $3";

const DELETE: &str = "
    UPDATE logged_models
       SET lifecycle_stage = 'deleted', last_updated_timestamp_ms = $1
     WHERE model_id = $2";

const DELETE_TAG: &str = "DELETE FROM logged_model_tags WHERE model_id = $1 AND tag_key = $2";

const LOCK: &str = "SELECT 1 FROM logged_models WHERE model_id = $1";

const SELECT_TAG: &str = "SELECT tag_value FROM logged_model_tags WHERE model_id = $1 AND tag_key = $2";

const INSERT_PARAM: BulkInsert = BulkInsert {
    table: "logged_model_params",
    columns: &[
        ("model_id", Kind::Text),
        ("experiment_id", Kind::Int),
        ("param_key", Kind::Text),
        ("param_value", Kind::Text),
    ],
    on_conflict: "ON CONFLICT (model_id, param_key) DO NOTHING",
};

const UPSERT_TAG: BulkInsert = BulkInsert {
    table: "logged_model_tags",
    columns: &[
        ("model_id", Kind::Text),
        ("experiment_id", Kind::Int),
        ("tag_key", Kind::Text),
        ("tag_value", Kind::Text),
    ],
    on_conflict: "ON CONFLICT (model_id, tag_key) DO UPDATE SET tag_value = excluded.tag_value",
};

const INSERT_METRIC: BulkInsert = BulkInsert {
    table: "logged_model_metrics",
    columns: &[
        ("model_id", Kind::Text),
        ("metric_name", Kind::Text),
        ("metric_timestamp_ms", Kind::Int),
        ("metric_step", Kind::Int),
        ("metric_value", Kind::Real),
        ("experiment_id", Kind::Int),
        ("run_id", Kind::Text),
        ("dataset_uuid", Kind::Text),
        ("dataset_name", Kind::Text),
        ("dataset_digest", Kind::Text),
    ],
    on_conflict: "ON CONFLICT DO NOTHING",
};

impl Store {
    /// Creates a logged model in an active experiment, pending. `artifact_uri` makes its URI out of
    /// the experiment's.
    pub async fn create_logged_model(
        &self,
        new: NewLoggedModel,
        artifact_uri: impl Fn(&str, &ModelId) -> Result<String, Invalid> + Send + 'static,
    ) -> Result<LoggedModel> {
        let default_root = self.default_artifact_root().to_owned();
        self.write(move |tx| {
            let experiment = tx.require_active_experiment(new.experiment_id)?;
            let uri = artifact_uri(&location_or_default(&experiment, &default_root), &new.model_id)?;
            tx.execute(
                INSERT,
                &[
                    new.model_id.as_str().into(),
                    new.experiment_id.get().into(),
                    new.name.as_str().into(),
                    uri.into(),
                    new.now_ms.into(),
                    LoggedModelStatus::Pending.code().into(),
                    (&new.model_type).into(),
                    (&new.source_run_id).into(),
                ],
            )?;
            let model = tx
                .find_logged_model(&new.model_id)?
                .ok_or_else(|| no_such_model(&new.model_id))?;
            tx.insert_logged_model_params(&model, &new.params)?;
            tx.upsert_logged_model_tags(&model, &new.tags)?;
            tx.tell_source_run_of(&model)?;
            tx.get_logged_model(&new.model_id, true)
        })
        .await
    }

    /// A logged model with its params, tags and metrics; deleted ones if `allow_deleted`.
    pub async fn get_logged_model(&self, id: ModelId, allow_deleted: bool) -> Result<LoggedModel> {
        self.read(move |tx| tx.get_logged_model(&id, allow_deleted)).await
    }

    /// The experiment of a logged model, deleted or not; `None` if there is no such model.
    pub async fn experiment_of_logged_model(&self, id: ModelId) -> Result<Option<ExperimentId>> {
        self.read(move |tx| {
            let experiment = tx.query_first(
                "SELECT experiment_id FROM logged_models WHERE model_id = $1",
                &[id.as_str().into()],
                |row| row.int(0),
            )?;
            Ok(experiment.map(ExperimentId::from_row))
        })
        .await
    }

    /// A logged model without its params, tags and metrics; not a deleted one.
    pub async fn get_logged_model_info(&self, id: ModelId) -> Result<LoggedModel> {
        self.read(move |tx| tx.get_active_model_row(&id)).await
    }

    /// Sets the state of a logged model.
    pub async fn finalize_logged_model(
        &self,
        id: ModelId,
        status: LoggedModelStatus,
        now_ms: i64,
    ) -> Result<LoggedModel> {
        self.write(move |tx| {
            tx.execute(
                SET_STATUS,
                &[status.code().into(), now_ms.into(), id.as_str().into()],
            )?;
            let model = tx.get_logged_model(&id, true)?;
            tx.tell_source_run_of(&model)?;
            Ok(model)
        })
        .await
    }

    /// Moves a logged model to the trash; a deleted one only gets a new time of change.
    pub async fn delete_logged_model(&self, id: ModelId, now_ms: i64) -> Result<()> {
        self.write(move |tx| {
            let model = tx.find_logged_model(&id)?.ok_or_else(|| no_such_model(&id))?;
            tx.execute(DELETE, &[now_ms.into(), id.as_str().into()])?;
            Ok(tx.tell_source_run_of(&model)?)
        })
        .await
    }

    /// Adds params to a logged model; none may be there already.
    pub async fn log_logged_model_params(&self, id: ModelId, params: Vec<Tag>) -> Result<()> {
        self.write(move |tx| {
            let model = tx.find_logged_model(&id)?.ok_or_else(|| no_such_model(&id))?;
            tx.insert_logged_model_params(&model, &params)
        })
        .await
    }

    /// Sets tags of a logged model; of a repeated key the last one counts.
    pub async fn set_logged_model_tags(&self, id: ModelId, tags: Vec<Tag>) -> Result<()> {
        self.write(move |tx| {
            tx.lock_logged_model(&id)?;
            let model = tx.find_logged_model(&id)?.ok_or_else(|| no_such_model(&id))?;
            Ok(tx.upsert_logged_model_tags(&model, &tags)?)
        })
        .await
    }

    /// Removes a tag of a logged model; it must be there.
    pub async fn delete_logged_model_tag(&self, id: ModelId, key: String) -> Result<()> {
        self.write(move |tx| {
            tx.lock_logged_model(&id)?;
            if tx.execute(DELETE_TAG, &[id.as_str().into(), (&key).into()])? == 0 {
                return Err(StoreError::NoLoggedModelTag {
                    key: key.clone(),
                    id: id.to_string(),
                });
            }
            Ok(())
        })
        .await
    }
}

fn no_such_model(id: &ModelId) -> StoreError {
    StoreError::NoSuchLoggedModel { id: id.to_string() }
}

impl Tx<'_> {
    /// The columns of a logged model; deleted ones too.
    pub(crate) fn find_logged_model(&mut self, id: &ModelId) -> Result<Option<LoggedModel>, DbError> {
        let sql = format!("SELECT {LOGGED_MODEL_COLUMNS} FROM logged_models m WHERE m.model_id = $1");
        self.query_first(&sql, &[id.as_str().into()], read_logged_model)
    }

    /// Tells that a model of a run is another than before.
    fn tell_source_run_of(&mut self, model: &LoggedModel) -> Result<(), DbError> {
        self.tell_inputs_of(model.source_run_id.as_deref().unwrap_or_default())
    }

    fn get_active_model_row(&mut self, id: &ModelId) -> Result<LoggedModel> {
        self.find_logged_model(id)?
            .filter(|model| model.lifecycle_stage == LifecycleStage::Active)
            .ok_or_else(|| no_such_model(id))
    }

    fn get_logged_model(&mut self, id: &ModelId, allow_deleted: bool) -> Result<LoggedModel> {
        let mut model = if allow_deleted {
            self.find_logged_model(id)?.ok_or_else(|| no_such_model(id))?
        } else {
            self.get_active_model_row(id)?
        };
        self.fill_logged_models(std::slice::from_mut(&mut model))?;
        Ok(model)
    }

    /// A tag of a logged model; nobody else changes its tags until the end.
    pub(crate) fn lock_tag_of_logged_model(&mut self, id: &ModelId, key: &str) -> Result<Option<String>> {
        self.lock_logged_model(id)?;
        let value = self.query_first(SELECT_TAG, &[id.as_str().into(), key.into()], |row| {
            row.text_or_null(0)
        })?;
        Ok(value.flatten())
    }

    /// Makes others who change the tags of a logged model wait.
    fn lock_logged_model(&mut self, id: &ModelId) -> Result<()> {
        let sql = format!("{LOCK}{}", self.dialect().for_update());
        let found = self.query_first(&sql, &[id.as_str().into()], |_| Ok(()))?;
        found.ok_or_else(|| no_such_model(id))
    }

    /// Sets a tag of a logged model that is there.
    pub(crate) fn set_tag_of_logged_model(&mut self, id: &ModelId, tag: &Tag) -> Result<()> {
        let model = self.find_logged_model(id)?.ok_or_else(|| no_such_model(id))?;
        Ok(self.upsert_logged_model_tags(&model, std::slice::from_ref(tag))?)
    }

    fn insert_logged_model_params(&mut self, model: &LoggedModel, params: &[Tag]) -> Result<()> {
        let exists = |key: &str| StoreError::LoggedModelParamExists {
            id: model.model_id.clone(),
            key: key.to_owned(),
        };
        let mut sorted = BTreeMap::new();
        for param in params {
            if sorted.insert(param.key.as_str(), param.value.as_str()).is_some() {
                return Err(exists(&param.key));
            }
        }
        let rows = sorted.iter().map(|(key, value)| {
            [
                model.model_id.as_str().into(),
                model.experiment_id.get().into(),
                (*key).into(),
                (*value).into(),
            ]
        });
        let keys: Vec<String> = sorted.keys().map(|key| (*key).to_owned()).collect();
        let there = format!(
            "SELECT param_key FROM logged_model_params WHERE model_id = $1 AND param_key {} ORDER BY param_key",
            self.dialect().is_among("$2")
        );
        let id = model.model_id.as_str().into();
        let there = self.query_first(&there, &[id, keys.as_slice().into()], |row| row.text(0))?;
        if let Some(key) = there {
            return Err(exists(&key));
        }
        if self.insert_many(&INSERT_PARAM, rows)? < params.len() {
            // Another request was first, between the look and the insert.
            return Err(exists(params.first().map_or("", |param| &param.key)));
        }
        Ok(())
    }

    fn upsert_logged_model_tags(&mut self, model: &LoggedModel, tags: &[Tag]) -> Result<(), DbError> {
        let last_of_key: BTreeMap<&str, &str> = tags
            .iter()
            .map(|tag| (tag.key.as_str(), tag.value.as_str()))
            .collect();
        let rows = last_of_key.into_iter().map(|(key, value)| {
            [
                model.model_id.as_str().into(),
                model.experiment_id.get().into(),
                key.into(),
                value.into(),
            ]
        });
        self.insert_many(&UPSERT_TAG, rows)?;
        Ok(())
    }

    /// Stores those points of a run that name a logged model also as that model's. The same point again
    /// changes nothing; another value at the same place is refused.
    pub(crate) fn insert_logged_model_metrics(&mut self, run: &RunInfo, metrics: &[Metric]) -> Result<()> {
        let points = points_of_models(metrics)?;
        if points.is_empty() {
            return Ok(());
        }
        let models: BTreeSet<&ModelId> = points.keys().map(|place| place.model_id).collect();
        let models: Vec<String> = models.into_iter().map(ModelId::to_string).collect();
        self.require_known_models(run, &models, metrics)?;
        let rows = points.iter().map(|(place, point)| {
            [
                place.model_id.as_str().into(),
                place.key.into(),
                place.timestamp_ms.into(),
                place.step.into(),
                point.stored.into(),
                run.experiment_id.get().into(),
                run.run_id.as_str().into(),
                Value::Null,
                point.dataset_name.into(),
                point.dataset_digest.into(),
            ]
        });
        if self.insert_many(&INSERT_METRIC, rows)? == points.len() {
            return Ok(());
        }
        let sql = format!(
            "SELECT model_id, metric_name, metric_timestamp_ms, metric_step, metric_value
               FROM logged_model_metrics
              WHERE run_id = $1 AND model_id {}",
            self.dialect().is_among("$2")
        );
        let mut other = None;
        self.for_each(
            &sql,
            &[run.run_id.as_str().into(), models.as_slice().into()],
            |row| {
                let (model_id, key) = (ModelId::from_row(row.text(0)?), row.text(1)?);
                let place = PointPlace {
                    model_id: &model_id,
                    key: &key,
                    timestamp_ms: row.int(2)?,
                    step: row.int(3)?,
                };
                let stored = row.real_or_null(4)?;
                if points
                    .get(&place)
                    .is_some_and(|point| Some(point.stored) != stored)
                {
                    other = Some((model_id, key));
                }
                Ok(())
            },
        )?;
        match other {
            Some((id, key)) => Err(StoreError::LoggedModelMetricExists { id, key }),
            None => Ok(()),
        }
    }

    fn require_known_models(&mut self, run: &RunInfo, models: &[String], metrics: &[Metric]) -> Result<()> {
        let sql = format!(
            "SELECT model_id FROM logged_models WHERE model_id {}",
            self.dialect().is_among("$1")
        );
        let known: HashSet<String> = self
            .query(&sql, &[models.into()], |row| row.text(0))?
            .into_iter()
            .collect();
        for metric in metrics {
            if let Some(source) = &metric.source
                && !known.contains(source.model_id.as_str())
            {
                return Err(StoreError::MetricOfUnknownModel {
                    id: source.model_id.clone(),
                    key: metric.key.as_str().to_owned(),
                    run_id: run.run_id.clone(),
                });
            }
        }
        Ok(())
    }

    /// Reads tags, params and metrics of models: one statement for each.
    pub(crate) fn fill_logged_models(&mut self, models: &mut [LoggedModel]) -> Result<(), DbError> {
        let ids: Vec<String> = models.iter().map(|model| model.model_id.to_string()).collect();
        let page = self.dialect().ids_with_position("$1");
        let sql = format!(
            "SELECT page.position, t.tag_key, t.tag_value
               FROM {page} page CROSS JOIN logged_model_tags t WHERE t.model_id = page.id"
        );
        self.for_each(&sql, &[ids.as_slice().into()], |row| {
            at_position(row, models)?.tags.push(read_tag(row, 1)?);
            Ok(())
        })?;
        let sql = format!(
            "SELECT page.position, p.param_key, p.param_value
               FROM {page} page CROSS JOIN logged_model_params p WHERE p.model_id = page.id"
        );
        self.for_each(&sql, &[ids.as_slice().into()], |row| {
            at_position(row, models)?.params.push(read_tag(row, 1)?);
            Ok(())
        })?;
        let sql = format!(
            "SELECT page.position, s.metric_name, s.metric_value, s.metric_timestamp_ms, s.metric_step, s.run_id,
                    s.dataset_name, s.dataset_digest
               FROM {page} page CROSS JOIN logged_model_metrics s WHERE s.model_id = page.id"
        );
        self.for_each(&sql, &[ids.as_slice().into()], |row| {
            at_position(row, models)?.metrics.push(LoggedModelMetric {
                key: row.text(1)?,
                // The column is nullable, and SQLite turns a NaN into NULL.
                value: MetricValue::new(row.real_or_null(2)?.unwrap_or(f64::NAN)),
                timestamp_ms: row.int(3)?,
                step: row.int(4)?,
                run_id: RunId::from_row(row.text(5)?),
                dataset_name: row.text_or_null(6)?,
                dataset_digest: row.text_or_null(7)?,
            });
            Ok(())
        })
    }
}

/// Where a point of a logged model stands: its primary key, within one run.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct PointPlace<'m> {
    model_id: &'m ModelId,
    key: &'m str,
    timestamp_ms: i64,
    step: i64,
}

/// What stands there.
#[derive(Debug)]
struct PointOfModel<'m> {
    stored: f64,
    dataset_name: Option<&'m str>,
    dataset_digest: Option<&'m str>,
}

/// The points that name a logged model, each place once, in the order of the table.
fn points_of_models(metrics: &[Metric]) -> Result<BTreeMap<PointPlace<'_>, PointOfModel<'_>>> {
    let mut points = BTreeMap::new();
    for metric in metrics {
        let Some(source) = &metric.source else { continue };
        let place = PointPlace {
            model_id: &source.model_id,
            key: metric.key.as_str(),
            timestamp_ms: metric.timestamp_ms,
            step: metric.step,
        };
        let point = points.entry(place).or_insert(PointOfModel {
            stored: metric.value.stored,
            dataset_name: source.dataset_name.as_deref(),
            dataset_digest: source.dataset_digest.as_deref(),
        });
        if point.stored != metric.value.stored {
            return Err(StoreError::LoggedModelMetricExists {
                id: source.model_id.clone(),
                key: metric.key.as_str().to_owned(),
            });
        }
    }
    Ok(points)
}

pub(crate) fn read_logged_model(row: &Row<'_>) -> Result<LoggedModel, DbError> {
    Ok(LoggedModel {
        model_id: ModelId::from_row(row.text(0)?),
        experiment_id: experiment_id(row, 1)?,
        name: row.text(2)?,
        artifact_location: row.text(3)?,
        creation_timestamp_ms: row.int(4)?,
        last_updated_timestamp_ms: row.int(5)?,
        status: LoggedModelStatus::from_row(row.int(6)?),
        lifecycle_stage: stage(row, 7)?,
        model_type: row.text_or_null(8)?,
        source_run_id: row.text_or_null(9)?,
        status_message: row.text_or_null(10)?,
        tags: Vec::new(),
        params: Vec::new(),
        metrics: Vec::new(),
    })
}
