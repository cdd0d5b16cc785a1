//! The trash: what is deleted but still there, and removing it for good.
//!
//! What is left behind is what MLflow's own gc leaves (`_hard_delete_run`, `_hard_delete_experiment`,
//! `_hard_delete_logged_model`, MLflow 3.17): rows of `inputs` and `input_tags` stay. Packed series go with their run.

mod experiments;
mod find;
mod jobs;
mod known;
mod logged_models;
mod pieces;
#[cfg(test)]
mod plan_tests;
mod registered;
mod runs;
mod traces;

use std::fmt;

use oxflow_core::{ExperimentId, ModelId, RunId};

pub use experiments::RemovedExperiment;
pub use jobs::JobQuery;
pub use known::{ArtifactOwners, LocationOf};
pub use logged_models::ModelsGo;
pub use registered::{VersionsByOrigin, ids_in};

/// Runs, logged models and traces that go in one transaction.
pub const REMOVED_AT_ONCE: usize = 500;

/// Which things of a kind are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which<T> {
    /// None of them.
    None,
    /// All that are deleted.
    All,
    /// These, if they are deleted.
    Named(Vec<T>),
}

/// What is to be looked for in the trash.
#[derive(Debug, Clone)]
pub struct TrashQuery {
    /// Runs.
    pub runs: Which<RunId>,
    /// Experiments, each with all its runs and logged models.
    pub experiments: Which<ExperimentId>,
    /// Logged models.
    pub logged_models: Which<ModelId>,
    /// Only what was deleted at this time or before, ms since 1970; `None` for everything. Runs of an old MLflow, which
    /// noted no time, are not among what is old.
    pub deleted_by_ms: Option<i64>,
    /// Only this workspace; `None` for all.
    pub workspace: Option<String>,
}

/// What was found in the trash, in the order of ids.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Trash {
    /// Runs, also those of the experiments.
    pub runs: Vec<TrashedRun>,
    /// Logged models, also those of the experiments.
    pub logged_models: Vec<TrashedModel>,
    /// Experiments.
    pub experiments: Vec<TrashedExperiment>,
    /// What was asked for, or belongs to it, and cannot be removed.
    pub kept: Vec<Kept>,
}

/// A run in the trash.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct TrashedRun {
    pub run_id: RunId,
    pub experiment_id: ExperimentId,
    pub artifact_uri: Option<String>,
}

/// A logged model in the trash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrashedModel {
    /// Its id.
    pub model_id: ModelId,
    /// Its experiment.
    pub experiment_id: ExperimentId,
    /// Where its files are.
    pub artifact_location: String,
    /// Whether it only goes because its experiment does: it was not deleted itself.
    pub goes_with_experiment: bool,
}

/// An experiment in the trash.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct TrashedExperiment {
    pub id: ExperimentId,
    pub name: String,
    /// Where its runs' artifacts are; `None` means below the default root.
    pub artifact_location: Option<String>,
}

/// Something that stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What.
    pub item: TrashItem,
    /// Why.
    pub why: KeptBecause,
    /// The experiment it belongs to, if that is known.
    pub experiment_id: Option<ExperimentId>,
}

/// A thing of one of the kinds that can be in the trash.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum TrashItem {
    Run(RunId),
    LoggedModel(ModelId),
    Experiment(ExperimentId),
}

impl TrashItem {
    /// The kind in words.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Run(_) => "run",
            Self::LoggedModel(_) => "logged model",
            Self::Experiment(_) => "experiment",
        }
    }

    /// The id as text.
    pub fn id(&self) -> String {
        match self {
            Self::Run(id) => id.to_string(),
            Self::LoggedModel(id) => id.to_string(),
            Self::Experiment(id) => id.to_string(),
        }
    }
}

impl fmt::Display for TrashItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind(), self.id())
    }
}

/// Why something stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeptBecause {
    /// There is none of that id.
    Missing,
    /// It is not deleted.
    Active,
    /// It was deleted later than asked for.
    DeletedLater,
    /// A version of a registered model comes from it.
    Registered {
        /// `name/version`.
        version: String,
    },
    /// Something of the experiment stays.
    Holds(TrashItem),
}

impl fmt::Display for KeptBecause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("there is none of this id (any more)"),
            Self::Active => f.write_str("it is not deleted"),
            Self::DeletedLater => f.write_str("it was deleted later than asked for"),
            Self::Registered { version } => {
                write!(f, "version {version} of a registered model comes from it")
            }
            Self::Holds(item) => write!(f, "its {item} stays"),
        }
    }
}

impl Kept {
    fn new(item: TrashItem, why: KeptBecause, experiment_id: Option<ExperimentId>) -> Self {
        Self {
            item,
            why,
            experiment_id,
        }
    }
}

impl Trash {
    /// Whether there is nothing to remove.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty() && self.logged_models.is_empty() && self.experiments.is_empty()
    }

    /// Takes out what versions of registered models come from, and the experiments it is in.
    pub fn keep_registered(&mut self, versions: &VersionsByOrigin) {
        let kept = &mut self.kept;
        self.runs.retain(|run| {
            let version = versions.get(run.run_id.as_str());
            keep_if(
                version,
                TrashItem::Run(run.run_id.clone()),
                run.experiment_id,
                kept,
            )
        });
        self.logged_models.retain(|model| {
            let version = versions.get(model.model_id.as_str());
            let item = TrashItem::LoggedModel(model.model_id.clone());
            keep_if(version, item, model.experiment_id, kept)
        });
        self.keep_experiments_with_contents();
    }

    /// Takes out experiments of which something stays, with what would only have gone with them.
    fn keep_experiments_with_contents(&mut self) {
        let mut holding = Vec::new();
        for experiment in &self.experiments {
            let held = self
                .kept
                .iter()
                .find(|kept| kept.experiment_id == Some(experiment.id));
            if let Some(held) = held {
                holding.push((experiment.id, held.item.clone()));
            }
        }
        let holds = |id: ExperimentId| holding.iter().any(|(held, _)| *held == id);
        self.experiments.retain(|experiment| !holds(experiment.id));
        self.logged_models
            .retain(|model| !model.goes_with_experiment || !holds(model.experiment_id));
        for (id, item) in holding {
            let why = KeptBecause::Holds(item);
            self.kept.push(Kept::new(TrashItem::Experiment(id), why, None));
        }
    }
}

/// Whether the item goes; notes that it stays if a version comes from it.
fn keep_if(
    version: Option<&str>,
    item: TrashItem,
    experiment_id: ExperimentId,
    kept: &mut Vec<Kept>,
) -> bool {
    let Some(version) = version else { return true };
    let why = KeptBecause::Registered {
        version: version.to_owned(),
    };
    kept.push(Kept::new(item, why, Some(experiment_id)));
    false
}
