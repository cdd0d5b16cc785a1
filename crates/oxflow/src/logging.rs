//! Where log lines go: standard error, as text for people and as JSON for machines.

use std::io::IsTerminal;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::layer;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{LogConfig, LogFormat};

/// Lines that wait to be written, 2 to 3 MB of them; further ones are lost.
const MAX_WAITING_LINES: usize = 8192;

/// How long the end of the program waits for lines to be written. The writer itself gives up after 1.1 s.
const LAST_LINES: Duration = Duration::from_millis(1500);

/// The thread that writes log lines. Whoever logs never waits: a pipe that nobody reads would hold up every request.
#[derive(Debug, Clone)]
pub struct Logging(Arc<Mutex<Option<WorkerGuard>>>);

impl Logging {
    /// Starts logging; called once.
    pub fn start(config: &LogConfig) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let format = config.format.unwrap_or(if is_terminal {
            LogFormat::Text
        } else {
            LogFormat::Json
        });
        let filter = EnvFilter::new(config.level.as_str());
        let (writer, guard) = NonBlockingBuilder::default()
            .lossy(true)
            .buffered_lines_limit(MAX_WAITING_LINES)
            .thread_name("oxflow-log")
            .finish(std::io::stderr());
        let lines = layer().with_writer(writer);
        let registry = tracing_subscriber::registry().with(filter);
        match format {
            LogFormat::Text => registry
                .with(lines.with_ansi(is_terminal).with_target(false))
                .init(),
            LogFormat::Json => registry
                .with(lines.json().flatten_event(true).with_span_list(false))
                .init(),
        }
        Self(Arc::new(Mutex::new(Some(guard))))
    }

    /// Writes what waits, if it can be written; called right before the program ends. Later lines are lost.
    pub fn finish(&self) {
        let Some(guard) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return;
        };
        // On a thread, because tracing-appender 0.2.5 complains on standard output when the queue stays full, and that
        // may be the same pipe that nobody reads.
        let (done, is_done) = mpsc::channel();
        thread::spawn(move || {
            drop(guard);
            let _ = done.send(()); // Nobody waits for it any more when this took too long.
        });
        let _ = is_done.recv_timeout(LAST_LINES); // What is not written by then is lost.
    }
}
