//! PostgreSQL alone: connections of this process to MLflow's tables.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};
use bytes::Bytes;
use futures::SinkExt;
use tokio_postgres::Statement;
use tokio_postgres::types::ToSql;

use super::statements as sql;
use crate::api::{BATCH_POINTS, EPOCH_MS, batch_point};
use crate::bench::Bench;
use crate::data::{ALIAS, HISTORY_KEY, HISTORY_POINTS, HISTORY_RUN, MODELS, model_name};
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
    let statement = connection.prepare(sql::INSERT_METRIC_AND_LATEST)?;
    Ok(Box::new(move |n| {
        let step = n as i64 + 1;
        let value = 0.5 / step as f64;
        let time = EPOCH_MS as i64 + step;
        connection.execute(&statement, &[&"loss", &value, &time, &run, &step])?;
        Ok(1)
    }))
}

/// Batches: a COPY of the points and one statement for the latest values per transaction.
pub fn copy_batch<'a>(database: &Database) -> Result<Operation<'a>> {
    let mut connection = Connection::open(&database.uri())?;
    let run = add_run(&connection)?;
    let batches = Batches::prepare(&connection)?;
    Ok(Box::new(move |n| {
        batches.add(&mut connection, &run, n)?;
        Ok(BATCH_POINTS)
    }))
}

/// Statements of batches, prepared.
struct Batches {
    copy: Statement,
    latest: Statement,
}

impl Batches {
    fn prepare(connection: &Connection) -> Result<Self> {
        const COPY: &str = "COPY metrics (key, value, timestamp, step, is_nan, run_uuid) FROM STDIN";
        const LATEST: &str = "
            INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid)
            SELECT key, value, timestamp, step, false, $5
              FROM unnest($1::text[], $2::float8[], $3::int8[], $4::int8[]) AS point (key, value, timestamp, step)
            ON CONFLICT (key, run_uuid) DO UPDATE
               SET value = excluded.value, timestamp = excluded.timestamp, step = excluded.step";
        Ok(Self {
            copy: connection.prepare(COPY)?,
            latest: connection.prepare(LATEST)?,
        })
    }

    fn add(&self, connection: &mut Connection, run: &str, n: u64) -> Result<()> {
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
            let sink = tx.copy_in::<_, Bytes>(&self.copy).await?;
            let mut sink = std::pin::pin!(sink);
            sink.send(Bytes::from(rows)).await?;
            sink.finish().await?;
            tx.execute(&self.latest, &[&keys, &values, &times, &steps, &run])
                .await?;
            Ok(())
        })
    }
}

/// A run: created, 20 params, 1,000 points, tags, finished, each with a commit as each is a request.
pub fn lifecycle<'a>(database: &Database) -> Result<Operation<'a>> {
    let mut connection = Connection::open(&database.uri())?;
    let batches = Batches::prepare(&connection)?;
    let params = connection.prepare(sql::INSERT_PARAMS)?;
    let tag = connection.prepare(sql::INSERT_TAG)?;
    let finish = connection.prepare(sql::FINISH_RUN)?;
    let names: Vec<String> = (0..20).map(|i| format!("param{i}")).collect();
    Ok(Box::new(move |_| {
        let run = add_run(&connection)?;
        connection.execute(&params, &[&names, &run])?;
        batches.add(&mut connection, &run, 0)?;
        for i in 0..3 {
            connection.execute(&tag, &[&format!("tag{i}"), &"value", &run])?;
        }
        connection.execute(&finish, &[&run])?;
        Ok(1)
    }))
}

/// Pages of the long history, each after the last.
pub fn history<'a>(database: &Database, page: u64) -> Result<Operation<'a>> {
    let connection = Connection::open(&database.uri())?;
    let statement = connection.prepare(sql::HISTORY_PAGE)?;
    let mut last_step = 0_i64;
    Ok(Box::new(move |_| {
        let parameters: [&(dyn ToSql + Sync); 4] = [&HISTORY_RUN, &HISTORY_KEY, &last_step, &(page as i64)];
        let rows = connection.query(&statement, &parameters)?;
        for row in &rows {
            std::hint::black_box((row.get::<_, f64>(1), row.get::<_, i64>(2), row.get::<_, bool>(4)));
        }
        last_step = rows.last().map_or(0, |row| row.get(3));
        if (rows.len() as u64) < page || last_step >= HISTORY_POINTS as i64 {
            last_step = 0;
        }
        Ok(rows.len() as u64)
    }))
}

/// The version that an alias points at, for one model after the other.
pub fn version_by_alias<'a>(database: &Database) -> Result<Operation<'a>> {
    let connection = Connection::open(&database.uri())?;
    let statement = connection.prepare(sql::VERSION_BY_ALIAS)?;
    Ok(Box::new(move |n| {
        let rows = connection.query(&statement, &[&model_name(n % MODELS), &ALIAS])?;
        let version: i32 = rows.first().context("the alias is there")?.get(1);
        std::hint::black_box(version);
        Ok(1)
    }))
}

/// New versions, each with a commit; connections begin with different models.
pub fn create_version<'a>(database: &Database, connection_number: u64) -> Result<Operation<'a>> {
    let mut connection = Connection::open(&database.uri())?;
    let touch = connection.prepare(sql::TOUCH_MODEL)?;
    let insert = connection.prepare(sql::INSERT_VERSION)?;
    Ok(Box::new(move |n| {
        let name = model_name((n + connection_number * 25) % MODELS);
        let time = n as i64;
        connection.transaction(async |tx| {
            // First: it keeps others from choosing the same number.
            tx.execute(&touch, &[&name, &time]).await?;
            tx.execute(&insert, &[&name]).await
        })?;
        Ok(1)
    }))
}

fn add_run(connection: &Connection) -> Result<String> {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let run = format!("{:032x}", NEXT.fetch_add(1, Ordering::Relaxed));
    connection.wait(connection.client.execute(sql::INSERT_RUN, &[&run]))?;
    Ok(run)
}
