//! Deleting files and trees of the local store.

use std::ffi::{CStr, CString};
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{self, AtFlags, Dir, FileType};
use rustix::io::Errno;
use rustix::path::Arg;

use crate::beneath;
use crate::error::{ArtifactError, Result, Target};
use crate::local::{LocalStore, file_type, stat_child};
use crate::temp_file;

/// Deepest tree that is deleted. Each level holds an open directory; uploads cannot make more
/// levels than a path has segments.
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
            Err(Errno::NOENT) => Ok(()),
            Err(errno) => Err(failed(errno)),
            Ok(FileType::Directory) => self.delete_directory(&parent, name).map_err(failed),
            Ok(FileType::RegularFile | FileType::Symlink) => unlink(&parent, name)
                .and_then(|()| beneath::sync_directory(&parent))
                .map_err(failed),
            // A pipe, a device, a socket: not ours.
            Ok(_) => Err(target.not_found()),
        }
    }

    /// Moves a directory out of sight in one step, then takes its tree apart. Uploads that come
    /// meanwhile find it gone and make a new one; what a killed process leaves is swept.
    fn delete_directory(&self, parent: &OwnedFd, name: &str) -> Result<(), Errno> {
        let name = &CString::new(name).map_err(|_| Errno::INVAL)?;
        let trash = temp_file::open_temp_directory(&self.open_directory(None)?)?;
        let aside = CString::new(temp_file::new_name()).map_err(|_| Errno::INVAL)?;
        let moved = {
            let _guard = self.keep_directories();
            fs::renameat(parent, name, &trash, &aside)
        };
        match moved {
            Ok(()) => {
                beneath::sync_directory(parent)?;
                delete_tree(&trash, &aside)
            }
            Err(Errno::NOENT) => Ok(()),
            // On another file system, or one mounted there: deleted where it is.
            Err(Errno::XDEV | Errno::BUSY) => {
                delete_tree(parent, name)?;
                beneath::sync_directory(parent)
            }
            Err(errno) => Err(errno),
        }
    }
}

/// Deletes a directory with everything in it, following no link.
pub(crate) fn delete_tree(parent: &OwnedFd, name: &CStr) -> Result<(), Errno> {
    delete_level(parent, name, MAX_DEPTH)
}

fn delete_level(parent: &OwnedFd, name: &CStr, levels_left: usize) -> Result<(), Errno> {
    // The one mistake here that could not be undone.
    if is_dot(name) {
        return Err(Errno::INVAL);
    }
    let deeper = levels_left.checked_sub(1).ok_or(Errno::MLINK)?;
    let directory = match beneath::open_child(parent.as_fd(), name) {
        Err(Errno::NOENT) => return Ok(()),
        other => other?,
    };
    loop {
        let names = read_names(&directory)?;
        if names.is_empty() {
            break;
        }
        for (name, is_directory) in names {
            if is_directory {
                delete_level(&directory, &name, deeper)?;
            } else {
                unlink(&directory, name)?;
            }
        }
    }
    missing_is_fine(fs::unlinkat(parent, name, AtFlags::REMOVEDIR))
}

/// The directory itself and its parent, which every directory contains.
pub(crate) fn is_dot(name: &CStr) -> bool {
    name == c"." || name == c".."
}

fn unlink(parent: &OwnedFd, name: impl Arg) -> Result<(), Errno> {
    missing_is_fine(fs::unlinkat(parent, name, AtFlags::empty()))
}

fn missing_is_fine(outcome: Result<(), Errno>) -> Result<(), Errno> {
    match outcome {
        Err(Errno::NOENT) => Ok(()),
        other => other,
    }
}

/// Some names of a directory, and whether each is itself a directory.
fn read_names(directory: &OwnedFd) -> Result<Vec<(CString, bool)>, Errno> {
    let mut names = Vec::new();
    for entry in Dir::read_from(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        if is_dot(name) {
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
