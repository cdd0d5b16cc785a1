//! Count, extremes and last point of metrics.

use std::collections::HashMap;
use std::sync::Arc;

use oxflow_core::limits::MAX_STATS;
use oxflow_core::{Invalid, MetricStats, RunId};

use super::Pair;
use super::derived::Derived;
use super::plan::tail_segment;
use super::segments::{Order, Segment};
use super::tally::Tally;
use crate::{DbError, Result, Store, Tx};

/// Which metrics are summed up.
#[derive(Debug, Clone)]
pub struct StatsQuery {
    /// The runs, each once, in the order of the answer.
    pub run_ids: Vec<RunId>,
    /// The metrics; `None` means all of each run.
    pub keys: Option<Vec<String>>,
}

impl Store {
    /// What the metrics of runs came to, by run and key.
    pub async fn metric_stats(&self, query: StatsQuery) -> Result<Vec<MetricStats>> {
        let derived = Arc::clone(self.derived());
        self.read(move |tx| tx.metric_stats(&query, &derived)).await
    }
}

impl Tx<'_> {
    fn metric_stats(&mut self, query: &StatsQuery, derived: &Derived) -> Result<Vec<MetricStats>> {
        let pairs = self.pairs_with_points(query)?;
        // What is not packed as it should be is counted from the rows: the next chart packs it.
        let headers = self.usable_headers(&pairs, derived, &mut Vec::new())?;
        let segment = |(position, pair)| match headers.get(&position) {
            Some(header) => tail_segment(pair, header),
            None => Segment::whole(pair),
        };
        let segments: Vec<Segment<'_>> = pairs.iter().enumerate().map(segment).collect();
        let mut tallies: Vec<Option<Tally>> = (0..pairs.len())
            .map(|position| headers.get(&position).map(|header| header.tally))
            .collect();
        self.for_each_in_segments(&segments, Order::Any, |position, point| {
            if headers
                .get(&position)
                .is_none_or(|header| header.is_before(&point))
            {
                Tally::count(&mut tallies[position], &point);
            }
            Ok(())
        })?;
        let found = pairs.iter().zip(&tallies);
        Ok(found
            .filter_map(|(pair, tally)| Some(tally.as_ref()?.stats(&pair.run_id, &pair.key)))
            .collect())
    }

    /// The pairs of run and metric that have a latest point, by run, then key.
    fn pairs_with_points(&mut self, query: &StatsQuery) -> Result<Vec<Pair>> {
        let ids: Vec<String> = query.run_ids.iter().map(RunId::to_string).collect();
        let place: HashMap<&str, usize> = ids.iter().enumerate().map(|(i, id)| (id.as_str(), i)).collect();
        let mut sql = format!(
            "SELECT m.run_uuid, m.key FROM latest_metrics m WHERE m.run_uuid {}",
            self.dialect().is_among("$1")
        );
        let mut values = vec![ids.as_slice().into()];
        if let Some(keys) = &query.keys {
            sql.push_str(&format!(" AND m.key {}", self.dialect().is_among("$2")));
            values.push(keys.as_slice().into());
        }
        sql.push_str(&format!(" LIMIT {}", MAX_STATS + 1));
        let mut pairs: Vec<(usize, String)> = self.query(&sql, &values, |row| {
            let run_id = row.text(0)?;
            let place = place
                .get(run_id.as_str())
                .ok_or_else(|| DbError::unexpected(format!("nobody asked for run {run_id}")))?;
            Ok((*place, row.text(1)?))
        })?;
        if pairs.len() > MAX_STATS {
            return Err(Invalid::new(format!(
                "The runs have more than {MAX_STATS} metrics together; ask for fewer runs at once, or name the 'keys'"
            ))
            .into());
        }
        pairs.sort_unstable();
        let pair = |(place, key): (usize, String)| Pair {
            run_id: query.run_ids[place].clone(),
            key,
            origin: 0,
        };
        Ok(pairs.into_iter().map(pair).collect())
    }
}
