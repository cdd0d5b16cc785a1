//! What every handler works with.

use std::sync::Arc;

use oxflow_artifacts::{Artifacts, ReadOnlyFolder};
use oxflow_core::{Clock, Entropy};
use oxflow_store::Store;
use oxflow_ui::Pages;
use tokio::sync::{OnceCell, Semaphore, watch};

use crate::ServerConfig;
use crate::artifact_digests::DigestTurns;
use crate::authorize::RunOwners;
use crate::login::Login;
use crate::run_lists::RunLists;

/// Bytes of request bodies that may be held in memory at one time. security.md, section 9.
const BODY_MEMORY_BYTES: usize = 256 * 1024 * 1024;

/// Pages that may listen for changes at one time.
const MAX_LISTENERS: usize = 512;

/// Folders of artifacts that are packed at one time: each keeps a thread, and much of a core, busy.
const MAX_PACKERS: usize = 8;

/// The server's state, shared by all requests. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    parts: Arc<Parts>,
}

/// What a server is put together from.
#[derive(Debug)]
pub struct Parts {
    /// Settings.
    pub config: ServerConfig,
    /// Experiments, runs and logged models.
    pub store: Store,
    /// Registered models: the same database unless `--registry-store-uri` names one of its own.
    pub registry: Store,
    /// Whether the registry has a database of its own.
    pub registry_is_apart: bool,
    /// Who may log in; `None` on a server that everybody may use.
    pub login: Option<Login>,
    /// The experiments of runs, for what a login may do with them.
    pub run_owners: RunOwners,
    /// Artifact storage.
    pub artifacts: Artifacts,
    /// The web UI.
    pub ui: Ui,
    /// Creation times.
    pub clock: Clock,
    /// New ids and names.
    pub entropy: Entropy,
    /// The key of signed URLs to a local folder, once it was needed.
    pub signing_key: OnceCell<[u8; 32]>,
    /// Who keeps the checksum of an artifact next.
    pub digest_turns: DigestTurns,
    /// Whether new requests are welcome.
    pub readiness: Readiness,
    /// Memory left for request bodies, in KiB.
    pub body_memory: Arc<Semaphore>,
    /// What readers of tables scroll through.
    pub run_lists: RunLists,
    /// Places left for those who listen for changes.
    pub listeners: Arc<Semaphore>,
    /// Places left for folders that are being packed.
    pub packers: Arc<Semaphore>,
}

/// Where the pages come from.
#[derive(Debug)]
pub enum Ui {
    /// There are none: `/` says how to get some.
    None,
    /// The program's own.
    Embedded(Pages),
    /// Another UI, out of the folder of `--ui-dir`.
    Folder(ReadOnlyFolder),
}

impl Ui {
    /// The program's own, unless it was built without.
    pub fn embedded() -> Self {
        oxflow_ui::embedded().map_or(Self::None, Self::Embedded)
    }
}

/// The databases of a server.
#[derive(Debug)]
pub struct Stores {
    /// Experiments, runs and logged models.
    pub tracking: Store,
    /// Registered models, if they are elsewhere.
    pub registry: Option<Store>,
}

impl From<Store> for Stores {
    fn from(tracking: Store) -> Self {
        Self {
            tracking,
            registry: None,
        }
    }
}

/// Whether the server takes new work: false before it listens and once it is stopping.
#[derive(Debug, Clone, Default)]
pub struct Readiness(Arc<watch::Sender<bool>>);

impl Readiness {
    /// Says whether new requests are welcome.
    pub fn set(&self, is_ready: bool) {
        self.0.send_replace(is_ready);
    }

    /// Whether new requests are welcome.
    pub fn get(&self) -> bool {
        *self.0.borrow()
    }

    /// Shows the changes of [`Self::get`] as they happen.
    pub fn watch(&self) -> watch::Receiver<bool> {
        self.0.subscribe()
    }
}

impl App {
    /// Puts a server together.
    pub fn new(
        config: ServerConfig,
        stores: impl Into<Stores>,
        artifacts: Artifacts,
        ui: Ui,
        clock: Clock,
        entropy: Entropy,
    ) -> Self {
        let Stores { tracking, registry } = stores.into();
        let readiness = Readiness::default();
        let body_memory = Arc::new(Semaphore::new(BODY_MEMORY_BYTES / 1024));
        Self {
            parts: Arc::new(Parts {
                signing_key: OnceCell::new(),
                digest_turns: DigestTurns::default(),
                config,
                registry_is_apart: registry.is_some(),
                registry: registry.unwrap_or_else(|| tracking.clone()),
                store: tracking,
                login: None,
                run_owners: RunOwners::default(),
                artifacts,
                ui,
                clock,
                entropy,
                readiness,
                body_memory,
                run_lists: RunLists::default(),
                listeners: Arc::new(Semaphore::new(MAX_LISTENERS)),
                packers: Arc::new(Semaphore::new(MAX_PACKERS)),
            }),
        }
    }
}

impl App {
    /// The same server, which now asks for a login. To be said before the server is shared.
    #[must_use]
    pub fn with_login(mut self, login: Login) -> Self {
        if let Some(parts) = Arc::get_mut(&mut self.parts) {
            parts.login = Some(login);
        }
        self
    }
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}
