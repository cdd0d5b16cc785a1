//! The places of parts in the file of their upload, and who may write there.
//!
//! A place has one writer at most. It holds the claim from before it opens the file until after its last write has ended, and for
//! good if the part came in full; and a shared lock of the file for as long as it is open, which ends with the process, too. That
//! is what lets [`complete`](super::complete) use the file as it is.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};

use bytes::Bytes;
use rustix::io::Errno;

use super::folder::{ByteRange, COUNT, Part, PartsFolder, STRIDE, WHOLE, claim_name, say_it_is_written_to};
use crate::temp_file::{TempFile, write_pieces};
use crate::upload::Unfinished;

/// The place of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Slot {
    number: u32,
    range: ByteRange,
}

/// What a part is written to, seen by nobody until all of it is there.
#[derive(Debug)]
pub(crate) enum PartFile {
    /// Its place in the file of the upload.
    Slot(SlotFile),
    /// A file of its own.
    Own(TempFile),
}

/// The file of the upload, open for one writer at the place of its part. Dropped unfinished, it gives its claim back.
#[derive(Debug)]
pub(crate) struct SlotFile {
    // Closed before the claim goes.
    file: File,
    slot: Slot,
    written: u64,
    claim: Claim,
}

/// That nobody else writes to a place.
#[derive(Debug)]
struct Claim {
    number: u32,
    /// `None` once the claim is kept for good.
    folder: Option<PartsFolder>,
}

impl Slot {
    /// The place of a part of that length, if all parts but the last have one length. `None` if they do not, or nobody knows.
    fn of(number: u32, length: u64, count: u32, stride: Option<u64>) -> Option<Self> {
        let is_last = number == count;
        let stride = match stride {
            None if is_last && number == 1 => length,
            stride => stride?,
        };
        let fits = is_last || length == stride;
        if number == 0 || number > count || length == 0 || !fits {
            return None;
        }
        let offset = u64::from(number - 1).checked_mul(stride)?;
        let range = ByteRange::new(offset, length)?;
        Some(Self { number, range })
    }

    /// Finds the place of a part; whoever comes first with one that is not the last says how long they are.
    fn find(folder: &PartsFolder, number: u32, length: u64) -> Result<Option<Self>, Errno> {
        let parse = |text: Option<String>| text.and_then(|text| text.parse::<u64>().ok());
        let Some(count) = parse(folder.noted(COUNT)?).and_then(|count| u32::try_from(count).ok()) else {
            return Ok(None);
        };
        if number < count && length > 0 {
            match folder.note(STRIDE, &length.to_string()) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(errno) => return Err(errno),
            }
        }
        let stride = parse(folder.noted(STRIDE)?);
        Ok(Self::of(number, length, count, stride))
    }
}

impl SlotFile {
    /// Claims the place of a part. `None` if it has none, somebody has it, or the upload is being completed.
    pub(super) fn claim(folder: PartsFolder, number: u32, length: u64) -> Result<Option<Self>, Errno> {
        let Some(slot) = Slot::find(&folder, number, length)? else {
            return Ok(None);
        };
        match folder.note(&claim_name(number), &slot.range.to_string()) {
            Err(Errno::EXIST) => return Ok(None),
            other => other?,
        }
        let claim = Claim {
            number,
            folder: Some(folder),
        };
        let mut file = match open_whole(claim.folder()?) {
            Ok(Some(file)) => file,
            other => {
                claim.give_back();
                return other.map(|_| None);
            }
        };
        file.seek(SeekFrom::Start(slot.range.offset))
            .map_err(|error| Errno::from_io_error(&error).unwrap_or(Errno::IO))?;
        Ok(Some(Self {
            file,
            slot,
            written: 0,
            claim,
        }))
    }

    /// Notes that all of the part is there, and where.
    pub(super) fn keep(mut self, part: Part) -> Result<ByteRange, Errno> {
        if self.written != self.slot.range.length {
            return Err(Errno::IO);
        }
        let range = self.slot.range;
        self.claim.folder()?.note(&part.to_string(), &range.to_string())?;
        self.claim.folder = None;
        Ok(range)
    }
}

/// Opens the file of an upload to write to it, unless the upload is being completed. That comes after the claim: who completes
/// the upload renames the file first, then reads the claims and tries the lock. If the file still has its name when both are
/// there, they are found.
fn open_whole(folder: &PartsFolder) -> Result<Option<File>, Errno> {
    let file = match folder.open_to_change(WHOLE) {
        Err(Errno::NOENT) => return Ok(None),
        other => other?,
    };
    let is_in_time = say_it_is_written_to(&file)? && folder.has(WHOLE)?;
    Ok(Some(file).filter(|_| is_in_time))
}

impl Claim {
    fn folder(&self) -> Result<&PartsFolder, Errno> {
        self.folder.as_ref().ok_or(Errno::BADF)
    }

    /// Now, on this thread: whoever sends the part again next has its place again.
    fn give_back(mut self) {
        if let Some(folder) = self.folder.take() {
            remove_claim(&folder, self.number);
        }
    }
}

fn remove_claim(folder: &PartsFolder, number: u32) {
    if let Err(errno) = folder.remove(&claim_name(number)) {
        tracing::warn!("part {number} broke off and keeps its place, so the upload will be copied: {errno}");
    }
}

impl Drop for Claim {
    /// Reached when a part is dropped half-way, usually on an async thread.
    fn drop(&mut self) {
        let Some(folder) = self.folder.take() else { return };
        let number = self.number;
        let give_back = move || remove_claim(&folder, number);
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(give_back)),
            Err(_) => give_back(),
        }
    }
}

impl PartFile {
    /// Puts the bytes on disk, so that completing the upload need not.
    pub(super) fn sync(&self) -> io::Result<()> {
        match self {
            Self::Slot(slot) => slot.file.sync_data(),
            Self::Own(temp) => temp.file()?.sync_data(),
        }
    }
}

impl Unfinished for PartFile {
    fn append(&mut self, pieces: &[Bytes]) -> io::Result<()> {
        let slot = match self {
            Self::Own(temp) => return temp.append(pieces),
            Self::Slot(slot) => slot,
        };
        let bytes: u64 = pieces.iter().map(|piece| piece.len() as u64).sum();
        if slot.written + bytes > slot.slot.range.length {
            // The place behind belongs to somebody else.
            return Err(io::Error::other("the part is longer than it was announced"));
        }
        write_pieces(&slot.file, pieces)?;
        slot.written += bytes;
        Ok(())
    }

    fn give_up(self) {
        match self {
            Self::Own(temp) => temp.remove(),
            Self::Slot(SlotFile { file, claim, .. }) => {
                drop(file);
                claim.give_back();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_one_length_lie_one_behind_the_other() {
        let at = |number, length, stride| Slot::of(number, length, 3, stride).map(|slot| slot.range.offset);
        assert_eq!(at(1, 10, Some(10)), Some(0));
        assert_eq!(at(2, 10, Some(10)), Some(10));
        assert_eq!(at(2, 9, Some(10)), None, "another length");
        assert_eq!(at(3, 4, Some(10)), Some(20), "the last may be shorter");
        assert_eq!(at(3, 40, Some(10)), Some(20), "or longer: nothing lies behind it");
        assert_eq!(at(3, 4, None), None, "nobody knows yet where the last one goes");
        assert_eq!(Slot::of(1, 4, 1, None).map(|slot| slot.range.offset), Some(0));
        assert_eq!(at(0, 10, Some(10)), None);
        assert_eq!(at(4, 10, Some(10)), None);
        assert_eq!(at(1, 0, Some(0)), None, "an empty part has no place");
    }

    #[test]
    fn a_place_that_no_file_reaches_is_none() {
        let huge = i64::MAX as u64 / 2;
        assert!(Slot::of(2, huge, 5, Some(huge)).is_some());
        assert_eq!(Slot::of(3, huge, 5, Some(huge)), None);
        assert_eq!(Slot::of(10_000, u64::MAX, 10_000, Some(u64::MAX)), None);
    }

    /// An upload of three parts in a folder that is removed with the first value.
    fn upload() -> (tempfile::TempDir, impl Fn() -> PartsFolder) {
        let home = tempfile::tempdir().unwrap();
        let open = std::os::fd::OwnedFd::from(File::open(home.path()).unwrap());
        let open = move || super::super::create_folder(&open, "parts").unwrap();
        open().create(WHOLE).unwrap();
        open().note(COUNT, "3").unwrap();
        (home, open)
    }

    #[test]
    fn a_place_has_one_writer() {
        let (_home, open) = upload();
        let first = SlotFile::claim(open(), 1, 4).unwrap().unwrap();
        assert!(SlotFile::claim(open(), 1, 4).unwrap().is_none());
        assert!(SlotFile::claim(open(), 2, 4).unwrap().is_some());
        drop(first);
        assert!(SlotFile::claim(open(), 1, 4).unwrap().is_some());
    }

    #[test]
    fn nobody_finds_a_place_in_a_closed_file() {
        let (_home, open) = upload();
        open().rename(WHOLE, super::super::folder::CLOSED).unwrap();
        assert!(SlotFile::claim(open(), 1, 4).unwrap().is_none());
        assert!(!open().has(&claim_name(1)).unwrap());
    }

    #[test]
    fn a_part_ends_where_its_place_ends() {
        let (home, open) = upload();
        let mut part = PartFile::Slot(SlotFile::claim(open(), 2, 4).unwrap().unwrap());
        part.append(&[Bytes::from_static(b"bb"), Bytes::from_static(b"b")])
            .unwrap();
        part.append(&[Bytes::from_static(b"bc")]).unwrap_err();
        assert_eq!(
            std::fs::read(home.path().join("parts/whole")).unwrap(),
            b"\0\0\0\0bbb"
        );
        let PartFile::Slot(slot) = part else {
            unreachable!()
        };
        let tag = super::super::PartTag::fresh();
        slot.keep(Part { number: 2, tag }).unwrap_err();
        assert!(!open().has(&claim_name(2)).unwrap(), "it is not all there");
    }
}
