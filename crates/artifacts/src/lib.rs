//! Artifact paths, servable locations and the stores behind them.
//!
//! Three types carry the safety rules, so that nobody checks a path twice:
//!
//! - [`ArtifactPath`]: a relative path below some root. Parsing is the only way to get one.
//! - [`ServableLocation`]: a place this server may act upon, obtained from [`Artifacts::servable`].
//! - [`Artifacts`]: the only way to storage; each call takes one of each.

mod adopt;
mod append_uri;
mod artifacts;
mod beneath;
mod blocking;
mod config;
mod delete;
mod download;
mod error;
mod local;
mod location;
mod location_rules;
mod model_source;
mod path;
#[cfg(test)]
mod store_tests;
mod temp_file;
mod upload;

pub use adopt::{Adopted, AdoptedFile, Adoption};
pub use append_uri::append_to_uri;
pub use artifacts::{Artifacts, NotServed, ServableLocation};
pub use config::{ArtifactsConfig, OpenError};
pub use download::ArtifactFile;
pub use error::{ArtifactError, Result};
pub use local::Entry;
pub use location::Location;
pub use location_rules::{InvalidLocation, LocationPolicy, check_new_location};
pub use model_source::{InvalidSource, ModelSource, SourceOwner};
pub use path::{ArtifactPath, InvalidPath, TEMP_DIRECTORY};
pub use upload::UploadLimits;
