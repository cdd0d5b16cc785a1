//! Object stores: the S3 family, Azure Blob Storage and Google Cloud Storage.
//!
//! Keys are `prefix/path`, byte for byte: nothing is normalised. A folder is what keys have in common up to a slash.

mod address;
mod aws_files;
mod azure;
mod azure_sas;
mod bucket;
mod delete;
mod environment;
mod gcs;
mod list;
mod multipart;
mod read;
mod s3;
mod upload_extras;
mod write;

pub use address::{ObjectAddress, Scheme};
pub(crate) use bucket::{CONNECT_TIMEOUT, ObjectFolder, READ_TIMEOUT};
pub use environment::Environment;
pub use multipart::{PartUrl, PresignedUrl};
pub(crate) use read::ObjectFile;

/// Why the settings of an object store are not usable.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct StoreSettingsError {
    what: String,
    #[source]
    source: Option<Box<object_store::Error>>,
}

impl StoreSettingsError {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            source: None,
        }
    }
}

impl From<object_store::Error> for StoreSettingsError {
    fn from(source: object_store::Error) -> Self {
        Self {
            what: "the settings of the object store are not usable".to_owned(),
            source: Some(Box::new(source)),
        }
    }
}
