//! Writing the body of an upload to the local store.

use std::error::Error;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt};
use oxflow_core::ContentDigest;
use sha2::{Digest, Sha256};

use crate::blocking::Workers;
use crate::error::{ArtifactError, Result, Target};
use crate::local::LocalStore;
use crate::temp_file::TempFile;

/// Bytes gathered for one write: a thread hop per network packet would cost more than the write.
const BATCH_BYTES: usize = 256 * 1024;
/// Pieces gathered for one write, for bodies that arrive in crumbs.
const BATCH_PIECES: usize = 256;

/// What is known and allowed about the length of a body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UploadLimits {
    /// Announced length (`Content-Length`); another one is an error.
    pub expected_bytes: Option<u64>,
    /// Most bytes accepted, inclusive.
    pub max_bytes: Option<u64>,
}

/// What was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its size.
    pub size_bytes: u64,
    /// The SHA-256 of its bytes.
    pub sha256: ContentDigest,
    /// The store's own entity tag of it, as [`ArtifactFile::store_etag`](crate::ArtifactFile::store_etag) says it; `None` if
    /// the store did not tell.
    pub etag: Option<String>,
}

/// The bytes of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Received {
    pub(crate) size_bytes: u64,
    pub(crate) sha256: ContentDigest,
}

impl Received {
    /// They are stored.
    pub(crate) fn stored(self, etag: Option<String>) -> Stored {
        Stored {
            size_bytes: self.size_bytes,
            sha256: self.sha256,
            etag,
        }
    }
}

/// Stores the body at the target; readers see all of it or nothing.
///
/// The body is read while the previous batch is being written, so up to two batches of 256 KiB
/// are in memory. Dropping the future removes what was written, unless the file was being
/// published at that moment.
pub(crate) async fn upload<S, E>(
    store: Arc<LocalStore>,
    workers: &Workers,
    target: Target,
    body: S,
    limits: UploadLimits,
) -> Result<Stored>
where
    S: Stream<Item = Result<Bytes, E>> + Send,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    let stream = std::pin::pin!(body);
    let mut body = Body::new(stream, limits)?;
    let target = Arc::new(target);
    let temp = {
        let (store, target) = (Arc::clone(&store), Arc::clone(&target));
        workers.run(move || store.begin_upload(&target)).await?
    };
    let temp = write(temp, workers, &mut body).await?;
    let received = body.finish();
    let etag = workers.run(move || store.publish(temp, &target)).await?;
    Ok(received.stored(etag))
}

/// What a body is written to; nobody sees it yet.
///
/// A write goes on when whoever waits for it is gone, so it owns the file: what happens when the file is dropped happens after
/// the last write.
pub(crate) trait Unfinished: Send + 'static {
    /// Appends the pieces. Fails on the first that cannot be written.
    fn append(&mut self, pieces: &[Bytes]) -> io::Result<()>;

    /// Takes back what was written, on this thread.
    fn give_up(self);
}

impl Unfinished for TempFile {
    fn append(&mut self, pieces: &[Bytes]) -> io::Result<()> {
        TempFile::append(self, pieces)
    }

    fn give_up(self) {
        self.remove();
    }
}

/// Writes a body to a file that nobody sees yet.
pub(crate) async fn write<F, S, E, D>(mut temp: F, workers: &Workers, body: &mut Body<'_, S, D>) -> Result<F>
where
    F: Unfinished,
    S: Stream<Item = Result<Bytes, E>> + Send,
    E: Into<Box<dyn Error + Send + Sync>>,
    D: Observer,
{
    let mut batch = Vec::new();
    loop {
        // Not `try_join!`: when the body fails, the write must come to its end before the file
        // can be removed.
        let (written, next) = tokio::join!(workers.run(move || append(temp, &batch)), body.next_batch());
        temp = written?;
        batch = match next {
            Ok(Some(batch)) => batch,
            Ok(None) => return Ok(temp),
            Err(error) => {
                let removed = workers.run(move || {
                    temp.give_up();
                    Ok(())
                });
                removed.await?;
                return Err(error);
            }
        };
    }
}

fn append<F: Unfinished>(mut temp: F, batch: &[Bytes]) -> Result<F> {
    match temp.append(batch) {
        Ok(()) => Ok(temp),
        Err(error) => {
            temp.give_up();
            Err(ArtifactError::from_io("store the artifact", error))
        }
    }
}

/// What sees all bytes of a body in their order.
pub(crate) trait Observer: Default + Send {
    fn see(&mut self, bytes: &[u8]);
}

/// The digest of the bytes.
impl Observer for Sha256 {
    fn see(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }
}

/// Nothing is to be known of the bytes.
#[derive(Debug, Default)]
pub(crate) struct NotHashed;

impl Observer for NotHashed {
    fn see(&mut self, _: &[u8]) {}
}

/// The body, counted.
pub(crate) struct Body<'a, S, D = Sha256> {
    stream: Pin<&'a mut S>,
    limits: UploadLimits,
    received: u64,
    /// The end of a piece that was cut at the end of a part.
    left: Option<Bytes>,
    digest: D,
}

impl<S> Body<'_, S> {
    /// What has come, once all of it has.
    pub(crate) fn finish(self) -> Received {
        Received {
            size_bytes: self.received,
            sha256: <[u8; 32]>::from(self.digest.finalize()).into(),
        }
    }
}

impl<'a, S, E, D> Body<'a, S, D>
where
    S: Stream<Item = Result<Bytes, E>>,
    E: Into<Box<dyn Error + Send + Sync>>,
    D: Observer,
{
    /// Fails at once if what is announced is too much.
    pub(crate) fn new(stream: Pin<&'a mut S>, limits: UploadLimits) -> Result<Self> {
        let body = Self {
            stream,
            limits,
            received: 0,
            left: None,
            digest: D::default(),
        };
        body.check_limit(limits.expected_bytes.unwrap_or_default())?;
        Ok(body)
    }

    /// Gathers exactly so many bytes into a buffer, fewer only at the end of the body. `None` at its proper end.
    ///
    /// They are copied: a piece keeps all of the buffer alive that it was read into, which may be twice its length.
    pub(crate) async fn next_part(&mut self, mut buffer: BytesMut, bytes: usize) -> Result<Option<Bytes>> {
        buffer.clear();
        while buffer.len() < bytes {
            let mut piece = match self.left.take() {
                Some(left) => left,
                None => match self.next_piece().await? {
                    Some(piece) => piece,
                    None => break,
                },
            };
            let missing = bytes - buffer.len();
            if piece.len() > missing {
                self.left = Some(piece.split_off(missing));
            }
            if buffer.capacity() < buffer.len() + piece.len() {
                // A body of one piece takes no more than it has; growing by doubling would end beyond the part.
                let wanted = if buffer.is_empty() { piece.len() } else { bytes };
                let mut larger = BytesMut::with_capacity(wanted);
                larger.extend_from_slice(&buffer);
                buffer = larger;
            }
            buffer.extend_from_slice(&piece);
        }
        if buffer.is_empty() {
            self.check_length()?;
            return Ok(None);
        }
        Ok(Some(buffer.freeze()))
    }

    async fn next_piece(&mut self) -> Result<Option<Bytes>> {
        let Some(piece) = self.stream.next().await else {
            return Ok(None);
        };
        let piece = piece.map_err(|error| ArtifactError::Body(error.into()))?;
        self.received += piece.len() as u64;
        self.check_limit(self.received)?;
        if self
            .limits
            .expected_bytes
            .is_some_and(|most| self.received > most)
        {
            self.check_length()?;
        }
        self.digest.see(&piece);
        Ok(Some(piece))
    }

    /// Gathers pieces until a write is worthwhile. `None` at the proper end of the body.
    async fn next_batch(&mut self) -> Result<Option<Vec<Bytes>>> {
        let mut batch = Vec::new();
        let mut batch_bytes = 0;
        while batch_bytes < BATCH_BYTES && batch.len() < BATCH_PIECES {
            let Some(piece) = self.next_piece().await? else {
                break;
            };
            batch_bytes += piece.len();
            batch.push(piece);
        }
        if batch.is_empty() {
            self.check_length()?;
            return Ok(None);
        }
        Ok(Some(batch))
    }

    fn check_limit(&self, bytes: u64) -> Result<()> {
        match self.limits.max_bytes {
            Some(limit_bytes) if bytes > limit_bytes => Err(ArtifactError::TooLarge { limit_bytes }),
            _ => Ok(()),
        }
    }

    fn check_length(&self) -> Result<()> {
        match self.limits.expected_bytes {
            Some(expected) if expected != self.received => Err(ArtifactError::ShortBody {
                expected,
                got: self.received,
            }),
            _ => Ok(()),
        }
    }
}
