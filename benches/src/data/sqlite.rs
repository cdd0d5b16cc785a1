//! Filling a SQLite file.

use std::path::Path;

use anyhow::{Context, Result};
use rusqlite::types::{Null, ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};

use super::rows::Take;
use super::{Cell, Filling};

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::from(Null),
            Self::Text(text) => ToSqlOutput::from(*text),
            Self::Int(number) => ToSqlOutput::from(*number),
            Self::Real(number) => ToSqlOutput::from(*number),
            Self::Bool(is) => ToSqlOutput::from(*is),
        })
    }
}

/// Puts the rows into a file that has the tables. Nothing is durable before the end: what breaks off is thrown away.
pub fn fill(path: &Path, filling: Filling) -> Result<()> {
    let connection = Connection::open(path)?;
    // The journal mode is kept in the file: each server shall choose its own.
    connection.pragma_update(None, "journal_mode", "DELETE")?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    connection.pragma_update(None, "cache_size", -1_000_000)?; // KiB
    let indexes = indexes(&connection, filling)?;
    for (name, _) in &indexes {
        connection.execute_batch(&format!("DROP INDEX {name}"))?;
    }
    for table in filling.tables() {
        let places: Vec<String> = (1..=table.columns.len()).map(|n| format!("?{n}")).collect();
        let columns = table.columns.join(", ");
        let tx = connection.unchecked_transaction()?;
        let mut insert = tx.prepare(&format!(
            "INSERT INTO {} ({columns}) VALUES ({})",
            table.name,
            places.join(", ")
        ))?;
        filling.rows(table.name, &mut |cells| {
            insert
                .execute(params_from_iter(cells))
                .with_context(|| format!("a row of {}", table.name))?;
            Ok(())
        })?;
        drop(insert);
        tx.commit()?;
    }
    for (_, statement) in &indexes {
        connection.execute_batch(statement)?;
    }
    connection.close().map_err(|(_, error)| error)?;
    Ok(())
}

/// The names of the columns of a table, as SQL writes them.
pub fn columns(connection: &Connection, table: &str) -> Result<Vec<String>> {
    let mut query = connection.prepare("SELECT '\"' || name || '\"' FROM pragma_table_info(?1)")?;
    let rows = query.query_map([table], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Hands the rows of a query over.
pub fn read(connection: &Connection, sql: &str, take: Take<'_>) -> Result<()> {
    let mut query = connection.prepare(sql)?;
    let columns = query.column_count();
    let mut rows = query.query(())?;
    while let Some(row) = rows.next()? {
        let mut cells = Vec::with_capacity(columns);
        for i in 0..columns {
            cells.push(match row.get_ref(i)? {
                ValueRef::Null => Cell::Null,
                ValueRef::Integer(number) => Cell::Int(number),
                ValueRef::Real(number) => Cell::Real(number),
                ValueRef::Text(text) | ValueRef::Blob(text) => Cell::Text(std::str::from_utf8(text)?),
            });
        }
        take(&cells)?;
    }
    Ok(())
}

/// Named indexes of the tables that are filled: made afterwards they cost less, and come out the same.
fn indexes(connection: &Connection, filling: Filling) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for table in filling.tables() {
        let mut query = connection.prepare(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = ?1",
        )?;
        let rows = query.query_map([table.name], |row| Ok((row.get(0)?, row.get(1)?)))?;
        found.extend(rows.collect::<Result<Vec<_>, _>>()?);
    }
    Ok(found)
}
