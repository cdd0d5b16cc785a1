//! Grants to users: MLflow's endpoints of now, and those of its clients before 3.7.

use axum::Json;
use axum::extract::State;
use oxflow_auth::{Permission, ResourceType, UserName, Viewer};
use oxflow_core::Invalid;
use oxflow_store::{GrantOn, Role};
use oxflow_wire::{
    Empty, ExperimentPermissionAnswer, ExperimentPermissionJson, ExperimentPermissionRequest, GrantOnJson,
    GrantRequest, GrantRole, ModelPermissionAnswer, ModelPermissionJson, ModelPermissionRequest,
    PermissionsOnAnswer, PermissionsOnRequest, UserNameRequest, UserNamesAnswer, UserNamesRequest,
    UserPermissionAnswer, UserPermissionJson, UserPermissionsAnswer,
};

use super::users::Administration;
use crate::answer::{Answer, done};
use crate::authorize::{Caller, forbidden};
use crate::extract::{AnyFields, JsonBody, QueryFields, QueryFieldsOf};
use crate::{ApiError, App};

impl QueryFields for GrantRequest {}
impl QueryFields for ExperimentPermissionRequest {}
impl QueryFields for ModelPermissionRequest {}
impl QueryFields for PermissionsOnRequest {}
impl QueryFields for UserNamesRequest {}

/// Names that are suggested.
const MOST_NAMES: usize = 20;

/// What a grant is about.
struct About {
    resource_type: ResourceType,
    id: String,
}

impl About {
    fn of(resource_type: &str, id: String) -> Result<Self, Invalid> {
        let resource_type = ResourceType::parse(resource_type)?;
        if resource_type == ResourceType::Workspace {
            return Err(Invalid::new(
                "resource_type 'workspace' is not granted to single users: grant it to a role, and assign that.",
            ));
        }
        Ok(Self { resource_type, id })
    }
}

impl Caller {
    /// Refuses whoever may not say who may do what with something.
    fn check_manages(&self, about: &About) -> Result<(), ApiError> {
        let viewer = self.known()?;
        let may = viewer.ceiling.is_none()
            && if about.id == "*" {
                viewer.may_everything()
            } else {
                viewer.on(about.resource_type, &about.id) >= Permission::Manage
            };
        may.then_some(()).ok_or_else(forbidden)
    }
}

async fn put(
    by: &Administration,
    username: String,
    about: About,
    permission: Permission,
) -> Result<(), ApiError> {
    by.caller.check_manages(&about)?;
    let login = by.login()?;
    let what = format!("{username}: {permission} on {} {}", about.resource_type, about.id);
    login
        .accounts()
        .grant(username, about.resource_type, about.id, permission)
        .await?;
    by.noted("permission.grant", &what).await;
    Ok(())
}

async fn change(
    by: &Administration,
    username: String,
    about: About,
    permission: Permission,
) -> Result<(), ApiError> {
    by.caller.check_manages(&about)?;
    let login = by.login()?;
    let what = format!("{username}: {permission} on {} {}", about.resource_type, about.id);
    login
        .accounts()
        .update_grant(username, about.resource_type, about.id, permission)
        .await?;
    by.noted("permission.grant", &what).await;
    Ok(())
}

async fn take(by: &Administration, username: String, about: About) -> Result<(), ApiError> {
    by.caller.check_manages(&about)?;
    let login = by.login()?;
    let what = format!("{username}: {} {}", about.resource_type, about.id);
    login
        .accounts()
        .revoke(username, about.resource_type, about.id)
        .await?;
    by.noted("permission.revoke", &what).await;
    Ok(())
}

/// Grants a user something.
pub(crate) async fn grant(by: Administration, JsonBody(req): JsonBody<GrantRequest>) -> Answer<Empty> {
    let username = req.username.required("username")?;
    let about = About::of(
        &req.resource_type.required("resource_type")?,
        req.resource_id.required("resource_id")?,
    )?;
    let permission = Permission::parse(&req.permission.required("permission")?)?;
    put(&by, username, about, permission).await?;
    done()
}

/// Takes a grant from a user.
pub(crate) async fn revoke(by: Administration, JsonBody(req): JsonBody<GrantRequest>) -> Answer<Empty> {
    let username = req.username.required("username")?;
    let about = About::of(
        &req.resource_type.required("resource_type")?,
        req.resource_id.required("resource_id")?,
    )?;
    take(&by, username, about).await?;
    done()
}

/// What a user may do with something, as a request of theirs would find it.
pub(crate) async fn get(
    State(app): State<App>,
    caller: Caller,
    AnyFields(req): AnyFields<GrantRequest>,
) -> Answer<UserPermissionAnswer> {
    let username = req.username.required("username")?;
    let about = About::of(
        &req.resource_type.required("resource_type")?,
        req.resource_id.required("resource_id")?,
    )?;
    caller.themselves_or_admin(&username)?;
    let login = app.logins()?;
    let found = login.accounts().login(username.clone()).await?;
    let found = found.ok_or_else(|| UserName::not_found(&username))?;
    let viewer = Viewer {
        id: found.user.id,
        name: found.user.name,
        is_admin: found.user.is_admin,
        grants: found.grants.into(),
        default: login.default_permission(),
        ceiling: None,
    };
    let permission = viewer.on(about.resource_type, &about.id);
    Ok(Json(UserPermissionAnswer {
        allowed: permission >= Permission::Use,
        permission: permission.name(),
    }))
}

/// All grants that somebody has: oneself, or anybody for an administrator.
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    AnyFields(req): AnyFields<UserNameRequest>,
) -> Answer<UserPermissionsAnswer> {
    let name = req.username.required("username")?;
    caller.themselves_or_admin(&name)?;
    permissions_of(&app, name).await
}

/// All grants of whoever called.
pub(crate) async fn list_own(State(app): State<App>, caller: Caller) -> Answer<UserPermissionsAnswer> {
    let name = caller.known()?.name.as_str().to_owned();
    permissions_of(&app, name).await
}

async fn permissions_of(app: &App, name: String) -> Answer<UserPermissionsAnswer> {
    let (user, roles) = app.logins()?.accounts().roles_of_user(name).await?;
    Ok(Json(UserPermissionsAnswer {
        is_admin: user.is_admin,
        permissions: roles.into_iter().flat_map(of_role).collect(),
    }))
}

fn of_role(role: Role) -> Vec<UserPermissionJson> {
    let Role {
        id,
        name,
        workspace,
        grants,
        ..
    } = role;
    let permissions = grants.into_iter().map(|grant| UserPermissionJson {
        role_id: id,
        role_name: name.clone(),
        workspace: workspace.clone(),
        resource_type: grant.resource_type,
        resource_pattern: grant.resource_pattern,
        permission: grant.permission,
    });
    permissions.collect()
}

/// Who may do what with something; whoever may only read it learns what they may do themselves.
pub(crate) async fn on_resource(
    State(app): State<App>,
    caller: Caller,
    QueryFieldsOf(req): QueryFieldsOf<PermissionsOnRequest>,
) -> Answer<PermissionsOnAnswer> {
    let login = app.logins()?;
    let viewer = caller.known()?;
    let about = About::of(
        &req.resource_type.required("resource_type")?,
        req.resource_id.required("resource_id")?,
    )?;
    let mine = viewer.on(about.resource_type, &about.id);
    if mine < Permission::Read {
        return Err(forbidden());
    }
    let permissions = if caller.check_manages(&about).is_ok() {
        let grants = login.accounts().grants_on(about.resource_type, about.id).await?;
        Some(grants.into_iter().map(grant_on_json).collect())
    } else {
        None
    };
    Ok(Json(PermissionsOnAnswer {
        default_permission: login.default_permission().name(),
        mine: mine.name(),
        permissions,
    }))
}

fn grant_on_json(grant: GrantOn) -> GrantOnJson {
    GrantOnJson {
        username: grant.username,
        role: grant.role.map(|(id, name)| GrantRole { id, name }),
        resource_pattern: grant.pattern,
        permission: grant.permission,
    }
}

/// Names of users that begin so, for whoever may grant something.
pub(crate) async fn user_names(
    State(app): State<App>,
    caller: Caller,
    QueryFieldsOf(req): QueryFieldsOf<UserNamesRequest>,
) -> Answer<UserNamesAnswer> {
    let viewer = caller.known()?;
    if !viewer.may_everything() && !viewer.grants.manages_anything() {
        return Err(forbidden());
    }
    let prefix = req.prefix.optional("prefix")?.unwrap_or_default();
    let usernames = app.logins()?.accounts().user_names(prefix, MOST_NAMES).await?;
    Ok(Json(UserNamesAnswer { usernames }))
}

impl App {
    async fn experiment_permission(
        &self,
        username: String,
        id: String,
    ) -> Answer<ExperimentPermissionAnswer> {
        let accounts = self.logins()?.accounts();
        let (user_id, grant) = accounts
            .get_grant(username, ResourceType::Experiment, id.clone())
            .await?;
        Ok(Json(ExperimentPermissionAnswer {
            experiment_permission: ExperimentPermissionJson {
                experiment_id: id,
                user_id,
                permission: grant.permission,
            },
        }))
    }

    async fn model_permission(&self, username: String, name: String) -> Answer<ModelPermissionAnswer> {
        let accounts = self.logins()?.accounts();
        let (user_id, grant) = accounts
            .get_grant(username, ResourceType::RegisteredModel, name.clone())
            .await?;
        Ok(Json(ModelPermissionAnswer {
            registered_model_permission: ModelPermissionJson {
                workspace: "default",
                name,
                user_id,
                permission: grant.permission,
            },
        }))
    }
}

/// What an older client's request about an experiment is about.
fn of_experiment(req: &ExperimentPermissionRequest) -> Result<(String, About), Invalid> {
    let id = req.experiment_id.clone().required("experiment_id")?;
    let username = req.username.clone().required("username")?;
    let resource_type = ResourceType::Experiment;
    Ok((username, About { resource_type, id }))
}

fn of_model(req: &ModelPermissionRequest) -> Result<(String, About), Invalid> {
    let id = req.name.clone().required("name")?;
    let username = req.username.clone().required("username")?;
    let resource_type = ResourceType::RegisteredModel;
    Ok((username, About { resource_type, id }))
}

/// Clients before 3.7: grants a user something on an experiment.
pub(crate) async fn create_of_experiment(
    by: Administration,
    JsonBody(req): JsonBody<ExperimentPermissionRequest>,
) -> Answer<ExperimentPermissionAnswer> {
    let (username, about) = of_experiment(&req)?;
    let permission = older(&req.permission.required("permission")?)?;
    let id = about.id.clone();
    put(&by, username.clone(), about, permission).await?;
    by.app.experiment_permission(username, id).await
}

/// Clients before 3.7: a user's grant on an experiment.
pub(crate) async fn get_of_experiment(
    State(app): State<App>,
    caller: Caller,
    AnyFields(req): AnyFields<ExperimentPermissionRequest>,
) -> Answer<ExperimentPermissionAnswer> {
    let (username, about) = of_experiment(&req)?;
    caller.check_manages(&about)?;
    app.experiment_permission(username, about.id).await
}

/// Clients before 3.7: changes a user's grant on an experiment.
pub(crate) async fn update_of_experiment(
    by: Administration,
    JsonBody(req): JsonBody<ExperimentPermissionRequest>,
) -> Answer<Empty> {
    let (username, about) = of_experiment(&req)?;
    let permission = older(&req.permission.required("permission")?)?;
    change(&by, username, about, permission).await?;
    done()
}

/// Clients before 3.7: takes a user's grant on an experiment.
pub(crate) async fn delete_of_experiment(
    by: Administration,
    AnyFields(req): AnyFields<ExperimentPermissionRequest>,
) -> Answer<Empty> {
    let (username, about) = of_experiment(&req)?;
    take(&by, username, about).await?;
    done()
}

/// Clients before 3.7: grants a user something on a registered model.
pub(crate) async fn create_of_model(
    by: Administration,
    JsonBody(req): JsonBody<ModelPermissionRequest>,
) -> Answer<ModelPermissionAnswer> {
    let (username, about) = of_model(&req)?;
    let permission = older(&req.permission.required("permission")?)?;
    let name = about.id.clone();
    put(&by, username.clone(), about, permission).await?;
    by.app.model_permission(username, name).await
}

/// Clients before 3.7: a user's grant on a registered model.
pub(crate) async fn get_of_model(
    State(app): State<App>,
    caller: Caller,
    AnyFields(req): AnyFields<ModelPermissionRequest>,
) -> Answer<ModelPermissionAnswer> {
    let (username, about) = of_model(&req)?;
    caller.check_manages(&about)?;
    app.model_permission(username, about.id).await
}

/// Clients before 3.7: changes a user's grant on a registered model.
pub(crate) async fn update_of_model(
    by: Administration,
    JsonBody(req): JsonBody<ModelPermissionRequest>,
) -> Answer<Empty> {
    let (username, about) = of_model(&req)?;
    let permission = older(&req.permission.required("permission")?)?;
    change(&by, username, about, permission).await?;
    done()
}

/// Clients before 3.7: takes a user's grant on a registered model.
pub(crate) async fn delete_of_model(
    by: Administration,
    AnyFields(req): AnyFields<ModelPermissionRequest>,
) -> Answer<Empty> {
    let (username, about) = of_model(&req)?;
    take(&by, username, about).await?;
    done()
}

/// `NO_PERMISSIONS`, which older clients grant to keep somebody out, is called `DENY` now.
fn older(name: &str) -> Result<Permission, Invalid> {
    Ok(match Permission::parse(name)? {
        Permission::NoPermissions => Permission::Deny,
        permission => permission,
    })
}
