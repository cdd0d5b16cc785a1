//! Reading parts of many series by one statement.

use oxflow_core::HistoryPoint;

use super::Pair;
use super::headers::json_list;
use crate::metrics::history::read_point;
use crate::{DbError, Dialect, Result, StoreError, Tx, Value};

/// A part of a series: the points between two places in the order (step, time), both included.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment<'p> {
    pub pair: &'p Pair,
    /// Step and time.
    pub from: (i64, i64),
    pub to: (i64, i64),
}

/// In which order the points of segments come.
#[derive(Debug, Clone, Copy)]
pub(super) enum Order {
    /// In any.
    Any,
    /// One segment after the other, each by (step, time, value, is_nan).
    ByStep,
}

impl<'p> Segment<'p> {
    /// All of a series.
    pub(super) fn whole(pair: &'p Pair) -> Self {
        Self {
            pair,
            from: (i64::MIN, i64::MIN),
            to: (i64::MAX, i64::MAX),
        }
    }
}

impl Tx<'_> {
    /// Hands the points of segments over, each with the number of its segment.
    pub(super) fn for_each_in_segments(
        &mut self,
        segments: &[Segment<'_>],
        order: Order,
        mut act: impl FnMut(usize, HistoryPoint) -> Result<(), StoreError>,
    ) -> Result<()> {
        let list: Vec<_> = segments
            .iter()
            .map(|segment| {
                let (from, to) = (segment.from, segment.to);
                segment.pair.json(&[from.0, from.1, to.0, to.1])
            })
            .collect();
        let sql = statement(self.dialect(), order);
        let mut refused = None;
        let read = self.for_each(&sql, &[Value::from(json_list(&list))], |row| {
            let position = row.int(4)?;
            let position = usize::try_from(position)
                .ok()
                .filter(|position| *position < segments.len())
                .ok_or_else(|| DbError::unexpected(format!("there is no segment {position}")))?;
            act(position, read_point(row)?).map_err(|error| {
                refused = Some(error);
                DbError::unexpected("the reading was ended".to_owned())
            })
        });
        match refused {
            Some(error) => Err(error),
            None => Ok(read?),
        }
    }
}

/// Takes one parameter: a list of segments, each with the steps and times of its two ends.
pub(super) fn statement(dialect: Dialect, order: Order) -> String {
    format!(
        "SELECT m.value, m.is_nan, m.timestamp, m.step, s.position FROM {} {}",
        dialect.rows_of_each(
            &dialect.series_list("$1", &["from_step", "from_time", "to_step", "to_time"]),
            "metrics",
            "m",
            "m.run_uuid = s.run_id AND m.key = s.key AND m.step >= s.from_step AND m.step <= s.to_step
             AND (m.step > s.from_step OR m.timestamp >= s.from_time)
             AND (m.step < s.to_step OR m.timestamp <= s.to_time)",
        ),
        match order {
            Order::Any => "",
            Order::ByStep => "ORDER BY s.position, m.step, m.timestamp, m.value, m.is_nan",
        }
    )
}
