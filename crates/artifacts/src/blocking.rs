//! Runs file system calls off the async threads, a bounded number at a time.

use std::io;
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::error::{ArtifactError, Result};

/// File system calls under way at once. A hung network mount must not take all blocking threads
/// of the process (tokio has 512), which others need too.
const MAX_CONCURRENT_CALLS: usize = 64;

/// The permits for blocking calls; clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Workers {
    permits: Arc<Semaphore>,
}

impl Workers {
    pub(crate) fn new() -> Self {
        Self {
            permits: Arc::new(Semaphore::new(MAX_CONCURRENT_CALLS)),
        }
    }

    /// Runs `work` on a blocking thread. If this future is dropped, `work` still finishes once it
    /// has begun, and its result is dropped.
    pub(crate) async fn run<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T> + Send + 'static,
    {
        let permit = Arc::clone(&self.permits)
            .acquire_owned()
            .await
            .map_err(|closed| failed(io::Error::other(closed)))?;
        let worked = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        });
        worked
            .await
            .unwrap_or_else(|crash| Err(failed(io::Error::other(crash))))
    }
}

fn failed(source: io::Error) -> ArtifactError {
    ArtifactError::Io {
        what: "finish the work on an artifact",
        source,
    }
}
