//! The PostgreSQL cluster that `tools/postgres` has started, and blocking connections to it.

use anyhow::{Context, Result, ensure};
use tokio::runtime::Runtime;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Row, Statement, Transaction};

use crate::process;
use crate::servers::Database;

/// The cluster.
#[derive(Debug, Clone)]
pub struct Cluster {
    uri: String,
    postmaster: u32,
}

impl Cluster {
    /// Finds the cluster at a URI, whose writes must be durable.
    pub fn find(uri: &str) -> Result<Self> {
        let connection = Connection::open(uri)?;
        for setting in ["fsync", "synchronous_commit"] {
            let value = connection.text(&format!("SHOW {setting}"))?;
            ensure!(
                value == "on",
                "PostgreSQL runs with {setting} = {value}: nothing would wait for the disk; \
                 set OXFLOW_TEST_PG_FSYNC=on for tools/postgres, as `make bench` does"
            );
        }
        let backend: u32 = connection.text("SELECT pg_backend_pid()")?.parse()?;
        let postmaster = process::parent(backend);
        Ok(Self {
            uri: uri.to_owned(),
            postmaster: postmaster
                .context("PostgreSQL has to run on this machine, for its CPU time to be seen")?,
        })
    }

    /// What it is.
    pub fn version(&self) -> Result<String> {
        Connection::open(&self.uri)?.text("SHOW server_version")
    }

    /// A new database, empty or a copy of another.
    pub fn create(&self, name: &str, like: Option<&str>) -> Result<Database> {
        let connection = Connection::open(&self.uri)?;
        let can_copy_files =
            connection.text("SELECT current_setting('server_version_num')::int >= 150000")? == "t";
        let strategy = if can_copy_files { " STRATEGY FILE_COPY" } else { "" };
        let template = like.map_or(String::new(), |like| format!(" TEMPLATE {like}{strategy}"));
        connection.run(&format!("DROP DATABASE IF EXISTS {name}"))?;
        connection.run(&format!("CREATE DATABASE {name}{template}"))?;
        Ok(self.database(name))
    }

    /// A database by its name.
    pub fn database(&self, name: &str) -> Database {
        let place = self
            .uri
            .rsplit_once('/')
            .map_or(self.uri.as_str(), |(place, _)| place);
        Database::Postgres {
            uri: format!("{place}/{name}"),
            postmaster: self.postmaster,
        }
    }

    /// Whether a database is there.
    pub fn has(&self, name: &str) -> Result<bool> {
        let sql = format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'");
        Ok(Connection::open(&self.uri)?.text(&sql)? == "1")
    }

    /// Gives a database another name.
    pub fn rename(&self, from: &str, to: &str) -> Result<()> {
        Connection::open(&self.uri)?.run(&format!("ALTER DATABASE {from} RENAME TO {to}"))
    }

    /// Removes a database and whoever is in it.
    pub fn remove(&self, name: &str) -> Result<()> {
        let connection = Connection::open(&self.uri)?;
        // Not WITH (FORCE): that is refused while autovacuum, which is a superuser's, works in it.
        connection.run(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
              WHERE datname = '{name}' AND usename = current_user"
        ))?;
        connection.run(&format!("DROP DATABASE IF EXISTS {name}"))
    }
}

/// A connection that blocks its thread.
pub struct Connection {
    runtime: Runtime,
    pub client: Client,
}

impl Connection {
    /// Connects.
    pub fn open(uri: &str) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let client = runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(uri, NoTls).await?;
            tokio::spawn(connection);
            Ok::<_, tokio_postgres::Error>(client)
        });
        Ok(Self {
            client: client.context("no connection to PostgreSQL")?,
            runtime,
        })
    }

    /// Waits for what `work` does with the connection.
    pub fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Prepares a statement.
    pub fn prepare(&self, sql: &str) -> Result<Statement> {
        let prepared = self.wait(self.client.prepare(sql));
        prepared.with_context(|| sql.to_owned())
    }

    /// Runs a statement in a transaction of its own.
    pub fn execute(&self, statement: &Statement, parameters: &[&(dyn ToSql + Sync)]) -> Result<()> {
        self.wait(self.client.execute(statement, parameters))?;
        Ok(())
    }

    /// The rows of a statement.
    pub fn query(&self, statement: &Statement, parameters: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>> {
        Ok(self.wait(self.client.query(statement, parameters))?)
    }

    /// Does `work` in a transaction.
    pub fn transaction<T>(
        &mut self,
        work: impl AsyncFnOnce(&Transaction<'_>) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T> {
        let Self { runtime, client } = self;
        let done = runtime.block_on(async {
            let tx = client.transaction().await?;
            let done = work(&tx).await?;
            tx.commit().await?;
            Ok::<_, tokio_postgres::Error>(done)
        });
        done.context("a transaction of PostgreSQL")
    }

    /// Runs SQL.
    pub fn run(&self, sql: &str) -> Result<()> {
        self.wait(self.client.batch_execute(sql))
            .with_context(|| sql.to_owned())
    }

    /// The first column of the only row, as a text.
    pub fn text(&self, sql: &str) -> Result<String> {
        let messages = self
            .wait(self.client.simple_query(sql))
            .with_context(|| sql.to_owned())?;
        let text = messages.iter().find_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        });
        text.with_context(|| format!("no row for {sql}"))
    }
}
