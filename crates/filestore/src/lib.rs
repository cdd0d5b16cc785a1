//! MLflow's old file store (`mlruns/`), read into domain types.
//!
//! The layout of MLflow 1.x to 3.x: a folder per experiment and per run, `meta.yaml` in each, one
//! file per metric, param and tag. Reading never fails as a whole: what cannot be read is a
//! [`Problem`] with its path and line, and the rest goes on. Every name is opened by itself in a
//! folder that is open already, and links are not followed, so nothing outside of the root is read.

mod artifact_folder;
mod experiments;
mod folder;
mod location;
mod logged_models;
mod metric_lines;
mod names;
mod pairs;
mod problem;
mod registry;
mod runs;
mod traces;
mod yaml;

pub use artifact_folder::{ArtifactFile, for_each_artifact};
pub use experiments::{ExperimentFolder, FileStore};
pub use folder::Folder;
pub use location::{OwnedPlace, is_local, local_path, place_in_store};
pub use logged_models::LoggedModelFolder;
pub use metric_lines::{MetricFile, MetricLines, Point};
pub use problem::{Problem, Report};
pub use registry::RegisteredModelFolder;
pub use runs::RunFolder;
pub use traces::TraceFolder;
