//! The rows of `oxflow_series`, one per packed series: its header.
//!
//! The tables of packed series hold nothing that the rows of `metrics` do not say, and may be dropped or emptied at any time.

use std::collections::HashMap;
use std::time::Instant;

use oxflow_core::{HistoryPoint, MetricValue, RunId};

use super::Pair;
use super::derived::Derived;
use super::packed::{Chunk, Header};
use super::tally::Tally;
use super::usable::PairList;
use crate::driver::{BulkInsert, Kind};
use crate::{DbError, Result, Row, Tx, Value};

/// The layout of the rows; rows of another one are made anew.
const FORMAT: i64 = 1;

const HEADERS: &str = "
    SELECT h.run_uuid, h.key, h.build, h.chunks, h.by_time, h.points, h.nan_points, h.inf_points, h.first_time,
           h.last_step, h.last_time, h.last_value, h.last_is_nan, h.min_value, h.min_step, h.max_value, h.max_step,
           h.is_behind OR h.format <> 1
      FROM oxflow_series h";

const INSERT_HEADER: BulkInsert = BulkInsert {
    table: "oxflow_series",
    columns: &[
        ("run_uuid", Kind::Text),
        ("key", Kind::Text),
        ("format", Kind::Int),
        ("is_behind", Kind::Bool),
        ("build", Kind::Int),
        ("chunks", Kind::Int),
        ("by_time", Kind::Bool),
        ("points", Kind::Int),
        ("nan_points", Kind::Int),
        ("inf_points", Kind::Int),
        ("first_time", Kind::Int),
        ("last_step", Kind::Int),
        ("last_time", Kind::Int),
        ("last_value", Kind::Real),
        ("last_is_nan", Kind::Bool),
        ("min_value", Kind::Real),
        ("min_step", Kind::Int),
        ("max_value", Kind::Real),
        ("max_step", Kind::Int),
    ],
    on_conflict: "ON CONFLICT DO NOTHING",
};

const ADVANCE_HEADER: &str = "
    UPDATE oxflow_series
       SET chunks = $1, by_time = $2, points = $3, nan_points = $4, inf_points = $5, first_time = $6, last_step = $7,
           last_time = $8, last_value = $9, last_is_nan = $10, min_value = $11, min_step = $12, max_value = $13,
           max_step = $14
     WHERE run_uuid = $15 AND key = $16 AND build = $17 AND chunks = $18 AND NOT is_behind";

const DELETE_HEADER: &str = "DELETE FROM oxflow_series WHERE run_uuid = $1 AND key = $2 AND build = $3";

/// A stored header.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stored {
    pub header: Header,
    /// Whether the rows are known to have changed below it.
    pub is_behind: bool,
}

/// What a write of chunks expects to find.
#[derive(Debug, Clone, Copy)]
pub(super) enum Expected {
    /// No header of the series.
    Nothing,
    /// A header that is no longer right; it is replaced.
    Behind { build: i64 },
    /// Exactly this header; the chunks follow its own.
    Header(Header),
}

impl Tx<'_> {
    /// The stored headers of some pairs, by their position.
    pub(super) fn stored_headers(&mut self, pairs: &[Pair]) -> Result<HashMap<usize, Stored>, DbError> {
        let list = PairList::new(pairs);
        let sql = format!(
            "{HEADERS} WHERE h.run_uuid {} AND h.key {}",
            self.dialect().is_among("$1"),
            self.dialect().is_among("$2")
        );
        let mut found = HashMap::new();
        let parameters = [list.run_ids.as_slice().into(), list.keys.as_slice().into()];
        self.for_each(&sql, &parameters, |row| {
            if let Some(position) = list.position(&row.text(0)?, &row.text(1)?) {
                found.insert(position, read_header(row)?);
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// Whether headers still count the points that the rows have up to their last ones: other programs write them, too.
    /// Returns the positions of those that do.
    pub(super) fn still_right(
        &mut self,
        pairs: &[Pair],
        headers: &[(usize, Header)],
        derived: &Derived,
    ) -> Result<Vec<usize>, DbError> {
        if headers.is_empty() {
            return Ok(Vec::new());
        }
        let list: Vec<_> = headers
            .iter()
            .map(|(position, _)| pairs[*position].json(&[i64::MIN]))
            .collect();
        // Two counts, of which the first needs nothing but the index by run, key and step.
        let sql = format!(
            "SELECT s.position,
                    (SELECT COUNT(*) FROM metrics m
                      WHERE m.run_uuid = h.run_uuid AND m.key = h.key AND m.step >= s.from_step AND m.step < h.last_step)
                  + (SELECT COUNT(*) FROM metrics m
                      WHERE m.run_uuid = h.run_uuid AND m.key = h.key AND m.step = h.last_step
                        AND (m.timestamp, m.value, m.is_nan) <= (h.last_time, h.last_value, h.last_is_nan))
               FROM {} s
              CROSS JOIN oxflow_series h
              WHERE h.run_uuid = s.run_id AND h.key = s.key",
            self.dialect().series_list("$1", &["from_step"])
        );
        let began = Instant::now();
        let counts = self.query(&sql, &[Value::from(json_list(&list))], |row| {
            Ok((row.int(0)?, row.int(1)?))
        })?;
        let effort = began.elapsed() / u32::try_from(headers.len()).unwrap_or(u32::MAX);
        let mut right = Vec::new();
        for (at, count) in counts {
            let Some((position, header)) = usize::try_from(at).ok().and_then(|at| headers.get(at)) else {
                continue;
            };
            if u64::try_from(count) == Ok(header.tally.count) {
                derived.trust(&pairs[*position], header, effort);
                right.push(*position);
            }
        }
        Ok(right)
    }

    /// Stores chunks with the header that they lead to; does nothing, and says so, if somebody else was faster.
    pub(super) fn store_chunks(
        &mut self,
        pair: &Pair,
        expected: Expected,
        chunks: &[Chunk],
    ) -> Result<bool, DbError> {
        let Some(last) = chunks.last() else {
            return Ok(true);
        };
        let is_ours = match expected {
            Expected::Nothing => self.insert_header(pair, &last.header)?,
            Expected::Behind { build } => {
                self.execute(
                    DELETE_HEADER,
                    &[pair.run_id.as_str().into(), (&pair.key).into(), build.into()],
                )? > 0
                    && self.insert_header(pair, &last.header)?
            }
            Expected::Header(before) => self.advance_header(pair, &before, &last.header)?,
        };
        if !is_ours {
            return Ok(false);
        }
        if !matches!(expected, Expected::Header(_)) {
            self.delete_chunks(pair)?;
        }
        self.insert_chunks(pair, chunks)?;
        Ok(true)
    }

    /// Removes what is stored of a series that is no longer long enough.
    pub(super) fn forget_series(&mut self, pair: &Pair, build: i64) -> Result<(), DbError> {
        let parameters: [Value<'_>; 2] = [pair.run_id.as_str().into(), (&pair.key).into()];
        if self.execute(
            DELETE_HEADER,
            &[parameters[0].clone(), parameters[1].clone(), build.into()],
        )? > 0
        {
            self.delete_chunks(pair)?;
        }
        Ok(())
    }

    fn insert_header(&mut self, pair: &Pair, header: &Header) -> Result<bool, DbError> {
        let mut values = vec![
            pair.run_id.as_str().into(),
            (&pair.key).into(),
            FORMAT.into(),
            false.into(),
            header.build.into(),
        ];
        values.extend(header_values(header));
        let row: [Value<'_>; 19] = values
            .try_into()
            .map_err(|_| DbError::unexpected("a header has other columns".to_owned()))?;
        Ok(self.insert_many(&INSERT_HEADER, [row])? > 0)
    }

    fn advance_header(&mut self, pair: &Pair, before: &Header, after: &Header) -> Result<bool, DbError> {
        let mut values: Vec<Value<'_>> = header_values(after).into();
        values.extend([
            pair.run_id.as_str().into(),
            (&pair.key).into(),
            before.build.into(),
            before.chunks.into(),
        ]);
        Ok(self.execute(ADVANCE_HEADER, &values)? > 0)
    }
}

/// The columns of a header that change as chunks are added.
fn header_values(header: &Header) -> [Value<'static>; 14] {
    let tally = &header.tally;
    let count = |count: u64| Value::Int(i64::try_from(count).unwrap_or(i64::MAX));
    let (min, min_step) = tally.min.unzip();
    let (max, max_step) = tally.max.unzip();
    [
        header.chunks.into(),
        header.by_time.into(),
        count(tally.count),
        count(tally.nan),
        count(tally.inf),
        tally.first_time.into(),
        tally.last.step.into(),
        tally.last.timestamp_ms.into(),
        tally.last.value.stored.into(),
        tally.last.value.is_nan.into(),
        min.into(),
        min_step.into(),
        max.into(),
        max_step.into(),
    ]
}

fn read_header(row: &Row<'_>) -> Result<Stored, DbError> {
    let count = |column| row.int(column).map(|count| u64::try_from(count).unwrap_or(0));
    let extreme = |column| Ok::<_, DbError>(row.real_or_null(column)?.zip(row.int_or_null(column + 1)?));
    let tally = Tally {
        count: count(5)?,
        nan: count(6)?,
        inf: count(7)?,
        first_time: row.int(8)?,
        last: HistoryPoint {
            step: row.int(9)?,
            timestamp_ms: row.int(10)?,
            value: MetricValue {
                stored: row.real(11)?,
                is_nan: row.truth(12)?,
            },
        },
        min: extreme(13)?,
        max: extreme(15)?,
    };
    Ok(Stored {
        header: Header {
            build: row.int(2)?,
            chunks: row.int(3)?,
            by_time: row.truth(4)?,
            tally,
        },
        is_behind: row.truth(17)?,
    })
}

/// An item of [`crate::Dialect::series_list`].
pub(super) fn list_item(run_id: &RunId, key: &str, numbers: &[i64]) -> serde_json::Value {
    let texts = [run_id.as_str(), key].map(serde_json::Value::from);
    let numbers = numbers.iter().copied().map(serde_json::Value::from);
    texts.into_iter().chain(numbers).collect()
}

/// The parameter of [`crate::Dialect::series_list`].
pub(super) fn json_list(items: &[serde_json::Value]) -> String {
    serde_json::to_string(items).expect("texts and integers are JSON")
}
