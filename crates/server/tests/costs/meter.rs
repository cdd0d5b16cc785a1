//! Counters of statements, commits and pages.

use std::fmt::Debug;
use std::path::Path;
use std::sync::Mutex;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Hears of every statement of this process.
#[derive(Default)]
pub struct Meter {
    statements: Mutex<Vec<String>>,
}

impl Meter {
    /// Listens from now on.
    pub fn install() -> &'static Self {
        let meter: &'static Self = Box::leak(Box::default());
        tracing::subscriber::set_global_default(Listener(meter)).unwrap();
        meter
    }

    /// The statements since this was asked last.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.statements.lock().unwrap())
    }
}

struct Listener(&'static Meter);

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "oxflow_store::sql"
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Text(self.0));
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

struct Text(&'static Meter);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            let text = format!("{value:?}");
            let words: Vec<&str> = text.split_whitespace().collect();
            self.0.statements.lock().unwrap().push(words.join(" "));
        }
    }
}

/// What is in a write-ahead log; its format is that of SQLite's "WAL-mode File Format".
#[derive(Debug)]
pub struct Wal {
    salt: [u8; 8],
    frames: usize,
    commits: usize,
}

impl Wal {
    const HEADER: usize = 32;
    const FRAME_HEADER: usize = 24;

    /// Counts the frames, a page each, and those of them that end a transaction.
    pub fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap();
        let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
        let page = number(8) as usize;
        assert_eq!(page, 4096, "the size of a page");
        let salt = bytes[16..24].try_into().unwrap();
        let (mut frames, mut commits) = (0, 0);
        for frame in bytes[Self::HEADER..].chunks_exact(Self::FRAME_HEADER + page) {
            // Frames of an earlier round of the log have another salt.
            if frame[8..16] != salt {
                break;
            }
            frames += 1;
            // A frame that ends a transaction tells the size of the database.
            commits += usize::from(frame[4..8] != [0; 4]);
        }
        Self {
            salt,
            frames,
            commits,
        }
    }

    /// Commits and pages that came after another reading.
    pub fn since(&self, before: &Self) -> (usize, usize) {
        assert_eq!(
            self.salt, before.salt,
            "the log began anew: fewer requests fit into it"
        );
        (self.commits - before.commits, self.frames - before.frames)
    }
}
