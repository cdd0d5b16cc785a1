//! What a grant allows.

use std::fmt;

use oxflow_core::Invalid;

/// A permission of MLflow 3.17: each includes the ones before it, but for [`Permission::Deny`].
///
/// Source: `mlflow.server.auth.permissions`, MLflow 3.17.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// Nothing, whatever other grants say.
    Deny,
    /// Nothing.
    NoPermissions,
    /// See it.
    Read,
    /// Use it, without seeing its insides.
    Use,
    /// Change it.
    Edit,
    /// Delete it, and say who may do what with it.
    Manage,
}

impl Permission {
    /// All of them, in the order in which MLflow lists them.
    const ALL: [Self; 6] = [
        Self::Read,
        Self::Use,
        Self::Edit,
        Self::Manage,
        Self::NoPermissions,
        Self::Deny,
    ];

    /// The name on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deny => "DENY",
            Self::NoPermissions => "NO_PERMISSIONS",
            Self::Read => "READ",
            Self::Use => "USE",
            Self::Edit => "EDIT",
            Self::Manage => "MANAGE",
        }
    }

    /// Reads a name, which MLflow writes in capitals.
    pub fn parse(name: &str) -> Result<Self, Invalid> {
        Self::of_name(name).ok_or_else(|| {
            let names: Vec<String> = Self::ALL.map(|known| format!("'{known}'")).to_vec();
            Invalid::new(format!(
                "Invalid permission '{name}'. Valid permissions are: ({})",
                names.join(", ")
            ))
        })
    }

    /// The permission of that name, if there is one.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// A grant never comes to less than what everybody has, unless it is a refusal.
    pub(crate) fn at_least(self, default: Self) -> Self {
        if self <= Self::NoPermissions {
            self
        } else {
            self.max(default)
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
