//! Removing runs for good.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use oxflow_core::{ExperimentId, RunId};

use super::REMOVED_AT_ONCE;
use crate::metrics::Derived;
use crate::{Change, DbError, Result, Store, Tx, Value};

/// Points of metrics that go in one transaction: a second or two on SQLite, where other servers wait ten at most.
const POINTS_AT_ONCE: i64 = 100_000;

/// Tables whose rows hang on a run by `run_uuid` and keep it from being removed.
const CHILDREN: [&str; 4] = ["metrics", "latest_metrics", "params", "tags"];

/// Tables of ours, to which nothing refers.
const PACKED: [&str; 2] = ["oxflow_series", "oxflow_series_chunks"];

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
    /// A run of very many points loses them piece by piece before.
    pub async fn remove_runs(&self, ids: Vec<RunId>, deleted_by_ms: Option<i64>) -> Result<Vec<RunId>> {
        let mut removed = Vec::new();
        let sizes = self.points_of_runs(&ids).await?;
        for batch in batches(&sizes) {
            if let [(id, points)] = batch
                && *points > POINTS_AT_ONCE
            {
                self.remove_points(id, deleted_by_ms).await?;
            }
            let ids: Vec<String> = batch.iter().map(|(id, _)| id.clone()).collect();
            let derived = Arc::clone(self.derived());
            let gone = self
                .write(move |tx| Ok(tx.remove_runs(&ids, deleted_by_ms, &derived)?))
                .await?;
            removed.extend(gone.into_iter().map(RunId::from_row));
        }
        Ok(removed)
    }

    /// How many points each run has, in the order of ids.
    async fn points_of_runs(&self, ids: &[RunId]) -> Result<Vec<(String, i64)>> {
        let mut ids = texts(ids);
        ids.sort_unstable();
        ids.dedup();
        self.read(move |tx| {
            let sql = format!(
                "SELECT list.id, (SELECT COUNT(*) FROM metrics m WHERE m.run_uuid = list.id)
                   FROM {} list
                  ORDER BY list.position",
                tx.dialect().ids_with_position("$1")
            );
            Ok(tx.query(&sql, &[ids.as_slice().into()], |row| {
                Ok((row.text(0)?, row.int(1)?))
            })?)
        })
        .await
    }

    /// Removes all points of a deleted run, some at a time.
    async fn remove_points(&self, id: &str, deleted_by_ms: Option<i64>) -> Result<()> {
        loop {
            let id = id.to_owned();
            let removed = self
                .write(move |tx| {
                    let ids = [id.clone()];
                    let lock = tx.dialect().for_deletion();
                    if tx.runs_in_trash(&ids, deleted_by_ms, lock)?.is_empty() {
                        return Ok(0);
                    }
                    let row_id = tx.dialect().row_id();
                    let sql = format!(
                        "DELETE FROM metrics
                          WHERE {row_id} IN (SELECT {row_id} FROM metrics WHERE run_uuid = $1 LIMIT $2)"
                    );
                    Ok(tx.execute(&sql, &[(&id).into(), POINTS_AT_ONCE.into()])?)
                })
                .await?;
            if removed == 0 {
                return Ok(());
            }
        }
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

    fn remove_runs(
        &mut self,
        ids: &[String],
        deleted_by_ms: Option<i64>,
        derived: &Derived,
    ) -> Result<Vec<String>, DbError> {
        let lock = self.dialect().for_deletion();
        let found = self.runs_in_trash(ids, deleted_by_ms, lock)?;
        let experiments: BTreeSet<i64> = found.iter().filter_map(|(_, experiment)| *experiment).collect();
        let ids: Vec<String> = found.into_iter().map(|(id, _)| id).collect();
        if ids.is_empty() {
            return Ok(ids);
        }
        if derived.is_there() {
            for table in PACKED {
                let removed = self.delete_by(table, "run_uuid", &ids);
                self.or_nothing(removed, derived)?;
            }
        }
        for table in CHILDREN {
            self.delete_by(table, "run_uuid", &ids)?;
        }
        // One look at the table instead of one for each run: it has no index by run.
        self.delete_by("logged_model_metrics", "run_id", &ids)?;
        self.delete_by("runs", "run_uuid", &ids)?;
        for id in experiments {
            self.tell(|| Change::of_all_runs(ExperimentId::from_row(id)));
        }
        Ok(ids)
    }

    /// Deletes the rows whose column is one of some ids.
    pub(super) fn delete_by(&mut self, table: &str, column: &str, ids: &[String]) -> Result<usize, DbError> {
        let sql = format!(
            "DELETE FROM {table} WHERE {column} {}",
            self.dialect().is_among("$1")
        );
        self.execute(&sql, &[ids.into()])
    }
}

fn texts(ids: &[RunId]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

/// Cuts runs with their numbers of points into parts of which none has too many of either; a run with too many points
/// is a part of its own.
fn batches(sizes: &[(String, i64)]) -> impl Iterator<Item = &[(String, i64)]> {
    let mut rest = sizes;
    std::iter::from_fn(move || {
        let mut points = 0;
        let fits = |(_, size): &&(String, i64)| {
            points += size;
            points <= POINTS_AT_ONCE
        };
        let count = rest.iter().take(REMOVED_AT_ONCE).take_while(fits).count();
        let (batch, others) = rest.split_at(count.max(1).min(rest.len()));
        rest = others;
        (!batch.is_empty()).then_some(batch)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(sizes: &[i64]) -> Vec<usize> {
        let sizes: Vec<(String, i64)> = sizes.iter().map(|size| (String::new(), *size)).collect();
        batches(&sizes).map(<[_]>::len).collect()
    }

    #[test]
    fn no_batch_has_too_many_runs_or_points() {
        assert_eq!(cut(&[]), [] as [usize; 0]);
        assert_eq!(cut(&vec![0; 1001]), [500, 500, 1]);
        assert_eq!(cut(&[POINTS_AT_ONCE, 1, 1]), [1, 2]);
        assert_eq!(cut(&[1, POINTS_AT_ONCE + 1, POINTS_AT_ONCE - 1, 1]), [1, 1, 2]);
    }
}
