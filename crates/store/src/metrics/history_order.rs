//! Out of which index SQLite reads a long history.
//!
//! A history is asked for by (timestamp, step, value). The index by run, key and step finds its points, which then have to be
//! sorted, for each page anew: a second for a million points. The primary key has all points of the key in that very
//! order, and all that a point says; but also those of other runs, which have to be passed over. That is the better way, unless they
//! are very many.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hashlink::LruCache;
use oxflow_core::RunId;

use crate::{DbError, Dialect, Tx};

/// Shorter histories are sorted in less time than it takes to ask.
const LONG: i64 = 50_000;

/// To pass over a point in the primary key costs about a tenth of what it costs to look it up and sort it.
const MOST_STRANGERS: i64 = 8;

/// Series that an answer is remembered of.
const REMEMBERED: usize = 256;

/// How long. It is about speed only; the points are the same either way.
const VALID: Duration = Duration::from_secs(60);

/// An index to read a history from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HistoryOrder {
    /// By run, key and step: the points are sorted.
    Steps,
    /// The primary key: the points of other runs are passed over.
    PrimaryKey,
}

/// What was found out about series lately.
#[derive(Debug)]
pub(crate) struct HistoryOrders(Mutex<LruCache<(RunId, String), (HistoryOrder, Instant)>>);

impl Default for HistoryOrders {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(REMEMBERED)))
    }
}

impl HistoryOrders {
    fn get(&self, series: &(RunId, String)) -> Option<HistoryOrder> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (order, since) = *known.get(series)?;
        (since.elapsed() < VALID).then_some(order)
    }

    fn put(&self, series: (RunId, String), order: HistoryOrder) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(series, (order, Instant::now()));
    }
}

impl Tx<'_> {
    /// The better index for a history. PostgreSQL chooses by itself.
    pub(super) fn history_order(
        &mut self,
        series: (RunId, String),
        known: &HistoryOrders,
    ) -> Result<HistoryOrder, DbError> {
        if self.dialect() == Dialect::Postgres || !self.is_long(&series, LONG)? {
            return Ok(HistoryOrder::Steps);
        }
        if let Some(order) = known.get(&series) {
            return Ok(order);
        }
        let order = self.compare_with_others(&series)?;
        known.put(series, order);
        Ok(order)
    }

    /// Counts the points of the series and those of its key in growing steps, so that neither is counted far beyond the other.
    fn compare_with_others(&mut self, series: &(RunId, String)) -> Result<HistoryOrder, DbError> {
        let mut limit = LONG;
        loop {
            let most = limit.saturating_mul(MOST_STRANGERS);
            let of_key = self.query_first(
                "SELECT COUNT(*) FROM (SELECT 1 FROM metrics WHERE key = $1 LIMIT $2)",
                &[(&series.1).into(), (most + 1).into()],
                |row| row.int(0),
            )?;
            if of_key.unwrap_or(0) <= most {
                return Ok(HistoryOrder::PrimaryKey);
            }
            limit = limit.saturating_mul(4);
            if !self.is_long(series, limit)? {
                return Ok(HistoryOrder::Steps);
            }
        }
    }

    /// Whether a series has so many points.
    fn is_long(&mut self, (run_id, key): &(RunId, String), points: i64) -> Result<bool, DbError> {
        let found = self.query_first(
            "SELECT COUNT(*) FROM (SELECT 1 FROM metrics WHERE run_uuid = $1 AND key = $2 AND step >= -9223372036854775807 - 1 LIMIT $3)",
            &[run_id.as_str().into(), key.into(), points.into()],
            |row| row.int(0),
        )?;
        Ok(found.unwrap_or(0) >= points)
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    /// Rows of `metrics`, by run and key.
    fn given(series: &[(&str, &str, i64)]) -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE TABLE metrics (key TEXT, value REAL, timestamp INT, run_uuid TEXT, step INT, is_nan INT,
                     PRIMARY KEY (key, timestamp, step, run_uuid, value, is_nan));
                 CREATE INDEX index_metrics_run_uuid_key_step ON metrics (run_uuid, key, step);",
            )
            .unwrap();
        for (run_id, key, points) in series {
            connection
                .execute(
                    "INSERT INTO metrics WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?3)
                     SELECT ?2, i, i, ?1, i, 0 FROM n",
                    rusqlite::params![run_id, key, points],
                )
                .unwrap();
        }
        connection
    }

    fn order(connection: &Connection, run_id: &str, key: &str) -> HistoryOrder {
        let series = (RunId::parse(run_id).unwrap(), key.to_owned());
        let known = HistoryOrders::default();
        let order = Tx::sqlite(connection)
            .history_order(series.clone(), &known)
            .unwrap();
        assert_eq!(
            Tx::sqlite(connection).history_order(series, &known).unwrap(),
            order
        );
        order
    }

    #[test]
    fn the_primary_key_is_read_for_long_series_among_few_strangers() {
        let connection = given(&[
            ("long", "a", LONG),
            ("short", "a", LONG - 1),
            ("long", "b", LONG),
            ("stranger", "b", LONG * 7),
            ("long", "c", LONG),
            ("stranger", "c", LONG * 8),
        ]);
        assert_eq!(order(&connection, "long", "a"), HistoryOrder::PrimaryKey);
        assert_eq!(order(&connection, "short", "a"), HistoryOrder::Steps);
        assert_eq!(order(&connection, "long", "b"), HistoryOrder::PrimaryKey);
        assert_eq!(order(&connection, "long", "c"), HistoryOrder::Steps);
        assert_eq!(order(&connection, "nobody", "c"), HistoryOrder::Steps);
    }
}
