//! Where the artifacts are that go: in folders of this machine, or behind a server.

use oxflow_artifacts::{ArtifactPath, Location};
use oxflow_server::purge::{NotRemoved, RemoveFolders, Served, own_folder};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ureq::http::Method;

use super::GcArgs;
use crate::config::StorageConfig;
use crate::env::Env;
use crate::failure::{Failure, in_one_line};
use crate::tracking::{Client, Identity, RequestError, ServerAddress};

/// What a path of an artifact has to encode; slashes part its names.
const NOT_IN_PATHS: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Places of artifacts.
#[derive(Debug, Clone)]
pub struct Folders {
    local: Served,
    /// Through which `mlflow-artifacts:` locations go, if not to the folder of the destination.
    server: Option<Server>,
}

impl Folders {
    /// Those that a program reaches itself, and those behind a server.
    pub fn new(local: Served, server: Option<Server>) -> Self {
        Self { local, server }
    }

    /// Whether artifacts that pass through a server are removed through it.
    pub fn is_remote(&self) -> bool {
        self.server.is_some()
    }

    fn behind_server(&self, location: &str) -> Option<(Server, Option<ArtifactPath>)> {
        match (&self.server, Location::parse(location)) {
            (Some(server), Location::Proxied(path)) => Some((server.clone(), path)),
            _ => None,
        }
    }
}

impl RemoveFolders for Folders {
    fn check_own(&self, owner: &str, location: &str) -> Result<(), NotRemoved> {
        match self.behind_server(location) {
            Some((_, path)) => own_behind_server(owner, path, location).map(drop),
            None => self.local.check_own(owner, location),
        }
    }

    async fn remove_own(&self, owner: &str, location: &str) -> Result<(), NotRemoved> {
        let Some((server, path)) = self.behind_server(location) else {
            return self.local.remove_own(owner, location).await;
        };
        let own = own_behind_server(owner, path, location)?;
        server.remove(own.to_string(), location).await
    }

    async fn remove_rest(&self, experiment: &str, location: &str) -> Result<(), NotRemoved> {
        let Some((server, path)) = self.behind_server(location) else {
            return self.local.remove_rest(experiment, location).await;
        };
        match path.filter(|path| path.file_name() == experiment) {
            Some(path) => server.remove(format!("{path}/traces"), location).await,
            None => Ok(()),
        }
    }
}

fn own_behind_server(
    owner: &str,
    path: Option<ArtifactPath>,
    location: &str,
) -> Result<ArtifactPath, NotRemoved> {
    let own = path.and_then(|path| own_folder(owner, &path));
    own.ok_or_else(|| NotRemoved::NotItsOwn {
        location: location.to_owned(),
    })
}

/// A server that serves artifacts.
#[derive(Debug, Clone)]
pub struct Server(Client);

impl Server {
    /// A destination that somebody named wins; else a tracking server that is named, as for MLflow's gc; else the default folder.
    pub fn choose(args: &GcArgs, env: &Env, storage: &StorageConfig) -> Result<Option<Self>, Failure> {
        let named = args
            .tracking_uri
            .as_deref()
            .or_else(|| env.get("MLFLOW_TRACKING_URI"));
        // A database or a folder: of this machine, and named elsewhere.
        let is_server = |uri: &&str| uri.starts_with("http://") || uri.starts_with("https://");
        let server = named.filter(|_| !storage.names_destination).filter(is_server);
        server.map(|uri| Self::open(uri, env)).transpose()
    }

    fn open(address: &str, env: &Env) -> Result<Self, Failure> {
        let client = Client::open(ServerAddress::parse(address)?, Identity::Known, env)?;
        Ok(Self(client))
    }

    /// Removes a file or folder; one that is not there is fine.
    async fn remove(self, path: String, location: &str) -> Result<(), NotRemoved> {
        let refused = |cause: String| NotRemoved::Refused {
            location: location.to_owned(),
            cause,
        };
        let answered = tokio::task::spawn_blocking(move || self.ask(&path)).await;
        match answered {
            Ok(outcome) => outcome.map_err(|error| refused(in_one_line(&error))),
            Err(panic) => Err(refused(panic.to_string())),
        }
    }

    fn ask(&self, path: &str) -> Result<(), RequestError> {
        let path = utf8_percent_encode(path, NOT_IN_PATHS);
        let path = format!("/api/2.0/mlflow-artifacts/artifacts/{path}");
        let mut request = self.0.request(Method::DELETE, &path);
        request.accepted = &[404];
        self.0.get(&request).map(drop)
    }
}
