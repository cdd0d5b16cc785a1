//! Writing an object as a stream.

use std::error::Error;

use bytes::{Bytes, BytesMut};
use futures::Stream;
use object_store::{MultipartUpload, PutResult};

use super::bucket::ObjectFolder;
use super::read::strong;
use crate::error::{ArtifactError, Result, Target};
use crate::upload::{Body, Stored, UploadLimits};

/// Bytes of a part: the least that S3 takes. Two of them are in memory, one on its way and one being gathered.
const PART_BYTES: u64 = 5 * 1024 * 1024;

/// Most parts of an object: S3's limit, the lowest one.
const MAX_PARTS: u64 = 10_000;

impl ObjectFolder {
    /// Stores the body at the target; readers see all of it or nothing.
    ///
    /// What fits in one part is one request; else parts are sent while the next is being read. An error, or dropping the
    /// future, takes back what was sent. A body over 48 GiB has to say its length, and its parts are larger then.
    pub(crate) async fn upload<S, E>(&self, target: &Target, body: S, limits: UploadLimits) -> Result<Stored>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: Into<Box<dyn Error + Send + Sync>> + Send,
    {
        let key = self.key(&target.full)?;
        let stream = std::pin::pin!(body);
        let mut body = Body::new(stream, limits)?;
        let part_bytes = part_bytes(limits.expected_bytes);
        let failed = |error| self.error("store the artifact", target, error);
        let first = body
            .next_part(BytesMut::new(), part_bytes)
            .await?
            .unwrap_or_default();
        let Some(second) = body.next_part(BytesMut::new(), part_bytes).await? else {
            let options = self.extras.for_put(&target.full);
            let put = self.store.put_opts(&key, first.into(), options).await;
            return Ok(body.finish().stored(etag(&put.map_err(failed)?)));
        };
        let options = self.extras.for_multipart(&target.full);
        let upload = self
            .store
            .put_multipart_opts(&key, options)
            .await
            .map_err(failed)?;
        let mut upload = Unfinished(Some(upload));
        upload.put(first.clone()).await.map_err(failed)?;
        let (mut spare, mut next, mut sent) = (reclaimed(first), Some(second), 1);
        while let Some(part) = next {
            sent += 1;
            if sent > MAX_PARTS {
                upload.abort().await;
                return Err(ArtifactError::TooLarge {
                    limit_bytes: part_bytes as u64 * MAX_PARTS,
                });
            }
            let (put, read) = tokio::join!(upload.put(part.clone()), body.next_part(spare, part_bytes));
            spare = reclaimed(part);
            let outcome = put.map_err(failed).and(read);
            next = match outcome {
                Ok(next) => next,
                Err(error) => {
                    upload.abort().await;
                    return Err(error);
                }
            };
        }
        let put = upload.complete().await.map_err(failed)?;
        Ok(body.finish().stored(put.as_ref().and_then(etag)))
    }
}

fn etag(put: &PutResult) -> Option<String> {
    strong(put.e_tag.as_deref())
}

/// As large as it takes for all of a body to fit.
fn part_bytes(expected_bytes: Option<u64>) -> usize {
    let least = expected_bytes.unwrap_or_default().div_ceil(MAX_PARTS);
    usize::try_from(least.max(PART_BYTES)).unwrap_or(usize::MAX)
}

/// The memory of a part that was sent, for the next one. A new one if the client still holds it.
fn reclaimed(part: Bytes) -> BytesMut {
    part.try_into_mut().unwrap_or_default()
}

/// An upload whose parts are taken back when it is dropped.
struct Unfinished(Option<Box<dyn MultipartUpload>>);

impl Unfinished {
    async fn put(&mut self, part: Bytes) -> object_store::Result<()> {
        match &mut self.0 {
            Some(upload) => upload.put_part(part.into()).await,
            None => Ok(()),
        }
    }

    async fn complete(mut self) -> object_store::Result<Option<PutResult>> {
        let put = match &mut self.0 {
            Some(upload) => Some(upload.complete().await?),
            None => None,
        };
        self.0 = None;
        Ok(put)
    }

    async fn abort(mut self) {
        if let Some(mut upload) = self.0.take() {
            abort(&mut *upload).await;
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let Some(mut upload) = self.0.take() else { return };
        // Without a runtime the process is ending; the store's own rules for unfinished uploads then have to do.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { abort(&mut *upload).await });
        }
    }
}

async fn abort(upload: &mut dyn MultipartUpload) {
    if let Err(error) = upload.abort().await {
        tracing::warn!("an unfinished upload could not be taken back from the object store: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_grow_with_the_body() {
        assert_eq!(part_bytes(None) as u64, PART_BYTES);
        assert_eq!(part_bytes(Some(1)) as u64, PART_BYTES);
        let tebibyte = 1 << 40;
        assert!(part_bytes(Some(tebibyte)) as u64 * MAX_PARTS >= tebibyte);
    }
}
