//! The packed form of a long series: chunks of small buckets, in the order of (step, time, value, is_nan).
//!
//! Only whole chunks are packed; the points behind them, the tail, are always read from the rows.

use std::time::Duration;

use oxflow_core::{HistoryPoint, MetricValue};

use super::bucket::{Bucket, by_step};
use super::tally::Tally;

/// Sizes of the packed form, and how much it is trusted.
#[derive(Debug, Clone, Copy)]
pub struct Packing {
    /// Series with more points are packed.
    pub threshold: usize,
    /// Points of a bucket, at least 1.
    pub bucket_points: usize,
    /// Points of a chunk, a multiple of those of a bucket.
    pub chunk_points: usize,
    /// Chunks that are written in one transaction: others wait meanwhile.
    pub chunks_per_write: usize,
    /// How long nobody looks whether others have changed what is packed.
    pub trusted: Duration,
    /// How long nobody looks for packed series of runs that are gone.
    pub swept: Duration,
    /// Rows of packed series that are read at a time, about.
    pub rows_at_once: u64,
    /// Rows that are read one after the other in the time in which one point is found by its place.
    pub rows_per_place: i64,
}

impl Default for Packing {
    fn default() -> Self {
        Self {
            threshold: 8192,
            bucket_points: 64,
            chunk_points: 4096,
            chunks_per_write: 64,
            trusted: Duration::from_secs(10),
            swept: Duration::from_secs(60 * 60),
            rows_at_once: 512 * 1024,
            rows_per_place: 16,
        }
    }
}

/// What is known of the packed part of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Header {
    /// Names this packing: chunks of another one are not of this series.
    pub build: i64,
    /// How many chunks there are.
    pub chunks: i64,
    /// Whether times never go down from one point to the next.
    pub by_time: bool,
    /// What the packed points come to.
    pub tally: Tally,
}

impl Header {
    /// The last packed point.
    pub(super) fn last(&self) -> &HistoryPoint {
        &self.tally.last
    }

    /// Whether a point lies behind the packed ones.
    pub(super) fn is_before(&self, point: &HistoryPoint) -> bool {
        by_step(self.last(), point).is_lt()
    }
}

/// Some thousand neighbouring points.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chunk {
    /// Its place in the series, from 0.
    pub number: i64,
    /// All of it.
    pub summary: Bucket,
    pub buckets: Vec<Bucket>,
    /// The header of the series that ends with this chunk.
    pub header: Header,
}

/// Packs points that come in order.
#[derive(Debug)]
pub(super) struct Packer {
    packing: Packing,
    build: i64,
    header: Option<Header>,
    /// Points that do not fill a chunk yet.
    pub open: Vec<HistoryPoint>,
    pub chunks: Vec<Chunk>,
}

impl Packer {
    /// Begins a series, or goes on behind what is packed of it.
    pub(super) fn new(packing: Packing, build: i64, header: Option<Header>) -> Self {
        Self {
            packing,
            build,
            header,
            open: Vec::with_capacity(packing.chunk_points),
            chunks: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, point: HistoryPoint) {
        self.open.push(point);
        if self.open.len() == self.packing.chunk_points {
            self.close_chunk();
        }
    }

    fn close_chunk(&mut self) {
        let buckets: Vec<Bucket> = self
            .open
            .chunks(self.packing.bucket_points)
            .filter_map(put_together)
            .collect();
        let mut tally = self.header.map(|header| header.tally);
        let mut by_time = self.header.is_none_or(|header| header.by_time);
        let mut before = self.header.map_or(i64::MIN, |header| header.last().timestamp_ms);
        for point in &self.open {
            by_time &= before <= point.timestamp_ms;
            before = point.timestamp_ms;
            Tally::count(&mut tally, point);
        }
        let number = self.header.map_or(0, |header| header.chunks);
        if let (Some(summary), Some(tally)) = (merged(&buckets), tally) {
            let header = Header {
                build: self.build,
                chunks: number + 1,
                by_time,
                tally,
            };
            self.header = Some(header);
            self.chunks.push(Chunk {
                number,
                summary,
                buckets,
                header,
            });
        }
        self.open.clear();
    }
}

/// The bucket of some points.
fn put_together(points: &[HistoryPoint]) -> Option<Bucket> {
    let (first, rest) = points.split_first()?;
    let mut bucket = Bucket::of(first);
    rest.iter().for_each(|point| bucket.append(&Bucket::of(point)));
    Some(bucket)
}

/// Neighbouring buckets as one.
fn merged(buckets: &[Bucket]) -> Option<Bucket> {
    let (first, rest) = buckets.split_first()?;
    let mut all = *first;
    rest.iter().for_each(|bucket| all.append(bucket));
    Some(all)
}

/// Bytes of a stored bucket.
const STORED: usize = 77;

/// Buckets as they are stored, little-endian, one behind the other.
pub(super) fn encode(buckets: &[Bucket]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(STORED * buckets.len());
    for bucket in buckets {
        let first = &bucket.first;
        for number in [first.step, first.timestamp_ms, bucket.last_step, bucket.last_time] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        for number in [first.value.stored, bucket.min, bucket.max, bucket.last] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        for count in [bucket.n, bucket.nan, bucket.inf] {
            // A chunk has some thousand points.
            let count = u32::try_from(count).unwrap_or(u32::MAX);
            bytes.extend_from_slice(&count.to_le_bytes());
        }
        bytes.push(u8::from(first.value.is_nan));
    }
    bytes
}

/// Reads stored buckets; what breaks off in the middle of one is left out.
pub(super) fn decode(bytes: &[u8]) -> Vec<Bucket> {
    bytes.chunks_exact(STORED).map(decode_one).collect()
}

fn decode_one(bytes: &[u8]) -> Bucket {
    let eight = |place: usize| -> [u8; 8] {
        let mut eight = [0; 8];
        eight.copy_from_slice(&bytes[8 * place..8 * place + 8]);
        eight
    };
    let int = |place| i64::from_le_bytes(eight(place));
    let real = |place| f64::from_le_bytes(eight(place));
    let count = |place: usize| {
        let mut four = [0; 4];
        four.copy_from_slice(&bytes[64 + 4 * place..68 + 4 * place]);
        u64::from(u32::from_le_bytes(four))
    };
    Bucket {
        first: HistoryPoint {
            step: int(0),
            timestamp_ms: int(1),
            value: MetricValue {
                stored: real(4),
                is_nan: bytes[76] != 0,
            },
        },
        last_step: int(2),
        last_time: int(3),
        min: real(5),
        max: real(6),
        last: real(7),
        n: count(0),
        nan: count(1),
        inf: count(2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_bucket_comes_back() {
        let point = |step, value| HistoryPoint {
            value: MetricValue::new(value),
            timestamp_ms: 1_700_000_000_000_i64.saturating_add(step),
            step,
        };
        let points = [
            point(-7, f64::NAN),
            point(1, 0.5),
            point(2, f64::INFINITY),
            point(i64::MAX - 1, -3.0),
        ];
        let mut buckets = vec![
            put_together(&points).unwrap(),
            put_together(&points[1..2]).unwrap(),
        ];
        assert_eq!(decode(&encode(&buckets)), buckets);
        assert_eq!(encode(&buckets).len(), 2 * STORED);
        // NaN stands for nothing and equals nothing, not even itself.
        buckets.push(put_together(&points[..1]).unwrap());
        assert!(decode(&encode(&buckets))[2].min.is_nan());
    }
}
