//! Versions of registered models.

use axum::Json;
use axum::extract::State;
use oxflow_core::{
    Invalid, Key, ModelName, NewModelVersion, Stage, VersionNumber, check_description, is_prompt,
    model_version_tag,
};
use oxflow_store::ExistingVersions;
use oxflow_wire::{
    CreateModelVersion, DownloadUriAnswer, Empty, Field, ModelVersionAnswer, ModelVersionRequest,
    ModelVersionTagRequest, TransitionModelVersionStage, UpdateModelVersion,
};
use tracing::{debug, warn};

use super::model_sources::{RequestedSource, prompt_source, resolve};
use crate::App;
use crate::answer::{Answer, done};
use crate::extract::{JsonBody, QueryFields, QueryOrBody};
use crate::registry_events::RegistryEvent;

impl QueryFields for ModelVersionRequest {}

/// The version that the fields `name` and `version` name.
fn place(name: Field<String>, version: Field<String>) -> Result<(ModelName, VersionNumber), Invalid> {
    let (name, version) = (name.required("name")?, version.required("version")?);
    Ok((ModelName::parse(&name, "name")?, VersionNumber::parse(&version)?))
}

/// Adds a version to a registered model.
pub(crate) async fn create(
    State(app): State<App>,
    JsonBody(req): JsonBody<CreateModelVersion>,
) -> Answer<ModelVersionAnswer> {
    let name = req.name.required("name")?;
    let requested = RequestedSource {
        uri: req.source.required("source")?,
        run_id: req.run_id.optional("run_id")?,
        model_id: req.model_id.optional("model_id")?,
    };
    let pairs = req.tags.objects("tags")?;
    let run_link = req.run_link.optional("run_link")?.unwrap_or_default();
    let description = req.description.optional("description")?.unwrap_or_default();
    let mut raw_tags = Vec::new();
    for pair in pairs {
        let key = pair.key.optional("key")?.unwrap_or_default();
        raw_tags.push((key, pair.value.optional("value")?.unwrap_or_default()));
    }
    let shown = raw_tags.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let source = if is_prompt(shown) {
        prompt_source(&app, requested).await?
    } else {
        resolve(&app, requested).await?
    };
    let mut tags = Vec::new();
    let name = ModelName::parse(&name, "name")?;
    for (key, value) in raw_tags {
        tags.push(model_version_tag(&key, value)?);
    }
    let new = NewModelVersion {
        name,
        source: source.uri,
        storage_location: source.storage_location,
        run_id: source.run_id,
        model_id: source.model_id.clone().filter(|_| !app.registry_is_apart),
        run_link,
        description,
        tags,
        now_ms: app.clock.now_ms(),
    };
    new.check()?;
    let source_run = new.run_id.clone();
    let version = app.registry.create_model_version(new).await?;
    if app.registry_is_apart
        && let Err(error) = app.store.tell_of_version_of_run(source_run).await
    {
        debug!(%error, "nobody was told of the new version of a run");
    }
    if let Some(model_id) = source.model_id.filter(|_| app.registry_is_apart) {
        let (name, number) = (version.name.clone(), version.version);
        // The version is there: an error would make the client create it once more.
        if let Err(error) = app
            .store
            .note_version_of_logged_model(model_id.clone(), name, number)
            .await
        {
            warn!(model.id = %model_id, "logged model {model_id} does not list its new version: {error}");
        }
    }
    app.announce(RegistryEvent::ModelVersionCreated {
        name: &version.name,
        version: version.version,
    });
    Ok(Json(ModelVersionAnswer {
        model_version: version.into(),
    }))
}

/// A version.
pub(crate) async fn get(
    State(app): State<App>,
    QueryOrBody(req): QueryOrBody<ModelVersionRequest>,
) -> Answer<ModelVersionAnswer> {
    let (name, version) = place(req.name, req.version)?;
    let version = app.registry.get_model_version(name, version).await?;
    Ok(Json(ModelVersionAnswer {
        model_version: version.into(),
    }))
}

/// Changes the description of a version; none takes it away.
pub(crate) async fn update(
    State(app): State<App>,
    JsonBody(req): JsonBody<UpdateModelVersion>,
) -> Answer<ModelVersionAnswer> {
    let description = req.description.optional("description")?;
    let (name, version) = place(req.name, req.version)?;
    check_description(description.as_deref().unwrap_or_default())?;
    let version = app
        .registry
        .describe_model_version(name, version, description, app.clock.now_ms())
        .await?;
    Ok(Json(ModelVersionAnswer {
        model_version: version.into(),
    }))
}

/// Moves a version to a stage.
pub(crate) async fn transition_stage(
    State(app): State<App>,
    JsonBody(req): JsonBody<TransitionModelVersionStage>,
) -> Answer<ModelVersionAnswer> {
    let (name, version) = (req.name.required("name")?, req.version.required("version")?);
    let raw_stage = req.stage.required("stage")?;
    let archives = req
        .archive_existing_versions
        .optional("archive_existing_versions")?
        .is_some_and(|truth| truth.0);
    let stage = Stage::parse(&raw_stage)?;
    if archives && !stage.is_active() {
        return Err(Invalid::new(format!(
            "Model version transition cannot archive existing model versions because '{raw_stage}' is not an \
             Active stage. Valid stages are ['Staging', 'Production']"
        ))
        .into());
    }
    let existing = if archives {
        ExistingVersions::Archive
    } else {
        ExistingVersions::Keep
    };
    let name = ModelName::parse(&name, "name")?;
    let version = VersionNumber::parse(&version)?;
    let version = app
        .registry
        .set_model_version_stage(name, version, stage, existing, app.clock.now_ms())
        .await?;
    Ok(Json(ModelVersionAnswer {
        model_version: version.into(),
    }))
}

/// Deletes a version and its aliases.
pub(crate) async fn delete(
    State(app): State<App>,
    JsonBody(req): JsonBody<ModelVersionRequest>,
) -> Answer<Empty> {
    let (name, version) = place(req.name, req.version)?;
    app.registry
        .delete_model_version(name, version, app.clock.now_ms())
        .await?;
    done()
}

/// Where the files of a version are.
pub(crate) async fn download_uri(
    State(app): State<App>,
    QueryOrBody(req): QueryOrBody<ModelVersionRequest>,
) -> Answer<DownloadUriAnswer> {
    let name = req.name.optional("name")?.unwrap_or_default();
    let version = req.version.optional("version")?.unwrap_or_default();
    let name = ModelName::parse(&name, "name")?;
    let version = VersionNumber::parse(&version)?;
    let version = app.registry.get_model_version(name, version).await?;
    Ok(Json(DownloadUriAnswer {
        artifact_uri: version.download_uri().map(str::to_owned),
    }))
}

/// Sets a tag of a version.
pub(crate) async fn set_tag(
    State(app): State<App>,
    JsonBody(req): JsonBody<ModelVersionTagRequest>,
) -> Answer<Empty> {
    let (name, version) = (req.name.required("name")?, req.version.required("version")?);
    let key = req.key.required("key")?;
    let value = req.value.optional("value")?.unwrap_or_default();
    let name = ModelName::parse(&name, "name")?;
    let version = VersionNumber::parse(&version)?;
    let (key, value) = model_version_tag(&key, value)?;
    app.registry
        .set_model_version_tag(name.clone(), version, key.clone(), value)
        .await?;
    app.announce(RegistryEvent::ModelVersionTagSet {
        name: name.as_str(),
        version,
        key: key.as_str(),
    });
    done()
}

/// Removes a tag of a version.
pub(crate) async fn delete_tag(
    State(app): State<App>,
    JsonBody(req): JsonBody<ModelVersionTagRequest>,
) -> Answer<Empty> {
    let (name, version) = (req.name.required("name")?, req.version.required("version")?);
    let key = req.key.required("key")?;
    let name = ModelName::parse(&name, "name")?;
    let version = VersionNumber::parse(&version)?;
    let key = Key::parse_of_any_length(&key, "key")?;
    app.registry
        .delete_model_version_tag(name.clone(), version, key.clone())
        .await?;
    app.announce(RegistryEvent::ModelVersionTagDeleted {
        name: name.as_str(),
        version,
        key: key.as_str(),
    });
    done()
}
