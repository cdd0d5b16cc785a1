//! Several transfers at a time.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, bail};

use crate::tracking::{RequestError, tell};

/// Most failures that are told one by one.
const MAX_TOLD: usize = 20;

/// What went wrong so far, and whether to go on.
#[derive(Debug, Default)]
pub struct Failures {
    count: Mutex<usize>,
    is_hopeless: AtomicBool,
    reason: Mutex<Option<anyhow::Error>>,
}

impl Failures {
    /// Something was not moved. Told at once; if it is no matter of this one file, nothing more is begun.
    pub fn add(&self, error: anyhow::Error) {
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        *count += 1;
        if concerns_all(&error) {
            self.is_hopeless.store(true, Relaxed);
            self.reason
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get_or_insert(error);
            return;
        }
        match *count {
            ..=MAX_TOLD => tell(&format!("error: {}", chain(&error))),
            count if count == MAX_TOLD + 1 => tell("error: … and more"),
            _ => {}
        }
    }

    /// Whether nothing more is to be begun.
    pub fn is_hopeless(&self) -> bool {
        self.is_hopeless.load(Relaxed)
    }

    /// The end: an error if anything was not moved.
    pub fn end(self, what_failed: &str) -> Result<()> {
        let count = self.count.into_inner().unwrap_or_else(PoisonError::into_inner);
        match self.reason.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(reason) => Err(reason),
            None if count == 0 => Ok(()),
            None => {
                let files = if count == 1 {
                    "1 file was".to_owned()
                } else {
                    format!("{count} files were")
                };
                bail!("{files} {what_failed}; the lines above say why")
            }
        }
    }
}

/// Whether the next file will fail for the same reason.
fn concerns_all(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let is_of_server = cause
            .downcast_ref::<RequestError>()
            .is_some_and(RequestError::concerns_all);
        let is_full = cause.downcast_ref::<std::io::Error>().is_some_and(|error| {
            use std::io::ErrorKind::{QuotaExceeded, ReadOnlyFilesystem, StorageFull};
            matches!(error.kind(), StorageFull | QuotaExceeded | ReadOnlyFilesystem)
        });
        is_of_server || is_full
    })
}

/// An error and its causes in one line.
pub fn chain(error: &anyhow::Error) -> String {
    let mut texts: Vec<String> = error.chain().map(ToString::to_string).collect();
    texts.dedup();
    texts.join(": ")
}

/// Hands things over to be worked at.
pub struct Feed<'a, T> {
    sender: SyncSender<T>,
    failures: &'a Failures,
}

impl<T> Feed<'_, T> {
    /// Waits until somebody can take it; false when nothing more is wanted.
    pub fn give(&self, thing: T) -> bool {
        !self.failures.is_hopeless() && self.sender.send(thing).is_ok()
    }
}

/// Works at what is fed, on `jobs` threads, while it is found on this one. Holds four things for each thread at most.
pub fn each<T: Send>(
    jobs: usize,
    failures: &Failures,
    find: impl FnOnce(&Feed<'_, T>) -> Result<()>,
    work: impl Fn(T) -> Result<()> + Sync,
) {
    let (sender, receiver) = sync_channel(jobs * 4);
    let receiver = Mutex::new(receiver);
    let next = || receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while let Ok(thing) = next() {
                    if failures.is_hopeless() {
                        continue; // Takes what is left, so that whoever feeds does not wait.
                    }
                    if let Err(error) = work(thing) {
                        failures.add(error);
                    }
                }
            });
        }
        let feed = Feed { sender, failures };
        if let Err(error) = find(&feed) {
            failures.add(error);
        }
        drop(feed);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::anyhow;
    use std::sync::atomic::AtomicUsize;

    #[test]
    fn all_is_worked_at_and_single_failures_do_not_stop_the_rest() {
        let (failures, done) = (Failures::default(), AtomicUsize::new(0));
        let find = |feed: &Feed<'_, usize>| {
            (0..1000).for_each(|i| assert!(feed.give(i)));
            Ok(())
        };
        each(4, &failures, find, |i| {
            done.fetch_add(1, Relaxed);
            if i % 100 == 0 { Err(anyhow!("no")) } else { Ok(()) }
        });
        assert_eq!(done.into_inner(), 1000);
        let said = failures.end("not moved").unwrap_err().to_string();
        assert!(said.starts_with("10 files were not moved"), "{said}");
    }

    #[test]
    fn a_server_that_refuses_everybody_is_not_asked_a_thousand_times() {
        let (failures, done) = (Failures::default(), AtomicUsize::new(0));
        let find = |feed: &Feed<'_, usize>| {
            let given = (0..1000).take_while(|i| feed.give(*i)).count();
            assert!(given < 1000, "{given}");
            Ok(())
        };
        each(1, &failures, find, |_| {
            done.fetch_add(1, Relaxed);
            let (url, message) = ("http://h".to_owned(), String::new());
            Err(anyhow!(RequestError::Refused {
                url,
                status: 401,
                attempts: 1,
                message
            })
            .context("x"))
        });
        assert_eq!(done.into_inner(), 1);
        assert_eq!(failures.end("not moved").unwrap_err().to_string(), "x");
    }
}
