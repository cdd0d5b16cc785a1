//! The temporary directory: files of unfinished uploads, trees being deleted; swept at start.

use std::fs::File;
use std::io::{self, IoSlice, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use rustix::fs::{self, AtFlags, Dir, FileType, Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};
use uuid::Uuid;

use crate::adopt::AdoptedFile;
use crate::beneath::{self, FILE_MODE};
use crate::delete::{delete_tree, is_dot};
use crate::path::TEMP_DIRECTORY;
use crate::signing_key::{SIGNING_KEY, link_beside};

/// Age from which a temporary file belongs to no living upload: those write all the time.
const STALE_AFTER: Duration = Duration::from_secs(3600);

/// A file nobody sees yet. Unless it is published it is removed when dropped.
#[derive(Debug)]
pub(crate) struct TempFile(Option<Open>);

#[derive(Debug)]
struct Open {
    directory: OwnedFd,
    name: String,
    file: File,
}

impl TempFile {
    /// Makes an empty file in the temporary directory of `root`.
    pub(crate) fn create(root: impl AsFd) -> Result<Self, Errno> {
        let directory = open_temp_directory(root)?;
        let name = new_name();
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = retry_on_intr(|| fs::openat(&directory, &name, flags, FILE_MODE))?;
        Ok(Self(Some(Open {
            directory,
            name,
            file: file.into(),
        })))
    }

    /// Makes a second name of a file in the temporary directory of `root`; `STALE` if the name of the
    /// source stands for another file meanwhile.
    pub(crate) fn link(root: impl AsFd, source: &AdoptedFile<'_>) -> Result<Self, Errno> {
        let directory = open_temp_directory(root)?;
        let name = new_name();
        // Without AT_SYMLINK_FOLLOW: a link would be linked itself, and not be opened below.
        fs::linkat(source.folder, source.name, &directory, &name, AtFlags::empty())?;
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let opened = retry_on_intr(|| fs::openat(&directory, &name, flags, Mode::empty()));
        let is_same = |file: &OwnedFd| {
            let (linked, wanted) = (fs::fstat(file)?, fs::fstat(source.file)?);
            Ok::<_, Errno>((linked.st_dev, linked.st_ino) == (wanted.st_dev, wanted.st_ino))
        };
        match opened {
            Ok(file) if is_same(&file) == Ok(true) => Ok(Self(Some(Open {
                directory,
                name,
                file: file.into(),
            }))),
            _ => {
                fs::unlinkat(&directory, &name, AtFlags::empty())?;
                Err(Errno::STALE)
            }
        }
    }

    /// The file, for writing and for reading what was written.
    pub(crate) fn file(&self) -> io::Result<&File> {
        Ok(&self.open()?.file)
    }

    /// Appends the pieces. Fails on the first that cannot be written.
    pub(crate) fn append(&self, pieces: &[Bytes]) -> io::Result<()> {
        write_pieces(&self.open()?.file, pieces)
    }

    /// Puts the content on disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.open()?.file.sync_all()
    }

    /// Renames the file to `name` in `parent`, replacing what is there unless it is a directory.
    /// Afterwards it is no longer temporary.
    pub(crate) fn rename_to(&mut self, parent: impl AsFd, name: &str) -> Result<(), Errno> {
        let open = self.0.as_ref().ok_or(Errno::BADF)?;
        fs::renameat(&open.directory, &open.name, parent, name)?;
        self.0 = None;
        Ok(())
    }

    /// Gives the file a second name in the temporary directory, unless there is a file of that name.
    pub(crate) fn link_as(&self, name: &str) -> Result<(), Errno> {
        let open = self.0.as_ref().ok_or(Errno::BADF)?;
        link_beside(&open.directory, &open.name, name)
    }

    /// Removes the file now, on this thread.
    pub(crate) fn remove(mut self) {
        if let Some(open) = self.0.take() {
            open.remove();
        }
    }

    fn open(&self) -> io::Result<&Open> {
        self.0.as_ref().ok_or_else(|| Errno::BADF.into())
    }
}

impl Open {
    fn remove(self) {
        if let Err(error) = fs::unlinkat(&self.directory, &self.name, AtFlags::empty()) {
            tracing::warn!(
                "could not remove temporary file {}: {error}; it is swept at the next start",
                self.name
            );
        }
    }
}

impl Drop for TempFile {
    /// Reached when an upload is dropped half-way, usually on an async thread: freeing the blocks
    /// of a large file takes milliseconds, so it goes to a blocking one.
    fn drop(&mut self) {
        let Some(open) = self.0.take() else { return };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(move || open.remove())),
            Err(_) => open.remove(),
        }
    }
}

/// Writes the pieces where the file is at. Fails on the first that cannot be written.
pub(crate) fn write_pieces(mut file: &File, pieces: &[Bytes]) -> io::Result<()> {
    let mut slices: Vec<IoSlice<'_>> = pieces
        .iter()
        .filter(|piece| !piece.is_empty())
        .map(|piece| IoSlice::new(piece))
        .collect();
    let mut rest = slices.as_mut_slice();
    while !rest.is_empty() {
        match file.write_vectored(rest) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => IoSlice::advance_slices(&mut rest, written),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Opens the temporary directory of a root, making it if need be.
pub(crate) fn open_temp_directory(root: impl AsFd) -> Result<OwnedFd, Errno> {
    // Only ours: nobody else has to look at half an upload.
    beneath::open_or_create_child(root.as_fd(), TEMP_DIRECTORY, Mode::RWXU)
}

/// A name nobody else uses in the temporary directory.
pub(crate) fn new_name() -> String {
    Uuid::new_v4().to_string()
}

/// Removes what is older than an hour from the temporary directory of a root, which need not
/// exist: files of killed uploads, trees of killed deletes. Fails only if the root is unusable.
pub(crate) fn sweep(root: &Path, now: SystemTime) -> io::Result<()> {
    let root = match beneath::open_root(root) {
        Err(Errno::NOENT) => return Ok(()),
        other => other?,
    };
    // A root this server only reads may hold the temporary directory of another one.
    match sweep_root(&root, now) {
        Ok(()) | Err(Errno::NOENT) => {}
        Err(errno) => tracing::warn!("could not sweep the temporary directory of a root: {errno}"),
    }
    Ok(())
}

fn sweep_root(root: &OwnedFd, now: SystemTime) -> Result<(), Errno> {
    let directory = beneath::open_child(root.as_fd(), TEMP_DIRECTORY)?;
    for entry in Dir::read_from(&directory)? {
        let entry = entry?;
        if is_dot(entry.file_name()) {
            continue;
        }
        let Ok(stat) = fs::statat(&directory, entry.file_name(), AtFlags::SYMLINK_NOFOLLOW) else {
            continue; // finished meanwhile
        };
        let age = now.duration_since(modified(&stat)).unwrap_or_default();
        if age <= STALE_AFTER || entry.file_name().to_bytes() == SIGNING_KEY.as_bytes() {
            continue;
        }
        let removed = match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => fs::unlinkat(&directory, entry.file_name(), AtFlags::empty()),
            FileType::Directory => delete_tree(&directory, entry.file_name()),
            _ => Ok(()),
        };
        if let Err(errno) = removed {
            tracing::warn!("could not remove a stale temporary file: {errno}");
        }
    }
    Ok(())
}

/// Time of the last change of the content.
#[expect(
    clippy::useless_conversion,
    reason = "the fields differ in width between platforms"
)]
pub(crate) fn modified(stat: &fs::Stat) -> SystemTime {
    let seconds = i64::try_from(stat.st_mtime).unwrap_or_default();
    let nanoseconds = Duration::from_nanos(u64::try_from(stat.st_mtime_nsec).unwrap_or_default());
    let whole = Duration::from_secs(seconds.unsigned_abs());
    let base = if seconds < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(whole)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(whole)
    };
    base.and_then(|time| time.checked_add(nanoseconds))
        .unwrap_or(SystemTime::UNIX_EPOCH)
}
