//! Reading a stored file as a stream.

use std::fs::File;
use std::io;
use std::ops::RangeInclusive;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
use oxflow_core::ContentDigest;
use rustix::buffer::spare_capacity;
use rustix::io::{pread, retry_on_intr};

use crate::blocking::Workers;
use crate::error::ArtifactError;
use crate::http::HttpFile;
use crate::local::{etag, size_of};
use crate::object::ObjectFile;
use crate::temp_file::modified;

/// Bytes read at once. Larger pieces cost memory, smaller ones a thread hop each.
const CHUNK_BYTES: u64 = 256 * 1024;

/// An artifact that is there. It keeps its content even when the file is replaced or deleted meanwhile; what is replaced in an
/// object store or on a web server ends the stream with an error instead.
#[derive(Debug)]
pub struct ArtifactFile {
    size_bytes: u64,
    last_modified: SystemTime,
    store_etag: String,
    sha256: Option<ContentDigest>,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Local { file: Arc<File>, workers: Workers },
    Object(ObjectFile),
    Http(HttpFile),
}

impl ArtifactFile {
    pub(crate) fn new(file: File, stat: &rustix::fs::Stat, workers: Workers) -> Self {
        Self {
            size_bytes: size_of(stat),
            last_modified: modified(stat),
            store_etag: etag(stat),
            sha256: None,
            content: Content::Local {
                file: Arc::new(file),
                workers,
            },
        }
    }

    /// Size in bytes when the file was opened.
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// When the content was last written.
    pub fn last_modified(&self) -> SystemTime {
        self.last_modified
    }

    /// Strong entity tag with its quotes: of the digest if that is known, else the store's.
    pub fn etag(&self) -> String {
        match &self.sha256 {
            Some(sha256) => format!("\"sha256-{sha256}\""),
            None => self.store_etag.clone(),
        }
    }

    /// The store's own entity tag: of size, modification time and inode, or the store's. It tells whether the file is
    /// still the one that a digest was kept of.
    pub fn store_etag(&self) -> &str {
        &self.store_etag
    }

    /// The SHA-256 of all of its bytes, if it is known.
    pub fn sha256(&self) -> Option<ContentDigest> {
        self.sha256
    }

    /// Says what its digest is.
    pub fn with_sha256(mut self, sha256: ContentDigest) -> Self {
        self.sha256 = Some(sha256);
        self
    }

    /// Streams the bytes of `range` (inclusive, cut at the end of the file), or all of them.
    ///
    /// Of a local file it holds at most one piece of 256 KiB, and ends with `UnexpectedEof` if another program shortens the
    /// file in place.
    pub fn into_stream(self, range: Option<RangeInclusive<u64>>) -> BoxStream<'static, io::Result<Bytes>> {
        let (start, end) = match range {
            None => (0, self.size_bytes),
            Some(range) => (*range.start(), range.end().saturating_add(1).min(self.size_bytes)),
        };
        match self.content {
            Content::Local { file, workers } => {
                let reading = Reading {
                    file,
                    workers,
                    start,
                    end,
                };
                futures::stream::try_unfold(reading, Reading::next).boxed()
            }
            Content::Object(object) => object.into_stream(start..end).boxed(),
            Content::Http(file) => file.into_stream(start..end).boxed(),
        }
    }
}

impl From<ObjectFile> for ArtifactFile {
    fn from(object: ObjectFile) -> Self {
        Self {
            size_bytes: object.size_bytes(),
            last_modified: object.last_modified(),
            store_etag: object.etag(),
            sha256: None,
            content: Content::Object(object),
        }
    }
}

impl From<HttpFile> for ArtifactFile {
    fn from(file: HttpFile) -> Self {
        Self {
            size_bytes: file.size_bytes(),
            last_modified: file.last_modified(),
            store_etag: file.etag(),
            sha256: None,
            content: Content::Http(file),
        }
    }
}

/// What is left to read.
struct Reading {
    file: Arc<File>,
    workers: Workers,
    start: u64,
    end: u64,
}

impl Reading {
    async fn next(mut self) -> io::Result<Option<(Bytes, Self)>> {
        if self.start >= self.end {
            return Ok(None);
        }
        let wanted = (self.end - self.start).min(CHUNK_BYTES);
        let (file, offset) = (Arc::clone(&self.file), self.start);
        let chunk = self.workers.run(move || Ok(read_at(&file, offset, wanted))).await;
        let chunk = chunk.map_err(plain_io_error)??;
        self.start += chunk.len() as u64;
        Ok(Some((chunk, self)))
    }
}

fn read_at(file: &File, offset: u64, wanted: u64) -> io::Result<Bytes> {
    // At most CHUNK_BYTES, so it fits.
    let mut buffer = Vec::with_capacity(wanted as usize);
    let read = retry_on_intr(|| pread(file.as_fd(), spare_capacity(&mut buffer), offset))?;
    if read == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    // The allocator may have given more room than asked for.
    buffer.truncate(wanted as usize);
    Ok(buffer.into())
}

fn plain_io_error(error: ArtifactError) -> io::Error {
    match error {
        ArtifactError::Io { source, .. } => source,
        other => io::Error::other(other),
    }
}
