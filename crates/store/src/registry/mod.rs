//! The model registry: registered models, their versions, stages, aliases and tags.
//!
//! Every change first locks the row of its registered model ([`Tx::lock_registered_model`]): changes of one
//! model happen one after the other, on every replica, so that version numbers have no gap and no two are
//! equal.

mod aliases;
mod models;
#[cfg(test)]
mod plan_tests;
mod related;
mod rows;
mod search;
mod stages;
mod versions;

pub(crate) use rows::{ALIAS, DELETED_STAGE, MODEL, MODEL_TAG, VERSION, VERSION_TAG, WORKSPACE};
pub use search::{ModelVersionSearch, RegisteredModelSearch, VisibleModels};
pub use stages::ExistingVersions;
