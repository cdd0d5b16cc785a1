//! The rows of `oxflow_series_chunks`, one per chunk of a packed series.

use super::Pair;
use super::bucket::Bucket;
use super::headers::json_list;
use super::packed::{Chunk, Header, decode, encode};
use crate::driver::{BulkInsert, Kind};
use crate::{DbError, Tx, Value};

const INSERT: BulkInsert = BulkInsert {
    table: "oxflow_series_chunks",
    columns: &[
        ("run_uuid", Kind::Text),
        ("key", Kind::Text),
        ("number", Kind::Int),
        ("build", Kind::Int),
        ("summary", Kind::Bytes),
        ("buckets", Kind::Bytes),
    ],
    on_conflict: "",
};

const DELETE: &str = "DELETE FROM oxflow_series_chunks WHERE run_uuid = $1 AND key = $2";

impl Tx<'_> {
    /// The summaries of all chunks of some series, in order.
    pub(super) fn summaries(&mut self, series: &[(&Pair, &Header)]) -> Result<Vec<Vec<Bucket>>, DbError> {
        let list: Vec<_> = series
            .iter()
            .map(|(pair, header)| pair.json(&[header.build]))
            .collect();
        let dialect = self.dialect();
        let sql = format!(
            "SELECT s.position, c.summary FROM {} ORDER BY s.position, c.number",
            dialect.rows_of_each(
                &dialect.series_list("$1", &["build"]),
                "oxflow_series_chunks",
                "c",
                "c.run_uuid = s.run_id AND c.key = s.key AND c.build = s.build",
            )
        );
        let mut found = vec![Vec::new(); series.len()];
        self.for_each(&sql, &[Value::from(json_list(&list))], |row| {
            let summaries = usize::try_from(row.int(0)?).ok().and_then(|at| found.get_mut(at));
            if let Some(summaries) = summaries {
                summaries.extend(decode(&row.bytes(1)?));
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// The buckets of ranges of chunks: of each series the numbers of the first and the last chunk.
    pub(super) fn chunk_buckets(
        &mut self,
        ranges: &[(&Pair, Header, i64, i64)],
        mut act: impl FnMut(usize, i64, Vec<Bucket>),
    ) -> Result<(), DbError> {
        if ranges.is_empty() {
            return Ok(());
        }
        let list: Vec<_> = ranges
            .iter()
            .map(|(pair, header, first, last)| pair.json(&[header.build, *first, *last]))
            .collect();
        let dialect = self.dialect();
        let sql = format!(
            "SELECT s.position, c.number, c.buckets FROM {}",
            dialect.rows_of_each(
                &dialect.series_list("$1", &["build", "first_number", "last_number"]),
                "oxflow_series_chunks",
                "c",
                "c.run_uuid = s.run_id AND c.key = s.key AND c.build = s.build
                 AND c.number >= s.first_number AND c.number <= s.last_number",
            )
        );
        self.for_each(&sql, &[Value::from(json_list(&list))], |row| {
            if let Ok(at) = usize::try_from(row.int(0)?) {
                act(at, row.int(1)?, decode(&row.bytes(2)?));
            }
            Ok(())
        })
    }

    /// Appends chunks of a series.
    pub(super) fn insert_chunks(&mut self, pair: &Pair, chunks: &[Chunk]) -> Result<(), DbError> {
        let rows = chunks.iter().map(|chunk| {
            [
                pair.run_id.as_str().into(),
                (&pair.key).into(),
                chunk.number.into(),
                chunk.header.build.into(),
                Value::from(encode(&[chunk.summary])),
                Value::from(encode(&chunk.buckets)),
            ]
        });
        self.insert_many(&INSERT, rows).map(drop)
    }

    /// Removes all chunks of a series, whichever packing made them.
    pub(super) fn delete_chunks(&mut self, pair: &Pair) -> Result<(), DbError> {
        self.execute(DELETE, &[pair.run_id.as_str().into(), (&pair.key).into()])
            .map(drop)
    }
}
