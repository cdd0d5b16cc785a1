//! Roles: MLflow's endpoints of its basic-auth app. There is one workspace, `default`.

use axum::Json;
use axum::extract::State;
use oxflow_auth::{Permission, ResourceType};
use oxflow_core::Invalid;
use oxflow_store::{Role, RoleGrant, RoleMember};
use oxflow_wire::{
    AddRolePermission, AssignRole, AssignmentAnswer, AssignmentJson, AssignmentsAnswer, CreateRole, Empty,
    Field, ListRoles, RoleAnswer, RoleIdRequest, RoleJson, RolePermissionAnswer, RolePermissionIdRequest,
    RolePermissionJson, RolePermissionsAnswer, RolesAnswer, UpdateRole, UpdateRolePermission,
    UserNameRequest,
};

use super::users::Administration;
use crate::answer::{Answer, done};
use crate::authorize::{Caller, forbidden};
use crate::extract::{AnyFields, JsonBody, QueryFields};
use crate::{ApiError, App};

impl QueryFields for RoleIdRequest {}
impl QueryFields for RolePermissionIdRequest {}
impl QueryFields for AssignRole {}
impl QueryFields for ListRoles {
    const LISTS: &'static [&'static str] = Self::LISTS;
}

impl Caller {
    /// Whoever may administer, or manages the workspace, may change roles.
    fn check_manages_roles(&self) -> Result<(), ApiError> {
        let viewer = self.known()?;
        let may = viewer.ceiling.is_none() && viewer.may_everything();
        may.then_some(()).ok_or_else(forbidden)
    }
}

/// A role on the wire.
pub(crate) fn role_json(role: Role) -> RoleJson {
    RoleJson {
        id: role.id,
        name: role.name,
        workspace: role.workspace,
        description: role.description,
        permissions: role.grants.into_iter().map(permission_json).collect(),
    }
}

fn permission_json(grant: RoleGrant) -> RolePermissionJson {
    RolePermissionJson {
        id: grant.id,
        role_id: grant.role_id,
        resource_type: grant.resource_type,
        resource_pattern: grant.resource_pattern,
        permission: grant.permission,
    }
}

fn assignment_json(member: &RoleMember) -> AssignmentJson {
    AssignmentJson {
        id: member.id,
        user_id: member.user_id,
        role_id: member.role_id,
    }
}

fn not_blank(field: Field<String>, name: &str, empty: &str) -> Result<String, Invalid> {
    let text = field.required(name)?;
    if text.trim().is_empty() {
        return Err(Invalid::new(empty));
    }
    Ok(text)
}

/// Creates a role that grants nothing yet.
pub(crate) async fn create(by: Administration, JsonBody(req): JsonBody<CreateRole>) -> Answer<RoleAnswer> {
    by.caller.check_manages_roles()?;
    let login = by.login()?;
    let name = not_blank(req.name, "name", "Role name cannot be empty.")?;
    let workspace = not_blank(req.workspace, "workspace", "Workspace cannot be empty.")?;
    let description = req.description.optional("description")?;
    let role = login.accounts().create_role(name, workspace, description).await?;
    by.noted("role.create", &role.name).await;
    Ok(Json(RoleAnswer {
        role: role_json(role),
    }))
}

/// A role.
pub(crate) async fn get(
    State(app): State<App>,
    caller: Caller,
    AnyFields(req): AnyFields<RoleIdRequest>,
) -> Answer<RoleAnswer> {
    caller.check_manages_roles()?;
    let role = app
        .logins()?
        .accounts()
        .get_role(req.role_id.required("role_id")?)
        .await?;
    Ok(Json(RoleAnswer {
        role: role_json(role),
    }))
}

/// All roles, or those of some workspaces.
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    AnyFields(req): AnyFields<ListRoles>,
) -> Answer<RolesAnswer> {
    caller.check_manages_roles()?;
    let workspaces = req.workspace.texts("workspace")?;
    if workspaces.iter().any(|name| name.trim().is_empty()) {
        return Err(Invalid::new("Parameter 'workspace' must be a non-empty string when provided.").into());
    }
    let roles = app.logins()?.accounts().list_roles(workspaces).await?;
    Ok(Json(RolesAnswer {
        roles: roles.into_iter().map(role_json).collect(),
    }))
}

/// Renames or describes a role.
pub(crate) async fn update(by: Administration, JsonBody(req): JsonBody<UpdateRole>) -> Answer<RoleAnswer> {
    by.caller.check_manages_roles()?;
    let login = by.login()?;
    let id = req.role_id.required("role_id")?;
    let name = req.name.optional("name")?;
    let description = req.description.optional("description")?;
    if name.is_none() && description.is_none() {
        return Err(Invalid::new(
            "At least one of 'name' or 'description' must be provided to update a role.",
        )
        .into());
    }
    let role = login.accounts().update_role(id, name, description).await?;
    by.noted("role.update", &role.name).await;
    Ok(Json(RoleAnswer {
        role: role_json(role),
    }))
}

/// Deletes a role with what it grants.
pub(crate) async fn delete(by: Administration, AnyFields(req): AnyFields<RoleIdRequest>) -> Answer<Empty> {
    by.caller.check_manages_roles()?;
    let login = by.login()?;
    let id = req.role_id.required("role_id")?;
    login.accounts().delete_role(id).await?;
    by.noted("role.delete", &id.to_string()).await;
    done()
}

/// Adds a grant to a role.
pub(crate) async fn add_permission(
    by: Administration,
    JsonBody(req): JsonBody<AddRolePermission>,
) -> Answer<RolePermissionAnswer> {
    by.caller.check_manages_roles()?;
    let login = by.login()?;
    let id = req.role_id.required("role_id")?;
    let resource_type = ResourceType::parse(&req.resource_type.required("resource_type")?)?;
    let pattern = req.resource_pattern.required("resource_pattern")?;
    let permission = Permission::parse(&req.permission.required("permission")?)?;
    let accounts = login.accounts();
    let grant = accounts
        .add_role_permission(id, resource_type, pattern, permission)
        .await?;
    let what = format!(
        "role {id}: {permission} on {resource_type} {}",
        grant.resource_pattern
    );
    by.noted("role.grant", &what).await;
    Ok(Json(RolePermissionAnswer {
        role_permission: permission_json(grant),
    }))
}

/// Takes a grant from a role.
pub(crate) async fn remove_permission(
    by: Administration,
    AnyFields(req): AnyFields<RolePermissionIdRequest>,
) -> Answer<Empty> {
    by.caller.check_manages_roles()?;
    let login = by.login()?;
    let id = req.role_permission_id.required("role_permission_id")?;
    login.accounts().remove_role_permission(id).await?;
    by.noted("role.revoke", &format!("grant {id}")).await;
    done()
}

/// What a role grants.
pub(crate) async fn list_permissions(
    State(app): State<App>,
    caller: Caller,
    AnyFields(req): AnyFields<RoleIdRequest>,
) -> Answer<RolePermissionsAnswer> {
    caller.check_manages_roles()?;
    let role = app
        .logins()?
        .accounts()
        .get_role(req.role_id.required("role_id")?)
        .await?;
    Ok(Json(RolePermissionsAnswer {
        role_permissions: role.grants.into_iter().map(permission_json).collect(),
    }))
}

/// Changes what a grant of a role allows.
pub(crate) async fn update_permission(
    by: Administration,
    JsonBody(req): JsonBody<UpdateRolePermission>,
) -> Answer<RolePermissionAnswer> {
    by.caller.check_manages_roles()?;
    let login = by.login()?;
    let id = req.role_permission_id.required("role_permission_id")?;
    let permission = Permission::parse(&req.permission.required("permission")?)?;
    let grant = login.accounts().update_role_permission(id, permission).await?;
    let what = format!(
        "role {}: {permission} on {} {}",
        grant.role_id, grant.resource_type, grant.resource_pattern
    );
    by.noted("role.grant", &what).await;
    Ok(Json(RolePermissionAnswer {
        role_permission: permission_json(grant),
    }))
}

/// Gives somebody a role.
pub(crate) async fn assign(
    by: Administration,
    JsonBody(req): JsonBody<AssignRole>,
) -> Answer<AssignmentAnswer> {
    by.caller.check_manages_roles()?;
    let login = by.login()?;
    let (name, id) = (
        req.username.required("username")?,
        req.role_id.required("role_id")?,
    );
    let member = login.accounts().assign_role(name.clone(), id).await?;
    by.noted("role.assign", &format!("{name}: role {id}")).await;
    Ok(Json(AssignmentAnswer {
        assignment: assignment_json(&member),
    }))
}

/// Takes a role from somebody.
pub(crate) async fn unassign(by: Administration, AnyFields(req): AnyFields<AssignRole>) -> Answer<Empty> {
    by.caller.check_manages_roles()?;
    let login = by.login()?;
    let (name, id) = (
        req.username.required("username")?,
        req.role_id.required("role_id")?,
    );
    login.accounts().unassign_role(name.clone(), id).await?;
    by.noted("role.unassign", &format!("{name}: role {id}")).await;
    done()
}

/// The roles of somebody: oneself, or anybody for an administrator.
pub(crate) async fn of_user(
    State(app): State<App>,
    caller: Caller,
    AnyFields(req): AnyFields<UserNameRequest>,
) -> Answer<RolesAnswer> {
    let name = req.username.required("username")?;
    caller.themselves_or_admin(&name)?;
    let (_, roles) = app.logins()?.accounts().roles_of_user(name).await?;
    Ok(Json(RolesAnswer {
        roles: roles.into_iter().map(role_json).collect(),
    }))
}

/// Who has a role.
pub(crate) async fn members(
    State(app): State<App>,
    caller: Caller,
    AnyFields(req): AnyFields<RoleIdRequest>,
) -> Answer<AssignmentsAnswer> {
    caller.check_manages_roles()?;
    let members = app
        .logins()?
        .accounts()
        .members_of_role(req.role_id.required("role_id")?)
        .await?;
    Ok(Json(AssignmentsAnswer {
        assignments: members.iter().map(assignment_json).collect(),
    }))
}
