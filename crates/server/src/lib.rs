//! The HTTP side of Oxflow: the edge, the route table, the handlers.

mod answer;
mod api_error;
mod app;
mod artifact_digests;
mod authorize;
mod config;
pub mod edge;
mod extract;
mod graphql;
mod handlers;
mod head_checks;
mod login;
pub mod purge;
mod registry_events;
mod route_table;
mod routes;
mod run_lists;

pub use api_error::ApiError;
pub use app::{App, Parts, Readiness, Stores, Ui};
pub use authorize::{RunOwners, SETTLED_EVERY, set_pending_owners};
pub use config::{EdgeConfig, ServerConfig};
pub use graphql::RootField;
pub use login::{Login, LoginConfig};
pub use route_table::{Prefixes, Route};
pub use routes::{router, table};
pub use run_lists::RunLists;

/// The API level of MLflow that clients see on `/version` and adapt to.
pub const MLFLOW_VERSION: &str = "3.17.2";
