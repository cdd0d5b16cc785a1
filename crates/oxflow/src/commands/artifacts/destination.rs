//! The folder that artifacts are downloaded to, which nothing is written outside of.
//!
//! Folders are opened name by name, and no link is followed below the destination itself: a server chooses the names,
//! and another program may have put links there.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use rustix::fs::{self, AtFlags, CWD, Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};

use super::relative::RelativePath;

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
/// Modes before the umask.
const FOLDER_MODE: Mode = Mode::from_raw_mode(0o777);
const FILE_MODE: Mode = Mode::from_raw_mode(0o666);

/// The folder that is downloaded to.
#[derive(Debug)]
pub struct Destination {
    root: OwnedFd,
    path: PathBuf,
}

/// A folder in it.
#[derive(Debug)]
pub struct Folder {
    fd: OwnedFd,
    path: PathBuf,
}

impl Destination {
    /// Opens a folder, making it and those above it if they are missing.
    pub fn open(path: PathBuf) -> Result<Self> {
        let failed = || format!("could not open the folder `{}`", path.display());
        std::fs::create_dir_all(&path).with_context(failed)?;
        let root = retry_on_intr(|| fs::openat(CWD, &path, FOLDER, Mode::empty())).with_context(failed)?;
        Ok(Self { root, path })
    }

    /// Writes everything to disk that was written to it, names included, by one call for its whole file system: of a
    /// thousand small files each by itself would take longer than to download them.
    pub fn sync(&self) -> Result<()> {
        fs::syncfs(&self.root)
            .map_err(io::Error::from)
            .with_context(|| format!("could not write what is in `{}` to disk", self.path.display()))
    }

    /// Where a path is, to be told.
    pub fn path_of(&self, path: &RelativePath) -> PathBuf {
        path.names()
            .fold(self.path.clone(), |place, name| place.join(name))
    }

    /// A folder below it, made if it is missing.
    pub fn folder(&self, path: &RelativePath) -> Result<Folder> {
        let shown = self.path_of(path);
        let fd = self
            .descend(path)
            .map_err(|errno| match errno {
                Errno::LOOP | Errno::NOTDIR | Errno::MLINK => {
                    anyhow::anyhow!("a part of it is a link or a file")
                }
                other => anyhow::Error::new(io::Error::from(other)),
            })
            .with_context(|| format!("could not make the folder `{}`", shown.display()))?;
        Ok(Folder { fd, path: shown })
    }

    fn descend(&self, path: &RelativePath) -> Result<OwnedFd, Errno> {
        let mut folder = fs::openat(&self.root, ".", FOLDER, Mode::empty())?;
        for name in path.names() {
            let open =
                || retry_on_intr(|| fs::openat(&folder, name, FOLDER | OFlags::NOFOLLOW, Mode::empty()));
            folder = match open() {
                Err(Errno::NOENT) => {
                    match fs::mkdirat(&folder, name, FOLDER_MODE) {
                        Ok(()) | Err(Errno::EXIST) => {}
                        Err(errno) => return Err(errno),
                    }
                    open()?
                }
                opened => opened?,
            };
        }
        Ok(folder)
    }
}

impl Folder {
    /// Where a file of it is, to be told.
    pub fn path_of(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Opens a file for reading and writing, making it if it is missing. What is no plain file is an error.
    pub fn open_or_create(&self, name: &str) -> io::Result<File> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        plain(retry_on_intr(|| fs::openat(&self.fd, name, flags, FILE_MODE))?)
    }

    /// At most `limit` bytes of a small file; `None` if there is no such plain file.
    pub fn read(&self, name: &str, limit: u64) -> Option<Vec<u8>> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = retry_on_intr(|| fs::openat(&self.fd, name, flags, Mode::empty())).ok()?;
        let mut bytes = Vec::new();
        plain(file).ok()?.take(limit).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }

    /// Makes a small file of these bytes, in place of what was there.
    pub fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut file = self.open_or_create(name)?;
        file.set_len(0)?;
        file.write_all(bytes)
    }

    /// The folder behind an open one, of which no path is known.
    pub fn of(fd: OwnedFd) -> Self {
        Self {
            fd,
            path: PathBuf::new(),
        }
    }

    /// It once more, to be kept for longer.
    pub fn try_clone(&self) -> io::Result<OwnedFd> {
        self.fd.try_clone()
    }

    /// Bytes of a plain file; `None` if there is no such file.
    pub fn size_of(&self, name: &str) -> Option<u64> {
        let stat = fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
        let is_file = fs::FileType::from_raw_mode(stat.st_mode) == fs::FileType::RegularFile;
        is_file.then(|| u64::try_from(stat.st_size).unwrap_or_default())
    }

    /// Renames a file over whatever file or link has the other name.
    pub fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        Ok(fs::renameat(&self.fd, from, &self.fd, to)?)
    }

    /// Removes a file, if it is there.
    pub fn remove(&self, name: &str) {
        let _ = fs::unlinkat(self.fd.as_fd(), name, AtFlags::empty());
    }

    /// Whether it has such a plain file.
    pub fn has_file(&self, name: &str) -> bool {
        self.size_of(name).is_some()
    }
}

fn plain(file: OwnedFd) -> io::Result<File> {
    let file = File::from(file);
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::other("it is there already, and is no plain file"))
    }
}

/// A path as it is told: from the root of the file system.
pub fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_below_the_destination_lead_nowhere() {
        let outside = tempfile::tempdir().unwrap();
        let inside = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(outside.path(), inside.path().join("way-out")).unwrap();
        std::os::unix::fs::symlink(outside.path().join("new"), inside.path().join("x.part")).unwrap();
        let destination = Destination::open(inside.path().to_owned()).unwrap();
        for path in ["way-out", "way-out/a"] {
            assert!(
                destination.folder(&RelativePath::parse(path).unwrap()).is_err(),
                "{path}"
            );
        }
        let folder = destination.folder(&RelativePath::root()).unwrap();
        assert!(folder.open_or_create("x.part").is_err());
        folder.write("y", b"1").unwrap();
        folder.rename("y", "x.part").unwrap();
        assert_eq!(std::fs::read(inside.path().join("x.part")).unwrap(), b"1");
        assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
    }

    #[test]
    fn folders_are_made_and_pipes_are_no_files() {
        let inside = tempfile::tempdir().unwrap();
        let destination = Destination::open(inside.path().join("new")).unwrap();
        let folder = destination.folder(&RelativePath::parse("a/b").unwrap()).unwrap();
        rustix::fs::mknodat(&folder.fd, "pipe", rustix::fs::FileType::Fifo, FILE_MODE, 0).unwrap();
        assert!(folder.open_or_create("pipe").is_err());
        folder.write("f", b"12").unwrap();
        folder.write("f", b"3").unwrap();
        assert_eq!(folder.read("f", 9), Some(b"3".to_vec()));
        assert!(inside.path().join("new/a/b/f").is_file());
    }
}
