//! Where something is, to compare places with, however their locations are written.

use crate::http::HttpAddress;
use crate::object::ObjectAddress;
use crate::path::ArtifactPath;

/// A file or folder: of this machine, of a bucket, or of a web server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// Segments of its absolute path.
    Local(Vec<String>),
    Object(ObjectAddress),
    Http(HttpAddress),
}

impl Place {
    /// The names on the way from here to another place; `None` if that is not here or below.
    pub(crate) fn below<'p>(&self, other: &'p Self) -> Option<&'p [String]> {
        match (self, other) {
            (Self::Local(here), Self::Local(there)) => there.strip_prefix(here.as_slice()),
            (Self::Object(here), Self::Object(there)) => here.below(there),
            (Self::Http(here), Self::Http(there)) => here.below(there),
            _ => None,
        }
    }

    /// What is at a path below.
    pub(crate) fn at(&self, path: Option<&ArtifactPath>) -> Self {
        let mut place = self.clone();
        let segments = match &mut place {
            Self::Local(segments) => segments,
            Self::Object(address) => &mut address.segments,
            Self::Http(address) => &mut address.segments,
        };
        segments.extend(path.iter().flat_map(|path| path.segments()).map(str::to_owned));
        place
    }

    /// The names on the way to it, beginning with the store, which no two stores share.
    pub(crate) fn way(&self) -> Vec<String> {
        let (store, segments) = match self {
            Self::Local(segments) => ("file:".to_owned(), segments),
            Self::Object(address) => (address.store(), &address.segments),
            Self::Http(address) => (address.store(), &address.segments),
        };
        std::iter::once(store).chain(segments.iter().cloned()).collect()
    }
}
