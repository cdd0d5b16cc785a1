//! Opens directories below a root without ever leaving it.
//!
//! Everything else works on one name in a directory opened here, so this is the only place where
//! the kernel resolves more than one path segment.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{self, CWD, Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};
use rustix::path::Arg;

use crate::path::ArtifactPath;

/// How a path of several segments is resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resolver {
    /// `openat2` with `RESOLVE_BENEATH`; the walk where the kernel or a sandbox does not have it.
    Kernel,
    /// One `openat(O_NOFOLLOW)` per segment.
    Walk,
}

/// Mode of new directories and files, before the umask: other tools may share the store.
pub(crate) const DIRECTORY_MODE: Mode = Mode::from_raw_mode(0o777);
pub(crate) const FILE_MODE: Mode = Mode::from_raw_mode(0o666);

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// Opens the root itself, which the operator may well have made a link.
pub(crate) fn open_root(root: &std::path::Path) -> Result<OwnedFd, Errno> {
    retry_on_intr(|| fs::openat(CWD, root, DIRECTORY, Mode::empty()))
}

/// Opens a directory below `root`. Following no link: `NOTDIR` for one, as for a file.
pub(crate) fn open_directory(
    root: BorrowedFd<'_>,
    path: &ArtifactPath,
    resolver: Resolver,
) -> Result<OwnedFd, Errno> {
    if resolver == Resolver::Walk {
        return open_by_walk(root, path);
    }
    match open_by_kernel(root, path) {
        // Unknown to an old kernel (NOSYS, INVAL) or forbidden by a seccomp filter (PERM).
        Err(Errno::NOSYS | Errno::PERM | Errno::INVAL) => open_directory(root, path, Resolver::Walk),
        answer => answer,
    }
}

#[cfg(target_os = "linux")]
fn open_by_kernel(root: BorrowedFd<'_>, path: &ArtifactPath) -> Result<OwnedFd, Errno> {
    use rustix::fs::ResolveFlags;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS | ResolveFlags::NO_SYMLINKS;
    retry_on_intr(|| fs::openat2(root, path.as_str(), DIRECTORY, Mode::empty(), resolve))
        .map_err(link_is_no_directory)
}

#[cfg(not(target_os = "linux"))]
fn open_by_kernel(_root: BorrowedFd<'_>, _path: &ArtifactPath) -> Result<OwnedFd, Errno> {
    Err(Errno::NOSYS)
}

fn open_by_walk(root: BorrowedFd<'_>, path: &ArtifactPath) -> Result<OwnedFd, Errno> {
    let mut segments = path.segments();
    let first = segments.next().ok_or(Errno::NOENT)?;
    segments.try_fold(open_child(root, first)?, |directory, segment| {
        open_child(directory.as_fd(), segment)
    })
}

/// Opens one directory by its name in another.
pub(crate) fn open_child(parent: BorrowedFd<'_>, name: impl Arg + Copy) -> Result<OwnedFd, Errno> {
    retry_on_intr(|| fs::openat(parent, name, DIRECTORY | OFlags::NOFOLLOW, Mode::empty()))
        .map_err(link_is_no_directory)
}

/// A refused link answers LOOP or XDEV, depending on who refused it.
fn link_is_no_directory(errno: Errno) -> Errno {
    match errno {
        Errno::LOOP | Errno::XDEV | Errno::MLINK => Errno::NOTDIR,
        other => other,
    }
}

/// Opens one directory by its name, making it first if it is missing. What was made is on disk
/// when this returns.
pub(crate) fn open_or_create_child(parent: BorrowedFd<'_>, name: &str, mode: Mode) -> Result<OwnedFd, Errno> {
    match open_child(parent, name) {
        Err(Errno::NOENT) => {}
        answer => return answer,
    }
    match fs::mkdirat(parent, name, mode) {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(errno) => return Err(errno),
    }
    sync_directory(parent)?;
    open_child(parent, name)
}

/// Opens a directory below `root`, making what is missing on the way.
pub(crate) fn open_or_create_directory(root: BorrowedFd<'_>, path: &ArtifactPath) -> Result<OwnedFd, Errno> {
    let mut segments = path.segments();
    let first = segments.next().ok_or(Errno::NOENT)?;
    segments.try_fold(
        open_or_create_child(root, first, DIRECTORY_MODE)?,
        |directory, segment| open_or_create_child(directory.as_fd(), segment, DIRECTORY_MODE),
    )
}

/// Makes the entries of a directory durable.
pub(crate) fn sync_directory(directory: impl AsFd) -> Result<(), Errno> {
    match retry_on_intr(|| fs::fsync(directory.as_fd())) {
        // Some network and FUSE file systems have no fsync for directories: their entries are
        // as durable as they get.
        Ok(()) | Err(Errno::INVAL) => Ok(()),
        Err(errno) => Err(errno),
    }
}
