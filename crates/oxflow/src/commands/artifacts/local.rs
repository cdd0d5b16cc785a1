//! Artifacts in a folder of this machine, which are copied as MLflow's clients do.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};

use super::destination::Destination;
use super::part::Part;
use super::piece::Source;
use super::progress::Progress;
use super::relative::RelativePath;
use super::served::Entry;

/// Begins the names of unfinished files, which no client lists. MLflow 3.17: `_TEMP_ARTIFACT_PREFIX`.
const UNFINISHED: &str = ".artifact.uploading.";
const BUFFER_BYTES: usize = 256 * 1024;

/// What is in a folder, by path; nothing for a file, and for what is not there.
pub fn list(root: &Path, folder: &RelativePath) -> Result<Vec<Entry>> {
    let Some(place) = find(root, folder)?.filter(|place| place.is_dir()) else {
        return Ok(Vec::new());
    };
    let failed = || format!("could not read the folder `{}`", place.display());
    let mut entries = Vec::new();
    for entry in fs::read_dir(&place).with_context(failed)? {
        let entry = entry.with_context(failed)?;
        let name = entry.file_name();
        let name = name
            .to_str()
            .ok_or_else(|| anyhow!("the name of `{}` is not UTF-8", entry.path().display()))?;
        let Ok(metadata) = fs::metadata(entry.path()) else {
            continue; // A link that leads nowhere is no artifact.
        };
        if !name.starts_with(UNFINISHED) {
            entries.push(Entry {
                path: folder.child(name)?,
                is_dir: metadata.is_dir(),
                size: (!metadata.is_dir()).then_some(metadata.len()),
            });
        }
    }
    entries.sort_by(|a, b| a.path.as_str().cmp(b.path.as_str()));
    Ok(entries)
}

/// A file or folder below a root; `None` if it is not there. A link that leads out of the root is an error.
pub fn find(root: &Path, path: &RelativePath) -> Result<Option<PathBuf>> {
    let place = path.names().fold(root.to_owned(), |place, name| place.join(name));
    if !place.exists() {
        return Ok(None);
    }
    let real = |path: &Path| {
        path.canonicalize()
            .with_context(|| format!("could not read `{}`", path.display()))
    };
    if !real(&place)?.starts_with(real(root)?) {
        bail!("`{}` is a link that leads out of the artifacts", place.display());
    }
    Ok(Some(place))
}

/// Copies a file out to the destination.
pub fn copy_out(
    from: &Path,
    destination: &Destination,
    to: &RelativePath,
    progress: &Progress,
) -> Result<()> {
    let failed = || format!("`{}` was not copied", from.display());
    let (folder, name) = to.split().ok_or_else(|| anyhow!("a file needs a name"))?;
    let source = Source::open(from)?;
    let folder = destination.folder(&folder)?;
    let opening = progress.interruption().busy();
    let mut part = Part::open(&folder, name)?;
    let _open = progress.interruption().part(&folder, &part);
    drop(opening);
    let copied = (|| -> io::Result<()> {
        part.restart("", None, None)?;
        let mut piece = source.piece(0, source.size(), progress)?;
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            match piece.read(&mut buffer)? {
                0 => return Ok(()),
                count => part.append(&buffer[..count])?,
            }
        }
    })();
    progress.interruption().stop_here();
    if let Err(error) = copied {
        part.discard();
        return Err(error).with_context(failed);
    }
    part.finish().with_context(failed)?;
    progress.file_done();
    Ok(())
}

/// Copies a file into a folder below the root of a run's artifacts. Readers see the old file or the new one.
pub fn copy_in(source: &Source<'_>, root: &Path, to: &RelativePath, progress: &Progress) -> Result<()> {
    let (folder, name) = to.split().ok_or_else(|| anyhow!("a file needs a name"))?;
    if name.starts_with(UNFINISHED) {
        bail!(
            "`{UNFINISHED}` begins the names of unfinished artifacts; rename `{}`",
            source.path.display()
        );
    }
    let place = folder
        .names()
        .fold(root.to_owned(), |place, name| place.join(name));
    let failed = || {
        format!(
            "`{}` was not copied to `{}`",
            source.path.display(),
            place.display()
        )
    };
    fs::create_dir_all(root).with_context(failed)?;
    folder.names().try_fold(RelativePath::root(), |path, name| {
        let path = path.child(name)?;
        find(root, &path).map(|_| path)
    })?;
    fs::create_dir_all(&place).with_context(failed)?;
    let target = place.join(name);
    if let (Ok(a), Ok(b)) = (source.path.canonicalize(), target.canonicalize())
        && a == b
    {
        progress.file_done();
        return Ok(());
    }
    let copied = (|| -> io::Result<()> {
        let mut unfinished = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(&place)?;
        let mut piece = source.piece(0, source.size(), progress)?;
        io::copy(&mut piece, unfinished.as_file_mut())?;
        unfinished
            .as_file()
            .set_permissions(fs::metadata(source.path)?.permissions())?;
        unfinished.persist(&target).map_err(|error| error.error)?;
        Ok(())
    })();
    copied.with_context(failed)?;
    source.check_unchanged()?;
    progress.file_done();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::Env;

    #[test]
    fn links_out_of_the_artifacts_are_not_followed() {
        let (outside, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(outside.path().join("f"), "secret").unwrap();
        std::os::unix::fs::symlink(outside.path(), root.path().join("out")).unwrap();
        fs::write(root.path().join("g"), "1").unwrap();
        let path = |text| RelativePath::parse(text).unwrap();
        assert!(find(root.path(), &path("out/f")).is_err() && list(root.path(), &path("out")).is_err());
        assert_eq!(find(root.path(), &path("missing")).unwrap(), None);
        let progress = Progress::new("", &Env::for_test(&[]));
        let file = root.path().join("g");
        let source = Source::open(&file).unwrap();
        assert!(copy_in(&source, root.path(), &path("out/g"), &progress).is_err());
        assert!(!outside.path().join("g").exists());
        copy_in(&source, root.path(), &path("a/h"), &progress).unwrap();
        assert_eq!(fs::read(root.path().join("a/h")).unwrap(), b"1");
    }
}
