//! Removing logged models for good.

use std::collections::HashSet;
use std::time::Instant;

use oxflow_core::ModelId;

use super::pieces::{ROWS_AT_ONCE, Rows, give_way, parts};
use crate::{DbError, Result, Store, Tx, Value};

/// Rows that belong to a logged model. The database would remove them with it; MLflow names them too.
pub(super) const CHILDREN: [Rows; 3] = [
    by_model("logged_model_metrics"),
    by_model("logged_model_params"),
    by_model("logged_model_tags"),
];

pub(super) const MODELS: Rows = by_model("logged_models");

const fn by_model(table: &'static str) -> Rows {
    Rows {
        table,
        column: "model_id",
    }
}

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
        self.remove_logged_models_piecewise(ids, go, ROWS_AT_ONCE, |_| {})
            .await
    }

    /// [`Store::remove_logged_models`] with at most `rows_at_once` rows, besides those of the models, in a transaction. `tell`
    /// hears after each how many it removed.
    pub async fn remove_logged_models_piecewise(
        &self,
        ids: Vec<ModelId>,
        go: ModelsGo,
        rows_at_once: usize,
        mut tell: impl FnMut(usize),
    ) -> Result<Vec<ModelId>> {
        let mut gone = Vec::new();
        let sizes = self.sizes(texts(&ids), &CHILDREN).await?;
        for part in parts(&sizes, rows_at_once) {
            let mut is_large = part.iter().any(|size| size.rows > rows_at_once);
            loop {
                let ids: Vec<String> = part.iter().map(|size| size.id.clone()).collect();
                let started = Instant::now();
                let ((removed, rows), dialect) = self
                    .write(move |tx| {
                        let lock = tx.dialect().for_deletion();
                        let found = tx.models_in_trash(&ids, go, lock)?;
                        let removed = match (is_large, found.as_slice()) {
                            (true, [id]) => (Vec::new(), tx.delete_some(&CHILDREN, id, rows_at_once)?),
                            _ => tx.remove_models(found)?,
                        };
                        Ok((removed, tx.dialect()))
                    })
                    .await?;
                tell(rows);
                give_way(dialect, started.elapsed()).await;
                gone.extend(removed.into_iter().map(ModelId::from_row));
                if !is_large {
                    break;
                }
                is_large = rows == rows_at_once;
            }
        }
        Ok(gone)
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

    /// Removes models as they were found; returns them, and how many rows belonged to them.
    fn remove_models(&mut self, ids: Vec<String>) -> Result<(Vec<String>, usize), DbError> {
        let mut rows = 0;
        if !ids.is_empty() {
            for children in CHILDREN {
                rows += self.delete_by(children, &ids)?;
            }
            self.delete_by(MODELS, &ids)?;
        }
        Ok((ids, rows))
    }
}

fn texts(ids: &[ModelId]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}
