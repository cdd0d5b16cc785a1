//! Metric history: the only reader and writer of `metrics` and `latest_metrics`.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

use oxflow_core::{Key, Metric, MetricValue, Run, RunId, RunInfo};

use crate::conditions::at_position;
use crate::driver::{BulkInsert, Kind};
use crate::{DbError, Result, Row, Tx};

mod history;
mod history_order;
mod joined;
mod series;

pub use history::HistoryPage;
pub(crate) use history_order::HistoryOrders;
pub(crate) use joined::LoggedPoints;
pub(crate) use series::Derived;
#[cfg(test)]
pub(crate) use series::plans_of_series;
pub use series::{IntervalQuery, Packing, SeriesQuery, StatsQuery};

const INSERT: BulkInsert = BulkInsert {
    table: "metrics",
    columns: &[
        ("key", Kind::Text),
        ("value", Kind::Real),
        ("timestamp", Kind::Int),
        ("run_uuid", Kind::Text),
        ("step", Kind::Int),
        ("is_nan", Kind::Bool),
    ],
    on_conflict: "ON CONFLICT DO NOTHING",
};

/// The same for points that are new.
const INSERT_NEW: BulkInsert = BulkInsert {
    on_conflict: "",
    ..INSERT
};

/// The latest points of some metrics of a run.
const SELECT_LATEST: &str = "
    SELECT m.key, m.step, m.timestamp, m.value
      FROM latest_metrics m
     WHERE m.run_uuid = $1";

/// Keeps per run and key the row with the largest (step, timestamp, value).
const UPSERT_LATEST: BulkInsert = BulkInsert {
    table: "latest_metrics",
    columns: &[
        ("key", Kind::Text),
        ("value", Kind::Real),
        ("timestamp", Kind::Int),
        ("step", Kind::Int),
        ("is_nan", Kind::Bool),
        ("run_uuid", Kind::Text),
    ],
    on_conflict: "ON CONFLICT (key, run_uuid) DO UPDATE
       SET value = excluded.value, timestamp = excluded.timestamp,
           step = excluded.step, is_nan = excluded.is_nan
     WHERE (excluded.step, excluded.timestamp, excluded.value)
         > (latest_metrics.step, latest_metrics.timestamp, latest_metrics.value)",
};

impl Tx<'_> {
    /// Appends points and moves the latest ones on; also fills the metrics of logged models.
    /// A point that is there already changes nothing, so a repeated request is harmless.
    /// `has_packed` says whether series of the run are packed, so that older points matter to those.
    pub(crate) fn append_metrics(
        &mut self,
        run: &RunInfo,
        metrics: &[Metric],
        has_packed: bool,
    ) -> Result<()> {
        if metrics.is_empty() {
            return Ok(());
        }
        let run_id = run.run_id.as_str();
        // Each point once, in the order of the primary key: of two requests with the same points the second waits for
        // the first, and neither for the other.
        let mut sorted: Vec<&Metric> = metrics.iter().collect();
        sorted.sort_by(|a, b| in_order_of_the_table(a, b));
        sorted.dedup_by(|a, b| in_order_of_the_table(a, b).is_eq());
        let rows = sorted.iter().map(|metric| {
            [
                metric.key.as_str().into(),
                metric.value.stored.into(),
                metric.timestamp_ms.into(),
                run_id.into(),
                metric.step.into(),
                metric.value.is_nan.into(),
            ]
        });
        let latest = latest_of_each_key(metrics);
        let inserted = if self.are_new(run_id, &sorted, &latest)? {
            // Somebody else has just written one of them, or `latest_metrics` is not what it should be: the call runs again.
            let inserted = self.insert_many(&INSERT_NEW, rows);
            inserted.map_err(|error| match error.is_constraint() {
                true => error.into_conflict(),
                false => error,
            })?
        } else {
            self.insert_many(&INSERT, rows)?
        };
        if has_packed && inserted > 0 {
            self.mark_behind(&run.run_id, &sorted)?;
        }
        let rows = latest.into_values().map(|metric| {
            [
                metric.key.as_str().into(),
                metric.value.stored.into(),
                metric.timestamp_ms.into(),
                metric.step.into(),
                metric.value.is_nan.into(),
                run_id.into(),
            ]
        });
        self.insert_many(&UPSERT_LATEST, rows)?;
        if let Some(written) = self.written() {
            written.add(run_id, latest_of_each_key(metrics).into_keys());
        }
        self.insert_logged_model_metrics(run, metrics)
    }

    /// Whether points are known not to be there, because each is later than the latest of its metric, and that they are worth
    /// the question. Nothing is locked: whoever relies on it is told by the primary key if it was wrong.
    fn are_new(
        &mut self,
        run_id: &str,
        points: &[&Metric],
        latest: &BTreeMap<&str, &Metric>,
    ) -> Result<bool, DbError> {
        let dialect = self.dialect();
        if self.runs_again() || !dialect.prefers_new_rows(points.len()) {
            return Ok(false);
        }
        let keys: Vec<String> = latest.keys().map(|key| (*key).to_owned()).collect();
        let sql = format!("{SELECT_LATEST} AND m.key {}", dialect.is_among("$2"));
        let known = self.query(&sql, &[run_id.into(), keys.into()], |row| {
            let place = (row.int(1)?, row.int_or_null(2)?, row.real(3)?);
            Ok((row.text(0)?, place))
        })?;
        let known: HashMap<String, (i64, Option<i64>, f64)> = known.into_iter().collect();
        Ok(points.iter().all(|point| match known.get(point.key.as_str()) {
            None => true,
            Some(&(step, Some(timestamp_ms), value)) => {
                (point.step, point.timestamp_ms, point.value.stored) > (step, timestamp_ms, value)
            }
            Some((step, None, _)) => point.step > *step,
        }))
    }

    /// Appends points of several runs and moves the latest ones on; returns how many were new.
    pub(crate) fn import_metrics(&mut self, points: &[(&RunId, &Metric)]) -> Result<usize, DbError> {
        if points.is_empty() {
            return Ok(0);
        }
        let rows = points.iter().map(|(run_id, metric)| {
            [
                metric.key.as_str().into(),
                metric.value.stored.into(),
                metric.timestamp_ms.into(),
                run_id.as_str().into(),
                metric.step.into(),
                metric.value.is_nan.into(),
            ]
        });
        let inserted = self.insert_many(&INSERT, rows)?;
        let mut latest: BTreeMap<(&RunId, &str), &Metric> = BTreeMap::new();
        for (run_id, metric) in points {
            let seen = latest.entry((*run_id, metric.key.as_str())).or_insert(metric);
            if metric.is_later_than(seen) {
                *seen = metric;
            }
        }
        let rows = latest.into_iter().map(|((run_id, _), metric)| {
            [
                metric.key.as_str().into(),
                metric.value.stored.into(),
                metric.timestamp_ms.into(),
                metric.step.into(),
                metric.value.is_nan.into(),
                run_id.as_str().into(),
            ]
        });
        self.insert_many(&UPSERT_LATEST, rows)?;
        if let Some(written) = self.written() {
            for (run_id, metric) in points {
                written.add(run_id.as_str(), std::iter::once(metric.key.as_str()));
            }
        }
        Ok(inserted)
    }

    /// Reads the latest points of the runs of a page.
    pub(crate) fn fill_latest_metrics(&mut self, ids: &[String], runs: &mut [Run]) -> Result<(), DbError> {
        let sql = format!(
            "SELECT page.position, m.key, m.value, m.is_nan, m.timestamp, m.step
               FROM {} page
               CROSS JOIN latest_metrics m WHERE m.run_uuid = page.id",
            self.dialect().ids_with_position("$1")
        );
        self.for_each(&sql, &[ids.into()], |row| {
            at_position(row, runs)?.metrics.push(Metric {
                key: Key::from_row(row.text(1)?),
                value: value(row, 2)?,
                timestamp_ms: row.int_or_null(4)?.unwrap_or(0),
                step: row.int(5)?,
                source: None,
            });
            Ok(())
        })
    }
}

/// The primary key of `metrics`, within one run.
fn in_order_of_the_table(a: &Metric, b: &Metric) -> Ordering {
    let key = |metric: &Metric| (metric.timestamp_ms, metric.step);
    a.key
        .as_str()
        .cmp(b.key.as_str())
        .then_with(|| key(a).cmp(&key(b)))
        .then_with(|| a.value.stored.total_cmp(&b.value.stored))
        .then_with(|| a.value.is_nan.cmp(&b.value.is_nan))
}

/// The latest point of each key of a batch, in key order: concurrent batches lock rows in one order.
fn latest_of_each_key(metrics: &[Metric]) -> BTreeMap<&str, &Metric> {
    let mut latest: BTreeMap<&str, &Metric> = BTreeMap::new();
    for metric in metrics {
        latest
            .entry(metric.key.as_str())
            .and_modify(|seen| {
                if metric.is_later_than(seen) {
                    *seen = metric;
                }
            })
            .or_insert(metric);
    }
    latest
}

fn value(row: &Row<'_>, column: usize) -> Result<MetricValue, DbError> {
    Ok(MetricValue {
        stored: row.real(column)?,
        is_nan: row.truth(column + 1)?,
    })
}
