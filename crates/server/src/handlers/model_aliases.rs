//! Aliases of model versions.

use axum::Json;
use axum::extract::State;
use oxflow_core::{ModelAlias, ModelName, ModelVersion, VersionNumber};
use oxflow_wire::{Empty, ModelAliasRequest, ModelVersionAnswer};

use crate::answer::{Answer, done};
use crate::extract::{JsonBody, QueryFields, QueryOrBody};
use crate::registry_events::RegistryEvent;
use crate::{ApiError, App};

impl QueryFields for ModelAliasRequest {}

/// Points an alias at a version; moves it if it is there.
pub(crate) async fn set(State(app): State<App>, JsonBody(req): JsonBody<ModelAliasRequest>) -> Answer<Empty> {
    let (name, alias) = (req.name.required("name")?, req.alias.required("alias")?);
    let version = req.version.required("version")?;
    let name = ModelName::parse(&name, "name")?;
    let alias = ModelAlias::parse_new(&alias)?;
    let version = VersionNumber::parse(&version)?;
    app.registry
        .set_model_alias(name.clone(), alias.clone(), version)
        .await?;
    app.announce(RegistryEvent::ModelVersionAliasCreated {
        name: name.as_str(),
        alias: alias.as_str(),
        version,
    });
    done()
}

/// Removes an alias.
pub(crate) async fn delete(
    State(app): State<App>,
    JsonBody(req): JsonBody<ModelAliasRequest>,
) -> Answer<Empty> {
    let (name, alias) = (req.name.required("name")?, req.alias.required("alias")?);
    let name = ModelName::parse(&name, "name")?;
    let alias = ModelAlias::parse(&alias)?;
    app.registry
        .delete_model_alias(name.clone(), alias.clone())
        .await?;
    app.announce(RegistryEvent::ModelVersionAliasDeleted {
        name: name.as_str(),
        alias: alias.as_str(),
    });
    done()
}

/// The version that an alias stands for; `latest` is the one with the highest number.
pub(crate) async fn get(
    State(app): State<App>,
    QueryOrBody(req): QueryOrBody<ModelAliasRequest>,
) -> Answer<ModelVersionAnswer> {
    let (name, alias) = (req.name.required("name")?, req.alias.required("alias")?);
    let name = ModelName::parse(&name, "name")?;
    let alias = ModelAlias::parse(&alias)?;
    let version = version_by_alias(&app, name, alias).await?;
    Ok(Json(ModelVersionAnswer {
        model_version: version.into(),
    }))
}

/// The version that an alias, or `latest`, stands for.
pub(crate) async fn version_by_alias(
    app: &App,
    name: ModelName,
    alias: ModelAlias,
) -> Result<ModelVersion, ApiError> {
    if alias.is_latest() {
        return Ok(app.registry.get_newest_model_version(name).await?);
    }
    Ok(app.registry.get_model_version_by_alias(name, alias).await?)
}
