//! Artifacts with the checksums of what came through this server.
//!
//! A checksum is kept once the artifact is on disk, and looked up when one is read. Neither ever fails a request: what the
//! database does not say in time is unknown.
//!
//! Storing an artifact and keeping its checksum are two steps, between which others may store the same artifact. Who finds
//! that the checksum before was kept during the own upload looks at the store's tag, and gives way if the bytes there are not
//! the own ones. Others on this server wait meanwhile; others on another one can at worst leave no checksum, never a wrong one.

use std::error::Error;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use bytes::Bytes;
use futures::Stream;
use oxflow_artifacts::{
    ArtifactFile, ArtifactPath, ArtifactPlace, Completed, DonePart, Result, ServableLocation, Stored,
    UploadLimits,
};
use oxflow_store::{ArtifactDigest, Store, StoreError};
use tokio::sync::Mutex;

use crate::App;

/// How long a request waits for the database that keeps checksums.
const WAIT_LIMIT: Duration = Duration::from_secs(1);

/// Artifacts whose digests are kept at one time; of two with the same turn, one after the other.
const TURNS: usize = 64;

/// How far the clocks of two servers on one database may differ, ms.
const MOST_CLOCKS_DIFFER_MS: i64 = 60_000;

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
        let started_ms = self.clock.now_ms();
        let stored = self.artifacts.put(at, path, body, limits).await?;
        self.keep_digest(at, path, place, stored, started_ms).await;
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
        let started_ms = self.clock.now_ms();
        match self.artifacts.complete_parts(at, path, id, parts).await? {
            Completed::Made(stored) => self.keep_digest(at, path, place, stored, started_ms).await,
            // Whoever completed it first may have been gone before the checksum was kept.
            Completed::MadeBefore(stored) => {
                let there = self.artifacts.open_file(at, path).await;
                if there.is_ok_and(|file| stored.etag.as_deref() == Some(file.store_etag())) {
                    self.keep_digest(at, path, place, stored, started_ms).await;
                }
            }
            Completed::ByTheStore => forget(&self.store, &place).await,
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

    /// Keeps the digest of what was just stored. Of several who store the same artifact at once, the digest of the one
    /// whose bytes are there is kept, whoever comes here last.
    async fn keep_digest(
        &self,
        at: &ServableLocation,
        path: &ArtifactPath,
        place: ArtifactPlace,
        stored: Stored,
        started_ms: i64,
    ) {
        // Without a tag nobody could tell later whether the file is still the same.
        let Some(etag) = stored.etag else { return };
        let own = ArtifactDigest {
            path: place.path.to_string(),
            sha256: stored.sha256,
            size_bytes: stored.size_bytes,
            etag,
            recorded_time_ms: self.clock.now_ms(),
        };
        let _turn = self.digest_turns.of(&place).lock().await;
        let (tree, etag) = (&*place.tree, own.etag.clone());
        let kept = async {
            let replaced = in_time(self.store.keep_artifact_digest(tree, own)).await?;
            let at_once = started_ms.saturating_sub(MOST_CLOCKS_DIFFER_MS);
            let Some(rival) = replaced.filter(|replaced| replaced.recorded_time_ms >= at_once) else {
                return Ok(());
            };
            let there = self.artifacts.open_file(at, path).await;
            let there = there.as_ref().map(ArtifactFile::store_etag).unwrap_or_default();
            if there == etag {
                return Ok(());
            }
            // Somebody else's bytes came later; their digest is the one before ours, or is about to be kept.
            let instead = Some(rival).filter(|rival| rival.etag == there && !there.is_empty());
            let path = place.path.as_str();
            in_time(self.store.take_artifact_digest_back(tree, path, &etag, instead)).await
        };
        if let Err(error) = kept.await {
            let error: NotDone = error;
            tracing::warn!("the checksum of {} was not kept: {error}", place.path);
        }
    }
}

/// Who keeps the digest of an artifact waits until others of this server have kept theirs of it.
#[derive(Debug)]
pub struct DigestTurns(Vec<Mutex<()>>);

impl Default for DigestTurns {
    fn default() -> Self {
        Self((0..TURNS).map(|_| Mutex::new(())).collect())
    }
}

impl DigestTurns {
    fn of(&self, place: &ArtifactPlace) -> &Mutex<()> {
        let mut hasher = DefaultHasher::new();
        (&place.tree, place.path.as_str()).hash(&mut hasher);
        let turn = usize::try_from(hasher.finish() % TURNS as u64).unwrap_or_default();
        &self.0[turn]
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
