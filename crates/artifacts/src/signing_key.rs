//! The key that a server signs URLs to its own folder with: the same for all servers on that folder, and after a restart.

use std::io::{Read, Write};
use std::os::fd::OwnedFd;

use rustix::fs::{self, AtFlags, Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};

use crate::error::{ArtifactError, Result};
use crate::local::LocalStore;
use crate::temp_file::{TempFile, open_temp_directory};

/// The file with the key, in the temporary directory, which no path leads to.
pub(crate) const SIGNING_KEY: &str = "signing-key";

const KEY_BYTES: usize = 32;

const WHAT: &str = "read the key for signed URLs";

impl LocalStore {
    /// Reads the key, making one from `fresh` if there is none.
    pub(crate) fn signing_key(&self, fresh: [u8; KEY_BYTES]) -> Result<[u8; KEY_BYTES]> {
        let root = self.open_or_create_root()?;
        let failed = |errno| ArtifactError::from_errno(WHAT, errno);
        let temp = open_temp_directory(&root).map_err(failed)?;
        if let Some(key) = read(&temp)? {
            return Ok(key);
        }
        let file = TempFile::create(&root).map_err(failed)?;
        let written = file.file().and_then(|mut open| open.write_all(&fresh));
        written
            .and_then(|()| file.sync())
            .map_err(|error| ArtifactError::from_io(WHAT, error))?;
        // Of several servers that start at once the first one's counts.
        file.link_as(SIGNING_KEY).map_err(failed)?;
        file.remove();
        read(&temp)?.ok_or_else(|| failed(Errno::NOENT))
    }
}

fn read(temp: &OwnedFd) -> Result<Option<[u8; KEY_BYTES]>> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = match retry_on_intr(|| fs::openat(temp, SIGNING_KEY, flags, Mode::empty())) {
        Err(Errno::NOENT) => return Ok(None),
        other => other.map_err(|errno| ArtifactError::from_errno(WHAT, errno))?,
    };
    let mut key = [0; KEY_BYTES];
    let read = std::fs::File::from(file).read_exact(&mut key);
    read.map_err(|error| ArtifactError::from_io(WHAT, error))?;
    Ok(Some(key))
}

/// Links a file under another name beside it; one that is there stays.
pub(crate) fn link_beside(directory: &OwnedFd, name: &str, other: &str) -> Result<(), Errno> {
    match fs::linkat(directory, name, directory, other, AtFlags::empty()) {
        Ok(()) | Err(Errno::EXIST) => Ok(()),
        Err(errno) => Err(errno),
    }
}
