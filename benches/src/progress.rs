//! What is being done: lines on standard error, with the time since the start.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// How often long work says how far it is.
const EVERY: Duration = Duration::from_secs(10);

/// Since the first call, in `main`.
pub fn elapsed() -> Duration {
    static STARTED: OnceLock<Instant> = OnceLock::new();
    STARTED.get_or_init(Instant::now).elapsed()
}

/// Prints a line.
pub fn say(line: &str) {
    eprintln!("[{}] {line}", clock(elapsed()));
}

/// `7:05` of seven minutes and five seconds.
pub fn clock(time: Duration) -> String {
    format!("{}:{:02}", time.as_secs() / 60, time.as_secs() % 60)
}

/// Counts the parts of long work.
pub struct Steps {
    what: String,
    done: u64,
    said: Instant,
}

impl Steps {
    pub fn of(what: &str) -> Self {
        Self {
            what: what.to_owned(),
            done: 0,
            said: Instant::now(),
        }
    }

    /// One more is done; now and then this is said.
    pub fn step(&mut self) {
        self.done += 1;
        // Rows come by the million: the clock is looked at rarely.
        if self.done.is_multiple_of(256) && self.said.elapsed() >= EVERY {
            self.said = Instant::now();
            say(&format!(
                "{}: {}",
                self.what,
                crate::cases::number(self.done as f64)
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_have_two_digits() {
        assert_eq!(clock(Duration::from_secs(425)), "7:05");
        assert_eq!(clock(Duration::from_millis(59_999)), "0:59");
    }
}
