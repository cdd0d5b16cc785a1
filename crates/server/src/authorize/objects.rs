//! To whom things belong: a run to its experiment, a version to its model.

use std::collections::HashSet;

use oxflow_auth::{Object, Permission, Viewer};
use oxflow_core::{ErrorCode, ExperimentId, ModelName, RunId};

use crate::handlers::model_id;
use crate::{ApiError, App};

/// What a request is about. One that does not exist is nobody's: it is answered like one that may not be seen, so that
/// nobody finds out which ids there are.
#[derive(Debug, Default)]
pub(crate) struct Owners {
    runs_of: HashSet<ExperimentId>,
    logged_models_of: HashSet<ExperimentId>,
    models: HashSet<(String, bool)>,
    has_unknown: bool,
}

impl Owners {
    /// The runs of an experiment.
    pub(crate) fn runs_of(&mut self, id: ExperimentId) {
        self.runs_of.insert(id);
    }

    /// Runs by their ids.
    pub(crate) async fn add_runs(
        &mut self,
        app: &App,
        ids: impl IntoIterator<Item = String>,
    ) -> Result<(), ApiError> {
        let mut looked_up = Vec::new();
        for id in super::asked::parsed_runs(ids) {
            match id {
                Some(id) => looked_up.push(id),
                None => self.has_unknown = true,
            }
        }
        looked_up.sort_unstable();
        looked_up.dedup();
        if looked_up.is_empty() {
            return Ok(());
        }
        let found = app.owners_of_runs(&looked_up).await?;
        self.has_unknown |= found.has_unknown;
        self.runs_of.extend(found.experiments);
        Ok(())
    }

    /// Logged models by their ids.
    pub(crate) async fn add_logged_models(
        &mut self,
        app: &App,
        ids: impl IntoIterator<Item = String>,
    ) -> Result<(), ApiError> {
        for raw in ids {
            let Ok(id) = model_id(&raw) else {
                self.has_unknown = true;
                continue;
            };
            match app.store.experiment_of_logged_model(id).await? {
                Some(experiment) => {
                    self.logged_models_of.insert(experiment);
                }
                None => self.has_unknown = true,
            }
        }
        Ok(())
    }

    /// A registered model by its name.
    pub(crate) async fn add_model(&mut self, app: &App, name: &str) -> Result<(), ApiError> {
        let is_prompt = app.is_prompt(name).await?;
        self.models.insert((name.to_owned(), is_prompt));
        Ok(())
    }

    /// Whether somebody may do that much with all of it.
    pub(crate) fn all_may(&self, viewer: &Viewer, need: Permission) -> bool {
        !self.has_unknown
            && self.runs_of.iter().all(|id| viewer.may(need, &Object::Run(*id)))
            && self
                .logged_models_of
                .iter()
                .all(|id| viewer.may(need, &Object::LoggedModel(*id)))
            && self.models.iter().all(|(name, is_prompt)| {
                let is_prompt = *is_prompt;
                viewer.may(need, &Object::Model { name, is_prompt })
            })
    }
}

/// The experiments of runs, and whether a run was not found.
#[derive(Debug)]
pub(crate) struct OwnersOfRuns {
    pub(crate) experiments: HashSet<ExperimentId>,
    pub(crate) has_unknown: bool,
}

impl App {
    /// The experiments of runs. A run stays in its experiment, so that is remembered for a minute.
    pub(crate) async fn owners_of_runs(&self, ids: &[RunId]) -> Result<OwnersOfRuns, ApiError> {
        let (mut experiments, missing) = self.run_owners.known(ids);
        let mut has_unknown = false;
        if !missing.is_empty() {
            let found = self.store.experiments_by_run(missing.clone()).await?;
            has_unknown = found.len() < missing.len();
            self.run_owners.keep(&found);
            experiments.extend(found.into_values());
        }
        Ok(OwnersOfRuns {
            experiments,
            has_unknown,
        })
    }

    /// The experiment of a name, if there is one.
    pub(crate) async fn experiment_named(&self, name: &str) -> Result<Option<ExperimentId>, ApiError> {
        match self.store.get_experiment_by_name(name).await {
            Ok(experiment) => Ok(Some(experiment.id)),
            Err(error) if error.code() == ErrorCode::ResourceDoesNotExist => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether a name is a prompt's. One that nobody has is taken for a model's.
    pub(crate) async fn is_prompt(&self, name: &str) -> Result<bool, ApiError> {
        match ModelName::parse(name, "name") {
            Ok(name) => Ok(self.registry.is_prompt(name).await?),
            Err(_) => Ok(false),
        }
    }
}

/// The experiment whose tree a path of the artifact store is in: `7/<run>/artifacts/…` is experiment 7's.
pub(crate) fn owner_of_path(path: &str) -> Option<ExperimentId> {
    let first = path.split('/').next().unwrap_or_default();
    let is_number = !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| ExperimentId::parse(first).ok()).flatten()
}
