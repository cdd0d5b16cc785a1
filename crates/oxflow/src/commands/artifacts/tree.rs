//! The files of a local folder.

use std::fs::{self, FileType};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::relative::RelativePath;

/// What is found in a folder.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// A file, or a link to one.
    File {
        /// Where it is.
        path: PathBuf,
        /// Where it is below the folder.
        below: RelativePath,
        /// Bytes.
        size: u64,
    },
    /// A folder with nothing in it, and links to folders: MLflow leaves them out without a word.
    LeftOut {
        /// Where it is.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// What cannot be an artifact.
    Impossible {
        /// Where it is.
        path: PathBuf,
        /// What it is.
        what: String,
    },
}

/// Finds all files below a folder, by name, each folder before the next; links to folders are not followed. Stops when
/// `take` answers false.
pub fn walk(folder: &Path, take: &mut dyn FnMut(Found) -> bool) -> Result<()> {
    let mut folders = vec![(folder.to_owned(), RelativePath::root())];
    while let Some((folder, below)) = folders.pop() {
        let unreadable = || format!("could not read the folder `{}`", folder.display());
        let entries = fs::read_dir(&folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) if below.is_root() => return Err(error).with_context(unreadable),
            Err(error) => {
                let what = error.to_string();
                if !take(Found::Impossible { path: folder, what }) {
                    return Ok(());
                }
                continue;
            }
        };
        entries.sort_by_key(|entry| entry.file_name());
        if entries.is_empty() && !below.is_root() {
            let left_out = Found::LeftOut {
                path: folder.clone(),
                what: "an empty folder",
            };
            if !take(left_out) {
                return Ok(());
            }
        }
        let mut inner = Vec::new();
        for entry in entries {
            let path = entry.path();
            let found = match entry.file_name().to_str().map(|name| below.child(name)) {
                Some(Ok(below)) if entry.file_type().is_ok_and(|kind| kind.is_dir()) => {
                    inner.push((path, below));
                    continue;
                }
                Some(Ok(below)) => examine(path, below),
                Some(Err(error)) => Found::Impossible {
                    path,
                    what: error.to_string(),
                },
                None => Found::Impossible {
                    path,
                    what: "its name is not UTF-8".to_owned(),
                },
            };
            if !take(found) {
                return Ok(());
            }
        }
        folders.extend(inner.into_iter().rev());
    }
    Ok(())
}

fn examine(path: PathBuf, below: RelativePath) -> Found {
    // Follows links, as the open that comes next does.
    match fs::metadata(&path) {
        Ok(metadata) if metadata.is_file() => Found::File {
            size: metadata.len(),
            path,
            below,
        },
        Ok(metadata) if metadata.is_dir() => Found::LeftOut {
            path,
            what: "a link to a folder",
        },
        Ok(metadata) => Found::Impossible {
            what: format!("it is {}", kind(metadata.file_type())),
            path,
        },
        Err(error) if path.is_symlink() => Found::Impossible {
            what: format!("it is a link that leads nowhere: {error}"),
            path,
        },
        Err(error) => Found::Impossible {
            what: error.to_string(),
            path,
        },
    }
}

/// What a thing is that is neither a file nor a folder.
pub fn kind(kind: FileType) -> &'static str {
    if kind.is_socket() {
        "a socket"
    } else if kind.is_fifo() {
        "a pipe"
    } else {
        "a device"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    #[test]
    fn nothing_is_left_out_without_a_word() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::create_dir_all(at("b/empty")).unwrap();
        fs::write(at("b/.hidden"), "12").unwrap();
        fs::write(at("a"), "1").unwrap();
        symlink("a", at("to-file")).unwrap();
        symlink(dir.path(), at("to-folder")).unwrap();
        symlink("nothing", at("to-nothing")).unwrap();
        let _socket = UnixListener::bind(at("socket")).unwrap();
        let mut seen = Vec::new();
        walk(dir.path(), &mut |found| {
            seen.push(match found {
                Found::File { below, size, .. } => format!("{below} {size}"),
                Found::LeftOut { path, what } => format!("{}: {what}", path.file_name().unwrap().display()),
                Found::Impossible { path, what } => {
                    format!("{}! {what:.23}", path.file_name().unwrap().display())
                }
            });
            true
        })
        .unwrap();
        let expected = [
            "a 1",
            "socket! it is a socket",
            "to-file 1",
            "to-folder: a link to a folder",
            "to-nothing! it is a link that leads",
            "b/.hidden 2",
            "empty: an empty folder",
        ];
        assert_eq!(
            seen.iter()
                .map(|seen| seen.replace("leads ", "leads"))
                .collect::<Vec<_>>(),
            expected
        );
    }
}
