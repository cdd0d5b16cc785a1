//! Reading an object as a stream.

use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use futures::{Stream, StreamExt, TryStreamExt};
use object_store::path::Path as Key;
use object_store::{GetOptions, GetRange, ObjectMeta};

use super::bucket::ObjectFolder;
use crate::error::{ArtifactError, Result, Target};

/// An object as it was when it was looked up.
#[derive(Debug, Clone)]
pub(crate) struct ObjectFile {
    folder: Arc<ObjectFolder>,
    key: Key,
    meta: ObjectMeta,
}

impl ObjectFolder {
    /// Looks an object up. Its bytes are asked for when they are streamed.
    pub(crate) async fn open_file(self: Arc<Self>, target: &Target) -> Result<ObjectFile> {
        let key = self.key(&target.full)?;
        let options = GetOptions::new().with_head(true);
        match self.store.get_opts(&key, options).await {
            Ok(found) => Ok(ObjectFile {
                meta: found.meta,
                folder: self,
                key,
            }),
            // Stores that are folders themselves answer the name of one with an error of their own.
            Err(error) => match self.error("read the artifact", target, error) {
                ArtifactError::NotFound { .. } | ArtifactError::StoreFailed { .. }
                    if self.has_children(&target.full).await? =>
                {
                    Err(target.is_directory())
                }
                other => Err(other),
            },
        }
    }
}

impl ObjectFile {
    pub(crate) fn size_bytes(&self) -> u64 {
        self.meta.size
    }

    pub(crate) fn last_modified(&self) -> SystemTime {
        self.meta.last_modified.into()
    }

    /// The store's entity tag with its quotes; one of size and time if it has none, or a weak one.
    pub(crate) fn etag(&self) -> String {
        strong(self.meta.e_tag.as_deref()).unwrap_or_else(|| {
            let at = self.meta.last_modified.timestamp_micros();
            format!("\"{:x}-{at:x}\"", self.meta.size)
        })
    }

    /// Streams the bytes of a range within its size. An object that was replaced since it was
    /// looked up ends the stream with an error, so that nobody gets half of each.
    pub(crate) fn into_stream(
        self,
        range: Range<u64>,
    ) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        let Range { start, end } = range;
        let opening = async move {
            if start >= end {
                return Ok(futures::stream::empty().boxed());
            }
            let mut options = GetOptions::new();
            if (start, end) != (0, self.meta.size) {
                options = options.with_range(Some(GetRange::Bounded(start..end)));
            }
            options.if_match = self.meta.e_tag.clone().filter(|tag| !tag.starts_with("W/"));
            let got = self.folder.store.get_opts(&self.key, options).await;
            let got = got.map_err(io::Error::from)?;
            Ok::<_, io::Error>(got.into_stream().map_err(io::Error::from).boxed())
        };
        futures::stream::once(opening).try_flatten()
    }
}

/// A store's entity tag with its quotes, if it is a strong one.
pub(super) fn strong(tag: Option<&str>) -> Option<String> {
    match tag? {
        tag if tag.starts_with('"') && tag.len() > 2 => Some(tag.to_owned()),
        tag if !tag.is_empty() && !tag.starts_with("W/") && !tag.contains('"') => Some(format!("\"{tag}\"")),
        _ => None,
    }
}
