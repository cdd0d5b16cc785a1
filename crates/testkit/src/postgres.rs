//! PostgreSQL databases for tests, in the server that `OXFLOW_TEST_POSTGRES` names.
//!
//! `make test` starts one (`tools/postgres`). Where the variable is not set there are no databases, and
//! tests that need one return at once.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio_postgres::{NoTls, SimpleQueryMessage};

/// An empty or a prepared database of its own; removed with the value.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    uri: String,
}

impl TestDatabase {
    /// A new empty database; `None` where tests have no PostgreSQL.
    pub fn empty() -> Option<Self> {
        Self::create("")
    }

    /// A copy of a database that `prepare` filled once in this process, given its URI.
    pub fn prepared(prepare: impl FnOnce(&str)) -> Option<Self> {
        static TEMPLATE: OnceLock<Option<String>> = OnceLock::new();
        let template = TEMPLATE.get_or_init(|| {
            // Lives as long as the process: its name goes to the copies.
            let template = std::mem::ManuallyDrop::new(Self::create("")?);
            prepare(&template.uri);
            Some(template.name.clone())
        });
        Self::create(&format!(" TEMPLATE {}", template.as_ref()?))
    }

    fn create(like: &str) -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let server = std::env::var("OXFLOW_TEST_POSTGRES").ok()?;
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("oxflow_test_{}_{count}", std::process::id());
        run(&server, &format!("CREATE DATABASE {name}{like}"));
        let (before, options) = server.split_once('?').unwrap_or((&server, ""));
        let place = before.rsplit_once('/').map_or(before, |(place, _)| place);
        let uri = if options.is_empty() {
            format!("{place}/{name}")
        } else {
            format!("{place}/{name}?{options}")
        };
        Some(Self { name, uri })
    }

    /// Where it is.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// A connection of its own. For tests that are not asynchronous: it blocks.
    pub fn connect(&self) -> TestConnection {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let client = runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&self.uri, NoTls)
                .await
                .expect("the test's server is there");
            tokio::spawn(connection);
            client
        });
        TestConnection { runtime, client }
    }
}

/// Somebody else's connection to a database.
pub struct TestConnection {
    runtime: tokio::runtime::Runtime,
    client: tokio_postgres::Client,
}

impl TestConnection {
    /// Runs SQL.
    pub fn run(&self, sql: &str) {
        self.try_run(sql)
            .unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    /// Runs SQL that may fail.
    pub fn try_run(&self, sql: &str) -> Result<(), tokio_postgres::Error> {
        self.runtime.block_on(self.client.batch_execute(sql))
    }

    /// The first column of the first row, as a text.
    pub fn text(&self, sql: &str) -> String {
        let rows = self.runtime.block_on(self.client.simple_query(sql));
        let rows = rows.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        let text = rows.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        });
        text.unwrap_or_default()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Ok(server) = std::env::var("OXFLOW_TEST_POSTGRES") {
            // Not WITH (FORCE): that is refused while autovacuum works in the database, whose process is a superuser's.
            run(
                &server,
                &format!(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                      WHERE datname = '{}' AND usename IS NOT NULL",
                    self.name
                ),
            );
            run(&server, &format!("DROP DATABASE IF EXISTS {}", self.name));
        }
    }
}

/// Runs SQL on a connection of its own, outside of any runtime of the test.
fn run(uri: &str, sql: &str) {
    let outcome = std::thread::scope(|scope| {
        scope
            .spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .expect("a runtime");
                runtime.block_on(async {
                    let (client, connection) = tokio_postgres::connect(uri, NoTls).await?;
                    tokio::spawn(connection);
                    client.batch_execute(sql).await
                })
            })
            .join()
    });
    outcome
        .expect("the thread ends")
        .unwrap_or_else(|error| panic!("{sql}: {error:?}"));
}
