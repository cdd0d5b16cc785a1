//! One change to many runs.

use oxflow_core::{Key, RunId, RunUpdate};

use crate::{Change, Result, Store, StoreError, Tx, What};

/// A change that many runs get, by the rules of the endpoint that changes one.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the names say it")]
pub enum BulkChange {
    SetTag {
        key: Key,
        value: String,
    },
    DeleteTag {
        key: String,
    },
    /// A new name, which also becomes the tag `mlflow.runName`.
    Rename {
        name: String,
    },
    Delete {
        now_ms: i64,
    },
    Restore,
}

/// A run that a change did not reach.
#[derive(Debug)]
pub struct BulkFailure {
    /// The run.
    pub run_id: RunId,
    /// Why.
    pub error: StoreError,
}

impl Store {
    /// Changes runs in one transaction; those that cannot be changed stay as they are and are listed. An error
    /// of the database is an error of all.
    pub async fn change_runs(&self, ids: Vec<RunId>, change: BulkChange) -> Result<Vec<BulkFailure>> {
        self.write(move |tx| {
            let mut failures = Vec::new();
            // Sorted: two of these at once take the rows in one order, and do not wait for each other.
            let mut ids = ids.clone();
            ids.sort_unstable();
            for run_id in ids {
                match tx.change_run(&run_id, &change) {
                    Ok(()) => {}
                    Err(error @ StoreError::Database { .. }) => return Err(error),
                    Err(error) => failures.push(BulkFailure { run_id, error }),
                }
            }
            Ok(failures)
        })
        .await
    }
}

impl Tx<'_> {
    /// Whatever fails for a reason other than the database fails before anything is written.
    fn change_run(&mut self, id: &RunId, change: &BulkChange) -> Result<()> {
        match change {
            BulkChange::SetTag { key, value } => {
                let run = self.require_active_run(id)?;
                self.set_run_tags(id, &[(key.clone(), value.clone())])?;
                self.tell(|| Change::of_run(&run, [What::Tags]));
                Ok(())
            }
            BulkChange::DeleteTag { key } => self.delete_run_tag(id, key),
            BulkChange::Rename { name } => {
                let update = RunUpdate {
                    run_name: Some(name.clone()),
                    ..RunUpdate::default()
                };
                self.update_run(id, &update).map(drop)
            }
            BulkChange::Delete { now_ms } => self.delete_run(id, *now_ms),
            BulkChange::Restore => self.restore_run(id),
        }
    }
}
