//! Writing the body of an upload to the local store.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use futures::{Stream, StreamExt};

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
) -> Result<()>
where
    S: Stream<Item = Result<Bytes, E>> + Send,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    let mut body = Body {
        stream: std::pin::pin!(body),
        limits,
        received: 0,
    };
    body.check_limit(limits.expected_bytes.unwrap_or_default())?;
    let target = Arc::new(target);
    let mut temp = {
        let (store, target) = (Arc::clone(&store), Arc::clone(&target));
        workers.run(move || store.begin_upload(&target)).await?
    };
    let mut batch = Vec::new();
    loop {
        // Not `try_join!`: when the body fails, the write must come to its end before the file
        // can be removed.
        let (written, next) = tokio::join!(workers.run(move || append(temp, &batch)), body.next_batch());
        temp = written?;
        batch = match next {
            Ok(Some(batch)) => batch,
            Ok(None) => break,
            Err(error) => {
                let removed = workers.run(move || {
                    temp.remove();
                    Ok(())
                });
                removed.await?;
                return Err(error);
            }
        };
    }
    workers.run(move || store.publish(temp, &target)).await
}

fn append(temp: TempFile, batch: &[Bytes]) -> Result<TempFile> {
    match temp.append(batch) {
        Ok(()) => Ok(temp),
        Err(error) => {
            temp.remove();
            Err(ArtifactError::from_io("store the artifact", error))
        }
    }
}

/// The body, counted.
struct Body<'a, S> {
    stream: Pin<&'a mut S>,
    limits: UploadLimits,
    received: u64,
}

impl<S, E> Body<'_, S>
where
    S: Stream<Item = Result<Bytes, E>>,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    /// Gathers pieces until a write is worthwhile. `None` at the proper end of the body.
    async fn next_batch(&mut self) -> Result<Option<Vec<Bytes>>> {
        let mut batch = Vec::new();
        let mut batch_bytes = 0;
        while batch_bytes < BATCH_BYTES && batch.len() < BATCH_PIECES {
            let Some(piece) = self.stream.next().await else {
                break;
            };
            let piece = piece.map_err(|error| ArtifactError::Body(error.into()))?;
            self.received += piece.len() as u64;
            self.check_limit(self.received)?;
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
