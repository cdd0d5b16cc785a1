//! Some points of a history that stand for all, as MLflow picks them.

use std::collections::BTreeMap;
use std::sync::Arc;

use oxflow_core::{Axis, HistoryPoint, RunHistory, RunId};

use super::derived::Derived;
use super::packed::Header;
use super::places::{Stretch, stretches};
use super::{Pair, SeriesQuery};
use crate::metrics::history::read_point;
use crate::{Result, Store, Tx};

const IN_STEPS: &str = "
    SELECT value, is_nan, timestamp, step
      FROM metrics
     WHERE run_uuid = $1 AND key = $2 AND step >= $3 AND step <= $4
     ORDER BY step, timestamp, value, is_nan";

/// A sampled history of one metric of several runs.
#[derive(Debug, Clone)]
pub struct IntervalQuery {
    /// The runs, in the order of the answer.
    pub run_ids: Vec<RunId>,
    /// The metric.
    pub key: String,
    /// First and last step, both included; `None` means all.
    pub steps: Option<(i64, i64)>,
    /// Points per run at the most, at least 1.
    pub max_results: i64,
}

/// The samples of one run.
#[derive(Debug, Default)]
struct Sampled {
    /// None if the series is better packed first.
    points: Option<Vec<HistoryPoint>>,
    /// Whether the series, or its tail, is long enough to be packed.
    is_to_pack: bool,
}

impl Sampled {
    fn of(points: Vec<HistoryPoint>) -> Self {
        Self {
            points: Some(points),
            is_to_pack: false,
        }
    }
}

/// What becomes of a long series that is not packed.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Unpacked {
    IsLeftOut,
    IsReadFromRows,
}

impl Store {
    /// Samples the history of each run to at most `max_results` points: MLflow's equal buckets over
    /// (step, timestamp, value, is_nan), each by its first point, the last sample being the last point.
    ///
    /// Long series are packed, as for a chart.
    pub async fn sampled_history(&self, query: IntervalQuery) -> Result<Vec<RunHistory>> {
        let mut run_ids = query.run_ids.clone();
        run_ids.sort();
        run_ids.dedup();
        let query = Arc::new(query);
        let mut samples = self.sample(&query, run_ids, Unpacked::IsLeftOut).await?;
        let to_pack: Vec<RunId> = samples
            .iter()
            .filter(|(_, sampled)| sampled.is_to_pack)
            .map(|(run_id, _)| run_id.clone())
            .collect();
        if !to_pack.is_empty() {
            let chart = SeriesQuery {
                run_ids: to_pack,
                keys: vec![query.key.clone()],
                axis: Axis::Step,
                from: i64::MIN,
                to: i64::MAX,
                width: 1,
            };
            self.series(chart).await?;
            let left_out = samples.iter().filter(|(_, sampled)| sampled.points.is_none());
            let left_out: Vec<RunId> = left_out.map(|(run_id, _)| run_id.clone()).collect();
            samples.extend(self.sample(&query, left_out, Unpacked::IsReadFromRows).await?);
        }
        let of_run = |run_id: &RunId| samples.get(run_id).and_then(|sampled| sampled.points.clone());
        let runs = query.run_ids.iter().map(|run_id| RunHistory {
            run_id: run_id.clone(),
            points: of_run(run_id).unwrap_or_default(),
        });
        Ok(runs.collect())
    }

    async fn sample(
        &self,
        query: &Arc<IntervalQuery>,
        run_ids: Vec<RunId>,
        unpacked: Unpacked,
    ) -> Result<BTreeMap<RunId, Sampled>> {
        if run_ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let (query, derived) = (Arc::clone(query), Arc::clone(self.derived()));
        self.read(move |tx| {
            let pair = |run_id: &RunId| Pair {
                run_id: run_id.clone(),
                key: query.key.clone(),
                origin: 0,
            };
            let pairs: Vec<Pair> = run_ids.iter().map(pair).collect();
            let headers = tx.usable_headers(&pairs, &derived, &mut Vec::new())?;
            let mut samples = BTreeMap::new();
            for (position, pair) in pairs.iter().enumerate() {
                let packed = match headers.get(&position) {
                    Some(header) => tx.sample_packed(&query, pair, header, &derived)?,
                    None => None,
                };
                let sampled = match packed {
                    Some(sampled) => sampled,
                    None => tx.sample_rows(&query, pair, &derived, unpacked)?,
                };
                samples.insert(pair.run_id.clone(), sampled);
            }
            Ok(samples)
        })
        .await
    }
}

impl IntervalQuery {
    fn range(&self) -> (i64, i64) {
        self.steps.unwrap_or((i64::MIN, i64::MAX))
    }

    /// Whether it takes less to read all of so many points than to find the samples.
    fn is_read_whole(&self, total: i64, derived: &Derived) -> bool {
        total <= derived.packing.rows_per_place.saturating_mul(self.max_results)
    }
}

impl Tx<'_> {
    /// Samples a packed series; none if its chunks are not as its header says.
    fn sample_packed(
        &mut self,
        query: &IntervalQuery,
        pair: &Pair,
        header: &Header,
        derived: &Derived,
    ) -> Result<Option<Sampled>> {
        let summaries = self.summaries(&[(pair, header)])?.pop().unwrap_or_default();
        if usize::try_from(header.chunks) != Ok(summaries.len()) {
            return Ok(None);
        }
        // Of points that mostly have the same step, such as those logged without one, no index tells the order.
        let of_one_step = summaries
            .iter()
            .filter(|chunk| chunk.first.step == chunk.last_step);
        if 4 * of_one_step.count() > summaries.len() {
            let total = self.count_in_steps(pair, query.range())?;
            return Ok(Some(Sampled::of(self.sample_all(query, pair, total)?)));
        }
        let coarse = stretches(summaries.iter());
        let (first, last) = query.range();
        let before = match first.checked_sub(1) {
            Some(step) => self.count_to_step(pair, &coarse, step)?,
            None => 0,
        };
        let end = self.count_to_step(pair, &coarse, last)?;
        let total = (end - before).max(0);
        let packed_points = i64::try_from(header.tally.count).unwrap_or(i64::MAX);
        let tail = usize::try_from(end - packed_points).unwrap_or(0);
        let is_to_pack = tail >= 2 * derived.packing.chunk_points;
        if query.is_read_whole(total, derived) {
            let points = Some(self.sample_all(query, pair, total)?);
            return Ok(Some(Sampled { points, is_to_pack }));
        }
        let places: Vec<i64> = sample_positions(total, query.max_results)
            .map(|place| before + place)
            .collect();

        let mut ends = Vec::with_capacity(summaries.len());
        let mut points = 0;
        for summary in &summaries {
            points += i64::try_from(summary.n).unwrap_or(i64::MAX);
            ends.push(points);
        }
        let mut numbers: Vec<usize> = places
            .iter()
            .map(|place| ends.partition_point(|end| end <= place))
            .filter(|number| *number < ends.len())
            .collect();
        numbers.dedup();
        let as_number = |chunk: &usize| i64::try_from(*chunk).unwrap_or(i64::MAX);
        let ranges: Vec<(&Pair, Header, i64, i64)> = numbers
            .chunk_by(|a, b| a + 1 == *b)
            .filter_map(|range| Some((range.first()?, range.last()?)))
            .map(|(first, last)| (pair, *header, as_number(first), as_number(last)))
            .collect();
        let mut buckets = BTreeMap::new();
        self.chunk_buckets(&ranges, |_, number, own| {
            if let Ok(number) = usize::try_from(number) {
                buckets.insert(number, own);
            }
        })?;
        let parts = summaries.iter().enumerate().flat_map(|(number, summary)| {
            let own = buckets.get(&number).filter(|own| !own.is_empty());
            own.map_or(std::slice::from_ref(summary), Vec::as_slice)
        });
        let points = match self.points_at(pair, &stretches(parts), &places)? {
            Some(points) => points,
            // Many have the same step, or others have removed points since somebody last looked.
            None => {
                let total = self.count_in_steps(pair, query.range())?;
                self.sample_all(query, pair, total)?
            }
        };
        Ok(Some(Sampled {
            points: Some(points),
            is_to_pack,
        }))
    }

    /// Samples a series that is not packed.
    fn sample_rows(
        &mut self,
        query: &IntervalQuery,
        pair: &Pair,
        derived: &Derived,
        unpacked: Unpacked,
    ) -> Result<Sampled> {
        let total = self.count_in_steps(pair, query.range())?;
        let is_long = usize::try_from(total).is_ok_and(|total| total > derived.packing.threshold);
        if is_long && derived.is_there() && unpacked == Unpacked::IsLeftOut {
            return Ok(Sampled {
                points: None,
                is_to_pack: true,
            });
        }
        if !is_long || query.is_read_whole(total, derived) {
            return Ok(Sampled::of(self.sample_all(query, pair, total)?));
        }
        let places: Vec<i64> = sample_positions(total, query.max_results).collect();
        let stretch = Stretch::of_steps(query.range());
        match self.points_at(pair, &[stretch], &places)? {
            Some(points) => Ok(Sampled::of(points)),
            None => Ok(Sampled::of(self.sample_all(query, pair, total)?)),
        }
    }

    /// Samples so many points by reading them all.
    fn sample_all(&mut self, query: &IntervalQuery, pair: &Pair, total: i64) -> Result<Vec<HistoryPoint>> {
        let (first, last) = query.range();
        let mut wanted = sample_positions(total, query.max_results).peekable();
        let mut samples = Vec::new();
        let mut position = 0;
        let parameters = [
            pair.run_id.as_str().into(),
            (&pair.key).into(),
            first.into(),
            last.into(),
        ];
        self.for_each(IN_STEPS, &parameters, |row| {
            if wanted.peek() == Some(&position) {
                wanted.next();
                samples.push(read_point(row)?);
            }
            position += 1;
            Ok(())
        })?;
        Ok(samples)
    }
}

/// Which of `total` ordered points stand for `buckets` equal parts: the first `total mod buckets`
/// parts have one point more (NTILE in SQL), and the last sample is the last point.
fn sample_positions(total: i64, buckets: i64) -> impl Iterator<Item = i64> {
    let used = buckets.min(total);
    let (size, larger) = if used == 0 {
        (0, 0)
    } else {
        (total / used, total % used)
    };
    (0..used).map(move |i| {
        if i == used - 1 {
            total - 1
        } else {
            i * size + i.min(larger)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn positions(total: i64, buckets: i64) -> Vec<i64> {
        sample_positions(total, buckets).collect()
    }

    #[test]
    fn samples_are_the_first_of_equal_buckets_and_the_last_point() {
        // Seen on a real 3.17.2 server with steps 0–9.
        assert_eq!(positions(10, 3), [0, 4, 9]);
        assert_eq!(positions(10, 4), [0, 3, 6, 9]);
        assert_eq!(positions(10, 7), [0, 2, 4, 6, 7, 8, 9]);
        assert_eq!(positions(10, 12), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(positions(10, 1), [9]);
        assert_eq!(positions(0, 5), [0_i64; 0]);
    }
}
