//! What several tables of users have in common.

use oxflow_auth::{Grant, Permission, ResourceType};

use crate::{DbError, Row};

/// The only workspace.
pub(super) const DEFAULT_WORKSPACE: &str = "default";

/// Begins the names of roles that hold the grants of one user: `__user_7__`.
pub(super) const OWN_ROLE_PREFIX: &str = "__user_";

/// A grant out of three columns; `None` for a type or a permission that a newer MLflow may know. Somebody who was denied
/// something in words that are not understood would otherwise get it: such a permission denies.
pub(super) fn grant(row: &Row<'_>, first: usize) -> Result<Option<Grant>, DbError> {
    let Some(resource_type) = ResourceType::of_name(&row.text(first)?) else {
        return Ok(None);
    };
    Ok(Some(Grant {
        resource_type,
        pattern: row.text(first + 1)?,
        permission: Permission::of_name(&row.text(first + 2)?).unwrap_or(Permission::Deny),
    }))
}
