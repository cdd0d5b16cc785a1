//! Registered models.

use axum::Json;
use axum::extract::State;
use oxflow_auth::ResourceType;
use oxflow_core::{Invalid, Key, ModelName, NewRegisteredModel, check_description, registered_model_tag};
use oxflow_wire::{
    CreateRegisteredModel, Empty, Field, ModelNameRequest, RegisteredModelAnswer, RegisteredModelTagRequest,
    RenameRegisteredModel, UpdateRegisteredModel,
};

use crate::App;
use crate::answer::{Answer, done};
use crate::authorize::Caller;
use crate::extract::{JsonBody, QueryFields, QueryOrBody};
use crate::registry_events::RegistryEvent;

impl QueryFields for ModelNameRequest {}

/// The registered model that the field `name` names.
pub(crate) fn model_name(name: Field<String>) -> Result<ModelName, Invalid> {
    ModelName::parse(&name.required("name")?, "name")
}

/// What the name of a registered model may stand for in grants.
const NAMED_RESOURCES: [ResourceType; 2] = [ResourceType::RegisteredModel, ResourceType::Prompt];

/// Creates a registered model.
pub(crate) async fn create(
    State(app): State<App>,
    caller: Caller,
    JsonBody(req): JsonBody<CreateRegisteredModel>,
) -> Answer<RegisteredModelAnswer> {
    let name = req.name.required("name")?;
    let pairs = req.tags.objects("tags")?;
    let description = req.description.optional("description")?.unwrap_or_default();
    check_description(&description)?;
    let name = ModelName::parse(&name, "name")?;
    let mut tags = Vec::new();
    for pair in pairs {
        // MLflow calls a missing key an empty one, which no key may be.
        let key = pair.key.optional("key")?.unwrap_or_default();
        let value = pair.value.optional("value")?.unwrap_or_default();
        tags.push(registered_model_tag(&key, value)?);
    }
    let new = NewRegisteredModel {
        name,
        description,
        tags,
        now_ms: app.clock.now_ms(),
        creator: caller.user().map(|viewer| viewer.id),
    };
    let resource_type = ResourceType::of_model(new.is_prompt());
    caller.check_creation(resource_type, new.name.as_str())?;
    let model = app.registry.create_registered_model(new).await?;
    caller.owns(&app, resource_type, &model.name).await?;
    app.announce(RegistryEvent::RegisteredModelCreated { name: &model.name });
    Ok(Json(RegisteredModelAnswer {
        registered_model: model.into(),
    }))
}

/// A registered model with the newest version of each stage.
pub(crate) async fn get(
    State(app): State<App>,
    QueryOrBody(req): QueryOrBody<ModelNameRequest>,
) -> Answer<RegisteredModelAnswer> {
    let model = app.registry.get_registered_model(model_name(req.name)?).await?;
    Ok(Json(RegisteredModelAnswer {
        registered_model: model.into(),
    }))
}

/// Changes the description of a registered model; none takes it away.
pub(crate) async fn update(
    State(app): State<App>,
    JsonBody(req): JsonBody<UpdateRegisteredModel>,
) -> Answer<RegisteredModelAnswer> {
    let name = req.name.required("name")?;
    let description = req.description.optional("description")?.unwrap_or_default();
    check_description(&description)?;
    let model = app
        .registry
        .describe_registered_model(ModelName::parse(&name, "name")?, description, app.clock.now_ms())
        .await?;
    Ok(Json(RegisteredModelAnswer {
        registered_model: model.into(),
    }))
}

/// Renames a registered model with all its versions.
pub(crate) async fn rename(
    State(app): State<App>,
    JsonBody(req): JsonBody<RenameRegisteredModel>,
) -> Answer<RegisteredModelAnswer> {
    let name = req.name.required("name")?;
    let new_name = ModelName::parse(&req.new_name.required("new_name")?, "new_name")?;
    let name = ModelName::parse(&name, "name")?;
    let (old, new) = (name.as_str().to_owned(), new_name.as_str().to_owned());
    let model = app
        .registry
        .rename_registered_model(name, new_name, app.clock.now_ms())
        .await?;
    app.rename_grants(&NAMED_RESOURCES, old, new).await?;
    Ok(Json(RegisteredModelAnswer {
        registered_model: model.into(),
    }))
}

/// Deletes a registered model with all its versions, for good.
pub(crate) async fn delete(
    State(app): State<App>,
    JsonBody(req): JsonBody<ModelNameRequest>,
) -> Answer<Empty> {
    let name = model_name(req.name)?;
    app.registry.delete_registered_model(name.clone()).await?;
    app.forget_grants(&NAMED_RESOURCES, name.as_str().to_owned())
        .await?;
    done()
}

/// Sets a tag of a registered model.
pub(crate) async fn set_tag(
    State(app): State<App>,
    JsonBody(req): JsonBody<RegisteredModelTagRequest>,
) -> Answer<Empty> {
    let name = req.name.required("name")?;
    let key = req.key.required("key")?;
    let value = req.value.optional("value")?.unwrap_or_default();
    let name = ModelName::parse(&name, "name")?;
    let (key, value) = registered_model_tag(&key, value)?;
    app.registry
        .set_registered_model_tag(name.clone(), key.clone(), value)
        .await?;
    app.announce(RegistryEvent::RegisteredModelTagSet {
        name: name.as_str(),
        key: key.as_str(),
    });
    done()
}

/// Removes a tag of a registered model.
pub(crate) async fn delete_tag(
    State(app): State<App>,
    JsonBody(req): JsonBody<RegisteredModelTagRequest>,
) -> Answer<Empty> {
    let name = req.name.required("name")?;
    let key = req.key.required("key")?;
    let name = ModelName::parse(&name, "name")?;
    let key = Key::parse_of_any_length(&key, "key")?;
    app.registry
        .delete_registered_model_tag(name.clone(), key.clone())
        .await?;
    app.announce(RegistryEvent::RegisteredModelTagDeleted {
        name: name.as_str(),
        key: key.as_str(),
    });
    done()
}
