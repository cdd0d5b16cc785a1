//! Tables of runs: the ordered list of all that are meant, and the columns of a window of it.
//!
//! The list is made once and kept by whoever asked for it, so that a reader who scrolls sees every run once;
//! what stands in a window is read when it is asked for.

mod bulk;
mod groups;
mod keys;
mod list;
mod order;
#[cfg(test)]
mod plan_tests;
mod summary;
mod values;
mod window;

use oxflow_search::RunColumn;

use crate::conditions::Sql;
use crate::run_search::metrics_of;
use crate::{Result, RunIdList, RunSelection, Store};

pub use bulk::{BulkChange, BulkFailure};
pub use groups::{Aggregate, GroupQuery, GroupSort, GroupSortBy, GroupsFound, RunGroup};
pub use keys::{DatasetRuns, KeyQuery, KeyTable, KeyUse, KeysFound};
pub use summary::Summary;
pub use values::ValueQuery;
pub use window::ChildrenOf;

/// Runs in an order.
#[derive(Debug, Clone, PartialEq)]
pub struct RunTable {
    /// Which runs.
    pub selection: RunSelection,
    /// Their order, before the tie-break (start time, latest first; then run id).
    pub sort: Vec<SortColumn>,
}

/// A column that runs are ordered by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortColumn {
    /// The column, one of those with [`RunColumn::is_sortable`].
    pub column: RunColumn,
    /// Whether the greatest come first. Runs without a value come last anyway.
    pub is_descending: bool,
}

impl RunTable {
    /// The metrics that runs are found or ordered by.
    fn metrics(&self) -> Vec<String> {
        let sorted = self.sort.iter().filter_map(|sort| match &sort.column {
            RunColumn::Metric(key) => Some(key),
            _ => None,
        });
        metrics_of(&self.selection.filter)
            .chain(sorted)
            .cloned()
            .collect()
    }
}

impl Store {
    /// The ids of all runs of a table, in its order: one statement for the runs, two for each column to sort by.
    pub async fn list_runs(&self, table: RunTable) -> Result<RunIdList> {
        let among = table.selection.among.clone();
        self.read_with_columns(&among, table.metrics(), move |tx, columns| {
            Ok(tx.list_runs(&table, columns)?)
        })
        .await
    }

    /// How many runs are meant.
    pub async fn count_runs(&self, selection: RunSelection) -> Result<usize> {
        let metrics = metrics_of(&selection.filter).cloned().collect();
        let among = selection.among.clone();
        self.read_with_columns(&among, metrics, move |tx, columns| {
            let mut sql = Sql::new(tx.dialect(), "SELECT COUNT(*) FROM runs r WHERE ").with_columns(columns);
            selection.push_conditions(&mut sql);
            let counts = tx.query_once(sql.text(), sql.values(), |row| row.int(0))?;
            let count = counts.first().copied().unwrap_or_default();
            Ok(usize::try_from(count).unwrap_or_default())
        })
        .await
    }
}
