//! Lists of runs that readers of tables scroll through.

use std::collections::HashMap;
use std::fmt::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use oxflow_store::{RunIdList, RunTable};
use sha2::{Digest, Sha256};

/// How long a list is kept after it was last used, in ms.
const KEPT_FOR_MS: i64 = 10 * 60 * 1000;

/// Memory that all lists together may take; four million ids.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// What a list counts for beside its ids: more than it takes, so that there never are more than 16,384 to look through.
const OVERHEAD_BYTES: usize = 4096;

/// Tells a table from all others: the SHA-256 of what it says.
///
/// A table itself may hold thousands of ids and a filter of 64 KiB, and one with NaN in it is not even equal to itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct TableName([u8; 32]);

impl TableName {
    /// What a table says in `Debug`: every part with its name, and texts in quotes, so no two tables say the same.
    fn of(table: &RunTable) -> Self {
        let mut hash = Hashed(Sha256::new());
        write!(hash, "{table:?}").expect("a hash takes everything");
        Self(hash.0.finalize().into())
    }
}

/// A text that is not kept but hashed.
struct Hashed(Sha256);

impl Write for Hashed {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text);
        Ok(())
    }
}

/// The lists that were made last, each under the name of its generation.
///
/// A list is handed out only for the very table it was made for, so a name that leaks or is guessed
/// shows nobody what they could not ask for.
#[derive(Debug, Default)]
pub struct RunLists {
    lists: Mutex<HashMap<String, Kept>>,
}

#[derive(Debug)]
struct Kept {
    table: TableName,
    ids: Arc<RunIdList>,
    used_ms: i64,
}

impl Kept {
    fn size_bytes(&self) -> usize {
        self.ids.size_bytes() + OVERHEAD_BYTES
    }
}

impl RunLists {
    /// The list of a generation, if it is still there and of this table.
    pub(crate) fn find(&self, generation: &str, table: &RunTable, now_ms: i64) -> Option<Arc<RunIdList>> {
        let table = TableName::of(table);
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = lists.get_mut(generation)?;
        if kept.table != table || now_ms - kept.used_ms > KEPT_FOR_MS {
            return None;
        }
        kept.used_ms = now_ms;
        Some(Arc::clone(&kept.ids))
    }

    /// Keeps a list, unless it is too long; the ones that were not used for longest go.
    pub(crate) fn keep(&self, generation: String, table: &RunTable, ids: Arc<RunIdList>, now_ms: i64) {
        let new = Kept {
            table: TableName::of(table),
            ids,
            used_ms: now_ms,
        };
        if new.size_bytes() > MAX_BYTES {
            return;
        }
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        lists.retain(|_, kept| now_ms - kept.used_ms <= KEPT_FOR_MS);
        let mut size = new.size_bytes() + lists.values().map(Kept::size_bytes).sum::<usize>();
        lists.insert(generation, new);
        while size > MAX_BYTES {
            let oldest = lists.iter().min_by_key(|(_, kept)| kept.used_ms);
            let Some(name) = oldest.map(|(name, _)| name.clone()) else {
                break;
            };
            size -= lists.remove(&name).map_or(0, |kept| kept.size_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use oxflow_core::{ExperimentId, ViewType};
    use oxflow_search::RunColumn;
    use oxflow_store::{ColumnIs, ColumnValue, RunSelection};

    use super::*;

    fn table(experiment: &str) -> RunTable {
        let experiment = ExperimentId::parse(experiment).unwrap();
        RunTable {
            selection: RunSelection::of_experiments(vec![experiment], ViewType::ActiveOnly),
            sort: Vec::new(),
        }
    }

    #[test]
    fn a_list_is_found_for_its_own_table_only_and_not_for_ever() {
        let lists = RunLists::default();
        lists.keep("g".to_owned(), &table("1"), Arc::default(), 0);
        assert!(lists.find("g", &table("1"), 1).is_some());
        assert!(lists.find("g", &table("2"), 1).is_none());
        assert!(lists.find("h", &table("1"), 1).is_none());
        assert!(
            lists.find("g", &table("1"), 1 + KEPT_FOR_MS).is_some(),
            "use keeps it"
        );
        assert!(lists.find("g", &table("1"), 2 + 2 * KEPT_FOR_MS).is_none());
    }

    #[test]
    fn a_table_is_known_by_all_that_it_says() {
        let mut tables = vec![table("1"), table("2")];
        for (key, value) in [("a", f64::NAN), ("a", 0.1), ("b", 0.1)] {
            let column = RunColumn::Metric(key.to_owned());
            let condition = ColumnIs::new(column, Some(ColumnValue::Number(value))).unwrap();
            let mut with_condition = table("1");
            with_condition.selection.columns.push(condition);
            tables.push(with_condition);
        }
        for words in [["a b", "c"], ["a", "b c"], ["a\", \"b", "c"]] {
            let mut with_words = table("1");
            with_words.selection.words = words.map(str::to_owned).to_vec();
            tables.push(with_words);
        }
        let lists = RunLists::default();
        for (i, table) in tables.iter().enumerate() {
            lists.keep(i.to_string(), table, Arc::default(), 0);
        }
        for (i, table) in tables.iter().enumerate() {
            let found: Vec<usize> = (0..tables.len())
                .filter(|other| lists.find(&other.to_string(), table, 0).is_some())
                .collect();
            assert_eq!(found, [i]);
        }
    }

    #[test]
    fn the_lists_that_were_used_last_stay_within_the_memory() {
        let lists = RunLists::default();
        let places = i64::try_from(MAX_BYTES / OVERHEAD_BYTES).unwrap();
        for i in 0..=places {
            lists.keep(i.to_string(), &table("1"), Arc::default(), i);
        }
        assert!(lists.find("0", &table("1"), places).is_none());
        assert!(lists.find("1", &table("1"), places).is_some());
        assert!(lists.find(&places.to_string(), &table("1"), places).is_some());
    }
}
