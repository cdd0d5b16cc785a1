//! Errors of the databases themselves.

use oxflow_core::ErrorCode;
use tokio_postgres::error::SqlState;

use crate::driver::postgres::{self, ConnectFailure};

/// An error of the database itself. Its text is for the log, not for clients.
#[derive(Debug)]
pub struct DbError {
    kind: DbErrorKind,
    source: Box<dyn std::error::Error + Send + Sync>,
}

// Stands for its source, so that a chain of causes names it once.
impl std::fmt::Display for DbError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.source.fmt(f)
    }
}

impl std::error::Error for DbError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.source()
    }
}

/// What kind of trouble the database has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum DbErrorKind {
    Busy,
    TimedOut,
    Full,
    ReadOnly,
    Denied,
    Constraint,
    BadValue,
    Lost,
    Conflict,
    Unavailable,
    CommitUnknown,
    Overloaded,
    Other,
}

impl DbError {
    /// A value in a row that cannot be what the schema says.
    pub(crate) fn unexpected(message: String) -> Self {
        Self {
            kind: DbErrorKind::Other,
            source: message.into(),
        }
    }

    /// The database gave up the transaction, as it does when the disk is full.
    pub(crate) fn transaction_lost() -> Self {
        Self {
            kind: DbErrorKind::Lost,
            source: "the database gave up the transaction".into(),
        }
    }

    /// The database did not answer in time.
    pub(crate) fn no_answer() -> Self {
        Self {
            kind: DbErrorKind::Unavailable,
            source: "the database does not answer".into(),
        }
    }

    /// Nobody waits for the answer any more.
    pub(crate) fn abandoned() -> Self {
        Self {
            kind: DbErrorKind::TimedOut,
            source: "whoever asked has gone away".into(),
        }
    }

    /// The connection broke while a commit was under way.
    pub(crate) fn after_commit(self) -> Self {
        Self {
            kind: DbErrorKind::CommitUnknown,
            ..self
        }
    }

    /// After this error a session is of no more use; a new one starts from nothing. One that may only read may be that of
    /// a server which was the primary before.
    pub(crate) fn breaks_session(&self) -> bool {
        matches!(
            self.kind,
            DbErrorKind::Unavailable | DbErrorKind::CommitUnknown | DbErrorKind::ReadOnly
        ) || self.is_lost_statement()
    }

    /// There is no connection to the database.
    pub(crate) fn unreachable(cause: ConnectFailure) -> Self {
        Self {
            kind: DbErrorKind::Unavailable,
            source: cause.into(),
        }
    }

    /// A prepared statement is no longer what it was: the schema changed, or a pooler is in between.
    pub(crate) fn is_lost_statement(&self) -> bool {
        let source = self.source.downcast_ref::<PostgresError>();
        source.is_some_and(|PostgresError(error)| is_lost_statement(error))
    }

    /// A table is not there, or lacks a column.
    pub(crate) fn is_missing_table(&self) -> bool {
        if let Some(PostgresError(error)) = self.source.downcast_ref() {
            let missing = [SqlState::UNDEFINED_TABLE, SqlState::UNDEFINED_COLUMN];
            return error.code().is_some_and(|code| missing.contains(code));
        }
        let sqlite = self.source.downcast_ref::<rusqlite::Error>();
        sqlite.is_some_and(|error| {
            let message = error.to_string();
            ["no such table", "no such column", "has no column named"]
                .iter()
                .any(|missing| message.contains(missing))
        })
    }

    /// The call that met this error is run again.
    pub(crate) fn into_conflict(self) -> Self {
        Self {
            kind: DbErrorKind::Conflict,
            ..self
        }
    }

    /// The sentence for clients: no SQL, no paths, no library names.
    pub(super) fn for_client(&self) -> String {
        let postgres = self.source.downcast_ref::<PostgresError>();
        let too_long = postgres
            .and_then(|PostgresError(error)| error.as_db_error())
            .filter(|error| *error.code() == SqlState::STRING_DATA_RIGHT_TRUNCATION);
        // "value too long for type character varying(200)"
        let width = too_long.and_then(|error| error.message().split(['(', ')']).nth(1));
        match width {
            Some(width) => {
                format!("a text is longer than the {width} characters that the database keeps of it")
            }
            None => self.kind.for_client().to_owned(),
        }
    }

    pub(crate) fn is_constraint(&self) -> bool {
        self.kind == DbErrorKind::Constraint
    }

    /// What kind of trouble it is.
    pub fn kind(&self) -> DbErrorKind {
        self.kind
    }
}

impl DbErrorKind {
    /// MLflow's code for the situation.
    pub(super) fn code(self) -> ErrorCode {
        match self {
            Self::Busy
            | Self::TimedOut
            | Self::ReadOnly
            | Self::Lost
            | Self::Conflict
            | Self::Unavailable
            | Self::CommitUnknown
            | Self::Overloaded => ErrorCode::TemporarilyUnavailable,
            Self::Full => ErrorCode::NoSpace,
            Self::Constraint => ErrorCode::BadRequest,
            Self::BadValue => ErrorCode::InvalidParameterValue,
            Self::Denied | Self::Other => ErrorCode::InternalError,
        }
    }

    /// The sentence for clients: no SQL, no paths, no library names.
    pub(super) fn for_client(self) -> &'static str {
        match self {
            Self::Busy => "the database is locked by someone else; try again",
            Self::TimedOut => {
                "the request took the database longer than its time limit; narrow the search and try again"
            }
            Self::Full => "no space left on device (database)",
            Self::ReadOnly => "database is read-only",
            Self::Lost => "another request of the same moment made the database give up; try again",
            Self::Denied => "the server may not do that in its database; its log says what is missing",
            Self::Constraint => "the request contradicts what is stored",
            Self::BadValue => {
                "a value does not fit the database: a text is too long or holds a NUL character, or a number is too \
                 large"
            }
            Self::Conflict => "too many requests change the same at once; try again",
            Self::Unavailable => "the database cannot be reached; try again",
            Self::Overloaded => "too many requests are waiting for the database; try again",
            Self::CommitUnknown => {
                "the connection to the database broke while the change was being stored; look whether it was, or try again"
            }
            Self::Other => "the database could not carry out the request; the server's log says why",
        }
    }
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Sqlite;
        let extended = error.sqlite_error().map(|error| error.extended_code);
        let kind = match error.sqlite_error_code() {
            Some(Sqlite::DatabaseBusy | Sqlite::DatabaseLocked) => DbErrorKind::Busy,
            Some(Sqlite::OperationInterrupted) => DbErrorKind::TimedOut,
            Some(Sqlite::DiskFull) => DbErrorKind::Full,
            // The shared memory file beside the database cannot grow: the disk is full, too.
            _ if extended == Some(rusqlite::ffi::SQLITE_IOERR_SHMSIZE) => DbErrorKind::Full,
            Some(Sqlite::ReadOnly) => DbErrorKind::ReadOnly,
            Some(Sqlite::ConstraintViolation) => DbErrorKind::Constraint,
            _ => DbErrorKind::Other,
        };
        Self {
            kind,
            source: error.into(),
        }
    }
}

/// An error of PostgreSQL in words.
#[derive(Debug)]
struct PostgresError(tokio_postgres::Error);

impl std::fmt::Display for PostgresError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&postgres::words(&self.0))
    }
}

impl std::error::Error for PostgresError {}

impl From<tokio_postgres::Error> for DbError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self {
            kind: kind_of(&error),
            source: PostgresError(error).into(),
        }
    }
}

fn is_lost_statement(error: &tokio_postgres::Error) -> bool {
    let Some(error) = error.as_db_error() else {
        return false;
    };
    match *error.code() {
        SqlState::INVALID_SQL_STATEMENT_NAME | SqlState::DUPLICATE_PSTATEMENT => true,
        SqlState::FEATURE_NOT_SUPPORTED => error.message().contains("cached plan"),
        _ => false,
    }
}

/// What kind of trouble a SQLSTATE stands for. PostgreSQL 15, appendix A.
fn kind_of(error: &tokio_postgres::Error) -> DbErrorKind {
    let Some(state) = error.code() else {
        // Without an answer of the database: the connection broke, or a value does not fit its type.
        let is_ours = error.to_string().contains("serializ");
        return if is_ours {
            DbErrorKind::Other
        } else {
            DbErrorKind::Unavailable
        };
    };
    if is_lost_statement(error) {
        return DbErrorKind::Conflict;
    }
    match *state {
        SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => DbErrorKind::Conflict,
        SqlState::LOCK_NOT_AVAILABLE => DbErrorKind::Busy,
        SqlState::QUERY_CANCELED => DbErrorKind::TimedOut,
        SqlState::DISK_FULL => DbErrorKind::Full,
        SqlState::READ_ONLY_SQL_TRANSACTION => DbErrorKind::ReadOnly,
        SqlState::INSUFFICIENT_PRIVILEGE => DbErrorKind::Denied,
        SqlState::ADMIN_SHUTDOWN
        | SqlState::CRASH_SHUTDOWN
        | SqlState::CANNOT_CONNECT_NOW
        | SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT => DbErrorKind::Unavailable,
        _ => match &state.code()[..2] {
            // Connections, resources, operators, the system below.
            "08" | "53" | "57" | "58" => DbErrorKind::Unavailable,
            // transaction_timeout of PostgreSQL 17.
            _ if state.code() == "25P04" => DbErrorKind::TimedOut,
            "22" => DbErrorKind::BadValue,
            "23" => DbErrorKind::Constraint,
            _ => DbErrorKind::Other,
        },
    }
}
