//! Removing runs for good.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Instant;

use oxflow_core::{ExperimentId, RunId};

use super::pieces::{ROWS_AT_ONCE, Rows, give_way, parts};
use crate::metrics::Derived;
use crate::{Change, DbError, Result, Store, Tx, Value};

/// Rows that hang on a run and keep it from being removed; those of the last table would go with it, each with a look of
/// its own.
pub(super) const CHILDREN: [Rows; 5] = [
    by_run("metrics"),
    by_run("latest_metrics"),
    by_run("params"),
    by_run("tags"),
    Rows {
        table: "logged_model_metrics",
        column: "run_id",
    },
];

/// Tables of ours, to which nothing refers. They have a row for some thousand points.
const PACKED: [Rows; 2] = [by_run("oxflow_series"), by_run("oxflow_series_chunks")];

pub(super) const RUNS: Rows = by_run("runs");

const fn by_run(table: &'static str) -> Rows {
    Rows {
        table,
        column: "run_uuid",
    }
}

/// What a transaction removed.
#[derive(Debug, Default)]
struct Removed {
    runs: Vec<String>,
    rows: usize,
}

impl Store {
    /// Those of some runs that are still deleted, since a time or before if one is given.
    pub async fn runs_in_trash(&self, ids: Vec<RunId>, deleted_by_ms: Option<i64>) -> Result<HashSet<RunId>> {
        self.read(move |tx| {
            let found = tx.runs_in_trash(&texts(&ids), deleted_by_ms, "")?;
            Ok(found.into_iter().map(|(id, _)| RunId::from_row(id)).collect())
        })
        .await
    }

    /// Removes runs with everything logged to them, some hundred at a time, each whole or not at all; those that are no
    /// longer deleted stay. Returns those that were removed.
    ///
    /// A run of very many rows loses them piece by piece before. Between transactions others get a chance to write.
    pub async fn remove_runs(&self, ids: Vec<RunId>, deleted_by_ms: Option<i64>) -> Result<Vec<RunId>> {
        self.remove_runs_piecewise(ids, deleted_by_ms, ROWS_AT_ONCE, |_| {})
            .await
    }

    /// [`Store::remove_runs`] with at most `rows_at_once` rows of MLflow's tables, besides those of the runs, in a
    /// transaction. `tell` hears after each how many it removed.
    pub async fn remove_runs_piecewise(
        &self,
        ids: Vec<RunId>,
        deleted_by_ms: Option<i64>,
        rows_at_once: usize,
        mut tell: impl FnMut(usize),
    ) -> Result<Vec<RunId>> {
        let mut gone = Vec::new();
        let sizes = self.sizes(texts(&ids), &CHILDREN).await?;
        for part in parts(&sizes, rows_at_once) {
            let mut is_large = part.iter().any(|size| size.rows > rows_at_once);
            loop {
                let ids: Vec<String> = part.iter().map(|size| size.id.clone()).collect();
                let derived = Arc::clone(self.derived());
                let started = Instant::now();
                let (removed, dialect) = self
                    .write(move |tx| {
                        let lock = tx.dialect().for_deletion();
                        let found = tx.runs_in_trash(&ids, deleted_by_ms, lock)?;
                        let removed = match (is_large, found.as_slice()) {
                            (true, [(id, _)]) => Removed {
                                runs: Vec::new(),
                                rows: tx.delete_some(&CHILDREN, id, rows_at_once)?,
                            },
                            _ => tx.remove_runs(found, &derived)?,
                        };
                        Ok((removed, tx.dialect()))
                    })
                    .await?;
                tell(removed.rows);
                give_way(dialect, started.elapsed()).await;
                gone.extend(removed.runs.into_iter().map(RunId::from_row));
                if !is_large {
                    break;
                }
                is_large = removed.rows == rows_at_once;
            }
        }
        Ok(gone)
    }
}

impl Tx<'_> {
    /// Those of some runs that are deleted, each with its experiment, in the order of ids.
    fn runs_in_trash(
        &mut self,
        ids: &[String],
        deleted_by_ms: Option<i64>,
        lock: &str,
    ) -> Result<Vec<(String, Option<i64>)>, DbError> {
        let mut values: Vec<Value<'_>> = vec![ids.into()];
        let mut sql = format!(
            "SELECT run_uuid, experiment_id FROM runs
              WHERE run_uuid {} AND lifecycle_stage = 'deleted'",
            self.dialect().is_among("$1")
        );
        if let Some(by_ms) = deleted_by_ms {
            sql += " AND deleted_time <= $2";
            values.push(by_ms.into());
        }
        sql += " ORDER BY run_uuid";
        sql += lock;
        self.query(&sql, &values, |row| Ok((row.text(0)?, row.int_or_null(1)?)))
    }

    /// Removes runs as they were found.
    fn remove_runs(
        &mut self,
        found: Vec<(String, Option<i64>)>,
        derived: &Derived,
    ) -> Result<Removed, DbError> {
        let experiments: BTreeSet<i64> = found.iter().filter_map(|(_, experiment)| *experiment).collect();
        let ids: Vec<String> = found.into_iter().map(|(id, _)| id).collect();
        if ids.is_empty() {
            return Ok(Removed::default());
        }
        if derived.is_there() {
            for packed in PACKED {
                let removed = self.delete_by(packed, &ids);
                self.or_nothing(removed, derived)?;
            }
        }
        let mut rows = 0;
        for children in CHILDREN {
            rows += self.delete_by(children, &ids)?;
        }
        self.delete_by(RUNS, &ids)?;
        for id in experiments {
            self.tell(|| Change::of_all_runs(ExperimentId::from_row(id)));
        }
        Ok(Removed { runs: ids, rows })
    }
}

fn texts(ids: &[RunId]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}
