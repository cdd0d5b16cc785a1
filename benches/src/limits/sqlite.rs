//! SQLite alone: a loop in this process over MLflow's tables, with the durability of the server.

use std::path::Path;

use anyhow::{Context, Result};
use rusqlite::Connection;

use super::statements as sql;
use crate::api::{BATCH_POINTS, EPOCH_MS, batch_point};
use crate::bench::Bench;
use crate::load::Operation;
use crate::servers::{Backend, Database};

/// A file with MLflow's tables in which a commit waits for the disk.
pub fn open(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path).with_context(|| format!("could not open {}", path.display()))?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -8_000)?; // KiB, as Oxflow's
    Ok(connection)
}

/// A new file with MLflow's tables and the default experiment.
pub fn new(bench: &Bench, name: &str) -> Result<Connection> {
    let Database::Sqlite(path) = bench.bare_database(Backend::Sqlite, name)? else {
        anyhow::bail!("a file was asked for");
    };
    let connection = open(&path)?;
    connection.execute(sql::INSERT_EXPERIMENT, ())?;
    Ok(connection)
}

/// A point and its latest value per commit.
pub fn log_metric<'a>(bench: &Bench) -> Result<Operation<'a>> {
    let connection = new(bench, "log_metric")?;
    let run = add_run(&connection, 0)?;
    Ok(Box::new(move |n| {
        let tx = connection.unchecked_transaction()?;
        let step = n as i64 + 1;
        let row = (
            "loss",
            0.5 / step as f64,
            EPOCH_MS as i64 + step,
            run.as_str(),
            step,
        );
        tx.prepare_cached(sql::INSERT_METRIC)?.execute(row)?;
        tx.prepare_cached(sql::UPSERT_LATEST)?.execute(row)?;
        tx.commit()?;
        Ok(1)
    }))
}

/// The points of a batch and the latest of each metric per commit.
pub fn log_batch<'a>(bench: &Bench) -> Result<Operation<'a>> {
    let connection = new(bench, "log_batch")?;
    let run = add_run(&connection, 0)?;
    Ok(Box::new(move |n| {
        let tx = connection.unchecked_transaction()?;
        add_batch(&tx, &run, n)?;
        tx.commit()?;
        Ok(BATCH_POINTS)
    }))
}

/// A run: created, 20 params, 1,000 points, tags, finished, each with a commit as each is a request.
pub fn lifecycle<'a>(bench: &Bench) -> Result<Operation<'a>> {
    let connection = new(bench, "lifecycle")?;
    Ok(Box::new(move |n| {
        let run = add_run(&connection, n)?;
        let tx = connection.unchecked_transaction()?;
        for i in 0..20 {
            tx.prepare_cached(sql::INSERT_PARAM)?
                .execute((format!("param{i}"), "0.1", &run))?;
        }
        tx.commit()?;
        let tx = connection.unchecked_transaction()?;
        add_batch(&tx, &run, 0)?;
        tx.commit()?;
        for i in 0..3 {
            connection
                .prepare_cached(sql::INSERT_TAG)?
                .execute((format!("tag{i}"), "value", &run))?;
        }
        connection.prepare_cached(sql::FINISH_RUN)?.execute([&run])?;
        Ok(1)
    }))
}

fn add_run(connection: &Connection, n: u64) -> Result<String> {
    // As ids are: without an order.
    let run = format!(
        "{:032x}",
        u128::from(n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
    );
    connection.prepare_cached(sql::INSERT_RUN)?.execute([&run])?;
    Ok(run)
}

fn add_batch(tx: &Connection, run: &str, n: u64) -> Result<()> {
    let row = |i| {
        let (key, step, value) = batch_point(n, i);
        (
            format!("m{key}"),
            value,
            (EPOCH_MS + step) as i64,
            run,
            step as i64,
        )
    };
    let mut insert = tx.prepare_cached(sql::INSERT_METRIC)?;
    for i in 0..BATCH_POINTS {
        insert.execute(row(i))?;
    }
    let mut upsert = tx.prepare_cached(sql::UPSERT_LATEST)?;
    for i in BATCH_POINTS - 10..BATCH_POINTS {
        upsert.execute(row(i))?;
    }
    Ok(())
}
