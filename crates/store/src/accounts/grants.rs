//! Grants to single users, and all grants on one thing.

use oxflow_auth::{Permission, ResourceType};

use super::Accounts;
use super::roles::{RoleGrant, check_grant, exists, missing};
use super::rows::{DEFAULT_WORKSPACE, OWN_ROLE_PREFIX};
use crate::{Result, Tx};

/// A grant on something, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantOn {
    /// The user it was given to; `None` for one of a role.
    pub username: Option<String>,
    /// The role with its name; `None` for one of a single user.
    pub role: Option<(i64, String)>,
    /// The id of the thing, or `*`.
    pub pattern: String,
    /// What it allows, as it is written.
    pub permission: String,
}

impl Accounts {
    /// Grants a user something that no grant of theirs speaks of yet.
    pub async fn grant(
        &self,
        username: String,
        resource_type: ResourceType,
        pattern: String,
        permission: Permission,
    ) -> Result<()> {
        check_grant(resource_type, &pattern, permission)?;
        self.write(move |tx| {
            let user = tx.require_user(&username)?;
            let role = tx.own_role(user.id)?;
            tx.insert_grant(role, resource_type, &pattern, permission)?
                .map(drop)
                .ok_or_else(|| {
                    exists(format!(
                        "Permission for user={username} on resource_type={resource_type}, resource_id={pattern} already \
                         exists."
                    ))
                })
        })
        .await
    }

    /// Makes a user the owner of what they have just made. What single users were allowed with an earlier thing of that id
    /// goes: a server that was killed between deleting something and its grants leaves it. What is denied stays denied.
    pub async fn set_owner(&self, user_id: i64, resource_type: ResourceType, id: String) -> Result<()> {
        self.write(move |tx| {
            tx.forget_grants(resource_type, &id, Forget::WhatAllows)?;
            let role = tx.own_role(user_id)?;
            tx.put_grant(role, resource_type, &id, Permission::Manage)
        })
        .await
    }

    /// The same for something that may have got its owner since, or been shared, which then stays as it is.
    pub async fn set_owner_if_nobodys(
        &self,
        user_id: i64,
        resource_type: ResourceType,
        id: String,
    ) -> Result<()> {
        self.write(move |tx| {
            if !tx.has_user(user_id)? || tx.is_granted_to_somebody(resource_type, &id)? {
                return Ok(());
            }
            let role = tx.own_role(user_id)?;
            tx.put_grant(role, resource_type, &id, Permission::Manage)
        })
        .await
    }

    /// Changes a grant of a user.
    pub async fn update_grant(
        &self,
        username: String,
        resource_type: ResourceType,
        pattern: String,
        permission: Permission,
    ) -> Result<()> {
        check_grant(resource_type, &pattern, permission)?;
        self.write(move |tx| {
            tx.own_grant(&username, resource_type, &pattern)?;
            let user = tx.require_user(&username)?;
            let role = tx.own_role(user.id)?;
            tx.put_grant(role, resource_type, &pattern, permission)
        })
        .await
    }

    /// The grant of a user on something.
    pub async fn get_grant(
        &self,
        username: String,
        resource_type: ResourceType,
        pattern: String,
    ) -> Result<(i64, RoleGrant)> {
        self.read(move |tx| tx.own_grant(&username, resource_type, &pattern))
            .await
    }

    /// Takes a grant from a user.
    pub async fn revoke(&self, username: String, resource_type: ResourceType, pattern: String) -> Result<()> {
        self.write(move |tx| {
            let (_, grant) = tx.own_grant(&username, resource_type, &pattern)?;
            tx.execute("DELETE FROM role_permissions WHERE id = $1", &[grant.id.into()])?;
            Ok(())
        })
        .await
    }

    /// All grants that speak of something, those on everything of its type among them.
    pub async fn grants_on(&self, resource_type: ResourceType, id: String) -> Result<Vec<GrantOn>> {
        self.read(move |tx| {
            let rows = tx.query(
                "SELECT r.id, r.name, p.resource_pattern, p.permission, u.username
                   FROM role_permissions p
                   JOIN roles r ON r.id = p.role_id
                   LEFT JOIN user_role_assignments a
                          ON a.role_id = r.id AND substr(r.name, 1, 7) = '__user_'
                   LEFT JOIN users u ON u.id = a.user_id
                  WHERE p.resource_type = $1 AND p.resource_pattern IN ($2, '*') AND r.workspace = $3
                  ORDER BY u.username, r.name, p.resource_pattern",
                &[
                    resource_type.name().into(),
                    id.as_str().into(),
                    DEFAULT_WORKSPACE.into(),
                ],
                |row| {
                    let (role_id, role_name) = (row.int(0)?, row.text(1)?);
                    let is_own = role_name.starts_with(OWN_ROLE_PREFIX);
                    Ok(GrantOn {
                        username: row.text_or_null(4)?,
                        role: (!is_own).then_some((role_id, role_name)),
                        pattern: row.text(2)?,
                        permission: row.text(3)?,
                    })
                },
            )?;
            Ok(rows)
        })
        .await
    }

    /// Takes the grants of single users on something that is gone, so that nothing of the same name inherits them.
    pub async fn forget_resource(&self, resource_types: Vec<ResourceType>, id: String) -> Result<()> {
        self.write(move |tx| {
            for resource_type in &resource_types {
                tx.forget_grants(*resource_type, &id, Forget::All)?;
            }
            Ok(())
        })
        .await
    }

    /// Moves the grants of single users on something to its new name. Grants on that name that were left over go.
    pub async fn rename_resource(
        &self,
        resource_types: Vec<ResourceType>,
        old: String,
        new: String,
    ) -> Result<()> {
        self.write(move |tx| {
            for resource_type in &resource_types {
                tx.forget_grants(*resource_type, &new, Forget::All)?;
                tx.execute(
                    "UPDATE role_permissions SET resource_pattern = $1
                      WHERE resource_type = $2 AND resource_pattern = $3
                        AND role_id IN (SELECT id FROM roles WHERE workspace = $4 AND substr(name, 1, 7) = '__user_')",
                    &[
                        new.as_str().into(),
                        resource_type.name().into(),
                        old.as_str().into(),
                        DEFAULT_WORKSPACE.into(),
                    ],
                )?;
            }
            Ok(())
        })
        .await
    }
}

/// Which grants on something go.
#[derive(Debug, Clone, Copy)]
enum Forget {
    All,
    /// All but those that deny.
    WhatAllows,
}

impl Tx<'_> {
    /// Takes the grants of single users on something.
    fn forget_grants(&mut self, resource_type: ResourceType, id: &str, which: Forget) -> Result<()> {
        let which = match which {
            Forget::All => "",
            Forget::WhatAllows => " AND permission NOT IN ('DENY', 'NO_PERMISSIONS')",
        };
        let sql = format!(
            "DELETE FROM role_permissions
              WHERE resource_type = $1 AND resource_pattern = $2
                AND role_id IN (SELECT id FROM roles WHERE workspace = $3 AND substr(name, 1, 7) = '__user_'){which}"
        );
        self.execute(
            &sql,
            &[resource_type.name().into(), id.into(), DEFAULT_WORKSPACE.into()],
        )?;
        Ok(())
    }

    fn has_user(&mut self, user_id: i64) -> Result<bool> {
        let found = self.query_first("SELECT 1 FROM users WHERE id = $1", &[user_id.into()], |_| Ok(()))?;
        Ok(found.is_some())
    }

    /// Whether a single user is allowed anything with it.
    fn is_granted_to_somebody(&mut self, resource_type: ResourceType, id: &str) -> Result<bool> {
        let found = self.query_first(
            "SELECT 1 FROM role_permissions
              WHERE resource_type = $1 AND resource_pattern = $2 AND permission NOT IN ('DENY', 'NO_PERMISSIONS')
                AND role_id IN (SELECT id FROM roles WHERE workspace = $3 AND substr(name, 1, 7) = '__user_')
              LIMIT 1",
            &[resource_type.name().into(), id.into(), DEFAULT_WORKSPACE.into()],
            |_| Ok(()),
        )?;
        Ok(found.is_some())
    }

    /// The grant of a single user on something, with the user's id.
    fn own_grant(
        &mut self,
        username: &str,
        resource_type: ResourceType,
        pattern: &str,
    ) -> Result<(i64, RoleGrant)> {
        let user = self.require_user(username)?;
        let own_role = format!("{OWN_ROLE_PREFIX}{}__", user.id);
        let grant = self.query_first(
            "SELECT p.id, p.role_id, p.resource_type, p.resource_pattern, p.permission
               FROM role_permissions p JOIN roles r ON r.id = p.role_id
              WHERE r.name = $1 AND r.workspace = $2 AND p.resource_type = $3 AND p.resource_pattern = $4",
            &[
                own_role.as_str().into(),
                DEFAULT_WORKSPACE.into(),
                resource_type.name().into(),
                pattern.into(),
            ],
            RoleGrant::from_row,
        )?;
        let grant = grant.ok_or_else(|| {
            missing(format!(
                "Permission for user={username} on resource_type={resource_type}, resource_id={pattern} not found."
            ))
        })?;
        Ok((user.id, grant))
    }
}
