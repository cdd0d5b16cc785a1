//! Whether other programs have changed the database: MLflow on the same one, or another server of ours.
//!
//! Nobody tells us, so whoever listens for changes has it looked at now and then.
//!
//! SQLite tells a connection whether another one has committed; asked of the writer's connection, which makes every
//! commit of this process, that is exact. PostgreSQL counts the rows that were written, a few seconds late and whoever
//! wrote them. So there a change is that of others if this process has not written for a while, or if a connection of others
//! has been at work.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::{DbError, Dialect, Result, Store, Tx};

/// Time between two looks, and after one that found something: then everybody reads everything again.
const PAUSE: Duration = Duration::from_secs(2);
const LONG_PAUSE: Duration = Duration::from_secs(5);

/// After this time without a look the next one only sees how things are: nobody was listening.
const FORGOTTEN: Duration = Duration::from_secs(30);

/// How late PostgreSQL may count the rows of a connection that has nothing more to do (`PGSTAT_IDLE_INTERVAL` is 10 s).
const COUNTED_LATE: Duration = Duration::from_secs(12);

/// Another number than the last time, on the connection that writes, means that others have written.
pub(crate) const VERSION_OF_SQLITE: &str = "PRAGMA data_version";

/// How many rows were ever written into the tables that pages show, and whether connections of others, which have other
/// names, were at work lately.
const COUNTS_OF_POSTGRES: &str = "
    SELECT (SELECT CAST(SUM(pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid)
                            + pg_stat_get_tuples_deleted(c.oid)) AS BIGINT)
              FROM pg_class c
             WHERE c.relnamespace = CAST(current_schema() AS regnamespace)
               AND c.relname IN ('experiments', 'experiment_tags', 'runs', 'metrics', 'latest_metrics', 'params', 'tags',
                                 'inputs', 'logged_models')),
           EXISTS (SELECT 1
                     FROM pg_stat_activity a
                    WHERE a.datname = current_database()
                      AND a.backend_type = 'client backend'
                      AND a.application_name <> current_setting('application_name')
                      AND a.state_change > clock_timestamp() - INTERVAL '12 seconds')";

/// What is known about the writes of others, and of our own.
#[derive(Debug, Default)]
pub(crate) struct Others(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    /// What the database said last, and when.
    last: Option<(i64, Instant)>,
    /// Nobody looks before this.
    next: Option<Instant>,
    /// When this process last wrote.
    own_write: Option<Instant>,
}

/// What a look found.
#[derive(Debug, Clone, Copy)]
struct Look {
    /// Another number means that something was written.
    version: i64,
    /// Whether it cannot have been this process that wrote.
    are_others: bool,
}

impl Others {
    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a write of this process.
    pub(crate) fn wrote(&self) {
        self.seen().own_write = Some(Instant::now());
    }

    /// Whether it is time to look again; of many who ask at once one is told so.
    fn is_due(&self) -> bool {
        let now = Instant::now();
        let mut seen = self.seen();
        let is_due = seen.next.is_none_or(|next| next <= now);
        if is_due {
            seen.next = Some(now + PAUSE);
        }
        is_due
    }

    /// Whether a look shows that others have written.
    fn take(&self, look: Look) -> bool {
        let now = Instant::now();
        let mut seen = self.seen();
        let before = seen.last.replace((look.version, now));
        let is_new = before.is_some_and(|(version, at)| version != look.version && at.elapsed() < FORGOTTEN);
        let is_quiet = seen.own_write.is_none_or(|at| at.elapsed() > COUNTED_LATE);
        let is_change = is_new && (look.are_others || is_quiet);
        if is_change {
            seen.next = Some(now + LONG_PAUSE);
        }
        is_change
    }
}

impl Store {
    /// Tells listeners if another program has changed the database, unless somebody looked a moment ago.
    pub async fn look_for_others(&self) -> Result<()> {
        if self.others().is_due() {
            self.look_for_others_now().await?;
        }
        Ok(())
    }

    /// The same at once, for tests.
    #[doc(hidden)]
    pub async fn look_for_others_now(&self) -> Result<()> {
        let look = self.glance(|tx| Ok(tx.look()?)).await?;
        if self.others().take(look) {
            self.changes().tell_elsewhere();
        }
        Ok(())
    }
}

impl Tx<'_> {
    fn look(&mut self) -> Result<Look, DbError> {
        let look = match self.dialect() {
            Dialect::Sqlite => self.query_first(VERSION_OF_SQLITE, &[], |row| {
                Ok(Look {
                    version: row.int(0)?,
                    are_others: true,
                })
            }),
            Dialect::Postgres => self.query_first(COUNTS_OF_POSTGRES, &[], |row| {
                Ok(Look {
                    version: row.int_or_null(0)?.unwrap_or(0),
                    are_others: row.truth(1)?,
                })
            }),
        };
        look?.ok_or_else(|| DbError::unexpected("the database did not say whether it changed".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(version: i64, are_others: bool) -> Look {
        Look { version, are_others }
    }

    #[test]
    fn the_first_look_finds_nothing_and_later_ones_what_is_new() {
        let others = Others::default();
        assert!(!others.take(look(7, true)));
        assert!(!others.take(look(7, true)));
        assert!(others.take(look(8, true)));
        assert!(!others.take(look(8, true)));
    }

    #[test]
    fn what_this_process_may_have_written_is_not_told_as_that_of_others() {
        let others = Others::default();
        others.take(look(1, false));
        assert!(others.take(look(2, false)), "nobody wrote here");
        others.wrote();
        assert!(!others.take(look(3, false)));
        assert!(others.take(look(4, true)));
    }

    #[test]
    fn of_many_who_want_to_look_one_does() {
        let others = Others::default();
        assert!(others.is_due());
        assert!(!others.is_due());
    }
}
