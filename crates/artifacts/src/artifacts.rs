//! The facade: locations the server may act upon, and acting upon them.

use std::error::Error;
use std::sync::Arc;

use bytes::Bytes;
use futures::Stream;

use crate::beneath::Resolver;
use crate::blocking::Workers;
use crate::config::{ArtifactsConfig, DEFAULT_ROOT, OpenError, Root};
use crate::download::ArtifactFile;
use crate::error::{ArtifactError, Result, Target};
use crate::http::HttpFolder;
use crate::listing::{Entry, EntryPage, PageWanted};
use crate::local::LocalStore;
use crate::location::Location;
use crate::object::ObjectFolder;
use crate::path::ArtifactPath;
use crate::place::Place;
use crate::upload::{self, Stored, UploadLimits};

/// Artifact storage of a server. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Artifacts {
    trees: Arc<[Tree]>,
    proxy: Option<Arc<ServableLocation>>,
    pub(crate) workers: Workers,
}

/// A tree the server may act upon.
#[derive(Debug)]
struct Tree {
    name: Arc<str>,
    place: Arc<Place>,
    store: Store,
}

/// Name of the tree of the artifacts destination: it stays when the destination moves.
const PROXY_TREE: &str = "mlflow-artifacts:";

/// Where the bytes are.
#[derive(Debug, Clone)]
pub(crate) enum Store {
    Local(Arc<LocalStore>),
    Object(Arc<ObjectFolder>),
    Http(Arc<HttpFolder>),
}

/// A place this server may act upon: inside one of its configured roots.
#[derive(Debug, Clone)]
pub struct ServableLocation {
    tree: Arc<str>,
    root: Arc<Place>,
    pub(crate) store: Store,
    below: Option<ArtifactPath>,
}

/// An artifact, named so that what is known of it can be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactPlace {
    /// The tree it is in: `mlflow-artifacts:` for the artifacts destination, else the URI of the root.
    pub tree: Arc<str>,
    /// Where it is below the root of the tree.
    pub path: ArtifactPath,
}

/// The stored location is none of this server's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("artifact location is not served by this server")]
pub struct NotServed;

impl Tree {
    fn at(&self, below: Option<ArtifactPath>) -> ServableLocation {
        ServableLocation {
            tree: Arc::clone(&self.name),
            root: Arc::clone(&self.place),
            store: self.store.clone(),
            below,
        }
    }
}

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

    /// Whether another location is this very place, or below it, by whatever roots and in whatever words they were reached.
    pub fn holds(&self, other: &Self) -> bool {
        self.whole_place().below(&other.whole_place()).is_some()
    }

    /// Where it is, whatever its root is.
    pub(crate) fn whole_place(&self) -> Place {
        self.root.at(self.below.as_ref())
    }

    /// Which artifact a path below is: the same one by whatever location it was reached.
    pub fn place(&self, path: &ArtifactPath) -> Result<ArtifactPlace> {
        Ok(ArtifactPlace {
            tree: Arc::clone(&self.tree),
            path: self.resolve(path)?,
        })
    }

    /// Which folder this itself is; `None` for the root of a tree.
    pub fn own_place(&self) -> Option<ArtifactPlace> {
        Some(ArtifactPlace {
            tree: Arc::clone(&self.tree),
            path: self.below.clone()?,
        })
    }

    /// The local store it is in, and what a path means there.
    pub(crate) fn local_target(
        &self,
        path: &ArtifactPath,
        what: &'static str,
    ) -> Result<(&LocalStore, Target)> {
        match &self.store {
            Store::Local(store) => Ok((store, self.target(path)?)),
            Store::Object(_) | Store::Http(_) => Err(ArtifactError::NotAFolder { what }),
        }
    }

    /// Whether it is in an object store, which clients can be sent to with signed URLs.
    pub fn is_in_object_store(&self) -> bool {
        matches!(self.store, Store::Object(_))
    }

    /// Whether this server can neither write nor delete there, whoever asks.
    pub fn is_only_read(&self) -> bool {
        matches!(self.store, Store::Http(_))
    }

    pub(crate) fn target(&self, path: &ArtifactPath) -> Result<Target> {
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
        let roots = config.open_roots()?;
        let workers = Workers::new();
        let mut proxy = None;
        let mut trees = Vec::new();
        for (flag, root) in roots.all {
            let is_proxy = roots.proxy.as_ref() == Some(&root);
            let (place, uri) = match &root {
                Root::Local(path) => {
                    let segments = path
                        .iter()
                        .skip(1)
                        .map(|name| name.to_string_lossy().into_owned());
                    (
                        Place::Local(segments.collect()),
                        format!("file://{}", path.display()),
                    )
                }
                Root::Object(address) => (Place::Object(address.clone()), address.to_string()),
                Root::Http(address) => (Place::Http(address.clone()), address.to_string()),
            };
            let opened = match root {
                Root::Local(path) => Ok(Store::Local(Arc::new(LocalStore::new(path, resolver)))),
                Root::Object(address) => ObjectFolder::open(address, &config.environment)
                    .map(|folder| Store::Object(Arc::new(folder))),
                Root::Http(address) => {
                    HttpFolder::open(address, &config.environment).map(|folder| Store::Http(Arc::new(folder)))
                }
            };
            let store = match opened {
                Ok(store) => store,
                Err(error) if flag == DEFAULT_ROOT => {
                    tracing::warn!(
                        "`{flag}` is `{uri}`, which clients have to reach without this server: {error}"
                    );
                    continue;
                }
                Err(source) => {
                    return Err(OpenError::Store {
                        flag,
                        given: uri,
                        source,
                    });
                }
            };
            let name: Arc<str> = if is_proxy { PROXY_TREE.into() } else { uri.into() };
            let tree = Tree {
                name,
                place: Arc::new(place),
                store,
            };
            if is_proxy {
                proxy = Some(Arc::new(tree.at(None)));
            }
            trees.push(tree);
        }
        Ok(Self {
            trees: trees.into(),
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
                let root = self.proxy().ok_or(NotServed)?.clone();
                Ok(ServableLocation { below, ..root })
            }
            Location::Local(segments) => self.inside_a_tree(&Place::Local(segments)),
            Location::Object(address) => self.inside_a_tree(&Place::Object(address)),
            Location::Http(address) => self.inside_a_tree(&Place::Http(address)),
            Location::Remote { .. } | Location::Unusable => Err(NotServed),
        }
    }

    /// A place in the innermost tree that holds it.
    fn inside_a_tree(&self, place: &Place) -> Result<ServableLocation, NotServed> {
        let (tree, below) = self
            .trees
            .iter()
            .filter_map(|tree| Some((tree, tree.place.below(place)?)))
            .min_by_key(|(_, below)| below.len())
            .ok_or(NotServed)?;
        let below = ArtifactPath::parse_directory(&below.join("/")).map_err(|_| NotServed)?;
        Ok(tree.at(below))
    }

    /// The roots of all trees, each with its name.
    pub fn roots(&self) -> impl Iterator<Item = (&str, ServableLocation)> {
        self.trees.iter().map(|tree| (&*tree.name, tree.at(None)))
    }

    /// Sweeps what uploads that were given up an hour ago left in the folders of this machine, as opening does. Object stores
    /// have rules of their own for that.
    pub async fn sweep(&self) -> Result<()> {
        for tree in self.trees.iter() {
            if let Store::Local(store) = tree.store.clone() {
                self.workers.run(move || store.sweep()).await?;
            }
        }
        Ok(())
    }

    /// Direct children of a directory (`None`: of the location itself), sorted by name in byte
    /// order. Only regular files and directories; none if the directory is missing or a file.
    pub async fn list(&self, at: &ServableLocation, directory: Option<&ArtifactPath>) -> Result<Vec<Entry>> {
        let full = match directory {
            None => at.below.clone(),
            Some(path) => Some(at.resolve(path)?),
        };
        match at.store.clone() {
            Store::Local(store) => self.workers.run(move || store.list(full.as_ref())).await,
            Store::Object(store) => store.list(full.as_ref()).await,
            Store::Http(store) => store.list(full.as_ref()).await,
        }
    }

    /// A part of the same list. A folder of this machine and a web server are read whole for each page, but only what is on
    /// the page is kept.
    pub async fn list_page(
        &self,
        at: &ServableLocation,
        directory: Option<&ArtifactPath>,
        wanted: PageWanted,
    ) -> Result<EntryPage> {
        let full = match directory {
            None => at.below.clone(),
            Some(path) => Some(at.resolve(path)?),
        };
        match at.store.clone() {
            Store::Local(store) => {
                self.workers
                    .run(move || store.list_page(full.as_ref(), &wanted))
                    .await
            }
            Store::Object(store) => store.list_page(full.as_ref(), &wanted).await,
            Store::Http(store) => Ok(wanted.of_sorted(store.list(full.as_ref()).await?)),
        }
    }

    /// Opens a file for reading. Links, pipes, devices and sockets count as missing.
    pub async fn open_file(&self, at: &ServableLocation, path: &ArtifactPath) -> Result<ArtifactFile> {
        let target = at.target(path)?;
        match at.store.clone() {
            Store::Local(store) => {
                let workers = self.workers.clone();
                self.workers.run(move || store.open_file(&target, workers)).await
            }
            Store::Object(store) => Ok(store.open_file(&target).await?.into()),
            Store::Http(store) => Ok(store.open_file(&target).await?.into()),
        }
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
    ) -> Result<Stored>
    where
        S: Stream<Item = Result<Bytes, E>> + Send,
        E: Into<Box<dyn Error + Send + Sync>> + Send,
    {
        let target = at.target(path)?;
        match at.store.clone() {
            Store::Local(store) => upload::upload(store, &self.workers, target, body, limits).await,
            Store::Object(store) => store.upload(&target, body, limits).await,
            Store::Http(store) => Err(store.only_read("store the artifact")),
        }
    }

    /// Deletes a file or a whole directory; of a link, the link. Missing is fine.
    pub async fn delete(&self, at: &ServableLocation, path: &ArtifactPath) -> Result<()> {
        let target = at.target(path)?;
        match at.store.clone() {
            Store::Local(store) => self.workers.run(move || store.delete(&target)).await,
            Store::Object(store) => store.delete(&target).await,
            Store::Http(store) => Err(store.only_read("delete the artifacts")),
        }
    }
}
