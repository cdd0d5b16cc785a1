//! Uploads in parts to a local folder: each part is a file, until all of them become one.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{self, Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};
use uuid::Uuid;

use crate::beneath;
use crate::delete::delete_tree;
use crate::error::{ArtifactError, Result, Target};
use crate::local::LocalStore;
use crate::parts::{DonePart, InvalidParts, NoSuchUpload};
use crate::temp_file::{TempFile, open_temp_directory};

/// Begins the names of the folders of parts in the temporary directory.
const PREFIX: &str = "parts-";

/// The file in such a folder that says what the upload is to become: nobody completes it as something else.
const TARGET: &str = "target";

/// Bytes copied at once.
const BUFFER_BYTES: usize = 1024 * 1024;

const WHAT: &str = "upload the parts";

impl LocalStore {
    /// Makes the folder of an upload and returns the upload's id.
    pub(crate) fn begin_parts(&self, target: &Target) -> Result<String> {
        // What makes the upload impossible is found here.
        self.begin_upload(target)?.remove();
        let id = Uuid::new_v4().simple().to_string();
        let make = || -> Result<OwnedFd, Errno> {
            let temp = open_temp_directory(self.open_or_create_root().map_err(|_| Errno::IO)?)?;
            beneath::open_or_create_child(temp.as_fd(), &format!("{PREFIX}{id}"), Mode::RWXU)
        };
        let folder = make().map_err(failed)?;
        let mut file = create(&folder, TARGET).map_err(failed)?;
        file.write_all(target.full.as_str().as_bytes())
            .map_err(|error| ArtifactError::from_io(WHAT, error))?;
        Ok(id)
    }

    /// Makes the file that a part is written to.
    pub(crate) fn begin_part(&self, target: &Target, id: &str) -> Result<TempFile> {
        self.open_parts(target, id)?;
        TempFile::create(self.open_or_create_root()?).map_err(failed)
    }

    /// Keeps a part that has come in full and returns its entity tag. One of its number that came before stays until the upload
    /// ends: which of them counts is told by the tag, and of two that come at once neither may take the other away.
    pub(crate) fn keep_part(
        &self,
        mut temp: TempFile,
        target: &Target,
        id: &str,
        number: u32,
    ) -> Result<String> {
        let folder = self.open_parts(target, id)?;
        let etag = Uuid::new_v4().simple().to_string();
        temp.rename_to(&folder, &part_name(number, &etag))
            .map_err(failed)?;
        Ok(etag)
    }

    /// Makes one file of the parts, in one step for readers. Returns its entity tag.
    pub(crate) fn complete_parts(
        &self,
        target: &Target,
        id: &str,
        done: &[DonePart],
        mut seen: impl FnMut(&[u8]),
    ) -> Result<Option<String>> {
        let folder = self.open_parts(target, id)?;
        let temp = self.begin_upload(target)?;
        let mut buffer = vec![0; BUFFER_BYTES];
        let mut copy = || -> Result<()> {
            for (index, part) in done.iter().enumerate() {
                if part.number as usize != index + 1 {
                    return Err(InvalidParts.into());
                }
                let mut part = open_part(&folder, part)?;
                let mut file = temp.file().map_err(|error| ArtifactError::from_io(WHAT, error))?;
                loop {
                    let read = part
                        .read(&mut buffer)
                        .map_err(|error| ArtifactError::from_io(WHAT, error))?;
                    let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else {
                        break;
                    };
                    seen(bytes);
                    file.write_all(bytes)
                        .map_err(|error| ArtifactError::from_io(WHAT, error))?;
                }
            }
            Ok(())
        };
        let etag = match copy() {
            Ok(()) => self.publish(temp, target)?,
            Err(error) => {
                temp.remove();
                return Err(error);
            }
        };
        self.remove_parts(id)?;
        Ok(etag)
    }

    /// Removes what has come of an upload. One that is not there is fine.
    pub(crate) fn abort_parts(&self, target: &Target, id: &str) -> Result<()> {
        match self.open_parts(target, id) {
            Err(ArtifactError::NoSuchUpload(_)) => Ok(()),
            Err(error) => Err(error),
            Ok(_) => self.remove_parts(id),
        }
    }

    fn remove_parts(&self, id: &str) -> Result<()> {
        let temp = open_temp_directory(self.open_or_create_root()?).map_err(failed)?;
        let name = std::ffi::CString::new(format!("{PREFIX}{id}")).map_err(|_| NoSuchUpload)?;
        match delete_tree(&temp, &name) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(errno) => Err(failed(errno)),
        }
    }

    /// The folder of an upload, if it is one to this target.
    fn open_parts(&self, target: &Target, id: &str) -> Result<OwnedFd> {
        let is_id = id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !is_id {
            return Err(NoSuchUpload.into());
        }
        let temp = open_temp_directory(self.open_or_create_root()?).map_err(failed)?;
        let folder = match beneath::open_child(temp.as_fd(), format!("{PREFIX}{id}").as_str()) {
            Err(Errno::NOENT | Errno::NOTDIR) => return Err(NoSuchUpload.into()),
            other => other.map_err(failed)?,
        };
        let mut named = String::new();
        let read = open(&folder, TARGET).map(|mut file| file.read_to_string(&mut named));
        match read {
            Ok(Ok(_)) if named == target.full.as_str() => Ok(folder),
            Ok(_) | Err(Errno::NOENT) => Err(NoSuchUpload.into()),
            Err(errno) => Err(failed(errno)),
        }
    }
}

fn failed(errno: Errno) -> ArtifactError {
    ArtifactError::from_errno(WHAT, errno)
}

fn part_name(number: u32, etag: &str) -> String {
    format!("{number}-{etag}")
}

fn open_part(folder: &OwnedFd, part: &DonePart) -> Result<File> {
    let etag = part.etag.trim_matches('"');
    if etag.len() != 32 || !etag.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(InvalidParts.into());
    }
    match open(folder, &part_name(part.number, etag)) {
        Err(Errno::NOENT) => Err(InvalidParts.into()),
        other => other.map_err(failed),
    }
}

fn open(folder: &OwnedFd, name: &str) -> Result<File, Errno> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    retry_on_intr(|| fs::openat(folder, name, flags, Mode::empty())).map(File::from)
}

fn create(folder: &OwnedFd, name: &str) -> Result<File, Errno> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    retry_on_intr(|| fs::openat(folder, name, flags, Mode::RUSR | Mode::WUSR)).map(File::from)
}
