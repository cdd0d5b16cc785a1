//! Users, roles, grants: requests and answers of MLflow's basic-auth app, and of its clients before 3.7.

use serde::{Deserialize, Serialize};

use crate::{Field, List, Truth};

macro_rules! requests {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Default, Deserialize)]
        #[serde(default)]
        #[expect(missing_docs, reason = "the fields are MLflow's")]
        pub struct $name {
            $(pub $field: $type),*
        }
    )*};
}

macro_rules! answers {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Serialize)]
        #[expect(missing_docs, reason = "the fields are MLflow's, or those of docs/api.md")]
        pub struct $name {
            $(pub $field: $type),*
        }
    )*};
}

requests! {
    /// Body of `POST mlflow/users/create`.
    CreateUser { username: Field<String>, password: Field<String> }
    /// Any request that names a user and nothing else.
    UserNameRequest { username: Field<String> }
    /// Body of `PATCH mlflow/users/update-password`.
    SetPassword { username: Field<String>, password: Field<String>, current_password: Field<String> }
    /// Body of `PATCH mlflow/users/update-admin`.
    SetAdmin { username: Field<String>, is_admin: Field<Truth> }
    /// Body of `POST mlflow/roles/create`.
    CreateRole { name: Field<String>, workspace: Field<String>, description: Field<String> }
    /// Any request that names a role and nothing else.
    RoleIdRequest { role_id: Field<i64> }
    /// Query of `GET mlflow/roles/list`.
    ListRoles { workspace: List<Field<String>> }
    /// Body of `PATCH mlflow/roles/update`.
    UpdateRole { role_id: Field<i64>, name: Field<String>, description: Field<String> }
    /// Body of `POST mlflow/roles/permissions/add`.
    AddRolePermission {
        role_id: Field<i64>,
        resource_type: Field<String>,
        resource_pattern: Field<String>,
        permission: Field<String>,
    }
    /// Any request that names a grant of a role and nothing else.
    RolePermissionIdRequest { role_permission_id: Field<i64> }
    /// Body of `PATCH mlflow/roles/permissions/update`.
    UpdateRolePermission { role_permission_id: Field<i64>, permission: Field<String> }
    /// Body of `POST mlflow/roles/assign` and `DELETE mlflow/roles/unassign`.
    AssignRole { username: Field<String>, role_id: Field<i64> }
    /// Body or query of `mlflow/users/permissions/grant`, `revoke` and `get`.
    GrantRequest {
        username: Field<String>,
        resource_type: Field<String>,
        resource_id: Field<String>,
        permission: Field<String>,
    }
    /// Body or query of `mlflow/experiments/permissions/…`, which clients before 3.7 call.
    ExperimentPermissionRequest { experiment_id: Field<String>, username: Field<String>, permission: Field<String> }
    /// Body or query of `mlflow/registered-models/permissions/…`, which clients before 3.7 call.
    ModelPermissionRequest { name: Field<String>, username: Field<String>, permission: Field<String> }
    /// Query of `GET permissions`.
    PermissionsOnRequest { resource_type: Field<String>, resource_id: Field<String> }
    /// Query of `GET users/names`.
    UserNamesRequest { prefix: Field<String> }
    /// Body of `POST session`.
    StartSession { username: Field<String>, password: Field<String> }
    /// Body of `POST tokens`.
    CreateToken { name: Field<String>, scope: Field<String>, expires_at_ms: Field<i64> }
    /// Query of `GET audit`.
    AuditRequest { limit: Field<i64>, before: Field<i64> }
}

impl ListRoles {
    /// The repeated parameters of the query.
    pub const LISTS: &[&str] = &["workspace"];
}

/// A user.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct UserJson {
    pub id: i64,
    pub username: String,
    pub is_admin: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<RoleJson>>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub of_before_roles: Option<OldGrantsJson>,
}

/// The grants of a single user in the form of before roles: clients before 3.14 do not read a user without them.
#[derive(Debug, Default, Serialize)]
#[expect(missing_docs, reason = "the fields are MLflow's")]
pub struct OldGrantsJson {
    pub experiment_permissions: Vec<ExperimentPermissionJson>,
    pub registered_model_permissions: Vec<ModelPermissionJson>,
}

/// What whoever may see something may do with it.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are those of docs/api.md")]
pub struct PermissionsOnAnswer {
    pub default_permission: &'static str,
    pub mine: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Vec<GrantOnJson>>,
}

answers! {
    /// Answer with one user.
    UserAnswer { user: UserJson }
    /// Answer to `GET mlflow/users/current`.
    CurrentUserAnswer { user: UserJson, is_basic_auth: bool }
    /// Answer to `GET mlflow/users/list`.
    UsersAnswer { users: Vec<UserJson> }
    /// A role.
    RoleJson {
        id: i64,
        name: String,
        workspace: String,
        description: Option<String>,
        permissions: Vec<RolePermissionJson>,
    }
    /// Answer with one role.
    RoleAnswer { role: RoleJson }
    /// Answer with several roles.
    RolesAnswer { roles: Vec<RoleJson> }
    /// A grant of a role.
    RolePermissionJson {
        id: i64,
        role_id: i64,
        resource_type: String,
        resource_pattern: String,
        permission: String,
    }
    /// Answer with one grant of a role.
    RolePermissionAnswer { role_permission: RolePermissionJson }
    /// Answer with the grants of a role.
    RolePermissionsAnswer { role_permissions: Vec<RolePermissionJson> }
    /// That a user has a role.
    AssignmentJson { id: i64, user_id: i64, role_id: i64 }
    /// Answer to `POST mlflow/roles/assign`.
    AssignmentAnswer { assignment: AssignmentJson }
    /// Answer to `GET mlflow/roles/users/list`.
    AssignmentsAnswer { assignments: Vec<AssignmentJson> }
    /// Answer to `GET mlflow/users/permissions/get`.
    UserPermissionAnswer { allowed: bool, permission: &'static str }
    /// A grant that a user has.
    UserPermissionJson {
        role_id: i64,
        role_name: String,
        workspace: String,
        resource_type: String,
        resource_pattern: String,
        permission: String,
    }
    /// Answer to `GET mlflow/users/permissions/list`.
    UserPermissionsAnswer { is_admin: bool, permissions: Vec<UserPermissionJson> }
    /// A grant of before roles on an experiment.
    ExperimentPermissionJson { experiment_id: String, user_id: i64, permission: String }
    /// Answer with one of them.
    ExperimentPermissionAnswer { experiment_permission: ExperimentPermissionJson }
    /// A grant of before roles on a registered model.
    ModelPermissionJson { workspace: &'static str, name: String, user_id: i64, permission: String }
    /// Answer with one of them.
    ModelPermissionAnswer { registered_model_permission: ModelPermissionJson }
    /// A role by id and name.
    GrantRole { id: i64, name: String }
    /// A grant on something, and whose it is.
    GrantOnJson {
        username: Option<String>,
        role: Option<GrantRole>,
        resource_pattern: String,
        permission: String,
    }
    /// Answer to `GET users/names`.
    UserNamesAnswer { usernames: Vec<String> }
    /// Answer to `GET session` and `POST session`.
    SessionAnswer { auth: &'static str, user: Option<UserJson> }
    /// An API token.
    TokenJson {
        id: i64,
        name: String,
        scope: Option<&'static str>,
        created_at_ms: i64,
        expires_at_ms: Option<i64>,
        last_used_at_ms: Option<i64>,
    }
    /// Answer to `GET tokens`.
    TokensAnswer { tokens: Vec<TokenJson> }
    /// Answer to `POST tokens`: the only one with the secret.
    TokenAnswer { token: TokenJson, secret: String }
    /// An event of the audit log.
    AuditEventJson {
        id: i64,
        at_ms: i64,
        actor: Option<String>,
        action: String,
        object: String,
        address: Option<String>,
        result: String,
        request_id: Option<String>,
    }
    /// Answer to `GET audit`.
    AuditAnswer { events: Vec<AuditEventJson> }
}
