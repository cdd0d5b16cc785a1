//! Filling a PostgreSQL database.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use bytes::Bytes;
use futures::SinkExt;

use super::rows::Take;
use super::{Cell, Filling, sqlite};
use crate::postgres::Connection;
use crate::progress::say;
use crate::servers::Database;
use crate::stop;

/// What is sent at once.
const PART_BYTES: usize = 1 << 20;

/// Parts that wait to be sent.
const PARTS_WAITING: usize = 4;

/// Puts the rows into a database that has the tables.
pub fn fill(database: &Database, filling: Filling) -> Result<()> {
    let mut connection = Connection::open(&database.uri())?;
    let indexes = take_indexes(&connection, filling)?;
    for table in filling.tables() {
        copy_in(&mut connection, table.name, table.columns, |take| {
            filling.rows(table.name, take)
        })?;
    }
    for index in &indexes {
        stop::check()?;
        let name = index.split(" ON ").next().unwrap_or(index);
        say(&format!("filling {}: {name}", filling.name()));
        connection.run(index)?;
    }
    connection.run(
        "SELECT setval('experiments_experiment_id_seq', (SELECT max(experiment_id) FROM experiments))",
    )?;
    // As a database is that has been used for a while.
    connection.run("VACUUM ANALYZE")
}

/// Puts rows into a table. A thread makes them while another sends them.
fn copy_in(
    connection: &mut Connection,
    table: &str,
    columns: &[&str],
    rows: impl FnOnce(Take<'_>) -> Result<()> + Send,
) -> Result<()> {
    let copy = format!("COPY {table} ({}) FROM STDIN", columns.join(", "));
    let (made, mut parts_made) = tokio::sync::mpsc::channel(PARTS_WAITING);
    std::thread::scope(|scope| {
        let maker = scope.spawn(move || {
            let mut parts = Parts::default();
            rows(&mut |cells| {
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
        sent.with_context(|| format!("filling {table}"))?;
        made.map_err(|_| anyhow!("the rows of {table} could not be made"))?
    })
}

/// Takes over what FastTrackML has made in a SQLite file of the rows it was sent: its tables are the same on both databases, and
/// are there already, with an experiment 0 and the context that all metrics have.
pub fn take_over(database: &Database, file: &Path) -> Result<()> {
    const TABLES: [&str; 6] = [
        "experiments",
        "runs",
        "params",
        "tags",
        "metrics",
        "latest_metrics",
    ];
    let mut connection = Connection::open(&database.uri())?;
    for table in TABLES {
        let from = rusqlite::Connection::open(file)?;
        let columns = sqlite::columns(&from, table)?;
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        let only = if table == "experiments" {
            " WHERE experiment_id <> 0"
        } else {
            ""
        };
        let select = format!("SELECT {} FROM {table}{only}", columns.join(", "));
        copy_in(&mut connection, table, &columns, move |take| {
            sqlite::read(&from, &select, take)
        })?;
    }
    connection.run("VACUUM ANALYZE")
}

/// Removes the indexes of the tables that are filled, but for those of their keys, and gives the statements that make them:
/// afterwards they cost less, and come out the same.
fn take_indexes(connection: &Connection, filling: Filling) -> Result<Vec<String>> {
    let mut statements = Vec::new();
    for table in filling.tables() {
        let indexes = format!(
            "FROM pg_indexes
              WHERE schemaname = 'public' AND tablename = '{}'
                AND indexname NOT IN (SELECT conname FROM pg_constraint)",
            table.name
        );
        let list = connection.text(&format!(
            "SELECT coalesce(string_agg(indexdef, ';'), '') {indexes}"
        ))?;
        statements.extend(list.split(';').filter(|one| !one.is_empty()).map(str::to_owned));
        let drops = format!("SELECT coalesce(string_agg('DROP INDEX ' || indexname, ';'), '') {indexes}");
        connection.run(&connection.text(&drops)?)?;
    }
    Ok(statements)
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
