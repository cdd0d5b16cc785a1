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
mod http;
mod listing;
mod local;
mod local_parts;
mod location;
mod location_rules;
mod model_source;
mod object;
mod parts;
mod path;
mod place;
mod read_only;
mod signing_key;
#[cfg(test)]
mod store_tests;
mod temp_file;
mod upload;
mod uploads_in_parts;
mod way;

pub use adopt::{Adopted, AdoptedFile, Adoption};
pub use append_uri::append_to_uri;
pub use artifacts::{ArtifactPlace, Artifacts, NotServed, ServableLocation};
pub use config::{ArtifactsConfig, OpenError};
pub use download::ArtifactFile;
pub use error::{ArtifactError, Result};
pub use http::HttpAddress;
pub use listing::{Entry, EntryPage, InvalidListToken, ListToken, PageWanted};
pub use location::Location;
pub use location_rules::{InvalidLocation, LocationPolicy, check_new_location};
pub use model_source::{InvalidSource, ModelSource, SourceOwner};
pub use object::{Environment, ObjectAddress, PartUrl, PresignedUrl, Scheme, StoreSettingsError};
pub use parts::{DonePart, InvalidParts, NoSuchPart, NoSuchUpload};
pub use path::{ArtifactPath, InvalidPath, TEMP_DIRECTORY};
pub use read_only::{FolderError, ReadOnlyFolder};
pub use upload::{Stored, UploadLimits};
pub use uploads_in_parts::{Completed, NewUpload};
