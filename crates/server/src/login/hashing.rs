//! Threads for checking passwords: few, so that logins starve nobody.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;

/// Checks that may wait for their turn.
const MOST_WAITING: usize = 64;

/// Too many checks wait already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Busy;

/// Runs checks of passwords, as many at one time as there are cores.
#[derive(Debug)]
pub(super) struct Hashing {
    cores: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// A place among those that wait; given back when it goes.
struct Place<'h>(&'h AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Hashing {
    pub(super) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            cores: Arc::new(Semaphore::new(cores)),
            waiting: AtomicUsize::new(0),
        }
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= MOST_WAITING {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(Busy);
        }
        let place = Place(&self.waiting);
        let turn = Arc::clone(&self.cores).acquire_owned().await.map_err(|_| Busy)?;
        drop(place);
        // The turn goes along: a client that goes away does not end the work.
        let work = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        work.await.map_err(|_| Busy)
    }
}
