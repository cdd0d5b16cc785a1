//! Packing long series.

use std::sync::Arc;

use oxflow_core::{HistoryPoint, Series};
use tracing::debug;

use super::bucket::by_step;
use super::cut::Cut;
use super::derived::Derived;
use super::find::Found;
use super::headers::Expected;
use super::packed::{Chunk, Header, Packer};
use super::plan::{Packed, Piece};
use super::{Pair, SeriesQuery};
use crate::metrics::history::{STEP_BY_STEP, read_point};
use crate::{Result, Store, StoreError, Tx};

/// A series that was packed for an answer, or by somebody else meanwhile.
#[derive(Debug)]
struct Built {
    series: Option<Series>,
    expected: Expected,
    /// What is to be stored.
    chunks: Vec<Chunk>,
}

impl Store {
    /// Answers a long series out of all its rows, and keeps its packed form for the next time.
    pub(super) async fn pack(&self, query: Arc<SeriesQuery>, pair: Pair) -> Result<Option<Series>> {
        let derived = Arc::clone(self.derived());
        let turn = Arc::clone(&derived.building).acquire_owned().await;
        let turn = turn.map_err(|_| StoreError::Stopping)?;
        let built = {
            let (pair, derived) = (pair.clone(), Arc::clone(&derived));
            self.read(move |tx| {
                // Given back by the thread: a caller who goes away does not end what it does at once.
                let _turn = &turn;
                tx.find_or_build(&query, &pair, &derived)
            })
            .await?
        };
        self.keep(&pair, built.expected, built.chunks).await;
        Ok(built.series)
    }

    /// Packs the tail of a packed series, as far as it fills chunks.
    pub(super) async fn pack_tail(&self, pair: &Pair, header: Header, tail: Vec<HistoryPoint>) {
        let mut packer = Packer::new(self.derived().packing, header.build, Some(header));
        tail.into_iter().for_each(|point| packer.push(point));
        self.keep(pair, Expected::Header(header), packer.chunks).await;
    }

    /// Stores chunks, some at a time so that other writes come in between. Not to succeed is no error: the rows say it all.
    async fn keep(&self, pair: &Pair, mut expected: Expected, mut chunks: Vec<Chunk>) {
        let at_once = self.derived().packing.chunks_per_write;
        if let (Expected::Behind { build }, true) = (expected, chunks.is_empty()) {
            let pair = pair.clone();
            drop(self.write(move |tx| Ok(tx.forget_series(&pair, build)?)).await);
        }
        while !chunks.is_empty() {
            let rest = chunks.split_off(chunks.len().min(at_once));
            let last = chunks.last().map(|chunk| chunk.header);
            let to_store = pair.clone();
            let stored = self
                .write(move |tx| Ok(tx.store_chunks(&to_store, expected, &chunks)?))
                .await;
            match (stored, last) {
                (Ok(true), Some(header)) => expected = Expected::Header(header),
                (Ok(_), _) => return,
                (Err(error), _) => {
                    debug!(%error, run.id = %pair.run_id, key = pair.key, "a series was not kept in packed form");
                    return;
                }
            }
            chunks = rest;
        }
    }
}

impl Tx<'_> {
    /// The series of a pair out of all its rows.
    fn whole_series(&mut self, query: &SeriesQuery, pair: &Pair) -> Result<Option<Series>> {
        let mut found = Found::new(1);
        self.add_whole(query, std::slice::from_ref(pair), &[0], &mut found)?;
        Ok(found.series.pop().flatten())
    }

    fn find_or_build(&mut self, query: &SeriesQuery, pair: &Pair, derived: &Derived) -> Result<Built> {
        let pairs = std::slice::from_ref(pair);
        let mut found = self.find_series(query, pairs, derived)?;
        let Some((_, expected)) = found.unpacked.pop() else {
            // Somebody else has packed it while this call waited for its turn.
            return Ok(Built {
                series: found.series.pop().flatten(),
                expected: Expected::Nothing,
                chunks: Vec::new(),
            });
        };
        let mut packer = Packer::new(derived.packing, rand::random(), None);
        let parameters = [pair.run_id.as_str().into(), (&pair.key).into()];
        let mut of_step: Vec<HistoryPoint> = Vec::new();
        self.for_each(STEP_BY_STEP, &parameters, |row| {
            let point = read_point(row)?;
            if of_step.first().is_some_and(|first| first.step != point.step) {
                push_in_order(&mut packer, &mut of_step);
            }
            of_step.push(point);
            Ok(())
        })?;
        push_in_order(&mut packer, &mut of_step);
        let (chunks, mut tail) = (packer.chunks, packer.open);
        let series = match chunks.last() {
            Some(last) => self.answer_built(query, pair, last.header, &chunks, &tail, derived)?,
            None if tail.is_empty() => None,
            None => Some(Cut::new(query, pair.origin).points(pair, &mut tail)),
        };
        Ok(Built {
            series,
            expected,
            chunks,
        })
    }

    /// The answer out of chunks that were just made.
    fn answer_built(
        &mut self,
        query: &SeriesQuery,
        pair: &Pair,
        header: Header,
        chunks: &[Chunk],
        tail: &[HistoryPoint],
        derived: &Derived,
    ) -> Result<Option<Series>> {
        let packed = Packed {
            header,
            summaries: chunks.iter().map(|chunk| chunk.summary).collect(),
            buckets: chunks
                .iter()
                .map(|chunk| chunk.buckets.clone())
                .enumerate()
                .collect(),
        };
        let cut = Cut::new(query, pair.origin);
        if packed.is_in_order_of(query.axis) {
            let pieces = packed.pieces(&cut, &derived.packing);
            let segments: Vec<_> = pieces
                .iter()
                .filter_map(|piece: &Piece| piece.segment(pair))
                .collect();
            let rows = self.rows_of_segments(&segments)?;
            let series = packed.answer(&cut, pair, &pieces, rows.into_iter(), tail);
            if series.is_some() {
                return Ok(series);
            }
        }
        self.whole_series(query, pair)
    }
}

/// Packs the points of one step.
fn push_in_order(packer: &mut Packer, points: &mut Vec<HistoryPoint>) {
    points.sort_unstable_by(by_step);
    points.drain(..).for_each(|point| packer.push(point));
}
