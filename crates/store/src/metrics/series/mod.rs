//! Metric histories at the resolution of a chart: exact, without sampling.

mod bucket;
mod build;
mod chunks;
mod cut;
mod derived;
mod extremes;
mod find;
mod headers;
mod outdated;
mod packed;
mod places;
mod plan;
mod sampled;
mod segments;
mod stats;
mod tally;
mod usable;

use std::collections::HashMap;
use std::sync::Arc;

use oxflow_core::{Axis, RunId, Series};

use crate::{DbError, Result, Store, Tx};
use find::check_size;

pub(crate) use derived::Derived;
pub use packed::Packing;
pub use sampled::IntervalQuery;
pub use stats::StatsQuery;

/// The statements that read points of many series, whose plans a test looks at.
#[cfg(test)]
pub(crate) fn plans_of_series(dialect: crate::Dialect) -> [String; 5] {
    [
        places::statement_of_guesses(dialect),
        places::statement_of_steps(dialect),
        segments::statement(dialect, segments::Order::Any),
        segments::statement(dialect, segments::Order::ByStep),
        extremes::statement_of_pairs(dialect),
    ]
}

const START_TIMES: &str = "SELECT r.run_uuid, r.start_time FROM runs r WHERE r.run_uuid ";

/// Which series are asked for, and how.
#[derive(Debug, Clone)]
pub struct SeriesQuery {
    /// The runs, each once, in the order of the answer.
    pub run_ids: Vec<RunId>,
    /// The metrics, each once, in the order of the answer within a run.
    pub keys: Vec<String>,
    /// What x is.
    pub axis: Axis,
    /// The least x, included.
    pub from: i64,
    /// The greatest x, included.
    pub to: i64,
    /// Buckets per series at the most, at least 1.
    pub width: usize,
}

impl Store {
    /// The series of all pairs of run and key that have points.
    pub async fn series(&self, query: SeriesQuery) -> Result<Vec<Series>> {
        let query = Arc::new(query);
        let (asked, derived) = (Arc::clone(&query), Arc::clone(self.derived()));
        let (pairs, mut found) = self
            .read(move |tx| {
                let pairs = tx.pairs(&asked)?;
                let found = tx.find_series(&asked, &pairs, &derived)?;
                Ok((pairs, found))
            })
            .await?;
        let has_packed = !found.unpacked.is_empty();
        for (position, _) in std::mem::take(&mut found.unpacked) {
            let series = self.pack(Arc::clone(&query), pairs[position].clone()).await?;
            found.series[position] = series;
            let numbers = found
                .series
                .iter()
                .flatten()
                .map(|series| series.data.numbers())
                .sum();
            check_size(numbers)?;
        }
        if !found.grown.is_empty() || has_packed {
            self.forget_absent_runs().await;
        }
        for (position, header, tail) in found.grown {
            self.pack_tail(&pairs[position], header, tail).await;
        }
        Ok(found.series.into_iter().flatten().collect())
    }
}

/// A run and a metric of it.
#[derive(Debug, Clone)]
struct Pair {
    run_id: RunId,
    key: String,
    /// Time 0 of [`Axis::Relative`], ms since 1970; otherwise 0.
    origin: i64,
}

impl Tx<'_> {
    fn pairs(&mut self, query: &SeriesQuery) -> Result<Vec<Pair>, DbError> {
        let origins = match query.axis {
            Axis::Step | Axis::Time => HashMap::new(),
            Axis::Relative => self.start_times(&query.run_ids)?,
        };
        let pairs = query.run_ids.iter().flat_map(|run_id| {
            let origin = origins.get(run_id.as_str()).copied().unwrap_or(0);
            query.keys.iter().map(move |key| Pair {
                run_id: run_id.clone(),
                key: key.clone(),
                origin,
            })
        });
        Ok(pairs.collect())
    }

    fn start_times(&mut self, run_ids: &[RunId]) -> Result<HashMap<String, i64>, DbError> {
        let ids: Vec<String> = run_ids.iter().map(RunId::to_string).collect();
        let sql = format!("{START_TIMES}{}", self.dialect().is_among("$1"));
        let times = self.query(&sql, &[ids.as_slice().into()], |row| {
            Ok((row.text(0)?, row.int_or_null(1)?.unwrap_or(0)))
        })?;
        Ok(times.into_iter().collect())
    }
}

impl Pair {
    fn name(&self) -> (String, String) {
        (self.run_id.to_string(), self.key.clone())
    }

    /// An item of [`crate::Dialect::series_list`].
    fn json(&self, numbers: &[i64]) -> serde_json::Value {
        headers::list_item(&self.run_id, &self.key, numbers)
    }
}
