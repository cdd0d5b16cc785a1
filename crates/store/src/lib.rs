//! The tracking store: MLflow's own schema, every SQL statement, and who may run one when.
//!
//! A store call is a closure over a transaction ([`Tx`]), the same on SQLite and PostgreSQL. On SQLite
//! writes run one after the other on a writer thread, which commits all waiting ones together, and reads
//! on threads with connections of their own; on PostgreSQL every thread has a connection and does both.
//! So SQL code is straight-line and a disconnecting client never leaves half a change.

mod accounts;
mod artifact_digests;
mod caller;
mod changes;
mod conditions;
mod dialect;
mod driver;
mod error;
mod executor;
mod experiment_search;
mod experiment_summary;
mod experiments;
mod import;
mod inputs;
mod logged_model_search;
mod logged_models;
mod maintenance;
mod metric_columns;
mod metrics;
mod migrations;
mod others;
mod params;
mod pending_owners;
mod registry;
mod run_list;
mod run_search;
mod run_selection;
mod run_table;
mod runs;
mod schema;
mod store;
mod tags;
mod trash;
mod uri;
mod view_states;
mod views;

pub use accounts::{
    ACCOUNTS_HEAD_REVISION, Accounts, AccountsVersion, AuditEvent, GrantOn, Login, NewAuditEvent, NewToken,
    Role, RoleGrant, RoleMember, TokenInfo, TokenKind, TokenLogin, User, UserWithRoles,
};
pub use artifact_digests::ArtifactDigest;
pub use changes::{Change, News, RunChange, What};
pub use dialect::Dialect;
pub use driver::ConnectFailure;
pub use driver::{Row, Tx, Value};
pub use error::{DbError, DbErrorKind, OpenError, ParamChange, StoreError};
pub use experiment_search::ExperimentSearch;
pub use experiment_summary::{ExperimentSummary, RunCounts};
pub use import::{
    ExperimentImport, ExperimentOutcome, ImportLocation, KnownRun, LoggedModelPoints, ModelImport,
    ModelOutcome, NameConflict, RunImport,
};
pub use inputs::RunInputs;
pub use logged_model_search::{DatasetFilter, LoggedModelOrder, LoggedModelSearch};
pub use maintenance::{
    Backup, DatabaseStatus, SchemaState, UpgradeRequest, count_rows, inspect, ping, upgrade,
};
pub use metrics::{HistoryPage, IntervalQuery, Packing, SeriesQuery, StatsQuery};
pub use migrations::{UpgradeError, UpgradeStep};
pub use pending_owners::PendingOwner;
pub use registry::{ExistingVersions, ModelVersionSearch, RegisteredModelSearch, VisibleModels};
pub use run_list::RunIdList;
pub use run_search::RunSearch;
pub use run_selection::{Among, ColumnIs, ColumnValue, ParentIs, RunSelection};
pub use run_table::{
    Aggregate, BulkChange, BulkFailure, ChildrenOf, DatasetRuns, GroupQuery, GroupSort, GroupSortBy,
    GroupsFound, KeyQuery, KeyTable, KeyUse, KeysFound, RunGroup, RunTable, SortColumn, Summary, ValueQuery,
};
pub use runs::RunBatch;
pub use schema::{DEFAULT_EXPERIMENT_NAME, HEAD_REVISION, Prepared, SchemaPolicy};
pub use store::{PoolConfig, Store, StoreConfig};
pub use trash::{
    ArtifactOwners, JobQuery, Kept, KeptBecause, LocationOf, ModelsGo, REMOVED_AT_ONCE, RemovedExperiment,
    Trash, TrashItem, TrashQuery, TrashedExperiment, TrashedModel, TrashedRun, VersionsByOrigin, Which,
    ids_in,
};
pub use uri::{DatabaseUri, PostgresUri, Variables};

/// Result of a store call.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
pub use views::NamedView;
