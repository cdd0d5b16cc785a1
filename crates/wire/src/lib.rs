//! JSON shapes of the MLflow REST API, written by hand, and MLflow's JSON rules.
//!
//! A request is read in one pass into fields that remember what was wrong with them ([`Field`]),
//! so that a handler can refuse them in MLflow's order and with MLflow's sentences.

mod artifacts;
mod body;
mod events;
mod experiment_summary;
mod experiments;
mod field;
mod graphql;
mod lenient;
mod list;
mod logged_models;
mod metric_stats;
mod model_versions;
mod named;
mod number;
mod purge;
mod query;
mod registered_models;
mod run_cells;
mod run_tables;
mod runs;
mod series;
mod shown;
mod users;
mod views;

pub use artifacts::*;
pub use body::parse_body;
pub use events::*;
pub use experiment_summary::*;
pub use experiments::*;
pub use field::{Choice, Field, Scalar, Truth};
pub use graphql::*;
pub use list::{List, Object};
pub use logged_models::*;
pub use metric_stats::*;
pub use model_versions::*;
pub use named::*;
pub use number::{Double, Int64};
pub use purge::*;
pub use query::parse_query;
pub use registered_models::*;
pub use run_cells::*;
pub use run_tables::*;
pub use runs::*;
pub use series::*;
pub use users::*;
pub use views::*;

/// The answer `{}`.
#[derive(Debug, Default, serde::Serialize)]
pub struct Empty {}

/// Body of every error.
#[derive(Debug, serde::Serialize)]
pub struct ErrorBody<'a> {
    /// MLflow's name of the situation.
    pub error_code: &'a str,
    /// The sentence for people.
    pub message: &'a str,
    /// SQL state, since MLflow 3.x.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sqlstate: Option<&'a str>,
    /// Class of the error, since MLflow 3.x.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_class: Option<&'a str>,
    /// Where the mistake is, of Oxflow's own endpoints.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<ErrorDetails>,
}

/// Which part of a request an error is about.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ErrorDetails {
    /// The field of the request.
    pub field: &'static str,
    /// Where the part begins in the text of the field, in UTF-16 code units.
    pub offset: usize,
    /// How long it is, in UTF-16 code units.
    pub length: usize,
}

/// A key with a value: a tag or a param, in requests.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct KeyValue {
    /// The key.
    pub key: Field<String>,
    /// The value.
    pub value: Field<String>,
}

/// A key with a value: a tag or a param, in answers.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Pair {
    /// The key.
    pub key: String,
    /// The value.
    pub value: String,
}

impl From<oxflow_core::Tag> for Pair {
    fn from(tag: oxflow_core::Tag) -> Self {
        Self {
            key: tag.key,
            value: tag.value,
        }
    }
}

fn pairs(tags: Vec<oxflow_core::Tag>) -> Vec<Pair> {
    tags.into_iter().map(Pair::from).collect()
}
