//! Roles: what they grant, and who has them.

use std::collections::HashMap;

use oxflow_auth::{Permission, ResourceType};
use oxflow_core::{ErrorCode, Invalid};

use super::Accounts;
use super::rows::OWN_ROLE_PREFIX;
use super::users::User;
use crate::{DbError, Result, Row, StoreError, Tx};

/// Widths of the columns, in characters.
const MAX_NAME_CHARS: usize = 255;
const MAX_WORKSPACE_CHARS: usize = 63;
const MAX_DESCRIPTION_CHARS: usize = 1024;
const MAX_PATTERN_CHARS: usize = 255;

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The id.
    pub id: i64,
    /// The name, unique in its workspace.
    pub name: String,
    /// The workspace: `default` counts, others are kept for MLflow.
    pub workspace: String,
    /// What it is for.
    pub description: Option<String>,
    /// What it grants.
    pub grants: Vec<RoleGrant>,
}

/// A grant of a role, as the API shows it: names that only a newer MLflow knows are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleGrant {
    /// The id of the row.
    pub id: i64,
    /// The role.
    pub role_id: i64,
    /// What kind of thing.
    pub resource_type: String,
    /// Its id, or `*`.
    pub resource_pattern: String,
    /// What it allows.
    pub permission: String,
}

/// That somebody has a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleMember {
    /// The id of the row.
    pub id: i64,
    /// The user.
    pub user_id: i64,
    /// The role.
    pub role_id: i64,
}

impl Role {
    /// Whether it holds the grants of one user, and is nobody else's.
    pub fn is_of_one_user(&self) -> bool {
        self.name.starts_with(OWN_ROLE_PREFIX)
    }

    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.int(0)?,
            name: row.text(1)?,
            workspace: row.text(2)?,
            description: row.text_or_null(3)?,
            grants: Vec::new(),
        })
    }
}

impl RoleGrant {
    pub(super) fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.int(0)?,
            role_id: row.int(1)?,
            resource_type: row.text(2)?,
            resource_pattern: row.text(3)?,
            permission: row.text(4)?,
        })
    }
}

const SELECT: &str = "SELECT id, name, workspace, description FROM roles";

const SELECT_GRANTS: &str =
    "SELECT id, role_id, resource_type, resource_pattern, permission FROM role_permissions";

impl Accounts {
    /// Adds a role that grants nothing yet.
    pub async fn create_role(
        &self,
        name: String,
        workspace: String,
        description: Option<String>,
    ) -> Result<Role> {
        check_name(&name)?;
        oxflow_core::check_length("workspace", MAX_WORKSPACE_CHARS, &workspace)?;
        check_description(description.as_deref())?;
        self.write(move |tx| {
            let id = tx.query_first(
                "INSERT INTO roles (name, workspace, description) VALUES ($1, $2, $3)
                 ON CONFLICT (workspace, name) DO NOTHING RETURNING id",
                &[
                    name.as_str().into(),
                    workspace.as_str().into(),
                    description.as_deref().into(),
                ],
                |row| row.int(0),
            )?;
            match id {
                Some(id) => tx.role(id),
                None => Err(exists(format!(
                    "Role (name={name}, workspace={workspace}) already exists."
                ))),
            }
        })
        .await
    }

    /// A role.
    pub async fn get_role(&self, id: i64) -> Result<Role> {
        self.read(move |tx| tx.role(id)).await
    }

    /// The roles of some workspaces, or of all, in the order in which they were made.
    pub async fn list_roles(&self, workspaces: Vec<String>) -> Result<Vec<Role>> {
        self.read(move |tx| {
            let mut roles = tx.all_roles()?;
            if !workspaces.is_empty() {
                roles.retain(|role| workspaces.contains(&role.workspace));
            }
            Ok(roles)
        })
        .await
    }

    /// Changes name or description; what is `None` stays.
    pub async fn update_role(
        &self,
        id: i64,
        name: Option<String>,
        description: Option<String>,
    ) -> Result<Role> {
        if let Some(name) = &name {
            check_name(name)?;
        }
        check_description(description.as_deref())?;
        self.write(move |tx| {
            let role = tx.role(id)?;
            if role.is_of_one_user() {
                return Err(Invalid::new(format!(
                    "Role '{}' holds the grants of one user and cannot be changed.",
                    role.name
                ))
                .into());
            }
            if let Some(name) = &name {
                let holder = tx.query_first(
                    "SELECT 1 FROM roles WHERE workspace = $1 AND name = $2 AND id <> $3",
                    &[role.workspace.as_str().into(), name.as_str().into(), id.into()],
                    |_| Ok(()),
                )?;
                if holder.is_some() {
                    return Err(exists(format!(
                        "Role with name={name} already exists in workspace={}",
                        role.workspace
                    )));
                }
                tx.execute(
                    "UPDATE roles SET name = $1 WHERE id = $2",
                    &[name.as_str().into(), id.into()],
                )?;
            }
            if let Some(description) = &description {
                tx.execute(
                    "UPDATE roles SET description = $1 WHERE id = $2",
                    &[description.as_str().into(), id.into()],
                )?;
            }
            tx.role(id)
        })
        .await
    }

    /// Deletes a role with what it grants.
    pub async fn delete_role(&self, id: i64) -> Result<()> {
        self.write(move |tx| {
            tx.role(id)?;
            tx.execute("DELETE FROM role_permissions WHERE role_id = $1", &[id.into()])?;
            tx.execute(
                "DELETE FROM user_role_assignments WHERE role_id = $1",
                &[id.into()],
            )?;
            tx.execute("DELETE FROM roles WHERE id = $1", &[id.into()])?;
            Ok(())
        })
        .await
    }

    /// Adds a grant to a role.
    pub async fn add_role_permission(
        &self,
        role_id: i64,
        resource_type: ResourceType,
        pattern: String,
        permission: Permission,
    ) -> Result<RoleGrant> {
        check_grant(resource_type, &pattern, permission)?;
        self.write(move |tx| {
            tx.role(role_id)?;
            tx.insert_grant(role_id, resource_type, &pattern, permission)?
                .ok_or_else(|| {
                    exists(format!(
                        "Role permission (role_id={role_id}, resource_type={resource_type}, \
                         resource_pattern={pattern}) already exists."
                    ))
                })
        })
        .await
    }

    /// A grant of a role.
    pub async fn get_role_permission(&self, id: i64) -> Result<RoleGrant> {
        self.read(move |tx| tx.role_permission(id)).await
    }

    /// Changes what a grant of a role allows.
    pub async fn update_role_permission(&self, id: i64, permission: Permission) -> Result<RoleGrant> {
        self.write(move |tx| {
            let grant = tx.role_permission(id)?;
            ResourceType::parse(&grant.resource_type)?.check_grantable(permission)?;
            tx.execute(
                "UPDATE role_permissions SET permission = $1 WHERE id = $2",
                &[permission.name().into(), id.into()],
            )?;
            tx.role_permission(id)
        })
        .await
    }

    /// Takes a grant from a role.
    pub async fn remove_role_permission(&self, id: i64) -> Result<()> {
        self.write(move |tx| {
            tx.role_permission(id)?;
            tx.execute("DELETE FROM role_permissions WHERE id = $1", &[id.into()])?;
            Ok(())
        })
        .await
    }

    /// Gives somebody a role.
    pub async fn assign_role(&self, username: String, role_id: i64) -> Result<RoleMember> {
        self.write(move |tx| {
            let user = tx.require_user(&username)?;
            let role = tx.role(role_id)?;
            if role.is_of_one_user() {
                return Err(Invalid::new(format!(
                    "Role '{}' holds the grants of one user and cannot be given to anybody else.",
                    role.name
                ))
                .into());
            }
            let id = tx.query_first(
                "INSERT INTO user_role_assignments (user_id, role_id) VALUES ($1, $2)
                 ON CONFLICT (user_id, role_id) DO NOTHING RETURNING id",
                &[user.id.into(), role_id.into()],
                |row| row.int(0),
            )?;
            match id {
                Some(id) => Ok(RoleMember {
                    id,
                    user_id: user.id,
                    role_id,
                }),
                None => Err(exists(format!(
                    "User role assignment (user_id={}, role_id={role_id}) already exists",
                    user.id
                ))),
            }
        })
        .await
    }

    /// Takes a role from somebody.
    pub async fn unassign_role(&self, username: String, role_id: i64) -> Result<()> {
        self.write(move |tx| {
            let user = tx.require_user(&username)?;
            let removed = tx.execute(
                "DELETE FROM user_role_assignments WHERE user_id = $1 AND role_id = $2",
                &[user.id.into(), role_id.into()],
            )?;
            if removed == 0 {
                return Err(missing(format!(
                    "User role assignment (user_id={}, role_id={role_id}) not found",
                    user.id
                )));
            }
            Ok(())
        })
        .await
    }

    /// The roles of a user.
    pub async fn roles_of_user(&self, username: String) -> Result<(User, Vec<Role>)> {
        self.read(move |tx| {
            let user = tx.require_user(&username)?;
            let ids = tx.query(
                "SELECT role_id FROM user_role_assignments WHERE user_id = $1 ORDER BY id",
                &[user.id.into()],
                |row| row.int(0),
            )?;
            let roles = ids.into_iter().map(|id| tx.role(id)).collect::<Result<_>>()?;
            Ok((user, roles))
        })
        .await
    }

    /// Who has a role.
    pub async fn members_of_role(&self, role_id: i64) -> Result<Vec<RoleMember>> {
        self.read(move |tx| {
            tx.role(role_id)?;
            let members = tx.query(
                "SELECT id, user_id, role_id FROM user_role_assignments WHERE role_id = $1 ORDER BY id",
                &[role_id.into()],
                |row| {
                    Ok(RoleMember {
                        id: row.int(0)?,
                        user_id: row.int(1)?,
                        role_id: row.int(2)?,
                    })
                },
            )?;
            Ok(members)
        })
        .await
    }
}

fn check_name(name: &str) -> Result<(), Invalid> {
    if name.trim().is_empty() {
        return Err(Invalid::new("Role name cannot be empty."));
    }
    oxflow_core::check_length("name", MAX_NAME_CHARS, name)?;
    if name.starts_with(OWN_ROLE_PREFIX) {
        return Err(Invalid::new(format!(
            "Role name '{name}' begins with '{OWN_ROLE_PREFIX}', which is reserved for the grants of single users. Choose \
             another name."
        )));
    }
    Ok(())
}

fn check_description(description: Option<&str>) -> Result<(), Invalid> {
    oxflow_core::check_length("description", MAX_DESCRIPTION_CHARS, description.unwrap_or(""))
}

/// Refuses a grant that could not be stored, or would not be heeded.
pub(super) fn check_grant(
    resource_type: ResourceType,
    pattern: &str,
    permission: Permission,
) -> Result<(), Invalid> {
    oxflow_core::check_length("resource_pattern", MAX_PATTERN_CHARS, pattern)?;
    resource_type.check_pattern(pattern)?;
    resource_type.check_grantable(permission)
}

pub(super) fn exists(message: String) -> StoreError {
    Invalid {
        code: ErrorCode::ResourceAlreadyExists,
        message,
    }
    .into()
}

pub(super) fn missing(message: String) -> StoreError {
    Invalid {
        code: ErrorCode::ResourceDoesNotExist,
        message,
    }
    .into()
}

impl Tx<'_> {
    pub(super) fn all_roles(&mut self) -> Result<Vec<Role>> {
        let mut roles = self.query(&format!("{SELECT} ORDER BY id"), &[], Role::from_row)?;
        let grants = self.query(&format!("{SELECT_GRANTS} ORDER BY id"), &[], RoleGrant::from_row)?;
        let mut of_role: HashMap<i64, Vec<RoleGrant>> = HashMap::new();
        for grant in grants {
            of_role.entry(grant.role_id).or_default().push(grant);
        }
        for role in &mut roles {
            role.grants = of_role.remove(&role.id).unwrap_or_default();
        }
        Ok(roles)
    }

    fn role(&mut self, id: i64) -> Result<Role> {
        let role = self.query_first(&format!("{SELECT} WHERE id = $1"), &[id.into()], Role::from_row)?;
        let mut role = role.ok_or_else(|| missing(format!("Role with id={id} not found")))?;
        role.grants = self.query(
            &format!("{SELECT_GRANTS} WHERE role_id = $1 ORDER BY id"),
            &[id.into()],
            RoleGrant::from_row,
        )?;
        Ok(role)
    }

    fn role_permission(&mut self, id: i64) -> Result<RoleGrant> {
        let grant = self.query_first(
            &format!("{SELECT_GRANTS} WHERE id = $1"),
            &[id.into()],
            RoleGrant::from_row,
        )?;
        grant.ok_or_else(|| missing(format!("Role permission with id={id} not found")))
    }

    /// Adds a grant; `None` if the role has one on the same.
    pub(super) fn insert_grant(
        &mut self,
        role_id: i64,
        resource_type: ResourceType,
        pattern: &str,
        permission: Permission,
    ) -> Result<Option<RoleGrant>> {
        let grant = self.query_first(
            "INSERT INTO role_permissions (role_id, resource_type, resource_pattern, permission)
             VALUES ($1, $2, $3, $4)
             ON CONFLICT (role_id, resource_type, resource_pattern) DO NOTHING
             RETURNING id, role_id, resource_type, resource_pattern, permission",
            &[
                role_id.into(),
                resource_type.name().into(),
                pattern.into(),
                permission.name().into(),
            ],
            RoleGrant::from_row,
        )?;
        Ok(grant)
    }
}
