//! What transactions are for, and what holds in them.

use std::time::Duration;

/// Time limits inside PostgreSQL. security.md, section 9, as on SQLite.
const READ_LIMIT: Duration = Duration::from_secs(30);
const WRITE_LIMIT: Duration = Duration::from_secs(10);

/// Waiting for a row that another transaction holds.
const LOCK_LIMIT: Duration = Duration::from_secs(8);

/// A transaction whose client hangs is ended by the database.
const IDLE_LIMIT: Duration = Duration::from_secs(60);

/// How reads are planned.
///
/// - The joins of a page are made as they are written: first the rows of the page, then what belongs to them. Left
///   to itself the planner takes the inputs of a dataset for few, and reads them all.
/// - Rows are looked up by index, although the planner's default thinks of turning disks: a page of 100 out of
///   30,000 runs would read the tables of tags and metrics from end to end.
/// - One process does all the work: to start others takes as long as most searches do (a filter on a metric and a param of
///   10,000 runs: 13 ms of CPU instead of 26, and no later).
/// - Nothing is compiled: the planner does not know how long our lists are, takes them for costly, and would spend 280 ms on
///   compiling what then runs for 200.
const PLANNING: [(&str, &str); 4] = [
    ("join_collapse_limit", "1"),
    ("random_page_cost", "1.1"),
    ("max_parallel_workers_per_gather", "0"),
    ("jit", "off"),
];

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// A snapshot of the whole database.
    Read,
    /// The same, as long as it takes.
    Inspect,
    /// Changes, each statement seeing what is committed.
    Write,
    /// Changes to the schema: as long as they take.
    Migrate,
}

/// Whose a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    /// This connection's alone: what is set or prepared in it stays.
    Us,
    /// A pooler's, which gives it to somebody else after each transaction.
    Pooler,
}

impl Access {
    /// Changes leave it to the database whether they are allowed: a standby and a database that was set to
    /// read-only refuse them.
    fn mode(self) -> &'static str {
        match self {
            Self::Read | Self::Inspect => "ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Self::Write | Self::Migrate => "ISOLATION LEVEL READ COMMITTED",
        }
    }

    /// How long one statement may take; `None` means as long as it takes.
    pub(super) fn limit(self) -> Option<Duration> {
        match self {
            Self::Read => Some(READ_LIMIT),
            Self::Write => Some(WRITE_LIMIT),
            Self::Inspect | Self::Migrate => None,
        }
    }

    /// Begins the transaction. The settings hold for it only: behind a pooler the next one is somebody else's. A session of
    /// our own has those of writes anyway.
    pub(super) fn begin(self, session: Holder) -> String {
        if self == Self::Write && session == Holder::Us {
            return format!("BEGIN {}", self.mode());
        }
        let settings: Vec<String> = self
            .settings()
            .iter()
            .map(|(name, value)| format!("set_config('{name}', '{value}', true)"))
            .collect();
        format!("BEGIN {}; SELECT {}", self.mode(), settings.join(", "))
    }

    /// What a session of our own is opened with: a write begins without a word about its limits, and one of a single
    /// statement needs no beginning at all.
    pub(super) fn session_options() -> String {
        let limits = Self::Write.settings();
        let isolation = ("default_transaction_isolation", "read\\ committed".to_owned());
        let options = limits.into_iter().chain([isolation]);
        let options: Vec<String> = options
            .map(|(name, value)| format!("-c {name}={value}"))
            .collect();
        options.join(" ")
    }

    fn settings(self) -> Vec<(&'static str, String)> {
        let milliseconds = |time: Duration| time.as_millis().to_string();
        let [statement, lock, idle] = match self.limit() {
            Some(limit) => [limit, LOCK_LIMIT, IDLE_LIMIT].map(milliseconds),
            None => [Duration::ZERO; 3].map(milliseconds),
        };
        let mut settings = vec![
            ("statement_timeout", statement),
            ("lock_timeout", lock),
            ("idle_in_transaction_session_timeout", idle),
        ];
        if self == Self::Read {
            settings.extend(PLANNING.map(|(name, value)| (name, value.to_owned())));
        }
        settings
    }
}
