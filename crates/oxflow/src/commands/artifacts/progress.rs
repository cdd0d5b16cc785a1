//! How far a transfer is, for whoever watches.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::interruption::{Interruption, Watch};
use crate::env::Env;
use crate::tracking::tell;

/// Transfers that are over by then say nothing.
const QUIET: Duration = Duration::from_secs(2);
/// Between two pictures of the line on a terminal.
const TERMINAL_PERIOD: Duration = Duration::from_millis(200);
/// Between two lines elsewhere.
const LINE_PERIOD: Duration = Duration::from_secs(10);

/// Counts what was found and what is done.
#[derive(Debug)]
pub struct Progress {
    verb: &'static str,
    is_wanted: bool,
    files_found: AtomicU64,
    files_done: AtomicU64,
    bytes_found: AtomicU64,
    bytes_done: AtomicU64,
    is_found: AtomicBool,
    is_over: Mutex<bool>,
    over: Condvar,
    interruption: Interruption,
}

impl Progress {
    /// Nothing yet; `verb` is what is done, such as `uploaded`. MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR=false says nothing.
    pub fn new(verb: &'static str, env: &Env) -> Self {
        Self {
            verb,
            is_wanted: !env
                .get("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR")
                .is_some_and(|value| value == "0" || value.eq_ignore_ascii_case("false")),
            files_found: AtomicU64::new(0),
            files_done: AtomicU64::new(0),
            bytes_found: AtomicU64::new(0),
            bytes_done: AtomicU64::new(0),
            is_found: AtomicBool::new(false),
            is_over: Mutex::new(false),
            over: Condvar::new(),
            interruption: Interruption::default(),
        }
    }

    /// A file is there to be moved.
    pub fn found(&self, bytes: u64) {
        self.files_found.fetch_add(1, Relaxed);
        self.bytes_found.fetch_add(bytes, Relaxed);
    }

    /// All files are found.
    pub fn found_all(&self) {
        self.is_found.store(true, Relaxed);
    }

    /// A file was moved.
    pub fn file_done(&self) {
        self.files_done.fetch_add(1, Relaxed);
    }

    /// Bytes were moved.
    pub fn moved(&self, bytes: u64) {
        self.bytes_done.fetch_add(bytes, Relaxed);
    }

    /// Bytes that were moved have to be moved again.
    pub fn lost(&self, bytes: u64) {
        let _ = self
            .bytes_done
            .fetch_update(Relaxed, Relaxed, |done| Some(done.saturating_sub(bytes)));
    }

    /// Files moved so far.
    pub fn files(&self) -> u64 {
        self.files_done.load(Relaxed)
    }

    /// Whether the transfer was interrupted.
    pub fn interruption(&self) -> &Interruption {
        &self.interruption
    }

    /// Does the work, and tells how far it is from the third second on: a line that changes on a terminal, else a line
    /// every ten seconds on standard error. A signal ends it, and the process.
    pub fn during<T>(&self, work: impl FnOnce() -> T) -> T {
        // Before any work, which must not be surprised.
        let watch = Watch::begin();
        std::thread::scope(|scope| {
            if let Some(watch) = watch {
                scope.spawn(|| {
                    self.interruption
                        .wait(watch, || self.be_quiet(), || self.moved_so_far());
                });
            }
            if self.is_wanted {
                scope.spawn(|| self.report());
            }
            // Dropped on a panic too; else the scope would wait for ever.
            let _end = End(self);
            work()
        })
    }

    fn report(&self) {
        let start = Instant::now();
        let is_terminal = std::io::stderr().is_terminal();
        let mut wait = QUIET;
        let mut is_shown = false;
        loop {
            let is_over = self.is_over.lock().unwrap_or_else(PoisonError::into_inner);
            let (is_over, _) = self
                .over
                .wait_timeout_while(is_over, wait, |is_over| !*is_over)
                .unwrap_or_else(PoisonError::into_inner);
            if *is_over {
                break;
            }
            drop(is_over);
            is_shown = true;
            let line = self.line(start.elapsed());
            if is_terminal {
                let _ = write!(std::io::stderr(), "\r\x1b[K{line}");
                wait = TERMINAL_PERIOD;
            } else {
                tell(&line);
                wait = LINE_PERIOD;
            }
        }
        if is_shown && is_terminal {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }

    /// No more is told of how far it is.
    fn be_quiet(&self) {
        *self.is_over.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.over.notify_all();
    }

    /// How much was moved when it was interrupted.
    fn moved_so_far(&self) -> String {
        format!(
            "{} of {}{} files {}",
            self.files_done.load(Relaxed),
            self.files_found.load(Relaxed),
            self.or_more(),
            self.verb,
        )
    }

    fn or_more(&self) -> &'static str {
        if self.is_found.load(Relaxed) {
            ""
        } else {
            " or more"
        }
    }

    fn line(&self, since: Duration) -> String {
        let (done, found) = (self.bytes_done.load(Relaxed), self.bytes_found.load(Relaxed));
        let more = self.or_more();
        let share = done
            .saturating_mul(100)
            .checked_div(found)
            .map(|percent| format!("{}%, ", percent.min(100)))
            .unwrap_or_default();
        format!(
            "{} {share}{} of {}{more} files, {} of {}{more}, {}/s",
            self.verb,
            self.files_done.load(Relaxed),
            self.files_found.load(Relaxed),
            bytes(done),
            bytes(found.max(done)),
            bytes((done as f64 / since.as_secs_f64().max(0.001)) as u64),
        )
    }
}

struct End<'a>(&'a Progress);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.be_quiet();
        self.0.interruption.end();
    }
}

/// A number of bytes for people.
pub fn bytes(count: u64) -> String {
    let (unit, size) = match count {
        0..1024 => return format!("{count} B"),
        1024..1_048_576 => ("KiB", 1024.0),
        1_048_576..1_073_741_824 => ("MiB", 1_048_576.0),
        _ => ("GiB", 1_073_741_824.0),
    };
    format!("{:.1} {unit}", count as f64 / size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_it_is() {
        let progress = Progress::new("uploaded", &Env::for_test(&[]));
        progress.found(3 << 20);
        progress.found(1 << 20);
        progress.moved(2 << 20);
        progress.moved(1 << 20);
        progress.lost(1 << 20);
        progress.file_done();
        assert_eq!(
            progress.line(Duration::from_secs(2)),
            "uploaded 50%, 1 of 2 or more files, 2.0 MiB of 4.0 MiB or more, 1.0 MiB/s"
        );
    }

    #[test]
    fn bytes_have_units() {
        assert_eq!(
            [0, 1023, 1024, 1 << 20, 3 << 29].map(bytes),
            ["0 B", "1023 B", "1.0 KiB", "1.0 MiB", "1.5 GiB"]
        );
    }
}
