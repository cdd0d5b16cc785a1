//! Says how far a removal is, when it takes long.

use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// When progress is told the first time and how often then, on a terminal and in a log.
const FIRST: Duration = Duration::from_secs(2);
const ON_TERMINAL: Duration = Duration::from_millis(500);
const IN_LOG: Duration = Duration::from_secs(10);

/// One line on standard error that is written over, or lines in a log.
#[derive(Debug)]
pub struct Progress {
    started: Instant,
    told: Option<Instant>,
    is_terminal: bool,
}

impl Progress {
    /// Starts the clock.
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
            told: None,
            is_terminal: std::io::stderr().is_terminal(),
        }
    }

    /// Tells how far it is, if it is time to.
    pub fn tick(&mut self, line: impl FnOnce() -> String) {
        let every = if self.is_terminal { ON_TERMINAL } else { IN_LOG };
        let is_due = match self.told {
            None => self.started.elapsed() >= FIRST,
            Some(last) => last.elapsed() >= every,
        };
        if !is_due {
            return;
        }
        self.told = Some(Instant::now());
        let line = format!("{} s: {}", self.started.elapsed().as_secs(), line());
        let mut out = std::io::stderr().lock();
        // When standard error is gone there is nobody left to tell.
        let _ = if self.is_terminal {
            write!(out, "\r\x1b[K{line}").and_then(|()| out.flush())
        } else {
            writeln!(out, "{line}")
        };
    }

    /// Clears the line on a terminal.
    pub fn end(&self) {
        if self.is_terminal && self.told.is_some() {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
