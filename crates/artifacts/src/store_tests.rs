//! The store through its facade, in temporary directories, with both ways to resolve paths.

mod adopting;
mod hostile;
mod locations;
mod parts;
mod reading;
mod writing;

use std::convert::Infallible;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::{Stream, TryStreamExt, stream};
use tempfile::TempDir;

use crate::beneath::Resolver;
use crate::{
    ArtifactPath, Artifacts, ArtifactsConfig, Result, ServableLocation, TEMP_DIRECTORY, UploadLimits,
};

struct Fixture {
    home: TempDir,
    artifacts: Artifacts,
    at: ServableLocation,
}

/// Runs a test body twice: with `openat2`, and with the walk for kernels that lack it.
async fn with_each_resolver(test: impl AsyncFn(Fixture)) {
    for resolver in [Resolver::Kernel, Resolver::Walk] {
        println!("resolver: {resolver:?}");
        test(Fixture::new(resolver)).await;
    }
}

fn path(text: &str) -> ArtifactPath {
    ArtifactPath::parse(text).unwrap()
}

fn body(content: &[u8]) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + use<> {
    let pieces: Vec<_> = content
        .chunks(7)
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .collect();
    stream::iter(pieces)
}

impl Fixture {
    fn new(resolver: Resolver) -> Self {
        let home = tempfile::tempdir().unwrap();
        let config = ArtifactsConfig {
            destination: home.path().join("made/by/upload").to_str().unwrap().to_owned(),
            default_root: "mlflow-artifacts:/".to_owned(),
            serve: true,
            extra_roots: vec![],
            environment: Default::default(),
        };
        let artifacts = Artifacts::open_with(&config, resolver).unwrap();
        let at = artifacts.proxy().unwrap().clone();
        Self { home, artifacts, at }
    }

    /// A place in the store as the host sees it.
    fn on_host(&self, below: &str) -> PathBuf {
        self.home.path().join("made/by/upload").join(below)
    }

    /// Puts something into the store behind its back.
    fn plant(&self, below: &str) -> PathBuf {
        let place = self.on_host(below);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        place
    }

    async fn put(&self, to: &str, content: &[u8]) -> Result<()> {
        let limits = UploadLimits::default();
        self.artifacts
            .put(&self.at, &path(to), body(content), limits)
            .await
            .map(drop)
    }

    async fn read(&self, from: &str) -> Result<Vec<u8>> {
        let file = self.artifacts.open_file(&self.at, &path(from)).await?;
        let chunks: Vec<Bytes> = file.into_stream(None).try_collect().await.unwrap();
        Ok(chunks.concat())
    }

    async fn delete(&self, what: &str) -> Result<()> {
        self.artifacts.delete(&self.at, &path(what)).await
    }

    /// Names in a directory; a directory's with a slash.
    async fn names(&self, directory: &str) -> Vec<String> {
        let directory = ArtifactPath::parse_directory(directory).unwrap();
        let entries = self.artifacts.list(&self.at, directory.as_ref()).await.unwrap();
        entries
            .into_iter()
            .map(|entry| {
                if entry.is_dir {
                    entry.name + "/"
                } else {
                    entry.name
                }
            })
            .collect()
    }

    fn temp_files(&self) -> usize {
        std::fs::read_dir(self.on_host(TEMP_DIRECTORY)).map_or(0, Iterator::count)
    }
}

/// Waits for what happens on another thread.
async fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
