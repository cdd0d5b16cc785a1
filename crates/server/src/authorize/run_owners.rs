//! Which experiments runs are in, as far as it is remembered.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use hashlink::LruCache;
use oxflow_core::{ExperimentId, RunId};

/// Runs that are remembered.
const MOST: usize = 100_000;

/// How long. A run stays in its experiment for good, but one that was purged could come back in another by an import.
const HOLDS: Duration = Duration::from_secs(60);

/// The experiments of the runs that were asked for last.
#[derive(Debug)]
pub struct RunOwners(Mutex<LruCache<RunId, (ExperimentId, Instant)>>);

impl Default for RunOwners {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(MOST)))
    }
}

impl RunOwners {
    /// The experiments of those runs that are remembered, and the other runs.
    pub(super) fn known(&self, ids: &[RunId]) -> (HashSet<ExperimentId>, Vec<RunId>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut experiments, mut missing) = (HashSet::new(), Vec::new());
        for id in ids {
            match known.get(id) {
                Some((experiment, since)) if since.elapsed() < HOLDS => {
                    experiments.insert(*experiment);
                }
                _ => missing.push(id.clone()),
            }
        }
        (experiments, missing)
    }

    pub(super) fn keep(&self, found: &HashMap<RunId, ExperimentId>) {
        let now = Instant::now();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (id, experiment) in found {
            known.insert(id.clone(), (*experiment, now));
        }
    }
}
