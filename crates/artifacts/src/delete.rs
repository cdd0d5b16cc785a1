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

/// Levels that are descended at a time: each holds an open directory and a piece of the stack. Uploads make no more
/// than a path has segments, but others may write to the store as well.
const LEVELS_AT_ONCE: usize = 64;
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
            Ok(FileType::Directory) => self.delete_directory(&parent, name),
            Ok(FileType::RegularFile | FileType::Symlink) => unlink(&parent, name)
                .and_then(|()| beneath::sync_directory(&parent))
                .map_err(failed),
            // A pipe, a device, a socket: not ours.
            Ok(_) => Err(target.not_found()),
        }
    }

    /// Moves a directory out of sight in one step, then takes its tree apart. Uploads that come
    /// meanwhile find it gone and make a new one; what a killed process leaves is swept.
    fn delete_directory(&self, parent: &OwnedFd, name: &str) -> Result<()> {
        let failed = |errno| ArtifactError::from_errno("delete the artifact", errno);
        let failed_aside = |errno| {
            let what = "free the space of a deleted artifact; the server tries again at a later start";
            ArtifactError::from_errno(what, errno)
        };
        let name = &CString::new(name).map_err(|_| failed(Errno::INVAL))?;
        let root = self.open_directory(None).map_err(failed)?;
        let trash = temp_file::open_temp_directory(&root).map_err(failed)?;
        let aside = CString::new(temp_file::new_name()).map_err(|_| failed(Errno::INVAL))?;
        let moved = {
            let _guard = self.keep_directories();
            fs::renameat(parent, name, &trash, &aside)
        };
        match moved {
            Ok(()) => {
                beneath::sync_directory(parent).map_err(failed)?;
                delete_tree(&trash, &aside).map_err(failed_aside)
            }
            Err(Errno::NOENT) => Ok(()),
            // On another file system, or one mounted there: deleted where it is.
            Err(Errno::XDEV | Errno::BUSY) => delete_tree(parent, name)
                .and_then(|()| beneath::sync_directory(parent))
                .map_err(failed),
            Err(errno) => Err(failed(errno)),
        }
    }
}

/// Deletes a directory with everything in it, however deep, following no link.
pub(crate) fn delete_tree(parent: &OwnedFd, name: &CStr) -> Result<(), Errno> {
    let Some(tree) = open_tree(parent, name)? else {
        return Ok(());
    };
    empty(&tree, &tree, LEVELS_AT_ONCE)?;
    missing_is_fine(fs::unlinkat(parent, name, AtFlags::REMOVEDIR))
}

/// Empties a directory. What is deeper than the levels left is moved to the top of the tree, which is read until
/// there is nothing left in it: so no path and no number of open directories grows with the depth.
fn empty(directory: &OwnedFd, top: &OwnedFd, levels_left: usize) -> Result<(), Errno> {
    loop {
        let names = read_names(directory)?;
        if names.is_empty() {
            return Ok(());
        }
        for (name, is_directory) in names {
            match levels_left.checked_sub(1) {
                _ if !is_directory => unlink(directory, name)?,
                None => missing_is_fine(fs::renameat(directory, name, top, temp_file::new_name()))?,
                Some(levels_left) => {
                    if let Some(child) = open_tree(directory, &name)? {
                        empty(&child, top, levels_left)?;
                        missing_is_fine(fs::unlinkat(directory, name, AtFlags::REMOVEDIR))?;
                    }
                }
            }
        }
    }
}

/// Opens a directory to empty it; nothing if it is gone.
fn open_tree(parent: &OwnedFd, name: &CStr) -> Result<Option<OwnedFd>, Errno> {
    // The one mistake here that could not be undone.
    if is_dot(name) {
        return Err(Errno::INVAL);
    }
    match beneath::open_child(parent.as_fd(), name) {
        Err(Errno::NOENT) => Ok(None),
        opened => opened.map(Some),
    }
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
