//! What making a table anew on SQLite could lose, and how that is noticed.

use std::collections::{BTreeMap, BTreeSet};

use super::UpgradeError;
use crate::{DbError, Tx};

/// Columns that MLflow drops or renames on its way.
const DROPPED_COLUMNS: [(&str, &str); 2] = [("jobs", "function_fullname"), ("spans", "dimension_attributes")];

/// Indexes that MLflow drops or renames on its way.
const DROPPED_INDEXES: [&str; 6] = [
    "index_jobs_function_status_creation_time",
    "index_spans_experiment_id",
    "unique_endpoint_model_mapping",
    "unique_endpoint_name",
    "unique_model_definition_name",
    "unique_secret_name",
];

/// Tables that no revision makes anew and whose parent stays: there is nothing to check, and they are large.
const UNTOUCHED: [&str; 2] = ["metrics", "latest_metrics"];

/// What is in a database.
pub(super) struct Inventory {
    columns: BTreeSet<(String, String)>,
    /// The statements of indexes and triggers, by name.
    extras: BTreeMap<String, String>,
    /// Numbers of rows without their parent, by table and parent.
    orphans: BTreeMap<(String, String), i64>,
}

impl Inventory {
    /// Looks at everything.
    pub(super) fn take(tx: &mut Tx<'_>) -> Result<Self, DbError> {
        let columns = tx.query(
            "SELECT tables.name, columns.name
               FROM sqlite_master AS tables
               JOIN pragma_table_xinfo(tables.name) AS columns
              WHERE tables.type = 'table'",
            &[],
            |row| Ok((row.text(0)?, row.text(1)?)),
        )?;
        let extras = tx.query(
            "SELECT name, sql
               FROM sqlite_master
              WHERE type IN ('index', 'trigger') AND sql IS NOT NULL",
            &[],
            |row| Ok((row.text(0)?, row.text(1)?)),
        )?;
        Ok(Self {
            columns: columns.into_iter().collect(),
            extras: extras.into_iter().collect(),
            orphans: orphans(tx)?,
        })
    }

    /// Makes indexes and triggers again that are not MLflow's, and fails if anything else is missing.
    pub(super) fn restore_and_check(&self, tx: &mut Tx<'_>) -> Result<(), UpgradeError> {
        let now = Self::take(tx)?;
        let lost = |column: &&(String, String)| {
            let (table, column) = (column.0.as_str(), column.1.as_str());
            !DROPPED_COLUMNS.contains(&(table, column))
        };
        if let Some((table, column)) = self.columns.difference(&now.columns).find(lost) {
            return Err(UpgradeError::LosesColumn {
                table: table.clone(),
                column: column.clone(),
            });
        }
        for (name, sql) in &self.extras {
            if !now.extras.contains_key(name) && !DROPPED_INDEXES.contains(&name.as_str()) {
                tx.batch(sql)?;
            }
        }
        for ((table, parent), count) in now.orphans {
            // Older programs did not switch foreign keys on: what was there before is not our doing.
            let before = self.orphans.get(&(table.clone(), parent.clone()));
            if before.is_none_or(|before| *before < count) {
                return Err(UpgradeError::Orphans { table, parent, count });
            }
        }
        Ok(())
    }
}

/// Rows that point to rows that do not exist.
fn orphans(tx: &mut Tx<'_>) -> Result<BTreeMap<(String, String), i64>, DbError> {
    let tables = tx.query(
        "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
        &[],
        |row| row.text(0),
    )?;
    let mut orphans = BTreeMap::new();
    for table in tables {
        if UNTOUCHED.contains(&table.as_str()) {
            continue;
        }
        tx.for_each(
            "SELECT parent, COUNT(*) FROM pragma_foreign_key_check($1) GROUP BY parent",
            &[table.as_str().into()],
            |row| {
                orphans.insert((table.clone(), row.text(0)?), row.int(1)?);
                Ok(())
            },
        )?;
    }
    Ok(orphans)
}
