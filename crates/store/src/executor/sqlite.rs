//! SQLite: one writer with group commit, several readers.

use std::time::Duration;

use rusqlite::Connection;
use tracing::error;

use super::call::{Call, Verdict};
use super::{Queue, chain};
use crate::driver::sqlite::Deadline;
use crate::{DbError, Tx};

/// Writes that share one commit at the most: bounds how long the first of them waits.
const MAX_GROUP: usize = 256;

/// Time limit of a read, and of one write of a group. security.md, section 9.
const READ_LIMIT: Duration = Duration::from_secs(30);
const WRITE_LIMIT: Duration = Duration::from_secs(10);

/// No limit: for statements that end a transaction.
const NO_LIMIT: Duration = Duration::from_secs(u32::MAX as u64);

pub(super) fn write_loop(connection: &Connection, deadline: &Deadline, calls: &Queue) {
    while let Ok(mut first) = calls.recv() {
        if first.is_glance() {
            // Whoever has locked the database for a long write does not hold this up, nor is it held up.
            deadline.set(READ_LIMIT);
            first.run(&mut Tx::sqlite(connection));
            first.answer(None);
            continue;
        }
        let mut finished = Vec::new();
        let trouble = run_group(connection, deadline, first, calls, &mut finished)
            .err()
            .map(|error| {
                error!(cause = %chain(&error), "could not commit {} store calls", finished.len());
                if !connection.is_autocommit() {
                    drop(connection.execute_batch("ROLLBACK"));
                }
                error.kind()
            });
        for call in finished {
            call.answer(trouble);
        }
    }
}

/// Runs the first call and all that wait behind it in one transaction, each in a savepoint.
fn run_group(
    connection: &Connection,
    deadline: &Deadline,
    first: Box<dyn Call>,
    calls: &Queue,
    finished: &mut Vec<Box<dyn Call>>,
) -> Result<(), DbError> {
    deadline.set(NO_LIMIT);
    if let Err(error) = run(connection, "BEGIN IMMEDIATE") {
        // Whoever waited meanwhile is told as well: the next one would wait as long again.
        finished.extend(std::iter::once(first).chain(calls.try_iter().take(MAX_GROUP)));
        return Err(error);
    }
    let mut tx = Tx::sqlite(connection);
    let mut next = Some(first);
    while let Some(mut call) = next {
        let opened = run(connection, "SAVEPOINT call");
        let verdict = opened.map(|()| {
            deadline.set(WRITE_LIMIT);
            let verdict = call.run(&mut tx);
            deadline.set(NO_LIMIT);
            verdict
        });
        // Before anything can fail: whoever is in this list gets an answer.
        finished.push(call);
        let verdict = verdict?;
        if connection.is_autocommit() {
            // A full disk or a time limit ends the whole transaction, not the savepoint alone.
            return Err(DbError::transaction_lost());
        }
        if verdict != Verdict::Keep {
            run(connection, "ROLLBACK TO call")?;
        }
        run(connection, "RELEASE call")?;
        next = if finished.len() < MAX_GROUP {
            calls.try_recv().ok()
        } else {
            None
        };
    }
    run(connection, "COMMIT")
}

pub(super) fn read_loop(connection: &Connection, deadline: &Deadline, calls: &Queue) {
    while let Ok(mut call) = calls.recv() {
        if call.is_abandoned() {
            continue;
        }
        deadline.set(READ_LIMIT);
        deadline.follow(call.caller());
        let trouble = match run(connection, "BEGIN") {
            Ok(()) => {
                call.run(&mut Tx::sqlite(connection));
                None
            }
            Err(error) => {
                error!(cause = %chain(&error), "could not begin a read");
                Some(error.kind())
            }
        };
        deadline.set(NO_LIMIT);
        deadline.follow(None);
        if !connection.is_autocommit()
            && let Err(error) = run(connection, "COMMIT")
        {
            error!(cause = %chain(&error), "could not end a read");
            drop(connection.execute_batch("ROLLBACK"));
        }
        call.answer(trouble);
    }
}

fn run(connection: &Connection, statement: &str) -> Result<(), DbError> {
    connection.prepare_cached(statement)?.execute([])?;
    Ok(())
}
