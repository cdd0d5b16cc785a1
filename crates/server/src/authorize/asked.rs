//! Which objects a request names, and whether its sender may do with them what it asks for.
//!
//! Bodies are read here, and again by the handler, with the same code and the same names of fields: so both see the same.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header;
use axum::http::request::Parts as Head;
use bytes::Bytes;
use oxflow_artifacts::ModelSource;
use oxflow_auth::{Object, Owner, Permission, ResourceType, Viewer};
use oxflow_core::{ExperimentId, Invalid, ModelUri, RunId};
use oxflow_wire::{
    Field, NamedArtifacts, NamedExperiment, NamedExperiments, NamedInQuery, NamedModel, NamedRun, NamedRuns,
    NamedSelection, parse_body, parse_query,
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

use super::objects::{self, Owners};
use super::{Denied, forbidden, only_reads};
use crate::extract::{HeldBody, read_whole};
use crate::handlers::RequestedSource;
use crate::{ApiError, App};

/// Lets a request pass whose sender may do that much with everything it names. A search of several experiments keeps
/// those that may be seen.
pub(super) async fn check(
    app: &App,
    viewer: &Viewer,
    need: Permission,
    owner: Owner,
    request: Request,
) -> Result<Request, Denied> {
    let (head, body) = request.into_parts();
    let mut asked = Asked {
        app,
        viewer,
        need,
        head,
        body: Some(body),
        held: None,
        narrowed: None,
    };
    asked.check(owner).await?;
    Ok(asked.into_request())
}

/// The same for the fields of a request that is not one of HTTP.
pub(super) async fn check_fields(
    app: &App,
    viewer: &Viewer,
    need: Permission,
    owner: Owner,
    named: Map<String, Json>,
) -> Result<Map<String, Json>, ApiError> {
    let unreadable = |_| ApiError::from(Invalid::new("Invalid request body"));
    let body = serde_json::to_vec(&named).map_err(unreadable)?;
    let request = Request::post("/graphql").body(Body::from(body));
    let request = request.map_err(|_| ApiError::from(Invalid::new("Invalid request body")))?;
    let request = check(app, viewer, need, owner, request)
        .await
        .map_err(|denied| match denied {
            Denied::Failed(error) => error,
            Denied::Forbidden | Denied::Unknown(_) => forbidden(),
        })?;
    let body = axum::body::to_bytes(request.into_body(), usize::MAX).await;
    let body = body.map_err(|_| ApiError::from(Invalid::new("Invalid request body")))?;
    serde_json::from_slice(&body).map_err(unreadable)
}

struct Asked<'a> {
    app: &'a App,
    viewer: &'a Viewer,
    need: Permission,
    head: Head,
    /// The body as it came; `None` once it was read.
    body: Option<Body>,
    held: Option<HeldBody>,
    /// What the handler gets in place of the body.
    narrowed: Option<Bytes>,
}

impl Asked<'_> {
    async fn check(&mut self, owner: Owner) -> Result<(), Denied> {
        match owner {
            Owner::Experiment => {
                let named = self.named(&[]).await?;
                self.experiment(named)
            }
            Owner::ExperimentInQuery => {
                let named = self.named_in_query(&[])?;
                self.experiment(named)
            }
            Owner::ExperimentByName => self.experiment_by_name().await,
            Owner::ExperimentIfNamed => self.experiment_if_named().await,
            Owner::NewRun => self.creation(ResourceType::Run).await,
            Owner::NewLoggedModel => self.creation(ResourceType::LoggedModel).await,
            Owner::Experiments => self.experiments(Object::Run).await,
            Owner::LoggedModelsOfExperiments => self.experiments(Object::LoggedModel).await,
            Owner::ExperimentOfRun => {
                let named = self.named(&[]).await?;
                self.run(named).await
            }
            Owner::ExperimentOfRunInQuery => {
                let named = self.named_in_query(&[])?;
                self.run(named).await
            }
            Owner::ExperimentsOfRuns => self.runs().await,
            Owner::ExperimentsOfSelection => self.selection().await,
            Owner::ExperimentsOfSelectionInQuery => self.selection_in_query().await,
            Owner::ExperimentsAndRuns => self.watched().await,
            Owner::ExperimentOfLoggedModel => self.logged_model().await,
            Owner::RegisteredModel => self.model().await,
            Owner::ModelVersion => self.model_version().await,
            Owner::NewModelVersion => self.new_model_version().await,
            Owner::ExperimentOfArtifactPath => self.artifact(&crate::handlers::proxied_path(&self.head.uri)),
            Owner::ExperimentOfArtifactFolder => self.artifact_folder().await,
        }
    }

    /// The request again, for the handler.
    fn into_request(self) -> Request {
        let Self {
            mut head,
            body,
            held,
            narrowed,
            ..
        } = self;
        let body = match (body, held) {
            (Some(body), _) => body,
            (None, Some(held)) => {
                if let Some(narrowed) = &narrowed {
                    head.headers.insert(header::CONTENT_LENGTH, narrowed.len().into());
                }
                let bytes = narrowed.unwrap_or_else(|| held.bytes.clone());
                // Its share of the memory for bodies stays taken until the handler is done.
                head.extensions.insert(Arc::new(held));
                Body::from(bytes)
            }
            (None, None) => Body::empty(),
        };
        Request::from_parts(head, body)
    }

    fn experiment(&self, named: NamedExperiment) -> Result<(), Denied> {
        let id = experiment_id(named.experiment_id)?.unwrap_or(ExperimentId::DEFAULT);
        self.allow(Object::Experiment(id))
    }

    async fn experiment_by_name(&mut self) -> Result<(), Denied> {
        let named: NamedExperiment = self.named(&[]).await?;
        let name = named.experiment_name.required("experiment_name");
        match self.app.experiment_named(&name.map_err(ApiError::from)?).await? {
            Some(id) => self.allow(Object::Experiment(id)),
            // A name that nobody has is for the handler to tell.
            None => Ok(()),
        }
    }

    async fn experiment_if_named(&mut self) -> Result<(), Denied> {
        let named: NamedExperiment = self.named(&[]).await?;
        match experiment_id(named.experiment_id)? {
            Some(id) => self.allow(Object::Experiment(id)),
            None => Ok(()),
        }
    }

    /// To create something in an experiment is to change the experiment, unless it is denied.
    async fn creation(&mut self, part: ResourceType) -> Result<(), Denied> {
        let named = self.named(&[]).await?;
        self.experiment(named)?;
        self.allow_if(self.viewer.is_not_denied(part))
    }

    async fn experiments(&mut self, what: fn(ExperimentId) -> Object<'static>) -> Result<(), Denied> {
        let named: NamedExperiments = self.named(NamedExperiments::LISTS).await?;
        let raw = named
            .experiment_ids
            .texts("experiment_ids")
            .map_err(ApiError::from)?;
        let mut seen = Vec::new();
        for raw in &raw {
            let id = ExperimentId::parse(raw).map_err(ApiError::from)?;
            if self.viewer.may(self.need, &what(id)) {
                seen.push(raw.clone());
            }
        }
        if seen.len() == raw.len() {
            return Ok(());
        }
        // As MLflow does: a search shows what its sender may see.
        match (seen.is_empty(), &self.held) {
            (false, Some(held)) => {
                self.narrowed = Some(held.with_list("experiment_ids", "experimentIds", &seen)?);
                Ok(())
            }
            _ => Err(Denied::Forbidden),
        }
    }

    async fn run(&mut self, named: NamedRun) -> Result<(), Denied> {
        let mut owners = Owners::default();
        let mut runs: BTreeSet<String> = BTreeSet::new();
        runs.extend(named.run_id.optional("run_id").map_err(ApiError::from)?);
        runs.extend(named.run_uuid.optional("run_uuid").map_err(ApiError::from)?);
        runs.remove("");
        let model = named.model_id;
        let mut models: BTreeSet<String> = BTreeSet::new();
        models.extend(model.optional("model_id").map_err(ApiError::from)?);
        for (list, name) in [(named.metrics, "metrics"), (named.models, "models")] {
            for named in list.objects(name).map_err(ApiError::from)? {
                models.extend(named.model_id.optional("model_id").map_err(ApiError::from)?);
            }
        }
        models.remove("");
        if runs.is_empty() && models.is_empty() {
            return Err(ApiError::from(Invalid::missing("run_id")).into());
        }
        owners.add_runs(self.app, runs).await?;
        owners.add_logged_models(self.app, models).await?;
        self.allow_all(&owners)
    }

    async fn runs(&mut self) -> Result<(), Denied> {
        let named: NamedRuns = self.named(NamedRuns::LISTS).await?;
        let mut ids = Vec::new();
        for (list, name) in [
            (named.run_id, "run_id"),
            (named.run_ids, "run_ids"),
            (named.runs, "runs"),
        ] {
            ids.extend(list.texts(name).map_err(ApiError::from)?);
        }
        let mut owners = Owners::default();
        owners.add_runs(self.app, ids).await?;
        self.allow_all(&owners)
    }

    async fn selection(&mut self) -> Result<(), Denied> {
        let named: NamedSelection = self.named(&[]).await?;
        self.allow_selection(named).await
    }

    async fn selection_in_query(&mut self) -> Result<(), Denied> {
        let mut query: NamedInQuery = self.named_in_query(&[])?;
        let request = std::mem::take(&mut query.request)
            .optional("request")
            .map_err(ApiError::from)?;
        if let Some(request) = request {
            let named: NamedSelection = parse_body(request.as_bytes()).map_err(ApiError::from)?;
            self.allow_selection(named).await?;
        }
        self.allow_lists(query).await
    }

    async fn allow_selection(&mut self, named: NamedSelection) -> Result<(), Denied> {
        let mut owners = Owners::default();
        for raw in named.experiments.texts("experiments").map_err(ApiError::from)? {
            owners.runs_of(ExperimentId::parse(&raw).map_err(ApiError::from)?);
        }
        let ids = named.ids.texts("ids").map_err(ApiError::from)?;
        owners.add_runs(self.app, ids).await?;
        self.allow_all(&owners)
    }

    async fn watched(&mut self) -> Result<(), Denied> {
        let query = self.named_in_query(&[])?;
        self.allow_lists(query).await
    }

    async fn allow_lists(&mut self, query: NamedInQuery) -> Result<(), Denied> {
        let items = |list: Option<String>| -> Vec<String> {
            let list = list.unwrap_or_default();
            list.split(',')
                .filter(|item| !item.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let mut owners = Owners::default();
        for raw in items(
            query
                .experiments
                .optional("experiments")
                .map_err(ApiError::from)?,
        ) {
            owners.runs_of(ExperimentId::parse(&raw).map_err(ApiError::from)?);
        }
        for (list, name) in [(query.runs, "runs"), (query.ids, "ids")] {
            owners
                .add_runs(self.app, items(list.optional(name).map_err(ApiError::from)?))
                .await?;
        }
        self.allow_all(&owners)
    }

    async fn logged_model(&mut self) -> Result<(), Denied> {
        let id = self.segment_after("logged-models").unwrap_or_default();
        let mut owners = Owners::default();
        owners.add_logged_models(self.app, [id]).await?;
        self.allow_all(&owners)
    }

    async fn model(&mut self) -> Result<(), Denied> {
        let name = self.model_name().await?.name;
        let is_prompt = self.app.is_prompt(&name).await?;
        self.allow(Object::Model {
            name: &name,
            is_prompt,
        })
    }

    async fn model_version(&mut self) -> Result<(), Denied> {
        let name = self.model_name().await?.name;
        let is_prompt = self.app.is_prompt(&name).await?;
        self.allow(Object::ModelVersion {
            name: &name,
            is_prompt,
        })
    }

    /// A new version also needs to read what it comes from.
    async fn new_model_version(&mut self) -> Result<(), Denied> {
        let named = self.model_name().await?;
        let is_prompt = self.app.is_prompt(&named.name).await?;
        self.allow(Object::Model {
            name: &named.name,
            is_prompt,
        })?;
        let part = if is_prompt {
            ResourceType::PromptVersion
        } else {
            ResourceType::RegisteredModelVersion
        };
        if !self.viewer.is_not_denied(part) {
            return Err(Denied::Forbidden);
        }
        let mut owners = Owners::default();
        owners.add_runs(self.app, named.run_id.clone()).await?;
        owners.add_logged_models(self.app, named.model_id.clone()).await?;
        let requested = RequestedSource {
            uri: named.source.unwrap_or_default(),
            run_id: named.run_id,
            model_id: named.model_id,
        };
        // What is no source of a version at all is for the handler to tell.
        match requested.parse(self.app) {
            Ok(ModelSource::Model(ModelUri::LoggedModel { model_id })) => {
                owners.add_logged_models(self.app, [model_id]).await?;
            }
            Ok(ModelSource::Model(uri)) => {
                owners.add_model(self.app, uri.name().unwrap_or_default()).await?;
            }
            Ok(ModelSource::Run { run_id }) => owners.add_runs(self.app, [run_id]).await?,
            Ok(ModelSource::Local(_) | ModelSource::Proxied | ModelSource::Elsewhere) | Err(_) => {}
        }
        if owners.all_may(self.viewer, Permission::Read) {
            Ok(())
        } else {
            Err(Denied::Forbidden)
        }
    }

    async fn artifact_folder(&mut self) -> Result<(), Denied> {
        let named: NamedArtifacts = self.named(&[]).await?;
        let path = named.path.optional("path").map_err(ApiError::from)?;
        self.artifact(&path.unwrap_or_default())
    }

    fn artifact(&self, path: &str) -> Result<(), Denied> {
        match objects::owner_of_path(path) {
            Some(id) => self.allow(Object::Run(id)),
            // Nobody's: the root of the store, or what lies beside the experiments.
            None => {
                let is_within_token = self.viewer.ceiling.is_none_or(|ceiling| self.need <= ceiling);
                self.allow_if(self.viewer.may_everything() && is_within_token)
            }
        }
    }

    /// The fields of the request that name things, as `QueryOrBody` and `JsonBody` take them: of the query of a request
    /// that only reads, if it has one, else of the body.
    async fn named<T: DeserializeOwned + Default>(&mut self, lists: &[&str]) -> Result<T, Denied> {
        let query = self.head.uri.query().filter(|query| !query.is_empty());
        if query.is_some() && only_reads(&self.head.method) {
            return self.named_in_query(lists);
        }
        if let Some(body) = self.body.take() {
            let limit = self.app.config.edge.max_json_body_bytes;
            self.held = Some(read_whole(&self.head.headers, body, self.app, limit).await?);
        }
        let bytes = self
            .held
            .as_ref()
            .map(|held| held.bytes.clone())
            .unwrap_or_default();
        Ok(parse_body(&bytes).map_err(ApiError::from)?)
    }

    /// The same for a row whose handler takes them from the query alone.
    fn named_in_query<T: DeserializeOwned + Default>(&self, lists: &[&str]) -> Result<T, Denied> {
        Ok(parse_query(self.head.uri.query().unwrap_or(""), lists).map_err(ApiError::from)?)
    }

    async fn model_name(&mut self) -> Result<ModelNamed, Denied> {
        let named: NamedModel = self.named(&[]).await?;
        let some = |field: Field<String>, name: &str| -> Result<Option<String>, Denied> {
            let text = field.optional(name).map_err(ApiError::from)?;
            Ok(text.filter(|text| !text.is_empty()))
        };
        Ok(ModelNamed {
            name: named.name.required("name").map_err(ApiError::from)?,
            source: some(named.source, "source")?,
            run_id: some(named.run_id, "run_id")?,
            model_id: some(named.model_id, "model_id")?,
        })
    }

    /// The part of the path behind another one, decoded as the router decodes it.
    fn segment_after(&self, before: &str) -> Option<String> {
        let mut segments = self.head.uri.path().split('/');
        segments.find(|segment| *segment == before)?;
        let raw = segments.next()?;
        let decoded = percent_encoding::percent_decode_str(raw).decode_utf8().ok()?;
        Some(decoded.into_owned())
    }

    fn allow(&self, object: Object<'_>) -> Result<(), Denied> {
        self.allow_if(self.viewer.may(self.need, &object))
    }

    fn allow_all(&self, owners: &Owners) -> Result<(), Denied> {
        self.allow_if(owners.all_may(self.viewer, self.need))
    }

    fn allow_if(&self, may: bool) -> Result<(), Denied> {
        may.then_some(()).ok_or(Denied::Forbidden)
    }
}

/// What a request about a registered model names.
struct ModelNamed {
    name: String,
    source: Option<String>,
    run_id: Option<String>,
    model_id: Option<String>,
}

fn experiment_id(field: Field<String>) -> Result<Option<ExperimentId>, Denied> {
    let raw = field.optional("experiment_id").map_err(ApiError::from)?;
    let raw = raw.filter(|raw| !raw.is_empty());
    Ok(raw
        .map(|raw| ExperimentId::parse(&raw))
        .transpose()
        .map_err(ApiError::from)?)
}

/// Ids of runs that can be ids of runs.
pub(super) fn parsed_runs(raw: impl IntoIterator<Item = String>) -> Vec<Option<RunId>> {
    raw.into_iter().map(|raw| RunId::parse(&raw).ok()).collect()
}
