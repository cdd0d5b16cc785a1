//! Google Cloud Storage: which settings mean what.
//!
//! Source: operations.md, section 4.

use std::sync::Arc;

use object_store::StaticCredentialProvider;
use object_store::gcp::{GcpCredential, GoogleCloudStorage, GoogleCloudStorageBuilder};

use super::address::ObjectAddress;
use super::bucket::{client_options, retries};
use super::{Environment, StoreSettingsError};

/// Reads the settings of a bucket. Without a file of credentials they come from the machine's metadata service.
pub(super) fn open(
    address: &ObjectAddress,
    environment: &Environment,
) -> Result<GoogleCloudStorage, StoreSettingsError> {
    let emulator = environment.get("STORAGE_EMULATOR_HOST").map(|host| {
        let host = host.trim_end_matches('/');
        if host.contains("://") {
            host.to_owned()
        } else {
            format!("http://{host}")
        }
    });
    let mut builder = GoogleCloudStorageBuilder::new()
        .with_bucket_name(&address.bucket)
        .with_client_options(client_options(environment, emulator.as_deref())?)
        .with_retry(retries());
    if let Some(emulator) = &emulator {
        // Emulators take everything from everybody. Uploads ask for a token all the same, which must not come from the machine.
        let nobody = GcpCredential {
            bearer: String::new(),
        };
        builder = builder
            .with_base_url(emulator)
            .with_skip_signature(true)
            .with_credentials(Arc::new(StaticCredentialProvider::new(nobody)));
    } else if let Some(path) = environment.get("GOOGLE_APPLICATION_CREDENTIALS") {
        builder = builder.with_application_credentials(path);
    }
    Ok(builder.build()?)
}
