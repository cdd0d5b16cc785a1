//! Reading histories point by point, as MLflow's API gives them.

use std::sync::Arc;

use oxflow_core::{HistoryPoint, RunHistory, RunId};

use super::history_order::HistoryOrder;
use super::value;
use crate::conditions::cut_to_page;
use crate::{DbError, Result, Row, Store};

/// The condition on the step excludes nothing: it leads SQLite to the index by run, key and step,
/// instead of one that begins with the key and holds every run's points.
const HISTORY: &str = "
    SELECT value, is_nan, timestamp, step
      FROM metrics
     WHERE run_uuid = $1 AND key = $2 AND step >= -9223372036854775807 - 1
     ORDER BY timestamp, step, value, is_nan";

/// The same out of SQLite's primary key: the sign keeps it from every other index, and the run, which is one and the same, makes the order
/// that of the key. See [`HistoryOrder`].
const HISTORY_OF_KEY: &str = "
    SELECT value, is_nan, timestamp, step
      FROM metrics
     WHERE +run_uuid = $1 AND key = $2
     ORDER BY timestamp, step, run_uuid, value, is_nan";

/// All points of a series by steps, as the index by run, key and step has them; those of one step in any order. To have the
/// databases put these in order too takes a third of the time of a million points, most of which have a step of their own.
pub(super) const STEP_BY_STEP: &str = "
    SELECT value, is_nan, timestamp, step
      FROM metrics
     WHERE run_uuid = $1 AND key = $2 AND step >= -9223372036854775807 - 1
     ORDER BY step";

/// A page of one metric's history.
#[derive(Debug, Clone, Copy)]
pub struct HistoryPage {
    /// Points to skip.
    pub offset: i64,
    /// Points on the page; `None` means all.
    pub max_results: Option<i64>,
}

impl Store {
    /// The points of a metric by (timestamp, step, value), and whether more follow. An unknown run
    /// or key has no points.
    pub async fn metric_history(
        &self,
        run_id: RunId,
        key: String,
        page: HistoryPage,
    ) -> Result<(Vec<HistoryPoint>, bool)> {
        let orders = Arc::clone(self.history_orders());
        self.read(move |tx| {
            let history = match tx.history_order((run_id.clone(), key.clone()), &orders)? {
                HistoryOrder::Steps => HISTORY,
                HistoryOrder::PrimaryKey => HISTORY_OF_KEY,
            };
            let Some(max_results) = page.max_results else {
                let points = tx.query(history, &[run_id.as_str().into(), (&key).into()], read_point)?;
                return Ok((points, false));
            };
            let sql = format!("{history} LIMIT $3 OFFSET $4");
            let limit = max_results.saturating_add(1);
            let mut points = tx.query(
                &sql,
                &[
                    run_id.as_str().into(),
                    (&key).into(),
                    limit.into(),
                    page.offset.into(),
                ],
                read_point,
            )?;
            let has_more = cut_to_page(&mut points, max_results);
            Ok((points, has_more))
        })
        .await
    }

    /// The points of a metric of several runs by (run id, timestamp, step, value), at most
    /// `max_results` over all runs together.
    pub async fn bulk_history(
        &self,
        ids: Vec<RunId>,
        key: String,
        max_results: i64,
    ) -> Result<Vec<RunHistory>> {
        self.read(move |tx| {
            let mut ids: Vec<String> = ids.iter().map(RunId::to_string).collect();
            ids.sort();
            ids.dedup();
            let sql = format!(
                "SELECT m.value, m.is_nan, m.timestamp, m.step, m.run_uuid
                   FROM {} page
                  CROSS JOIN metrics m
                  WHERE m.run_uuid = page.id AND m.key = $2 AND m.step >= -9223372036854775807 - 1
                  ORDER BY m.run_uuid, m.timestamp, m.step, m.value, m.is_nan
                  LIMIT $3",
                tx.dialect().ids_with_position("$1")
            );
            let mut runs: Vec<RunHistory> = Vec::new();
            tx.for_each(
                &sql,
                &[ids.as_slice().into(), (&key).into(), max_results.into()],
                |row| {
                    let (point, run_id) = (read_point(row)?, row.text(4)?);
                    match runs.last_mut() {
                        Some(run) if run.run_id.as_str() == run_id => run.points.push(point),
                        _ => runs.push(RunHistory {
                            run_id: RunId::from_row(run_id),
                            points: vec![point],
                        }),
                    }
                    Ok(())
                },
            )?;
            Ok(runs)
        })
        .await
    }
}

/// Reads `value, is_nan, timestamp, step` from the first columns.
pub(super) fn read_point(row: &Row<'_>) -> Result<HistoryPoint, DbError> {
    Ok(HistoryPoint {
        value: value(row, 0)?,
        timestamp_ms: row.int(2)?,
        step: row.int(3)?,
    })
}
