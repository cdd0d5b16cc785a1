//! The threads that run store calls.
//!
//! On SQLite one thread writes, with group commit, and several read; on PostgreSQL every thread takes a free
//! connection and does both, and two of them, one at a time, write the points of many requests together.

mod call;
mod points;
mod postgres;
mod sqlite;

use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, TrySendError};
use rusqlite::Connection;
use tokio::sync::oneshot;
use tracing::error;

use crate::caller::Caller;
use crate::changes::Changes;
use crate::driver::postgres::Connector;
use crate::driver::sqlite::{Deadline, open_reader};
use crate::metric_columns::MetricColumns;
use crate::metrics::{Derived, LoggedPoints};
use crate::{DbError, OpenError, PoolConfig, Result, StoreError, Tx};
use call::{Call, HeardBy, WaitingCall};
use points::PointsRequest;

/// Store calls that wait before a new one has to.
const QUEUE_LENGTH: usize = 1024;

/// Threads on PostgreSQL that only write points: one at a time, and another in case that one has to wait for a lock.
const JOINERS: usize = 2;

/// With fewer connections than this none is set aside for points.
const LEAST_TO_JOIN: usize = 8;

type Queue = Receiver<Box<dyn Call>>;

/// The running threads of a store.
#[derive(Debug)]
pub(crate) struct Executor {
    writes: Option<Sender<Box<dyn Call>>>,
    reads: Option<Sender<Box<dyn Call>>>,
    /// Points that may be written together; `None` where each request is a write like any other.
    points: Option<Sender<PointsRequest>>,
    writers: Vec<JoinHandle<()>>,
    readers: Vec<JoinHandle<()>>,
    heard_by: HeardBy,
}

impl Executor {
    /// Starts one writer on `writer` and `readers` threads with connections of their own.
    pub(crate) fn sqlite(mut writer: Connection, path: &Path, readers: usize) -> Result<Self, OpenError> {
        let open = |source| OpenError::Open {
            path: path.display().to_string(),
            source,
        };
        let (mut executor, writes, reads) = Self::without_threads();
        let deadline = Deadline::watch(&mut writer).map_err(open)?;
        executor.writers.push(spawn("oxflow-writer", move || {
            sqlite::write_loop(&writer, &deadline, &writes);
        })?);
        for _ in 0..readers.max(1) {
            let mut connection = open_reader(path).map_err(open)?;
            let deadline = Deadline::watch(&mut connection).map_err(open)?;
            let reads = reads.clone();
            executor.readers.push(spawn("oxflow-reader", move || {
                sqlite::read_loop(&connection, &deadline, &reads);
            })?);
        }
        Ok(executor)
    }

    /// Starts threads that connect when they get their first call.
    pub(crate) fn postgres(connector: Connector, pool: &PoolConfig) -> Result<Self, OpenError> {
        let (mut executor, writes, reads) = Self::without_threads();
        let threads = postgres::Pool::new(connector, pool);
        let mut connections = pool.max_connections.max(1);
        if connections >= LEAST_TO_JOIN {
            connections -= JOINERS;
            executor.start_joiners(&threads)?;
        }
        for i in 0..connections {
            // Some threads take no reads, so that long searches never stop all writes.
            let takes_reads = i >= connections / 4;
            let reads = if takes_reads {
                reads.clone()
            } else {
                crossbeam_channel::never()
            };
            let (threads, writes) = (threads.clone(), writes.clone());
            executor.writers.push(spawn("oxflow-database", move || {
                threads.run(&writes, &reads);
            })?);
        }
        Ok(executor)
    }

    fn start_joiners(&mut self, threads: &postgres::Pool) -> Result<(), OpenError> {
        let (sender, points) = crossbeam_channel::bounded(QUEUE_LENGTH);
        let turn = postgres::Turn::new();
        for _ in 0..JOINERS {
            let (threads, points, changes) = (threads.clone(), points.clone(), self.heard_by.changes.clone());
            let turn = turn.clone();
            self.writers.push(spawn("oxflow-points", move || {
                threads.run_points(&points, &turn, &changes);
            })?);
        }
        self.points = Some(sender);
        Ok(())
    }

    fn without_threads() -> (Self, Queue, Queue) {
        let (writes, write_calls) = crossbeam_channel::bounded(QUEUE_LENGTH);
        let (reads, read_calls) = crossbeam_channel::bounded(QUEUE_LENGTH);
        let executor = Self {
            writes: Some(writes),
            reads: Some(reads),
            points: None,
            writers: Vec::new(),
            readers: Vec::new(),
            heard_by: HeardBy::default(),
        };
        (executor, write_calls, read_calls)
    }

    /// Runs a write; returns after its commit is on disk. Of a call that is run again, because others
    /// changed the same at once, only the last run counts.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        call: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.run(self.writes.as_ref(), None, call).await
    }

    /// Runs a read in a snapshot of its own. It is ended when its caller goes away.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        call: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (_waiting, caller) = Caller::new();
        self.run(self.reads.as_ref(), Some(caller), call).await
    }

    /// Whether points of several requests are written together.
    pub(crate) fn joins_points(&self) -> bool {
        self.points.is_some()
    }

    /// Writes points, in one transaction with those of others that wait; returns after the commit.
    pub(crate) async fn log_points(&self, logged: LoggedPoints, derived: Arc<Derived>) -> Result<()> {
        let (answer, answered) = oneshot::channel();
        let request = PointsRequest {
            logged,
            derived,
            answer,
            since: Instant::now(),
        };
        submit(self.points.as_ref(), request)?;
        answered.await.unwrap_or(Err(StoreError::Stopping))
    }

    /// Runs a read on SQLite's writer connection, outside of a transaction; on PostgreSQL as any other read.
    pub(crate) async fn glance<T: Send + 'static>(
        &self,
        call: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let queue = if self.readers.is_empty() {
            &self.reads
        } else {
            &self.writes
        };
        let (call, answered) = WaitingCall::new(call, None, self.heard_by.clone());
        submit::<Box<dyn Call>>(queue.as_ref(), Box::new(call.without_transaction()))?;
        answered.await.unwrap_or(Err(StoreError::Stopping))
    }

    /// The news of committed writes.
    pub(crate) fn changes(&self) -> &Changes {
        &self.heard_by.changes
    }

    /// Latest metrics in memory.
    pub(crate) fn metric_columns(&self) -> &Arc<MetricColumns> {
        &self.heard_by.columns
    }

    async fn run<T: Send + 'static>(
        &self,
        queue: Option<&Sender<Box<dyn Call>>>,
        caller: Option<Caller>,
        call: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (call, answered) = WaitingCall::new(call, caller, self.heard_by.clone());
        submit::<Box<dyn Call>>(queue, Box::new(call))?;
        answered.await.unwrap_or(Err(StoreError::Stopping))
    }
}

impl Drop for Executor {
    /// Lets the threads finish what is queued, then waits for them. SQLite's writer is the last to close
    /// its connection: so SQLite folds the journal into the database, and the next start need not
    /// look for damage.
    fn drop(&mut self) {
        self.reads = None;
        self.readers.drain(..).for_each(join);
        self.writes = None;
        self.points = None;
        self.writers.drain(..).for_each(join);
    }
}

/// Puts something into a queue, unless it is full.
fn submit<T>(queue: Option<&Sender<T>>, item: T) -> Result<()> {
    match queue.ok_or(StoreError::Stopping)?.try_send(item) {
        Ok(()) => Ok(()),
        Err(TrySendError::Full(_)) => Err(StoreError::Overloaded),
        Err(TrySendError::Disconnected(_)) => Err(StoreError::Stopping),
    }
}

fn join(thread: JoinHandle<()>) {
    if thread.join().is_err() {
        error!("a store thread panicked");
    }
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, OpenError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(body)
        .map_err(OpenError::Threads)
}

/// An error with its causes, for the log.
fn chain(error: &DbError) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}
