//! Where a new model version comes from: what the request says, checked against runs, models and versions.

use oxflow_artifacts::{InvalidSource, ModelSource, SourceOwner};
use oxflow_core::{
    ErrorCode, Invalid, LoggedModel, ModelAlias, ModelId, ModelName, ModelUri, ModelVersion, Stage,
    VersionNumber, is_prompt,
};

use oxflow_wire::Field;

use super::fields::{model_id, run_id};
use super::model_aliases::version_by_alias;
use crate::{ApiError, App};

/// What a client writes as the source of a prompt, which has no files.
const PROMPT_SOURCES: [&str; 2] = ["dummy-source", "prompt-template"];

/// The source of a request, with the run and the logged model it is said to belong to.
#[derive(Debug)]
pub(crate) struct RequestedSource {
    pub(crate) uri: String,
    pub(crate) run_id: Option<String>,
    pub(crate) model_id: Option<String>,
}

/// A source that may be stored.
#[derive(Debug)]
pub(crate) struct ResolvedSource {
    pub(crate) uri: String,
    /// Where the files are.
    pub(crate) storage_location: String,
    /// Empty if there is none.
    pub(crate) run_id: String,
    pub(crate) model_id: Option<ModelId>,
}

impl RequestedSource {
    fn owner(&self) -> SourceOwner {
        match self.model_id.as_deref() {
            None | Some("") => SourceOwner::Run,
            Some(_) => SourceOwner::Model,
        }
    }

    /// What kind of source it is.
    pub(crate) fn parse(&self, app: &App) -> Result<ModelSource, InvalidSource> {
        ModelSource::parse(&self.uri, self.owner(), &app.config.locations)
    }

    fn not_of(&self, owner: SourceOwner) -> ApiError {
        let source_uri = self.uri.clone();
        InvalidSource::NotOfOwner { source_uri, owner }.into()
    }

    fn outside_of_owner(&self, source: &ModelSource) -> ApiError {
        let (source_uri, owner) = (self.uri.clone(), self.owner());
        match source {
            ModelSource::Local(_) => InvalidSource::LocalNotOfOwner { source_uri, owner }.into(),
            _ => self.not_of(owner),
        }
    }
}

/// The source of a version of a prompt. A logged model that is named lends it its run.
pub(crate) async fn prompt_source(app: &App, requested: RequestedSource) -> Result<ResolvedSource, ApiError> {
    check_pattern(app, &requested.uri)?;
    if !PROMPT_SOURCES.contains(&requested.uri.as_str()) {
        return Err(Invalid::new(format!(
            "Invalid prompt source: '{}'. Prompt sources must use an MLflow placeholder.",
            requested.uri
        ))
        .into());
    }
    let mut run_id = requested.run_id.clone().unwrap_or_default();
    if run_id.is_empty() && requested.owner() == SourceOwner::Model {
        let model = named_model(app, &requested, &ModelSource::Elsewhere).await?;
        run_id = model.source_run_id.unwrap_or_default();
    }
    Ok(ResolvedSource {
        storage_location: requested.uri.clone(),
        uri: requested.uri,
        run_id,
        model_id: None,
    })
}

/// Checks the source of a version of a model, and finds its files, its run and its logged model.
pub(crate) async fn resolve(app: &App, requested: RequestedSource) -> Result<ResolvedSource, ApiError> {
    check_pattern(app, &requested.uri)?;
    let owner = requested.owner();
    let source = requested.parse(app)?;
    if let ModelSource::Model(reference) = &source
        && !matches!(reference, ModelUri::LoggedModel { .. })
    {
        return resolve_version(app, requested, reference).await;
    }
    let model = match owner {
        SourceOwner::Run => None,
        SourceOwner::Model => Some(named_model(app, &requested, &source).await?),
    };
    let mut storage_location = requested.uri.clone();
    match (&source, &model) {
        (ModelSource::Local(_) | ModelSource::Proxied, model) => {
            let root = owner_root(app, &requested, model.as_ref()).await?;
            if !root.is_some_and(|root| source.is_within(&requested.uri, &root)) {
                return Err(requested.outside_of_owner(&source));
            }
        }
        (ModelSource::Run { run_id }, None) if requested.run_id.as_ref() == Some(run_id) => {}
        (ModelSource::Run { .. }, _) => return Err(requested.not_of(owner)),
        (ModelSource::Model(ModelUri::LoggedModel { model_id }), Some(model))
            if model.model_id.as_str() == model_id =>
        {
            storage_location.clone_from(&model.artifact_location);
        }
        (ModelSource::Model(_), _) => return Err(requested.not_of(SourceOwner::Model)),
        (ModelSource::Elsewhere, _) => {}
    }
    let of_model = model.as_ref().and_then(|model| model.source_run_id.clone());
    let run_id = requested.run_id.filter(|id| !id.is_empty()).or(of_model);
    Ok(ResolvedSource {
        uri: requested.uri,
        storage_location,
        run_id: run_id.unwrap_or_default(),
        model_id: model.map(|model| model.model_id),
    })
}

/// `MLFLOW_CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX`, if it is set, must match somewhere.
fn check_pattern(app: &App, uri: &str) -> Result<(), Invalid> {
    match &app.config.model_source_pattern {
        Some(pattern) if !pattern.is_match(uri) => {
            Err(Invalid::new(format!("Invalid model version source: '{uri}'.")))
        }
        _ => Ok(()),
    }
}

/// The logged model that the request names.
async fn named_model(
    app: &App,
    requested: &RequestedSource,
    source: &ModelSource,
) -> Result<LoggedModel, ApiError> {
    let raw = requested.model_id.as_deref().unwrap_or_default();
    let found = match model_id(raw) {
        Ok(id) => app.store.get_logged_model_info(id).await.map_err(ApiError::from),
        Err(error) => Err(error),
    };
    found.map_err(|error| match source {
        _ if error.code() != ErrorCode::ResourceDoesNotExist => error,
        ModelSource::Elsewhere => error,
        ModelSource::Model(ModelUri::LoggedModel { model_id }) if model_id == raw => Invalid::new(format!(
            "Unable to fetch model from model URI source artifact location '{}'. Error: {}",
            requested.uri,
            error.message()
        ))
        .into(),
        _ => requested.not_of(SourceOwner::Model),
    })
}

/// The artifact URI of the logged model or the run that the request names.
async fn owner_root(
    app: &App,
    requested: &RequestedSource,
    model: Option<&LoggedModel>,
) -> Result<Option<String>, ApiError> {
    if let Some(model) = model {
        return Ok(Some(model.artifact_location.clone()));
    }
    let Some(raw) = requested.run_id.clone().filter(|id| !id.is_empty()) else {
        return Ok(None);
    };
    let run = match run_id(Field::Given(raw), Field::Absent) {
        Ok(id) => app.store.get_run_info(id).await.map_err(ApiError::from),
        Err(error) => Err(error),
    };
    match run {
        Ok(run) => Ok(run.artifact_uri),
        Err(error) if error.code() == ErrorCode::ResourceDoesNotExist => {
            Err(requested.not_of(SourceOwner::Run))
        }
        Err(error) => Err(error),
    }
}

/// A source that names another version: the new one has its files and its run.
async fn resolve_version(
    app: &App,
    requested: RequestedSource,
    reference: &ModelUri,
) -> Result<ResolvedSource, ApiError> {
    let version = referenced_version(app, &requested.uri, reference).await?;
    let run_id = version.run_id.clone().unwrap_or_default();
    let names_other_run = requested.run_id.as_ref().is_some_and(|id| *id != run_id);
    // A version does not know which logged model it was, so none can be named.
    let names_model = requested.owner() == SourceOwner::Model;
    if names_other_run || names_model {
        return Err(Invalid::new(format!(
            "Invalid model version source: '{}'. The run_id and model_id request parameters must match the \
             referenced model version.",
            requested.uri
        ))
        .into());
    }
    Ok(ResolvedSource {
        uri: format!("models:/{}/{}", version.name, version.version),
        storage_location: version.download_uri().unwrap_or_default().to_owned(),
        run_id,
        model_id: None,
    })
}

async fn referenced_version(
    app: &App,
    source_uri: &str,
    reference: &ModelUri,
) -> Result<ModelVersion, ApiError> {
    let (ModelUri::Version { name, .. }
    | ModelUri::Latest { name }
    | ModelUri::Stage { name, .. }
    | ModelUri::Alias { name, .. }
    | ModelUri::LoggedModel { model_id: name }) = reference;
    let name = ModelName::parse(name, "name")?;
    let model = app.registry.get_registered_model(name.clone()).await?;
    if is_prompt(
        model
            .tags
            .iter()
            .map(|tag| (tag.key.as_str(), tag.value.as_str())),
    ) {
        return Err(Invalid::new(format!(
            "Invalid model version source: '{source_uri}'. Prompt versions cannot be used as model version sources."
        ))
        .into());
    }
    let nothing_found = |stage: &str| {
        Invalid::new(format!(
            "No versions of model with name '{name}'{stage} found, which the source '{source_uri}' names"
        ))
    };
    let version = match reference {
        ModelUri::Version { version, .. } => {
            let version = VersionNumber::parse(version)?;
            return Ok(app.registry.get_model_version(name, version).await?);
        }
        ModelUri::Alias { alias, .. } => {
            return version_by_alias(app, name, ModelAlias::parse(alias)?).await;
        }
        ModelUri::Stage { stage, .. } => {
            let canonical = Stage::parse(stage)?;
            let in_stage = model
                .latest_versions
                .iter()
                .find(|version| version.current_stage.as_deref() == Some(canonical.as_str()));
            in_stage.ok_or_else(|| nothing_found(&format!(" and stage '{stage}'")))
        }
        ModelUri::Latest { .. } | ModelUri::LoggedModel { .. } => {
            let newest = model.latest_versions.iter().max_by_key(|version| version.version);
            newest.ok_or_else(|| nothing_found(""))
        }
    };
    Ok(version?.clone())
}
