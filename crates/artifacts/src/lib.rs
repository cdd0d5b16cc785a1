//! Artifact paths, servable locations and the stores behind them.
//!
//! Types carry the safety rules, so that nobody checks a path twice:
//!
//! - [`ArtifactPath`]: a relative path below some root. Parsing is the only way to get one.

mod append_uri;
mod location;
mod location_rules;
mod path;

pub use append_uri::append_to_uri;
pub use location::Location;
pub use location_rules::{InvalidLocation, LocationPolicy, check_new_location};
pub use path::{ArtifactPath, InvalidPath, TEMP_DIRECTORY};
