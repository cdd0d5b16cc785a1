//! A file that is being downloaded: `<name>.oxflow-part`, and beside it what it is a part of.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::destination::Folder;

/// Ends the name of an unfinished file.
const PART: &str = ".oxflow-part";
/// Ends the name of the note beside it.
const NOTE: &str = ".oxflow-part.etag";
/// The end of the note's name behind that of the part.
const NOTE_OF_PART: &str = ".etag";
/// Longest name of a file in bytes.
const MAX_NAME_BYTES: usize = 255;
/// Most bytes of a note.
const MAX_NOTE_BYTES: u64 = 16 * 1024;
/// Smaller files are begun again; a note for each of a thousand small ones costs more than it saves.
const WORTH_KEEPING_BYTES: u64 = 1024 * 1024;

/// Files from this size on are written to disk before they get their names, each by itself.
const SYNCED_ALONE_BYTES: u64 = 1024 * 1024;

/// An unfinished file. Only one process has it at a time.
#[derive(Debug)]
pub struct Part<'a> {
    folder: &'a Folder,
    name: &'a str,
    part_name: String,
    note_name: String,
    file: File,
    length: u64,
    has_note: bool,
}

impl<'a> Part<'a> {
    /// Opens the part of a file, new or of an earlier download.
    pub fn open(folder: &'a Folder, name: &'a str) -> Result<Self> {
        if name.ends_with(PART) || name.ends_with(NOTE) {
            return Err(anyhow!(
                "`{PART}` and `{NOTE}` end the names of unfinished downloads; rename this artifact"
            ));
        }
        let (part_name, note_name) = names(name);
        let shown = folder.path_of(&part_name);
        let failed = || format!("could not open `{}`", shown.display());
        let file = folder.open_or_create(&part_name).with_context(failed)?;
        file.try_lock()
            .map_err(|_| anyhow!("`{}` is being downloaded by another process", shown.display()))?;
        let length = file.metadata().with_context(failed)?.len();
        let has_note = length > 0 && folder.has_file(&note_name);
        Ok(Self {
            folder,
            name,
            part_name,
            note_name,
            file,
            length,
            has_note,
        })
    }

    /// The entity tag that what is there came with, if it is a part of the file at this URL.
    pub fn etag(&self, url: &str) -> Option<String> {
        if self.length == 0 || !self.has_note {
            return None;
        }
        let note: Value = serde_json::from_slice(&self.folder.read(&self.note_name, MAX_NOTE_BYTES)?).ok()?;
        let text = |name: &str| note.get(name)?.as_str().map(str::to_owned);
        (text("url")? == url)
            .then(|| text("etag"))?
            .filter(|etag| is_strong(etag))
    }

    /// Its own name, while it is unfinished.
    pub fn own_name(&self) -> &str {
        &self.part_name
    }

    /// Bytes of an unfinished file by its own name, if the next download can go on with them; else it is removed.
    pub fn resumable_bytes(folder: &Folder, part_name: &str) -> Option<u64> {
        let note_name = format!("{part_name}{NOTE_OF_PART}");
        let size = folder.size_of(part_name).filter(|size| *size > 0);
        if size.is_none() || !folder.has_file(&note_name) {
            folder.remove(&note_name);
            folder.remove(part_name);
            return None;
        }
        size
    }

    /// Bytes that are there.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Begins again, with a file of this size and entity tag if the server tells them.
    pub fn restart(&mut self, url: &str, etag: Option<&str>, size: Option<u64>) -> io::Result<()> {
        // First the note: without it the bytes are worth nothing, but another file's note would be worse.
        self.folder.remove(&self.note_name);
        self.has_note = false;
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.length = 0;
        let etag = etag.filter(|etag| is_strong(etag));
        if let Some(etag) = etag.filter(|_| size.is_none_or(|size| size >= WORTH_KEEPING_BYTES)) {
            let note = json!({ "etag": etag, "url": url });
            self.folder.write(&self.note_name, note.to_string().as_bytes())?;
            self.has_note = true;
        }
        Ok(())
    }

    /// Goes to the end of what is there; hashes it, if a hash is wanted.
    pub fn go_on(&mut self, hash: Option<&mut Sha256>) -> io::Result<()> {
        if let Some(hash) = hash {
            self.file.seek(SeekFrom::Start(0))?;
            let mut buffer = vec![0; 256 * 1024];
            loop {
                match self.file.read(&mut buffer)? {
                    0 => break,
                    count => hash.update(&buffer[..count]),
                }
            }
        }
        self.file.seek(SeekFrom::Start(self.length))?;
        Ok(())
    }

    /// Writes what comes next.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// It is whole: it gets its name. A large one is on disk before; [`Destination::sync`] sees to the small ones.
    ///
    /// [`Destination::sync`]: super::destination::Destination::sync
    pub fn finish(self) -> io::Result<()> {
        if self.length >= SYNCED_ALONE_BYTES {
            self.file.sync_data()?;
        }
        self.folder.rename(&self.part_name, self.name)?;
        self.folder.remove(&self.note_name);
        Ok(())
    }

    /// It is of no use.
    pub fn discard(self) {
        self.folder.remove(&self.note_name);
        self.folder.remove(&self.part_name);
    }

    /// It broke off: it stays if the next download can go on with it.
    pub fn leave(self) {
        if !self.has_note || self.length == 0 {
            self.discard();
        }
    }
}

/// Whether two files with this entity tag are the same byte for byte. RFC 9110, 8.8.1.
fn is_strong(etag: &str) -> bool {
    etag.len() >= 2 && etag.starts_with('"') && etag.ends_with('"')
}

/// The names of a part and its note.
fn names(name: &str) -> (String, String) {
    if name.len() + NOTE.len() <= MAX_NAME_BYTES {
        return (format!("{name}{PART}"), format!("{name}{NOTE}"));
    }
    // What no longer fits has a hash in its place.
    let hash: String = Sha256::digest(name)
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    (format!("{hash}{PART}"), format!("{hash}{NOTE}"))
}

#[cfg(test)]
mod tests {
    use super::super::destination::Destination;
    use super::super::relative::RelativePath;
    use super::*;

    #[test]
    fn a_part_goes_on_only_with_the_same_file_of_the_same_place() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Destination::open(dir.path().to_owned())
            .unwrap()
            .folder(&RelativePath::root())
            .unwrap();
        let mut part = Part::open(&folder, "f").unwrap();
        part.restart("http://h/f", Some("\"1\""), Some(2 << 20)).unwrap();
        part.append(b"abc").unwrap();
        assert!(Part::open(&folder, "f").is_err(), "it is locked");
        part.leave();
        let mut part = Part::open(&folder, "f").unwrap();
        assert_eq!(
            (part.etag("http://h/f").as_deref(), part.length()),
            (Some("\"1\""), 3)
        );
        assert_eq!(part.etag("http://h/g"), None);
        let mut hash = Sha256::new();
        part.go_on(Some(&mut hash)).unwrap();
        assert_eq!(hash.finalize(), Sha256::digest(b"abc"));
        part.append(b"d").unwrap();
        part.finish().unwrap();
        assert_eq!(std::fs::read(dir.path().join("f")).unwrap(), b"abcd");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_part_without_a_strong_tag_or_of_a_small_file_is_not_kept() {
        let dir = tempfile::tempdir().unwrap();
        let folder = Destination::open(dir.path().to_owned())
            .unwrap()
            .folder(&RelativePath::root())
            .unwrap();
        for (etag, size) in [(None, 2 << 20), (Some("W/\"1\""), 2 << 20), (Some("\"1\""), 1000)] {
            let mut part = Part::open(&folder, "f").unwrap();
            part.restart("http://h/f", etag, Some(size)).unwrap();
            part.append(b"abc").unwrap();
            part.leave();
            assert_eq!(
                std::fs::read_dir(dir.path()).unwrap().count(),
                0,
                "{etag:?} {size}"
            );
        }
    }

    #[test]
    fn names_of_parts_fit_and_are_taken() {
        let (part, note) = names(&"x".repeat(255));
        assert!(part.len() < 255 && note.len() < 255);
        let dir = tempfile::tempdir().unwrap();
        let folder = Destination::open(dir.path().to_owned())
            .unwrap()
            .folder(&RelativePath::root())
            .unwrap();
        for name in ["f.oxflow-part", "f.oxflow-part.etag"] {
            assert!(Part::open(&folder, name).is_err(), "{name}");
        }
    }
}
