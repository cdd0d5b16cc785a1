//! The search grammar: filter, order_by and page tokens as syntax trees; knows no SQL.
//!
//! A filter such as ``metrics.loss < 0.5 AND tags.`team` = 'vision'`` becomes a list of
//! [`Condition`]s, one per comparison, all of which must hold. Every entity has its own fields
//! and operators; lexing and the cutting into comparisons are shared:
//!
//! ```text
//! text ─ lexer ─ clause ─┬ run
//!                        ├ experiment
//!                        ├ logged_model
//!                        └ registry ─┬ registered_model
//!                                    └ model_version
//! ```
//!
//! What is accepted, and the messages of what is not, follow MLflow 3.17.2; the tables in
//! `tests/data` were recorded from it by `tests/oracle/search_filters.py`.

mod checks;
mod clause;
mod column;
mod error;
mod experiment;
mod key;
mod lexer;
mod limits;
mod list;
mod logged_model;
mod logged_model_token;
mod model_version;
mod order_by;
mod page_token;
mod predicate;
mod python;
mod registered_model;
mod registry;
mod run;

pub use column::{ColumnAttribute, MAX_COLUMN_BYTES, RunColumn};
pub use error::SearchError;
pub use experiment::{
    ExperimentAttribute, ExperimentField, parse_experiment_filter, parse_experiment_order_by,
};
pub use limits::{
    MAX_COMPARISONS, MAX_FILTER_BYTES, MAX_LIKE_PATTERN_BYTES, MAX_LIST_VALUES, MAX_ORDER_BY_KEYS,
    MAX_PAGE_OFFSET, MAX_PAGE_TOKEN_BYTES,
};
pub use logged_model::{
    LoggedModelAttribute, LoggedModelField, parse_logged_model_filter, parse_logged_model_order_field,
};
pub use logged_model_token::{LoggedModelOrderBy, LoggedModelToken};
pub use model_version::{
    ModelVersionAttribute, ModelVersionField, ModelVersionOrderKey, parse_model_version_filter,
    parse_model_version_order_by,
};
pub use order_by::OrderBy;
pub use page_token::PageToken;
pub use predicate::{Condition, Number, NumberOp, Predicate, TextOp, print_filter};
pub use python::json as python_json;
pub use registered_model::{
    RegisteredModelField, RegisteredModelOrderKey, parse_registered_model_filter,
    parse_registered_model_order_by,
};
pub use run::{DatasetField, RunAttribute, RunField, parse_run_filter, parse_run_order_by};
