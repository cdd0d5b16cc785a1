//! Connections to PostgreSQL.

mod connect;
mod passfile;
mod tls;
mod value;

use std::future::Future;
use std::pin::pin;
use std::time::{Duration, Instant};

use futures::TryStreamExt;
use futures::future::join;
use hashlink::LruCache;
use tokio::runtime::Runtime;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, RowStream, Statement};

pub use connect::ConnectFailure;
pub(crate) use connect::{Connector, words};
use value::{Column, Parameter};

use super::{BulkInsert, Row, Value};
use crate::{DbError, DbErrorKind};

/// Statements kept prepared per connection.
const CACHED_STATEMENTS: usize = 256;

/// Time limits inside PostgreSQL. security.md, section 9, as on SQLite.
const READ_LIMIT: Duration = Duration::from_secs(30);
const WRITE_LIMIT: Duration = Duration::from_secs(10);

/// Waiting for a row that another transaction holds.
const LOCK_LIMIT: Duration = Duration::from_secs(8);

/// A transaction whose client hangs is ended by the database.
const IDLE_LIMIT: Duration = Duration::from_secs(60);

/// How much later than the database this side gives up: then the network or the server is gone.
const GRACE: Duration = Duration::from_secs(5);

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// A snapshot of the whole database.
    Read,
    /// The same, as long as it takes.
    Inspect,
    /// Changes, each statement seeing what is committed.
    Write,
    /// Changes to the schema: as long as they take.
    Migrate,
}

impl Access {
    fn mode(self) -> &'static str {
        match self {
            Self::Read | Self::Inspect => "ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Self::Write | Self::Migrate => "ISOLATION LEVEL READ COMMITTED READ WRITE",
        }
    }

    fn limit(self) -> Option<Duration> {
        match self {
            Self::Read => Some(READ_LIMIT),
            Self::Write => Some(WRITE_LIMIT),
            Self::Inspect | Self::Migrate => None,
        }
    }

    /// Begins the transaction. The settings hold for it only: behind a pooler the next one is somebody else's.
    fn begin(self) -> String {
        let milliseconds = |time: Duration| time.as_millis().to_string();
        let [statement, lock, idle] = match self.limit() {
            Some(limit) => [limit, LOCK_LIMIT, IDLE_LIMIT].map(milliseconds),
            None => [Duration::ZERO; 3].map(milliseconds),
        };
        let mut settings = vec![
            ("statement_timeout", statement.as_str()),
            ("lock_timeout", &lock),
            ("idle_in_transaction_session_timeout", &idle),
        ];
        if self == Self::Read {
            settings.extend(PLANNING);
        }
        let settings: Vec<String> = settings
            .iter()
            .map(|(name, value)| format!("set_config('{name}', '{value}', true)"))
            .collect();
        format!("BEGIN {}; SELECT {}", self.mode(), settings.join(", "))
    }
}

/// How reads are planned. The joins of a page are made as they are written: first the rows of the page,
/// then what belongs to them (left to itself the planner takes the inputs of a dataset for few, and reads
/// them all). And rows are looked up by index although the planner's default thinks of turning disks: a page
/// of 100 out of 30,000 runs would read the tables of tags and metrics from end to end.
const PLANNING: [(&str, &str); 2] = [("join_collapse_limit", "1"), ("random_page_cost", "1.1")];

/// A connection. Works on one thread, and on no thread of an asynchronous runtime: it blocks.
pub(crate) struct Session {
    runtime: Runtime,
    client: Client,
    /// `None`: statements are not prepared under a name.
    statements: Option<LruCache<StatementKey, Statement>>,
    opened: Instant,
    is_broken: bool,
}

/// A statement means something else with other types of parameters.
type StatementKey = (String, Vec<Type>);

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("is_broken", &self.is_broken)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Prepares a transaction; it begins with its first statement.
    pub(crate) fn transaction(&mut self, access: Access) -> Transaction<'_> {
        Transaction {
            session: self,
            access,
            progress: Progress::NotBegun,
        }
    }

    /// How long ago it was opened.
    pub(crate) fn age(&self) -> Duration {
        self.opened.elapsed()
    }

    /// Whether it can still be used. Looks at what came in since the last call.
    pub(crate) fn is_usable(&self) -> bool {
        self.runtime.block_on(tokio::task::yield_now());
        !self.is_broken && !self.client.is_closed()
    }

    /// Runs what the driver does, for as long as `limit`.
    fn block_on<T>(
        runtime: &Runtime,
        is_broken: &mut bool,
        limit: Option<Duration>,
        work: impl Future<Output = Result<T, DbError>>,
    ) -> Result<T, DbError> {
        let outcome = match limit {
            None => runtime.block_on(work),
            Some(limit) => runtime.block_on(async {
                tokio::time::timeout(limit + GRACE, work)
                    .await
                    .unwrap_or_else(|_| Err(DbError::no_answer()))
            }),
        };
        if let Err(error) = &outcome {
            // After either the session is of no more use; a new one starts from nothing.
            *is_broken |= error.kind() == DbErrorKind::Unavailable || error.is_lost_statement();
        }
        outcome
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    NotBegun,
    Begun,
}

/// An open transaction.
#[derive(Debug)]
pub(crate) struct Transaction<'c> {
    session: &'c mut Session,
    access: Access,
    progress: Progress,
}

impl Transaction<'_> {
    /// Runs a statement and hands its rows over one by one; returns how many rows it changed or read.
    pub(super) fn for_each(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        read: &mut dyn FnMut(&Row<'_>) -> Result<(), DbError>,
    ) -> Result<usize, DbError> {
        let parameters: Vec<Parameter<'_>> = values.iter().map(Value::parameter).collect();
        self.run(sql, &parameters, read)
    }

    /// Runs several statements without parameters.
    pub(super) fn batch(&mut self, sql: &str) -> Result<(), DbError> {
        let begin = self.take_begin();
        let Session {
            runtime,
            client,
            is_broken,
            ..
        } = &mut *self.session;
        Session::block_on(runtime, is_broken, self.access.limit(), async {
            if let Some(begin) = begin {
                client.batch_execute(&begin).await?;
            }
            Ok(client.batch_execute(sql).await?)
        })
    }

    /// Inserts rows: one as values, several as one array per column, so that the statement is the same
    /// however many they are.
    pub(super) fn insert_many<const N: usize>(
        &mut self,
        insert: &BulkInsert,
        mut rows: Vec<[Value<'_>; N]>,
    ) -> Result<usize, DbError> {
        match rows.as_mut_slice() {
            [] => Ok(0),
            [row] => self.for_each(&insert.single(), row, &mut |_| Ok(())),
            rows => {
                let columns: Vec<Column<'_>> = insert
                    .columns
                    .iter()
                    .enumerate()
                    .map(|(i, (_, kind))| {
                        let values = rows
                            .iter_mut()
                            .map(|row| std::mem::replace(&mut row[i], Value::Null));
                        Column::new(*kind, values.collect())
                    })
                    .collect();
                let parameters: Vec<Parameter<'_>> = columns.iter().map(Column::parameter).collect();
                let places: Vec<String> = (1..=N).map(|n| format!("${n}")).collect();
                let sql = format!(
                    "{} SELECT * FROM unnest({}) {}",
                    insert.head(),
                    places.join(", "),
                    insert.on_conflict
                );
                self.run(&sql, &parameters, &mut |_| Ok(()))
            }
        }
    }

    /// Keeps or takes back what the transaction did.
    pub(crate) fn end(self, keep: bool) -> Result<(), DbError> {
        if self.progress == Progress::NotBegun || self.session.is_broken {
            return Ok(());
        }
        let Session {
            runtime,
            client,
            is_broken,
            ..
        } = &mut *self.session;
        let sql = if keep { "COMMIT" } else { "ROLLBACK" };
        let outcome = Session::block_on(runtime, is_broken, self.access.limit(), async {
            Ok(client.batch_execute(sql).await?)
        });
        if outcome.is_err() {
            *is_broken = true;
        }
        outcome
    }

    fn take_begin(&mut self) -> Option<String> {
        match std::mem::replace(&mut self.progress, Progress::Begun) {
            Progress::NotBegun => Some(self.access.begin()),
            Progress::Begun => None,
        }
    }

    fn run(
        &mut self,
        sql: &str,
        parameters: &[Parameter<'_>],
        read: &mut dyn FnMut(&Row<'_>) -> Result<(), DbError>,
    ) -> Result<usize, DbError> {
        let begin = self.take_begin();
        let Session {
            runtime,
            client,
            statements,
            is_broken,
            ..
        } = &mut *self.session;
        let outcome = Session::block_on(runtime, is_broken, self.access.limit(), async {
            let (begin, rows) = match statements {
                None => (begin, Rows::Unprepared { sql, parameters }),
                Some(statements) => {
                    let (begin, statement) = prepared(client, statements, begin, sql, parameters).await?;
                    (
                        begin,
                        Rows::Prepared {
                            statement,
                            parameters,
                        },
                    )
                }
            };
            let stream = match begin {
                // Together in one round trip. Only what changes nothing: if the transaction could not
                // begin, the statement ran outside of it.
                Some(begin) if is_query(sql) => {
                    let (begun, rows) = join(client.batch_execute(&begin), rows.of(client)).await;
                    begun?;
                    rows?
                }
                Some(begin) => {
                    client.batch_execute(&begin).await?;
                    rows.of(client).await?
                }
                None => rows.of(client).await?,
            };
            let mut stream = pin!(stream);
            while let Some(row) = stream.try_next().await? {
                read(&Row::Postgres(&row))?;
            }
            Ok(stream.rows_affected().unwrap_or(0))
        });
        outcome.map(|rows| usize::try_from(rows).unwrap_or(usize::MAX))
    }
}

fn is_query(sql: &str) -> bool {
    sql.trim_start().starts_with("SELECT")
}

/// A statement that is ready to run.
enum Rows<'s> {
    Prepared {
        statement: Statement,
        parameters: &'s [Parameter<'s>],
    },
    Unprepared {
        sql: &'s str,
        parameters: &'s [Parameter<'s>],
    },
}

impl Rows<'_> {
    async fn of(&self, client: &Client) -> Result<RowStream, tokio_postgres::Error> {
        match self {
            Self::Prepared {
                statement,
                parameters,
            } => {
                client
                    .query_raw(statement, parameters.iter().map(|(value, _)| *value))
                    .await
            }
            Self::Unprepared { sql, parameters } => {
                let typed = parameters.iter().map(|(value, ty)| (*value, ty.clone()));
                client.query_typed_raw(sql, typed).await
            }
        }
    }
}

/// The statement out of the cache, or a new one; the transaction begins in the same round trip, and is
/// handed back if it did not have to.
async fn prepared(
    client: &Client,
    statements: &mut LruCache<StatementKey, Statement>,
    begin: Option<String>,
    sql: &str,
    parameters: &[Parameter<'_>],
) -> Result<(Option<String>, Statement), tokio_postgres::Error> {
    let types: Vec<Type> = parameters.iter().map(|(_, ty)| ty.clone()).collect();
    let key = (sql.to_owned(), types);
    if let Some(statement) = statements.get(&key) {
        return Ok((begin, statement.clone()));
    }
    let prepare = client.prepare_typed(sql, &key.1);
    let statement = match begin {
        None => prepare.await?,
        Some(begin) => {
            let (begun, statement) = join(client.batch_execute(&begin), prepare).await;
            begun?;
            statement?
        }
    };
    statements.insert(key, statement.clone());
    Ok((None, statement))
}
