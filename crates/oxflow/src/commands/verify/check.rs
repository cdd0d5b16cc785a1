//! Reading one artifact and comparing it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures::TryStreamExt;
use oxflow_artifacts::{ArtifactError, ArtifactFile, ArtifactPath, Artifacts, ServableLocation};
use oxflow_core::{Clock, ContentDigest};
use oxflow_store::{ArtifactDigest, Store};
use sha2::{Digest, Sha256};

use super::stopped;
use crate::failure::{Failure, in_one_line};

/// How long a server may take to note the checksum of a file that it has stored.
const ON_ITS_WAY: Duration = Duration::from_secs(2);

/// What became of an artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Where it is below the root of its tree.
    pub path: String,
    /// Bytes that were read.
    pub read_bytes: u64,
    /// What was found.
    pub found: Found,
}

/// What was found of an artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// The bytes that came.
    Same,
    /// The bytes that came, in a file that was written again, as from a backup; that is noted.
    Restored,
    /// It had no checksum, and has one now.
    Added,
    /// It had a checksum already, or went away while files were listed.
    NothingToAdd,
    /// Other bytes in the file that was written then.
    Damaged(Difference),
    /// Other bytes, written by somebody else.
    Changed(Difference),
    /// What somebody else wrote, or removed, is noted now.
    Accepted,
    /// No file.
    Missing,
    /// The store failed.
    Unreadable(String),
}

/// Two digests that should be one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// That of the bytes that came.
    pub kept: ContentDigest,
    /// That of those which are there.
    pub there: ContentDigest,
}

/// Reads artifacts of a tree.
#[derive(Debug, Clone)]
pub struct Checker {
    pub artifacts: Artifacts,
    pub store: Store,
    pub root: ServableLocation,
    pub tree: Arc<str>,
    pub accepts_changes: bool,
}

/// What is in a file.
struct Content {
    sha256: ContentDigest,
    size_bytes: u64,
    etag: String,
    last_modified: SystemTime,
}

/// Why a file could not be read.
enum Unread {
    Missing,
    Failed(String),
}

impl From<Unread> for Found {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Missing => Self::Missing,
            Unread::Failed(why) => Self::Unreadable(why),
        }
    }
}

impl Checker {
    /// Reads an artifact that has a checksum.
    pub async fn compare(&self, kept: ArtifactDigest) -> Result<Outcome, Failure> {
        let mut kept = kept;
        loop {
            let outcome = self.look(&kept).await?;
            if matches!(outcome.found, Found::Same | Found::Unreadable(_)) {
                return Ok(outcome);
            }
            // A server may have stored another version, or deleted it, while this one was being read.
            let now = self.store.artifact_digest(&self.tree, &kept.path).await;
            match now.map_err(stopped)? {
                Some(now) if now == kept => return self.note(kept, outcome).await,
                Some(now) => kept = now,
                None => return Ok(outcome.with(Found::NothingToAdd)),
            }
        }
    }

    async fn look(&self, kept: &ArtifactDigest) -> Result<Outcome, Failure> {
        let outcome = |read_bytes, found| Outcome {
            path: kept.path.clone(),
            read_bytes,
            found,
        };
        let there = match ArtifactPath::parse(&kept.path) {
            Ok(path) => self.read(&path).await,
            Err(error) => Err(Unread::Failed(in_one_line(&error))),
        };
        let there = match there {
            Ok(there) => there,
            Err(unread) => return Ok(outcome(0, unread.into())),
        };
        let difference = Difference {
            kept: kept.sha256,
            there: there.sha256,
        };
        if there.etag != kept.etag && there.is_new() {
            tokio::time::sleep(ON_ITS_WAY).await;
        }
        let found = match (there.sha256 == kept.sha256, there.etag == kept.etag) {
            (true, true) => Found::Same,
            (true, false) => Found::Restored,
            (false, true) => Found::Damaged(difference),
            (false, false) => Found::Changed(difference),
        };
        Ok(outcome(there.size_bytes, found))
    }

    /// Notes what is to be noted of what was found.
    async fn note(&self, kept: ArtifactDigest, outcome: Outcome) -> Result<Outcome, Failure> {
        match outcome.found {
            Found::Missing if self.accepts_changes => {
                let forgotten = self.store.forget_artifact_digests(&self.tree, &kept.path).await;
                forgotten.map_err(stopped)?;
                Ok(outcome.with(Found::Accepted))
            }
            Found::Changed(_) if self.accepts_changes => self.renew(kept, outcome, Found::Accepted).await,
            Found::Restored => self.renew(kept, outcome, Found::Restored).await,
            _ => Ok(outcome),
        }
    }

    /// Reads it once more, so that what is noted is what is there.
    async fn renew(&self, kept: ArtifactDigest, outcome: Outcome, found: Found) -> Result<Outcome, Failure> {
        let Ok(path) = ArtifactPath::parse(&kept.path) else {
            return Ok(outcome);
        };
        match self.read(&path).await {
            Ok(there) => {
                self.keep(&path, there).await?;
                Ok(outcome.with(found))
            }
            Err(unread) => Ok(outcome.with(unread.into())),
        }
    }

    /// Notes the checksum of a file that has none.
    pub async fn add(&self, path: ArtifactPath) -> Result<Outcome, Failure> {
        let outcome = |read_bytes, found| Outcome {
            path: path.to_string(),
            read_bytes,
            found,
        };
        let known = self.store.artifact_digest(&self.tree, path.as_str()).await;
        if known.map_err(stopped)?.is_some() {
            return Ok(outcome(0, Found::NothingToAdd));
        }
        match self.read(&path).await {
            Ok(there) => {
                let read_bytes = there.size_bytes;
                self.keep(&path, there).await?;
                Ok(outcome(read_bytes, Found::Added))
            }
            Err(Unread::Missing) => Ok(outcome(0, Found::NothingToAdd)),
            Err(unread) => Ok(outcome(0, unread.into())),
        }
    }

    async fn keep(&self, path: &ArtifactPath, there: Content) -> Result<(), Failure> {
        let digest = ArtifactDigest {
            path: path.to_string(),
            sha256: there.sha256,
            size_bytes: there.size_bytes,
            etag: there.etag,
            recorded_time_ms: Clock::System.now_ms(),
        };
        let kept = self.store.keep_artifact_digest(&self.tree, digest).await;
        kept.map(drop).map_err(stopped)
    }

    async fn read(&self, path: &ArtifactPath) -> Result<Content, Unread> {
        let opened = self.artifacts.open_file(&self.root, path).await;
        let file = opened.map_err(|error| match error {
            ArtifactError::NotFound { .. } | ArtifactError::IsDirectory { .. } => Unread::Missing,
            error => Unread::Failed(in_one_line(&error)),
        })?;
        let (etag, last_modified) = (file.store_etag().to_owned(), file.last_modified());
        let (sha256, size_bytes) = digest(file)
            .await
            .map_err(|error| Unread::Failed(in_one_line(&error)))?;
        Ok(Content {
            sha256,
            size_bytes,
            etag,
            last_modified,
        })
    }
}

impl Content {
    /// Whether it came only now.
    fn is_new(&self) -> bool {
        self.last_modified.elapsed().is_ok_and(|age| age < 5 * ON_ITS_WAY)
    }
}

impl Outcome {
    fn with(self, found: Found) -> Self {
        Self { found, ..self }
    }
}

async fn digest(file: ArtifactFile) -> std::io::Result<(ContentDigest, u64)> {
    let mut pieces = file.into_stream(None);
    let (mut digest, mut size_bytes) = (Sha256::new(), 0);
    while let Some(piece) = pieces.try_next().await? {
        size_bytes += piece.len() as u64;
        digest.update(&piece);
    }
    Ok((
        <[u8; ContentDigest::BYTES]>::from(digest.finalize()).into(),
        size_bytes,
    ))
}
