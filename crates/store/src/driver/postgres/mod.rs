//! Connections to PostgreSQL.

mod access;
mod connect;
mod passfile;
mod statement;
mod tls;
mod value;

use std::future::{Future, pending};
use std::pin::pin;
use std::time::{Duration, Instant};

use futures::TryStreamExt;
use tokio::runtime::Runtime;
use tokio::time::{sleep_until, timeout};
use tokio_postgres::Client;
use tokio_postgres_rustls::MakeRustlsConnect;

pub(crate) use access::Access;
use access::Holder;
pub use connect::ConnectFailure;
pub(crate) use connect::{Connector, words};
use statement::{Keep, Statements};
use value::{Column, Parameter};

use super::{BulkInsert, Kind, Row, Value};
use crate::caller::Caller;
use crate::{DbError, DbErrorKind};

/// How much later than the database this side gives up: then the network or the server is gone.
const GRACE: Duration = Duration::from_secs(5);

/// A connection that was idle so long may have been forgotten by a firewall or a balancer: it is asked first.
const ASKED_AFTER: Duration = Duration::from_secs(30);

/// How long it has for the answer, and how long a request to cancel a statement may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);

/// A connection. Works on one thread, and on no thread of an asynchronous runtime: it blocks.
pub(crate) struct Session {
    runtime: Runtime,
    client: Client,
    tls: MakeRustlsConnect,
    holder: Holder,
    statements: Statements,
    opened: Instant,
    used: Instant,
    is_broken: bool,
}

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
            limits: Limits {
                until: access.limit().map(|limit| Instant::now() + limit + GRACE),
                caller: None,
            },
            session: self,
            access,
            has_begun: false,
        }
    }

    /// How long ago it was opened.
    pub(crate) fn age(&self) -> Duration {
        self.opened.elapsed()
    }

    /// How long ago it was used.
    pub(crate) fn idle(&self) -> Duration {
        self.used.elapsed()
    }

    /// Whether it can still be used. Looks at what came in since the last call.
    pub(crate) fn is_usable(&self) -> bool {
        self.runtime.block_on(tokio::task::yield_now());
        if self.is_broken || self.client.is_closed() {
            return false;
        }
        self.idle() < ASKED_AFTER
            || self.runtime.block_on(async {
                let answer = timeout(ANSWER_LIMIT, self.client.check_connection()).await;
                matches!(answer, Ok(Ok(())))
            })
    }

    /// Runs what the driver does, within limits; a statement that is still running then is cancelled.
    fn block_on<T>(
        runtime: &Runtime,
        client: &Client,
        tls: &MakeRustlsConnect,
        limits: &mut Limits,
        work: impl Future<Output = Result<T, DbError>>,
    ) -> Result<T, DbError> {
        runtime.block_on(async {
            let mut work = pin!(work);
            let end = tokio::select! {
                outcome = &mut work => return outcome,
                end = limits.end() => end,
            };
            // Whether or not it is heard.
            drop(timeout(ANSWER_LIMIT, client.cancel_token().cancel_query(tls.clone())).await);
            if end == End::Late {
                return Err(DbError::no_answer());
            }
            match timeout(ANSWER_LIMIT, work).await {
                Ok(Err(error)) if error.kind() == DbErrorKind::TimedOut => Err(error),
                // The request to cancel may still be on its way, and would meet the next statement: this connection is
                // given up.
                _ => Err(DbError::no_answer()),
            }
        })
    }
}

/// When a transaction is ended from this side, whatever the number of statements.
#[derive(Debug)]
struct Limits {
    until: Option<Instant>,
    /// Whose going away ends it.
    caller: Option<Caller>,
}

/// Why a transaction is ended from this side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Late,
    Abandoned,
}

impl Limits {
    async fn end(&mut self) -> End {
        let late = async {
            match self.until {
                Some(until) => sleep_until(until.into()).await,
                None => pending().await,
            }
        };
        let abandoned = async {
            match &mut self.caller {
                Some(caller) => caller.leaves().await,
                None => pending().await,
            }
        };
        tokio::select! {
            () = late => End::Late,
            () = abandoned => End::Abandoned,
        }
    }

    fn is_abandoned(&self) -> bool {
        self.caller.as_ref().is_some_and(Caller::has_gone)
    }
}

/// An open transaction. Without `end` the session is of no more use than its next rollback.
#[derive(Debug)]
pub(crate) struct Transaction<'c> {
    session: &'c mut Session,
    access: Access,
    limits: Limits,
    has_begun: bool,
}

impl Transaction<'_> {
    /// The same, ended when this caller goes away.
    pub(crate) fn for_caller(mut self, caller: Option<Caller>) -> Self {
        self.limits.caller = caller;
        self
    }

    /// Runs a statement and hands its rows over one by one; returns how many rows it changed or read.
    pub(super) fn for_each(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        read: &mut dyn FnMut(&Row<'_>) -> Result<(), DbError>,
    ) -> Result<usize, DbError> {
        let parameters: Vec<Parameter<'_>> = values.iter().map(Value::parameter).collect();
        self.run(sql, &parameters, Keep::Prepared, read)
    }

    /// The same for a statement that is the whole transaction, and that may run twice: of a connection that breaks nobody
    /// knows whether it ran. A session of our own begins and commits it by itself, in one round trip.
    pub(super) fn for_each_alone(
        &mut self,
        sql: &str,
        columns: Vec<(Kind, Vec<Value<'_>>)>,
        read: &mut dyn FnMut(&Row<'_>) -> Result<(), DbError>,
    ) -> Result<usize, DbError> {
        let columns: Vec<Column<'_>> = columns
            .into_iter()
            .map(|(kind, values)| Column::new(kind, values))
            .collect();
        let parameters: Vec<Parameter<'_>> = columns.iter().map(Column::parameter).collect();
        let needs_begin = self.session.holder == Holder::Pooler || self.access != Access::Write;
        let begin = match needs_begin || self.has_begun {
            true => self.begin(),
            false => None,
        };
        self.run_after(begin, sql, &parameters, Keep::Prepared, read)
    }

    /// The same for a statement that is built for one request.
    pub(super) fn for_each_once(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        read: &mut dyn FnMut(&Row<'_>) -> Result<(), DbError>,
    ) -> Result<usize, DbError> {
        let parameters: Vec<Parameter<'_>> = values.iter().map(Value::parameter).collect();
        self.run(sql, &parameters, Keep::Nothing, read)
    }

    /// Runs several statements without parameters.
    pub(super) fn batch(&mut self, sql: &str) -> Result<(), DbError> {
        let begin = self.begin();
        self.work(async |client, _| {
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
                self.run(&sql, &parameters, Keep::Prepared, &mut |_| Ok(()))
            }
        }
    }

    /// Keeps or takes back what the transaction did.
    pub(crate) fn end(mut self, keep: bool) -> Result<(), DbError> {
        self.session.used = Instant::now();
        self.limits.caller = None;
        if !self.has_begun || self.session.is_broken {
            return Ok(());
        }
        let sql = if keep { "COMMIT" } else { "ROLLBACK" };
        let outcome = self.work(async |client, _| Ok(client.batch_execute(sql).await?));
        self.session.is_broken |= outcome.is_err();
        match outcome {
            Err(error) if keep && error.kind() == DbErrorKind::Unavailable => Err(error.after_commit()),
            outcome => outcome,
        }
    }

    /// What begins the transaction, if it has not begun.
    fn begin(&mut self) -> Option<String> {
        (!std::mem::replace(&mut self.has_begun, true)).then(|| self.access.begin(self.session.holder))
    }

    fn run(
        &mut self,
        sql: &str,
        parameters: &[Parameter<'_>],
        keep: Keep,
        read: &mut dyn FnMut(&Row<'_>) -> Result<(), DbError>,
    ) -> Result<usize, DbError> {
        let begin = self.begin();
        self.run_after(begin, sql, parameters, keep, read)
    }

    fn run_after(
        &mut self,
        begin: Option<String>,
        sql: &str,
        parameters: &[Parameter<'_>],
        keep: Keep,
        read: &mut dyn FnMut(&Row<'_>) -> Result<(), DbError>,
    ) -> Result<usize, DbError> {
        let rows = self.work(async |client, statements| {
            let mut rows = pin!(statements.run(client, begin, sql, parameters, keep).await?);
            while let Some(row) = rows.try_next().await? {
                read(&Row::Postgres(&row))?;
            }
            Ok(rows.rows_affected().unwrap_or(0))
        })?;
        Ok(usize::try_from(rows).unwrap_or(usize::MAX))
    }

    fn work<T>(
        &mut self,
        work: impl AsyncFnOnce(&Client, &mut Statements) -> Result<T, DbError>,
    ) -> Result<T, DbError> {
        if self.limits.is_abandoned() {
            return Err(DbError::abandoned());
        }
        let Session {
            runtime,
            client,
            tls,
            statements,
            is_broken,
            ..
        } = &mut *self.session;
        let outcome = Session::block_on(runtime, client, tls, &mut self.limits, work(client, statements));
        if let Err(error) = &outcome {
            *is_broken |= error.breaks_session();
        }
        outcome
    }
}
