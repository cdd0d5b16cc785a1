//! Making one file of the parts of an upload.
//!
//! The file that took the parts at their places becomes the artifact, without a copy, if that is safe. **Nobody may write to an
//! artifact after it is there.** Whoever writes to the file made a claim before opening it, and holds the claim until after the
//! last write ([`slots`](super::slots)). Here the file first gets another name, so that whoever makes a claim from now on does
//! not find it. Then the claims are read. If each of them has the record of a part that came in full, which is made after its
//! last write, then nobody writes to the file, and nobody will. If one has none, its writer is still there, or the server was
//! killed; then the exclusive lock of the file tells, as each writer has a shared one. If somebody writes, the parts are copied
//! into a new file.
//!
//! One completion of an upload goes after the other. One that fails can be repeated.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use rustix::io::Errno;

use super::failed;
use super::folder::{
    ByteRange, CLOSED, Lock, MADE, Part, PartTag, PartsFolder, TARGET, WHOLE, claim_name, claimed_by,
    nobody_writes_to,
};
use super::made::Made;
use super::{Turn, WHAT};
use crate::error::{ArtifactError, Result, Target};
use crate::local::{LocalStore, settle};
use crate::parts::{DonePart, InvalidParts};
use crate::temp_file::TempFile;
use crate::upload::Stored;
use crate::uploads_in_parts::Completed;

/// What is in the folder of an upload that takes no more parts into its file.
#[derive(Debug, Default)]
struct Contents {
    /// The parts that are in the file.
    in_file: Vec<(Part, ByteRange)>,
    /// The parts that are files.
    own: HashSet<String>,
    claims: Vec<u32>,
}

/// A part of the artifact.
#[derive(Debug)]
struct Piece {
    part: Part,
    /// Where it is in the file of the upload; `None` if it is a file of its own.
    in_file: Option<ByteRange>,
    /// Where it belongs in the artifact.
    belongs: ByteRange,
}

/// All bytes of an artifact, before it has its name.
#[derive(Debug)]
enum Assembled {
    /// The file of the upload.
    InPlace(File),
    /// A copy.
    Copied(TempFile),
}

impl LocalStore {
    /// Makes one file of the parts, in one step for readers; an upload that was completed with the same parts before is fine.
    pub(crate) fn complete_parts(
        &self,
        target: &Target,
        id: &str,
        done: &[DonePart],
    ) -> Result<Turn<Completed>> {
        let folder = self.open_parts(target, id)?;
        let parts = numbered(done)?;
        let lock = match super::lock(&folder)? {
            Lock::Busy => return Ok(Turn::Later),
            lock => lock,
        };
        if let Some(made) = Made::find(&folder)? {
            if made.parts != parts {
                return Err(InvalidParts.into());
            }
            return Ok(Turn::Done(Completed::MadeBefore(made.stored)));
        }
        self.check_upload(target)?;
        for part in &parts {
            if !folder.has(&part.to_string()).map_err(failed)? {
                return Err(InvalidParts.into());
            }
        }
        close(&folder).map_err(failed)?;
        let whole = folder.open_to_change(CLOSED).map_err(failed)?;
        let mut contents = Contents::read(&folder).map_err(failed)?;
        let mut is_written = contents.is_written();
        if !is_written && nobody_writes_to(&whole).map_err(failed)? {
            // The last writer may have made its record since.
            contents = Contents::read(&folder).map_err(failed)?;
            is_written = true;
        }
        let pieces = contents.pieces(&folder, &parts)?;
        let is_ours = matches!(lock, Lock::Held(_));
        let assembled = if is_ours && is_written && lie_where_they_belong(&pieces) {
            fill_in(&folder, &whole, &contents, &pieces)?;
            Assembled::InPlace(whole)
        } else {
            let temp = TempFile::create(self.open_or_create_root()?).map_err(failed)?;
            match copy_together(&folder, &pieces, &whole, &temp) {
                Ok(()) => Assembled::Copied(temp),
                Err(error) => {
                    temp.remove();
                    return Err(error);
                }
            }
        };
        let stored = self.publish_parts(target, id, &folder, parts, assembled, end_of(&pieces))?;
        self.prefixes.forget(id);
        clear(&folder);
        Ok(Turn::Done(Completed::Made(stored)))
    }

    /// Gives the file its name. The last step of it ends the upload.
    fn publish_parts(
        &self,
        target: &Target,
        id: &str,
        folder: &PartsFolder,
        parts: Vec<Part>,
        mut assembled: Assembled,
        size_bytes: u64,
    ) -> Result<Stored> {
        let publish = || -> Result<Stored> {
            let file = assembled.file().map_err(io_failed)?;
            let etag = settle(file)?;
            let sha256 = self.prefixes.finish(id, &parts, file, size_bytes);
            let stored = Stored {
                size_bytes,
                sha256: sha256.map_err(io_failed)?,
                etag,
            };
            let made = Made { stored, parts };
            made.note(folder)?;
            match &mut assembled {
                Assembled::InPlace(_) => self.place(target, |parent, name| {
                    rustix::fs::renameat(&folder.0, CLOSED, parent, name)
                })?,
                Assembled::Copied(temp) => {
                    self.place(target, |parent, name| temp.rename_to(parent, name))?;
                    // A server that ends before this line leaves an upload that is completed again, with the same bytes.
                    folder.remove(CLOSED).map_err(failed)?;
                }
            }
            Ok(made.stored)
        };
        let published = publish();
        if let (Err(_), Assembled::Copied(temp)) = (&published, assembled) {
            temp.remove();
        }
        published
    }
}

impl Assembled {
    fn file(&self) -> io::Result<&File> {
        match self {
            Self::InPlace(file) => Ok(file),
            Self::Copied(temp) => temp.file(),
        }
    }
}

impl Contents {
    fn read(folder: &PartsFolder) -> Result<Self, Errno> {
        let mut contents = Self::default();
        for name in folder.names()? {
            if let Some(number) = claimed_by(&name) {
                contents.claims.push(number);
            } else if let Some(part) = Part::parse(&name) {
                match folder.noted(&name)?.as_deref().and_then(ByteRange::parse) {
                    Some(range) => contents.in_file.push((part, range)),
                    None => drop(contents.own.insert(name)),
                }
            }
        }
        Ok(contents)
    }

    /// Whether nobody writes to the file of the upload: each claim has its record.
    fn is_written(&self) -> bool {
        let recorded: HashSet<u32> = self.in_file.iter().map(|(part, _)| part.number).collect();
        self.claims.iter().all(|number| recorded.contains(number))
    }

    /// Finds the parts, and where they belong.
    fn pieces(&self, folder: &PartsFolder, parts: &[Part]) -> Result<Vec<Piece>> {
        let ranges: HashMap<String, ByteRange> = self
            .in_file
            .iter()
            .map(|(part, range)| (part.to_string(), *range))
            .collect();
        let mut pieces = Vec::with_capacity(parts.len());
        let mut end = 0;
        for part in parts {
            let name = part.to_string();
            let in_file = ranges.get(&name).copied();
            let length = match in_file {
                Some(range) => range.length,
                None if self.own.contains(&name) => {
                    open_part(folder, part)?.metadata().map_err(io_failed)?.len()
                }
                None => return Err(InvalidParts.into()),
            };
            let belongs = ByteRange::new(end, length).ok_or(ArtifactError::FileTooLong)?;
            end += length;
            pieces.push(Piece {
                part: *part,
                in_file,
                belongs,
            });
        }
        Ok(pieces)
    }
}

/// The parts that a client names, which are numbered from 1 on.
fn numbered(done: &[DonePart]) -> Result<Vec<Part>, InvalidParts> {
    if done.is_empty() {
        return Err(InvalidParts);
    }
    let mut parts = Vec::with_capacity(done.len());
    for (part, number) in done.iter().zip(1..) {
        let tag = PartTag::parse(&part.etag).ok_or(InvalidParts)?;
        if part.number != number {
            return Err(InvalidParts);
        }
        parts.push(Part { number, tag });
    }
    Ok(parts)
}

/// Takes the file out of the sight of those who would write to it.
fn close(folder: &PartsFolder) -> Result<(), Errno> {
    match folder.rename(WHOLE, CLOSED) {
        Err(Errno::NOENT) => {}
        other => return other,
    }
    // Closed before, or begun by a version of this server that made no such file.
    match folder.create(CLOSED) {
        Ok(_) | Err(Errno::EXIST) => Ok(()),
        Err(errno) => Err(errno),
    }
}

fn lie_where_they_belong(pieces: &[Piece]) -> bool {
    pieces
        .iter()
        .all(|piece| piece.in_file.is_none_or(|range| range == piece.belongs))
}

fn end_of(pieces: &[Piece]) -> u64 {
    pieces
        .last()
        .map_or(0, |piece| piece.belongs.offset + piece.belongs.length)
}

/// Makes the file of the upload the artifact: what is missing is copied to its place, what is too much is cut off.
fn fill_in(folder: &PartsFolder, mut whole: &File, contents: &Contents, pieces: &[Piece]) -> Result<()> {
    // The bytes of parts that are not wanted are lost now. Should this fail, nobody may take what is there for them.
    let wanted: HashMap<u32, PartTag> = pieces
        .iter()
        .map(|piece| (piece.part.number, piece.part.tag))
        .collect();
    let mut forgot = false;
    for (part, _) in &contents.in_file {
        if wanted.get(&part.number) != Some(&part.tag) {
            folder.remove(&part.to_string()).map_err(failed)?;
            folder.remove(&claim_name(part.number)).map_err(failed)?;
            forgot = true;
        }
    }
    if forgot {
        folder.sync().map_err(failed)?;
    }
    for piece in pieces.iter().filter(|piece| piece.in_file.is_none()) {
        let mut part = open_part(folder, &piece.part)?;
        whole
            .seek(SeekFrom::Start(piece.belongs.offset))
            .map_err(io_failed)?;
        let copied = io::copy(&mut part, &mut whole).map_err(io_failed)?;
        check_copied(copied, piece)?;
    }
    let length = whole.metadata().map_err(io_failed)?.len();
    let end = end_of(pieces);
    if length < end {
        return Err(io_failed(io::ErrorKind::UnexpectedEof.into()));
    }
    if length > end {
        whole.set_len(end).map_err(io_failed)?;
    }
    Ok(())
}

/// Copies the parts into a new file, one behind the other.
fn copy_together(folder: &PartsFolder, pieces: &[Piece], mut whole: &File, to: &TempFile) -> Result<()> {
    let mut to = to.file().map_err(io_failed)?;
    for piece in pieces {
        let copied = match piece.in_file {
            None => io::copy(&mut open_part(folder, &piece.part)?, &mut to),
            Some(range) => whole
                .seek(SeekFrom::Start(range.offset))
                .and_then(|_| io::copy(&mut whole.take(range.length), &mut to)),
        };
        check_copied(copied.map_err(io_failed)?, piece)?;
    }
    Ok(())
}

fn check_copied(copied: u64, piece: &Piece) -> Result<()> {
    if copied == piece.belongs.length {
        return Ok(());
    }
    Err(io_failed(io::ErrorKind::UnexpectedEof.into()))
}

fn open_part(folder: &PartsFolder, part: &Part) -> Result<File> {
    match folder.open(&part.to_string()) {
        Err(Errno::NOENT) => Err(InvalidParts.into()),
        other => other.map_err(failed),
    }
}

/// Leaves of an upload only what answers whoever completes it again; the sweep takes that after an hour.
fn clear(folder: &PartsFolder) {
    let cleared = folder.names().and_then(|names| {
        let is_done_with = |name: &&String| name.as_str() != TARGET && name.as_str() != MADE;
        names
            .iter()
            .filter(is_done_with)
            .try_for_each(|name| folder.remove(name))
    });
    if let Err(errno) = cleared {
        tracing::warn!("could not remove the parts of a finished upload: {errno}; they are swept in an hour");
    }
}

fn io_failed(error: io::Error) -> ArtifactError {
    ArtifactError::from_io(WHAT, error)
}
