//! The commands, one file each.

pub mod db;
pub mod healthcheck;
pub mod server;
pub mod version;

use std::io::Write;

/// Writes to standard output. A closed pipe is the reader's choice and no failure.
fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}
