//! Removing the traces of an experiment, before the experiment itself goes.

use std::time::Instant;

use oxflow_core::ExperimentId;

use super::REMOVED_AT_ONCE;
use super::experiments::RemovedExperiment;
use super::pieces::{Rows, give_way, parts};
use crate::{DbError, Result, Store, Tx};

/// Rows that hang on a trace; those of the first go with the metrics of their spans. The database would remove them with it.
pub(super) const CHILDREN: [Rows; 5] = [
    Rows {
        table: "spans",
        column: "trace_id",
    },
    Rows {
        table: "assessments",
        column: "trace_id",
    },
    by_request("trace_metrics"),
    by_request("trace_request_metadata"),
    by_request("trace_tags"),
];

pub(super) const TRACES: Rows = by_request("trace_info");

const fn by_request(table: &'static str) -> Rows {
    Rows {
        table,
        column: "request_id",
    }
}

/// `$2` of the traces of an experiment.
pub(super) const SOME: &str = "SELECT request_id FROM trace_info WHERE experiment_id = $1 LIMIT $2";

impl Store {
    /// Removes the traces of an experiment that may go, with at most `rows_at_once` rows, besides those of the traces and the
    /// metrics of their spans, in a transaction; stops when it may no longer go, and says so. `tell` hears after each how many
    /// it removed.
    pub(super) async fn remove_traces(
        &self,
        experiment: ExperimentId,
        deleted_by_ms: Option<i64>,
        rows_at_once: usize,
        mut tell: impl FnMut(usize),
    ) -> Result<RemovedExperiment> {
        loop {
            let sizes = self.sizes(self.some_traces(experiment).await?, &CHILDREN).await?;
            if sizes.is_empty() {
                return Ok(RemovedExperiment::Gone);
            }
            for part in parts(&sizes, rows_at_once) {
                let mut is_large = part.iter().any(|size| size.rows > rows_at_once);
                loop {
                    let ids: Vec<String> = part.iter().map(|size| size.id.clone()).collect();
                    let started = Instant::now();
                    let (verdict, rows, dialect) = self
                        .write(move |tx| {
                            let lock = tx.dialect().for_deletion();
                            let verdict = tx.look_at_trashed(experiment, deleted_by_ms, lock)?;
                            let rows = match (verdict, is_large, ids.as_slice()) {
                                (RemovedExperiment::Gone, true, [id]) => {
                                    tx.delete_some(&CHILDREN, id, rows_at_once)?
                                }
                                (RemovedExperiment::Gone, ..) => tx.remove_traces(&ids)?,
                                _ => 0,
                            };
                            Ok((verdict, rows, tx.dialect()))
                        })
                        .await?;
                    if verdict != RemovedExperiment::Gone {
                        return Ok(verdict);
                    }
                    tell(rows);
                    give_way(dialect, started.elapsed()).await;
                    if !is_large {
                        break;
                    }
                    is_large = rows == rows_at_once;
                }
            }
        }
    }

    async fn some_traces(&self, experiment: ExperimentId) -> Result<Vec<String>> {
        let count = i64::try_from(REMOVED_AT_ONCE).unwrap_or(i64::MAX);
        self.read(move |tx| Ok(tx.query(SOME, &[experiment.get().into(), count.into()], |row| row.text(0))?))
            .await
    }
}

impl Tx<'_> {
    /// Removes traces; returns how many rows belonged to them.
    fn remove_traces(&mut self, ids: &[String]) -> Result<usize, DbError> {
        let mut rows = 0;
        for children in CHILDREN {
            rows += self.delete_by(children, ids)?;
        }
        self.delete_by(TRACES, ids)?;
        Ok(rows)
    }
}
