//! Ctrl-C and SIGTERM: what was started is killed, and what was measured is kept.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use tokio::signal::unix::{SignalKind, signal};

use crate::process;
use crate::progress::say;

static ASKED: AtomicBool = AtomicBool::new(false);

/// Processes that this one has started and not waited for yet, so that their ids are still theirs.
static STARTED: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

/// Listens from now on. A second signal ends this process at once.
pub fn listen() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    // Made here, so that a signal is heard from this line on.
    let signals = runtime.block_on(async {
        Ok::<_, std::io::Error>((signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?))
    });
    let (mut interrupt, mut terminate) = signals.context("signals cannot be listened to")?;
    std::thread::spawn(move || {
        runtime.block_on(async {
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                if ASKED.swap(true, Ordering::SeqCst) {
                    std::process::exit(EXIT_CODE.into());
                }
                say("stopping: what was started is killed, what was measured is kept (again: at once)");
                kill_started();
            }
        });
    });
    Ok(())
}

/// What a program gives back that ended by Ctrl-C.
pub const EXIT_CODE: u8 = 130;

/// Whether to stop.
pub fn is_asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}

/// An error if this is to stop.
pub fn check() -> Result<()> {
    if is_asked() {
        bail!("stopped");
    }
    Ok(())
}

/// A process that is killed on a signal as long as this value is there. Drop it before the process is waited for.
pub struct Killed(u32);

impl Killed {
    pub fn on_signal(pid: u32) -> Self {
        if let Ok(mut started) = STARTED.lock() {
            started.insert(pid);
        }
        // The signal may have come just before.
        if is_asked() {
            kill_family(pid);
        }
        Self(pid)
    }
}

impl Drop for Killed {
    fn drop(&mut self) {
        if let Ok(mut started) = STARTED.lock() {
            started.remove(&self.0);
        }
    }
}

/// Whoever waits for an answer of a server gets none any more, and goes on to its end.
fn kill_started() {
    if let Ok(started) = STARTED.lock() {
        started.iter().copied().for_each(kill_family);
    }
}

fn kill_family(root: u32) {
    for pid in process::family(root) {
        if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
            // An error means that it has ended.
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_killed_process_takes_its_children_with_it() {
        let mut shell = Command::new("sh")
            .args(["-c", "sleep 100 & wait"])
            .spawn()
            .unwrap();
        while process::family(shell.id()).len() < 2 {
            std::thread::yield_now();
        }
        let family = process::family(shell.id());
        kill_family(shell.id());
        assert!(!shell.wait().unwrap().success());
        let is_gone = |pid: &u32| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            stat.is_empty() || stat.contains(") Z ")
        };
        while !family.iter().all(is_gone) {
            std::thread::yield_now();
        }
    }
}
