//! Finding the points at some places of a series without reading those between.

use std::collections::BTreeSet;

use oxflow_core::HistoryPoint;

use super::Pair;
use super::bucket::{Bucket, by_step};
use super::headers::json_list;
use super::segments::{Order, Segment};
use crate::metrics::history::read_point;
use crate::{DbError, Dialect, Result, Tx, Value};

/// Stretches with at most so many points are looked into by a guess; each guess reads all points of one step.
const MOST_GUESSED: i64 = 256;

const COUNT: &str = "
    SELECT COUNT(*)
      FROM metrics
     WHERE run_uuid = $1 AND key = $2 AND step >= $3 AND step <= $4";

/// Reads nothing but the index by run, key and step.
const STEPS: &str = "
    SELECT step
      FROM metrics
     WHERE run_uuid = $1 AND key = $2 AND step >= $3 AND step <= $4
     ORDER BY step";

/// Neighbouring points that share no step with those before and behind, so that an index by steps can count them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stretch {
    /// Points of the series before it.
    before: i64,
    from_step: i64,
    /// What is known of its points; of the last stretch of a series nothing is, as points are added there.
    known: Option<Known>,
    to_step: i64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Known {
    points: i64,
}

/// A point of a stretch: its step, and how many points of this step are before it.
type Place = (i64, usize);

impl Stretch {
    /// All points of a range of steps.
    pub(super) fn of_steps((from_step, to_step): (i64, i64)) -> Self {
        Self {
            before: 0,
            from_step,
            known: None,
            to_step,
        }
    }

    /// The step of a point, if the steps of the stretch are evenly spaced.
    fn guess(&self, place: i64) -> Option<i64> {
        let points = self.known.filter(|known| known.points <= MOST_GUESSED)?.points;
        let gaps = i128::from((points - 1).max(1));
        let length = i128::from(self.to_step) - i128::from(self.from_step);
        let step = i128::from(self.from_step) + (i128::from(place - self.before) * length + gaps / 2) / gaps;
        i64::try_from(step).ok()
    }
}

/// Cuts a series, given by its packed parts in order, where a step ends with a part. The last stretch goes on behind what
/// is packed.
pub(super) fn stretches<'b>(parts: impl Iterator<Item = &'b Bucket>) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = Vec::new();
    let mut before = 0;
    let mut last_step = None;
    for part in parts {
        if last_step != Some(part.first.step) {
            if let (Some(ended), Some(last_step)) = (found.last_mut(), last_step) {
                ended.to_step = last_step;
                ended.known = Some(Known {
                    points: before - ended.before,
                });
            }
            found.push(Stretch {
                before,
                from_step: part.first.step,
                known: None,
                to_step: i64::MAX,
            });
        }
        before += i64::try_from(part.n).unwrap_or(i64::MAX);
        last_step = Some(part.last_step);
    }
    found
}

/// The stretch in which a place is.
fn stretch_of(stretches: &[Stretch], place: i64) -> usize {
    stretches
        .partition_point(|stretch| stretch.before <= place)
        .saturating_sub(1)
}

impl Tx<'_> {
    /// How many points of a range of steps there are.
    pub(super) fn count_in_steps(&mut self, pair: &Pair, (from, to): (i64, i64)) -> Result<i64, DbError> {
        let count = self.query_first(COUNT, &range(pair, from, to), |row| row.int(0))?;
        Ok(count.unwrap_or(0))
    }

    /// How many points a series has up to a step.
    pub(super) fn count_to_step(
        &mut self,
        pair: &Pair,
        stretches: &[Stretch],
        step: i64,
    ) -> Result<i64, DbError> {
        let begun = stretches.partition_point(|stretch| stretch.from_step <= step);
        let Some(stretch) = begun.checked_sub(1).map(|last| stretches[last]) else {
            return Ok(0);
        };
        Ok(stretch.before + self.count_in_steps(pair, (stretch.from_step, step))?)
    }

    /// The points at some places of a series, in rising order; none if there is no point at one of them, or if many have
    /// the same step, all points of which would be read.
    pub(super) fn points_at(
        &mut self,
        pair: &Pair,
        stretches: &[Stretch],
        places: &[i64],
    ) -> Result<Option<Vec<HistoryPoint>>> {
        let mut found = self.guess_points(pair, stretches, places)?;
        let missing: Vec<usize> = (0..places.len()).filter(|at| found[*at].is_none()).collect();
        let wanted: Vec<(usize, i64)> = missing
            .iter()
            .map(|at| (stretch_of(stretches, places[*at]), places[*at]))
            .collect();
        let located = self.locate(pair, stretches, &wanted)?;
        let steps: Vec<i64> = located
            .iter()
            .flatten()
            .map(|(step, _)| *step)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        if 2 * steps.len() < missing.len() {
            return Ok(None);
        }
        let points = self.points_of_steps(pair, &steps)?;
        for (at, place) in missing.into_iter().zip(located) {
            found[at] = place.and_then(|(step, offset)| {
                let own = &points[steps.binary_search(&step).ok()?];
                own.get(offset).copied()
            });
        }
        Ok(found.into_iter().collect())
    }

    /// Looks each point up where it is if steps are evenly spaced, and counts those before it.
    fn guess_points(
        &mut self,
        pair: &Pair,
        stretches: &[Stretch],
        places: &[i64],
    ) -> Result<Vec<Option<HistoryPoint>>, DbError> {
        let mut found = vec![None; places.len()];
        let mut guessed = Vec::new();
        let mut list = Vec::new();
        for (at, place) in places.iter().enumerate() {
            let stretch = &stretches[stretch_of(stretches, *place)];
            if let Some(step) = stretch.guess(*place) {
                guessed.push((at, place - stretch.before));
                list.push(pair.json(&[stretch.from_step, step]));
            }
        }
        if list.is_empty() {
            return Ok(found);
        }
        let sql = statement_of_guesses(self.dialect());
        let mut points: Vec<(i64, Vec<HistoryPoint>)> = vec![(0, Vec::new()); list.len()];
        self.for_each(&sql, &[Value::from(json_list(&list))], |row| {
            if let Some((before, points)) = usize::try_from(row.int(4)?)
                .ok()
                .and_then(|at| points.get_mut(at))
            {
                *before = row.int(5)?;
                points.push(read_point(row)?);
            }
            Ok(())
        })?;
        for ((at, offset), (before, mut points)) in guessed.into_iter().zip(points) {
            points.sort_unstable_by(by_step);
            let own = usize::try_from(offset - before).ok();
            found[at] = own.and_then(|own| points.get(own)).copied();
        }
        Ok(found)
    }

    /// The steps of points, given by their stretches and places in rising order, out of all steps of these stretches.
    fn locate(
        &mut self,
        pair: &Pair,
        stretches: &[Stretch],
        wanted: &[(usize, i64)],
    ) -> Result<Vec<Option<Place>>, DbError> {
        let mut located = Vec::with_capacity(wanted.len());
        let of_stretches: Vec<&[(usize, i64)]> = wanted.chunk_by(|a, b| a.0 == b.0).collect();
        let known: Vec<&Stretch> = of_stretches
            .iter()
            .map(|wanted| &stretches[wanted[0].0])
            .filter(|stretch| stretch.known.is_some())
            .collect();
        let mut steps = self.steps_of(pair, &known)?.into_iter();
        for wanted in of_stretches {
            let stretch = &stretches[wanted[0].0];
            let places: Vec<i64> = wanted.iter().map(|(_, place)| place - stretch.before).collect();
            let mut walk = Walk::new(&places);
            if stretch.known.is_some() {
                let mut steps = steps.next().unwrap_or_default();
                steps.sort_unstable();
                steps.into_iter().for_each(|step| walk.pass(step));
            } else {
                let range = range(pair, stretch.from_step, stretch.to_step);
                self.for_each(STEPS, &range, |row| {
                    walk.pass(row.int(0)?);
                    Ok(())
                })?;
            }
            located.extend(walk.found);
        }
        Ok(located)
    }

    /// The steps of the points of stretches, in any order.
    fn steps_of(&mut self, pair: &Pair, stretches: &[&Stretch]) -> Result<Vec<Vec<i64>>, DbError> {
        let mut found = vec![Vec::new(); stretches.len()];
        if stretches.is_empty() {
            return Ok(found);
        }
        let list: Vec<_> = stretches
            .iter()
            .map(|stretch| pair.json(&[stretch.from_step, stretch.to_step]))
            .collect();
        let sql = statement_of_steps(self.dialect());
        self.for_each(&sql, &[Value::from(json_list(&list))], |row| {
            if let Some(steps) = usize::try_from(row.int(0)?).ok().and_then(|at| found.get_mut(at)) {
                steps.push(row.int(1)?);
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// The points of each of some steps, in order.
    fn points_of_steps(&mut self, pair: &Pair, steps: &[i64]) -> Result<Vec<Vec<HistoryPoint>>> {
        let mut found = vec![Vec::new(); steps.len()];
        if steps.is_empty() {
            return Ok(found);
        }
        let segments: Vec<Segment<'_>> = steps
            .iter()
            .map(|step| Segment {
                pair,
                from: (*step, i64::MIN),
                to: (*step, i64::MAX),
            })
            .collect();
        self.for_each_in_segments(&segments, Order::Any, |at, point| {
            found[at].push(point);
            Ok(())
        })?;
        found
            .iter_mut()
            .for_each(|points| points.sort_unstable_by(by_step));
        Ok(found)
    }
}

fn range(pair: &Pair, from: i64, to: i64) -> [Value<'_>; 4] {
    [
        pair.run_id.as_str().into(),
        (&pair.key).into(),
        from.into(),
        to.into(),
    ]
}

/// Passes the steps of a stretch in order, and keeps where its wanted points are.
#[derive(Debug)]
struct Walk<'p> {
    /// In rising order.
    places: &'p [i64],
    passed: i64,
    step: i64,
    /// Points passed before the first of `step`.
    before_step: i64,
    next: usize,
    found: Vec<Option<Place>>,
}

impl<'p> Walk<'p> {
    fn new(places: &'p [i64]) -> Self {
        Self {
            places,
            passed: 0,
            step: i64::MIN,
            before_step: 0,
            next: 0,
            found: vec![None; places.len()],
        }
    }

    fn pass(&mut self, step: i64) {
        if step != self.step {
            self.step = step;
            self.before_step = self.passed;
        }
        if self.places.get(self.next) == Some(&self.passed) {
            let offset = usize::try_from(self.passed - self.before_step).ok();
            self.found[self.next] = offset.map(|offset| (step, offset));
            self.next += 1;
        }
        self.passed += 1;
    }
}

/// Takes one parameter: a list of stretches, each with its first step and a guessed one. The points of the guessed step,
/// and how many points of the stretch are before them.
///
/// Two conditions on the step, as one of equality leads SQLite to another index.
pub(super) fn statement_of_guesses(dialect: Dialect) -> String {
    format!(
        "SELECT m.value, m.is_nan, m.timestamp, m.step, s.position,
                (SELECT COUNT(*) FROM metrics c
                  WHERE c.run_uuid = s.run_id AND c.key = s.key AND c.step >= s.from_step AND c.step < s.guess)
           FROM {}",
        dialect.rows_of_each(
            &dialect.series_list("$1", &["from_step", "guess"]),
            "metrics",
            "m",
            "m.run_uuid = s.run_id AND m.key = s.key AND m.step >= s.guess AND m.step <= s.guess",
        )
    )
}

/// Takes one parameter: a list of stretches, each with its first and last step.
pub(super) fn statement_of_steps(dialect: Dialect) -> String {
    format!(
        "SELECT s.position, m.step FROM {}",
        dialect.rows_of_each(
            &dialect.series_list("$1", &["from_step", "to_step"]),
            "metrics",
            "m",
            "m.run_uuid = s.run_id AND m.key = s.key AND m.step >= s.from_step AND m.step <= s.to_step",
        )
    )
}
