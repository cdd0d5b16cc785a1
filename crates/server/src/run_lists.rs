//! Lists of runs that readers of tables scroll through.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use oxflow_store::{RunIdList, RunTable};

/// How long a list is kept after it was last used, in ms.
const KEPT_FOR_MS: i64 = 10 * 60 * 1000;

/// Memory that all lists together may take; four million ids.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// What a list takes beside its ids, about: its name and its table, with a filter of some length.
const OVERHEAD_BYTES: usize = 4096;

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
    table: RunTable,
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
        let mut lists = self.lists.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = lists.get_mut(generation)?;
        if kept.table != *table || now_ms - kept.used_ms > KEPT_FOR_MS {
            return None;
        }
        kept.used_ms = now_ms;
        Some(Arc::clone(&kept.ids))
    }

    /// Keeps a list; the ones that were not used for longest go.
    pub(crate) fn keep(&self, generation: String, table: RunTable, ids: Arc<RunIdList>, now_ms: i64) {
        let new = Kept {
            table,
            ids,
            used_ms: now_ms,
        };
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
    use oxflow_store::RunSelection;

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
        lists.keep("g".to_owned(), table("1"), Arc::default(), 0);
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
    fn the_lists_that_were_used_last_stay_within_the_memory() {
        let lists = RunLists::default();
        let places = i64::try_from(MAX_BYTES / OVERHEAD_BYTES).unwrap();
        for i in 0..=places {
            lists.keep(i.to_string(), table("1"), Arc::default(), i);
        }
        assert!(lists.find("0", &table("1"), places).is_none());
        assert!(lists.find("1", &table("1"), places).is_some());
        assert!(lists.find(&places.to_string(), &table("1"), places).is_some());
    }
}
