//! Logged models, traces, registered models.

use std::collections::HashMap;

use oxflow_artifacts::append_to_uri;
use oxflow_core::{ImportedModel, ImportedTrace, LoggedModel, LoggedModelMetric, RunId};
use oxflow_filestore::{
    ExperimentFolder, LoggedModelFolder, MetricFile, OwnedPlace, Point, Problem, place_in_store,
};
use oxflow_store::ModelImport;

use super::batch::{MAX_POINTS, refused};
use super::experiments::Imported;
use super::tally::What;
use super::{ArtifactChoice, Import};
use crate::failure::Failure;

/// Ids that the database is asked for together, and traces that are stored together.
const PER_CALL: usize = 100;

/// Tag of a trace that says where its spans are.
const ARTIFACT_LOCATION: &str = "mlflow.artifactLocation";

impl Import<'_> {
    /// Imports the logged models of an experiment, with their points.
    pub(super) fn import_logged_models(&self, experiment: &Imported) -> Result<(), Failure> {
        let report = &mut |problem: Problem| self.tally.problem(&problem);
        let Some(folder) = self.open_again(experiment) else {
            return Ok(());
        };
        for ids in folder.logged_model_ids(report).chunks(PER_CALL) {
            let known = self.need(self.store.find_logged_models_for_import(ids.to_vec()))?;
            for id in ids {
                match folder.logged_model(id, report) {
                    Ok(None) => {}
                    Ok(Some(model)) => {
                        self.import_logged_model(&model, experiment, known.contains_key(id))?;
                    }
                    Err(problem) => {
                        self.tally.found(What::LoggedModels, 1);
                        self.tally.skipped(What::LoggedModels, 1);
                        self.tally.problem(&problem);
                    }
                }
            }
        }
        Ok(())
    }

    fn import_logged_model(
        &self,
        folder: &LoggedModelFolder,
        experiment: &Imported,
        is_there: bool,
    ) -> Result<(), Failure> {
        self.tally.found(What::LoggedModels, 1);
        let mut model = folder.stored.clone();
        model.experiment_id = experiment.id;
        if is_there {
            self.tally.there(What::LoggedModels, 1);
        } else {
            let segments = [
                &experiment.id.to_string(),
                "models",
                model.model_id.as_str(),
                "artifacts",
            ];
            let artifacts = folder.artifacts(&mut |problem| self.tally.problem(&problem));
            let uri = self.place_artifacts(Some(&model.artifact_location), artifacts, &segments);
            model.artifact_location = uri.unwrap_or_default();
            if let Err(error) = self.ask(self.store.import_logged_models(vec![model.clone()]))? {
                self.tally.skipped(What::LoggedModels, 1);
                self.tally
                    .problem(&refused(folder.path(), "logged model", &error));
                return Ok(());
            }
            self.tally.imported(What::LoggedModels, 1);
        }
        // Also of those that are there: points that are there stay, and an import that was killed goes on.
        let (mut points, mut outcome) = (Vec::new(), Ok(()));
        folder.for_each_metric_file(&mut |problem| self.tally.problem(&problem), &mut |file, _| {
            if outcome.is_ok() {
                outcome = self.read_model_points(file, folder, &model, &mut points);
            }
        });
        outcome?;
        self.send_model_points(folder, &model, points)
    }

    fn read_model_points(
        &self,
        file: &MetricFile<'_>,
        folder: &LoggedModelFolder,
        model: &LoggedModel,
        points: &mut Vec<LoggedModelMetric>,
    ) -> Result<(), Failure> {
        let mut lines = match file.lines() {
            Ok(lines) => lines,
            Err(problem) => {
                self.tally.problem(&problem);
                return Ok(());
            }
        };
        for line in &mut lines {
            match line {
                Ok(point) => points.push(model_metric(file, point)),
                Err(problem) => self.tally.problem(&problem),
            }
            if points.len() >= MAX_POINTS {
                self.send_model_points(folder, model, std::mem::take(points))?;
            }
        }
        let skipped = usize::try_from(lines.skipped()).unwrap_or(usize::MAX);
        self.tally.found(What::LoggedModelPoints, skipped);
        self.tally.skipped(What::LoggedModelPoints, skipped);
        Ok(())
    }

    fn send_model_points(
        &self,
        folder: &LoggedModelFolder,
        model: &LoggedModel,
        points: Vec<LoggedModelMetric>,
    ) -> Result<(), Failure> {
        let sent = points.len();
        if sent == 0 {
            return Ok(());
        }
        self.tally.found(What::LoggedModelPoints, sent);
        let outcome = match self.ask(self.store.import_logged_model_points(model.clone(), points))? {
            Ok(outcome) => outcome,
            Err(error) => {
                self.tally.skipped(What::LoggedModelPoints, sent);
                self.tally
                    .problem(&refused(folder.path(), "metrics of the logged model", &error));
                return Ok(());
            }
        };
        self.tally.imported(What::LoggedModelPoints, outcome.inserted);
        self.tally.there(
            What::LoggedModelPoints,
            sent - outcome.inserted - outcome.of_unknown_runs,
        );
        if outcome.of_unknown_runs > 0 {
            self.tally
                .skipped(What::LoggedModelPoints, outcome.of_unknown_runs);
            let what = format!(
                "{} points were skipped: their runs are not in the database",
                outcome.of_unknown_runs
            );
            self.tally.problem(&Problem::new(folder.path(), what));
        }
        Ok(())
    }

    /// Imports the traces of an experiment.
    pub(super) fn import_traces(&self, experiment: &Imported) -> Result<(), Failure> {
        let report = &mut |problem: Problem| self.tally.problem(&problem);
        let Some(folder) = self.open_again(experiment) else {
            return Ok(());
        };
        for ids in folder.trace_ids(report).chunks(PER_CALL) {
            let known = self.need(self.store.find_traces_for_import(ids.to_vec()))?;
            let mut traces = Vec::new();
            for id in ids {
                if known.contains(id) {
                    self.tally.found(What::Traces, 1);
                    self.tally.there(What::Traces, 1);
                    continue;
                }
                match folder.trace(id, report) {
                    Ok(None) => {}
                    Ok(Some(trace)) => {
                        self.tally.found(What::Traces, 1);
                        let artifacts = trace.artifacts(report);
                        let mut stored = trace.stored;
                        let segments = [&experiment.id.to_string(), "traces", id, "artifacts"];
                        if let Some(tag) = stored.tags.iter_mut().find(|tag| tag.key == ARTIFACT_LOCATION)
                            && let Some(uri) = self.place_artifacts(Some(&tag.value), artifacts, &segments)
                        {
                            tag.value = uri;
                        }
                        traces.push(stored);
                    }
                    Err(problem) => {
                        self.tally.found(What::Traces, 1);
                        self.tally.skipped(What::Traces, 1);
                        self.tally.problem(&problem);
                    }
                }
            }
            self.store_traces(experiment, traces)?;
        }
        Ok(())
    }

    fn store_traces(&self, experiment: &Imported, traces: Vec<ImportedTrace>) -> Result<(), Failure> {
        if self
            .ask(self.store.import_traces(experiment.id, traces.clone()))?
            .is_ok()
        {
            self.count_traces(&traces);
            return Ok(());
        }
        for trace in traces {
            match self.ask(self.store.import_traces(experiment.id, vec![trace.clone()]))? {
                Ok(()) => self.count_traces(&[trace]),
                Err(error) => {
                    self.tally.skipped(What::Traces, 1);
                    let path = std::path::Path::new(&experiment.name)
                        .join("traces")
                        .join(&trace.trace_id);
                    self.tally.problem(&refused(path, "trace", &error));
                }
            }
        }
        Ok(())
    }

    fn count_traces(&self, traces: &[ImportedTrace]) {
        let assessments = traces.iter().map(|trace| trace.assessments.len()).sum();
        self.tally.imported(What::Traces, traces.len());
        self.tally.found(What::Assessments, assessments);
        self.tally.imported(What::Assessments, assessments);
    }

    /// Imports the registered models.
    pub(super) fn import_registered_models(&self) -> Result<(), Failure> {
        let report = &mut |problem: Problem| self.tally.problem(&problem);
        for folder in self.source.registered_models(report) {
            self.tally.found(What::RegisteredModels, 1);
            let mut model = match folder.read(report) {
                Ok(model) => model,
                Err(problem) => {
                    self.tally.skipped(What::RegisteredModels, 1);
                    self.tally.problem(&problem);
                    continue;
                }
            };
            if self.choice != ArtifactChoice::Keep {
                self.rewrite_sources(&mut model)?;
            }
            self.import_registered_model(folder.path(), model)?;
        }
        Ok(())
    }

    fn import_registered_model(&self, path: &std::path::Path, model: ImportedModel) -> Result<(), Failure> {
        let (name, versions) = (model.name.clone(), model.versions.len());
        self.tally.found(What::ModelVersions, versions);
        let import = ModelImport {
            model,
            on_conflict: self.name_conflict(),
        };
        let outcome = match self.ask(self.store.import_model(import))? {
            Ok(outcome) => outcome,
            Err(error) => {
                self.tally.skipped(What::RegisteredModels, 1);
                self.tally.skipped(What::ModelVersions, versions);
                self.tally.problem(&refused(path, "registered model", &error));
                return Ok(());
            }
        };
        let Some(new_name) = outcome.name else {
            self.tally.skipped(What::RegisteredModels, 1);
            self.tally.skipped(What::ModelVersions, versions);
            let text = format!("registered model `{name}` was skipped: another one has its name");
            self.tell_conflict(path, &text);
            return Ok(());
        };
        if new_name != name {
            self.tally
                .note(&format!("registered model `{name}` is called `{new_name}`"));
        }
        if outcome.was_created {
            self.tally.imported(What::RegisteredModels, 1);
        } else {
            self.tally.there(What::RegisteredModels, 1);
        }
        self.tally.imported(What::ModelVersions, outcome.new_versions);
        self.tally
            .there(What::ModelVersions, versions - outcome.new_versions);
        Ok(())
    }

    /// Lets versions point at where the artifacts of their runs and logged models are now.
    fn rewrite_sources(&self, model: &mut ImportedModel) -> Result<(), Failure> {
        let mut locations = model
            .versions
            .iter_mut()
            .flat_map(|version| [&mut version.source, &mut version.storage_location])
            .filter_map(|location| location.as_mut())
            .filter_map(|location| Some((place_in_store(location)?, location)))
            .collect::<Vec<_>>();
        for some in locations.chunks_mut(PER_CALL) {
            let (mut runs, mut models) = (Vec::new(), Vec::new());
            for (place, _) in some.iter() {
                match place {
                    OwnedPlace::OfRun { id, .. } => runs.push(id.to_string()),
                    OwnedPlace::OfModel { id, .. } => models.push(id.to_string()),
                }
            }
            let runs = self.need(self.store.find_runs_for_import(runs))?;
            let models = self.need(self.store.find_logged_models_for_import(models))?;
            let of_runs: HashMap<&str, &String> = runs
                .iter()
                .filter_map(|(id, run)| Some((id.as_str(), run.artifact_uri.as_ref()?)))
                .collect();
            for (place, location) in some {
                let (base, rest) = match place {
                    OwnedPlace::OfRun { id, rest } => (of_runs.get(id.as_str()).copied(), rest),
                    OwnedPlace::OfModel { id, rest } => (models.get(id.as_str()), rest),
                };
                if let Some(base) = base {
                    **location = if rest.is_empty() {
                        base.clone()
                    } else {
                        append_to_uri(base, &[rest])
                    };
                }
            }
        }
        Ok(())
    }

    fn open_again(&self, experiment: &Imported) -> Option<ExperimentFolder> {
        // Its problems were told the first time.
        self.source
            .experiment(&experiment.name, experiment.place, &mut |_| {})
            .ok()
    }
}

fn model_metric(file: &MetricFile<'_>, point: Point) -> LoggedModelMetric {
    let (dataset_name, dataset_digest) = point.dataset.unzip();
    LoggedModelMetric {
        key: file.key.as_str().to_owned(),
        value: point.value,
        timestamp_ms: point.timestamp_ms,
        step: point.step,
        run_id: RunId::from_row(point.run_id.unwrap_or_default()),
        dataset_name,
        dataset_digest,
    }
}
