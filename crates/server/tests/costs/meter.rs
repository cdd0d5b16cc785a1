//! Counters of statements, commits, and what is written.

use std::fmt::Debug;
use std::path::Path;
use std::sync::Mutex;

use oxflow_testkit::postgres::{TestConnection, TestDatabase};
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

/// What a PostgreSQL has written so far.
#[derive(Debug)]
pub struct Written {
    transactions: u64,
    bytes: u64,
}

impl Written {
    /// Asks the server: the next transaction's number, which only those have that write, and the end of the log. Both are of the
    /// whole cluster; autovacuum is kept from the tables of the test.
    pub fn read(database: &TestDatabase) -> Self {
        let text = on_a_thread(database, |connection| {
            connection.text(
                "SELECT pg_snapshot_xmax(pg_current_snapshot()) || ' ' || (pg_current_wal_insert_lsn() - '0/0')::bigint",
            )
        });
        let (transactions, bytes) = text.split_once(' ').unwrap();
        Self {
            transactions: transactions.parse().unwrap(),
            bytes: bytes.parse().unwrap(),
        }
    }

    /// Commits and bytes that came after another reading.
    pub fn since(&self, before: &Self) -> (usize, usize) {
        let difference = |now: u64, before: u64| usize::try_from(now - before).unwrap();
        (
            difference(self.transactions, before.transactions),
            difference(self.bytes, before.bytes),
        )
    }
}

/// Keeps autovacuum from the tables, which would write too; whether the log has whole pages: after a checkpoint the first change of
/// one takes all of it there, unless the server was told not to.
pub fn prepare(database: &TestDatabase) -> bool {
    on_a_thread(database, |connection| {
        let tables = connection.text(
            "SELECT string_agg(format('ALTER TABLE %I SET (autovacuum_enabled = off)', tablename), ';')
               FROM pg_tables WHERE schemaname = 'public'",
        );
        connection.run(&tables);
        connection.text("SHOW full_page_writes") == "on"
    })
}

/// Connections of tests block, which a thread of a runtime may not.
fn on_a_thread<T: Send>(database: &TestDatabase, work: impl FnOnce(&TestConnection) -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(|| work(&database.connect())).join().unwrap())
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
