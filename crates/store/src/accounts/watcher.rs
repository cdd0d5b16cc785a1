//! Whether anybody wrote to the database of users.
//!
//! SQLite tells it; of PostgreSQL only the commits of this process are known.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, TryLockError};
use std::time::Instant;

use rusqlite::Connection;

/// How often the database is asked, in microseconds. Changes of this process count at once.
const ASKED_EVERY_US: u64 = 1_000;

/// A state of the database of users: another one after every commit of anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountsVersion {
    /// As the database counts the commits of others; `None` if it does not.
    of_others: Option<i64>,
    /// As this process counts its own.
    own: u64,
}

impl AccountsVersion {
    /// Whether it changes with the commits of other processes, too.
    pub fn counts_others(self) -> bool {
        self.of_others.is_some()
    }
}

/// Sees whether anybody wrote.
#[derive(Debug, Default)]
pub(super) struct Watcher {
    others: Option<Others>,
    own: AtomicU64,
}

/// Asks a SQLite file whether another process wrote.
#[derive(Debug)]
struct Others {
    connection: Mutex<Connection>,
    since: Instant,
    asked_at_us: AtomicU64,
    version: AtomicI64,
}

impl Watcher {
    pub(super) fn of_sqlite(connection: Connection) -> Self {
        let others = Others {
            connection: Mutex::new(connection),
            since: Instant::now(),
            asked_at_us: AtomicU64::new(0),
            version: AtomicI64::new(0),
        };
        {
            let connection = others.connection.lock().unwrap_or_else(PoisonError::into_inner);
            others.ask(&connection);
        }
        Self {
            others: Some(others),
            own: AtomicU64::new(0),
        }
    }

    /// Takes nanoseconds, and three microseconds where the database is asked.
    pub(super) fn version(&self) -> AccountsVersion {
        // First, as it may find out that it cannot look.
        let of_others = self.others.as_ref().map(Others::version);
        AccountsVersion {
            of_others,
            own: self.own.load(Ordering::Acquire),
        }
    }

    /// Notes a commit of this process.
    pub(super) fn note_own(&self) {
        self.own.fetch_add(1, Ordering::AcqRel);
    }
}

impl Others {
    fn version(&self) -> i64 {
        let now_us = self.now_us();
        if now_us.saturating_sub(self.asked_at_us.load(Ordering::Acquire)) >= ASKED_EVERY_US {
            match self.connection.try_lock() {
                Ok(connection) => self.ask(&connection),
                Err(TryLockError::Poisoned(poisoned)) => self.ask(&poisoned.into_inner()),
                // Another thread is just asking.
                Err(TryLockError::WouldBlock) => {}
            }
        }
        self.version.load(Ordering::Acquire)
    }

    fn ask(&self, connection: &Connection) {
        let began_us = self.now_us();
        let version = connection
            .prepare_cached("PRAGMA data_version")
            .and_then(|mut statement| statement.query_row([], |row| row.get(0)));
        match version {
            Ok(version) => self.version.store(version, Ordering::Release),
            // Whoever cannot look has to take it for changed. SQLite's own numbers are positive.
            Err(_) => drop(
                self.version
                    .fetch_update(Ordering::AcqRel, Ordering::Acquire, |version| {
                        Some(version.min(0) - 1)
                    }),
            ),
        }
        self.asked_at_us.store(began_us, Ordering::Release);
    }

    fn now_us(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}
