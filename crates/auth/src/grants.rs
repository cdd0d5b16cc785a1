//! What somebody's roles grant.

use std::collections::HashMap;

use crate::{Permission, ResourceType};

/// A row of a role: a permission on one thing, or on all of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// What kind of thing.
    pub resource_type: ResourceType,
    /// Its id, or `*` for all.
    pub pattern: String,
    /// What it allows.
    pub permission: Permission,
}

/// The grants of all roles of a user, to be asked quickly.
#[derive(Debug, Clone, Default)]
pub struct Grants {
    types: HashMap<ResourceType, OfType>,
    manages_workspace: bool,
}

/// What is granted on things of one type.
#[derive(Debug, Clone, Default)]
pub(crate) struct OfType {
    /// On all of them.
    pub every: Option<Permission>,
    /// On single ones, by id.
    pub by_id: HashMap<String, Permission>,
}

impl Grants {
    /// Puts the grants of several roles together.
    pub fn new(grants: impl IntoIterator<Item = Grant>) -> Self {
        let mut all = Self::default();
        for grant in grants {
            let Grant {
                resource_type,
                pattern,
                permission,
            } = grant;
            let is_for_all = pattern == "*";
            if resource_type == ResourceType::Workspace {
                all.manages_workspace |= is_for_all && permission == Permission::Manage;
            }
            let of_type = all.types.entry(resource_type).or_default();
            if is_for_all {
                of_type.every = Some(fold(of_type.every, permission));
            } else if resource_type.has_ids() {
                let known = of_type.by_id.get(&pattern).copied();
                of_type.by_id.insert(pattern, fold(known, permission));
            }
        }
        all
    }

    /// Whether a role makes them an administrator of everything there is but users.
    pub fn manages_workspace(&self) -> bool {
        self.manages_workspace
    }

    /// Whether they may say of anything who may do what with it.
    pub fn manages_anything(&self) -> bool {
        let manages = |permission: &Permission| *permission == Permission::Manage;
        self.types
            .values()
            .any(|of_type| of_type.every.iter().chain(of_type.by_id.values()).any(manages))
    }

    /// What is granted on one thing; `None` if no grant speaks of it.
    pub fn on(&self, resource_type: ResourceType, id: &str) -> Option<Permission> {
        let of_type = self.types.get(&resource_type)?;
        match (of_type.every, of_type.by_id.get(id)) {
            (every, Some(&own)) => Some(fold(every, own)),
            (every, None) => every,
        }
    }

    pub(crate) fn of_type(&self, resource_type: ResourceType) -> Option<&OfType> {
        self.types.get(&resource_type)
    }
}

/// Of several grants on the same the highest counts, unless one of them denies.
pub(crate) fn fold(known: Option<Permission>, further: Permission) -> Permission {
    match known {
        Some(Permission::Deny) => Permission::Deny,
        _ if further == Permission::Deny => Permission::Deny,
        Some(known) => known.max(further),
        None => further,
    }
}
