//! What makes packed series outdated: older points, and runs that are removed for good.

use std::collections::HashMap;

use oxflow_core::{Metric, RunId};
use tracing::debug;

use super::headers::{json_list, list_item};
use crate::{DbError, Store, Tx, Value};

/// Runs whose remains are removed at one time.
const RUNS_AT_ONCE: i64 = 1000;

/// MLflow removes runs without a look at our tables, so nothing refers to a run.
const ABSENT_RUNS: &str = "
    SELECT DISTINCT h.run_uuid
      FROM oxflow_series h
     WHERE NOT EXISTS (SELECT 1 FROM runs r WHERE r.run_uuid = h.run_uuid)
     LIMIT $1";

impl Store {
    /// Removes the packed series of runs that are gone. Not to succeed is no error: nobody asks for them.
    pub(super) async fn forget_absent_runs(&self) {
        if !self.derived().is_time_to_sweep() {
            return;
        }
        if let Err(error) = self.write(|tx| Ok(tx.forget_absent_runs()?)).await {
            debug!(%error, "packed series of runs that are gone were not removed");
        }
    }
}

impl Tx<'_> {
    fn forget_absent_runs(&mut self) -> Result<(), DbError> {
        let absent = self.query(ABSENT_RUNS, &[RUNS_AT_ONCE.into()], |row| row.text(0))?;
        if absent.is_empty() {
            return Ok(());
        }
        for table in ["oxflow_series", "oxflow_series_chunks"] {
            let sql = format!(
                "DELETE FROM {table} WHERE run_uuid {}",
                self.dialect().is_among("$1")
            );
            self.execute(&sql, &[absent.as_slice().into()])?;
        }
        Ok(())
    }

    /// Notes that points of a run were written which lie before what is packed of their series.
    pub(crate) fn mark_behind(&mut self, run_id: &RunId, points: &[&Metric]) -> Result<(), DbError> {
        let mut first: HashMap<&str, (i64, i64)> = HashMap::new();
        for metric in points {
            let place = (metric.step, metric.timestamp_ms);
            let known = first.entry(metric.key.as_str()).or_insert(place);
            *known = place.min(*known);
        }
        let list: Vec<_> = first
            .iter()
            .map(|(key, (step, time))| list_item(run_id, key, &[*step, *time]))
            .collect();
        let sql = format!(
            "UPDATE oxflow_series SET is_behind = TRUE
              WHERE run_uuid = $1 AND NOT is_behind
                AND EXISTS (SELECT 1 FROM {} s WHERE s.key = oxflow_series.key
                               AND (s.step, s.time) <= (oxflow_series.last_step, oxflow_series.last_time))",
            self.dialect().series_list("$2", &["step", "time"])
        );
        self.execute(&sql, &[run_id.as_str().into(), Value::from(json_list(&list))])?;
        Ok(())
    }

    /// Notes that points of these runs were written at any place.
    pub(crate) fn mark_all_behind(&mut self, run_ids: &[String]) -> Result<(), DbError> {
        let sql = format!(
            "UPDATE oxflow_series SET is_behind = TRUE WHERE NOT is_behind AND run_uuid {}",
            self.dialect().is_among("$1")
        );
        self.execute(&sql, &[run_ids.into()])?;
        Ok(())
    }
}
