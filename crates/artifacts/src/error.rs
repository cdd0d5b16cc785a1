//! What can go wrong with an artifact.

use std::io;

use rustix::io::Errno;

use crate::artifacts::NotServed;
use crate::listing::InvalidListToken;
use crate::parts::{InvalidParts, NoSuchPart, NoSuchUpload};
use crate::path::{ArtifactPath, InvalidPath};

/// Result of an artifact operation.
pub type Result<T, E = ArtifactError> = std::result::Result<T, E>;

/// Why an artifact could not be listed, read, written or deleted.
///
/// Messages name the path the client asked for, never one of the server's file system. The cause
/// is in the source and belongs in the log.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// Nothing is stored there, or something that is not served: a link, a pipe, a device.
    #[error("No such artifact: '{path}'")]
    NotFound {
        /// As the client asked.
        path: ArtifactPath,
    },
    /// A file is meant and a directory is there.
    #[error("Artifact path refers to a directory, not a file: '{path}'")]
    IsDirectory {
        /// As the client asked.
        path: ArtifactPath,
    },
    /// A directory on the way to the path is in fact a file or a link.
    #[error("A parent of artifact path '{path}' is a file, not a directory")]
    NotADirectory {
        /// As the client asked.
        path: ArtifactPath,
    },
    /// See [`NotServed`].
    #[error(transparent)]
    NotServed(#[from] NotServed),
    /// The path is refused, or it is too long where it is meant to go.
    #[error(transparent)]
    InvalidPath(#[from] InvalidPath),
    /// The body is larger than allowed. Nothing was stored.
    #[error("Artifact is larger than the limit of {limit_bytes} bytes")]
    TooLarge {
        /// The limit, inclusive.
        limit_bytes: u64,
    },
    /// The body ended early (or late). Nothing was stored, a previous version is kept.
    #[error("The body has {got} bytes instead of the announced {expected}; nothing was stored")]
    ShortBody {
        /// Announced length in bytes.
        expected: u64,
        /// Received length in bytes.
        got: u64,
    },
    /// Reading the body failed, usually because the client went away. Nothing was stored.
    #[error("The upload was interrupted; nothing was stored")]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The store is full, or over its quota.
    #[error("no space left on device (artifact store)")]
    NoSpace,
    /// No file of the store can be that long, by its file system or a limit of the process.
    #[error("the file system of the artifact store cannot hold a file of that length")]
    FileTooLong,
    /// The store can be read only, as its file system is mounted.
    #[error("the artifact store is read-only")]
    ReadOnly,
    /// The bucket or container of the object store is not there.
    #[error("{store} does not exist; the operator of this server has to make it, or to name another one")]
    NoBucket {
        /// The bucket, as in a URI.
        store: String,
        /// The answer of the store.
        #[source]
        source: object_store::Error,
    },
    /// The object store does not let this server in.
    #[error("{store} refuses the credentials of this server, or they do not allow this")]
    StoreRefuses {
        /// The bucket, as in a URI.
        store: String,
        /// The answer of the store.
        #[source]
        source: object_store::Error,
    },
    /// A web server lets only those in that it knows, and this server says nobody's name.
    #[error("could not {what}: {store} does not let everybody in, and this server has no credentials for it")]
    NotForEverybody {
        /// What was being done: `read the artifact`.
        what: &'static str,
        /// The folder, as a URL.
        store: String,
    },
    /// The store is one that does not do this.
    #[error("could not {what}: {store} {why}")]
    NotOffered {
        /// What was being done: `read the artifact`.
        what: &'static str,
        /// The folder, as a URL.
        store: String,
        /// Goes on after the store: `is only read by this server`.
        why: &'static str,
    },
    /// The store did not answer, or with an error of its own. It may next time.
    #[error("could not {what}: {store} does not answer as it should; try again")]
    StoreFailed {
        /// What was being done: `read the artifact`.
        what: &'static str,
        /// The bucket, or the folder of a web server, as in a URI.
        store: String,
        /// The answer of the store.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// What was asked for can only be done in a folder of this machine.
    #[error("could not {what}: the artifact store is no folder of this machine")]
    NotAFolder {
        /// What was being done.
        what: &'static str,
    },
    /// What was asked for can only be done in an object store.
    #[error("could not {what}: the artifact store is a folder of this machine")]
    NotAnObjectStore {
        /// What was being done.
        what: &'static str,
    },
    /// See [`NoSuchUpload`].
    #[error(transparent)]
    NoSuchUpload(#[from] NoSuchUpload),
    /// See [`InvalidListToken`].
    #[error(transparent)]
    InvalidListToken(#[from] InvalidListToken),
    /// See [`NoSuchPart`].
    #[error(transparent)]
    NoSuchPart(#[from] NoSuchPart),
    /// See [`InvalidParts`].
    #[error(transparent)]
    InvalidParts(#[from] InvalidParts),
    /// Anything else the file system answered.
    #[error("could not {what}")]
    Io {
        /// What was being done: `read the artifact`.
        what: &'static str,
        /// The answer of the file system.
        #[source]
        source: io::Error,
    },
}

impl ArtifactError {
    /// Sorts out the error numbers that have a meaning of their own, whatever was being done.
    pub(crate) fn from_errno(what: &'static str, errno: Errno) -> Self {
        match errno {
            Errno::NOSPC | Errno::DQUOT => Self::NoSpace,
            Errno::FBIG => Self::FileTooLong,
            Errno::ROFS => Self::ReadOnly,
            Errno::NAMETOOLONG => Self::InvalidPath(InvalidPath),
            other => Self::Io {
                what,
                source: other.into(),
            },
        }
    }

    pub(crate) fn from_io(what: &'static str, source: io::Error) -> Self {
        match Errno::from_io_error(&source) {
            Some(errno) => Self::from_errno(what, errno),
            None => Self::Io { what, source },
        }
    }
}

/// A path below a root, and what the client calls it.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// Below the root of the store.
    pub full: ArtifactPath,
    /// Below the location the client named: for messages.
    pub asked: ArtifactPath,
}

impl Target {
    pub(crate) fn not_found(&self) -> ArtifactError {
        ArtifactError::NotFound {
            path: self.asked.clone(),
        }
    }

    pub(crate) fn is_directory(&self) -> ArtifactError {
        ArtifactError::IsDirectory {
            path: self.asked.clone(),
        }
    }

    pub(crate) fn not_a_directory(&self) -> ArtifactError {
        ArtifactError::NotADirectory {
            path: self.asked.clone(),
        }
    }
}
