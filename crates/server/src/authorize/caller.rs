//! Who called, for handlers.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts as Head;
use oxflow_artifacts::ServableLocation;
use oxflow_auth::{Object, Owner, Permission, ResourceType, Viewer, Visible};
use oxflow_core::ErrorCode;
use oxflow_store::{PendingOwner, VisibleModels};

use serde_json::{Map, Value as Json};

use super::objects::owner_of_path;
use crate::{ApiError, App};

/// Who called: what a handler asks about what it shows and what it creates.
#[derive(Debug, Clone)]
pub(crate) enum Caller {
    /// Nobody logs in on this server: everybody may do everything.
    Anybody,
    /// A user.
    Known(Arc<Viewer>),
}

impl FromRequestParts<App> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(head: &mut Head, app: &App) -> Result<Self, Infallible> {
        let known = head.extensions.get::<Self>().cloned();
        // On a server with a login nobody gets here whom the guard did not let pass; if so, they may do nothing.
        Ok(known.unwrap_or_else(|| {
            if app.login.is_some() {
                Self::Known(Arc::new(nobody()))
            } else {
                Self::Anybody
            }
        }))
    }
}

fn nobody() -> Viewer {
    Viewer {
        id: -1,
        name: oxflow_auth::UserName::from_row(String::new()),
        is_admin: false,
        grants: Arc::default(),
        default: Permission::NoPermissions,
        ceiling: Some(Permission::NoPermissions),
    }
}

impl Caller {
    /// The user, if there are any.
    pub(crate) fn user(&self) -> Option<&Viewer> {
        match self {
            Self::Anybody => None,
            Self::Known(viewer) => Some(viewer),
        }
    }

    /// Which experiments they may see.
    pub(crate) fn experiments(&self) -> Visible {
        self.readable(ResourceType::Experiment, None)
    }

    /// Which registered models, and which prompts, they may see.
    pub(crate) fn models(&self) -> VisibleModels {
        VisibleModels {
            models: self.readable(ResourceType::RegisteredModel, None),
            prompts: self.readable(ResourceType::Prompt, None),
        }
    }

    /// Of which registered models, and of which prompts, they may see the versions.
    pub(crate) fn models_with_versions(&self) -> VisibleModels {
        VisibleModels {
            models: self.readable(
                ResourceType::RegisteredModel,
                Some(ResourceType::RegisteredModelVersion),
            ),
            prompts: self.readable(ResourceType::Prompt, Some(ResourceType::PromptVersion)),
        }
    }

    fn readable(&self, resource_type: ResourceType, part: Option<ResourceType>) -> Visible {
        self.user()
            .map_or(Visible::All, |viewer| viewer.readable(resource_type, part))
    }

    /// The place that a stored location names, if this server may touch it, and they may do that much with whatever else
    /// keeps its artifacts there: an experiment of theirs that points into somebody else's tree opens nothing.
    /// security.md, section 4.
    pub(crate) async fn servable(
        &self,
        app: &App,
        location: &str,
        need: Permission,
    ) -> Result<ServableLocation, ApiError> {
        let place = app.artifacts.servable(location)?;
        if self.user().is_none_or(Viewer::may_everything) {
            return Ok(place);
        }
        let below = place.path_in_root().map(ToString::to_string).unwrap_or_default();
        let may = match owner_of_path(&below) {
            Some(owner) => self.may(need, &Object::Run(owner)),
            None => {
                // Compared as places: one text of a location is as good as another.
                let elsewhere = app.store.experiments_with_locations().await?;
                let mut around = elsewhere.into_iter().filter(|(_, other)| {
                    let other = app.artifacts.servable(other);
                    other.is_ok_and(|other| other.holds(&place))
                });
                let first = around.next();
                first.is_some()
                    && first
                        .into_iter()
                        .chain(around)
                        .all(|(id, _)| self.may(need, &Object::Run(id)))
            }
        };
        may.then_some(place).ok_or_else(forbidden)
    }

    /// Whether they may do that much with something.
    fn may(&self, need: Permission, object: &Object<'_>) -> bool {
        self.user().is_none_or(|viewer| viewer.may(need, object))
    }

    /// Refuses fields that name what they may not do that much with; of several experiments those are kept that they may.
    pub(crate) async fn check_named(
        &self,
        app: &App,
        need: Permission,
        owner: Owner,
        named: Map<String, Json>,
    ) -> Result<Map<String, Json>, ApiError> {
        let Some(viewer) = self.user().filter(|viewer| !viewer.may_everything()) else {
            return Ok(named);
        };
        super::asked::check_fields(app, viewer, need, owner, named).await
    }

    /// Refuses the creation of something that a grant or a token forbids.
    pub(crate) fn check_creation(&self, resource_type: ResourceType, id: &str) -> Result<(), ApiError> {
        match self.user() {
            Some(viewer) if !viewer.may_create(resource_type, id) => Err(forbidden()),
            _ => Ok(()),
        }
    }

    /// Makes them the owner of what they have just created.
    pub(crate) async fn owns(
        &self,
        app: &App,
        resource_type: ResourceType,
        id: &str,
    ) -> Result<(), ApiError> {
        let (Some(viewer), Some(login)) = (self.user(), app.login.as_ref()) else {
            return Ok(());
        };
        login
            .accounts()
            .set_owner(viewer.id, resource_type, id.to_owned())
            .await?;
        login.forget();
        let pending = PendingOwner {
            resource_type,
            resource_id: id.to_owned(),
            user_id: viewer.id,
        };
        app.owner_is_set(pending).await;
        Ok(())
    }
}

/// That somebody may not do what they ask for.
pub(crate) fn forbidden() -> ApiError {
    ApiError::new(ErrorCode::PermissionDenied, "Permission denied")
}

impl App {
    /// Moves the grants on something to its new name.
    pub(crate) async fn rename_grants(
        &self,
        resource_types: &[ResourceType],
        old: String,
        new: String,
    ) -> Result<(), ApiError> {
        let Some(login) = self.login.as_ref() else {
            return Ok(());
        };
        login
            .accounts()
            .rename_resource(resource_types.to_vec(), old, new)
            .await?;
        login.forget();
        Ok(())
    }

    /// Takes the grants on something that is gone.
    pub(crate) async fn forget_grants(
        &self,
        resource_types: &[ResourceType],
        id: String,
    ) -> Result<(), ApiError> {
        let Some(login) = self.login.as_ref() else {
            return Ok(());
        };
        login
            .accounts()
            .forget_resource(resource_types.to_vec(), id)
            .await?;
        login.forget();
        Ok(())
    }
}
