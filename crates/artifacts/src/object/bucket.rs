//! A folder of a bucket, and how it is reached.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use object_store::list::PaginatedListStore;
use object_store::multipart::MultipartStore;
use object_store::path::Path as Key;
use object_store::signer::Signer;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};

use super::address::{ObjectAddress, Scheme};
use super::azure_sas::AccountKey;
use super::upload_extras::UploadExtras;
use super::{Environment, StoreSettingsError, azure, gcs, s3};
use crate::error::{ArtifactError, Result, Target};
use crate::path::{ArtifactPath, InvalidPath};

/// Longest key, in bytes: that of S3, GCS and Azure.
const MAX_KEY_BYTES: usize = 1024;

/// How long a connection may take to come about.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a store may send nothing.
pub(crate) const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a request is repeated that the store does not answer, or with 429 or 5xx.
const RETRIED_FOR: Duration = Duration::from_secs(10);

/// A store as this crate uses it.
pub(super) trait Bucket: ObjectStore + MultipartStore + PaginatedListStore + Signer {}

impl<T: ObjectStore + MultipartStore + PaginatedListStore + Signer> Bucket for T {}

/// A folder of a bucket.
pub(crate) struct ObjectFolder {
    pub(super) address: ObjectAddress,
    pub(super) store: Arc<dyn Bucket>,
    pub(super) extras: UploadExtras,
    /// What URLs to blobs are signed with, if it is known.
    pub(super) account_key: Option<AccountKey>,
}

impl fmt::Debug for ObjectFolder {
    /// Without the store, which would print its secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("ObjectFolder")
            .field(&self.address.to_string())
            .finish()
    }
}

impl ObjectFolder {
    /// Reads the settings of a store. Asks nobody.
    pub(crate) fn open(
        address: ObjectAddress,
        environment: &Environment,
    ) -> std::result::Result<Self, StoreSettingsError> {
        // That of everything else here; that it is installed already is fine.
        drop(rustls::crypto::ring::default_provider().install_default());
        let mut account_key = None;
        let (store, extras): (Arc<dyn Bucket>, _) = match address.scheme {
            Scheme::S3 | Scheme::R2 | Scheme::B2 => {
                let extras = UploadExtras::of_s3(environment)?;
                (Arc::new(s3::open(&address, environment, &extras)?), extras)
            }
            Scheme::Wasbs | Scheme::Abfss => {
                let (store, key) = azure::open(&address, environment)?;
                account_key = key;
                (Arc::new(store), UploadExtras::default())
            }
            Scheme::Gcs => (
                Arc::new(gcs::open(&address, environment)?),
                UploadExtras::default(),
            ),
        };
        Ok(Self {
            address,
            store,
            extras,
            account_key,
        })
    }

    /// The key of a path.
    pub(super) fn key(&self, path: &ArtifactPath) -> Result<Key> {
        let mut text = self.address.segments.join("/");
        if !text.is_empty() {
            text.push('/');
        }
        text.push_str(path.as_str());
        if text.len() > MAX_KEY_BYTES {
            return Err(InvalidPath.into());
        }
        Key::parse(&text).map_err(|_| InvalidPath.into())
    }

    /// What all keys of a folder begin with; the whole store's with `None`.
    pub(super) fn prefix(&self, folder: Option<&ArtifactPath>) -> Result<String> {
        Ok(match folder {
            Some(folder) => format!("{}/", self.key(folder)?),
            None if self.address.segments.is_empty() => String::new(),
            None => format!("{}/", self.address.segments.join("/")),
        })
    }

    pub(super) fn is_azure(&self) -> bool {
        matches!(self.address.scheme, Scheme::Wasbs | Scheme::Abfss)
    }

    /// What a store's error means for a path.
    pub(super) fn error(
        &self,
        what: &'static str,
        target: &Target,
        source: object_store::Error,
    ) -> ArtifactError {
        match source {
            object_store::Error::NotFound { .. } if !is_about_the_bucket(&source) => target.not_found(),
            other => self.failure(what, other),
        }
    }

    /// The same where no single object is meant.
    pub(super) fn failure(&self, what: &'static str, source: object_store::Error) -> ArtifactError {
        use object_store::Error;
        let store = format!("{}://{}", self.address.scheme.name(), self.address.bucket);
        match source {
            Error::NotFound { .. } => ArtifactError::NoBucket { store, source },
            other if is_about_the_bucket(&other) => ArtifactError::NoBucket { store, source: other },
            Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => {
                ArtifactError::StoreRefuses { store, source }
            }
            Error::InvalidPath { .. } => InvalidPath.into(),
            other => ArtifactError::StoreFailed {
                what,
                store,
                source: other.into(),
            },
        }
    }
}

/// Whether the bucket is missing and not an object in it.
fn is_about_the_bucket(error: &object_store::Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        let text = error.to_string();
        if text.contains("NoSuchBucket") || text.contains("ContainerNotFound") {
            return true;
        }
        cause = error.source();
    }
    false
}

/// How requests are sent to any store.
pub(super) fn client_options(
    environment: &Environment,
    endpoint: Option<&str>,
) -> std::result::Result<ClientOptions, StoreSettingsError> {
    let is_plain = endpoint.is_some_and(|endpoint| endpoint.starts_with("http://"));
    let mut options = ClientOptions::new()
        .with_allow_http(is_plain)
        .with_connect_timeout(CONNECT_TIMEOUT)
        .with_read_timeout(READ_TIMEOUT)
        // Of the whole transfer, which takes as long as it takes.
        .with_timeout_disabled();
    if let Some(proxy) = environment.proxy(is_plain) {
        options = options.with_proxy_url(proxy);
        if let Some(excluded) = environment.proxy_excludes() {
            options = options.with_proxy_excludes(excluded);
        }
    }
    Ok(options)
}

/// How often requests are repeated that failed for a reason that may go away.
pub(super) fn retries() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(2),
            base: 2.0,
        },
        max_retries: 6,
        retry_timeout: RETRIED_FOR,
    }
}
