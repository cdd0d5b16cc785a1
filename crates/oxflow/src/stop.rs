//! Signals that end the server.

use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{info, warn};

use crate::logging::Logging;

/// Signals this close together are one request to stop: `timeout` and others signal the process and then its
/// group, so that it gets two.
const ONE_REQUEST: Duration = Duration::from_millis(250);

/// The signals a server listens to. They are caught from the moment this exists.
#[derive(Debug)]
pub struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    /// Starts catching. SIGHUP has `read_again` called; where nothing is to be read again it is caught all the same,
    /// so that a closed terminal or a habit of "reload" does not end the server.
    pub fn catch(read_again: Option<impl Fn() + Send + 'static>) -> anyhow::Result<Self> {
        let mut hangup = signal(SignalKind::hangup()).context("could not catch SIGHUP")?;
        tokio::spawn(async move {
            while hangup.recv().await.is_some() {
                match &read_again {
                    Some(read_again) => {
                        info!("SIGHUP: reading the TLS files again");
                        read_again();
                    }
                    None => info!("SIGHUP: there are no TLS files to read again"),
                }
            }
        });
        Ok(Self {
            terminate: signal(SignalKind::terminate()).context("could not catch SIGTERM")?,
            interrupt: signal(SignalKind::interrupt()).context("could not catch SIGINT")?,
        })
    }

    /// Waits for the first signal. A second one later on ends the process at once.
    pub async fn first(mut self, logging: Logging) {
        let name = self.next().await;
        info!("{name}: stopping; requests in flight are finished");
        let first = Instant::now();
        tokio::spawn(async move {
            loop {
                let name = self.next().await;
                if first.elapsed() > ONE_REQUEST {
                    warn!("{name} again: stopping at once");
                    logging.finish();
                    std::process::exit(1);
                }
            }
        });
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}
