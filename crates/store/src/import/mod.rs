//! Rows that come from another store, such as a folder of MLflow's file store.
//!
//! Unlike the API these calls keep ids, times and stages. Every call may be repeated: what is there
//! stays as it is, so an import that was killed goes on when it is started again.

mod experiments;
mod logged_models;
mod registry;
mod runs;
mod traces;

pub use experiments::{ExperimentImport, ExperimentOutcome, ImportLocation};
pub use logged_models::LoggedModelPoints;
pub use registry::{ModelImport, ModelOutcome};
pub use runs::{KnownRun, RunImport};

/// What to do when a name belongs to something else already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameConflict {
    /// Nothing: the answer says so.
    Refuse,
    /// Put what is in it into the one that has the name.
    Merge,
    /// Add the id of the source, or `imported`, to the name.
    Rename,
}
