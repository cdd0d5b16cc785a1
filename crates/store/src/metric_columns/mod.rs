//! Latest metrics in memory, column by column, for searches of many runs on SQLite.
//!
//! To filter or to sort 100,000 runs by a metric, SQLite reads a row of `latest_metrics` for each, and all of them
//! lie on different pages: 150 ms a metric. Read once, the same values are a list of 3 MB, which is kept (`kept`), and
//! brought up to date run by run. Statements ask for them by a function, `oxflow_latest`, so that everything else about a search
//! stays what it is; on PostgreSQL, where other servers may write to the same tables, there is none.

mod column;
mod kept;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use oxflow_core::{ExperimentId, MetricValue};
use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::{Value as SqlValue, ValueRef};
use tokio::time::timeout;

use crate::conditions::Sql;
use crate::others::VERSION_OF_SQLITE;
use crate::run_list::ListedId;
use crate::{Among, DbError, Result, Store, Tx, Value};
pub(crate) use column::MetricColumn;
use kept::{Lease, MOST_BYTES};
pub(crate) use kept::{MetricColumns, Written};

/// How long a search waits for the connection that writes, which perhaps waits for another process. After that it does without columns.
const PATIENCE: Duration = Duration::from_millis(100);

/// Metrics of one search that are columns; what compares more is rare, and looks the others up.
const MOST_METRICS: usize = 8;

/// A column is not read if so many times as many runs have the metric as are searched.
const MOST_STRANGERS: i64 = 3;

/// Nor if more runs than these have it: 32 MB.
const MOST_RUNS: i64 = 1_000_000;

thread_local! {
    /// The columns that statements of this thread's connection may ask for, by slot.
    static IN_USE: RefCell<Vec<Arc<MetricColumn>>> = const { RefCell::new(Vec::new()) };
}

/// What a search wants as columns.
#[derive(Debug)]
struct WantedColumns {
    experiments: Vec<ExperimentId>,
    metrics: Vec<String>,
}

/// The columns of one search; statements may ask for them until it is dropped.
#[derive(Debug, Default)]
pub(crate) struct ColumnsInUse {
    keys: Vec<String>,
}

impl ColumnsInUse {
    /// The metrics, in the order of their slots.
    pub(crate) fn keys(&self) -> &[String] {
        &self.keys
    }

    /// The column of a metric, if it is there.
    pub(crate) fn get(&self, key: &str) -> Option<Arc<MetricColumn>> {
        let slot = self.keys.iter().position(|other| other == key)?;
        IN_USE.with_borrow(|columns| columns.get(slot).cloned())
    }
}

impl Drop for ColumnsInUse {
    fn drop(&mut self) {
        IN_USE.with_borrow_mut(Vec::clear);
    }
}

/// Teaches a connection `oxflow_latest(slot, run id, if NaN)`: the value of a run in a column, NULL if it has none.
pub(crate) fn teach(connection: &Connection) -> Result<(), DbError> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DIRECTONLY;
    connection.create_scalar_function("oxflow_latest", 3, flags, |context| {
        let slot = usize::try_from(context.get::<i64>(0)?).unwrap_or(usize::MAX);
        let ValueRef::Text(run_id) = context.get_raw(1) else {
            return Ok(SqlValue::Null);
        };
        let found = std::str::from_utf8(run_id)
            .ok()
            .and_then(|run_id| IN_USE.with_borrow(|columns| columns.get(slot)?.get(ListedId::new(run_id))));
        Ok(match found {
            None => SqlValue::Null,
            Some(value) if value.is_nan() => context.get(2)?,
            Some(value) => SqlValue::Real(value),
        })
    })?;
    Ok(())
}

impl Store {
    /// Reads, with the metrics that a search of many runs compares as columns.
    pub(crate) async fn read_with_columns<T: Send + 'static>(
        &self,
        among: &Among,
        metrics: Vec<String>,
        mut call: impl FnMut(&mut Tx<'_>, &ColumnsInUse) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let Some(wanted) = self.wanted_columns(among, metrics).await? else {
            return self.read(move |tx| call(tx, &ColumnsInUse::default())).await;
        };
        let kept = Arc::clone(self.metric_columns());
        self.read(move |tx| {
            let columns = tx.use_columns(&kept, &wanted)?;
            call(tx, &columns)
        })
        .await
    }

    /// The columns that a search wants; `None` if they would not pay. Asks the connection that writes whether another
    /// process has written.
    async fn wanted_columns(&self, among: &Among, mut metrics: Vec<String>) -> Result<Option<WantedColumns>> {
        let Among::Experiments(experiments) = among else {
            return Ok(None);
        };
        if metrics.is_empty() || self.database_kind() != "sqlite" {
            return Ok(None);
        }
        let columns = Arc::clone(self.metric_columns());
        let (searched, many) = (experiments.clone(), columns.many_runs());
        if self.read(move |tx| Ok(tx.count_up_to(&searched, many)?)).await? < many {
            return Ok(None);
        }
        let look = self.glance(move |tx| {
            let version = tx.query_first(VERSION_OF_SQLITE, &[], |row| row.int(0))?;
            columns.check(version.unwrap_or_default());
            Ok(())
        });
        if !matches!(timeout(PATIENCE, look).await, Ok(Ok(()))) {
            return Ok(None);
        }
        metrics.sort_unstable();
        metrics.dedup();
        metrics.truncate(MOST_METRICS);
        Ok(Some(WantedColumns {
            experiments: experiments.clone(),
            metrics,
        }))
    }

    /// The same store with columns from another number of runs on, for tests.
    #[doc(hidden)]
    #[must_use]
    pub fn with_columns_from(self, runs: i64) -> Self {
        self.metric_columns().use_from(runs);
        self
    }
}

impl Tx<'_> {
    /// Makes columns ready for statements of this transaction. Has to come before its first statement.
    fn use_columns(&mut self, kept: &MetricColumns, wanted: &WantedColumns) -> Result<ColumnsInUse, DbError> {
        let mut in_use = ColumnsInUse::default();
        // The snapshot begins with the first statement, so all leases come before it.
        let leases: Vec<Lease> = wanted.metrics.iter().map(|key| kept.lease(key)).collect();
        let mut searched = None;
        let (mut columns, mut bytes) = (Vec::new(), 0);
        for (key, lease) in wanted.metrics.iter().zip(&leases) {
            let column = match &lease.column {
                Some(column) if lease.changed.is_empty() => Some(Arc::clone(column)),
                Some(column) => Some(Arc::new(column.with(&self.latest_of_runs(key, lease)?))),
                None if bytes > MOST_BYTES => None,
                None => self
                    .whole_column(key, &wanted.experiments, &mut searched)?
                    .map(Arc::new),
            };
            match column {
                Some(column) => {
                    bytes += column.size_bytes();
                    kept.keep(lease, &column);
                    columns.push(column);
                    in_use.keys.push(key.clone());
                }
                None => kept.give_up(lease),
            }
        }
        IN_USE.set(columns);
        Ok(in_use)
    }

    /// All runs that have a metric, unless they are too many beside those that are searched.
    fn whole_column(
        &mut self,
        key: &str,
        experiments: &[ExperimentId],
        searched: &mut Option<i64>,
    ) -> Result<Option<MetricColumn>, DbError> {
        let runs = match *searched {
            Some(runs) => runs,
            None => *searched.insert(self.count_up_to(experiments, MOST_RUNS)?),
        };
        let most = (runs * MOST_STRANGERS).min(MOST_RUNS);
        let count = self.query_first(
            "SELECT COUNT(*) FROM (SELECT 1 FROM latest_metrics WHERE key = $1 LIMIT $2)",
            &[key.into(), (most + 1).into()],
            |row| row.int(0),
        )?;
        if count.unwrap_or_default() > most {
            return Ok(None);
        }
        let mut column = MetricColumn::default();
        self.for_each(
            "SELECT run_uuid, value, is_nan FROM latest_metrics WHERE key = $1 ORDER BY run_uuid",
            &[key.into()],
            |row| {
                let value = MetricValue {
                    stored: row.real(1)?,
                    is_nan: row.truth(2)?,
                };
                column.push(row.text_in_place(0)?, stored_or_nan(value));
                Ok(())
            },
        )?;
        Ok(Some(column.ready()))
    }

    /// What the runs that were written have now.
    fn latest_of_runs(
        &mut self,
        key: &str,
        lease: &Lease,
    ) -> Result<BTreeMap<Box<str>, Option<f64>>, DbError> {
        let mut latest: BTreeMap<Box<str>, Option<f64>> = lease
            .changed
            .iter()
            .map(|run_id| (run_id.clone(), None))
            .collect();
        let runs: Vec<String> = lease.changed.iter().map(|run_id| run_id.to_string()).collect();
        let sql = format!(
            "SELECT m.run_uuid, m.value, m.is_nan FROM {} page CROSS JOIN latest_metrics m
              WHERE m.key = $2 AND m.run_uuid = page.id",
            self.dialect().ids_with_position("$1")
        );
        self.for_each(&sql, &[runs.as_slice().into(), key.into()], |row| {
            let value = MetricValue {
                stored: row.real(1)?,
                is_nan: row.truth(2)?,
            };
            if let Some(place) = latest.get_mut(row.text_in_place(0)?) {
                *place = Some(stored_or_nan(value));
            }
            Ok(())
        })?;
        Ok(latest)
    }

    /// How many runs some experiments have, counted no further than a limit.
    fn count_up_to(&mut self, experiments: &[ExperimentId], limit: i64) -> Result<i64, DbError> {
        let ids: Vec<i64> = experiments.iter().map(|id| id.get()).collect();
        let mut sql = Sql::new(
            self.dialect(),
            "SELECT COUNT(*) FROM (SELECT 1 FROM runs WHERE experiment_id",
        );
        sql.is_among(Value::Ints(ids.into()), false)
            .push(" LIMIT ")
            .bind(limit)
            .push(") counted");
        let count = self.query_first(sql.text(), sql.values(), |row| row.int(0))?;
        Ok(count.unwrap_or_default())
    }
}

/// As it is compared: infinities are stored as the largest numbers.
fn stored_or_nan(value: MetricValue) -> f64 {
    if value.is_nan { f64::NAN } else { value.stored }
}
