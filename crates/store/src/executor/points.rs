//! Points that wait for a thread at the same time, written in one transaction.
//!
//! One point costs PostgreSQL four round trips and a commit; a hundred cost the same four, so the more clients log at
//! once, the less each costs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use tokio::sync::oneshot;

use super::call::{Call, Verdict, attempt};
use crate::changes::Changes;
use crate::metrics::{Derived, LoggedPoints};
use crate::{Change, DbErrorKind, Result, StoreError, Tx};

/// Requests that share a transaction, at most.
const MOST_REQUESTS: usize = 256;

/// A request to log points, and the place for what comes of it.
#[derive(Debug)]
pub(super) struct PointsRequest {
    pub(super) logged: LoggedPoints,
    pub(super) derived: Arc<Derived>,
    pub(super) answer: oneshot::Sender<Result<()>>,
    pub(super) since: Instant,
}

/// Requests that are written together.
#[derive(Debug)]
pub(super) struct JoinedPoints {
    requests: Vec<LoggedPoints>,
    answers: Vec<oneshot::Sender<Result<()>>>,
    /// When the one that waits longest was made.
    since: Instant,
    derived: Arc<Derived>,
    changes: Changes,
    outcome: Option<Result<Vec<Result<()>>>>,
    news: Vec<Change>,
}

impl JoinedPoints {
    /// `first`, and all that wait behind it.
    pub(super) fn with_waiting(
        first: PointsRequest,
        queue: &Receiver<PointsRequest>,
        changes: &Changes,
    ) -> Self {
        let since = first.since;
        let derived = Arc::clone(&first.derived);
        let all = std::iter::once(first).chain(queue.try_iter().take(MOST_REQUESTS - 1));
        let (requests, answers) = all.map(|request| (request.logged, request.answer)).unzip();
        Self::new(requests, answers, since, derived, changes.clone())
    }

    fn new(
        requests: Vec<LoggedPoints>,
        answers: Vec<oneshot::Sender<Result<()>>>,
        since: Instant,
        derived: Arc<Derived>,
        changes: Changes,
    ) -> Self {
        Self {
            requests,
            answers,
            since,
            derived,
            changes,
            outcome: None,
            news: Vec::new(),
        }
    }
}

impl Call for JoinedPoints {
    fn run(&mut self, tx: &mut Tx<'_>) -> Verdict {
        tx.collect_news(self.changes.are_heard());
        let (outcome, verdict) = attempt(|| tx.log_points_of_runs(&self.requests, &self.derived));
        self.news = tx.take_news();
        self.outcome = Some(outcome);
        verdict
    }

    fn answer(self: Box<Self>, trouble: Option<DbErrorKind>) {
        let outcomes = match (self.outcome, trouble) {
            (Some(Ok(outcomes)), None) => {
                self.changes.tell(self.news);
                outcomes
            }
            (_, Some(kind)) => refusals(self.answers.len(), || StoreError::NotCommitted { kind }),
            (Some(Err(StoreError::Panicked)), None) => refusals(self.answers.len(), || StoreError::Panicked),
            (_, None) => refusals(self.answers.len(), || StoreError::Stopping),
        };
        for (answer, outcome) in self.answers.into_iter().zip(outcomes) {
            // A caller that has gone away no longer wants the answer; the points stand.
            drop(answer.send(outcome));
        }
    }

    fn is_abandoned(&self) -> bool {
        false
    }

    fn is_glance(&self) -> bool {
        false
    }

    fn age(&self) -> Duration {
        self.since.elapsed()
    }

    fn split(&mut self) -> Vec<Box<dyn Call>> {
        if self.requests.len() < 2 {
            return Vec::new();
        }
        let both = self.requests.drain(..).zip(self.answers.drain(..));
        both.map(|(request, answer)| {
            let (derived, changes) = (Arc::clone(&self.derived), self.changes.clone());
            let one = Self::new(vec![request], vec![answer], self.since, derived, changes);
            Box::new(one) as Box<dyn Call>
        })
        .collect()
    }
}

fn refusals(count: usize, error: impl Fn() -> StoreError) -> Vec<Result<()>> {
    (0..count).map(|_| Err(error())).collect()
}
