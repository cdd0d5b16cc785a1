//! Uploads in parts, and URLs that clients are sent to.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::Stream;
use sha2::{Digest, Sha256};

use crate::artifacts::{Artifacts, ServableLocation, Store};
use crate::error::{ArtifactError, Result};
use crate::object::{PartUrl, PresignedUrl};
use crate::parts::DonePart;
use crate::path::ArtifactPath;
use crate::upload::{Body, Stored, UploadLimits, write};

/// Where the parts of a new upload go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewUpload {
    /// To the object store, each to its URL.
    ToStore {
        /// Names the upload.
        id: String,
        /// The URLs, from the first part on.
        parts: Vec<PartUrl>,
    },
    /// To this server, which keeps them in its folder: [`Artifacts::put_part`].
    ToServer {
        /// Names the upload.
        id: String,
    },
}

impl Artifacts {
    /// Begins an upload in parts; URLs of the store are valid for so long. An upload to a folder is given up when it got no
    /// part for an hour.
    pub async fn begin_parts(
        &self,
        at: &ServableLocation,
        path: &ArtifactPath,
        parts: u32,
        valid_for: Duration,
    ) -> Result<NewUpload> {
        let target = at.target(path)?;
        match at.store.clone() {
            Store::Local(store) => {
                let id = self.workers.run(move || store.begin_parts(&target)).await?;
                Ok(NewUpload::ToServer { id })
            }
            Store::Object(store) => {
                let (id, parts) = store.begin_multipart(&target, parts, valid_for).await?;
                Ok(NewUpload::ToStore { id, parts })
            }
            Store::Http(store) => Err(store.only_read("begin the upload")),
        }
    }

    /// Keeps a part of an upload to a folder, and returns its entity tag, without quotes. Of several of one number the tag says
    /// which is meant.
    pub async fn put_part<S, E>(
        &self,
        at: &ServableLocation,
        path: &ArtifactPath,
        part: (&str, u32),
        body: S,
        limits: UploadLimits,
    ) -> Result<String>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: Into<Box<dyn Error + Send + Sync>> + Send,
    {
        let (id, number) = (part.0.to_owned(), part.1);
        let Store::Local(store) = at.store.clone() else {
            return Err(ArtifactError::NotAFolder {
                what: "take a part of the upload",
            });
        };
        let target = Arc::new(at.target(path)?);
        let stream = std::pin::pin!(body);
        let mut body = Body::new(stream, limits)?;
        let temp = {
            let (store, target, id) = (Arc::clone(&store), Arc::clone(&target), id.clone());
            self.workers.run(move || store.begin_part(&target, &id)).await?
        };
        let temp = write(temp, &self.workers, &mut body).await?;
        self.workers
            .run(move || store.keep_part(temp, &target, &id, number))
            .await
    }

    /// Makes an artifact of the parts of an upload: readers see all of it or nothing. What it is is known of uploads to a
    /// folder only.
    pub async fn complete_parts(
        &self,
        at: &ServableLocation,
        path: &ArtifactPath,
        id: &str,
        mut done: Vec<DonePart>,
    ) -> Result<Option<Stored>> {
        let (target, id) = (at.target(path)?, id.to_owned());
        done.sort_by_key(|part| part.number);
        match at.store.clone() {
            Store::Object(store) => {
                store.complete_multipart(&target, &id, done).await?;
                Ok(None)
            }
            Store::Local(store) => {
                let complete = move || {
                    let (mut size_bytes, mut digest) = (0, Sha256::new());
                    let etag = store.complete_parts(&target, &id, &done, |bytes| {
                        size_bytes += bytes.len() as u64;
                        digest.update(bytes);
                    })?;
                    Ok(Stored {
                        size_bytes,
                        sha256: <[u8; 32]>::from(digest.finalize()).into(),
                        etag,
                    })
                };
                self.workers.run(complete).await.map(Some)
            }
            Store::Http(store) => Err(store.only_read("complete the upload")),
        }
    }

    /// Takes back what has come of an upload. One that is not there is fine.
    pub async fn abort_parts(&self, at: &ServableLocation, path: &ArtifactPath, id: &str) -> Result<()> {
        let (target, id) = (at.target(path)?, id.to_owned());
        match at.store.clone() {
            Store::Local(store) => self.workers.run(move || store.abort_parts(&target, &id)).await,
            Store::Object(store) => store.abort_multipart(&target, &id).await,
            Store::Http(store) => Err(store.only_read("abort the upload")),
        }
    }

    /// Where a client gets an artifact of an object store; `None` if it is in a folder.
    pub async fn presigned_download(
        &self,
        at: &ServableLocation,
        path: &ArtifactPath,
        valid_for: Duration,
    ) -> Result<Option<PresignedUrl>> {
        match &at.store {
            Store::Local(_) => Ok(None),
            Store::Object(store) => store
                .presigned_download(&at.target(path)?, valid_for)
                .await
                .map(Some),
            // A plain URL would be good for ever, and lead clients past the rights of this server.
            Store::Http(store) => Err(store.only_read("sign the download")),
        }
    }

    /// Where a client puts an artifact into an object store; `None` if it goes to a folder.
    pub async fn presigned_upload(
        &self,
        at: &ServableLocation,
        path: &ArtifactPath,
        valid_for: Duration,
    ) -> Result<Option<String>> {
        match &at.store {
            Store::Local(_) => Ok(None),
            Store::Object(store) => store
                .presigned_upload(&at.target(path)?, valid_for)
                .await
                .map(Some),
            Store::Http(store) => Err(store.only_read("sign the upload")),
        }
    }

    /// The key that URLs to a folder are signed with; made from `fresh` if there is none yet. `None` in an object store, which
    /// has keys of its own.
    pub async fn signing_key(&self, at: &ServableLocation, fresh: [u8; 32]) -> Result<Option<[u8; 32]>> {
        match at.store.clone() {
            Store::Local(store) => self.workers.run(move || store.signing_key(fresh)).await.map(Some),
            Store::Object(_) => Ok(None),
            Store::Http(store) => Err(store.only_read("sign a URL")),
        }
    }
}
