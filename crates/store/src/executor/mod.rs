//! The threads that run store calls.
//!
//! On SQLite one thread writes, with group commit, and several read; on PostgreSQL every thread has a
//! connection and does both.

mod call;
mod postgres;
mod sqlite;

use std::path::Path;
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, TrySendError};
use rusqlite::Connection;
use tracing::error;

use crate::caller::Caller;
use crate::changes::Changes;
use crate::driver::postgres::Connector;
use crate::driver::sqlite::{Deadline, open_reader};
use crate::{DbError, OpenError, PoolConfig, Result, StoreError, Tx};
use call::{Call, WaitingCall};

/// Store calls that wait before a new one has to.
const QUEUE_LENGTH: usize = 1024;

type Queue = Receiver<Box<dyn Call>>;

/// The running threads of a store.
#[derive(Debug)]
pub(crate) struct Executor {
    writes: Option<Sender<Box<dyn Call>>>,
    reads: Option<Sender<Box<dyn Call>>>,
    writers: Vec<JoinHandle<()>>,
    readers: Vec<JoinHandle<()>>,
    changes: Changes,
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
        for i in 0..pool.max_connections.max(1) {
            // Some threads take no reads, so that long searches never stop all writes.
            let takes_reads = i >= pool.max_connections / 4;
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

    fn without_threads() -> (Self, Queue, Queue) {
        let (writes, write_calls) = crossbeam_channel::bounded(QUEUE_LENGTH);
        let (reads, read_calls) = crossbeam_channel::bounded(QUEUE_LENGTH);
        let executor = Self {
            writes: Some(writes),
            reads: Some(reads),
            writers: Vec::new(),
            readers: Vec::new(),
            changes: Changes::new(),
        };
        (executor, write_calls, read_calls)
    }

    /// Runs a write; returns after its commit is on disk. Of a call that is run again, because others
    /// changed the same at once, only the last run counts.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        call: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.submit(self.writes.as_ref(), None, call).await
    }

    /// Runs a read in a snapshot of its own. It is ended when its caller goes away.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        call: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (_waiting, caller) = Caller::new();
        self.submit(self.reads.as_ref(), Some(caller), call).await
    }

    /// The news of committed writes.
    pub(crate) fn changes(&self) -> &Changes {
        &self.changes
    }

    async fn submit<T: Send + 'static>(
        &self,
        queue: Option<&Sender<Box<dyn Call>>>,
        caller: Option<Caller>,
        call: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (call, answered) = WaitingCall::new(call, caller, self.changes.clone());
        let queue = queue.ok_or(StoreError::Stopping)?;
        match queue.try_send(Box::new(call)) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => return Err(StoreError::Overloaded),
            Err(TrySendError::Disconnected(_)) => return Err(StoreError::Stopping),
        }
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
        self.writers.drain(..).for_each(join);
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
