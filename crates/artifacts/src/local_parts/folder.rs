//! The folder of an upload in parts, and what the names in it stand for.
//!
//! | name | what it is |
//! |---|---|
//! | `target` | a file: what the upload is to become. Locked by whoever completes or aborts it |
//! | `count` | how many parts it has at most |
//! | `stride` | the length of all its parts but the last |
//! | `whole` | the file that takes parts at their places; `closed` from the moment on that somebody completes the upload |
//! | `claim-7` | part 7 has a writer to `whole`, or had one that wrote all of it |
//! | `7-<tag>` | part 7 came in full: the range of `whole` where it is, or a file of its own |
//! | `made` | a file: what became of the upload. Counts as soon as there is no `closed` |
//!
//! What is no file is a symbolic link that leads nowhere and only holds its text: making one is a single step, which nobody
//! sees half of and of several only one succeeds with, also of several servers on one folder. On a file system without links
//! every part is a file of its own.

use std::ffi::CString;
use std::fmt;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;

use rustix::fs::{self, AtFlags, Dir, FlockOperation, Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};
use uuid::Uuid;

use crate::beneath::{self, FILE_MODE};
use crate::delete::is_dot;
use crate::local::stat_child;

/// What the upload is to become: nobody completes it as something else.
pub(super) const TARGET: &str = "target";
pub(super) const COUNT: &str = "count";
pub(super) const STRIDE: &str = "stride";
pub(super) const WHOLE: &str = "whole";
pub(super) const CLOSED: &str = "closed";
pub(super) const MADE: &str = "made";
const CLAIM_PREFIX: &str = "claim-";

/// The folder of one upload.
#[derive(Debug)]
pub(super) struct PartsFolder(pub(super) OwnedFd);

/// Tells one sending of a part from another: its entity tag, without quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PartTag(Uuid);

/// A part that came in full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    /// Counts from 1.
    pub(super) number: u32,
    pub(super) tag: PartTag,
}

/// Bytes of a file; the end is one that a file can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ByteRange {
    pub(super) offset: u64,
    pub(super) length: u64,
}

/// What came of asking for the lock of an upload.
#[derive(Debug)]
pub(super) enum Lock {
    /// Until the file is closed.
    Held(#[expect(dead_code, reason = "the lock lives as long as the file")] File),
    /// Somebody else has it, on this server or another one.
    Busy,
    /// The file system has no locks.
    Unsupported,
}

impl PartTag {
    pub(super) fn fresh() -> Self {
        Self(Uuid::new_v4())
    }

    /// As clients send it, with or without quotes.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim_matches('"');
        let is_tag = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        Uuid::try_parse(text).ok().filter(|_| is_tag).map(Self)
    }
}

impl fmt::Display for PartTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.simple().fmt(f)
    }
}

impl Part {
    /// Out of the name of its record.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let (number, tag) = name.split_once('-')?;
        Some(Self {
            number: number.parse().ok()?,
            tag: PartTag::parse(tag)?,
        })
    }
}

/// The name of its record.
impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.number, self.tag)
    }
}

impl ByteRange {
    pub(super) fn new(offset: u64, length: u64) -> Option<Self> {
        let end = offset.checked_add(length)?;
        i64::try_from(end).ok().map(|_| Self { offset, length })
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let (offset, length) = text.split_once('+')?;
        Self::new(offset.parse().ok()?, length.parse().ok()?)
    }
}

impl fmt::Display for ByteRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}", self.offset, self.length)
    }
}

pub(super) fn claim_name(number: u32) -> String {
    format!("{CLAIM_PREFIX}{number}")
}

/// The number of the part that a name claims a place for.
pub(super) fn claimed_by(name: &str) -> Option<u32> {
    name.strip_prefix(CLAIM_PREFIX)?.parse().ok()
}

impl PartsFolder {
    /// Keeps a short text under a name; `EXIST` if the name is taken.
    pub(super) fn note(&self, name: &str, text: &str) -> Result<(), Errno> {
        fs::symlinkat(text, &self.0, name)
    }

    /// The text under a name; `None` if there is nothing, or a file.
    pub(super) fn noted(&self, name: &str) -> Result<Option<String>, Errno> {
        match fs::readlinkat(&self.0, name, Vec::new()) {
            Ok(text) => Ok(text.into_string().ok()),
            Err(Errno::NOENT | Errno::INVAL) => Ok(None),
            Err(errno) => Err(errno),
        }
    }

    pub(super) fn open(&self, name: &str) -> Result<File, Errno> {
        self.open_with(name, OFlags::RDONLY)
    }

    pub(super) fn open_to_change(&self, name: &str) -> Result<File, Errno> {
        self.open_with(name, OFlags::RDWR)
    }

    /// Makes an empty file; `EXIST` if the name is taken.
    pub(super) fn create(&self, name: &str) -> Result<File, Errno> {
        self.open_with(name, OFlags::RDWR | OFlags::CREATE | OFlags::EXCL)
    }

    fn open_with(&self, name: &str, flags: OFlags) -> Result<File, Errno> {
        let flags = flags | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        retry_on_intr(|| fs::openat(&self.0, name, flags, FILE_MODE)).map(File::from)
    }

    pub(super) fn has(&self, name: &str) -> Result<bool, Errno> {
        match stat_child(&self.0, name) {
            Ok(_) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(errno) => Err(errno),
        }
    }

    /// Removes a file or a text. One that is not there is fine.
    pub(super) fn remove(&self, name: &str) -> Result<(), Errno> {
        match fs::unlinkat(&self.0, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(errno) => Err(errno),
        }
    }

    pub(super) fn rename(&self, from: &str, to: &str) -> Result<(), Errno> {
        fs::renameat(&self.0, from, &self.0, to)
    }

    /// All names that are ours.
    pub(super) fn names(&self) -> Result<Vec<String>, Errno> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.0)? {
            let name: CString = entry?.file_name().to_owned();
            if !is_dot(&name) {
                names.extend(name.into_string());
            }
        }
        Ok(names)
    }

    pub(super) fn sync(&self) -> Result<(), Errno> {
        beneath::sync_directory(&self.0)
    }

    /// Writes a small file whole or not at all, in place of one of that name.
    pub(super) fn write_whole(&self, name: &str, content: &str) -> std::io::Result<()> {
        let fresh = format!("{name}-{}", Uuid::new_v4().simple());
        let mut file = self.create(&fresh)?;
        let written = file
            .write_all(content.as_bytes())
            .and_then(|()| file.sync_all())
            .and_then(|()| Ok(self.rename(&fresh, name)?));
        if written.is_err() {
            let _ = self.remove(&fresh); // the first error is the one to tell
        }
        written.and_then(|()| Ok(self.sync()?))
    }

    /// The content of a small file; `None` if it is not there.
    pub(super) fn read_whole(&self, name: &str) -> std::io::Result<Option<String>> {
        let mut file = match self.open(name) {
            Err(Errno::NOENT) => return Ok(None),
            other => other?,
        };
        let mut content = String::new();
        file.read_to_string(&mut content)?;
        Ok(Some(content))
    }

    /// Asks for the only right to complete or to abort the upload; `NOENT` if it is no more.
    pub(super) fn lock(&self) -> Result<Lock, Errno> {
        // Open for writing: NFS asks for that.
        let file = self.open_to_change(TARGET)?;
        match share_or_own(&file, FlockOperation::NonBlockingLockExclusive)? {
            Locking::Done => {}
            Locking::Refused => return Ok(Lock::Busy),
            Locking::Unsupported => return Ok(Lock::Unsupported),
        }
        // Whoever aborts the upload removes the file while the lock is theirs.
        match fs::fstat(&file)?.st_nlink {
            0 => Err(Errno::NOENT),
            _ => Ok(Lock::Held(file)),
        }
    }
}

/// Says that the file is written to, until it is closed, by whatever end this process has. `false` if that is too late, because
/// somebody makes an artifact of it.
pub(super) fn say_it_is_written_to(file: &File) -> Result<bool, Errno> {
    // Where there are no locks nobody makes an artifact of the file itself.
    share_or_own(file, FlockOperation::NonBlockingLockShared).map(|locking| locking != Locking::Refused)
}

/// Whether nobody says so, and until it is closed nobody can.
pub(super) fn nobody_writes_to(file: &File) -> Result<bool, Errno> {
    share_or_own(file, FlockOperation::NonBlockingLockExclusive).map(|locking| locking == Locking::Done)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Locking {
    Done,
    Refused,
    Unsupported,
}

fn share_or_own(file: &File, operation: FlockOperation) -> Result<Locking, Errno> {
    match retry_on_intr(|| fs::flock(file, operation)) {
        Ok(()) => Ok(Locking::Done),
        Err(Errno::WOULDBLOCK) => Ok(Locking::Refused),
        Err(Errno::NOLCK | Errno::NOTSUP | Errno::NOSYS | Errno::INVAL) => Ok(Locking::Unsupported),
        Err(errno) => Err(errno),
    }
}

/// Opens the folder of that name in the temporary directory; `NOENT` if there is none.
pub(super) fn open_folder(temp: &OwnedFd, name: &str) -> Result<PartsFolder, Errno> {
    use std::os::fd::AsFd;
    beneath::open_child(temp.as_fd(), name).map(PartsFolder)
}

/// Makes it, for this server's user only.
pub(super) fn create_folder(temp: &OwnedFd, name: &str) -> Result<PartsFolder, Errno> {
    use std::os::fd::AsFd;
    beneath::open_or_create_child(temp.as_fd(), name, Mode::RWXU).map(PartsFolder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_ends_where_a_file_can_end() {
        let last = i64::MAX as u64;
        assert!(ByteRange::new(last - 5, 5).is_some());
        assert_eq!(ByteRange::new(last - 5, 6), None);
        assert_eq!(ByteRange::new(u64::MAX, 1), None);
        let range = ByteRange::new(7, 9).unwrap();
        assert_eq!(ByteRange::parse(&range.to_string()), Some(range));
        for wrong in ["", "7", "7+", "+9", "-7+9", "7+9+1", &format!("{last}+1")] {
            assert_eq!(ByteRange::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn names_of_parts_and_of_claims_are_not_taken_for_each_other() {
        let part = Part {
            number: 7,
            tag: PartTag::fresh(),
        };
        assert_eq!(Part::parse(&part.to_string()), Some(part));
        assert_eq!(claimed_by(&part.to_string()), None);
        assert_eq!(claimed_by(&claim_name(7)), Some(7));
        assert_eq!(Part::parse(&claim_name(7)), None);
        for other in [TARGET, COUNT, STRIDE, WHOLE, CLOSED, MADE] {
            assert_eq!((Part::parse(other), claimed_by(other)), (None, None));
        }
    }

    #[test]
    fn a_tag_is_read_with_and_without_quotes() {
        let tag = PartTag::fresh();
        assert_eq!(PartTag::parse(&format!("\"{tag}\"")), Some(tag));
        assert_eq!(PartTag::parse(&tag.to_string()), Some(tag));
        for wrong in [
            "",
            "x",
            "../../etc/passwd",
            &format!("{{{tag}}}"),
            &format!("{tag}0"),
        ] {
            assert_eq!(PartTag::parse(wrong), None, "{wrong}");
        }
    }
}
