//! The S3 family: which settings mean what.
//!
//! Source: operations.md, section 4; the order of places for credentials is that of the AWS SDKs.

use object_store::Certificate;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};

use super::address::{ObjectAddress, Scheme};
use super::aws_files::Profile;
use super::bucket::{client_options, retries};
use super::upload_extras::UploadExtras;
use super::{Environment, StoreSettingsError};

const DEFAULT_REGION: &str = "us-east-1";

/// Variables whose values the store is given as they are, if nothing before them has credentials.
const PASSED_ON: [(&str, AmazonS3ConfigKey); 8] = [
    (
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        AmazonS3ConfigKey::WebIdentityTokenFile,
    ),
    ("AWS_ROLE_ARN", AmazonS3ConfigKey::RoleArn),
    ("AWS_ROLE_SESSION_NAME", AmazonS3ConfigKey::RoleSessionName),
    ("AWS_ENDPOINT_URL_STS", AmazonS3ConfigKey::StsEndpoint),
    (
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        AmazonS3ConfigKey::ContainerCredentialsRelativeUri,
    ),
    (
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        AmazonS3ConfigKey::ContainerCredentialsFullUri,
    ),
    (
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        AmazonS3ConfigKey::ContainerAuthorizationTokenFile,
    ),
    (
        "AWS_EC2_METADATA_SERVICE_ENDPOINT",
        AmazonS3ConfigKey::MetadataEndpoint,
    ),
];

/// Reads the settings of a bucket.
pub(super) fn open(
    address: &ObjectAddress,
    environment: &Environment,
    extras: &UploadExtras,
) -> Result<AmazonS3, StoreSettingsError> {
    if environment.get("MLFLOW_S3_EXPECTED_BUCKET_OWNER").is_some() {
        return Err(StoreSettingsError::new(
            "`MLFLOW_S3_EXPECTED_BUCKET_OWNER` is set, which this server cannot check; grant its credentials access to \
             the right buckets only, and unset the variable",
        ));
    }
    let profile = Profile::read(environment)?;
    let endpoint = endpoint(address, environment, &profile);
    let region = environment
        .first(&["AWS_REGION", "AWS_DEFAULT_REGION"])
        .or(profile.get("region"))
        .unwrap_or(if address.scheme == Scheme::R2 {
            "auto"
        } else {
            DEFAULT_REGION
        });
    let is_virtual = is_virtual_hosted(environment, endpoint.is_some())?;
    let mut options = client_options(environment, endpoint.as_deref())?;
    if environment.is_on("MLFLOW_S3_IGNORE_TLS")? {
        options = options.with_allow_invalid_certificates(true);
    }
    if let Some(bundle) = environment.get("AWS_CA_BUNDLE").or(profile.get("ca_bundle")) {
        for certificate in certificates(bundle)? {
            options = options.with_root_certificate(certificate);
        }
    }
    let is_plain = endpoint
        .as_deref()
        .is_some_and(|endpoint| endpoint.starts_with("http://"));
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&address.bucket)
        .with_region(region)
        .with_client_options(options)
        .with_retry(retries())
        // As the SDKs do: over TLS the bytes are protected already.
        .with_unsigned_payload(!is_plain)
        .with_virtual_hosted_style_request(is_virtual);
    if let Some(endpoint) = endpoint {
        let endpoint = match endpoint.split_once("://") {
            // The host of that style has the bucket's name in it.
            Some((scheme, host)) if is_virtual => format!("{scheme}://{}.{host}", address.bucket),
            _ => endpoint,
        };
        builder = builder.with_endpoint(endpoint);
    }
    builder = with_credentials(builder, environment, &profile)?;
    Ok(extras.apply(builder)?.build()?)
}

fn endpoint(address: &ObjectAddress, environment: &Environment, profile: &Profile) -> Option<String> {
    if let Some(host) = &address.host {
        return Some(format!("https://{host}"));
    }
    let named = environment.first(&[
        "MLFLOW_S3_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_S3",
        "AWS_ENDPOINT_URL",
    ]);
    named
        .or(profile.get("endpoint_url"))
        .map(|endpoint| endpoint.trim_end_matches('/').to_owned())
}

/// Stores of one's own are asked by path unless they are said to know their buckets as hosts; AWS knows them.
fn is_virtual_hosted(environment: &Environment, is_own: bool) -> Result<bool, StoreSettingsError> {
    match environment.get("MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE") {
        None | Some("auto") => Ok(!is_own),
        Some("path") => Ok(false),
        Some("virtual") => Ok(true),
        Some(other) => Err(StoreSettingsError::new(format!(
            "`MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE` is `{other}`; it can be `auto`, `path` or `virtual`"
        ))),
    }
}

fn with_credentials(
    mut builder: AmazonS3Builder,
    environment: &Environment,
    profile: &Profile,
) -> Result<AmazonS3Builder, StoreSettingsError> {
    let of_environment = (
        environment.get("AWS_ACCESS_KEY_ID"),
        environment.get("AWS_SECRET_ACCESS_KEY"),
        environment.first(&["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"]),
    );
    let of_profile = (
        profile.get("aws_access_key_id"),
        profile.get("aws_secret_access_key"),
        profile.get("aws_session_token"),
    );
    for (key, secret, token) in [of_environment, of_profile] {
        match (key, secret) {
            (Some(key), Some(secret)) => {
                builder = builder.with_access_key_id(key).with_secret_access_key(secret);
                return Ok(match token {
                    Some(token) => builder.with_token(token),
                    None => builder,
                });
            }
            (None, None) => {}
            _ => {
                return Err(StoreSettingsError::new(
                    "one of `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` is set, and the other one is not",
                ));
            }
        }
    }
    profile.refuse_unknown_sources()?;
    let mut has_source = false;
    for (name, key) in PASSED_ON {
        if let Some(value) = environment.get(name) {
            builder = builder.with_config(key, value);
            has_source |= !name.starts_with("AWS_E") && name != "AWS_ROLE_SESSION_NAME";
        }
    }
    for (name, key) in [
        ("web_identity_token_file", AmazonS3ConfigKey::WebIdentityTokenFile),
        ("role_arn", AmazonS3ConfigKey::RoleArn),
        ("role_session_name", AmazonS3ConfigKey::RoleSessionName),
    ] {
        if let Some(value) = profile.get(name) {
            builder = builder.with_config(key, value);
            has_source = true;
        }
    }
    if !has_source && environment.is_on("AWS_EC2_METADATA_DISABLED")? {
        return Err(StoreSettingsError::new(
            "there are no credentials for S3: set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, or `AWS_PROFILE`, or let \
             `AWS_EC2_METADATA_DISABLED` be false on a machine of AWS",
        ));
    }
    Ok(builder)
}

fn certificates(path: &str) -> Result<Vec<Certificate>, StoreSettingsError> {
    let pem = std::fs::read(path).map_err(|error| {
        StoreSettingsError::new(format!("could not read `{path}`, the `AWS_CA_BUNDLE`: {error}"))
    })?;
    Ok(Certificate::from_pem_bundle(&pem)?)
}
