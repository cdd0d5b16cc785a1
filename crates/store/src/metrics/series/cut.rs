//! From points and small buckets to what a chart of some width shows.

use oxflow_core::{Axis, HistoryPoint, Series, SeriesBuckets, SeriesData};

use super::bucket::{Bucket, by_step, by_time, number};
use super::{Pair, SeriesQuery};

/// The range and the width of a chart, for one series.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    pub axis: Axis,
    /// The range in steps or ms since 1970, both included.
    pub from: i64,
    pub to: i64,
    pub width: usize,
    origin: i64,
}

impl Cut {
    pub(super) fn new(query: &SeriesQuery, origin: i64) -> Self {
        Self {
            axis: query.axis,
            from: query.from.saturating_add(origin),
            to: query.to.saturating_add(origin),
            width: query.width,
            origin,
        }
    }

    /// Points up to which each is told by itself.
    fn raw_limit(&self) -> u64 {
        2 * self.width as u64
    }

    /// The series of a pair out of all its points, in any order.
    pub(super) fn points(&self, pair: &Pair, points: &mut [HistoryPoint]) -> Series {
        let order = match self.axis {
            Axis::Step => by_step,
            Axis::Time | Axis::Relative => by_time,
        };
        if !points.is_sorted_by(|a, b| order(a, b).is_le()) {
            points.sort_unstable_by(order);
        }
        let total = points.len() as u64;
        let first = points.partition_point(|point| self.stored_x(point) < self.from);
        let end = points.partition_point(|point| self.stored_x(point) <= self.to);
        let points = points.get(first..end).unwrap_or_default();
        self.series(pair, total, Parts::Points(points))
    }

    /// The series of a pair out of the parts of the range, in the order of x.
    pub(super) fn series(&self, pair: &Pair, total: u64, parts: Parts<'_>) -> Series {
        let mut all: Option<Bucket> = None;
        parts.for_each(|part| match &mut all {
            Some(all) => all.append(part),
            None => all = Some(*part),
        });
        let (in_range, nan, inf) = all.map_or((0, 0, 0), |all| (all.n, all.nan, all.inf));
        let data = match parts {
            Parts::Points(points) if in_range <= self.raw_limit() => SeriesData::Raw {
                x: points.iter().map(|point| self.x(self.stored_x(point))).collect(),
                value: points.iter().map(|point| number(point.value)).collect(),
            },
            parts => SeriesData::Buckets(self.buckets(in_range, parts)),
        };
        Series {
            run_id: pair.run_id.clone(),
            key: pair.key.clone(),
            total,
            in_range,
            nan,
            inf,
            data,
        }
    }

    /// Puts neighbouring parts together, about as many points into each of `width` buckets.
    fn buckets(&self, in_range: u64, parts: Parts<'_>) -> SeriesBuckets {
        let mut found = SeriesBuckets::default();
        let mut open: Option<(u64, Bucket)> = None;
        let mut before = 0;
        parts.for_each(|part| {
            let place = place_of(before, in_range, self.width as u64);
            before += part.n;
            match &mut open {
                Some((at, bucket)) if *at == place => bucket.append(part),
                open => {
                    if let Some((_, bucket)) = open.replace((place, *part)) {
                        self.push(&mut found, &bucket);
                    }
                }
            }
        });
        if let Some((_, bucket)) = open {
            self.push(&mut found, &bucket);
        }
        found
    }

    /// The places of the first and the last point of a bucket, as [`Self::stored_x`].
    pub(super) fn ends(&self, bucket: &Bucket) -> (i64, i64) {
        match self.axis {
            Axis::Step => (bucket.first.step, bucket.last_step),
            Axis::Time | Axis::Relative => (bucket.first.timestamp_ms, bucket.last_time),
        }
    }

    /// Whether all points of a bucket lie in the range.
    pub(super) fn covers(&self, bucket: &Bucket) -> bool {
        let (first, last) = self.ends(bucket);
        self.from <= first && last <= self.to
    }

    /// Whether a point lies in the range.
    pub(super) fn contains(&self, point: &HistoryPoint) -> bool {
        (self.from..=self.to).contains(&self.stored_x(point))
    }

    fn push(&self, buckets: &mut SeriesBuckets, bucket: &Bucket) {
        let (first, last) = self.ends(bucket);
        buckets.x.push(self.x(first));
        buckets.x_last.push(self.x(last));
        buckets.min.push(bucket.min);
        buckets.max.push(bucket.max);
        buckets.last.push(bucket.last);
        buckets.n.push(bucket.n);
        buckets.nan_n.push(bucket.nan + bucket.inf);
    }

    /// A point's place in the range, before the start of the run is taken off.
    fn stored_x(&self, point: &HistoryPoint) -> i64 {
        match self.axis {
            Axis::Step => point.step,
            Axis::Time | Axis::Relative => point.timestamp_ms,
        }
    }

    fn x(&self, stored: i64) -> i64 {
        stored.saturating_sub(self.origin)
    }
}

/// Which of `width` equal parts of `count` points the point behind `before` others is in.
fn place_of(before: u64, count: u64, width: u64) -> u64 {
    let place = u128::from(before) * u128::from(width) / u128::from(count.max(1));
    u64::try_from(place).unwrap_or(u64::MAX)
}

/// What a range consists of, in the order of x.
#[derive(Debug, Clone, Copy)]
pub(super) enum Parts<'p> {
    Points(&'p [HistoryPoint]),
    Buckets(&'p [Bucket]),
}

impl Parts<'_> {
    fn for_each(self, mut act: impl FnMut(&Bucket)) {
        match self {
            Self::Points(points) => points.iter().for_each(|point| act(&Bucket::of(point))),
            Self::Buckets(buckets) => buckets.iter().for_each(act),
        }
    }
}
