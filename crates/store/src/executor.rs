//! The threads that run store calls: one writer with group commit, several readers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};
use rusqlite::Connection;
use tokio::sync::oneshot;
use tracing::error;

use crate::driver::sqlite::{self, Deadline};
use crate::{DbError, DbErrorKind, OpenError, Result, StoreError, Tx};

/// Store calls that wait before a new one has to.
const QUEUE_LENGTH: usize = 1024;

/// Writes that share one commit at the most: bounds how long the first of them waits.
const MAX_GROUP: usize = 256;

/// Time limit of a read, and of one write of a group. security.md, section 9.
const READ_LIMIT: Duration = Duration::from_secs(30);
const WRITE_LIMIT: Duration = Duration::from_secs(10);

/// No limit: for statements that end a transaction.
const NO_LIMIT: Duration = Duration::from_secs(u32::MAX as u64);

/// Runs a call in a transaction, and says whether to keep its changes. Without a transaction it
/// only answers why there is none.
type Run = Box<dyn FnOnce(std::result::Result<&mut Tx<'_>, DbErrorKind>) -> Finished + Send>;

/// A store call on its way to a thread.
struct Job {
    run: Run,
    /// Whether the caller has gone away.
    is_abandoned: Box<dyn Fn() -> bool + Send>,
}

/// What is left to do once a call has run.
struct Finished {
    keep: bool,
    /// Answers the caller; gets the error if the commit failed.
    reply: Box<dyn FnOnce(Option<DbErrorKind>) + Send>,
}

/// The running threads of a store.
#[derive(Debug)]
pub(crate) struct Executor {
    writes: Option<Sender<Job>>,
    reads: Option<Sender<Job>>,
    writer: Option<JoinHandle<()>>,
    readers: Vec<JoinHandle<()>>,
}

impl Executor {
    /// Starts one writer on `writer` and `readers` threads with connections of their own.
    pub(crate) fn start(mut writer: Connection, path: &Path, readers: usize) -> Result<Self, OpenError> {
        let open = |source| OpenError::Open {
            path: path.display().to_string(),
            source,
        };
        let (writes, write_jobs) = crossbeam_channel::bounded(QUEUE_LENGTH);
        let (reads, read_jobs) = crossbeam_channel::bounded(QUEUE_LENGTH);
        let deadline = Deadline::watch(&mut writer).map_err(open)?;
        let writer = spawn("oxflow-writer", move || {
            write_loop(&writer, &deadline, &write_jobs);
        })?;
        let mut threads = Vec::new();
        for _ in 0..readers.max(1) {
            let mut connection = sqlite::open_reader(path).map_err(open)?;
            let deadline = Deadline::watch(&mut connection).map_err(open)?;
            let jobs: Receiver<Job> = read_jobs.clone();
            threads.push(spawn("oxflow-reader", move || {
                read_loop(&connection, &deadline, &jobs);
            })?);
        }
        Ok(Self {
            writes: Some(writes),
            reads: Some(reads),
            writer: Some(writer),
            readers: threads,
        })
    }

    /// Runs a write; returns after its commit is on disk.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        call: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        submit(self.writes.as_ref(), call).await
    }

    /// Runs a read in a snapshot of its own.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        call: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        submit(self.reads.as_ref(), call).await
    }
}

impl Drop for Executor {
    /// Lets the threads finish what is queued, then waits for them. The writer is the last to close
    /// its connection: so SQLite folds the journal into the database, and the next start need not
    /// look for damage.
    fn drop(&mut self) {
        self.reads = None;
        for reader in self.readers.drain(..) {
            join(reader);
        }
        self.writes = None;
        if let Some(writer) = self.writer.take() {
            join(writer);
        }
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

async fn submit<T: Send + 'static>(
    queue: Option<&Sender<Job>>,
    call: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
) -> Result<T> {
    let (answer, answered) = oneshot::channel();
    // Shared, because the caller may be asked for before the call runs.
    let answer = Arc::new(Mutex::new(Some(answer)));
    let waiting = Arc::clone(&answer);
    let is_abandoned = Box::new(move || locked(&waiting).as_ref().is_none_or(oneshot::Sender::is_closed));
    let run = Box::new(move |tx: std::result::Result<&mut Tx<'_>, DbErrorKind>| {
        let outcome = match tx {
            Ok(tx) => catch_unwind(AssertUnwindSafe(|| call(tx))).unwrap_or(Err(StoreError::Panicked)),
            Err(kind) => Err(StoreError::NotCommitted { kind }),
        };
        let reply = Box::new(move |failed: Option<DbErrorKind>, outcome: Result<T>| {
            let outcome = match (outcome, failed) {
                (Ok(_), Some(kind)) => Err(StoreError::NotCommitted { kind }),
                (outcome, _) => outcome,
            };
            // A caller that has gone away no longer wants the answer; the change stands.
            if let Some(answer) = locked(&answer).take() {
                drop(answer.send(outcome));
            }
        });
        Finished {
            keep: outcome.is_ok(),
            reply: Box::new(move |failed| reply(failed, outcome)),
        }
    });
    let job = Job { run, is_abandoned };
    let queue = queue.ok_or(StoreError::Stopping)?;
    match queue.try_send(job) {
        Ok(()) => {}
        Err(crossbeam_channel::TrySendError::Full(_)) => return Err(StoreError::Overloaded),
        Err(crossbeam_channel::TrySendError::Disconnected(_)) => return Err(StoreError::Stopping),
    }
    answered.await.unwrap_or(Err(StoreError::Stopping))
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write_loop(connection: &Connection, deadline: &Deadline, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let mut finished = Vec::new();
        let failed = run_group(connection, deadline, first, jobs, &mut finished)
            .err()
            .map(|error| {
                error!(cause = %chain(&error), "could not commit {} store calls", finished.len());
                if !connection.is_autocommit() {
                    drop(connection.execute_batch("ROLLBACK"));
                }
                error.kind()
            });
        for call in finished {
            (call.reply)(failed);
        }
    }
}

/// Runs the first call and all that wait behind it in one transaction, each in a savepoint.
fn run_group(
    connection: &Connection,
    deadline: &Deadline,
    first: Job,
    jobs: &Receiver<Job>,
    finished: &mut Vec<Finished>,
) -> Result<(), DbError> {
    deadline.set(NO_LIMIT);
    if let Err(error) = run(connection, "BEGIN IMMEDIATE") {
        // Whoever waited meanwhile is told as well: the next one would wait as long again.
        let waiting = std::iter::once(first).chain(jobs.try_iter().take(MAX_GROUP));
        finished.extend(waiting.map(|job| (job.run)(Err(error.kind()))));
        return Err(error);
    }
    let mut tx = Tx { connection };
    let mut next = Some(first);
    while let Some(job) = next {
        if let Err(error) = run(connection, "SAVEPOINT call") {
            finished.push((job.run)(Err(error.kind())));
            return Err(error);
        }
        deadline.set(WRITE_LIMIT);
        let call = (job.run)(Ok(&mut tx));
        deadline.set(NO_LIMIT);
        let keep = call.keep;
        // Before anything can fail: whoever is in this list gets an answer.
        finished.push(call);
        if connection.is_autocommit() {
            // A full disk or a time limit ends the whole transaction, not the savepoint alone.
            return Err(DbError::transaction_lost());
        }
        if !keep {
            run(connection, "ROLLBACK TO call")?;
        }
        run(connection, "RELEASE call")?;
        next = if finished.len() < MAX_GROUP {
            jobs.try_recv().ok()
        } else {
            None
        };
    }
    run(connection, "COMMIT")
}

fn read_loop(connection: &Connection, deadline: &Deadline, jobs: &Receiver<Job>) {
    while let Ok(job) = jobs.recv() {
        if (job.is_abandoned)() {
            continue;
        }
        deadline.set(READ_LIMIT);
        let call = match run(connection, "BEGIN") {
            Ok(()) => (job.run)(Ok(&mut Tx { connection })),
            Err(error) => {
                error!(cause = %chain(&error), "could not begin a read");
                (job.run)(Err(error.kind()))
            }
        };
        deadline.set(NO_LIMIT);
        if !connection.is_autocommit()
            && let Err(error) = run(connection, "COMMIT")
        {
            error!(cause = %chain(&error), "could not end a read");
            drop(connection.execute_batch("ROLLBACK"));
        }
        (call.reply)(None);
    }
}

/// An error with its causes, for the log.
fn chain(error: &DbError) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

fn run(connection: &Connection, statement: &str) -> Result<(), DbError> {
    connection.prepare_cached(statement)?.execute([])?;
    Ok(())
}
