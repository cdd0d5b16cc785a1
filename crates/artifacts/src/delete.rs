//! Deleting files and trees of the local store.

use std::ffi::CString;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{self, AtFlags, Dir, FileType};
use rustix::io::Errno;
use rustix::path::Arg;

use crate::beneath;
use crate::error::{ArtifactError, Result, Target};
use crate::local::{LocalStore, file_type, stat_child};

/// Deepest tree that is deleted. Each level holds an open directory; uploads cannot make more
/// than twice the segments of a path.
const MAX_DEPTH: usize = 300;
/// Names read at once: a directory changes while it is emptied, so it is read again and again.
const NAMES_AT_ONCE: usize = 1024;

impl LocalStore {
    /// Deletes a file, a link (never what it points to) or a whole directory. Missing is fine.
    pub(crate) fn delete(&self, target: &Target) -> Result<()> {
        let failed = |errno| ArtifactError::from_errno("delete the artifact", errno);
        let parent = match self.open_directory(target.full.parent().as_ref()) {
            Err(Errno::NOENT | Errno::NOTDIR) => return Ok(()),
            other => other.map_err(failed)?,
        };
        let name = target.full.file_name();
        match stat_child(&parent, name).map(|stat| file_type(&stat)) {
            Err(Errno::NOENT) => return Ok(()),
            Err(errno) => return Err(failed(errno)),
            Ok(FileType::Directory) => delete_directory(&parent, name, MAX_DEPTH),
            Ok(FileType::RegularFile | FileType::Symlink) => unlink(&parent, name),
            // A pipe, a device, a socket: not ours.
            Ok(_) => return Err(target.not_found()),
        }
        .and_then(|()| beneath::sync_directory(&parent))
        .map_err(failed)
    }
}

fn unlink(parent: &OwnedFd, name: impl Arg) -> Result<(), Errno> {
    match fs::unlinkat(parent, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(errno),
    }
}

fn delete_directory(parent: &OwnedFd, name: impl Arg + Copy, depth_left: usize) -> Result<(), Errno> {
    let deeper = depth_left.checked_sub(1).ok_or(Errno::NAMETOOLONG)?;
    let directory = match beneath::open_child(parent.as_fd(), name) {
        Err(Errno::NOENT) => return Ok(()),
        // Replaced since it was looked at: the next request sees what it is now.
        other => other?,
    };
    loop {
        let names = read_names(&directory)?;
        if names.is_empty() {
            break;
        }
        for (name, is_directory) in names {
            if is_directory {
                delete_directory(&directory, name.as_c_str(), deeper)?;
            } else {
                unlink(&directory, name)?;
            }
        }
    }
    match fs::unlinkat(parent, name, AtFlags::REMOVEDIR) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(errno),
    }
}

/// Some names of a directory, and whether each is itself a directory.
fn read_names(directory: &OwnedFd) -> Result<Vec<(CString, bool)>, Errno> {
    let mut names = Vec::new();
    for entry in Dir::read_from(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        if name == c"." || name == c".." {
            continue;
        }
        let file_type = match entry.file_type() {
            FileType::Unknown => match fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW) {
                Err(Errno::NOENT) => continue,
                stat => file_type(&stat?),
            },
            known => known,
        };
        names.push((name.to_owned(), file_type == FileType::Directory));
        if names.len() == NAMES_AT_ONCE {
            break;
        }
    }
    Ok(names)
}
