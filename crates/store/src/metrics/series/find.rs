//! Finding series: short ones in their rows, long ones in their packed form.

use std::collections::{BTreeMap, HashSet};

use oxflow_core::limits::MAX_SERIES_NUMBERS;
use oxflow_core::{HistoryPoint, Invalid, Series};

use super::cut::Cut;
use super::derived::Derived;
use super::headers::{Expected, json_list};
use super::packed::Header;
use super::plan::{Packed, Piece, groups_by_rows, tail_segment};
use super::segments::{Order, Segment};
use super::{Pair, SeriesQuery};
use crate::{DbError, Result, StoreError, Tx, Value};

/// Packed series that are answered together, by five statements: some 100 MB of buckets.
const GROUP_SERIES: usize = 64;
const GROUP_POINTS: u64 = 64 * 1024 * 1024;

/// What was found for a list of pairs.
#[derive(Debug)]
pub(super) struct Found {
    /// The series of each pair; none where there are no points, or the series has to be packed first.
    pub series: Vec<Option<Series>>,
    /// Positions of the pairs that have to be packed, and what is stored of them.
    pub unpacked: Vec<(usize, Expected)>,
    /// Packed series with a long tail, and that tail.
    pub grown: Vec<(usize, Header, Vec<HistoryPoint>)>,
    numbers: usize,
}

impl Found {
    pub(super) fn new(pairs: usize) -> Self {
        Self {
            series: vec![None; pairs],
            unpacked: Vec::new(),
            grown: Vec::new(),
            numbers: 0,
        }
    }

    /// Adds a series, unless the answer would not fit into memory.
    fn add(&mut self, position: usize, series: Series) -> Result<(), StoreError> {
        self.numbers += series.data.numbers();
        self.series[position] = Some(series);
        check_size(self.numbers)
    }
}

/// Refuses an answer that would not fit into memory.
pub(super) fn check_size(numbers: usize) -> Result<(), StoreError> {
    if numbers <= MAX_SERIES_NUMBERS {
        return Ok(());
    }
    Err(Invalid::new(format!(
        "The answer would hold more than {MAX_SERIES_NUMBERS} numbers; ask for fewer runs or keys at once, or for a \
         smaller 'width'"
    ))
    .into())
}

impl Tx<'_> {
    /// The series of pairs as they are stored.
    pub(super) fn find_series(
        &mut self,
        query: &SeriesQuery,
        pairs: &[Pair],
        derived: &Derived,
    ) -> Result<Found> {
        let mut found = Found::new(pairs.len());
        let mut whole: Vec<usize> = (0..pairs.len()).collect();
        let headers = self.usable_headers(pairs, derived, &mut found.unpacked)?;
        if derived.is_there() {
            let behind: HashSet<usize> = found.unpacked.iter().map(|(position, _)| *position).collect();
            whole.retain(|position| !headers.contains_key(position) && !behind.contains(position));
            self.leave_out_long(pairs, &mut whole, derived, &mut found)?;
        }
        let mut group = Vec::new();
        let mut points = 0;
        for (position, header) in headers {
            points += header.tally.count;
            group.push((position, header));
            if group.len() == GROUP_SERIES || points > GROUP_POINTS {
                self.add_packed(query, pairs, &group, derived, &mut found, &mut whole)?;
                group.clear();
                points = 0;
            }
        }
        self.add_packed(query, pairs, &group, derived, &mut found, &mut whole)?;
        self.add_whole(query, pairs, &whole, &mut found)?;
        Ok(found)
    }

    /// Leaves the pairs out that have so many points that they are to be packed.
    fn leave_out_long(
        &mut self,
        pairs: &[Pair],
        positions: &mut Vec<usize>,
        derived: &Derived,
        found: &mut Found,
    ) -> Result<(), DbError> {
        let list: Vec<_> = positions
            .iter()
            .map(|position| pairs[*position].json(&[i64::MIN, i64::MAX]))
            .collect();
        // The conditions on the step exclude nothing: they lead to the index by run, key and step.
        let sql = format!(
            "SELECT s.position
               FROM {} s
              WHERE (SELECT COUNT(*) FROM (SELECT 1 FROM metrics m
                      WHERE m.run_uuid = s.run_id AND m.key = s.key AND m.step >= s.from_step AND m.step <= s.to_step
                      LIMIT {}) counted) > {}",
            self.dialect().series_list("$1", &["from_step", "to_step"]),
            derived.packing.threshold + 1,
            derived.packing.threshold,
        );
        let long = self.query(&sql, &[Value::from(json_list(&list))], |row| row.int(0))?;
        let long: HashSet<usize> = long
            .into_iter()
            .filter_map(|at| positions.get(usize::try_from(at).ok()?).copied())
            .collect();
        positions.retain(|position| !long.contains(position));
        found
            .unpacked
            .extend(long.into_iter().map(|position| (position, Expected::Nothing)));
        Ok(())
    }

    /// Answers series from all their rows.
    pub(super) fn add_whole(
        &mut self,
        query: &SeriesQuery,
        pairs: &[Pair],
        positions: &[usize],
        found: &mut Found,
    ) -> Result<()> {
        let segments: Vec<Segment<'_>> = positions
            .iter()
            .map(|position| Segment::whole(&pairs[*position]))
            .collect();
        let mut add = |at: usize, points: &mut Vec<HistoryPoint>| {
            let position = positions[at];
            let pair = &pairs[position];
            let series = Cut::new(query, pair.origin).points(pair, points);
            points.clear();
            found.add(position, series)
        };
        let mut points: Vec<HistoryPoint> = Vec::new();
        let mut current = 0;
        self.for_each_in_segments(&segments, Order::ByStep, |at, point| {
            if at != current && !points.is_empty() {
                add(current, &mut points)?;
            }
            current = at;
            points.push(point);
            Ok(())
        })?;
        if points.is_empty() {
            return Ok(());
        }
        add(current, &mut points)
    }

    /// Answers packed series; those that turn out to be out of order are left to be answered whole.
    fn add_packed(
        &mut self,
        query: &SeriesQuery,
        pairs: &[Pair],
        group: &[(usize, Header)],
        derived: &Derived,
        found: &mut Found,
        whole: &mut Vec<usize>,
    ) -> Result<()> {
        if group.is_empty() {
            return Ok(());
        }
        let mut packed = self.load_summaries(pairs, group, found)?;
        packed.retain(|(position, packed)| {
            let is_in_order = packed.is_in_order_of(query.axis);
            if !is_in_order {
                whole.push(*position);
            }
            is_in_order
        });
        self.load_buckets(query, pairs, &mut packed)?;
        let planned: Vec<Planned> = packed
            .into_iter()
            .map(|(position, packed)| Planned {
                plan: packed.pieces(&Cut::new(query, pairs[position].origin), &derived.packing),
                position,
                packed,
            })
            .collect();
        let ends = groups_by_rows(
            planned.iter().map(|series| series.plan.as_slice()),
            &derived.packing,
        );
        let mut begin = 0;
        for end in ends.into_iter().chain([planned.len()]) {
            self.answer_packed(query, pairs, &planned[begin..end], derived, found, whole)?;
            begin = end;
        }
        Ok(())
    }

    /// Answers packed series whose rows fit into memory together.
    fn answer_packed(
        &mut self,
        query: &SeriesQuery,
        pairs: &[Pair],
        planned: &[Planned],
        derived: &Derived,
        found: &mut Found,
        whole: &mut Vec<usize>,
    ) -> Result<()> {
        let mut rows = self.read_rows(pairs, planned)?.into_iter();
        for Planned {
            position,
            packed,
            plan,
        } in planned
        {
            let own_rows = plan
                .iter()
                .filter(|piece| matches!(piece, Piece::Rows { .. }))
                .count();
            let own_rows: Vec<Vec<HistoryPoint>> = rows.by_ref().take(own_rows).collect();
            let mut tail = rows.next().unwrap_or_default();
            tail.retain(|point| packed.header.is_before(point));
            let pair = &pairs[*position];
            let cut = Cut::new(query, pair.origin);
            match packed.answer(&cut, pair, plan, own_rows.into_iter(), &tail) {
                Some(series) => found.add(*position, series)?,
                None => whole.push(*position),
            }
            if tail.len() >= 2 * derived.packing.chunk_points {
                found.grown.push((*position, packed.header, tail));
            }
        }
        Ok(())
    }

    fn load_summaries(
        &mut self,
        pairs: &[Pair],
        group: &[(usize, Header)],
        found: &mut Found,
    ) -> Result<Vec<(usize, Packed)>, DbError> {
        let series: Vec<(&Pair, &Header)> = group
            .iter()
            .map(|(position, header)| (&pairs[*position], header))
            .collect();
        let summaries = self.summaries(&series)?;
        let mut packed = Vec::new();
        for ((position, header), summaries) in group.iter().zip(summaries) {
            if usize::try_from(header.chunks) == Ok(summaries.len()) {
                let of_series = Packed {
                    header: *header,
                    summaries,
                    buckets: BTreeMap::new(),
                };
                packed.push((*position, of_series));
            } else {
                let expected = Expected::Behind { build: header.build };
                found.unpacked.push((*position, expected));
            }
        }
        Ok(packed)
    }

    fn load_buckets(
        &mut self,
        query: &SeriesQuery,
        pairs: &[Pair],
        packed: &mut [(usize, Packed)],
    ) -> Result<(), DbError> {
        let mut wanted = Vec::new();
        for (at, (position, packed)) in packed.iter().enumerate() {
            let cut = Cut::new(query, pairs[*position].origin);
            wanted.extend(packed.wanted_chunks(&cut).into_iter().map(|range| (at, range)));
        }
        let number = |chunk: usize| i64::try_from(chunk).unwrap_or(i64::MAX);
        let ranges: Vec<(&Pair, Header, i64, i64)> = wanted
            .iter()
            .map(|(at, (first, last))| {
                let (position, packed) = &packed[*at];
                (&pairs[*position], packed.header, number(*first), number(*last))
            })
            .collect();
        self.chunk_buckets(&ranges, |range, number, buckets| {
            let at = wanted.get(range).map(|(at, _)| *at);
            let of_series = at.and_then(|at| packed.get_mut(at));
            if let (Some((_, of_series)), Ok(number)) = (of_series, usize::try_from(number)) {
                of_series.buckets.insert(number, buckets);
            }
        })
    }

    /// The rows of the pieces of each series, then its tail.
    fn read_rows(&mut self, pairs: &[Pair], planned: &[Planned]) -> Result<Vec<Vec<HistoryPoint>>> {
        let mut segments = Vec::new();
        for Planned {
            position,
            packed,
            plan,
        } in planned
        {
            let pair = &pairs[*position];
            segments.extend(plan.iter().filter_map(|piece| piece.segment(pair)));
            segments.push(tail_segment(pair, &packed.header));
        }
        self.rows_of_segments(&segments)
    }

    /// The points of each segment.
    pub(super) fn rows_of_segments(&mut self, segments: &[Segment<'_>]) -> Result<Vec<Vec<HistoryPoint>>> {
        let mut rows = vec![Vec::new(); segments.len()];
        self.for_each_in_segments(segments, Order::ByStep, |at, point| {
            rows[at].push(point);
            Ok(())
        })?;
        Ok(rows)
    }
}

/// A packed series, and what of it is read for an answer.
#[derive(Debug)]
struct Planned {
    /// Of its pair.
    position: usize,
    packed: Packed,
    plan: Vec<Piece>,
}
