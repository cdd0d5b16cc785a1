//! What became of an upload, kept for whoever completes it again because the answer was lost.

use std::fmt;

use oxflow_core::ContentDigest;

use super::folder::{CLOSED, MADE, Part, PartsFolder};
use crate::error::{ArtifactError, Result};
use crate::upload::Stored;

/// An artifact that was made of an upload, and the parts it was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Made {
    pub(super) stored: Stored,
    pub(super) parts: Vec<Part>,
}

impl Made {
    /// Writes it down, before the artifact is there: it counts only from the moment on that there is no [`CLOSED`].
    pub(super) fn note(&self, folder: &PartsFolder) -> Result<()> {
        folder
            .write_whole(MADE, &self.to_string())
            .map_err(|error| ArtifactError::from_io(super::WHAT, error))
    }

    /// What an upload became; `None` as long as it can be completed.
    pub(super) fn find(folder: &PartsFolder) -> Result<Option<Self>> {
        let failed = |error| ArtifactError::from_io(super::WHAT, error);
        let Some(text) = folder.read_whole(MADE).map_err(failed)? else {
            return Ok(None);
        };
        if folder.has(CLOSED).map_err(super::failed)? {
            return Ok(None);
        }
        let unreadable = || failed(std::io::ErrorKind::InvalidData.into());
        Self::parse(&text).ok_or_else(unreadable).map(Some)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let (sha256, rest) = lines.next()?.split_once(' ')?;
        let (size_bytes, etag) = rest.split_once(' ')?;
        let stored = Stored {
            size_bytes: size_bytes.parse().ok()?,
            sha256: ContentDigest::parse(sha256)?,
            etag: Some(etag.to_owned()).filter(|etag| !etag.is_empty()),
        };
        let parts: Option<Vec<Part>> = lines.map(Part::parse).collect();
        Some(Self {
            stored,
            parts: parts?,
        })
    }
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Stored {
            size_bytes,
            sha256,
            etag,
        } = &self.stored;
        writeln!(f, "{sha256} {size_bytes} {}", etag.as_deref().unwrap_or_default())?;
        self.parts.iter().try_for_each(|part| writeln!(f, "{part}"))
    }
}

/// Whether the upload is over, because an artifact was made of it.
pub(super) fn is_made(folder: &PartsFolder) -> Result<bool> {
    Ok(folder.has(MADE).map_err(super::failed)? && !folder.has(CLOSED).map_err(super::failed)?)
}

#[cfg(test)]
mod tests {
    use super::super::folder::PartTag;
    use super::*;

    #[test]
    fn it_is_read_as_it_was_written() {
        for etag in [Some("\"5-1f-2\"".to_owned()), None] {
            let stored = Stored {
                size_bytes: 5,
                sha256: [7; 32].into(),
                etag,
            };
            let parts = (1..=3).map(|number| Part {
                number,
                tag: PartTag::fresh(),
            });
            let made = Made {
                stored,
                parts: parts.collect(),
            };
            assert_eq!(Made::parse(&made.to_string()), Some(made));
        }
        assert_eq!(Made::parse(""), None);
    }
}
