//! Ctrl-C and SIGTERM during a transfer: nothing is left in pieces on a server, and what is left here can be gone on with.
//!
//! One thread waits for signals. When one comes the others stop where they are, for good: that thread tidies up, says what was
//! moved, and ends the process.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

use super::destination::Folder;
use super::part::Part;
use super::progress::bytes;
use super::relative::RelativePath;
use super::served::Served;

/// Of a process that a signal ended: 128 and the number of SIGINT. SIGTERM is told the same way.
const EXIT_CODE: i32 = 130;

/// How long requests that are under way may take to notice. A server that takes no bytes does not let them.
const PATIENCE: Duration = Duration::from_secs(3);

/// Signals this close together are one request: `timeout` and others signal the process and then its group.
const ONE_REQUEST: Duration = Duration::from_millis(250);

/// Most names in what is said at the end.
const MOST_NAMED: usize = 3;

/// Whether a transfer was interrupted, and what would have to be tidied up then.
#[derive(Debug, Default)]
pub struct Interruption {
    has_come: AtomicBool,
    open: Mutex<Open>,
    changed: Condvar,
    is_over: Notify,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    /// Requests that change something on a server, and writers of local files.
    busy: usize,
    /// Uploads in parts that are not put together yet.
    uploads: BTreeMap<u64, OpenUpload>,
    /// Unfinished files.
    parts: BTreeMap<u64, OpenPart>,
}

/// An upload in parts.
#[derive(Debug)]
struct OpenUpload {
    served: Served,
    folder: RelativePath,
    name: String,
    upload_id: Value,
}

#[derive(Debug)]
struct OpenPart {
    folder: OwnedFd,
    name: String,
    shown: String,
}

/// As long as it lives, something is open.
#[derive(Debug)]
pub struct Held<'a> {
    interruption: &'a Interruption,
    key: Key,
}

#[derive(Debug, Clone, Copy)]
enum Key {
    Busy,
    Upload(u64),
    Part(u64),
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let mut open = self.interruption.open();
        match self.key {
            Key::Busy => open.busy -= 1,
            Key::Upload(key) => drop(open.uploads.remove(&key)),
            Key::Part(key) => drop(open.parts.remove(&key)),
        }
        drop(open);
        self.interruption.changed.notify_all();
    }
}

impl Interruption {
    /// Whether a signal has come.
    pub fn has_come(&self) -> bool {
        self.has_come.load(SeqCst)
    }

    /// Returns at once, or never if a signal has come.
    pub fn stop_here(&self) {
        while self.has_come() {
            std::thread::park();
        }
    }

    /// Something begins that should come to its end, which is waited for; not if a signal has come, then it does not return.
    pub fn busy(&self) -> Held<'_> {
        self.open().busy += 1;
        let held = self.held(Key::Busy);
        if self.has_come() {
            drop(held);
            self.stop_here();
            return self.busy();
        }
        held
    }

    /// An upload in parts has begun.
    pub fn upload(&self, served: &Served, folder: &RelativePath, name: &str, upload_id: &Value) -> Held<'_> {
        let mut open = self.open();
        let key = open.next();
        let upload = OpenUpload {
            served: served.clone(),
            folder: folder.clone(),
            name: name.to_owned(),
            upload_id: upload_id.clone(),
        };
        open.uploads.insert(key, upload);
        drop(open);
        self.held(Key::Upload(key))
    }

    /// A file is being written; `None` if its folder cannot be noted.
    pub fn part(&self, folder: &Folder, part: &Part<'_>) -> Option<Held<'_>> {
        let name = part.own_name().to_owned();
        let part = OpenPart {
            folder: folder.try_clone().ok()?,
            shown: folder.path_of(&name).display().to_string(),
            name,
        };
        let mut open = self.open();
        let key = open.next();
        open.parts.insert(key, part);
        drop(open);
        Some(self.held(Key::Part(key)))
    }

    /// Ends [`Interruption::wait`].
    pub fn end(&self) {
        self.is_over.notify_one();
    }

    /// Waits for a signal, or for the end. When a signal comes it calls `stop` at once, says what `moved` says of how far the
    /// transfer is once all is tidy, and does not return.
    pub fn wait(&self, watch: Watch, stop: impl FnOnce(), moved: impl Fn() -> String + Sync) {
        let Watch { runtime, mut signals } = watch;
        let first = runtime.block_on(async {
            tokio::select! {
                name = signals.next() => Some(name),
                () = self.is_over.notified() => None,
            }
        });
        let Some(name) = first else { return };
        self.has_come.store(true, SeqCst);
        stop();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let tidied = self.tidy_up();
                crate::tracking::tell(&format!("{name}: {}{tidied}", moved()));
                std::process::exit(EXIT_CODE);
            });
            // Who asks again has no patience left.
            let came = Instant::now();
            while came.elapsed() <= ONE_REQUEST {
                runtime.block_on(signals.next());
            }
            std::process::exit(EXIT_CODE);
        });
    }

    /// Waits for what is under way, then aborts uploads in parts and removes files that cannot be gone on with. Says so.
    fn tidy_up(&self) -> String {
        let open = self.open();
        let (mut open, _) = self
            .changed
            .wait_timeout_while(open, PATIENCE, |open| open.busy > 0)
            .unwrap_or_else(PoisonError::into_inner);
        let (uploads, parts) = (std::mem::take(&mut open.uploads), std::mem::take(&mut open.parts));
        drop(open);
        let (mut removed, mut said) = (Vec::new(), String::new());
        for upload in uploads.into_values() {
            let body = json!({ "path": upload.name, "upload_id": upload.upload_id });
            match upload.served.multipart("abort", &upload.folder, &body) {
                Ok(_) => removed.push(upload.name),
                Err(error) => {
                    said += &format!("; the parts of `{}` could not be removed: {error}", upload.name);
                }
            }
        }
        if !removed.is_empty() {
            said += &format!("; the parts of {} that were sent are removed", names(&removed));
        }
        let kept: Vec<String> = parts.into_values().filter_map(OpenPart::keep).collect();
        if !kept.is_empty() {
            said += &format!("; the same command goes on with {}", names(&kept));
        }
        said
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn held(&self, key: Key) -> Held<'_> {
        Held {
            interruption: self,
            key,
        }
    }
}

impl Open {
    fn next(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

impl OpenPart {
    /// What is there, if the next download can go on with it; else it is removed.
    fn keep(self) -> Option<String> {
        let folder = Folder::of(self.folder);
        let size = Part::resumable_bytes(&folder, &self.name)?;
        Some(format!("{}, {}", self.shown, bytes(size)))
    }
}

fn names(names: &[String]) -> String {
    let mut named: Vec<String> = names
        .iter()
        .take(MOST_NAMED)
        .map(|name| format!("`{name}`"))
        .collect();
    if names.len() > MOST_NAMED {
        named.push(format!("{} more", names.len() - MOST_NAMED));
    }
    named.join(", ")
}

/// From now on signals wait for [`Interruption::wait`].
#[derive(Debug)]
pub struct Watch {
    runtime: tokio::runtime::Runtime,
    signals: Signals,
}

impl Watch {
    /// Begins; `None` where that is impossible, and a signal ends the process as it would any other.
    pub fn begin() -> Option<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.ok()?;
        let signals = runtime.block_on(async { Signals::catch() }).ok()?;
        Some(Self { runtime, signals })
    }
}

/// The signals that interrupt.
#[derive(Debug)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    fn catch() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "interrupted",
            _ = self.terminate.recv() => "terminated",
        }
    }
}
