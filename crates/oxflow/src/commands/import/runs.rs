//! Runs and the points of their metrics.

use oxflow_core::{ExperimentId, Metric, RunId};
use oxflow_filestore::{ExperimentFolder, MetricFile, Point, RunFolder};
use oxflow_store::RunImport;

use super::Import;
use super::batch::{Batch, MAX_POINTS, Waiting};
use super::tally::What;
use crate::failure::Failure;

/// Ids that the database is asked for together.
const IDS_PER_QUESTION: usize = 500;

impl Import<'_> {
    /// Imports the runs of an experiment, which has this id in the database.
    pub(super) fn import_runs(&self, folder: &ExperimentFolder, id: ExperimentId) -> Result<(), Failure> {
        let ids = folder.run_ids(&mut |problem| self.tally.problem(&problem));
        let mut batch = Batch::default();
        for ids in ids.chunks(IDS_PER_QUESTION) {
            let known = self.need(self.store.find_runs_for_import(ids.to_vec()))?;
            for name in ids {
                if known.get(name).is_some_and(|run| !run.is_unfinished) {
                    self.tally.found(What::Runs, 1);
                    self.tally.there(What::Runs, 1);
                    continue;
                }
                let losses = self.tally.losses();
                match folder.run(name, &mut |problem| self.tally.problem(&problem)) {
                    Ok(None) => {}
                    Ok(Some(run)) => {
                        self.tally.found(What::Runs, 1);
                        let state = State {
                            is_known: known.contains_key(name),
                            losses,
                        };
                        self.import_run(&run, id, state, &mut batch)?;
                    }
                    Err(problem) => {
                        self.tally.found(What::Runs, 1);
                        self.tally.skipped(What::Runs, 1);
                        self.tally.problem(&problem);
                    }
                }
                self.tally.tick();
            }
        }
        self.store_batch(&mut batch).map(drop)
    }

    fn import_run(
        &self,
        folder: &RunFolder,
        experiment: ExperimentId,
        state: State,
        batch: &mut Batch,
    ) -> Result<(), Failure> {
        let mut run = folder.stored.clone();
        let info = &mut run.run.info;
        info.experiment_id = experiment;
        let segments = [&experiment.to_string(), info.run_id.as_str(), "artifacts"];
        let artifacts = folder.artifacts(&mut |problem| self.tally.problem(&problem));
        info.artifact_uri = self.place_artifacts(info.artifact_uri.as_deref(), artifacts, &segments);
        let run_id = info.run_id.clone();
        let mut points = Points {
            import: self,
            run_id: &run_id,
            waiting: Vec::new(),
            first: Some(RunImport {
                run,
                points: Vec::new(),
                is_whole: false,
            }),
            path: folder.path(),
            state,
            batch,
            outcome: Ok(()),
        };
        folder.for_each_metric_file(&mut |problem| self.tally.problem(&problem), &mut |file, _| {
            points.read(file);
        });
        points.finish()
    }
}

/// What is known about a run that is being imported.
#[derive(Debug, Clone, Copy)]
struct State {
    /// Whether the database has a part of it.
    is_known: bool,
    /// Losses that were told before it was read.
    losses: u64,
}

/// The points of a run on their way: with the run if they are few, after it if they are many.
struct Points<'p, 'a> {
    import: &'p Import<'a>,
    run_id: &'p RunId,
    waiting: Vec<Metric>,
    /// The run, until it is stored.
    first: Option<RunImport>,
    path: &'p std::path::Path,
    state: State,
    batch: &'p mut Batch,
    /// Why no more is to be read. The run itself may have been refused.
    outcome: Result<(), Stop>,
}

/// Why the rest of a run is not imported.
enum Stop {
    /// The run was skipped, as was told.
    Skipped,
    /// The whole import ends.
    Failed(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Points<'_, '_> {
    fn read(&mut self, file: &MetricFile<'_>) {
        let tally = &self.import.tally;
        let mut lines = match file.lines() {
            Ok(lines) => lines,
            Err(problem) => return tally.problem(&problem),
        };
        while self.outcome.is_ok() {
            match lines.next() {
                None => break,
                Some(Ok(point)) => self.push(metric(file, &point)),
                Some(Err(problem)) => tally.problem(&problem),
            }
        }
        let skipped = usize::try_from(lines.skipped()).unwrap_or(usize::MAX);
        tally.found(What::Points, skipped);
        tally.skipped(What::Points, skipped);
    }

    fn push(&mut self, metric: Metric) {
        self.import.tally.found(What::Points, 1);
        self.waiting.push(metric);
        if self.waiting.len() >= MAX_POINTS {
            self.outcome = self.send();
        }
    }

    /// Stores the run, if it is not yet, and the points that wait.
    fn send(&mut self) -> Result<(), Stop> {
        let points = std::mem::take(&mut self.waiting);
        let Some(first) = self.first.take() else {
            let sent = points.len();
            let call = self.import.store.import_points(self.run_id.clone(), points);
            self.import.count_points(sent, self.import.need(call)?);
            return Ok(());
        };
        // What is told of other runs of the batch is no loss of this one.
        let before = self.import.tally.losses();
        self.import.store_batch(self.batch)?;
        self.state.losses += self.import.tally.losses() - before;
        self.push_run(RunImport { points, ..first });
        if self.import.store_batch(self.batch)?.is_empty() {
            return Err(Stop::Skipped);
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(), Failure> {
        let is_small = self.first.is_some() && !self.state.is_known;
        if is_small && self.outcome.is_ok() {
            // Few points: the run waits for others to share its transaction.
            if let Some(first) = self.first.take() {
                let points = std::mem::take(&mut self.waiting);
                let is_whole = self.is_whole();
                self.push_run(RunImport {
                    points,
                    is_whole,
                    ..first
                });
            }
            if self.batch.is_full() {
                self.import.store_batch(self.batch)?;
            }
            return Ok(());
        }
        if self.outcome.is_ok() {
            self.outcome = self.send();
        }
        match self.outcome {
            Ok(()) if self.is_whole() => self
                .import
                .need(self.import.store.finish_run_import(self.run_id.clone())),
            Ok(()) | Err(Stop::Skipped) => Ok(()),
            Err(Stop::Failed(failure)) => Err(failure),
        }
    }

    /// Whether nothing of the run was lost; if something was, the next import reads it again.
    fn is_whole(&self) -> bool {
        self.import.tally.losses() == self.state.losses
    }

    fn push_run(&mut self, import: RunImport) {
        self.batch.push(Waiting {
            path: self.path.to_owned(),
            import,
            is_known: self.state.is_known,
        });
    }
}

fn metric(file: &MetricFile<'_>, point: &Point) -> Metric {
    Metric {
        key: file.key.clone(),
        value: point.value,
        timestamp_ms: point.timestamp_ms,
        step: point.step,
        source: None,
    }
}
