//! Filling a PostgreSQL database.

use anyhow::{Context, Result, anyhow};
use bytes::Bytes;
use futures::SinkExt;

use super::{Cell, Filling};
use crate::postgres::Connection;
use crate::servers::Database;

/// What is sent at once.
const PART_BYTES: usize = 1 << 20;

/// Parts that wait to be sent.
const PARTS_WAITING: usize = 4;

/// Puts the rows into a database that has the tables.
pub fn fill(database: &Database, filling: Filling) -> Result<()> {
    let mut connection = Connection::open(&database.uri())?;
    for table in filling.tables() {
        let copy = format!("COPY {} ({}) FROM STDIN", table.name, table.columns.join(", "));
        // A thread makes the rows while another sends them.
        let (made, mut parts_made) = tokio::sync::mpsc::channel(PARTS_WAITING);
        std::thread::scope(|scope| {
            let maker = scope.spawn(move || {
                let mut parts = Parts::default();
                filling.rows(table.name, &mut |cells| {
                    parts.push(cells);
                    match parts.full() {
                        Some(part) => Ok(made.blocking_send(part)?),
                        None => Ok(()),
                    }
                })?;
                Ok::<_, anyhow::Error>(made.blocking_send(parts.rest())?)
            });
            let sent = connection.transaction(async |tx| {
                let sink = tx.copy_in::<_, Bytes>(&copy).await?;
                let mut sink = std::pin::pin!(sink);
                while let Some(part) = parts_made.recv().await {
                    sink.send(part).await?;
                }
                sink.finish().await
            });
            // Ends the thread if the database did not take all.
            drop(parts_made);
            let made = maker.join();
            sent.with_context(|| format!("filling {}", table.name))?;
            made.map_err(|_| anyhow!("the rows of {} could not be made", table.name))?
        })?;
    }
    connection.run(
        "SELECT setval('experiments_experiment_id_seq', (SELECT max(experiment_id) FROM experiments))",
    )?;
    // As a database is that has been used for a while.
    connection.run("VACUUM ANALYZE")
}

/// Rows in the text format of COPY.
#[derive(Default)]
struct Parts {
    text: String,
}

impl Parts {
    fn push(&mut self, cells: &[Cell<'_>]) {
        for (i, cell) in cells.iter().enumerate() {
            if i > 0 {
                self.text.push('\t');
            }
            match cell {
                Cell::Null => self.text.push_str("\\N"),
                Cell::Text(text) => self.text.push_str(&escaped(text)),
                Cell::Int(number) => self.text.push_str(&number.to_string()),
                Cell::Real(number) => self.text.push_str(&number.to_string()),
                Cell::Bool(is) => self.text.push(if *is { 't' } else { 'f' }),
            }
        }
        self.text.push('\n');
    }

    fn full(&mut self) -> Option<Bytes> {
        (self.text.len() >= PART_BYTES).then(|| self.rest())
    }

    fn rest(&mut self) -> Bytes {
        Bytes::from(std::mem::take(&mut self.text))
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('\t', "\\t")
        .replace('\n', "\\n")
        .replace('\r', "\\r")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_written_as_copy_reads_them() {
        let mut parts = Parts::default();
        parts.push(&[
            Cell::Text("a\tb\\c\n"),
            Cell::Int(-1),
            Cell::Real(0.25),
            Cell::Bool(true),
            Cell::Null,
        ]);
        assert_eq!(parts.rest(), "a\\tb\\\\c\\n\t-1\t0.25\tt\t\\N\n");
    }
}
