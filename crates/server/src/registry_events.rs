//! What happens in the model registry, as it is told to whoever wants to know.
//!
//! The names and moments are those of MLflow's webhooks: an event is announced once its change is on disk.

use std::fmt;

use oxflow_core::VersionNumber;
use tracing::debug;

use crate::App;

/// A change of the model registry. Prompts are registered models here; their tag tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RegistryEvent<'e> {
    RegisteredModelCreated {
        name: &'e str,
    },
    RegisteredModelTagSet {
        name: &'e str,
        key: &'e str,
    },
    RegisteredModelTagDeleted {
        name: &'e str,
        key: &'e str,
    },
    ModelVersionCreated {
        name: &'e str,
        version: VersionNumber,
    },
    ModelVersionTagSet {
        name: &'e str,
        version: VersionNumber,
        key: &'e str,
    },
    ModelVersionTagDeleted {
        name: &'e str,
        version: VersionNumber,
        key: &'e str,
    },
    ModelVersionAliasCreated {
        name: &'e str,
        alias: &'e str,
        version: VersionNumber,
    },
    ModelVersionAliasDeleted {
        name: &'e str,
        alias: &'e str,
    },
}

impl fmt::Display for RegistryEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RegisteredModelCreated { name } => write!(f, "registered model {name:?} created"),
            Self::RegisteredModelTagSet { name, key } => {
                write!(f, "tag {key:?} of registered model {name:?} set")
            }
            Self::RegisteredModelTagDeleted { name, key } => {
                write!(f, "tag {key:?} of registered model {name:?} deleted")
            }
            Self::ModelVersionCreated { name, version } => {
                write!(f, "version {version} of {name:?} created")
            }
            Self::ModelVersionTagSet { name, version, key } => {
                write!(f, "tag {key:?} of version {version} of {name:?} set")
            }
            Self::ModelVersionTagDeleted { name, version, key } => {
                write!(f, "tag {key:?} of version {version} of {name:?} deleted")
            }
            Self::ModelVersionAliasCreated { name, alias, version } => {
                write!(f, "alias {alias:?} of {name:?} points to version {version}")
            }
            Self::ModelVersionAliasDeleted { name, alias } => {
                write!(f, "alias {alias:?} of {name:?} deleted")
            }
        }
    }
}

impl App {
    /// Tells that the registry changed. Today the log is all who listens (level `debug`).
    pub(crate) fn announce(&self, event: RegistryEvent<'_>) {
        debug!("{event}");
    }
}
