//! Locations on web servers, which are only read.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

mod hostile;
mod listing;
mod locations;
mod real;
mod web;

use futures::TryStreamExt;
use oxflow_artifacts::{
    ArtifactError, ArtifactFile, ArtifactPath, Artifacts, ArtifactsConfig, Environment, ServableLocation,
};

/// A server that may read below one root.
struct Reader {
    artifacts: Artifacts,
    at: ServableLocation,
    _folder: tempfile::TempDir,
}

impl Reader {
    fn of(root: &str) -> Self {
        Self::with(root, &[])
    }

    fn with(root: &str, variables: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let variables = variables.iter();
        let variables = variables.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let artifacts = Artifacts::open(&ArtifactsConfig {
            destination: folder.path().join("store").display().to_string(),
            default_root: "mlflow-artifacts:/".to_owned(),
            serve: true,
            extra_roots: vec![root.to_owned()],
            environment: Environment::new(variables),
        });
        let artifacts = artifacts.unwrap();
        Self {
            at: artifacts.servable(root).unwrap(),
            artifacts,
            _folder: folder,
        }
    }

    async fn open(&self, name: &str) -> Result<ArtifactFile, ArtifactError> {
        self.artifacts.open_file(&self.at, &path(name)).await
    }

    async fn read(&self, name: &str) -> Vec<u8> {
        collect(self.open(name).await.unwrap()).await.unwrap()
    }

    async fn range(&self, name: &str, first: u64, last: u64) -> std::io::Result<Vec<u8>> {
        let stream = self.open(name).await.unwrap().into_stream(Some(first..=last));
        let pieces: Vec<_> = stream.try_collect().await?;
        Ok(pieces.concat())
    }

    /// What is in a folder with the sizes of files; the names of folders end with a slash.
    async fn list(&self, folder: &str) -> Result<Vec<(String, u64)>, ArtifactError> {
        let folder = ArtifactPath::parse_directory(folder).unwrap();
        let entries = self.artifacts.list(&self.at, folder.as_ref()).await?;
        let entry = |entry: oxflow_artifacts::Entry| {
            let slash = if entry.is_dir { "/" } else { "" };
            (entry.name + slash, entry.size_bytes)
        };
        Ok(entries.into_iter().map(entry).collect())
    }
}

fn path(text: &str) -> ArtifactPath {
    ArtifactPath::parse(text).unwrap()
}

async fn collect(file: ArtifactFile) -> std::io::Result<Vec<u8>> {
    let pieces: Vec<_> = file.into_stream(None).try_collect().await?;
    Ok(pieces.concat())
}
