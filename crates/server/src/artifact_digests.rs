//! Artifacts with the checksums of what came through this server.
//!
//! A checksum is kept once the artifact is on disk, and looked up when one is read. Neither ever fails a request: what the
//! database does not say in time is unknown.

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use futures::Stream;
use oxflow_artifacts::{
    ArtifactFile, ArtifactPath, ArtifactPlace, DonePart, Result, ServableLocation, Stored, UploadLimits,
};
use oxflow_core::Clock;
use oxflow_store::{ArtifactDigest, Store, StoreError};

use crate::App;

/// How long a request waits for the database that keeps checksums.
const WAIT_LIMIT: Duration = Duration::from_secs(1);

impl App {
    /// Stores an artifact and keeps its checksum: [`Artifacts::put`](oxflow_artifacts::Artifacts::put).
    pub(crate) async fn put_artifact<S, E>(
        &self,
        at: &ServableLocation,
        path: &ArtifactPath,
        body: S,
        limits: UploadLimits,
    ) -> Result<()>
    where
        S: Stream<Item = std::result::Result<Bytes, E>> + Send,
        E: Into<Box<dyn Error + Send + Sync>> + Send,
    {
        let place = at.place(path)?;
        let stored = self.artifacts.put(at, path, body, limits).await?;
        keep(&self.store, place, stored, &self.clock).await;
        Ok(())
    }

    /// Makes an artifact of the parts of an upload, and keeps its checksum if they came through this server.
    pub(crate) async fn complete_artifact(
        &self,
        at: &ServableLocation,
        path: &ArtifactPath,
        id: &str,
        parts: Vec<DonePart>,
    ) -> Result<()> {
        let place = at.place(path)?;
        match self.artifacts.complete_parts(at, path, id, parts).await? {
            Some(stored) => keep(&self.store, place, stored, &self.clock).await,
            None => forget(&self.store, &place).await,
        }
        Ok(())
    }

    /// Opens an artifact with its checksum, if that is known: [`Artifacts::open_file`](oxflow_artifacts::Artifacts::open_file).
    pub(crate) async fn open_artifact(
        &self,
        at: &ServableLocation,
        path: &ArtifactPath,
    ) -> Result<ArtifactFile> {
        let place = at.place(path)?;
        let file = self.artifacts.open_file(at, path).await?;
        let known = in_time(self.store.artifact_digest(&place.tree, place.path.as_str())).await;
        Ok(match known {
            Ok(Some(kept)) if kept.etag == file.store_etag() => file.with_sha256(kept.sha256),
            Ok(_) => file,
            Err(error) => {
                tracing::debug!("the checksum of {} is not known: {error}", place.path);
                file
            }
        })
    }

    /// Deletes an artifact or a folder, and what is known of them.
    pub(crate) async fn delete_artifact(&self, at: &ServableLocation, path: &ArtifactPath) -> Result<()> {
        let place = at.place(path)?;
        self.artifacts.delete(at, path).await?;
        forget(&self.store, &place).await;
        Ok(())
    }

    /// Forgets what was known of an artifact that somebody will replace beside this server.
    pub(crate) async fn forget_digest(&self, at: &ServableLocation, path: &ArtifactPath) -> Result<()> {
        forget(&self.store, &at.place(path)?).await;
        Ok(())
    }
}

async fn keep(store: &Store, place: ArtifactPlace, stored: Stored, clock: &Clock) {
    // Without a tag nobody could tell later whether the file is still the same.
    let Some(etag) = stored.etag else { return };
    let digest = ArtifactDigest {
        path: place.path.to_string(),
        sha256: stored.sha256,
        size_bytes: stored.size_bytes,
        etag,
        recorded_time_ms: clock.now_ms(),
    };
    if let Err(error) = in_time(store.keep_artifact_digest(&place.tree, digest)).await {
        tracing::warn!("the checksum of {} was not kept: {error}", place.path);
    }
}

/// Forgets what is known of an artifact, or of all in a folder. What stays known of a file that is gone harms nobody.
pub(crate) async fn forget(store: &Store, place: &ArtifactPlace) {
    let forgotten = in_time(store.forget_artifact_digests(&place.tree, place.path.as_str()));
    if let Err(error) = forgotten.await {
        tracing::warn!("the checksums of {} were not forgotten: {error}", place.path);
    }
}

/// Why a checksum was not kept or found.
#[derive(Debug, thiserror::Error)]
enum NotDone {
    #[error(transparent)]
    Database(#[from] StoreError),
    #[error("the database took longer than {} s", WAIT_LIMIT.as_secs())]
    TooSlow,
}

async fn in_time<T>(
    call: impl Future<Output = std::result::Result<T, StoreError>>,
) -> std::result::Result<T, NotDone> {
    match tokio::time::timeout(WAIT_LIMIT, call).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(NotDone::TooSlow),
    }
}
