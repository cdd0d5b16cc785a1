//! What can go wrong in the store.

use tokio_postgres::error::SqlState;

use crate::driver::postgres::{self, ConnectFailure};
use crate::migrations::{self, UpgradeError};
use crate::schema::HEAD_REVISION;
use oxflow_core::{ErrorCode, ExperimentId, Invalid, LifecycleStage, ModelId, RunId, python_repr};

/// A store call that did not do what was asked; nothing of it was stored, unless it says that this is unknown.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum StoreError {
    #[error("No Experiment with id={id} exists")]
    NoSuchExperiment { id: ExperimentId },
    #[error("Could not find experiment with name '{name}'")]
    NoExperimentNamed { name: String },
    #[error("Experiment(name={name}) already exists. Error: the name is taken by {holder}")]
    ExperimentExists { name: String, holder: String },
    #[error("The experiment {id} must be in the 'active' state. Current state is {stage}.")]
    ExperimentNotActive { id: ExperimentId, stage: LifecycleStage },
    #[error("Cannot rename a non-active experiment.")]
    RenameDeletedExperiment,
    #[error("No tag with name: {key} in experiment with id {id}")]
    NoExperimentTag { key: String, id: ExperimentId },
    #[error("Run with id={id} not found")]
    NoSuchRun { id: String },
    #[error("The run {id} must be in the 'active' state. Current state is {stage}.")]
    RunNotActive { id: RunId, stage: LifecycleStage },
    #[error("No tag with name: {key} in run with id {id}")]
    NoRunTag { key: String, id: RunId },
    #[error(
        "Changing param values is not allowed. Param with key={} was already logged with value={} for run \
         ID={}. Attempted logging new value {}.",
        python_repr(key), python_repr(old_value), python_repr(run_id.as_str()), python_repr(new_value)
    )]
    ParamChanged {
        run_id: RunId,
        key: String,
        old_value: String,
        new_value: String,
    },
    #[error(
        "Changing param values is not allowed. Params were already logged='[{}]' for run ID={}.",
        changes.iter().map(ParamChange::python).collect::<Vec<_>>().join(", "), python_repr(run_id.as_str())
    )]
    ParamsChanged {
        run_id: RunId,
        changes: Vec<ParamChange>,
    },
    #[error("Logged model with ID '{id}' not found.")]
    NoSuchLoggedModel { id: String },
    #[error(
        "No tag with key {} found for model with ID {}.",
        python_repr(key),
        python_repr(id)
    )]
    NoLoggedModelTag { key: String, id: String },
    #[error("logged model `{id}` already has a param `{key}`; params of a logged model cannot change")]
    LoggedModelParamExists { id: ModelId, key: String },
    #[error(
        "logged model `{id}` already has another value of metric `{key}` for this timestamp, step and run"
    )]
    LoggedModelMetricExists { id: ModelId, key: String },
    #[error("logged model `{id}` does not exist, so metric `{key}` of run `{run_id}` was not logged")]
    MetricOfUnknownModel { id: ModelId, key: String, run_id: RunId },
    #[error("logged model `{model_id}` is already an output of run `{run_id}`")]
    OutputExists { model_id: String, run_id: RunId },
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error("{}", source.for_client())]
    Database {
        #[from]
        source: DbError,
    },
    #[error("{}", kind.for_client())]
    NotCommitted { kind: DbErrorKind },
    #[error("too many requests are waiting for the database; try again")]
    Overloaded,
    #[error("the server is stopping; nothing was stored")]
    Stopping,
    #[error("an unexpected condition in the store was caught; nothing was stored")]
    Panicked,
}

/// A param that a batch tried to change.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct ParamChange {
    pub key: String,
    pub old_value: String,
    pub new_value: String,
}

impl ParamChange {
    fn python(&self) -> String {
        format!(
            "{{'key': {}, 'old_value': {}, 'new_value': {}}}",
            python_repr(&self.key),
            python_repr(&self.old_value),
            python_repr(&self.new_value)
        )
    }
}

impl StoreError {
    /// MLflow's code for the situation.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::NoSuchExperiment { .. }
            | Self::NoExperimentNamed { .. }
            | Self::NoExperimentTag { .. }
            | Self::NoSuchRun { .. }
            | Self::NoRunTag { .. }
            | Self::NoSuchLoggedModel { .. }
            | Self::NoLoggedModelTag { .. } => ErrorCode::ResourceDoesNotExist,
            Self::ExperimentExists { .. } => ErrorCode::ResourceAlreadyExists,
            Self::RenameDeletedExperiment
            | Self::ExperimentNotActive { .. }
            | Self::RunNotActive { .. }
            | Self::ParamChanged { .. }
            | Self::ParamsChanged { .. }
            | Self::LoggedModelParamExists { .. }
            | Self::LoggedModelMetricExists { .. }
            | Self::MetricOfUnknownModel { .. }
            | Self::OutputExists { .. } => ErrorCode::InvalidParameterValue,
            Self::Invalid(invalid) => invalid.code,
            Self::Database { source } => source.kind.code(),
            Self::NotCommitted { kind } => kind.code(),
            Self::Overloaded | Self::Stopping => ErrorCode::TemporarilyUnavailable,
            Self::Panicked => ErrorCode::InternalError,
        }
    }
}

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

    /// The sentence for clients: no SQL, no paths, no library names.
    fn for_client(&self) -> String {
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
    fn code(self) -> ErrorCode {
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
    fn for_client(self) -> &'static str {
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

/// The database could not be opened.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum OpenError {
    #[error("database URI `{uri}`: {reason}")]
    BadUri { uri: String, reason: String },
    #[error("could not connect to {location}: {cause}")]
    Connect { location: String, cause: ConnectFailure },
    #[error("could not open the database file {path}")]
    Open {
        path: String,
        #[source]
        source: DbError,
    },
    #[error("{path} is damaged: {finding}")]
    Damaged { path: String, finding: String },
    #[error("could not look at the database {location}")]
    Query {
        location: String,
        #[source]
        source: DbError,
    },
    #[error("there is no database {path}")]
    NoSuchFile { path: String },
    #[error("a database that lives as long as the server (`sqlite://`) cannot be looked at from outside")]
    Temporary,
    #[error("the database {path} has no schema yet")]
    NoSchema { path: String },
    #[error(
        "the database {path} has schema revision {found}{}, but this release needs {HEAD_REVISION}",
        made_by(found)
    )]
    WrongRevision { path: String, found: String },
    #[error("the database {path} was not upgraded, and is as it was")]
    Upgrade {
        path: String,
        #[source]
        source: UpgradeError,
    },
    #[error(
        "only SQLite databases are copied before an upgrade, and {location} is none; nothing was upgraded"
    )]
    NoBackup { location: String },
    #[error("could not make the backup {path}, so nothing was upgraded")]
    Backup {
        path: String,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("the database {path} holds tables ({tables}) but no MLflow schema")]
    NotMlflow { path: String, tables: String },
    #[error("the user of {location} may not read and write all tables")]
    ReadOnly { location: String },
    #[error("could not prepare the database {path}")]
    Prepare {
        path: String,
        #[source]
        source: DbError,
    },
    #[error("could not create the folder {path}")]
    CreateFolder {
        path: String,
        #[source]
        source: std::io::Error,
    },
    #[error("could not start the store's threads")]
    Threads(#[source] std::io::Error),
}

/// The MLflow that a revision belongs to, in brackets.
fn made_by(revision: &str) -> String {
    migrations::release_of(revision).map_or_else(String::new, |release| format!(" ({release})"))
}
