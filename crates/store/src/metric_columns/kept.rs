//! Columns that are kept in memory, and what has changed since they were read.
//!
//! The rules that keep them right:
//!
//! - A reader leases a column before its snapshot begins, and learns which runs were written since the column was read: those it
//!   reads again. So it sees every write that was answered before.
//! - A write is noted after its commit and before its answer, even while a column is still being read.
//! - What a reader read replaces only the column that it leased, and takes back only the notes that it was told of.
//! - When another process has written, everything is forgotten, also what is being read.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::MetricColumn;

/// From so many runs on columns are used; fewer are looked up in less time than it takes to ask whether a column is right.
const MANY_RUNS: i64 = 2_000;

/// Memory of all columns together, and of those of one search.
pub(super) const MOST_BYTES: usize = 64 << 20;

/// Metrics that anything is kept of: whoever asks for ever other names, which no run has, gets no more memory.
const MOST_ENTRIES: usize = 256;

/// A column of which so many runs were written since it was read is read anew: 1 ms to look them up takes about 500.
const MOST_CHANGED: usize = 5_000;

/// Columns in memory.
#[derive(Debug)]
pub(crate) struct MetricColumns {
    kept: Mutex<Kept>,
    many_runs: AtomicI64,
    /// Whether anybody ever asked for one; until then writes are not noted.
    is_used: AtomicBool,
}

#[derive(Debug, Default)]
struct Kept {
    /// What SQLite called the state of the file when nobody else had written since the columns were read.
    version: Option<i64>,
    entries: HashMap<Box<str>, Entry>,
    /// Counts leases and notes.
    clock: u64,
}

#[derive(Debug)]
struct Entry {
    /// When it came; a lease of an entry that was forgotten meanwhile has another.
    born: u64,
    last_lease: u64,
    /// `None` while it is read for the first time.
    column: Option<Arc<MetricColumn>>,
    /// The runs that were written, and when.
    changed: HashMap<Box<str>, u64>,
}

/// A column as a reader got it.
#[derive(Debug)]
pub(super) struct Lease {
    key: Box<str>,
    born: u64,
    at: u64,
    /// `None` if it has to be read as a whole.
    pub column: Option<Arc<MetricColumn>>,
    /// Runs to read again.
    pub changed: BTreeSet<Box<str>>,
}

impl Default for MetricColumns {
    fn default() -> Self {
        Self {
            kept: Mutex::default(),
            many_runs: AtomicI64::new(MANY_RUNS),
            is_used: AtomicBool::new(false),
        }
    }
}

impl MetricColumns {
    /// From how many runs on columns are used.
    pub(super) fn many_runs(&self) -> i64 {
        self.many_runs.load(Ordering::Relaxed)
    }

    pub(super) fn use_from(&self, runs: i64) {
        self.many_runs.store(runs, Ordering::Relaxed);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether writes have to be noted.
    pub(crate) fn are_used(&self) -> bool {
        self.is_used.load(Ordering::Acquire)
    }

    /// Compares the state of the file with that of the last time. Has to be called on the thread that writes: no write is under way that
    /// is not noted.
    pub(super) fn check(&self, version: i64) {
        self.is_used.store(true, Ordering::Release);
        let mut kept = self.kept();
        if kept.version.replace(version) != Some(version) {
            kept.entries.clear();
        }
    }

    /// Forgets everything: nobody knows what was written.
    pub(crate) fn forget(&self) {
        self.kept().entries.clear();
    }

    /// Notes a committed write.
    pub(crate) fn note(&self, written: &Written) {
        if written.0.is_empty() {
            return;
        }
        let mut kept = self.kept();
        kept.clock += 1;
        let now = kept.clock;
        for (run_id, keys) in &written.0 {
            for key in keys {
                let Some(entry) = kept.entries.get_mut(key) else {
                    continue;
                };
                entry.changed.insert(run_id.clone(), now);
                if entry.changed.len() > MOST_CHANGED {
                    kept.entries.remove(key);
                }
            }
        }
    }

    /// Hands a column out. Has to come before the first statement of the transaction, with which its snapshot begins.
    pub(super) fn lease(&self, key: &str) -> Lease {
        let mut kept = self.kept();
        kept.clock += 1;
        let now = kept.clock;
        let entry = kept.entries.entry(key.into()).or_insert_with(|| Entry {
            born: now,
            last_lease: now,
            column: None,
            changed: HashMap::new(),
        });
        entry.last_lease = now;
        let lease = Lease {
            key: key.into(),
            born: entry.born,
            at: now,
            column: entry.column.clone(),
            changed: entry.changed.keys().cloned().collect(),
        };
        kept.make_room();
        lease
    }

    /// Keeps what was read on a lease.
    pub(super) fn keep(&self, lease: &Lease, column: &Arc<MetricColumn>) {
        let mut kept = self.kept();
        let Some(entry) = kept.entries.get_mut(&lease.key) else {
            return;
        };
        let is_leased = match (&entry.column, &lease.column) {
            (Some(now), Some(then)) => Arc::ptr_eq(now, then),
            (now, then) => now.is_none() && then.is_none(),
        };
        if entry.born != lease.born || !is_leased {
            return;
        }
        entry.column = Some(Arc::clone(column));
        entry.changed.retain(|_, at| *at > lease.at);
        kept.make_room();
    }

    /// Takes back that a column will be read.
    pub(super) fn give_up(&self, lease: &Lease) {
        let mut kept = self.kept();
        let is_empty = |entry: &Entry| entry.born == lease.born && entry.column.is_none();
        if kept.entries.get(&lease.key).is_some_and(is_empty) {
            kept.entries.remove(&lease.key);
        }
    }
}

impl Kept {
    /// Forgets what nobody has leased for the longest time, until the rest fits. A column that is being read is then not kept.
    fn make_room(&mut self) {
        let size = |entry: &Entry| entry.column.as_ref().map_or(0, |column| column.size_bytes());
        let mut all: usize = self.entries.values().map(size).sum();
        while all > MOST_BYTES || self.entries.len() > MOST_ENTRIES {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.last_lease);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else {
                return;
            };
            all -= self.entries.remove(&oldest).as_ref().map_or(0, size);
        }
    }
}

/// The latest points that a write may have moved: runs with their keys.
#[derive(Debug, Default)]
pub(crate) struct Written(Vec<(Box<str>, Vec<Box<str>>)>);

impl Written {
    /// Adds keys of a run.
    pub(crate) fn add<'k>(&mut self, run_id: &str, keys: impl Iterator<Item = &'k str>) {
        self.0.push((run_id.into(), keys.map(Box::from).collect()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ever_other_names_take_no_more_memory() {
        let columns = MetricColumns::default();
        for i in 0..MOST_ENTRIES * 3 {
            let lease = columns.lease(&format!("none {i}"));
            if i % 2 == 0 {
                columns.keep(&lease, &Arc::new(MetricColumn::default().ready()));
            }
        }
        assert_eq!(columns.kept().entries.len(), MOST_ENTRIES);
        assert!(columns.lease("none 0").column.is_none());
        assert!(
            columns
                .lease(&format!("none {}", MOST_ENTRIES * 3 - 2))
                .column
                .is_some()
        );
    }

    #[test]
    fn what_was_read_before_everything_was_forgotten_is_not_kept() {
        let columns = MetricColumns::default();
        let early = columns.lease("a");
        columns.forget();
        columns.keep(&early, &Arc::default());
        assert!(columns.lease("a").column.is_none());
    }

    #[test]
    fn a_write_while_a_column_is_read_is_read_again() {
        let columns = MetricColumns::default();
        let lease = columns.lease("a");
        let mut written = Written::default();
        written.add("run", ["a", "other"].into_iter());
        columns.note(&written);
        columns.keep(&lease, &Arc::default());
        let next = columns.lease("a");
        assert!(next.column.is_some());
        assert_eq!(next.changed.len(), 1);
        columns.keep(&next, &Arc::default());
        assert!(columns.lease("a").changed.is_empty());
    }
}
