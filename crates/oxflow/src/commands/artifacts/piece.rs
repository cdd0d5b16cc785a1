//! The bytes of a local file on their way to a server.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::progress::Progress;
use super::tree::kind;
use crate::tracking::Sent;

/// A file that is to be uploaded, as it was when that began.
#[derive(Debug)]
pub struct Source<'a> {
    /// Where it is.
    pub path: &'a Path,
    before: Metadata,
}

impl<'a> Source<'a> {
    /// A plain file, or a link to one.
    pub fn open(path: &'a Path) -> Result<Self> {
        let before =
            std::fs::metadata(path).with_context(|| format!("could not read `{}`", path.display()))?;
        if before.is_dir() {
            bail!(
                "`{}` is a folder; `oxflow artifacts log-artifacts` uploads folders",
                path.display()
            );
        }
        if !before.is_file() {
            bail!("`{}` is {}, not a file", path.display(), kind(before.file_type()));
        }
        Ok(Self { path, before })
    }

    /// Bytes.
    pub fn size(&self) -> u64 {
        self.before.len()
    }

    /// Some of its bytes, to be read once.
    pub fn piece(&self, from: u64, length: u64, progress: &'a Progress) -> io::Result<Piece<'a>> {
        let mut file = File::open(self.path)?;
        file.seek(SeekFrom::Start(from))?;
        Ok(Piece {
            file,
            left: length,
            moved: 0,
            progress,
            error: None,
        })
    }

    /// An error if it was written to meanwhile: what was uploaded may be neither the old file nor the new one.
    pub fn check_unchanged(&self) -> Result<()> {
        let after = std::fs::metadata(self.path)
            .with_context(|| format!("could not read `{}`", self.path.display()))?;
        if after.len() != self.before.len() || after.modified().ok() != self.before.modified().ok() {
            bail!(
                "`{}` changed while it was uploaded; upload it again",
                self.path.display()
            );
        }
        Ok(())
    }
}

/// Some bytes of a file.
pub struct Piece<'a> {
    file: File,
    left: u64,
    moved: u64,
    progress: &'a Progress,
    error: Option<io::Error>,
}

impl Read for Piece<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Ok(0);
        }
        if self.progress.interruption().has_come() {
            let error = io::Error::other("it was interrupted");
            self.error = Some(io::Error::other("it was interrupted"));
            return Err(error);
        }
        let most = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let read = match self.file.read(&mut buffer[..most]) {
            Ok(0) if most > 0 => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the file became shorter meanwhile",
            )),
            read => read,
        };
        match read {
            Ok(count) => {
                self.left -= count as u64;
                self.moved += count as u64;
                self.progress.moved(count as u64);
                Ok(count)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let same = io::Error::new(error.kind(), error.to_string());
                self.error = Some(error);
                Err(same)
            }
        }
    }
}

impl Sent for Piece<'_> {
    fn finish(&mut self, has_arrived: bool) -> Option<io::Error> {
        if !has_arrived {
            self.progress.lost(self.moved);
        }
        self.error.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::Env;

    #[test]
    fn a_file_that_changes_on_the_way_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        std::fs::write(&path, "0123456789").unwrap();
        let progress = Progress::new("", &Env::for_test(&[]));
        let source = Source::open(&path).unwrap();
        let mut text = String::new();
        source
            .piece(2, 5, &progress)
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, "23456");
        source.check_unchanged().unwrap();
        std::fs::write(&path, "012").unwrap();
        let mut piece = source.piece(2, 5, &progress).unwrap();
        assert_eq!(
            piece.read_to_end(&mut Vec::new()).unwrap_err().kind(),
            io::ErrorKind::UnexpectedEof
        );
        assert!(piece.finish(false).is_some());
        assert!(source.check_unchanged().is_err());
        assert!(
            Source::open(dir.path())
                .unwrap_err()
                .to_string()
                .contains("log-artifacts")
        );
    }
}
