//! PostgreSQL: threads, and the connections that they take turns to use.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, select};
use rand::RngExt;
use tracing::{error, info, warn};

use super::call::{Call, Verdict};
use super::points::{JoinedPoints, PointsRequest};
use super::{Queue, chain};
use crate::changes::Changes;
use crate::driver::postgres::{Access, Connector, Session};
use crate::{DbError, DbErrorKind, PoolConfig, Tx};

/// How often a call is tried that met a deadlock or a serialisation failure. operations.md, section 3.3.
const ATTEMPTS: u32 = 5;

/// The longest pause before the second attempt; doubles with each.
const PAUSE: Duration = Duration::from_millis(10);

/// How long a call waits for a connection. security.md, section 11.
const QUEUE_LIMIT: Duration = Duration::from_secs(5);

/// How long a failed attempt to connect stands for the others: a database that is away is not asked by
/// every request.
const STANDS_FOR: Duration = Duration::from_millis(250);

/// A connection that nobody used so long is closed.
const IDLE_LIMIT: Duration = Duration::from_secs(60);

/// How long a thread that writes points waits for the one before it, which perhaps waits for a lock.
const TURN_LIMIT: Duration = Duration::from_millis(100);

/// Whose turn it is to write points.
///
/// Two that write at the same time would share the requests between them, and each sync would be for half of them.
#[derive(Debug, Clone)]
pub(super) struct Turn {
    give: Sender<()>,
    take: Receiver<()>,
}

impl Turn {
    pub(super) fn new() -> Self {
        let (give, take) = crossbeam_channel::bounded(1);
        let turn = Self { give, take };
        turn.pass_on();
        turn
    }

    /// Does `work` when it is this thread's turn, or that takes too long.
    fn wait_for(&self, work: impl FnOnce()) {
        let has_turn = self.take.recv_timeout(TURN_LIMIT).is_ok();
        work();
        if has_turn {
            self.pass_on();
        }
    }

    fn pass_on(&self) {
        let is_passed_on = self.give.try_send(()).is_ok();
        debug_assert!(is_passed_on, "there is one turn, and a place for it");
    }
}

/// What the threads share.
#[derive(Debug, Clone)]
pub(super) struct Pool {
    connector: Connector,
    recycle: Option<Duration>,
    outage: Arc<Mutex<Outage>>,
    /// Open connections that no thread uses, the one used last at the end.
    idle: Arc<Mutex<Vec<Session>>>,
}

/// Whether the database is away.
#[derive(Debug, Default)]
struct Outage {
    /// When a connection last could not be opened.
    last_failure: Option<Instant>,
    /// Whether a thread is trying right now.
    is_probed: bool,
}

impl Pool {
    pub(super) fn new(connector: Connector, config: &PoolConfig) -> Self {
        Self {
            connector,
            recycle: config.recycle,
            outage: Arc::default(),
            idle: Arc::default(),
        }
    }

    /// Answers calls until both queues are closed.
    pub(super) fn run(&self, writes: &Queue, reads: &Queue) {
        let never = crossbeam_channel::never();
        let mut open_reads = reads;
        loop {
            select! {
                recv(writes) -> call => match call {
                    Ok(call) => self.answer(Access::Write, call),
                    Err(_) => break,
                },
                recv(open_reads) -> call => match call {
                    Ok(call) => self.answer(Access::Read, call),
                    Err(_) => open_reads = &never,
                },
                default(IDLE_LIMIT) => self.close_idle(),
            }
        }
        // The writes are closed last; whoever is still queued gets an answer.
        for call in reads.try_iter() {
            self.answer(Access::Read, call);
        }
    }

    /// Writes points, all that wait in one transaction, until their queue is closed.
    pub(super) fn run_points(&self, points: &Receiver<PointsRequest>, turn: &Turn, changes: &Changes) {
        loop {
            match points.recv_timeout(IDLE_LIMIT) {
                Ok(first) => turn.wait_for(|| {
                    let call = JoinedPoints::with_waiting(first, points, changes);
                    self.answer(Access::Write, Box::new(call));
                }),
                Err(RecvTimeoutError::Timeout) => self.close_idle(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
    }

    /// Answers a call on the connection that was used last, if one is free: it knows the statements, and the others may close.
    fn answer(&self, access: Access, call: Box<dyn Call>) {
        let mut session = self.idle().pop();
        self.serve(&mut session, access, call);
        self.idle().extend(session);
    }

    /// Closes the connections that nobody used for long.
    fn close_idle(&self) {
        let closed: Vec<Session> = self
            .idle()
            .extract_if(.., |session| session.idle() >= IDLE_LIMIT)
            .collect();
        drop(closed);
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Session>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, session: &mut Option<Session>, access: Access, mut call: Box<dyn Call>) {
        if access == Access::Read && call.is_abandoned() {
            return;
        }
        if call.age() > QUEUE_LIMIT {
            return call.answer(Some(DbErrorKind::Overloaded));
        }
        for attempt in 1.. {
            let Err((trouble, unanswered)) = self.attempt(session, access, attempt, call) else {
                break;
            };
            call = unanswered;
            let attempts = match trouble.kind {
                // The connection broke while nobody looked: that is not a matter of chance.
                DbErrorKind::Unavailable => 2,
                _ => ATTEMPTS,
            };
            if !trouble.may_try_again || attempt >= attempts {
                self.give_up(session, access, call, trouble.kind);
                break;
            }
            if trouble.kind == DbErrorKind::Conflict {
                let longest = PAUSE * 2_u32.pow(attempt);
                std::thread::sleep(rand::rng().random_range(Duration::ZERO..longest));
            }
        }
        if self.recycle == Some(Duration::ZERO) {
            *session = None;
        }
    }

    /// Answers with the trouble; of a call of several parts each gets a chance of its own, unless the database is away.
    fn give_up(
        &self,
        session: &mut Option<Session>,
        access: Access,
        mut call: Box<dyn Call>,
        kind: DbErrorKind,
    ) {
        let parts = match kind {
            DbErrorKind::Unavailable => Vec::new(),
            _ => call.split(),
        };
        if parts.is_empty() {
            return call.answer(Some(kind));
        }
        for part in parts {
            self.serve(session, access, part);
        }
    }

    /// Runs and answers a call, for the first time or again; hands it back if the database was in trouble.
    fn attempt(
        &self,
        session: &mut Option<Session>,
        access: Access,
        attempt: u32,
        mut call: Box<dyn Call>,
    ) -> Result<(), (Trouble, Box<dyn Call>)> {
        let (connection, was_open) = match self.connected(session) {
            Ok(connected) => connected,
            Err(error) => {
                error!(cause = %chain(&error), "no connection to the database");
                return Err((Trouble::new(error.kind(), false), call));
            }
        };
        let mut tx = Tx::postgres(connection.transaction(access).for_caller(call.caller()));
        tx.set_attempt(attempt);
        match call.run(&mut tx) {
            Verdict::Trouble(kind) => {
                // Nothing was committed. A connection that broke while nobody looked gets one more chance.
                let may_try_again = match kind {
                    DbErrorKind::Conflict => true,
                    DbErrorKind::Unavailable => was_open,
                    _ => false,
                };
                end(tx);
                Err((Trouble::new(kind, may_try_again), call))
            }
            // A snapshot has nothing to lose: nobody waits for its end.
            _ if access == Access::Read => {
                call.answer(None);
                end(tx);
                Ok(())
            }
            Verdict::TakeBack => {
                end(tx);
                call.answer(None);
                Ok(())
            }
            Verdict::Keep => match tx.end(true) {
                Ok(()) => {
                    call.answer(None);
                    Ok(())
                }
                Err(error) => {
                    // Perhaps stored, perhaps not: the answer to the commit is missing.
                    error!(cause = %chain(&error), "could not commit");
                    let may_try_again = error.kind() == DbErrorKind::Conflict;
                    Err((Trouble::new(error.kind(), may_try_again), call))
                }
            },
        }
    }

    /// The thread's connection, and whether it was open before; a new one if it broke or is too old.
    fn connected<'s>(&self, session: &'s mut Option<Session>) -> Result<(&'s mut Session, bool), DbError> {
        let is_good =
            |session: &Session| self.recycle.is_none_or(|limit| session.age() < limit) && session.is_usable();
        if !session.as_ref().is_some_and(is_good) {
            *session = None;
        }
        match session {
            Some(session) => Ok((session, true)),
            empty => Ok((empty.insert(self.connect()?), false)),
        }
    }

    /// Opens a connection. While the database is away one thread at a time tries, and the others fail at once.
    fn connect(&self) -> Result<Session, DbError> {
        let is_away = {
            let mut outage = self.outage();
            let is_away = outage.last_failure.is_some();
            let just_failed = outage
                .last_failure
                .is_some_and(|when| when.elapsed() < STANDS_FOR);
            if is_away && (just_failed || outage.is_probed) {
                return Err(DbError::no_answer());
            }
            outage.is_probed = is_away;
            is_away
        };
        let outcome = self.connector.connect();
        let mut outage = self.outage();
        if is_away {
            outage.is_probed = false;
        }
        match &outcome {
            Ok(_) if outage.last_failure.take().is_some() => info!("the database is back"),
            Ok(_) => {}
            Err(cause) => {
                if outage.last_failure.replace(Instant::now()).is_none() {
                    warn!("the database is away: {cause}");
                }
            }
        }
        outcome.map_err(DbError::unreachable)
    }

    fn outage(&self) -> MutexGuard<'_, Outage> {
        self.outage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends a transaction that stored nothing. If that fails the session is broken, and the next call gets another.
fn end(tx: Tx<'_>) {
    if let Err(error) = tx.end(false) {
        warn!(cause = %chain(&error), "could not end a transaction");
    }
}

/// Why an attempt came to nothing.
struct Trouble {
    kind: DbErrorKind,
    may_try_again: bool,
}

impl Trouble {
    fn new(kind: DbErrorKind, may_try_again: bool) -> Self {
        Self { kind, may_try_again }
    }
}
