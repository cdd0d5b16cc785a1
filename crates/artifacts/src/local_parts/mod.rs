//! Uploads in parts to a local folder: the parts go to their places in one file, which becomes the artifact.
//!
//! An upload is a folder in the temporary directory, all of it on disk: any server on it takes parts and completes the upload,
//! also after a restart.

mod complete;
mod folder;
mod made;
mod prefix_digest;
mod slots;

use std::ffi::CString;
use std::io::Write;
use std::os::fd::OwnedFd;

use rustix::fs;
use rustix::io::Errno;
use uuid::Uuid;

pub(crate) use self::prefix_digest::PrefixDigests;
pub(crate) use self::slots::PartFile;

use self::folder::{COUNT, Lock, Part, PartTag, PartsFolder, TARGET, WHOLE, create_folder, open_folder};
use self::made::is_made;
use self::slots::SlotFile;
use crate::delete::delete_tree;
use crate::error::{ArtifactError, Result, Target};
use crate::local::LocalStore;
use crate::parts::{NoSuchPart, NoSuchUpload};
use crate::temp_file::{TempFile, new_name, open_temp_directory};

/// Begins the names of the folders of uploads in the temporary directory.
const PREFIX: &str = "parts-";

/// How often an aborted upload is taken apart until its folder stays empty.
const REMOVALS: usize = 5;

const WHAT: &str = "upload the parts";

/// Of those who complete or abort an upload one goes after the other.
#[derive(Debug)]
pub(crate) enum Turn<T> {
    Done(T),
    /// Somebody else is at it; ask again.
    Later,
}

impl LocalStore {
    /// Makes the folder of an upload and returns the upload's id.
    pub(crate) fn begin_parts(&self, target: &Target, count: u32) -> Result<String> {
        // What makes the upload impossible is found here.
        self.check_upload(target)?;
        let id = Uuid::new_v4().simple().to_string();
        let folder = create_folder(&self.open_temp()?, &folder_name(&id)).map_err(failed)?;
        folder.create(WHOLE).map_err(failed)?;
        if let Err(errno) = folder.note(COUNT, &count.to_string()) {
            tracing::debug!("the parts of an upload become files of their own: {errno}");
        }
        let mut file = folder.create(TARGET).map_err(failed)?;
        file.write_all(target.full.as_str().as_bytes())
            .map_err(|error| ArtifactError::from_io(WHAT, error))?;
        Ok(id)
    }

    /// Finds what a part is written to: its place, if its length is known and fits, else a file of its own.
    pub(crate) fn begin_part(
        &self,
        target: &Target,
        id: &str,
        number: u32,
        length: Option<u64>,
    ) -> Result<PartFile> {
        let folder = self.open_unfinished(target, id)?;
        let count = folder.noted(COUNT).map_err(failed)?;
        // The number stands in the name of the part.
        let count = count.and_then(|count| count.parse().ok()).unwrap_or(u32::MAX);
        if number == 0 || number > count {
            return Err(NoSuchPart { number, count }.into());
        }
        if let Some(length) = length {
            match SlotFile::claim(folder, number, length) {
                Ok(Some(slot)) => return Ok(PartFile::Slot(slot)),
                Ok(None) => {}
                Err(errno) => tracing::debug!("a part becomes a file of its own: {errno}"),
            }
        }
        TempFile::create(self.open_or_create_root()?)
            .map(PartFile::Own)
            .map_err(failed)
    }

    /// Keeps a part that has come in full and returns its entity tag. One of its number that came before stays until the upload
    /// ends: which of them counts is told by the tag, and of two that come at once neither may take the other away.
    pub(crate) fn keep_part(&self, file: PartFile, target: &Target, id: &str, number: u32) -> Result<String> {
        file.sync().map_err(|error| ArtifactError::from_io(WHAT, error))?;
        let folder = self.open_unfinished(target, id)?;
        let tag = PartTag::fresh();
        let part = Part { number, tag };
        match file {
            PartFile::Own(mut temp) => temp.rename_to(&folder.0, &part.to_string()).map_err(failed)?,
            PartFile::Slot(slot) => {
                let range = slot.keep(part).map_err(failed)?;
                // Closed meanwhile, the file is hashed by whoever completes the upload.
                if let Ok(whole) = folder.open(WHOLE)
                    && let Some(hashing) = self.prefixes.came(id, part, range, whole)
                {
                    hashing.run_behind();
                }
            }
        }
        // Completed since it was opened: nothing takes this part away but the sweep.
        if is_made(&folder)? {
            folder.remove(&part.to_string()).map_err(failed)?;
            return Err(NoSuchUpload.into());
        }
        Ok(tag.to_string())
    }

    /// Removes what has come of an upload. One that is not there is fine, and of one that was completed the artifact stays.
    pub(crate) fn abort_parts(&self, target: &Target, id: &str) -> Result<Turn<()>> {
        let folder = match self.open_unfinished(target, id) {
            Err(ArtifactError::NoSuchUpload(_)) => return Ok(Turn::Done(())),
            other => other?,
        };
        let _lock = match lock(&folder) {
            Err(ArtifactError::NoSuchUpload(_)) => return Ok(Turn::Done(())),
            Ok(Lock::Busy) => return Ok(Turn::Later),
            other => other?,
        };
        if is_made(&folder)? {
            return Ok(Turn::Done(()));
        }
        self.prefixes.forget(id);
        // Whoever waits for the lock sees by this that there is no upload any more.
        folder.remove(TARGET).map_err(failed)?;
        // Nobody finds it under another name, so that nothing new comes while it is emptied.
        let (temp, aside) = (self.open_temp()?, new_name());
        match fs::renameat(&temp, folder_name(id), &temp, &aside) {
            Err(Errno::NOENT) => return Ok(Turn::Done(())),
            other => other.map_err(failed)?,
        }
        let aside = CString::new(aside).map_err(|_| failed(Errno::INVAL))?;
        for _ in 0..REMOVALS {
            match delete_tree(&temp, &aside) {
                // Somebody who had it open makes a claim or keeps a part at this moment.
                Err(Errno::NOTEMPTY) => {}
                other => return other.map(Turn::Done).map_err(failed),
            }
        }
        tracing::debug!("some of an aborted upload is swept in an hour");
        Ok(Turn::Done(()))
    }

    /// The folder of an upload to this target that was not completed.
    fn open_unfinished(&self, target: &Target, id: &str) -> Result<PartsFolder> {
        let folder = self.open_parts(target, id)?;
        match is_made(&folder)? {
            true => Err(NoSuchUpload.into()),
            false => Ok(folder),
        }
    }

    /// The folder of an upload, if it is one to this target.
    fn open_parts(&self, target: &Target, id: &str) -> Result<PartsFolder> {
        let is_id = id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !is_id {
            return Err(NoSuchUpload.into());
        }
        let folder = match open_folder(&self.open_temp()?, &folder_name(id)) {
            Err(Errno::NOENT | Errno::NOTDIR) => return Err(NoSuchUpload.into()),
            other => other.map_err(failed)?,
        };
        match folder.read_whole(TARGET) {
            Ok(Some(named)) if named == target.full.as_str() => Ok(folder),
            Ok(_) => Err(NoSuchUpload.into()),
            Err(error) => Err(ArtifactError::from_io(WHAT, error)),
        }
    }

    fn open_temp(&self) -> Result<OwnedFd> {
        open_temp_directory(self.open_or_create_root()?).map_err(failed)
    }
}

fn folder_name(id: &str) -> String {
    format!("{PREFIX}{id}")
}

fn lock(folder: &PartsFolder) -> Result<Lock> {
    match folder.lock() {
        Err(Errno::NOENT) => Err(NoSuchUpload.into()),
        other => other.map_err(failed),
    }
}

fn failed(errno: Errno) -> ArtifactError {
    ArtifactError::from_errno(WHAT, errno)
}
