//! The store in a local (or mounted) directory. Blocking; see `blocking`.

use std::ffi::CStr;
use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use rustix::fs::{self, AtFlags, Dir, FileType, Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};

use crate::beneath::{self, Resolver};
use crate::blocking::Workers;
use crate::delete::is_dot;
use crate::download::ArtifactFile;
use crate::error::{ArtifactError, Result, Target};
use crate::listing::{Entry, EntryPage, FirstNames, PageWanted};
use crate::local_parts::PrefixDigests;
use crate::path::ArtifactPath;
use crate::temp_file::{TempFile, modified, sweep};

const LIST: &str = "list the artifact directory";
const STORE: &str = "store the artifact";

/// Files below one root directory, which the first upload makes.
#[derive(Debug)]
pub(crate) struct LocalStore {
    root: PathBuf,
    resolver: Resolver,
    /// What is known of the bytes of uploads in parts that go on.
    pub(crate) prefixes: PrefixDigests,
    /// Held while directories are made and put on disk, so that an upload never relies on one that
    /// another has made but not yet synced; and while one is moved away to be deleted, so that
    /// none goes between being opened and receiving its file.
    directories: Mutex<()>,
}

impl LocalStore {
    pub(crate) fn new(root: PathBuf, resolver: Resolver) -> Self {
        Self {
            root,
            resolver,
            prefixes: PrefixDigests::default(),
            directories: Mutex::new(()),
        }
    }

    /// Removes what uploads that ended an hour ago, or were given up then, left behind.
    pub(crate) fn sweep(&self) -> Result<()> {
        sweep(&self.root, SystemTime::now())
            .map_err(|error| ArtifactError::from_io("sweep the temporary directory", error))
    }

    /// Direct children, sorted by name in byte order. A missing directory and a file have none.
    pub(crate) fn list(&self, directory: Option<&ArtifactPath>) -> Result<Vec<Entry>> {
        let Some(listed) = self.open_listed(directory)? else {
            return Ok(Vec::new());
        };
        let read = || -> Result<Vec<Entry>, Errno> {
            let mut entries = Vec::new();
            for entry in Dir::read_from(&listed)? {
                if let Some(name) = name_to_list(entry?.file_name()) {
                    entries.extend(describe(&listed, name)?);
                }
            }
            Ok(entries)
        };
        let mut entries = read().map_err(|errno| ArtifactError::from_errno(LIST, errno))?;
        entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    /// A part of the same. Reads all names of the directory, keeps those of the page, and looks at no other file.
    pub(crate) fn list_page(
        &self,
        directory: Option<&ArtifactPath>,
        wanted: &PageWanted,
    ) -> Result<EntryPage> {
        let read = |listed: OwnedFd| -> Result<EntryPage, Errno> {
            let mut first = FirstNames::new(wanted);
            for entry in Dir::read_from(&listed)? {
                name_to_list(entry?.file_name())
                    .into_iter()
                    .for_each(|name| first.add(name));
            }
            let (names, next) = first.finish();
            let entries = names
                .iter()
                .filter_map(|name| describe(&listed, name).transpose());
            Ok(EntryPage {
                entries: entries.collect::<Result<_, Errno>>()?,
                next,
            })
        };
        match self.open_listed(directory)? {
            Some(listed) => read(listed).map_err(|errno| ArtifactError::from_errno(LIST, errno)),
            None => Ok(wanted.of_sorted(Vec::new())),
        }
    }

    fn open_listed(&self, directory: Option<&ArtifactPath>) -> Result<Option<OwnedFd>> {
        match self.open_directory(directory) {
            Err(Errno::NOENT | Errno::NOTDIR) => Ok(None),
            other => Ok(Some(
                other.map_err(|errno| ArtifactError::from_errno(LIST, errno))?,
            )),
        }
    }

    /// Opens a regular file for reading.
    pub(crate) fn open_file(&self, target: &Target, workers: Workers) -> Result<ArtifactFile> {
        let failed = |errno| ArtifactError::from_errno("read the artifact", errno);
        let parent = match self.open_directory(target.full.parent().as_ref()) {
            Err(Errno::NOENT | Errno::NOTDIR) => return Err(target.not_found()),
            other => other.map_err(failed)?,
        };
        // Looked at before it is opened: opening a device may already do something. And again
        // afterwards, because only the second look is at what was opened.
        check_is_file(stat_child(&parent, target.full.file_name()), target)?;
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = match retry_on_intr(|| fs::openat(&parent, target.full.file_name(), flags, Mode::empty()))
        {
            // Gone or replaced by a link or a socket since the look.
            Err(Errno::NOENT | Errno::LOOP | Errno::NXIO | Errno::NODEV) => {
                return Err(target.not_found());
            }
            other => other.map_err(failed)?,
        };
        let stat = check_is_file(fs::fstat(&file), target)?;
        Ok(ArtifactFile::new(file.into(), &stat, workers))
    }

    /// Makes the temporary file of an upload. What makes the upload impossible is found here,
    /// before the body is read: a directory at the target, a file on the way.
    pub(crate) fn begin_upload(&self, target: &Target) -> Result<TempFile> {
        self.check_upload(target)?;
        TempFile::create(self.open_or_create_root()?)
            .map_err(|errno| ArtifactError::from_errno("start the upload", errno))
    }

    /// Finds what makes an upload impossible.
    pub(crate) fn check_upload(&self, target: &Target) -> Result<()> {
        let failed = |errno| ArtifactError::from_errno("start the upload", errno);
        let root = self.open_or_create_root()?;
        match self.open_below(&root, target.full.parent().as_ref()) {
            Ok(parent) => match stat_child(&parent, target.full.file_name()) {
                Ok(stat) if file_type(&stat) == FileType::Directory => Err(target.is_directory()),
                Ok(_) | Err(Errno::NOENT) => Ok(()),
                Err(errno) => Err(failed(errno)),
            },
            Err(Errno::NOENT) => Ok(()),
            Err(Errno::NOTDIR) => Err(target.not_a_directory()),
            Err(errno) => Err(failed(errno)),
        }
    }

    /// Puts the content on disk and makes it visible at the target, in one step for readers. Returns its entity tag.
    pub(crate) fn publish(&self, mut temp: TempFile, target: &Target) -> Result<Option<String>> {
        let published = self.try_publish(&mut temp, target);
        if published.is_err() {
            temp.remove();
        }
        published
    }

    fn try_publish(&self, temp: &mut TempFile, target: &Target) -> Result<Option<String>> {
        let file = temp
            .file()
            .map_err(|error| ArtifactError::from_io(STORE, error))?;
        let etag = settle(file)?;
        self.place(target, |parent, name| temp.rename_to(parent, name))?;
        Ok(etag)
    }

    /// Makes a file visible at the target, in one step for readers: `rename` gives it that name in that directory.
    pub(crate) fn place(
        &self,
        target: &Target,
        mut rename: impl FnMut(&OwnedFd, &str) -> Result<(), Errno>,
    ) -> Result<()> {
        const ATTEMPTS: usize = 5;
        let mut outcome = Err(Errno::NOENT);
        for _ in 0..ATTEMPTS {
            outcome = self.rename_into_place(target, &mut rename);
            // Another process may have deleted the parent between opening it and renaming into it.
            if outcome != Err(Errno::NOENT) {
                break;
            }
        }
        match outcome {
            Ok(()) => Ok(()),
            Err(Errno::ISDIR) => Err(target.is_directory()),
            Err(Errno::NOTDIR) => Err(target.not_a_directory()),
            Err(other) => Err(ArtifactError::from_errno(STORE, other)),
        }
    }

    fn rename_into_place(
        &self,
        target: &Target,
        rename: &mut impl FnMut(&OwnedFd, &str) -> Result<(), Errno>,
    ) -> Result<(), Errno> {
        let root = beneath::open_root(&self.root)?;
        let keeping = self.keep_directories();
        let parent = match target.full.parent() {
            None => root,
            Some(path) => self.open_or_create(&root, &path)?,
        };
        rename(&parent, target.full.file_name())?;
        drop(keeping);
        beneath::sync_directory(&parent)
    }

    fn open_or_create(&self, root: &OwnedFd, path: &ArtifactPath) -> Result<OwnedFd, Errno> {
        match beneath::open_directory(root.as_fd(), path, self.resolver) {
            Err(Errno::NOENT) => beneath::open_or_create_directory(root.as_fd(), path),
            answer => answer,
        }
    }

    /// While the guard lives, this process neither makes nor moves other directories.
    pub(crate) fn keep_directories(&self) -> MutexGuard<'_, ()> {
        self.directories.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn open_or_create_root(&self) -> Result<OwnedFd> {
        let failed = |errno| ArtifactError::from_errno("open the artifact store", errno);
        match beneath::open_root(&self.root) {
            Err(Errno::NOENT) => {}
            answer => return answer.map_err(failed),
        }
        let _guard = self.keep_directories();
        create_root(&self.root).map_err(|error| ArtifactError::from_io("make the artifact store", error))?;
        beneath::open_root(&self.root).map_err(failed)
    }

    /// Opens a directory of the store; `None` is the root.
    pub(crate) fn open_directory(&self, path: Option<&ArtifactPath>) -> Result<OwnedFd, Errno> {
        self.open_below(&beneath::open_root(&self.root)?, path)
    }

    fn open_below(&self, root: &OwnedFd, path: Option<&ArtifactPath>) -> Result<OwnedFd, Errno> {
        match path {
            // A handle of its own; `.` of a directory handle cannot lead anywhere else.
            None => beneath::open_child(root.as_fd(), "."),
            Some(path) => beneath::open_directory(root.as_fd(), path, self.resolver),
        }
    }
}

/// Puts the content of a file on disk. Returns the entity tag it has from now on: neither a new name nor a new folder changes
/// what that is made of.
pub(crate) fn settle(file: &File) -> Result<Option<String>> {
    file.sync_all()
        .map_err(|error| ArtifactError::from_io(STORE, error))?;
    Ok(fs::fstat(file).map(|stat| etag(&stat)).ok())
}

/// Makes the root and what is missing above it; every new name is on disk afterwards.
fn create_root(root: &Path) -> std::io::Result<()> {
    if root.is_dir() {
        return Ok(());
    }
    if let Some(parent) = root.parent() {
        create_root(parent)?;
        match std::fs::create_dir(root) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(error),
            _ => beneath::sync_directory(beneath::open_root(parent)?)?,
        }
    }
    Ok(())
}

/// A name that may be listed: none that no request could ask for again (also those that would lead a client out of its
/// download directory).
fn name_to_list(name: &CStr) -> Option<&str> {
    if is_dot(name) {
        return None;
    }
    let name = name
        .to_str()
        .ok()
        .filter(|name| ArtifactPath::parse(name).is_ok());
    if name.is_none() {
        tracing::debug!("left a name out of an artifact listing: it is not a valid path");
    }
    name
}

/// What is listed for a name: nothing for links and special files.
fn describe(directory: &OwnedFd, name: &str) -> Result<Option<Entry>, Errno> {
    let stat = match stat_child(directory, name) {
        Err(Errno::NOENT) => return Ok(None), // deleted since its name was read
        other => other?,
    };
    let (is_dir, size_bytes) = match file_type(&stat) {
        FileType::Directory => (true, 0),
        FileType::RegularFile => (false, size_of(&stat)),
        _ => return Ok(None),
    };
    Ok(Some(Entry {
        name: name.to_owned(),
        is_dir,
        size_bytes,
    }))
}

fn check_is_file(stat: Result<fs::Stat, Errno>, target: &Target) -> Result<fs::Stat> {
    match stat {
        Err(Errno::NOENT) => Err(target.not_found()),
        Err(errno) => Err(ArtifactError::from_errno("read the artifact", errno)),
        Ok(stat) => match file_type(&stat) {
            FileType::RegularFile => Ok(stat),
            FileType::Directory => Err(target.is_directory()),
            _ => Err(target.not_found()),
        },
    }
}

/// Looks at one name of a directory, not at what it may link to.
pub(crate) fn stat_child(parent: &OwnedFd, name: &str) -> Result<fs::Stat, Errno> {
    fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW)
}

pub(crate) fn file_type(stat: &fs::Stat) -> FileType {
    FileType::from_raw_mode(stat.st_mode)
}

/// Strong entity tag with its quotes: of size, modification time and inode.
pub(crate) fn etag(stat: &fs::Stat) -> String {
    let nanoseconds = modified(stat)
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos());
    format!("\"{:x}-{nanoseconds:x}-{:x}\"", size_of(stat), stat.st_ino)
}

pub(crate) fn size_of(stat: &fs::Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or_default()
}
