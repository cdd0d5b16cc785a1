//! Folders, opened one name at a time so that no link leads out of the store.

use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{self, AtFlags, CWD, Dir, FileType, Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};

use crate::{Problem, Report};

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
const READ: OFlags = OFlags::RDONLY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

/// An open folder of the store.
#[derive(Debug)]
pub struct Folder {
    handle: OwnedFd,
    path: PathBuf,
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Folder,
    File,
}

/// The largest text that is read at once: descriptions of datasets have up to 16 MiB.
const MAX_TEXT_BYTES: u64 = 64 * 1024 * 1024;

impl Folder {
    /// Opens the root of a store, which may be a link.
    pub(crate) fn open_root(path: &Path) -> std::io::Result<Self> {
        let handle = retry_on_intr(|| fs::openat(CWD, path, DIRECTORY, Mode::empty()))?;
        Ok(Self {
            handle,
            path: PathBuf::new(),
        })
    }

    /// Where it is below the root of the store.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The open folder itself, for calls that name a file in it.
    pub fn handle(&self) -> BorrowedFd<'_> {
        self.handle.as_fd()
    }

    /// Its name.
    pub(crate) fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// Opens a folder in this one; `None` if there is none of this name.
    pub(crate) fn find_folder(&self, name: &str) -> Result<Option<Self>, Problem> {
        let path = self.path.join(name);
        match retry_on_intr(|| fs::openat(&self.handle, name, DIRECTORY | OFlags::NOFOLLOW, Mode::empty())) {
            Ok(handle) => Ok(Some(Self { handle, path })),
            Err(Errno::NOENT) => Ok(None),
            Err(Errno::LOOP | Errno::MLINK | Errno::NOTDIR) if self.is_link(name) => Err(link(path)),
            Err(Errno::NOTDIR) => Err(Problem::new(
                path,
                "a file where a folder is expected; it was skipped",
            )),
            Err(errno) => Err(Problem::io(path, "open the folder", errno)),
        }
    }

    /// Opens a folder in this one; reports why it could not be opened.
    pub(crate) fn folder(&self, name: &str, report: Report<'_>) -> Option<Self> {
        self.find_folder(name).unwrap_or_else(|problem| {
            report(problem);
            None
        })
    }

    /// Names of the files and folders in it, in byte order. Links, other special files and names that
    /// are not UTF-8 are reported.
    pub(crate) fn entries(&self, report: Report<'_>) -> Vec<(String, Kind)> {
        let mut entries = Vec::new();
        let dir = match Dir::read_from(&self.handle) {
            Ok(dir) => dir,
            Err(errno) => {
                report(Problem::io(&self.path, "list the folder", errno));
                return entries;
            }
        };
        for entry in dir {
            let entry = match entry {
                Ok(entry) => entry,
                Err(errno) => {
                    report(Problem::io(&self.path, "list the whole folder", errno));
                    break;
                }
            };
            let Ok(name) = entry.file_name().to_str() else {
                let shown = entry.file_name().to_string_lossy().into_owned();
                report(Problem::new(
                    self.path.join(shown),
                    "the name is not UTF-8; it was skipped",
                ));
                continue;
            };
            if matches!(name, "." | "..") || is_litter(name) {
                continue;
            }
            match self.kind_of(name, entry.file_type()) {
                Ok(kind) => entries.push((name.to_owned(), kind)),
                Err(problem) => report(problem),
            }
        }
        entries.sort_unstable();
        entries
    }

    /// Whether there is a file or folder in it.
    pub fn has_entries(&self) -> bool {
        !self.entries(&mut |_| {}).is_empty()
    }

    /// Names of the folders in it, in byte order.
    pub(crate) fn folder_names(&self, report: Report<'_>) -> Vec<String> {
        let entries = self.entries(report);
        let folders = entries.into_iter().filter(|(_, kind)| *kind == Kind::Folder);
        folders.map(|(name, _)| name).collect()
    }

    /// Opens a regular file.
    pub fn open_file(&self, name: &str) -> Result<File, Problem> {
        let path = self.path.join(name);
        let file = match retry_on_intr(|| fs::openat(&self.handle, name, READ, Mode::empty())) {
            Ok(file) => File::from(file),
            Err(Errno::LOOP | Errno::MLINK) => return Err(link(path)),
            Err(errno) => return Err(Problem::io(path, "open the file", errno)),
        };
        match file.metadata() {
            Ok(metadata) if metadata.is_file() => Ok(file),
            Ok(_) => Err(Problem::new(path, "not a regular file; it was skipped")),
            Err(error) => Err(Problem::io(path, "look at the file", error)),
        }
    }

    /// A whole text file; `None` if there is none of this name.
    pub(crate) fn find_text(&self, name: &str) -> Result<Option<String>, Problem> {
        if fs::statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW).err() == Some(Errno::NOENT) {
            return Ok(None);
        }
        self.text(name).map(Some)
    }

    /// A whole text file.
    pub(crate) fn text(&self, name: &str) -> Result<String, Problem> {
        let path = self.path.join(name);
        let mut bytes = Vec::new();
        let read = self
            .open_file(name)?
            .take(MAX_TEXT_BYTES + 1)
            .read_to_end(&mut bytes);
        read.map_err(|error| Problem::io(&path, "read the file", error))?;
        if bytes.len() as u64 > MAX_TEXT_BYTES {
            return Err(Problem::new(path, "larger than 64 MiB; it was skipped"));
        }
        let text = String::from_utf8(bytes)
            .map_err(|_| Problem::new(&path, "the content is not UTF-8; it was skipped"))?;
        if text.contains('\0') {
            return Err(Problem::new(path, "it contains a NUL character; it was skipped"));
        }
        Ok(text)
    }

    fn kind_of(&self, name: &str, listed: FileType) -> Result<Kind, Problem> {
        let kind = match listed {
            FileType::Unknown => self.stat_kind(name),
            known => known,
        };
        match kind {
            FileType::Directory => Ok(Kind::Folder),
            FileType::RegularFile => Ok(Kind::File),
            FileType::Symlink => Err(link(self.path.join(name))),
            _ => Err(Problem::new(
                self.path.join(name),
                "neither a file nor a folder; it was skipped",
            )),
        }
    }

    fn stat_kind(&self, name: &str) -> FileType {
        fs::statat(&self.handle, name, AtFlags::SYMLINK_NOFOLLOW)
            .map_or(FileType::Unknown, |stat| FileType::from_raw_mode(stat.st_mode))
    }

    fn is_link(&self, name: &str) -> bool {
        self.stat_kind(name) == FileType::Symlink
    }
}

fn link(path: PathBuf) -> Problem {
    Problem::new(path, "a symbolic link; links are not followed, it was skipped")
}

/// What desktops leave behind in folders, which is nobody's metric or tag.
fn is_litter(name: &str) -> bool {
    matches!(name, ".DS_Store" | "Thumbs.db" | "desktop.ini") || name.starts_with("._")
}
