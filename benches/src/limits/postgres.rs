//! PostgreSQL alone: connections of this process to MLflow's tables.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use bytes::Bytes;
use futures::SinkExt;

use super::statements as sql;
use crate::api::{BATCH_POINTS, EPOCH_MS, batch_point};
use crate::bench::Bench;
use crate::load::Operation;
use crate::postgres::Connection;
use crate::servers::{Backend, Database};

/// A new database with MLflow's tables and the default experiment.
pub fn new(bench: &Bench, name: &str) -> Result<Database> {
    let database = bench.bare_database(Backend::Postgres, name)?;
    Connection::open(&database.uri())?.run(sql::INSERT_EXPERIMENT)?;
    Ok(database)
}

/// Single inserts: a point and its latest value per transaction, in one prepared statement.
pub fn log_metric<'a>(database: &Database) -> Result<Operation<'a>> {
    let connection = Connection::open(&database.uri())?;
    let run = add_run(&connection)?;
    let statement = connection.wait(connection.client.prepare(sql::INSERT_METRIC_AND_LATEST))?;
    Ok(Box::new(move |n| {
        let step = n as i64 + 1;
        let value = 0.5 / step as f64;
        let time = EPOCH_MS as i64 + step;
        connection.wait(
            connection
                .client
                .execute(&statement, &[&"loss", &value, &time, &run, &step]),
        )?;
        Ok(1)
    }))
}

/// Batches: a COPY of the points and one statement for the latest values per transaction.
pub fn copy_batch<'a>(database: &Database) -> Result<Operation<'a>> {
    const COPY: &str = "COPY metrics (key, value, timestamp, step, is_nan, run_uuid) FROM STDIN";
    const LATEST: &str = "
        INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid)
        SELECT key, value, timestamp, step, false, $5
          FROM unnest($1::text[], $2::float8[], $3::int8[], $4::int8[]) AS point (key, value, timestamp, step)
        ON CONFLICT (key, run_uuid) DO UPDATE
           SET value = excluded.value, timestamp = excluded.timestamp, step = excluded.step";
    let mut connection = Connection::open(&database.uri())?;
    let run = add_run(&connection)?;
    let latest = connection.wait(connection.client.prepare(LATEST))?;
    let copy = connection.wait(connection.client.prepare(COPY))?;
    Ok(Box::new(move |n| {
        let mut rows = String::new();
        let (mut keys, mut values, mut times, mut steps) = (vec![], vec![], vec![], vec![]);
        for i in 0..BATCH_POINTS {
            let (key, step, value) = batch_point(n, i);
            let time = EPOCH_MS + step;
            let _ = writeln!(rows, "m{key}\t{value}\t{time}\t{step}\tf\t{run}");
            if i >= BATCH_POINTS - 10 {
                keys.push(format!("m{key}"));
                values.push(value);
                times.push(time as i64);
                steps.push(step as i64);
            }
        }
        connection.transaction(async |tx| {
            let sink = tx.copy_in::<_, Bytes>(&copy).await?;
            let mut sink = std::pin::pin!(sink);
            sink.send(Bytes::from(rows)).await?;
            sink.finish().await?;
            tx.execute(&latest, &[&keys, &values, &times, &steps, &run])
                .await?;
            Ok(())
        })?;
        Ok(BATCH_POINTS)
    }))
}

fn add_run(connection: &Connection) -> Result<String> {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let run = format!("{:032x}", NEXT.fetch_add(1, Ordering::Relaxed));
    connection.wait(connection.client.execute(sql::INSERT_RUN, &[&run]))?;
    Ok(run)
}
