//! The facade: locations the server may act upon, and acting upon them.

use std::error::Error;
use std::sync::Arc;

use bytes::Bytes;
use futures::Stream;

use crate::beneath::Resolver;
use crate::blocking::Workers;
use crate::config::{ArtifactsConfig, OpenError};
use crate::download::ArtifactFile;
use crate::error::{Result, Target};
use crate::local::{Entry, LocalStore};
use crate::location::Location;
use crate::path::ArtifactPath;
use crate::upload::{self, UploadLimits};

/// Artifact storage of a server. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Artifacts {
    roots: Arc<[Root]>,
    proxy: Option<Arc<ServableLocation>>,
    workers: Workers,
}

/// A tree the server may act upon.
#[derive(Debug)]
struct Root {
    /// Segments of its absolute path.
    segments: Vec<String>,
    store: Store,
}

/// Where the bytes are. Object stores become further variants.
#[derive(Debug, Clone)]
enum Store {
    Local(Arc<LocalStore>),
}

/// A place this server may act upon: inside one of its configured roots.
#[derive(Debug, Clone)]
pub struct ServableLocation {
    store: Store,
    below: Option<ArtifactPath>,
}

/// The stored location is none of this server's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("artifact location is not served by this server")]
pub struct NotServed;

impl ServableLocation {
    /// Where this is below its root: `1/<run id>/artifacts`. `None` for the root itself.
    pub fn path_in_root(&self) -> Option<&ArtifactPath> {
        self.below.as_ref()
    }

    fn resolve(&self, path: &ArtifactPath) -> Result<ArtifactPath> {
        Ok(match &self.below {
            None => path.clone(),
            Some(below) => below.join(path)?,
        })
    }

    /// The local store it is in, and what a path means there.
    pub(crate) fn local_target(&self, path: &ArtifactPath) -> Result<(&LocalStore, Target)> {
        let Store::Local(store) = &self.store;
        Ok((store, self.target(path)?))
    }

    fn target(&self, path: &ArtifactPath) -> Result<Target> {
        Ok(Target {
            full: self.resolve(path)?,
            asked: path.clone(),
        })
    }
}

impl Artifacts {
    /// Resolves the configured roots and sweeps what killed uploads left in them. Makes no
    /// directory: the first upload does.
    pub fn open(config: &ArtifactsConfig) -> Result<Self, OpenError> {
        Self::open_with(config, Resolver::Kernel)
    }

    pub(crate) fn open_with(config: &ArtifactsConfig, resolver: Resolver) -> Result<Self, OpenError> {
        let paths = config.open_roots()?;
        let workers = Workers::new();
        let mut proxy = None;
        let mut roots = Vec::new();
        for path in paths.all {
            let is_proxy = paths.proxy.as_ref() == Some(&path);
            let segments = path
                .iter()
                .skip(1)
                .map(|name| name.to_string_lossy().into_owned())
                .collect();
            let store = Store::Local(Arc::new(LocalStore::new(path, resolver)));
            if is_proxy {
                proxy = Some(Arc::new(ServableLocation {
                    store: store.clone(),
                    below: None,
                }));
            }
            roots.push(Root { segments, store });
        }
        Ok(Self {
            roots: roots.into(),
            proxy,
            workers,
        })
    }

    /// Root of the artifact API; `None` when artifacts are not served.
    pub fn proxy(&self) -> Option<&ServableLocation> {
        self.proxy.as_deref()
    }

    /// Decides whether the server may act upon a stored artifact URI.
    ///
    /// Local paths and `file:` URIs are compared segment by segment with the configured roots.
    /// `mlflow-artifacts:` URIs and artifact API URLs lie below the artifacts destination, whatever
    /// host they name, as in MLflow.
    pub fn servable(&self, stored_uri: &str) -> Result<ServableLocation, NotServed> {
        match Location::parse(stored_uri) {
            Location::Proxied(below) => {
                let store = self.proxy().ok_or(NotServed)?.store.clone();
                Ok(ServableLocation { store, below })
            }
            Location::Local(segments) => self.inside_a_root(&segments),
            Location::Remote { .. } | Location::Unusable => Err(NotServed),
        }
    }

    /// The innermost root that holds the path.
    fn inside_a_root(&self, segments: &[String]) -> Result<ServableLocation, NotServed> {
        let (root, below) = self
            .roots
            .iter()
            .filter_map(|root| Some((root, segments.strip_prefix(root.segments.as_slice())?)))
            .min_by_key(|(_, below)| below.len())
            .ok_or(NotServed)?;
        let below = ArtifactPath::parse_directory(&below.join("/")).map_err(|_| NotServed)?;
        Ok(ServableLocation {
            store: root.store.clone(),
            below,
        })
    }

    /// Direct children of a directory (`None`: of the location itself), sorted by name in byte
    /// order. Only regular files and directories; none if the directory is missing or a file.
    pub async fn list(&self, at: &ServableLocation, directory: Option<&ArtifactPath>) -> Result<Vec<Entry>> {
        let full = match directory {
            None => at.below.clone(),
            Some(path) => Some(at.resolve(path)?),
        };
        let Store::Local(store) = at.store.clone();
        self.workers.run(move || store.list(full.as_ref())).await
    }

    /// Opens a file for reading. Links, pipes, devices and sockets count as missing.
    pub async fn open_file(&self, at: &ServableLocation, path: &ArtifactPath) -> Result<ArtifactFile> {
        let target = at.target(path)?;
        let Store::Local(store) = at.store.clone();
        let workers = self.workers.clone();
        self.workers.run(move || store.open_file(&target, workers)).await
    }

    /// Stores the body, making parent directories and replacing a file of that name.
    ///
    /// When this returns `Ok` the artifact is on disk. Otherwise, and when the future is dropped,
    /// nothing of it is visible and a previous version is kept.
    pub async fn put<S, E>(
        &self,
        at: &ServableLocation,
        path: &ArtifactPath,
        body: S,
        limits: UploadLimits,
    ) -> Result<()>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: Into<Box<dyn Error + Send + Sync>> + Send,
    {
        let target = at.target(path)?;
        let Store::Local(store) = at.store.clone();
        upload::upload(store, &self.workers, target, body, limits).await
    }

    /// Deletes a file or a whole directory; of a link, the link. Missing is fine.
    pub async fn delete(&self, at: &ServableLocation, path: &ArtifactPath) -> Result<()> {
        let target = at.target(path)?;
        let Store::Local(store) = at.store.clone();
        self.workers.run(move || store.delete(&target)).await
    }
}
