//! Emptying the trash: artifacts first, then rows, so that what was cut off can be done again.
//!
//! `oxflow gc` and the endpoints `runs/purge` and `experiments/purge` both do it here.

mod folders;
mod orphans;
mod served;

use std::collections::HashSet;
use std::fmt;

use futures::stream::{StreamExt, iter};
use oxflow_artifacts::append_to_uri;
use oxflow_core::ErrorCode;
use oxflow_store::{
    ModelsGo, REMOVED_AT_ONCE, RemovedExperiment, Store, StoreError, Trash, TrashItem, TrashQuery,
    TrashedExperiment, TrashedModel, TrashedRun,
};

pub use folders::{NotRemoved, RemoveFolders, own_folder};
pub use orphans::{Orphan, Orphans, OrphansError};
pub use served::Served;

/// Folders that are removed at one time: each waits for the disk more than for a core.
const FOLDERS_AT_ONCE: usize = 8;

/// What is needed to remove things for good.
#[derive(Debug, Clone)]
pub struct Purge<F> {
    /// Experiments, runs and logged models.
    pub store: Store,
    /// Registered models: perhaps another database.
    pub registry: Store,
    /// Where artifacts are.
    pub folders: F,
    /// Only what was deleted at this time or before, ms since 1970; `None` for everything.
    pub deleted_by_ms: Option<i64>,
    /// Whether what versions of registered models come from goes too.
    pub with_registered: bool,
    /// Whether rows go whose artifacts are at a place that is not served. The artifacts stay.
    pub with_unserved: bool,
}

/// What was removed, and what was not.
#[derive(Debug, Default, Clone)]
pub struct Purged {
    /// Runs that are gone.
    pub runs: usize,
    /// Logged models that are gone.
    pub logged_models: usize,
    /// Experiments that are gone.
    pub experiments: usize,
    /// What was planned and stays.
    pub stayed: Vec<Stayed>,
    /// Locations of artifacts that stay though their rows are gone.
    pub left: Vec<(TrashItem, String)>,
}

impl Purged {
    /// How many things were dealt with.
    pub fn done(&self) -> usize {
        self.runs + self.logged_models + self.experiments + self.stayed.len()
    }
}

/// Something that was to go and stays.
#[derive(Debug, Clone)]
pub struct Stayed {
    /// What.
    pub item: TrashItem,
    /// Why.
    pub why: StayedBecause,
}

/// Why something that was to go stays.
#[derive(Debug, Clone)]
pub enum StayedBecause {
    /// Its artifacts could not be removed.
    Artifacts(NotRemoved),
    /// Somebody took it out of the trash before anything of it was removed.
    Restored,
    /// Somebody took it out of the trash while its artifacts were being removed; they are gone.
    RestoredTooLate,
    /// A version of a registered model now comes from it: `name/version`.
    Registered(String),
    /// It still has runs or logged models.
    HasContents,
    /// The database refused.
    Database(String),
}

impl fmt::Display for StayedBecause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Artifacts(error) => error.fmt(f),
            Self::Restored => f.write_str("it was restored meanwhile"),
            Self::RestoredTooLate => {
                f.write_str("it was restored while its artifacts were being removed: they are gone")
            }
            Self::Registered(version) => {
                write!(f, "version {version} of a registered model comes from it")
            }
            Self::HasContents => f.write_str("it still has runs or logged models"),
            Self::Database(message) => f.write_str(message),
        }
    }
}

impl StayedBecause {
    /// MLflow's name for the situation.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Artifacts(error) if error.is_elsewhere() => ErrorCode::FeatureDisabled.name(),
            Self::Artifacts(_) => ErrorCode::InternalError.name(),
            Self::Restored | Self::RestoredTooLate | Self::Registered(_) | Self::HasContents => {
                ErrorCode::InvalidState.name()
            }
            Self::Database(_) => ErrorCode::BadRequest.name(),
        }
    }

    /// Whether that is as it should be: somebody wanted it meanwhile.
    pub fn is_fine(&self) -> bool {
        matches!(self, Self::Restored | Self::Registered(_))
    }
}

impl<F: RemoveFolders> Purge<F> {
    /// Looks for what can be removed. Changes nothing.
    pub async fn plan(&self, query: TrashQuery) -> Result<Trash, StoreError> {
        let mut trash = self.store.find_trash(query).await?;
        if !self.with_registered {
            let versions = self.registry.versions_by_origin(trash.origins()).await?;
            trash.keep_registered(&versions);
        }
        Ok(trash)
    }

    /// What of a plan will stay because its artifacts are out of reach.
    pub fn out_of_reach(&self, trash: &Trash) -> Vec<Stayed> {
        let runs = trash.runs.iter().filter_map(|run| {
            let location = run
                .artifact_uri
                .as_deref()
                .filter(|location| !location.is_empty())?;
            Some((TrashItem::Run(run.run_id.clone()), location))
        });
        let models = trash.logged_models.iter().map(|model| {
            let item = TrashItem::LoggedModel(model.model_id.clone());
            (item, model.artifact_location.as_str())
        });
        let checked = runs.chain(models).filter(|_| !self.with_unserved);
        checked
            .filter_map(|(item, location)| {
                let error = self.folders.check_own(&item.id(), location).err()?;
                let why = StayedBecause::Artifacts(error);
                Some(Stayed { item, why })
            })
            .collect()
    }

    /// Removes what was planned: runs, then logged models, then experiments, some hundred at a time. Everything is looked
    /// at again before, as others may have restored it. An error of the database ends it; what was removed until then
    /// is gone, and to plan anew goes on where it stopped.
    pub async fn carry_out(
        &self,
        trash: &Trash,
        mut tell: impl FnMut(&Purged) + Send,
    ) -> Result<Purged, StoreError> {
        let mut purged = Purged::default();
        for batch in trash.runs.chunks(REMOVED_AT_ONCE) {
            self.remove_runs(batch, &mut purged).await?;
            tell(&purged);
        }
        for goes_with_experiment in [false, true] {
            let models = trash.logged_models.iter();
            let models: Vec<&TrashedModel> = models
                .filter(|model| model.goes_with_experiment == goes_with_experiment)
                .collect();
            let go = if goes_with_experiment {
                ModelsGo::WithExperiment
            } else {
                ModelsGo::Deleted(self.deleted_by_ms)
            };
            for batch in models.chunks(REMOVED_AT_ONCE) {
                self.remove_models(batch, go, &mut purged).await?;
                tell(&purged);
            }
        }
        for experiment in &trash.experiments {
            self.remove_experiment(experiment, &mut purged).await?;
            tell(&purged);
        }
        Ok(purged)
    }

    async fn remove_runs(&self, batch: &[TrashedRun], purged: &mut Purged) -> Result<(), StoreError> {
        let ids: Vec<_> = batch.iter().map(|run| run.run_id.clone()).collect();
        let there = self.store.runs_in_trash(ids, self.deleted_by_ms).await?;
        let runs = batch.iter().map(|run| Owned {
            item: TrashItem::Run(run.run_id.clone()),
            location: run.artifact_uri.clone(),
            is_there: there.contains(&run.run_id),
        });
        let ready = self.remove_artifacts(runs.collect(), purged).await?;
        let ids: Vec<_> = batch
            .iter()
            .filter(|run| ready.contains(run.run_id.as_str()))
            .map(|run| run.run_id.clone())
            .collect();
        let gone = self.store.remove_runs(ids.clone(), self.deleted_by_ms).await?;
        let gone: HashSet<_> = gone.into_iter().collect();
        purged.runs += gone.len();
        let restored = ids.into_iter().filter(|id| !gone.contains(id));
        purged.restored_too_late(restored.map(TrashItem::Run));
        Ok(())
    }

    async fn remove_models(
        &self,
        batch: &[&TrashedModel],
        go: ModelsGo,
        purged: &mut Purged,
    ) -> Result<(), StoreError> {
        let ids: Vec<_> = batch.iter().map(|model| model.model_id.clone()).collect();
        let there = self.store.logged_models_in_trash(ids, go).await?;
        let models = batch.iter().map(|model| Owned {
            item: TrashItem::LoggedModel(model.model_id.clone()),
            location: Some(model.artifact_location.clone()),
            is_there: there.contains(&model.model_id),
        });
        let ready = self.remove_artifacts(models.collect(), purged).await?;
        let ids: Vec<_> = batch
            .iter()
            .filter(|model| ready.contains(model.model_id.as_str()))
            .map(|model| model.model_id.clone())
            .collect();
        let gone = self.store.remove_logged_models(ids.clone(), go).await?;
        let gone: HashSet<_> = gone.into_iter().collect();
        purged.logged_models += gone.len();
        let restored = ids.into_iter().filter(|id| !gone.contains(id));
        purged.restored_too_late(restored.map(TrashItem::LoggedModel));
        Ok(())
    }

    /// Removes the artifacts of things that are still in the trash. Returns the ids of those whose rows may go.
    async fn remove_artifacts(
        &self,
        things: Vec<Owned>,
        purged: &mut Purged,
    ) -> Result<HashSet<String>, StoreError> {
        let versions = if self.with_registered {
            None
        } else {
            let ids = things.iter().map(|thing| thing.item.id()).collect();
            Some(self.registry.versions_by_origin(ids).await?)
        };
        let mut wanted = Vec::new();
        for thing in things {
            let version = versions
                .as_ref()
                .and_then(|versions| versions.get(&thing.item.id()));
            match version {
                _ if !thing.is_there => purged.stay(thing.item, StayedBecause::Restored),
                Some(version) => {
                    let why = StayedBecause::Registered(version.to_owned());
                    purged.stay(thing.item, why);
                }
                None => wanted.push(thing),
            }
        }
        let removals = iter(wanted).map(|thing| async move {
            let outcome = match thing.location.as_deref().filter(|location| !location.is_empty()) {
                None => Ok(()),
                Some(location) => self.folders.remove_own(&thing.item.id(), location).await,
            };
            (thing, outcome)
        });
        let mut removals = removals.buffered(FOLDERS_AT_ONCE);
        let mut ready = HashSet::new();
        while let Some((thing, outcome)) = removals.next().await {
            match outcome {
                Ok(()) => {
                    ready.insert(thing.item.id());
                }
                Err(error) if error.is_elsewhere() && self.with_unserved => {
                    ready.insert(thing.item.id());
                    purged.left.push((thing.item, thing.location.unwrap_or_default()));
                }
                Err(error) => purged.stay(thing.item, StayedBecause::Artifacts(error)),
            }
        }
        Ok(ready)
    }

    async fn remove_experiment(
        &self,
        experiment: &TrashedExperiment,
        purged: &mut Purged,
    ) -> Result<(), StoreError> {
        let id = experiment.id;
        let item = TrashItem::Experiment(id);
        let why = match self.store.look_at_experiment(id, self.deleted_by_ms).await? {
            RemovedExperiment::Restored => Some(StayedBecause::Restored),
            RemovedExperiment::HasContents => Some(StayedBecause::HasContents),
            RemovedExperiment::Gone => self.remove_rest(experiment).await,
        };
        if let Some(why) = why {
            purged.stay(item, why);
            return Ok(());
        }
        match self.store.remove_experiment(id, self.deleted_by_ms).await {
            Ok(RemovedExperiment::Gone) => purged.experiments += 1,
            Ok(RemovedExperiment::Restored) => purged.stay(item, StayedBecause::RestoredTooLate),
            Ok(RemovedExperiment::HasContents) => purged.stay(item, StayedBecause::HasContents),
            // Such as a scorer of it that a guardrail still uses.
            Err(error @ StoreError::Database { .. }) if error.code() == ErrorCode::BadRequest => {
                let cause =
                    std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
                purged.stay(item, StayedBecause::Database(cause));
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Removes the artifacts of an experiment's traces, and its folder if nothing else is in it.
    async fn remove_rest(&self, experiment: &TrashedExperiment) -> Option<StayedBecause> {
        let location = self.location_of(experiment);
        let outcome = self
            .folders
            .remove_rest(&experiment.id.to_string(), &location)
            .await;
        outcome.err().map(StayedBecause::Artifacts)
    }

    fn location_of(&self, experiment: &TrashedExperiment) -> String {
        let given = experiment.artifact_location.clone();
        given.filter(|location| !location.is_empty()).unwrap_or_else(|| {
            append_to_uri(self.store.default_artifact_root(), &[&experiment.id.to_string()])
        })
    }
}

/// A run or logged model with its artifacts.
struct Owned {
    item: TrashItem,
    location: Option<String>,
    is_there: bool,
}

impl Purged {
    fn stay(&mut self, item: TrashItem, why: StayedBecause) {
        self.stayed.push(Stayed { item, why });
    }

    fn restored_too_late(&mut self, items: impl Iterator<Item = TrashItem>) {
        for item in items {
            self.stay(item, StayedBecause::RestoredTooLate);
        }
    }
}
