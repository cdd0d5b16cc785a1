//! Where log lines go: standard error, as text for people and as JSON for machines.

use std::backtrace::Backtrace;
use std::io::IsTerminal;
use std::panic::{self, PanicHookInfo};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tracing::error;
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
    /// Starts logging, panics included; called once.
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
        panic::set_hook(Box::new(log_panic));
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

/// Runs where the panic happened, so the line carries the span of the request and with it the request's id.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let said = panic.payload_as_str().unwrap_or("nothing");
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let backtrace = Backtrace::force_capture();
    let thread = thread::current();
    let thread = thread.name().unwrap_or("without a name");
    error!(panic.place = place, thread, %backtrace, "panic at {place}: {said}");
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};

    use tracing::{error_span, subscriber};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    // Inlined, it would not be in the backtrace by its name.
    #[inline(never)]
    fn fail_here() {
        panic!("it {}", "broke");
    }

    #[test]
    fn a_panic_is_logged_with_its_backtrace_and_the_id_of_the_request() {
        let lines = Lines::default();
        let writer = lines.clone();
        let layer = layer()
            .with_writer(move || writer.clone())
            .json()
            .flatten_event(true);
        let previous = panic::take_hook();
        panic::set_hook(Box::new(log_panic));
        subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            let _span = error_span!("request", request.id = "id-7").entered();
            panic::catch_unwind(fail_here).unwrap_err();
        });
        panic::set_hook(previous);
        let logged = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert_eq!(logged.lines().count(), 1, "{logged}");
        for part in ["\"ERROR\"", "logging.rs:", ": it broke", "fail_here", "\"id-7\""] {
            assert!(logged.contains(part), "no {part} in {logged}");
        }
    }
}
