//! The store and its experiments.

use std::io;
use std::path::Path;

use oxflow_core::{
    Experiment, ExperimentId, KeyKind, LifecycleStage, limits::MAX_EXPERIMENT_TAG_VALUE_CHARS,
};
use serde::Deserialize;

use crate::yaml::{Scalar, millis};
use crate::{
    Folder, LoggedModelFolder, Problem, RegisteredModelFolder, Report, RunFolder, TraceFolder, names, pairs,
    yaml,
};

/// A file store: `mlruns/`.
#[derive(Debug)]
pub struct FileStore {
    root: Folder,
}

/// An experiment of the store.
#[derive(Debug)]
pub struct ExperimentFolder {
    /// What its `meta.yaml` says, and its tags.
    pub experiment: Experiment,
    folder: Folder,
}

#[derive(Debug, Deserialize)]
struct Meta {
    experiment_id: Scalar,
    name: Scalar,
    artifact_location: Scalar,
    lifecycle_stage: Scalar,
    creation_time: Scalar,
    last_update_time: Scalar,
}

impl FileStore {
    /// Opens a store. A folder that holds `mlruns` stands for that, as in MLflow's own tool.
    pub fn open(path: &Path) -> io::Result<Self> {
        let inner = path.join("mlruns");
        let root = if inner.is_dir() { &inner } else { path };
        Ok(Self {
            root: Folder::open_root(root)?,
        })
    }

    /// Whether anything in it looks like a file store: an experiment, the trash, models.
    pub fn is_plausible(&self) -> bool {
        let names = self.root.folder_names(&mut |_| {});
        names
            .iter()
            .any(|name| is_experiment_id(name) || name == names::TRASH || name == names::MODELS)
    }

    /// Names of the folders of all experiments, deleted ones too, in the order of their ids.
    pub fn experiment_ids(&self, report: Report<'_>) -> Vec<(String, LifecycleStage)> {
        let mut ids = Vec::new();
        for name in self.root.folder_names(report) {
            if is_experiment_id(&name) {
                ids.push((name, LifecycleStage::Active));
            }
        }
        if let Some(trash) = self.root.folder(names::TRASH, report) {
            for name in trash.folder_names(report) {
                if is_experiment_id(&name) {
                    ids.push((name, LifecycleStage::Deleted));
                }
            }
        }
        ids.sort_by_key(|(id, _)| (id.len(), id.clone()));
        ids
    }

    /// Reads an experiment of [`Self::experiment_ids`].
    pub fn experiment(
        &self,
        id: &str,
        place: LifecycleStage,
        report: Report<'_>,
    ) -> Result<ExperimentFolder, Problem> {
        let missing = || Problem::new(id, "the folder went away while it was read; it was skipped");
        let parent = match place {
            LifecycleStage::Active => None,
            LifecycleStage::Deleted => Some(self.root.find_folder(names::TRASH)?.ok_or_else(missing)?),
        };
        let folder = parent
            .as_ref()
            .unwrap_or(&self.root)
            .find_folder(id)?
            .ok_or_else(missing)?;
        ExperimentFolder::read(folder, id, place, report)
    }

    /// The registered models, in name order.
    pub fn registered_models(&self, report: Report<'_>) -> Vec<RegisteredModelFolder> {
        let Some(models) = self.root.folder(names::MODELS, report) else {
            return Vec::new();
        };
        let names = models.folder_names(report);
        names
            .iter()
            .filter_map(|name| RegisteredModelFolder::open(models.folder(name, report)?, report))
            .collect()
    }
}

fn is_experiment_id(name: &str) -> bool {
    !name.is_empty() && name.len() <= 19 && name.bytes().all(|byte| byte.is_ascii_digit())
}

impl ExperimentFolder {
    fn read(folder: Folder, id: &str, place: LifecycleStage, report: Report<'_>) -> Result<Self, Problem> {
        let Some(meta) = yaml::read::<Meta>(&folder, names::META)? else {
            return Err(Problem::new(
                folder.path(),
                "no meta.yaml, so no experiment; it was skipped",
            ));
        };
        let parsed = ExperimentId::parse(id).map_err(|_| yaml::bad_field(&folder, "the folder", id))?;
        if let Some(said) = meta.experiment_id.as_deref().filter(|said| *said != id) {
            let what = format!("meta.yaml says experiment `{said}`; the name of the folder counts");
            report(Problem::new(folder.path(), what));
        }
        let lifecycle_stage = match (place, meta.lifecycle_stage.as_deref()) {
            (LifecycleStage::Deleted, _) | (_, Some("deleted")) => LifecycleStage::Deleted,
            _ => LifecycleStage::Active,
        };
        let experiment = Experiment {
            id: parsed,
            name: meta
                .name
                .filter(|name| !name.is_empty())
                .unwrap_or_else(|| format!("experiment_{id}")),
            artifact_location: meta.artifact_location,
            lifecycle_stage,
            creation_time_ms: millis(&folder, "creation_time", &meta.creation_time)?,
            last_update_time_ms: millis(&folder, "last_update_time", &meta.last_update_time)?,
            tags: pairs::read(
                &folder,
                names::TAGS,
                KeyKind::Tag,
                MAX_EXPERIMENT_TAG_VALUE_CHARS,
                report,
            ),
        };
        Ok(Self { experiment, folder })
    }

    /// Where it is below the root of the store.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Names of the folders that are runs, in byte order.
    pub fn run_ids(&self, report: Report<'_>) -> Vec<String> {
        let names = self.folder.folder_names(report);
        names
            .into_iter()
            .filter(|name| !names::NOT_RUNS.contains(&name.as_str()))
            .collect()
    }

    /// Opens a run of [`Self::run_ids`]; `None` if the folder is none, as MLflow tells it: no `meta.yaml`.
    pub fn run(&self, id: &str, report: Report<'_>) -> Result<Option<RunFolder>, Problem> {
        match self.folder.find_folder(id)? {
            None => Ok(None),
            Some(folder) => RunFolder::read(folder, &self.folder, self.experiment.id, report),
        }
    }

    /// Ids of the logged models, in byte order.
    pub fn logged_model_ids(&self, report: Report<'_>) -> Vec<String> {
        let models = self.folder.folder(names::MODELS, report);
        models.map_or(Vec::new(), |models| models.folder_names(report))
    }

    /// Opens a logged model of [`Self::logged_model_ids`].
    pub fn logged_model(&self, id: &str, report: Report<'_>) -> Result<Option<LoggedModelFolder>, Problem> {
        let Some(models) = self.folder.find_folder(names::MODELS)? else {
            return Ok(None);
        };
        match models.find_folder(id)? {
            None => Ok(None),
            Some(folder) => LoggedModelFolder::read(folder, self.experiment.id, report),
        }
    }

    /// Ids of the traces, in byte order.
    pub fn trace_ids(&self, report: Report<'_>) -> Vec<String> {
        let traces = self.folder.folder(names::TRACES, report);
        traces.map_or(Vec::new(), |traces| traces.folder_names(report))
    }

    /// Opens a trace of [`Self::trace_ids`].
    pub fn trace(&self, id: &str, report: Report<'_>) -> Result<Option<TraceFolder>, Problem> {
        let Some(traces) = self.folder.find_folder(names::TRACES)? else {
            return Ok(None);
        };
        match traces.find_folder(id)? {
            None => Ok(None),
            Some(folder) => TraceFolder::read(folder, report),
        }
    }
}
