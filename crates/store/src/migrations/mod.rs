//! MLflow's schema, revision by revision: from the one of MLflow 1.30 to the one of this release.
//!
//! `sql/` holds the statements of each revision, one file for both databases or one for each. They were
//! written from the schemas that MLflow 3.17.2 leaves behind after each revision; `tests/upgrade` upgrades
//! copies of a database with both programs and compares. SQLite cannot change a constraint or the type of a
//! column: there such a table is made anew under a name with `oxflow_new_`, filled, and renamed.

mod jobs;
mod python_json;
mod rebuilt;
mod revisions;
mod trace_analytics;

use std::fmt;

use rebuilt::Inventory;
use revisions::{OLDEST, REVISIONS, TOO_OLD};

use crate::{DbError, Dialect, HEAD_REVISION, Tx};

/// One revision of the schema.
struct Revision {
    id: &'static str,
    /// What it is about, in words.
    title: &'static str,
    /// What leads to it from the revision before.
    changes: &'static [Change],
}

enum Change {
    Sql {
        sqlite: &'static str,
        postgresql: &'static str,
    },
    /// Rows that no SQL of both databases can change.
    Data(fn(&mut Tx<'_>, &Task) -> Result<(), UpgradeError>),
}

/// What changes of data need to know.
pub(crate) struct Task {
    /// The time, ms since 1970.
    pub now_ms: i64,
}

/// Where an upgrade is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpgradeStep {
    /// The number of this step, from 1.
    pub number: usize,
    /// How many steps there are.
    pub of: usize,
    /// The revision it leads to.
    pub revision: &'static str,
    /// What it is about, in words.
    pub title: &'static str,
}

impl fmt::Display for UpgradeStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            number,
            of,
            revision,
            title,
        } = self;
        write!(f, "{number} of {of}, {revision} ({title})")
    }
}

/// A database was not upgraded, and is as it was.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum UpgradeError {
    #[error("schema revision {found} is older than MLflow 1.30, from which this release can upgrade")]
    TooOld { found: String },
    #[error("schema revision {found} is unknown: a newer MLflow than 3.17.2 made it, or something else did")]
    Unknown { found: String },
    #[error("revision {revision} ({title}) failed")]
    Revision {
        revision: &'static str,
        title: &'static str,
        #[source]
        source: Box<UpgradeError>,
    },
    #[error("{what}")]
    Data { what: String },
    #[error("column `{table}.{column}` is not MLflow's, and would be lost")]
    LosesColumn { table: String, column: String },
    #[error("{count} rows of `{table}` would point to rows of `{parent}` that do not exist")]
    Orphans {
        table: String,
        parent: String,
        count: i64,
    },
    #[error(transparent)]
    Database(#[from] DbError),
}

/// Which MLflow made a revision, in words; `None` for one that is not known.
pub(crate) fn release_of(revision: &str) -> Option<String> {
    // A head, the releases that have it, and the last of them.
    const RELEASES: [(&str, &str, &str); 6] = [
        (OLDEST, "1.30 or 2.0", "2.0"),
        ("acf3f17fdcc7", "2.11", "2.11"),
        ("0584bdc529eb", "2.22", "2.22"),
        ("bda7b8c39065", "3.0", "3.0"),
        ("bf29a5ff90ea", "3.6", "3.6"),
        (HEAD_REVISION, "3.17", "3.17"),
    ];
    if TOO_OLD.contains(&revision) {
        return Some("MLflow before 1.30".to_owned());
    }
    let place = |id: &str| match id {
        OLDEST => Some(0),
        id => REVISIONS
            .iter()
            .position(|revision| revision.id == id)
            .map(|at| at + 1),
    };
    let at = place(revision)?;
    let mut before = "";
    for (id, releases, last) in RELEASES {
        match place(id) {
            Some(head) if head == at => return Some(format!("MLflow {releases}")),
            Some(head) if head > at => return Some(format!("between MLflow {before} and {last}")),
            _ => before = last,
        }
    }
    None
}

/// The revisions between `from` and this release's.
fn pending(from: &str) -> Result<&'static [Revision], UpgradeError> {
    if from == OLDEST {
        return Ok(&REVISIONS);
    }
    match REVISIONS.iter().position(|revision| revision.id == from) {
        Some(at) => Ok(&REVISIONS[at + 1..]),
        None if TOO_OLD.contains(&from) => Err(UpgradeError::TooOld {
            found: from.to_owned(),
        }),
        None => Err(UpgradeError::Unknown {
            found: from.to_owned(),
        }),
    }
}

/// Whether [`upgrade`] knows the way from a revision.
pub(crate) fn can_upgrade(from: &str) -> Result<(), UpgradeError> {
    pending(from).map(drop)
}

/// Runs every revision after `from` in the transaction, which nobody else may write beside. On SQLite foreign
/// keys must be off, and [`legacy_alter_table`](https://www.sqlite.org/pragma.html#pragma_legacy_alter_table)
/// on: both cannot be switched inside of a transaction.
pub(crate) fn upgrade(
    tx: &mut Tx<'_>,
    from: &str,
    now_ms: i64,
    on_step: &mut dyn FnMut(UpgradeStep),
) -> Result<(), UpgradeError> {
    let pending = pending(from)?;
    let dialect = tx.dialect();
    let before = match dialect {
        Dialect::Sqlite => Some(Inventory::take(tx)?),
        // Changes tables in place, and checks foreign keys with each statement.
        Dialect::Postgres => None,
    };
    let task = Task { now_ms };
    for (i, revision) in pending.iter().enumerate() {
        on_step(UpgradeStep {
            number: i + 1,
            of: pending.len(),
            revision: revision.id,
            title: revision.title,
        });
        run(tx, revision, &task).map_err(|source| UpgradeError::Revision {
            revision: revision.id,
            title: revision.title,
            source: Box::new(source),
        })?;
    }
    if let Some(before) = before {
        before.restore_and_check(tx)?;
    }
    tx.execute(
        "UPDATE alembic_version SET version_num = $1",
        &[HEAD_REVISION.into()],
    )?;
    Ok(())
}

fn run(tx: &mut Tx<'_>, revision: &Revision, task: &Task) -> Result<(), UpgradeError> {
    for change in revision.changes {
        match (change, tx.dialect()) {
            (Change::Sql { sqlite, .. }, Dialect::Sqlite) => tx.batch(sqlite)?,
            (Change::Sql { postgresql, .. }, Dialect::Postgres) => tx.batch(postgresql)?,
            (Change::Data(change), _) => change(tx, task)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_ends_at_the_head() {
        assert_eq!(REVISIONS.last().unwrap().id, HEAD_REVISION);
        assert_eq!(pending(HEAD_REVISION).unwrap().len(), 0);
        assert_eq!(pending(OLDEST).unwrap().len(), 48);
        assert_eq!(pending("0584bdc529eb").unwrap()[0].id, "400f98739977");
    }

    #[test]
    fn revisions_have_the_name_of_a_release() {
        for (revision, release) in [
            ("451aebb31d03", Some("MLflow before 1.30")),
            ("97727af70f4d", Some("MLflow 1.30 or 2.0")),
            ("7f2a7d5fae7d", Some("between MLflow 2.0 and 2.11")),
            ("acf3f17fdcc7", Some("MLflow 2.11")),
            ("75868b020152", Some("between MLflow 3.6 and 3.17")),
            ("dc11669786a5", Some("MLflow 3.17")),
            ("000000000000", None),
        ] {
            assert_eq!(release_of(revision).as_deref(), release, "{revision}");
        }
    }
}
