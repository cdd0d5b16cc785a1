//! A store call on its way to a thread and back.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::caller::Caller;
use crate::changes::Changes;
use crate::metric_columns::{MetricColumns, Written};
use crate::{Change, DbErrorKind, Result, StoreError, Tx};

/// A store call whose answer somebody waits for.
pub(super) trait Call: Send {
    /// Runs it in a transaction. May be done again: then the earlier run is forgotten.
    fn run(&mut self, tx: &mut Tx<'_>) -> Verdict;

    /// Answers with what the last run came to; with the kind of trouble, if nothing was stored.
    fn answer(self: Box<Self>, trouble: Option<DbErrorKind>);

    /// Whether nobody waits any more.
    fn is_abandoned(&self) -> bool;

    /// Whether it only looks, and needs no transaction.
    fn is_glance(&self) -> bool;

    /// Whose going away ends it while it runs: that of a read. Writes are finished whoever waits.
    fn caller(&self) -> Option<Caller> {
        None
    }

    /// How long ago it was asked for.
    fn age(&self) -> Duration;

    /// What may succeed one by one where all together failed; nothing if it is one. What is left of it is dropped.
    fn split(&mut self) -> Vec<Box<dyn Call>> {
        Vec::new()
    }
}

/// What to do with the changes of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Keep them.
    Keep,
    /// Take them back.
    TakeBack,
    /// Take them back: the database was in trouble of this kind.
    Trouble(DbErrorKind),
}

/// Does the work of a call, of which a panic ends nothing but the call; says what to do with its changes.
pub(super) fn attempt<T>(work: impl FnOnce() -> Result<T>) -> (Result<T>, Verdict) {
    let outcome = catch_unwind(AssertUnwindSafe(work)).unwrap_or(Err(StoreError::Panicked));
    let verdict = match &outcome {
        Ok(_) => Verdict::Keep,
        Err(StoreError::Database { source }) => Verdict::Trouble(source.kind()),
        Err(_) => Verdict::TakeBack,
    };
    (outcome, verdict)
}

/// Who hears of committed writes before they are answered.
#[derive(Debug, Clone, Default)]
pub(super) struct HeardBy {
    pub changes: Changes,
    pub columns: Arc<MetricColumns>,
}

/// A closure, and the place for what it came to.
pub(super) struct WaitingCall<F, T> {
    call: F,
    outcome: Option<Result<T>>,
    waiting: oneshot::Sender<Result<T>>,
    caller: Option<Caller>,
    since: Instant,
    is_glance: bool,
    heard_by: HeardBy,
    /// What the last run changed.
    news: Vec<Change>,
    written: Written,
}

impl<F, T> WaitingCall<F, T> {
    /// Of a read with its caller.
    pub(super) fn new(
        call: F,
        caller: Option<Caller>,
        heard_by: HeardBy,
    ) -> (Self, oneshot::Receiver<Result<T>>) {
        let (waiting, answered) = oneshot::channel();
        let call = Self {
            call,
            outcome: None,
            waiting,
            caller,
            since: Instant::now(),
            is_glance: false,
            heard_by,
            news: Vec::new(),
            written: Written::default(),
        };
        (call, answered)
    }

    /// The same for a call that only looks.
    pub(super) fn without_transaction(self) -> Self {
        Self {
            is_glance: true,
            ..self
        }
    }
}

impl<F, T> Call for WaitingCall<F, T>
where
    F: FnMut(&mut Tx<'_>) -> Result<T> + Send,
    T: Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> Verdict {
        tx.collect_news(self.heard_by.changes.are_heard());
        tx.collect_written(self.heard_by.columns.are_used());
        let (outcome, verdict) = attempt(|| (self.call)(tx));
        self.news = tx.take_news();
        self.written = tx.take_written();
        self.outcome = Some(outcome);
        verdict
    }

    fn answer(self: Box<Self>, trouble: Option<DbErrorKind>) {
        if trouble.is_some() {
            self.heard_by.columns.forget();
        }
        let outcome = match (self.outcome, trouble) {
            // The trouble of an earlier run says less than that of the last one.
            (Some(Err(StoreError::Database { source })), Some(kind)) if source.kind() != kind => {
                Err(StoreError::NotCommitted { kind })
            }
            (Some(Err(error)), _) => Err(error),
            (_, Some(kind)) => Err(StoreError::NotCommitted { kind }),
            (Some(Ok(value)), None) => {
                self.heard_by.columns.note(&self.written);
                self.heard_by.changes.tell(self.news);
                Ok(value)
            }
            (None, None) => Err(StoreError::Stopping),
        };
        // A caller that has gone away no longer wants the answer; the change stands.
        drop(self.waiting.send(outcome));
    }

    fn is_abandoned(&self) -> bool {
        self.waiting.is_closed()
    }

    fn is_glance(&self) -> bool {
        self.is_glance
    }

    fn caller(&self) -> Option<Caller> {
        self.caller.clone()
    }

    fn age(&self) -> Duration {
        self.since.elapsed()
    }
}
