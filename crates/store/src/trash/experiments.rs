//! Removing experiments for good.

use oxflow_core::{ExperimentId, LifecycleStage};

use super::pieces::ROWS_AT_ONCE;
use crate::{Change, Result, Store, Tx};

/// What belongs to an experiment and does not go by itself with its row, in an order that no foreign key minds.
///
/// SQLite gives the highest id again after its experiment is gone: what is counted by day of the old one must not be
/// seen as the new one's.
const CONTENTS: [&str; 8] = [
    "DELETE FROM sql_trace_rollup_rebuild_queue WHERE experiment_id = $1",
    "DELETE FROM sql_trace_metric_daily_rollups WHERE experiment_id = $1",
    "DELETE FROM sql_span_cost_daily_rollups WHERE experiment_id = $1",
    "DELETE FROM sql_assessment_daily_rollups WHERE experiment_id = $1",
    "DELETE FROM online_scoring_configs WHERE experiment_id = $1",
    "DELETE FROM trace_info WHERE experiment_id = $1",
    "DELETE FROM scorers WHERE experiment_id = $1",
    "DELETE FROM experiment_tags WHERE experiment_id = $1",
];

const CONTENTS_LEFT: &str = "
    SELECT 1 FROM runs WHERE experiment_id = $1
     UNION ALL
    SELECT 1 FROM logged_models WHERE experiment_id = $1
     LIMIT 1";

const DELETE: &str = "DELETE FROM experiments WHERE experiment_id = $1";

/// What became of an experiment that was to be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemovedExperiment {
    /// It is gone, with its tags, traces, scorers and datasets.
    Gone,
    /// It stays: it is not deleted any more, or was deleted again later.
    Restored,
    /// It stays: it still has runs or logged models.
    HasContents,
}

impl Store {
    /// Removes a deleted experiment that has neither runs nor logged models any more: its traces piece by piece, then all the
    /// rest at once. Between transactions others get a chance to write.
    pub async fn remove_experiment(
        &self,
        id: ExperimentId,
        deleted_by_ms: Option<i64>,
    ) -> Result<RemovedExperiment> {
        self.remove_experiment_piecewise(id, deleted_by_ms, ROWS_AT_ONCE, |_| {})
            .await
    }

    /// [`Store::remove_experiment`] with at most `rows_at_once` rows of traces, besides those of the traces themselves and the
    /// metrics of their spans, in a transaction. `tell` hears after each how many it removed.
    pub async fn remove_experiment_piecewise(
        &self,
        id: ExperimentId,
        deleted_by_ms: Option<i64>,
        rows_at_once: usize,
        tell: impl FnMut(usize),
    ) -> Result<RemovedExperiment> {
        match self.remove_traces(id, deleted_by_ms, rows_at_once, tell).await? {
            RemovedExperiment::Gone => {
                self.write(move |tx| tx.remove_experiment(id, deleted_by_ms))
                    .await
            }
            stays => Ok(stays),
        }
    }

    /// What [`Store::remove_experiment`] would do. Changes nothing.
    pub async fn look_at_experiment(
        &self,
        id: ExperimentId,
        deleted_by_ms: Option<i64>,
    ) -> Result<RemovedExperiment> {
        self.read(move |tx| tx.look_at_trashed(id, deleted_by_ms, ""))
            .await
    }
}

impl Tx<'_> {
    /// `Gone` if it may go.
    pub(super) fn look_at_trashed(
        &mut self,
        id: ExperimentId,
        deleted_by_ms: Option<i64>,
        lock: &str,
    ) -> Result<RemovedExperiment> {
        let sql = format!(
            "SELECT lifecycle_stage, last_update_time FROM experiments WHERE experiment_id = $1{lock}"
        );
        let found = self.query_first(&sql, &[id.get().into()], |row| {
            Ok((crate::experiments::stage(row, 0)?, row.int_or_null(1)?))
        })?;
        let is_to_go = found.is_none_or(|(stage, changed_ms)| {
            let is_old = deleted_by_ms.is_none_or(|by_ms| changed_ms.is_some_and(|changed| changed <= by_ms));
            stage == LifecycleStage::Deleted && is_old
        });
        if !is_to_go {
            return Ok(RemovedExperiment::Restored);
        }
        let left = self.query_first(CONTENTS_LEFT, &[id.get().into()], |_| Ok(()))?;
        Ok(match left {
            Some(()) => RemovedExperiment::HasContents,
            None => RemovedExperiment::Gone,
        })
    }

    fn remove_experiment(
        &mut self,
        id: ExperimentId,
        deleted_by_ms: Option<i64>,
    ) -> Result<RemovedExperiment> {
        let lock = self.dialect().for_deletion();
        let verdict = self.look_at_trashed(id, deleted_by_ms, lock)?;
        if verdict == RemovedExperiment::Gone {
            for statement in CONTENTS {
                self.execute(statement, &[id.get().into()])?;
            }
            self.execute(DELETE, &[id.get().into()])?;
            self.tell(|| Change::of_all_runs(id));
        }
        Ok(verdict)
    }
}
