//! Users: MLflow's endpoints of its basic-auth app.

use std::convert::Infallible;

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::HeaderMap;
use axum::http::request::Parts as Head;
use axum::response::{IntoResponse, Redirect, Response};
use oxflow_auth::{Password, ResourceType, UserName, Viewer};
use oxflow_core::{ErrorCode, Invalid};
use oxflow_store::{Role, User, UserWithRoles};
use oxflow_wire::{
    CreateUser, CurrentUserAnswer, Empty, ExperimentPermissionJson, Field, ModelPermissionJson,
    OldGrantsJson, SetAdmin, SetPassword, UserAnswer, UserJson, UserNameRequest, UsersAnswer,
};

use super::pages::Proxied;
use super::roles::role_json;
use crate::answer::{Answer, done};
use crate::authorize::{Caller, forbidden};
use crate::extract::{AnyFields, JsonBody, QueryFields};
use crate::login::{Login, Origin, Refusal};
use crate::{ApiError, App};

impl QueryFields for UserNameRequest {}

impl App {
    /// The login of this server. Routes that need one are not there without.
    pub(crate) fn logins(&self) -> Result<&Login, ApiError> {
        self.login.as_ref().ok_or_else(ApiError::endpoint_not_found)
    }
}

impl Caller {
    /// The user who called.
    pub(crate) fn known(&self) -> Result<&Viewer, ApiError> {
        self.user().ok_or_else(forbidden)
    }

    /// The user who called, if they may administer.
    pub(crate) fn admin(&self) -> Result<&Viewer, ApiError> {
        self.user()
            .filter(|viewer| viewer.may_administer())
            .ok_or_else(forbidden)
    }

    /// The user who called, who is an administrator or asks about themselves.
    pub(crate) fn themselves_or_admin(&self, name: &str) -> Result<&Viewer, ApiError> {
        let viewer = self.known()?;
        let is_allowed = viewer.may_administer() || viewer.name.as_str() == name;
        is_allowed.then_some(viewer).ok_or_else(forbidden)
    }
}

/// Who asks for a change of users or their rights, and where the change is noted.
#[derive(Debug)]
pub(crate) struct Administration {
    pub(crate) app: App,
    pub(crate) caller: Caller,
    pub(crate) origin: Origin,
}

impl FromRequestParts<App> for Administration {
    type Rejection = Infallible;

    async fn from_request_parts(head: &mut Head, app: &App) -> Result<Self, Infallible> {
        let Ok(caller) = Caller::from_request_parts(head, app).await;
        Ok(Self {
            app: app.clone(),
            caller,
            origin: Origin::of(&head.extensions),
        })
    }
}

impl Administration {
    pub(crate) fn login(&self) -> Result<&Login, ApiError> {
        self.app.logins()
    }

    /// Notes in the audit log that something was changed; what is known of users is then out of date.
    pub(crate) async fn noted(&self, action: &'static str, object: &str) {
        let Ok(login) = self.login() else { return };
        login.forget();
        let actor = self.caller.user().map(|viewer| viewer.name.as_str());
        login.audit(action, actor, object, true, &self.origin).await;
    }
}

/// What keeps somebody from a password check, as an error.
pub(crate) fn refused(refusal: Refusal) -> ApiError {
    match refusal {
        Refusal::Failed(error) => error,
        Refusal::Unknown | Refusal::Malformed(_) => forbidden(),
        Refusal::TooOften(left) => ApiError::new(
            ErrorCode::RequestLimitExceeded,
            format!(
                "Too many passwords were wrong; try again in {} s.",
                left.as_secs() + 1
            ),
        ),
        Refusal::Busy => ApiError::new(
            ErrorCode::TemporarilyUnavailable,
            "Too many passwords are being checked at this moment; try again.",
        ),
    }
}

/// Creates a user, who may do nothing yet that not everybody may.
pub(crate) async fn create(by: Administration, JsonBody(req): JsonBody<CreateUser>) -> Answer<UserAnswer> {
    by.caller.admin()?;
    let login = by.login()?;
    let (name, password) = (
        req.username.required("username")?,
        req.password.required("password")?,
    );
    let name = UserName::parse(&name)?;
    let password = Password::parse(&password, &name)?;
    let hash = login.hash(password).await.map_err(refused)?;
    let user = login.accounts().create_user(name, hash, false).await?;
    by.noted("user.create", user.name.as_str()).await;
    Ok(Json(UserAnswer {
        user: UserJson {
            of_before_roles: Some(OldGrantsJson::default()),
            ..user_json(&user)
        },
    }))
}

/// A user: oneself, or anybody for an administrator.
pub(crate) async fn get(
    State(app): State<App>,
    caller: Caller,
    AnyFields(req): AnyFields<UserNameRequest>,
) -> Answer<UserAnswer> {
    let name = req.username.required("username")?;
    caller.themselves_or_admin(&name)?;
    let (user, roles) = app.logins()?.accounts().roles_of_user(name).await?;
    Ok(Json(UserAnswer {
        user: UserJson {
            of_before_roles: Some(of_before_roles(&user, &roles)),
            ..user_json(&user)
        },
    }))
}

/// Who called.
pub(crate) async fn current(State(app): State<App>, caller: Caller) -> Answer<CurrentUserAnswer> {
    app.logins()?;
    let viewer = caller.known()?;
    Ok(Json(CurrentUserAnswer {
        user: UserJson {
            id: viewer.id,
            username: viewer.name.as_str().to_owned(),
            is_admin: viewer.is_admin,
            roles: None,
            of_before_roles: None,
        },
        is_basic_auth: true,
    }))
}

/// All users with their roles; whoever is no administrator gets themselves.
pub(crate) async fn list(State(app): State<App>, caller: Caller) -> Answer<UsersAnswer> {
    let viewer = caller.known()?;
    let mut users = app.logins()?.accounts().list_users().await?;
    if !viewer.may_administer() {
        users.retain(|found| found.user.id == viewer.id);
    }
    Ok(Json(UsersAnswer {
        users: users.into_iter().map(with_roles).collect(),
    }))
}

/// Sets a password: one's own if one knows it, anybody's as an administrator. Other sessions of the user end.
pub(crate) async fn set_password(
    by: Administration,
    headers: HeaderMap,
    JsonBody(req): JsonBody<SetPassword>,
) -> Answer<Empty> {
    let login = by.login()?;
    let name = req.username.required("username")?;
    let viewer = by.caller.themselves_or_admin(&name)?;
    if viewer.ceiling.is_some() {
        return Err(forbidden());
    }
    let password = req.password.required("password")?;
    let is_own = viewer.name.as_str() == name;
    if is_own {
        check_current(login, &name, &password, req.current_password, &by.origin).await?;
    }
    let password = Password::parse(&password, &UserName::from_row(name.clone()))?;
    login.accounts().get_user(name.clone()).await?;
    let hash = login.hash(password).await.map_err(refused)?;
    let kept_session = Login::session_of(&headers).filter(|_| is_own);
    login
        .accounts()
        .set_password(name.clone(), hash, kept_session)
        .await?;
    by.noted("user.password", &name).await;
    done()
}

/// Whoever changes their own password says the old one again, so that a browser left open gives nothing away.
async fn check_current(
    login: &Login,
    name: &str,
    new: &str,
    current: Field<String>,
    origin: &Origin,
) -> Result<(), ApiError> {
    let current = current
        .optional("current_password")?
        .filter(|current| !current.is_empty())
        .ok_or_else(|| Invalid::new("Current password is required when changing your own password."))?;
    let is_right = login
        .is_password_of(name, &current, origin)
        .await
        .map_err(refused)?;
    if !is_right {
        return Err(Invalid::new("Current password does not match.").into());
    }
    if new == current {
        return Err(Invalid::new("New password must differ from the current password.").into());
    }
    Ok(())
}

/// Makes somebody an administrator, or one no longer.
pub(crate) async fn set_admin(by: Administration, JsonBody(req): JsonBody<SetAdmin>) -> Answer<Empty> {
    by.caller.admin()?;
    let login = by.login()?;
    let name = req.username.required("username")?;
    let is_admin = req.is_admin.required("is_admin")?.0;
    login.accounts().set_admin(name.clone(), is_admin).await?;
    let action = if is_admin {
        "user.make_admin"
    } else {
        "user.unmake_admin"
    };
    by.noted(action, &name).await;
    done()
}

/// Deletes somebody else with their grants, tokens and sessions.
pub(crate) async fn delete(by: Administration, AnyFields(req): AnyFields<UserNameRequest>) -> Answer<Empty> {
    let viewer = by.caller.admin()?;
    let login = by.login()?;
    let name = req.username.required("username")?;
    if viewer.name.as_str() == name {
        return Err(ApiError::new(
            ErrorCode::BadRequest,
            "Users cannot delete their own account. Ask another admin to delete this user instead.",
        ));
    }
    login.accounts().delete_user(name.clone()).await?;
    by.noted("user.delete", &name).await;
    done()
}

/// MLflow's form for new users is our page of users.
pub(crate) async fn signup(State(app): State<App>, proxied: Proxied) -> Response {
    let prefix = super::pages::seen_prefix(&app, proxied);
    Redirect::to(&format!("{prefix}/admin/users")).into_response()
}

/// What MLflow's form is sent to. Nobody has that form here, and without it there is no CSRF token.
pub(crate) async fn create_by_form() -> ApiError {
    ApiError::new(
        ErrorCode::BadRequest,
        "There is no sign-up form on this server: create users on the page `/admin/users`, with `POST \
         mlflow/users/create`, or with `oxflow auth create-user`.",
    )
}

fn user_json(user: &User) -> UserJson {
    UserJson {
        id: user.id,
        username: user.name.as_str().to_owned(),
        is_admin: user.is_admin,
        roles: None,
        of_before_roles: None,
    }
}

/// What a user was granted themselves, on single experiments and models.
fn of_before_roles(user: &User, roles: &[Role]) -> OldGrantsJson {
    let mut grants = OldGrantsJson::default();
    let own = roles.iter().filter(|role| role.is_of_one_user());
    for grant in own.flat_map(|role| &role.grants) {
        let (id, permission) = (grant.resource_pattern.clone(), grant.permission.clone());
        match ResourceType::of_name(&grant.resource_type) {
            _ if id == "*" => {}
            Some(ResourceType::Experiment) => grants.experiment_permissions.push(ExperimentPermissionJson {
                experiment_id: id,
                user_id: user.id,
                permission,
            }),
            Some(ResourceType::RegisteredModel) => {
                grants.registered_model_permissions.push(ModelPermissionJson {
                    workspace: "default",
                    name: id,
                    user_id: user.id,
                    permission,
                });
            }
            _ => {}
        }
    }
    grants
}

fn with_roles(found: UserWithRoles) -> UserJson {
    let roles: Vec<Role> = found.roles;
    UserJson {
        roles: Some(roles.into_iter().map(role_json).collect()),
        ..user_json(&found.user)
    }
}
