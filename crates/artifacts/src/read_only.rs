//! A folder that is only read, and is no artifact storage: the files of a web UI.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::beneath::{self, Resolver};
use crate::blocking::Workers;
use crate::download::ArtifactFile;
use crate::error::{Result, Target};
use crate::local::LocalStore;
use crate::path::ArtifactPath;

/// Files below one folder, opened as artifacts are: neither `..` nor a link leads out. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ReadOnlyFolder {
    store: Arc<LocalStore>,
    workers: Workers,
}

/// Why a folder could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("could not open the folder `{}`", path.display())]
pub struct FolderError {
    path: PathBuf,
    #[source]
    source: std::io::Error,
}

impl ReadOnlyFolder {
    /// Opens a folder, which must exist.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let failed = |source: std::io::Error| FolderError {
            path: path.to_owned(),
            source,
        };
        beneath::open_root(path).map_err(|errno| failed(errno.into()))?;
        Ok(Self {
            store: Arc::new(LocalStore::new(path.to_owned(), Resolver::Kernel)),
            workers: Workers::new(),
        })
    }

    /// Opens a file for reading. Links, pipes, devices and sockets count as missing.
    pub async fn open_file(&self, path: &ArtifactPath) -> Result<ArtifactFile> {
        let target = Target {
            full: path.clone(),
            asked: path.clone(),
        };
        let (store, workers) = (Arc::clone(&self.store), self.workers.clone());
        self.workers.run(move || store.open_file(&target, workers)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ArtifactError;

    #[tokio::test]
    async fn links_lead_nowhere_and_a_missing_folder_is_an_error() {
        let outside = tempfile::tempdir().unwrap();
        std::fs::write(outside.path().join("secret.txt"), "secret").unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("page.html"), "page").unwrap();
        std::os::unix::fs::symlink(outside.path(), folder.path().join("way-out")).unwrap();
        std::os::unix::fs::symlink(
            outside.path().join("secret.txt"),
            folder.path().join("secret.txt"),
        )
        .unwrap();
        let files = ReadOnlyFolder::open(folder.path()).unwrap();
        let open = |path: &str| {
            let path = ArtifactPath::parse(path).unwrap();
            let files = files.clone();
            async move { files.open_file(&path).await }
        };
        assert_eq!(open("page.html").await.unwrap().size_bytes(), 4);
        for path in ["way-out/secret.txt", "secret.txt", "missing", "page.html/x"] {
            let refused = open(path).await.unwrap_err();
            assert!(
                matches!(refused, ArtifactError::NotFound { .. }),
                "{path}: {refused}"
            );
        }
        assert!(ReadOnlyFolder::open(&folder.path().join("missing")).is_err());
        assert!(ReadOnlyFolder::open(&folder.path().join("page.html")).is_err());
    }
}
