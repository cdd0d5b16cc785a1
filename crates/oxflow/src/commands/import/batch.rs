//! Runs that are stored together: one transaction for many small ones.

use std::path::PathBuf;

use oxflow_core::{Run, RunId};
use oxflow_filestore::Problem;
use oxflow_store::{RunImport, StoreError};

use super::tally::What;
use super::{ENTROPY, Import};
use crate::failure::Failure;

/// What one transaction holds at the most: it is to take a fraction of a second.
pub(super) const MAX_POINTS: usize = 5_000;
const MAX_RUNS: usize = 100;
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// Runs that wait for their transaction.
#[derive(Debug, Default)]
pub(super) struct Batch {
    runs: Vec<Waiting>,
    points: usize,
    bytes: usize,
}

/// A run that waits.
#[derive(Debug)]
pub(super) struct Waiting {
    /// Its folder.
    pub path: PathBuf,
    /// Itself.
    pub import: RunImport,
    /// Whether the database has a part of it.
    pub is_known: bool,
}

impl Batch {
    pub(super) fn push(&mut self, run: Waiting) {
        self.points += run.import.points.len();
        self.bytes += text_bytes(&run.import.run.run);
        self.runs.push(run);
    }

    /// Whether it is worth a transaction.
    pub(super) fn is_full(&self) -> bool {
        self.runs.len() >= MAX_RUNS || self.points >= MAX_POINTS || self.bytes >= MAX_BYTES
    }
}

fn text_bytes(run: &Run) -> usize {
    let pairs = run.params.iter().chain(&run.tags);
    let inputs = run.dataset_inputs.iter().map(|input| {
        let dataset = &input.dataset;
        dataset.source.len()
            + dataset.schema.as_ref().map_or(0, String::len)
            + dataset.profile.as_ref().map_or(0, String::len)
    });
    pairs.map(|pair| pair.key.len() + pair.value.len()).sum::<usize>() + inputs.sum::<usize>()
}

impl Import<'_> {
    /// Stores the runs of a batch; one that the database refuses costs no other. Returns the stored ones.
    pub(super) fn store_batch(&self, batch: &mut Batch) -> Result<Vec<RunId>, Failure> {
        let runs = std::mem::take(batch).runs;
        if runs.is_empty() {
            return Ok(Vec::new());
        }
        let imports: Vec<RunImport> = runs.iter().map(|run| run.import.clone()).collect();
        match self.ask(self.store.import_runs(imports, ENTROPY))? {
            Ok(new_points) => {
                let points = runs.iter().map(|run| run.import.points.len()).sum();
                self.count_points(points, new_points);
                Ok(runs.iter().map(|run| self.count_run(run)).collect())
            }
            Err(_) => self.store_one_by_one(runs),
        }
    }

    fn store_one_by_one(&self, runs: Vec<Waiting>) -> Result<Vec<RunId>, Failure> {
        let mut stored = Vec::new();
        for run in runs {
            match self.ask(self.store.import_runs(vec![run.import.clone()], ENTROPY))? {
                Ok(new_points) => {
                    self.count_points(run.import.points.len(), new_points);
                    stored.push(self.count_run(&run));
                }
                Err(error) => {
                    self.tally.skipped(What::Runs, 1);
                    self.tally.skipped(What::Points, run.import.points.len());
                    self.tally.problem(&refused(run.path, "run", &error));
                }
            }
        }
        Ok(stored)
    }

    /// Counts points that were sent to the database, and how many of them were new there.
    pub(super) fn count_points(&self, sent: usize, new: usize) {
        self.tally.imported(What::Points, new);
        self.tally.there(What::Points, sent - new.min(sent));
        self.tally.equal_points(sent - new.min(sent));
    }

    fn count_run(&self, waiting: &Waiting) -> RunId {
        let run = &waiting.import.run.run;
        let count = |what, count| {
            if waiting.is_known {
                self.tally.there(what, count);
            } else {
                self.tally.imported(what, count);
            }
        };
        count(What::Runs, 1);
        for (what, number) in [
            (What::Params, run.params.len()),
            (What::Tags, run.tags.len()),
            (What::DatasetInputs, run.dataset_inputs.len()),
            (What::ModelEdges, run.model_inputs.len() + run.model_outputs.len()),
        ] {
            self.tally.found(what, number);
            count(what, number);
        }
        run.info.run_id.clone()
    }
}

/// Something that the database did not take.
pub(super) fn refused(path: impl Into<PathBuf>, what: &str, error: &StoreError) -> Problem {
    let mut text = format!("the {what} was skipped: {error}");
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    Problem::new(path, text)
}
