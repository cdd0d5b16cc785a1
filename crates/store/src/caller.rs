//! Whoever waits for the answer of a read.

use tokio::sync::watch;

/// Held by a caller while it waits.
#[derive(Debug)]
pub(crate) struct Waiting(#[expect(dead_code, reason = "its end is the message")] watch::Sender<()>);

/// Tells a thread of the store whether its caller still waits.
#[derive(Debug, Clone)]
pub(crate) struct Caller(watch::Receiver<()>);

impl Caller {
    pub(crate) fn new() -> (Waiting, Self) {
        let (waiting, caller) = watch::channel(());
        (Waiting(waiting), Self(caller))
    }

    /// Whether nobody waits any more.
    pub(crate) fn has_gone(&self) -> bool {
        self.0.has_changed().is_err()
    }

    /// Returns when nobody waits any more.
    pub(crate) async fn leaves(&mut self) {
        while self.0.changed().await.is_ok() {}
    }
}
