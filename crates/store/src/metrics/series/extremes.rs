//! Least and greatest finite values of the histories of many runs: out of packed series where there are any, else out of
//! the rows.

use std::collections::{BTreeMap, HashMap, HashSet};

use oxflow_core::RunId;

use super::Pair;
use super::derived::Derived;
use super::headers::{json_list, list_item};
use super::packed::Header;
use super::plan::tail_segment;
use super::segments::Order;
use super::tally::Tally;
use crate::{DbError, Dialect, Result, Tx, Value};

/// The least and the greatest finite value of a metric of a run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Extremes {
    /// The place of the run in the question.
    pub run: usize,
    pub key: String,
    pub min: f64,
    pub max: f64,
}

/// The largest finite numbers stand for infinities.
const FINITE: &str =
    "NOT m.is_nan AND m.value < 1.7976931348623157e308 AND m.value > -1.7976931348623157e308";

const PACKED: &str = "SELECT h.run_uuid, h.key FROM oxflow_series h WHERE h.run_uuid ";

impl Tx<'_> {
    /// The extremes of some metrics of some runs, each at most once; those without a finite value are left out. Six
    /// statements at the most.
    pub(crate) fn metric_extremes(
        &mut self,
        ids: &[String],
        keys: &[String],
        derived: &Derived,
    ) -> Result<Vec<Extremes>> {
        let pairs = self.packed_pairs(ids, keys, derived)?;
        // What is not packed as it should be is read from the rows: the next chart packs it.
        let headers = self.usable_headers(&pairs, derived, &mut Vec::new())?;
        let usable: Vec<(&Pair, Tally)> = headers
            .iter()
            .map(|(position, header)| (&pairs[*position], header.tally))
            .collect();
        let with_packed: HashSet<&str> = usable.iter().map(|(pair, _)| pair.run_id.as_str()).collect();
        let place: HashMap<&str, usize> = ids.iter().enumerate().map(|(i, id)| (id.as_str(), i)).collect();
        let is_usable: HashSet<(&str, &str)> = usable
            .iter()
            .map(|(pair, _)| (pair.run_id.as_str(), pair.key.as_str()))
            .collect();

        let rest: Vec<usize> = (0..ids.len())
            .filter(|run| !with_packed.contains(ids[*run].as_str()))
            .collect();
        let mut found = self.extremes_of_runs(ids, &rest, keys)?;
        let rest: Vec<(usize, RunId, &str)> = with_packed
            .iter()
            .flat_map(|id| keys.iter().map(move |key| (*id, key.as_str())))
            .filter(|name| !is_usable.contains(name))
            .filter_map(|(id, key)| Some((*place.get(id)?, RunId::from_row(id.to_owned()), key)))
            .collect();
        found.extend(self.extremes_of_pairs(&rest)?);
        found.extend(self.packed_extremes(&pairs, &headers, &place)?);
        Ok(found)
    }

    /// The pairs that have a packed series.
    fn packed_pairs(
        &mut self,
        ids: &[String],
        keys: &[String],
        derived: &Derived,
    ) -> Result<Vec<Pair>, DbError> {
        if !derived.is_there() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "{PACKED}{} AND h.key {}",
            self.dialect().is_among("$1"),
            self.dialect().is_among("$2")
        );
        let packed = self.query(&sql, &[ids.into(), keys.into()], |row| {
            Ok(Pair {
                run_id: RunId::from_row(row.text(0)?),
                key: row.text(1)?,
                origin: 0,
            })
        });
        self.or_nothing(packed, derived)
    }

    fn extremes_of_runs(
        &mut self,
        ids: &[String],
        runs: &[usize],
        keys: &[String],
    ) -> Result<Vec<Extremes>, DbError> {
        if runs.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<String> = runs.iter().map(|run| ids[*run].clone()).collect();
        let sql = format!(
            "SELECT page.position, m.key, MIN(m.value), MAX(m.value)
               FROM {} page
               CROSS JOIN metrics m
              WHERE m.run_uuid = page.id AND m.key {} AND {FINITE}
              GROUP BY page.position, m.key",
            self.dialect().ids_with_position("$1"),
            self.dialect().is_among("$2")
        );
        self.query(&sql, &[ids.as_slice().into(), keys.into()], |row| {
            Ok(Extremes {
                run: at(runs, row.int(0)?)?,
                key: row.text(1)?,
                min: row.real(2)?,
                max: row.real(3)?,
            })
        })
    }

    fn extremes_of_pairs(&mut self, pairs: &[(usize, RunId, &str)]) -> Result<Vec<Extremes>, DbError> {
        if pairs.is_empty() {
            return Ok(Vec::new());
        }
        let list: Vec<_> = pairs
            .iter()
            .map(|(_, run_id, key)| list_item(run_id, key, &[i64::MIN, i64::MAX]))
            .collect();
        let sql = statement_of_pairs(self.dialect());
        self.query(&sql, &[Value::from(json_list(&list))], |row| {
            let (run, _, key) = at(pairs, row.int(0)?)?;
            Ok(Extremes {
                run,
                key: key.to_owned(),
                min: row.real(1)?,
                max: row.real(2)?,
            })
        })
    }

    /// What packed series and the points behind them come to.
    fn packed_extremes(
        &mut self,
        pairs: &[Pair],
        headers: &BTreeMap<usize, Header>,
        place: &HashMap<&str, usize>,
    ) -> Result<Vec<Extremes>> {
        let series: Vec<_> = headers
            .iter()
            .map(|(position, header)| (&pairs[*position], *header))
            .collect();
        if series.is_empty() {
            return Ok(Vec::new());
        }
        let tails: Vec<_> = series
            .iter()
            .map(|(pair, header)| tail_segment(pair, header))
            .collect();
        let mut tallies: Vec<Tally> = series.iter().map(|(_, header)| header.tally).collect();
        self.for_each_in_segments(&tails, Order::Any, |position, point| {
            if series[position].1.is_before(&point) {
                tallies[position].add(&Tally::of(&point));
            }
            Ok(())
        })?;
        let extremes = series.iter().zip(tallies).filter_map(|((pair, _), tally)| {
            let ((min, _), (max, _)) = tally.min.zip(tally.max)?;
            Some(Extremes {
                run: *place.get(pair.run_id.as_str())?,
                key: pair.key.clone(),
                min,
                max,
            })
        });
        Ok(extremes.collect())
    }
}

/// Takes one parameter: a list of runs and keys, each with the least and the greatest step. These exclude nothing: without
/// them SQLite would read the metric of all runs.
pub(super) fn statement_of_pairs(dialect: Dialect) -> String {
    format!(
        "SELECT s.position, MIN(m.value), MAX(m.value) FROM {} GROUP BY s.position",
        dialect.rows_of_each(
            &dialect.series_list("$1", &["from_step", "to_step"]),
            "metrics",
            "m",
            &format!(
                "m.run_uuid = s.run_id AND m.key = s.key AND m.step >= s.from_step AND m.step <= s.to_step AND {FINITE}"
            ),
        )
    )
}

/// The item of a list at a position that a statement tells.
fn at<T: Clone>(list: &[T], position: i64) -> Result<T, DbError> {
    usize::try_from(position)
        .ok()
        .and_then(|position| list.get(position))
        .cloned()
        .ok_or_else(|| DbError::unexpected(format!("there is no item {position}")))
}
