//! Metric histories at the resolution of a chart: exact, without sampling.

mod bucket;
mod cut;
mod segments;
mod stats;
mod tally;

use std::collections::HashMap;

use oxflow_core::limits::MAX_SERIES_NUMBERS;
use oxflow_core::{Axis, HistoryPoint, Invalid, RunId, Series};

use crate::{DbError, Result, Store, StoreError, Tx};
use cut::Cut;
use segments::{Order, Segment};

pub use stats::StatsQuery;

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
        self.read(move |tx| tx.series(&query)).await
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
    fn series(&mut self, query: &SeriesQuery) -> Result<Vec<Series>> {
        let pairs = self.pairs(query)?;
        let segments: Vec<Segment<'_>> = pairs.iter().map(Segment::whole).collect();
        let mut answer = Answer::default();
        let mut points: Vec<HistoryPoint> = Vec::new();
        let mut current = 0;
        self.for_each_in_segments(&segments, Order::ByStep, |position, point| {
            if position != current {
                answer.add(query, &pairs[current], &mut points);
                current = position;
            }
            points.push(point);
            answer.check()
        })?;
        if let Some(pair) = pairs.get(current) {
            answer.add(query, pair, &mut points);
        }
        answer.check()?;
        Ok(answer.series)
    }

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

/// The series found so far.
#[derive(Debug, Default)]
struct Answer {
    series: Vec<Series>,
    numbers: usize,
}

impl Answer {
    /// Adds the series of a pair, if it has points, and leaves `points` empty.
    fn add(&mut self, query: &SeriesQuery, pair: &Pair, points: &mut Vec<HistoryPoint>) {
        if points.is_empty() {
            return;
        }
        let series = Cut::new(query, pair.origin).points(pair, points);
        points.clear();
        self.numbers += series.data.numbers();
        self.series.push(series);
    }

    /// Refuses an answer that would not fit into memory.
    fn check(&self) -> Result<(), StoreError> {
        if self.numbers <= MAX_SERIES_NUMBERS {
            return Ok(());
        }
        Err(Invalid::new(format!(
            "The answer would hold more than {MAX_SERIES_NUMBERS} numbers; ask for fewer runs or keys at once, or for a \
             smaller 'width'"
        ))
        .into())
    }
}
