//! Uploads in parts and downloads that clients do themselves, by URLs that are signed for them.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use object_store::multipart::PartId;
use object_store::signer::SignedUrlOptions;
use object_store::{GetOptions, path::Path as Key};
use reqwest::Method;
use url::Url;

use super::bucket::ObjectFolder;
use crate::error::{Result, Target};
use crate::parts::{DonePart, InvalidParts};

/// Where a client sends one part of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartUrl {
    /// Counts from 1.
    pub number: u32,
    /// Where it is to be PUT.
    pub url: String,
}

/// Where a client gets an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresignedUrl {
    /// Where it is to be got from.
    pub url: String,
    /// Its size in bytes.
    pub size_bytes: u64,
}

impl ObjectFolder {
    /// Begins an upload in parts.
    pub(crate) async fn begin_multipart(
        &self,
        target: &Target,
        parts: u32,
        valid_for: Duration,
    ) -> Result<(String, Vec<PartUrl>)> {
        let what = "begin the upload";
        let key = self.key(&target.full)?;
        let failed = |error| self.error(what, target, error);
        let id = if self.is_azure() {
            // Blocks belong to no upload there; a name of its own keeps them apart from those of another one.
            uuid::Uuid::new_v4().simple().to_string()
        } else {
            let options = self.extras.for_multipart(&target.full);
            self.store
                .create_multipart_opts(&key, options)
                .await
                .map_err(failed)?
        };
        let mut urls = Vec::new();
        for number in 1..=parts {
            let url = self
                .part_url(&key, &id, number, valid_for)
                .await
                .map_err(failed)?;
            urls.push(PartUrl { number, url });
        }
        Ok((id, urls))
    }

    async fn part_url(
        &self,
        key: &Key,
        id: &str,
        number: u32,
        valid_for: Duration,
    ) -> object_store::Result<String> {
        if self.is_azure() {
            let mut url = self.signed_url(Method::PUT, key, valid_for).await?;
            url.query_pairs_mut()
                .append_pair("comp", "block")
                .append_pair("blockid", &STANDARD.encode(block(id, number)));
            return Ok(url.into());
        }
        let number = number.to_string();
        let options =
            SignedUrlOptions::default().with_query([("partNumber", number.as_str()), ("uploadId", id)]);
        let url = self
            .store
            .signed_url_opts(Method::PUT, key, valid_for, &options)
            .await?;
        Ok(url.into())
    }

    /// Makes an object of the parts of an upload.
    pub(crate) async fn complete_multipart(
        &self,
        target: &Target,
        id: &str,
        done: Vec<DonePart>,
    ) -> Result<()> {
        let key = self.key(&target.full)?;
        let numbers: BTreeSet<u32> = done.iter().map(|part| part.number).collect();
        if numbers.len() != done.len()
            || numbers
                .iter()
                .zip(1..)
                .any(|(number, expected)| *number != expected)
        {
            return Err(InvalidParts.into());
        }
        let mut done = done;
        done.sort_unstable_by_key(|part| part.number);
        let parts = done.into_iter().map(|part| PartId {
            content_id: if self.is_azure() {
                block(id, part.number)
            } else {
                part.etag
            },
        });
        let completed = self
            .store
            .complete_multipart(&key, &id.to_owned(), parts.collect())
            .await;
        completed
            .map(drop)
            .map_err(|error| self.error("complete the upload", target, error))
    }

    /// Takes the parts of an upload back. One that is not there is fine.
    pub(crate) async fn abort_multipart(&self, target: &Target, id: &str) -> Result<()> {
        let key = self.key(&target.full)?;
        match self.store.abort_multipart(&key, &id.to_owned()).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(self.error("abort the upload", target, error)),
        }
    }

    /// Where a client gets an object that is there.
    pub(crate) async fn presigned_download(
        &self,
        target: &Target,
        valid_for: Duration,
    ) -> Result<PresignedUrl> {
        let key = self.key(&target.full)?;
        let failed = |error| self.error("sign the download", target, error);
        let found = self.store.get_opts(&key, GetOptions::new().with_head(true)).await;
        let size_bytes = found.map_err(failed)?.meta.size;
        let url = self.signed_url(Method::GET, &key, valid_for).await;
        Ok(PresignedUrl {
            url: url.map_err(failed)?.into(),
            size_bytes,
        })
    }

    /// Where a client puts an object.
    pub(crate) async fn presigned_upload(&self, target: &Target, valid_for: Duration) -> Result<String> {
        let key = self.key(&target.full)?;
        let url = self.signed_url(Method::PUT, &key, valid_for).await;
        Ok(url
            .map_err(|error| self.error("sign the upload", target, error))?
            .into())
    }

    async fn signed_url(&self, method: Method, key: &Key, valid_for: Duration) -> object_store::Result<Url> {
        let permissions = if method == Method::PUT { "cw" } else { "r" };
        let mut url = self.store.signed_url(method, key, valid_for).await?;
        if let Some(account) = &self.account_key {
            url.set_query(None);
            let blob = format!("{}/{key}", self.address.bucket);
            account.sign(&mut url, &blob, permissions, SystemTime::now(), valid_for);
        }
        Ok(url)
    }
}

/// The name of an Azure block. All of a blob have to be equally long.
fn block(id: &str, number: u32) -> String {
    format!("{id}-{number:05}")
}
