//! A page of runs with all their params, metrics and tags, read from the tables and not written as JSON.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use rusqlite::Connection;

use super::sqlite;
use crate::data::SEARCHED_METRIC;
use crate::load::Operation;
use crate::postgres;
use crate::servers::Database;

/// What is searched for.
#[derive(Debug, Clone)]
pub struct Search {
    pub page_size: u64,
    pub offset: u64,
    /// `metrics.loss < 0.1 AND params.optimizer = 'adam'`
    pub is_filtered: bool,
    /// `metrics.loss ASC`
    pub is_ordered: bool,
}

const RUN_COLUMNS: &str = "r.run_uuid, r.name, r.user_id, r.status, r.start_time, r.end_time, r.lifecycle_stage, \
                           r.artifact_uri, r.experiment_id";

impl Search {
    /// The runs of the page; `$1` is the size of the page, `$2` what comes before it.
    fn runs(&self) -> String {
        let (join, order) = if self.is_ordered {
            let join = format!(
                "LEFT JOIN latest_metrics o ON o.run_uuid = r.run_uuid AND o.key = '{SEARCHED_METRIC}'"
            );
            (join, "o.value IS NULL, o.value, ")
        } else {
            (String::new(), "")
        };
        let filter = if self.is_filtered {
            format!(
                "AND r.run_uuid IN (SELECT run_uuid FROM latest_metrics WHERE key = '{SEARCHED_METRIC}' AND value < 0.1)
                 AND r.run_uuid IN (SELECT run_uuid FROM params WHERE key = 'optimizer' AND value = 'adam')"
            )
        } else {
            String::new()
        };
        format!(
            "SELECT {RUN_COLUMNS}
               FROM runs r {join}
              WHERE r.experiment_id = 1 AND r.lifecycle_stage = 'active' {filter}
              ORDER BY {order} r.start_time DESC, r.run_uuid
              LIMIT $1 OFFSET $2"
        )
    }
}

/// The rows of a table that belong to the runs of a page; `{runs}` is where their ids come from.
const OF_RUNS: [&str; 3] = [
    "SELECT run_uuid, key, value FROM params WHERE run_uuid {runs}",
    "SELECT run_uuid, key, value FROM tags WHERE run_uuid {runs}",
    "SELECT run_uuid, key, value, timestamp, step, is_nan FROM latest_metrics WHERE run_uuid {runs}",
];

/// Reads pages from a file.
pub fn on_sqlite<'a>(path: &Path, search: &Search) -> Result<Operation<'a>> {
    let connection = sqlite::open(path)?;
    let search = search.clone();
    Ok(Box::new(move |_| {
        let tx = connection.unchecked_transaction()?;
        let runs = texts(
            &tx,
            &search.runs(),
            (search.page_size as i64, search.offset as i64),
        )?;
        ensure!(
            runs.len() as u64 == search.page_size,
            "{} runs on a page",
            runs.len()
        );
        let ids: Vec<&str> = runs
            .iter()
            .filter_map(|run| run.first().map(String::as_str))
            .collect();
        let ids = serde_json::to_string(&ids)?;
        for of_runs in OF_RUNS {
            let rows = texts(
                &tx,
                &of_runs.replace("{runs}", "IN (SELECT value FROM json_each($1))"),
                [&ids],
            )?;
            std::hint::black_box(rows);
        }
        Ok(1)
    }))
}

/// The texts of every row, as whoever answers a search needs them; the numbers are read too.
fn texts(connection: &Connection, sql: &str, parameters: impl rusqlite::Params) -> Result<Vec<Vec<String>>> {
    let mut statement = connection.prepare_cached(sql)?;
    let columns = statement.column_count();
    let mut rows = statement.query(parameters).with_context(|| sql.to_owned())?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let mut texts = Vec::new();
        for i in 0..columns {
            match row.get_ref(i)? {
                rusqlite::types::ValueRef::Text(text) => {
                    texts.push(String::from_utf8_lossy(text).into_owned());
                }
                other => drop(std::hint::black_box(other)),
            }
        }
        found.push(texts);
    }
    Ok(found)
}

/// Reads pages from PostgreSQL.
pub fn on_postgres<'a>(database: &Database, search: &Search) -> Result<Operation<'a>> {
    let connection = postgres::Connection::open(&database.uri())?;
    let (page_size, offset) = (search.page_size as i64, search.offset as i64);
    let runs = connection.wait(connection.client.prepare(&search.runs()))?;
    let mut of_runs = Vec::new();
    for sql in OF_RUNS {
        of_runs.push(connection.wait(connection.client.prepare(&sql.replace("{runs}", "= ANY($1)")))?);
    }
    Ok(Box::new(move |_| {
        let rows = connection.wait(connection.client.query(&runs, &[&page_size, &offset]))?;
        ensure!(rows.len() as i64 == page_size, "{} runs on a page", rows.len());
        let ids: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        for statement in &of_runs {
            let rows = connection.wait(connection.client.query(statement, &[&ids]))?;
            let texts: Vec<(String, String)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
            std::hint::black_box(texts);
        }
        Ok(1)
    }))
}
