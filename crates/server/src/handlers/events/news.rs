//! News put together until they are told.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use oxflow_core::{ExperimentId, RunId};
use oxflow_store::{Change, RunChange, What};
use oxflow_wire::{EventJson, RunEventJson};

/// Runs, and metrics of a run, that one event names; with more it says that everything changed.
const MAX_NAMED: usize = 1000;

/// What a listener wants to know of.
#[derive(Debug, Clone)]
pub(super) struct Watched {
    pub experiments: HashSet<ExperimentId>,
    pub runs: HashSet<RunId>,
    /// Where those runs are.
    pub experiments_of_runs: HashSet<ExperimentId>,
}

impl Watched {
    fn concerns(&self, change: &Change) -> bool {
        let run = change.run.as_ref();
        self.experiments.contains(&change.experiment_id)
            || (change.is_of_all_runs && self.experiments_of_runs.contains(&change.experiment_id))
            || run.is_some_and(|run| self.runs.contains(&run.run_id))
    }
}

/// What has happened since the last event.
#[derive(Debug, Default)]
pub(super) struct News {
    experiments: BTreeSet<ExperimentId>,
    runs: BTreeMap<RunId, RunNews>,
    /// Whether some news were lost, or are too many to be named.
    is_incomplete: bool,
}

#[derive(Debug)]
struct RunNews {
    experiment_id: ExperimentId,
    what: BTreeSet<What>,
    metrics: BTreeSet<String>,
    step: Option<i64>,
}

impl News {
    pub(super) fn is_empty(&self) -> bool {
        self.experiments.is_empty() && !self.is_incomplete
    }

    /// Takes those changes in that the listener wants to know of.
    pub(super) fn add(&mut self, watched: &Watched, changes: &[Change]) {
        for change in changes.iter().filter(|change| watched.concerns(change)) {
            if self.is_incomplete {
                return;
            }
            self.experiments.insert(change.experiment_id);
            if change.is_of_all_runs {
                self.lose();
            }
            if let Some(run) = &change.run {
                self.add_run(change.experiment_id, run);
            }
        }
    }

    fn add_run(&mut self, experiment_id: ExperimentId, change: &RunChange) {
        let run = self.runs.entry(change.run_id.clone()).or_insert_with(|| RunNews {
            experiment_id,
            what: BTreeSet::new(),
            metrics: BTreeSet::new(),
            step: None,
        });
        run.what.extend(&change.what);
        run.metrics.extend(change.metrics.iter().cloned());
        run.step = run.step.max(change.step);
        if run.metrics.len() > MAX_NAMED || self.runs.len() > MAX_NAMED {
            self.lose();
        }
    }

    /// Notes that something was missed: everything has to be read again.
    pub(super) fn lose(&mut self) {
        *self = Self {
            is_incomplete: true,
            ..Self::default()
        };
    }

    /// The event, after which there are no news.
    pub(super) fn take(&mut self, watched: &Watched) -> EventJson {
        let news = std::mem::take(self);
        let mut experiments: Vec<ExperimentId> = news.experiments.into_iter().collect();
        if news.is_incomplete {
            experiments = watched.experiments.iter().copied().collect();
            experiments.sort_unstable();
        }
        EventJson {
            runs: news.runs.into_iter().map(|(id, run)| run.json(&id)).collect(),
            experiments: experiments.iter().map(ToString::to_string).collect(),
            all: news.is_incomplete,
        }
    }
}

impl RunNews {
    fn json(self, id: &RunId) -> RunEventJson {
        RunEventJson {
            run_id: id.to_string(),
            experiment_id: self.experiment_id.to_string(),
            metrics: self.metrics.into_iter().collect(),
            step: self.step,
            what: self.what.into_iter().map(name).collect(),
        }
    }
}

fn name(what: What) -> &'static str {
    match what {
        What::Metrics => "metrics",
        What::Params => "params",
        What::Tags => "tags",
        What::Inputs => "inputs",
        What::Status => "status",
        What::Created => "created",
        What::Deleted => "deleted",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn experiment(id: &str) -> ExperimentId {
        ExperimentId::parse(id).unwrap()
    }

    fn watched(experiments: &[&str], runs: &[&str]) -> Watched {
        Watched {
            experiments: experiments.iter().map(|id| experiment(id)).collect(),
            runs: runs.iter().map(|id| RunId::parse(id).unwrap()).collect(),
            experiments_of_runs: HashSet::new(),
        }
    }

    fn points(experiment_id: &str, run: &str, key: &str, step: i64) -> Change {
        Change {
            experiment_id: experiment(experiment_id),
            run: Some(RunChange {
                run_id: RunId::parse(run).unwrap(),
                what: vec![What::Metrics],
                metrics: vec![key.to_owned()],
                step: Some(step),
            }),
            is_of_all_runs: false,
        }
    }

    #[test]
    fn changes_of_a_run_are_put_together() {
        let all = watched(&["1"], &[]);
        let mut news = News::default();
        news.add(&all, &[points("1", "a", "loss", 7), points("1", "a", "acc", 3)]);
        news.add(&all, &[points("1", "a", "loss", 5)]);
        let event = serde_json::to_value(news.take(&all)).unwrap();
        let run = json!({"run_id": "a", "experiment_id": "1", "metrics": ["acc", "loss"], "step": 7, "what": ["metrics"]});
        assert_eq!(event, json!({"runs": [run], "experiments": ["1"]}));
        assert!(news.is_empty());
    }

    #[test]
    fn only_what_is_watched_is_told() {
        let some = watched(&["1"], &["c"]);
        let mut news = News::default();
        news.add(&some, &[points("2", "b", "loss", 1)]);
        assert!(news.is_empty());
        news.add(&some, &[points("2", "c", "loss", 1)]);
        let event = serde_json::to_value(news.take(&some)).unwrap();
        assert_eq!(event["runs"][0]["run_id"], "c");
    }

    #[test]
    fn who_missed_something_reads_everything_again() {
        let some = watched(&["1", "2"], &[]);
        let mut news = News::default();
        news.add(&some, &[points("1", "b", "loss", 1)]);
        news.lose();
        assert!(!news.is_empty());
        let event = serde_json::to_value(news.take(&some)).unwrap();
        assert_eq!(event, json!({"runs": [], "experiments": ["1", "2"], "all": true}));
        for i in 0..=MAX_NAMED {
            news.add(&some, &[points("1", &format!("{i:032x}"), "loss", 1)]);
        }
        assert!(news.take(&some).all);
    }

    #[test]
    fn runs_beyond_those_that_an_event_names_are_everything() {
        let one = watched(&["1"], &[]);
        let many: Vec<Change> = (0..MAX_NAMED + 3)
            .map(|i| points("1", &format!("{i:032x}"), "loss", 1))
            .collect();
        let mut news = News::default();
        news.add(&one, &many);
        let event = serde_json::to_value(news.take(&one)).unwrap();
        assert_eq!(event, json!({"runs": [], "experiments": ["1"], "all": true}));
    }
}
