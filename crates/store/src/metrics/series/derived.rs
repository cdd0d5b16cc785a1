//! What this process knows of the packed series of its database.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use super::Pair;
use super::packed::{Header, Packing};

/// Series that are packed at one time: each reads all its points.
const BUILT_AT_ONCE: usize = 2;

/// Series of which this process remembers when it looked at them.
const REMEMBERED: usize = 100_000;

/// Looking takes at most one part in so many of a thread's time.
const SHARE_OF_TIME: u32 = 200;

/// What this process knows of the packed series of its database.
#[derive(Debug)]
pub(crate) struct Derived {
    pub(super) packing: Packing,
    /// Whether the tables can be used.
    is_there: AtomicBool,
    /// Until when a packing is trusted.
    trusted: Mutex<HashMap<(String, String), Trust>>,
    pub(super) building: Arc<Semaphore>,
    /// When somebody last looked for packed series of runs that are gone.
    swept: Mutex<Option<Instant>>,
}

#[derive(Debug, Clone, Copy)]
struct Trust {
    build: i64,
    chunks: i64,
    until: Instant,
}

impl Derived {
    pub(crate) fn new(is_there: bool) -> Self {
        Self::with_packing(Packing::default(), is_there)
    }

    pub(crate) fn with_packing(packing: Packing, is_there: bool) -> Self {
        Self {
            packing,
            is_there: AtomicBool::new(is_there),
            trusted: Mutex::default(),
            building: Arc::new(Semaphore::new(BUILT_AT_ONCE)),
            swept: Mutex::default(),
        }
    }

    /// Whether there are tables for packed series.
    pub(crate) fn is_there(&self) -> bool {
        self.is_there.load(Ordering::Relaxed)
    }

    /// Notes that somebody dropped the tables; they are made again at the next start.
    pub(crate) fn is_gone(&self) {
        self.is_there.store(false, Ordering::Relaxed);
    }

    /// Whether it is time to look for packed series of runs that are gone: once in a while.
    pub(super) fn is_time_to_sweep(&self) -> bool {
        let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = swept.is_none_or(|swept| swept.elapsed() >= self.packing.swept);
        if is_due {
            *swept = Some(Instant::now());
        }
        is_due
    }

    /// Whether somebody looked a short time ago whether the packing still is that of the rows.
    pub(super) fn is_trusted(&self, pair: &Pair, header: &Header) -> bool {
        let trusted = self.trusted.lock().unwrap_or_else(PoisonError::into_inner);
        trusted.get(&pair.name()).is_some_and(|trust| {
            (trust.build, trust.chunks) == (header.build, header.chunks) && Instant::now() < trust.until
        })
    }

    /// Notes that a packing is that of the rows, and what it took to see that.
    pub(super) fn trust(&self, pair: &Pair, header: &Header, effort: Duration) {
        let mut trusted = self.trusted.lock().unwrap_or_else(PoisonError::into_inner);
        if trusted.len() >= REMEMBERED {
            trusted.clear();
        }
        let for_how_long = if self.packing.trusted.is_zero() {
            Duration::ZERO
        } else {
            self.packing.trusted.max(SHARE_OF_TIME * effort)
        };
        let trust = Trust {
            build: header.build,
            chunks: header.chunks,
            until: Instant::now() + for_how_long,
        };
        trusted.insert(pair.name(), trust);
    }
}
