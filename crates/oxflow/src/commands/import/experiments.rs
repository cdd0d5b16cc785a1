//! Experiments, and names that are taken.

use oxflow_core::{ExperimentId, LifecycleStage};
use oxflow_filestore::{ExperimentFolder, Problem, is_local};
use oxflow_store::{ExperimentImport, ExperimentOutcome, ImportLocation};

use super::batch::refused;
use super::tally::What;
use super::{ArtifactChoice, ConflictChoice, Import};
use crate::failure::Failure;

/// An experiment that was imported or is there.
#[derive(Debug)]
pub(super) struct Imported {
    /// Its folder.
    pub name: String,
    /// Where the folder is: in the root or in the trash.
    pub place: LifecycleStage,
    /// Its id in the database.
    pub id: ExperimentId,
}

impl Import<'_> {
    /// Lists all names that other experiments or registered models have, if there are any.
    pub(super) fn refuse_conflicts(&self) -> Result<(), Failure> {
        let mut taken = Vec::new();
        let quiet = &mut |_: Problem| {};
        for (name, place) in self.source.experiment_ids(quiet) {
            let Ok(folder) = self.source.experiment(&name, place, quiet) else {
                continue;
            };
            let source = folder.experiment;
            let (id, title) = (source.id, source.name.clone());
            let found = self.need(self.store.look_for_experiment(source))?;
            if let Some(ExperimentOutcome::NameTaken(holder)) = found {
                taken.push(format!(
                    "experiment {id} `{title}`: experiment {holder} of the database has this name"
                ));
            }
        }
        for folder in self.source.registered_models(quiet) {
            let Ok(model) = folder.read(quiet) else { continue };
            let name = model.name.clone();
            if self.need(self.store.model_name_is_taken(model))? {
                taken.push(format!(
                    "registered model `{name}`: the database has another one of this name"
                ));
            }
        }
        if taken.is_empty() {
            return Ok(());
        }
        let more = taken.len().saturating_sub(20);
        taken.truncate(20);
        if more > 0 {
            taken.push(format!("and {more} more"));
        }
        let message = format!(
            "nothing was imported, because names are taken:\n  {}",
            taken.join("\n  ")
        );
        Err(Failure::from(anyhow::anyhow!(message)).hint(
            "`--on-conflict merge` adds their runs and versions to those that have the names, `rename` gives them longer \
             names, `skip` leaves them out",
        ))
    }

    /// Imports every experiment with its runs.
    pub(super) fn import_experiments(&self) -> Result<Vec<Imported>, Failure> {
        let mut imported = Vec::new();
        let report = &mut |problem: Problem| self.tally.problem(&problem);
        for (name, place) in self.source.experiment_ids(report) {
            self.tally.found(What::Experiments, 1);
            let folder = match self.source.experiment(&name, place, report) {
                Ok(folder) => folder,
                Err(problem) => {
                    self.tally.skipped(What::Experiments, 1);
                    self.tally.problem(&problem);
                    continue;
                }
            };
            if let Some(id) = self.import_experiment(&folder)? {
                self.import_runs(&folder, id)?;
                imported.push(Imported { name, place, id });
            }
        }
        Ok(imported)
    }

    fn import_experiment(&self, folder: &ExperimentFolder) -> Result<Option<ExperimentId>, Failure> {
        let source = &folder.experiment;
        let is_here = source.artifact_location.as_deref().is_none_or(is_local);
        let import = ExperimentImport {
            source: source.clone(),
            location: if is_here && self.choice != ArtifactChoice::Keep {
                ImportLocation::BelowDefaultRoot
            } else {
                ImportLocation::AsInSource
            },
            on_conflict: self.name_conflict(),
        };
        let outcome = match self.ask(self.store.import_experiment(import))? {
            Ok(outcome) => outcome,
            Err(error) => {
                self.tally.skipped(What::Experiments, 1);
                self.tally.problem(&refused(folder.path(), "experiment", &error));
                return Ok(None);
            }
        };
        match &outcome {
            ExperimentOutcome::Created { id, name } => {
                self.tally.imported(What::Experiments, 1);
                if *id != source.id {
                    self.tally.note(&format!(
                        "experiment {} `{}` has the new id {id}",
                        source.id, source.name
                    ));
                }
                if *name != source.name {
                    self.tally.note(&format!(
                        "experiment {} `{}` is called `{name}`",
                        source.id, source.name
                    ));
                }
            }
            ExperimentOutcome::Existing(id) => {
                self.tally.there(What::Experiments, 1);
                if *id != source.id {
                    self.tally.note(&format!(
                        "experiment {} `{}` is experiment {id}",
                        source.id, source.name
                    ));
                }
            }
            ExperimentOutcome::NameTaken(holder) => {
                self.tally.skipped(What::Experiments, 1);
                let text = format!(
                    "experiment {} `{}` was skipped with all its runs: experiment {holder} has its name",
                    source.id, source.name
                );
                self.tell_conflict(folder.path(), &text);
            }
        }
        Ok(outcome.id())
    }

    /// What was asked for is no problem.
    pub(super) fn tell_conflict(&self, path: &std::path::Path, text: &str) {
        match self.on_conflict {
            ConflictChoice::Skip => self.tally.note(text),
            _ => self.tally.problem(&Problem::new(path, text)),
        }
    }
}
