//! Logged models with what is logged to them.

use std::collections::{HashMap, HashSet};

use oxflow_core::{LoggedModel, LoggedModelMetric, Tag};

use crate::driver::{BulkInsert, Kind};
use crate::{Result, Store};

const INSERT: BulkInsert = BulkInsert {
    table: "logged_models",
    columns: &[
        ("model_id", Kind::Text),
        ("experiment_id", Kind::Int),
        ("name", Kind::Text),
        ("artifact_location", Kind::Text),
        ("creation_timestamp_ms", Kind::Int),
        ("last_updated_timestamp_ms", Kind::Int),
        ("status", Kind::Int),
        ("lifecycle_stage", Kind::Text),
        ("model_type", Kind::Text),
        ("source_run_id", Kind::Text),
        ("status_message", Kind::Text),
    ],
    on_conflict: "ON CONFLICT (model_id) DO NOTHING",
};

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

const INSERT_TAG: BulkInsert = BulkInsert {
    table: "logged_model_tags",
    columns: &[
        ("model_id", Kind::Text),
        ("experiment_id", Kind::Int),
        ("tag_key", Kind::Text),
        ("tag_value", Kind::Text),
    ],
    on_conflict: "ON CONFLICT (model_id, tag_key) DO NOTHING",
};

const INSERT_POINT: BulkInsert = BulkInsert {
    table: "logged_model_metrics",
    columns: &[
        ("model_id", Kind::Text),
        ("metric_name", Kind::Text),
        ("metric_timestamp_ms", Kind::Int),
        ("metric_step", Kind::Int),
        ("metric_value", Kind::Real),
        ("experiment_id", Kind::Int),
        ("run_id", Kind::Text),
        ("dataset_name", Kind::Text),
        ("dataset_digest", Kind::Text),
    ],
    on_conflict: "ON CONFLICT (model_id, metric_name, metric_timestamp_ms, metric_step, run_id) DO NOTHING",
};

/// What became of points of a logged model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LoggedModelPoints {
    /// New ones.
    pub inserted: usize,
    /// Points of runs that the database does not have, which it cannot keep.
    pub of_unknown_runs: usize,
}

impl Store {
    /// Which of these logged models the database has, with the places of their artifacts.
    pub async fn find_logged_models_for_import(&self, ids: Vec<String>) -> Result<HashMap<String, String>> {
        self.read(move |tx| {
            let sql = format!(
                "SELECT model_id, artifact_location FROM logged_models WHERE model_id {}",
                tx.dialect().is_among("$1")
            );
            let rows = tx.query(&sql, &[ids.as_slice().into()], |row| {
                Ok((row.text(0)?, row.text(1)?))
            })?;
            Ok(rows.into_iter().collect())
        })
        .await
    }

    /// Imports logged models, all or none; their metrics follow with [`Self::import_logged_model_points`].
    pub async fn import_logged_models(&self, models: Vec<LoggedModel>) -> Result<()> {
        self.write(move |tx| {
            let rows = models.iter().map(|model| {
                [
                    model.model_id.as_str().into(),
                    model.experiment_id.get().into(),
                    (&model.name).into(),
                    (&model.artifact_location).into(),
                    model.creation_timestamp_ms.into(),
                    model.last_updated_timestamp_ms.into(),
                    model.status.code().into(),
                    model.lifecycle_stage.as_str().into(),
                    model.model_type.as_deref().into(),
                    model.source_run_id.as_deref().into(),
                    model.status_message.as_deref().into(),
                ]
            });
            tx.insert_many(&INSERT, rows)?;
            let pairs = |list: fn(&LoggedModel) -> &Vec<Tag>| {
                models.iter().flat_map(move |model| {
                    list(model).iter().map(|pair| {
                        [
                            model.model_id.as_str().into(),
                            model.experiment_id.get().into(),
                            (&pair.key).into(),
                            (&pair.value).into(),
                        ]
                    })
                })
            };
            tx.insert_many(&INSERT_PARAM, pairs(|model| &model.params))?;
            tx.insert_many(&INSERT_TAG, pairs(|model| &model.tags))?;
            Ok(())
        })
        .await
    }

    /// Adds points to a logged model; those that are there stay as they are.
    pub async fn import_logged_model_points(
        &self,
        model: LoggedModel,
        points: Vec<LoggedModelMetric>,
    ) -> Result<LoggedModelPoints> {
        self.write(move |tx| {
            let ids: HashSet<&str> = points.iter().map(|point| point.run_id.as_str()).collect();
            let ids: Vec<String> = ids.into_iter().map(str::to_owned).collect();
            let sql = format!(
                "SELECT run_uuid FROM runs WHERE run_uuid {}",
                tx.dialect().is_among("$1")
            );
            let known = tx.query(&sql, &[ids.as_slice().into()], |row| row.text(0))?;
            let known: HashSet<String> = known.into_iter().collect();
            let kept: Vec<&LoggedModelMetric> = points
                .iter()
                .filter(|point| known.contains(point.run_id.as_str()))
                .collect();
            let rows = kept.iter().map(|point| {
                [
                    model.model_id.as_str().into(),
                    (&point.key).into(),
                    point.timestamp_ms.into(),
                    point.step.into(),
                    point.value.stored.into(),
                    model.experiment_id.get().into(),
                    point.run_id.as_str().into(),
                    point.dataset_name.as_deref().into(),
                    point.dataset_digest.as_deref().into(),
                ]
            });
            Ok(LoggedModelPoints {
                inserted: tx.insert_many(&INSERT_POINT, rows)?,
                of_unknown_runs: points.len() - kept.len(),
            })
        })
        .await
    }
}
