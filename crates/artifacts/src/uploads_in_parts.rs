//! Uploads in parts, and URLs that clients are sent to.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::Stream;

use crate::artifacts::{Artifacts, ServableLocation, Store};
use crate::error::{ArtifactError, Result};
use crate::local_parts::Turn;
use crate::object::{PartUrl, PresignedUrl};
use crate::parts::DonePart;
use crate::path::ArtifactPath;
use crate::upload::{Body, NotHashed, Stored, UploadLimits, write};

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

/// How an upload became an artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Completed {
    /// By this call, in a folder.
    Made(Stored),
    /// By an earlier call with the same parts. Others may have replaced the artifact since.
    MadeBefore(Stored),
    /// In an object store, which does not say what it is.
    ByTheStore,
}

/// How long to wait before looking again whether somebody else is done with an upload: on other servers there is nobody to ask.
const TURN_EVERY: Duration = Duration::from_millis(50);

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
                let id = self
                    .workers
                    .run(move || store.begin_parts(&target, parts))
                    .await?;
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
        // Only the whole is hashed.
        let mut body = Body::<_, NotHashed>::new(stream, limits)?;
        let file = {
            let (store, target, id) = (Arc::clone(&store), Arc::clone(&target), id.clone());
            let length = limits.expected_bytes;
            let begin = move || store.begin_part(&target, &id, number, length);
            self.workers.run(begin).await?
        };
        let file = write(file, &self.workers, &mut body).await?;
        self.workers
            .run(move || store.keep_part(file, &target, &id, number))
            .await
    }

    /// Makes an artifact of the parts of an upload: readers see all of it or nothing. In a folder, a call with the same parts
    /// again finds that it is done, for an hour. One that fails may be repeated.
    pub async fn complete_parts(
        &self,
        at: &ServableLocation,
        path: &ArtifactPath,
        id: &str,
        mut done: Vec<DonePart>,
    ) -> Result<Completed> {
        let target = at.target(path)?;
        done.sort_by_key(|part| part.number);
        match at.store.clone() {
            Store::Object(store) => {
                store.complete_multipart(&target, id, done).await?;
                Ok(Completed::ByTheStore)
            }
            Store::Local(store) => {
                let (id, done): (Arc<str>, Arc<[_]>) = (id.into(), done.into());
                let target = Arc::new(target);
                self.in_turn(|| {
                    let (store, target) = (Arc::clone(&store), Arc::clone(&target));
                    let (id, done) = (Arc::clone(&id), Arc::clone(&done));
                    move || store.complete_parts(&target, &id, &done)
                })
                .await
            }
            Store::Http(store) => Err(store.only_read("complete the upload")),
        }
    }

    /// Takes back what has come of an upload. One that is not there, or was completed, is fine.
    pub async fn abort_parts(&self, at: &ServableLocation, path: &ArtifactPath, id: &str) -> Result<()> {
        let target = at.target(path)?;
        match at.store.clone() {
            Store::Local(store) => {
                let (id, target): (Arc<str>, _) = (id.into(), Arc::new(target));
                self.in_turn(|| {
                    let (store, target, id) = (Arc::clone(&store), Arc::clone(&target), Arc::clone(&id));
                    move || store.abort_parts(&target, &id)
                })
                .await
            }
            Store::Object(store) => store.abort_multipart(&target, id).await,
            Store::Http(store) => Err(store.only_read("abort the upload")),
        }
    }

    /// Does what only one does at a time to an upload. Whoever waits takes no thread meanwhile.
    async fn in_turn<T, F>(&self, mut attempt: impl FnMut() -> F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<Turn<T>> + Send + 'static,
    {
        loop {
            match self.workers.run(attempt()).await? {
                Turn::Done(done) => return Ok(done),
                Turn::Later => tokio::time::sleep(TURN_EVERY).await,
            }
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
