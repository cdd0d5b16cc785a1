//! Taking files over that are on this machine already, without a request.

use std::fs::{File, FileTimes, Metadata};
use std::io;
use std::os::fd::BorrowedFd;

use rustix::io::Errno;

use crate::ServableLocation;
use crate::artifacts::Artifacts;
use crate::error::{ArtifactError, Result, Target};
use crate::local::{LocalStore, file_type, size_of, stat_child};
use crate::path::ArtifactPath;
use crate::temp_file::{TempFile, modified};

/// How a file comes into the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adoption {
    /// The store gets bytes of its own.
    Copy,
    /// The store gets a second name (a hard link) of the same file; a copy where that is not possible,
    /// as on another file system. The store never writes into a file that has its final name, so
    /// neither name sees what is done to the other.
    Link,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adopted {
    /// It was copied.
    Copied,
    /// It was linked.
    Linked,
    /// A file of its size and time of change was there.
    AlreadyThere,
}

/// A regular file that is open for reading, and its name in an open folder.
#[derive(Debug)]
pub struct AdoptedFile<'f> {
    /// The folder.
    pub folder: BorrowedFd<'f>,
    /// Its name there.
    pub name: &'f str,
    /// The file itself.
    pub file: &'f File,
}

impl Artifacts {
    /// Takes a file over: readers see all of it or nothing, and when this returns it is on disk. Blocks.
    pub fn adopt(
        &self,
        at: &ServableLocation,
        path: &ArtifactPath,
        source: &AdoptedFile<'_>,
        how: Adoption,
    ) -> Result<Adopted> {
        let (store, target) = at.local_target(path, WHAT)?;
        store.adopt(&target, source, how)
    }
}

impl LocalStore {
    fn adopt(&self, target: &Target, source: &AdoptedFile<'_>, how: Adoption) -> Result<Adopted> {
        let metadata = source.file.metadata().map_err(failed)?;
        if self.has_the_same(target, &metadata) {
            return Ok(Adopted::AlreadyThere);
        }
        if how == Adoption::Link
            && let Some(temp) = self.link(source)?
        {
            self.publish(temp, target)?;
            return Ok(Adopted::Linked);
        }
        let temp = self.begin_upload(target)?;
        match copy(source.file, &metadata, &temp) {
            Ok(()) => {
                self.publish(temp, target)?;
                Ok(Adopted::Copied)
            }
            Err(error) => {
                temp.remove();
                Err(failed(error))
            }
        }
    }

    /// Whether the target is a file of the same size and time: one that an import before this one left.
    fn has_the_same(&self, target: &Target, source: &Metadata) -> bool {
        let Ok(parent) = self.open_directory(target.full.parent().as_ref()) else {
            return false;
        };
        stat_child(&parent, target.full.file_name()).is_ok_and(|stat| {
            let is_file = file_type(&stat) == rustix::fs::FileType::RegularFile;
            is_file && size_of(&stat) == source.len() && source.modified().ok() == Some(modified(&stat))
        })
    }

    /// A second name in the temporary directory; `None` where the file systems do not allow it.
    fn link(&self, source: &AdoptedFile<'_>) -> Result<Option<TempFile>> {
        let root = self.open_or_create_root()?;
        match TempFile::link(&root, source) {
            Ok(temp) => Ok(Some(temp)),
            Err(
                Errno::XDEV
                | Errno::PERM
                | Errno::MLINK
                | Errno::OPNOTSUPP
                | Errno::NOSYS
                | Errno::ACCESS
                // The name stands for another file than was opened.
                | Errno::STALE,
            ) => Ok(None),
            Err(errno) => Err(ArtifactError::from_errno(WHAT, errno)),
        }
    }
}

const WHAT: &str = "take the artifact over";

fn failed(error: io::Error) -> ArtifactError {
    ArtifactError::from_io(WHAT, error)
}

fn copy(source: &File, metadata: &Metadata, temp: &TempFile) -> io::Result<()> {
    let mut target = temp.file()?;
    let copied = io::copy(&mut &*source, &mut target)?;
    if copied != metadata.len() {
        return Err(io::Error::other("the file changed while it was read"));
    }
    match metadata.modified() {
        Ok(time) => target.set_times(FileTimes::new().set_modified(time)),
        Err(_) => Ok(()),
    }
}
