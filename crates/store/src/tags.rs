//! Tags of runs.

use std::collections::BTreeMap;

use oxflow_core::{Key, RUN_NAME_TAG, Run, RunId};
use oxflow_search::python_json;
use serde_json::Value as Json;

use crate::conditions::at_position;
use crate::driver::{BulkInsert, Kind};
use crate::experiments::read_tag;
use crate::{Change, DbError, Result, Store, StoreError, Tx, What};

/// The tag that lists the models which clients before MLflow 3 logged.
const MODEL_HISTORY_TAG: &str = "mlflow.log-model.history";

const UPSERT: BulkInsert = BulkInsert {
    table: "tags",
    columns: &[
        ("key", Kind::Text),
        ("value", Kind::Text),
        ("run_uuid", Kind::Text),
    ],
    on_conflict: "ON CONFLICT (key, run_uuid) DO UPDATE SET value = excluded.value",
};

const SET_NAME: &str = "UPDATE runs SET name = $1 WHERE run_uuid = $2";

const SELECT_ONE: &str = "SELECT value FROM tags WHERE key = $1 AND run_uuid = $2";

const DELETE: &str = "DELETE FROM tags WHERE key = $1 AND run_uuid = $2";

impl Store {
    /// Sets a tag of an active run.
    pub async fn set_run_tag(&self, id: RunId, key: Key, value: String) -> Result<()> {
        self.write(move |tx| {
            let run = tx.require_active_run(&id)?;
            tx.set_run_tags(&id, &[(key.clone(), value.clone())])?;
            tx.tell(|| Change::of_run(&run, [What::Tags]));
            Ok(())
        })
        .await
    }

    /// Removes a tag of an active run; it must be there. The name of the run stays.
    pub async fn delete_run_tag(&self, id: RunId, key: String) -> Result<()> {
        self.write(move |tx| tx.delete_run_tag(&id, &key)).await
    }

    /// Appends the description of a model to the list in the tag `mlflow.log-model.history`.
    pub async fn append_model_history(&self, id: RunId, model: Json) -> Result<()> {
        self.write(move |tx| {
            // Two clients that append at once must not lose each other's model.
            let run = tx.lock_active_run(&id)?;
            let stored = tx.query_first(
                SELECT_ONE,
                &[MODEL_HISTORY_TAG.into(), id.as_str().into()],
                |row| row.text_or_null(0),
            )?;
            let mut models = match stored.flatten().map(|text| serde_json::from_str(&text)) {
                Some(Ok(Json::Array(models))) => models,
                _ => Vec::new(),
            };
            models.push(model.clone());
            tx.upsert_run_tag(&id, MODEL_HISTORY_TAG, &python_json(&models))?;
            tx.tell(|| Change::of_run(&run, [What::Tags]));
            Ok(())
        })
        .await
    }
}

/// The value of each key: of a repeated one the last. In key order, so that everybody locks rows in one order.
pub(crate) fn last_of_key(tags: &[(Key, String)]) -> BTreeMap<&str, &str> {
    let pairs = tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    pairs.collect()
}

impl Tx<'_> {
    /// Sets tags; of a repeated key the last one counts. A new `mlflow.runName` renames the run.
    pub(crate) fn set_run_tags(&mut self, run_id: &RunId, tags: &[(Key, String)]) -> Result<()> {
        // The run before its tags: every write locks rows in this order, so that no two wait for each other.
        if let Some((_, name)) = tags.iter().rev().find(|(key, _)| key.as_str() == RUN_NAME_TAG) {
            self.execute(SET_NAME, &[name.into(), run_id.as_str().into()])?;
        }
        self.upsert_run_tags(
            run_id,
            tags.iter().map(|(key, value)| (key.as_str(), value.as_str())),
        )?;
        Ok(())
    }

    /// Removes a tag of an active run; it must be there.
    pub(crate) fn delete_run_tag(&mut self, id: &RunId, key: &str) -> Result<()> {
        let run = self.require_active_run(id)?;
        if self.execute(DELETE, &[key.into(), id.as_str().into()])? == 0 {
            let (key, id) = (key.to_owned(), id.clone());
            return Err(StoreError::NoRunTag { key, id });
        }
        self.tell(|| Change::of_run(&run, [What::Tags]));
        Ok(())
    }

    /// Writes tag rows sorted by key, so that concurrent batches lock rows in one order.
    pub(crate) fn upsert_run_tags<'t>(
        &mut self,
        run_id: &RunId,
        tags: impl Iterator<Item = (&'t str, &'t str)>,
    ) -> Result<(), DbError> {
        let last_of_key: BTreeMap<&str, &str> = tags.collect();
        let rows = last_of_key
            .into_iter()
            .map(|(key, value)| [key.into(), value.into(), run_id.as_str().into()]);
        self.insert_many(&UPSERT, rows)?;
        Ok(())
    }

    pub(crate) fn upsert_run_tag(&mut self, run_id: &RunId, key: &str, value: &str) -> Result<(), DbError> {
        self.insert_many(&UPSERT, [[key.into(), value.into(), run_id.as_str().into()]])?;
        Ok(())
    }

    /// Reads the tags of the runs of a page.
    pub(crate) fn fill_tags(&mut self, ids: &[String], runs: &mut [Run]) -> Result<(), DbError> {
        let sql = format!(
            "SELECT page.position, t.key, t.value
               FROM {} page
               CROSS JOIN tags t WHERE t.run_uuid = page.id",
            self.dialect().ids_with_position("$1")
        );
        self.for_each(&sql, &[ids.into()], |row| {
            at_position(row, runs)?.tags.push(read_tag(row, 1)?);
            Ok(())
        })
    }
}
