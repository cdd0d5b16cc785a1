//! Which parts of a packed series a chart needs, and how they become its answer.

use std::collections::BTreeMap;
use std::ops::Range;

use oxflow_core::{Axis, HistoryPoint, Series};

use super::Pair;
use super::bucket::{Bucket, by_step};
use super::cut::{Cut, Parts};
use super::packed::{Header, Packing};
use super::segments::Segment;

/// With so many chunks per bucket of the answer, the chunks themselves are fine enough.
const CHUNKS_PER_BUCKET: usize = 4;

/// Rows that are read for one series at the most, unless the answer needs more.
const MAX_ROWS: usize = 128 * 1024;

/// The packed part of a series, as far as it was read.
#[derive(Debug)]
pub(super) struct Packed {
    pub header: Header,
    pub summaries: Vec<Bucket>,
    /// The buckets of chunks by their number.
    pub buckets: BTreeMap<usize, Vec<Bucket>>,
}

/// A part of the range of a chart.
#[derive(Debug, Clone, Copy)]
pub(super) enum Piece {
    /// A bucket that lies in the range with all its points.
    Bucket(Bucket),
    /// The rows from a point to another, of which only some may lie in the range.
    Rows {
        first: HistoryPoint,
        /// The point behind; `None` means the end of what is packed.
        end: Option<HistoryPoint>,
        /// Step and time of the last row.
        last: (i64, i64),
        /// How many they are.
        count: u64,
    },
}

impl Packed {
    /// Whether x goes up with the order of the packed points.
    pub(super) fn is_in_order_of(&self, axis: Axis) -> bool {
        axis == Axis::Step || self.header.by_time
    }

    /// The numbers of the chunks whose buckets are needed: ranges, the last included.
    pub(super) fn wanted_chunks(&self, cut: &Cut) -> Vec<(usize, usize)> {
        let touched = touched(cut, &self.summaries);
        let Some(last) = touched.clone().last() else {
            return Vec::new();
        };
        if touched.len() < CHUNKS_PER_BUCKET * cut.width {
            return vec![(touched.start, last)];
        }
        let ends = [touched.start, last].into_iter();
        ends.filter(|number| !cut.covers(&self.summaries[*number]))
            .map(|number| (number, number))
            .collect()
    }

    /// The range of a chart, in order.
    pub(super) fn pieces(&self, cut: &Cut, packing: &Packing) -> Vec<Piece> {
        let chunks = touched(cut, &self.summaries);
        let behind = self.summaries.get(chunks.end).map(|bucket| bucket.first);
        let mut sequence: Vec<Bucket> = Vec::new();
        for number in chunks {
            match self.buckets.get(&number) {
                Some(buckets) => sequence.extend(buckets),
                None => sequence.push(self.summaries[number]),
            }
        }
        let touched = touched(cut, &sequence);
        let end_of = |place: usize| sequence.get(place + 1).map(|bucket| bucket.first).or(behind);
        let rows = |from: usize, to: usize| Piece::Rows {
            first: sequence[from].first,
            end: end_of(to),
            last: (sequence[to].last_step, sequence[to].last_time),
            count: sequence[from..=to].iter().map(|bucket| bucket.n).sum(),
        };
        let Some(last) = touched.clone().last() else {
            return Vec::new();
        };
        let points: u64 = sequence[touched.clone()].iter().map(|bucket| bucket.n).sum();
        if points <= most_rows(cut, packing) {
            return vec![rows(touched.start, last)];
        }
        touched
            .map(|place| match sequence[place] {
                bucket if cut.covers(&bucket) => Piece::Bucket(bucket),
                _ => rows(place, place),
            })
            .collect()
    }

    /// The rows of a piece, without those beside it.
    pub(super) fn keep_own_rows(&self, piece: &Piece, rows: &mut Vec<HistoryPoint>) {
        let Piece::Rows { first, end, .. } = piece else {
            return;
        };
        rows.retain(|point| {
            by_step(point, first).is_ge()
                && match end {
                    Some(end) => by_step(point, end).is_lt(),
                    None => !self.header.is_before(point),
                }
        });
    }

    /// The answer out of the pieces, the rows of those that are rows, and the rows behind what is packed.
    /// `None` if the latter are not in the order of x.
    pub(super) fn answer(
        &self,
        cut: &Cut,
        pair: &Pair,
        pieces: &[Piece],
        mut rows: impl Iterator<Item = Vec<HistoryPoint>>,
        tail: &[HistoryPoint],
    ) -> Option<Series> {
        let times = [self.header.last()]
            .into_iter()
            .chain(tail)
            .map(|point| point.timestamp_ms);
        if cut.axis != Axis::Step && !times.is_sorted() {
            return None;
        }
        let total = self.header.tally.count + tail.len() as u64;
        let mut points: Vec<HistoryPoint> = Vec::new();
        let mut buckets: Vec<Bucket> = Vec::new();
        let has_buckets = pieces.iter().any(|piece| matches!(piece, Piece::Bucket(_)));
        let mut add = |found: &[HistoryPoint], buckets: &mut Vec<Bucket>| {
            let inside = found.iter().filter(|point| cut.contains(point));
            if has_buckets {
                buckets.extend(inside.map(Bucket::of));
            } else {
                points.extend(inside);
            }
        };
        for piece in pieces {
            match piece {
                Piece::Bucket(bucket) => buckets.push(*bucket),
                Piece::Rows { .. } => {
                    let mut found = rows.next()?;
                    self.keep_own_rows(piece, &mut found);
                    add(&found, &mut buckets);
                }
            }
        }
        add(tail, &mut buckets);
        let parts = if has_buckets {
            Parts::Buckets(&buckets)
        } else {
            Parts::Points(&points)
        };
        Some(cut.series(pair, total, parts))
    }
}

impl Piece {
    fn count_rows(&self) -> u64 {
        match self {
            Self::Bucket(_) => 0,
            Self::Rows { count, .. } => *count,
        }
    }

    /// The rows to read for the piece.
    pub(super) fn segment<'p>(&self, pair: &'p Pair) -> Option<Segment<'p>> {
        match self {
            Self::Bucket(_) => None,
            Self::Rows { first, last, .. } => Some(Segment {
                pair,
                from: (first.step, first.timestamp_ms),
                to: *last,
            }),
        }
    }
}

/// Cuts series, given by their pieces, into groups of which the rows fit into memory together: where each group ends.
pub(super) fn groups_by_rows<'p>(plans: impl Iterator<Item = &'p [Piece]>, packing: &Packing) -> Vec<usize> {
    // The tail of a series is packed, too, once it is longer.
    let most_of_tail = 2 * packing.chunk_points as u64;
    let mut ends: Vec<usize> = Vec::new();
    let mut rows = 0;
    for (place, plan) in plans.enumerate() {
        let own = most_of_tail + plan.iter().map(Piece::count_rows).sum::<u64>();
        if place > 0 && rows + own > packing.rows_at_once {
            ends.push(place);
            rows = 0;
        }
        rows += own;
    }
    ends
}

/// The rows behind what is packed; the last packed point is among them.
pub(super) fn tail_segment<'p>(pair: &'p Pair, header: &Header) -> Segment<'p> {
    Segment {
        from: (header.last().step, header.last().timestamp_ms),
        ..Segment::whole(pair)
    }
}

/// The buckets that have points in the range, or might: those are neighbours.
fn touched(cut: &Cut, buckets: &[Bucket]) -> Range<usize> {
    let start = buckets.partition_point(|bucket| cut.ends(bucket).1 < cut.from);
    let end = buckets.partition_point(|bucket| cut.ends(bucket).0 <= cut.to);
    start..end.max(start)
}

/// How many points are read one by one. So many that a bucket of the answer is made of at least one packed bucket
/// where it is made of those, and that what has to be told point by point is.
fn most_rows(cut: &Cut, packing: &Packing) -> u64 {
    let needed = 2 * cut.width + 2 * packing.bucket_points;
    let wanted = needed + cut.width * packing.bucket_points;
    wanted.min(needed.max(MAX_ROWS)) as u64
}

#[cfg(test)]
mod tests {
    use oxflow_core::MetricValue;

    use super::*;

    #[test]
    fn series_with_many_rows_are_read_in_groups_within_the_budget() {
        let packing = Packing {
            chunk_points: 5,
            rows_at_once: 100,
            ..Packing::default()
        };
        let first = HistoryPoint {
            value: MetricValue {
                stored: 0.0,
                is_nan: false,
            },
            timestamp_ms: 0,
            step: 0,
        };
        let rows = |count| Piece::Rows {
            first,
            end: None,
            last: (0, 0),
            count,
        };
        let ends = |counts: &[&[u64]]| {
            let plans: Vec<Vec<Piece>> = counts
                .iter()
                .map(|counts| counts.iter().map(|count| rows(*count)).collect())
                .collect();
            groups_by_rows(plans.iter().map(Vec::as_slice), &packing)
        };
        assert_eq!(ends(&[]), [0; 0]);
        assert_eq!(ends(&[&[1000]]), [0; 0], "one series is answered however long");
        // With its tail, of at most ten rows, each has fifty.
        assert_eq!(ends(&[&[40], &[20, 20], &[40], &[39], &[40]]), [2, 4]);
        assert_eq!(ends(&[&[40], &[1000], &[40], &[]]), [1, 2]);
    }
}
