//! Removing logged models for good.

use std::collections::HashSet;

use oxflow_core::ModelId;

use super::REMOVED_AT_ONCE;
use crate::{DbError, Result, Store, Tx, Value};

/// Tables whose rows belong to a logged model by `model_id`. The database would remove them with it; MLflow names them too.
const CHILDREN: [&str; 3] = ["logged_model_metrics", "logged_model_params", "logged_model_tags"];

/// What has to be deleted for a logged model to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelsGo {
    /// The model itself, at this time or before if one is given, ms since 1970.
    Deleted(Option<i64>),
    /// Its experiment.
    WithExperiment,
}

impl Store {
    /// Those of some logged models that are still to go.
    pub async fn logged_models_in_trash(&self, ids: Vec<ModelId>, go: ModelsGo) -> Result<HashSet<ModelId>> {
        self.read(move |tx| {
            let found = tx.models_in_trash(&texts(&ids), go, "")?;
            Ok(found.into_iter().map(ModelId::from_row).collect())
        })
        .await
    }

    /// Removes logged models with their params, tags and points, some hundred at a time; those that are no longer to go
    /// stay. Returns those that were removed.
    pub async fn remove_logged_models(&self, ids: Vec<ModelId>, go: ModelsGo) -> Result<Vec<ModelId>> {
        let mut removed = Vec::new();
        for batch in ids.chunks(REMOVED_AT_ONCE) {
            let ids = texts(batch);
            let gone = self.write(move |tx| Ok(tx.remove_models(&ids, go)?)).await?;
            removed.extend(gone.into_iter().map(ModelId::from_row));
        }
        Ok(removed)
    }
}

impl Tx<'_> {
    fn models_in_trash(&mut self, ids: &[String], go: ModelsGo, lock: &str) -> Result<Vec<String>, DbError> {
        let mut values: Vec<Value<'_>> = vec![ids.into()];
        let among = self.dialect().is_among("$1");
        let mut sql = format!("SELECT m.model_id FROM logged_models m WHERE m.model_id {among}");
        match go {
            ModelsGo::Deleted(None) => sql += " AND m.lifecycle_stage = 'deleted'",
            ModelsGo::Deleted(Some(by_ms)) => {
                sql += " AND m.lifecycle_stage = 'deleted' AND m.last_updated_timestamp_ms <= $2";
                values.push(by_ms.into());
            }
            ModelsGo::WithExperiment => {
                sql += " AND EXISTS (SELECT 1 FROM experiments e
                                      WHERE e.experiment_id = m.experiment_id AND e.lifecycle_stage = 'deleted')";
            }
        }
        sql += " ORDER BY m.model_id";
        sql += lock;
        self.query(&sql, &values, |row| row.text(0))
    }

    fn remove_models(&mut self, ids: &[String], go: ModelsGo) -> Result<Vec<String>, DbError> {
        let lock = self.dialect().for_deletion();
        let ids = self.models_in_trash(ids, go, lock)?;
        if !ids.is_empty() {
            for table in CHILDREN {
                self.delete_by(table, "model_id", &ids)?;
            }
            self.delete_by("logged_models", "model_id", &ids)?;
        }
        Ok(ids)
    }
}

fn texts(ids: &[ModelId]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}
