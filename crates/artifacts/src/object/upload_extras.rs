//! What uploads to S3 carry besides their bytes: `MLFLOW_S3_UPLOAD_EXTRA_ARGS`.

use std::collections::BTreeMap;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::{Attribute, Attributes, PutMultipartOptions, PutOptions, TagSet};
use serde_json::Value as Json;

use super::{Environment, StoreSettingsError};
use crate::path::ArtifactPath;

const VARIABLE: &str = "MLFLOW_S3_UPLOAD_EXTRA_ARGS";

/// Arguments of uploads, with the names that boto3 gives them.
#[derive(Debug, Default, Clone)]
pub(super) struct UploadExtras {
    attributes: Vec<(Attribute, String)>,
    tags: TagSet,
    settings: Vec<(AmazonS3ConfigKey, String)>,
}

impl UploadExtras {
    /// Reads the variable: a JSON object. What this program cannot send is an error, as leaving it out might store something
    /// without its encryption or with other rights.
    pub(super) fn of_s3(environment: &Environment) -> Result<Self, StoreSettingsError> {
        let Some(text) = environment.get(VARIABLE) else {
            return Ok(Self::default());
        };
        let arguments: BTreeMap<String, Json> = serde_json::from_str(text)
            .map_err(|error| StoreSettingsError::new(format!("`{VARIABLE}` is no JSON object: {error}")))?;
        let mut extras = Self::default();
        for (name, value) in arguments {
            extras.add(&name, &value)?;
        }
        Ok(extras)
    }

    fn add(&mut self, name: &str, value: &Json) -> Result<(), StoreSettingsError> {
        let text = || -> Result<String, StoreSettingsError> {
            match value {
                Json::String(text) => Ok(text.clone()),
                Json::Bool(is_on) => Ok(is_on.to_string()),
                _ => Err(StoreSettingsError::new(format!(
                    "`{name}` of `{VARIABLE}` is no text"
                ))),
            }
        };
        let mut attribute = |attribute| -> Result<(), StoreSettingsError> {
            self.attributes.push((attribute, text()?));
            Ok(())
        };
        match name {
            "ContentType" => attribute(Attribute::ContentType),
            "ContentEncoding" => attribute(Attribute::ContentEncoding),
            "ContentLanguage" => attribute(Attribute::ContentLanguage),
            "ContentDisposition" => attribute(Attribute::ContentDisposition),
            "CacheControl" => attribute(Attribute::CacheControl),
            "StorageClass" => attribute(Attribute::StorageClass),
            "Metadata" => self.add_metadata(value),
            "Tagging" => {
                for (key, value) in url_pairs(&text()?) {
                    self.tags.push(&key, &value);
                }
                Ok(())
            }
            "ServerSideEncryption" | "SSEKMSKeyId" | "BucketKeyEnabled" | "RequestPayer" => {
                let (key, text) = encryption(name, &text()?)?;
                self.settings.push((key, text));
                Ok(())
            }
            other => Err(StoreSettingsError::new(format!(
                "`{other}` of `{VARIABLE}` is nothing this server can send with an upload; it can send BucketKeyEnabled, \
                 CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, ContentType, Metadata, RequestPayer, \
                 ServerSideEncryption, SSEKMSKeyId, StorageClass and Tagging"
            ))),
        }
    }

    fn add_metadata(&mut self, value: &Json) -> Result<(), StoreSettingsError> {
        let wrong = || StoreSettingsError::new(format!("`Metadata` of `{VARIABLE}` is no object of texts"));
        for (key, value) in value.as_object().ok_or_else(wrong)? {
            let value = value.as_str().ok_or_else(wrong)?;
            self.attributes
                .push((Attribute::Metadata(key.clone().into()), value.to_owned()));
        }
        Ok(())
    }

    /// Tells a store what all uploads are encrypted with.
    pub(super) fn apply(&self, mut builder: AmazonS3Builder) -> Result<AmazonS3Builder, StoreSettingsError> {
        for (key, value) in &self.settings {
            builder = builder.with_config(*key, value);
        }
        Ok(builder)
    }

    pub(super) fn for_put(&self, path: &ArtifactPath) -> PutOptions {
        PutOptions {
            attributes: self.attributes_of(path),
            tags: self.tags.clone(),
            ..PutOptions::default()
        }
    }

    pub(super) fn for_multipart(&self, path: &ArtifactPath) -> PutMultipartOptions {
        PutMultipartOptions {
            attributes: self.attributes_of(path),
            tags: self.tags.clone(),
            ..PutMultipartOptions::default()
        }
    }

    /// The content type is guessed from the name, as MLflow does, unless the variable names one.
    fn attributes_of(&self, path: &ArtifactPath) -> Attributes {
        let mut attributes = Attributes::new();
        let guessed = mime_guess::from_path(path.file_name()).first_raw();
        attributes.insert(
            Attribute::ContentType,
            guessed.unwrap_or("application/octet-stream").into(),
        );
        for (attribute, value) in &self.attributes {
            attributes.insert(attribute.clone(), value.clone().into());
        }
        attributes
    }
}

fn encryption(name: &str, text: &str) -> Result<(AmazonS3ConfigKey, String), StoreSettingsError> {
    use object_store::aws::AmazonS3ConfigKey as Key;
    let named = |text: &str| -> Result<Key, StoreSettingsError> { Ok(text.parse::<Key>()?) };
    Ok(match name {
        "ServerSideEncryption" => (named("aws_server_side_encryption")?, text.to_owned()),
        "SSEKMSKeyId" => (named("aws_sse_kms_key_id")?, text.to_owned()),
        "BucketKeyEnabled" => (named("aws_sse_bucket_key_enabled")?, text.to_owned()),
        _ => (named("aws_request_payer")?, (text == "requester").to_string()),
    })
}

/// The pairs of `a=1&b=2`, decoded.
fn url_pairs(text: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text.as_bytes())
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<UploadExtras, StoreSettingsError> {
        UploadExtras::of_s3(&Environment::new([(VARIABLE.to_owned(), text.to_owned())]))
    }

    #[test]
    fn arguments_are_those_of_boto() {
        let extras = read(
            r#"{"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "k", "StorageClass": "STANDARD_IA",
                "Metadata": {"team": "a"}, "Tagging": "a=1&b=x%20y"}"#,
        )
        .unwrap();
        let put = extras.for_put(&ArtifactPath::parse("a/plot.png").unwrap());
        assert_eq!(put.tags.encoded(), "a=1&b=x+y");
        let get = |attribute| put.attributes.get(&attribute).map(|value| value.to_string());
        assert_eq!(get(Attribute::ContentType).as_deref(), Some("image/png"));
        assert_eq!(get(Attribute::StorageClass).as_deref(), Some("STANDARD_IA"));
        assert_eq!(get(Attribute::Metadata("team".into())).as_deref(), Some("a"));
        assert_eq!(extras.settings.len(), 2);
    }

    #[test]
    fn what_cannot_be_sent_is_an_error() {
        for text in [
            r#"{"ACL": "public-read"}"#,
            r#"{"SSECustomerKey": "x"}"#,
            r#"{"Metadata": "x"}"#,
            r#"{"StorageClass": 1}"#,
            "[]",
            "x",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
