//! News of committed writes, for whoever listens.

use std::sync::Arc;

use oxflow_core::{ExperimentId, Metric, RunId, RunInfo};
use tokio::sync::broadcast;

use crate::Tx;

/// News that wait for a listener; one that is further behind learns that it missed some.
const KEPT: usize = 1024;

/// What listeners are told at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// What one write of this process changed.
    Written(Vec<Change>),
    /// Another program has changed something; nobody knows what.
    Elsewhere,
}

/// Something that a write changed in an experiment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The experiment.
    pub experiment_id: ExperimentId,
    /// The run, unless it is the experiment itself that changed.
    pub run: Option<RunChange>,
    /// Whether all its runs changed with the experiment.
    pub is_of_all_runs: bool,
}

/// What changed of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunChange {
    /// The run.
    pub run_id: RunId,
    /// What of it.
    pub what: Vec<What>,
    /// The metrics that got points.
    pub metrics: Vec<String>,
    /// The greatest step of those points.
    pub step: Option<i64>,
}

/// A part of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum What {
    Metrics,
    Params,
    Tags,
    /// Datasets and models that went in or came out.
    Inputs,
    /// The status, the end or the name.
    Status,
    /// The run is new, or back from the trash.
    Created,
    Deleted,
}

impl Change {
    /// Of the experiment itself.
    pub(crate) fn of_experiment(experiment_id: ExperimentId) -> Self {
        Self {
            experiment_id,
            run: None,
            is_of_all_runs: false,
        }
    }

    /// Of the experiment and all its runs.
    pub(crate) fn of_all_runs(experiment_id: ExperimentId) -> Self {
        Self {
            is_of_all_runs: true,
            ..Self::of_experiment(experiment_id)
        }
    }

    /// Of a run.
    pub(crate) fn of_run(run: &RunInfo, what: impl Into<Vec<What>>) -> Self {
        Self {
            experiment_id: run.experiment_id,
            run: Some(RunChange {
                run_id: run.run_id.clone(),
                what: what.into(),
                metrics: Vec::new(),
                step: None,
            }),
            is_of_all_runs: false,
        }
    }

    /// The same with the metrics that got points.
    pub(crate) fn with_points(mut self, points: &[Metric]) -> Self {
        if let Some(run) = &mut self.run {
            let mut keys: Vec<&str> = points.iter().map(|metric| metric.key.as_str()).collect();
            keys.sort_unstable();
            keys.dedup();
            run.metrics = keys.into_iter().map(str::to_owned).collect();
            run.step = points.iter().map(|metric| metric.step).max();
        }
        self
    }
}

/// Where news go.
#[derive(Debug, Clone)]
pub(crate) struct Changes(broadcast::Sender<Arc<News>>);

impl Default for Changes {
    fn default() -> Self {
        Self(broadcast::Sender::new(KEPT))
    }
}

impl Changes {
    /// What is committed from now on, one write at a time.
    pub(crate) fn listen(&self) -> broadcast::Receiver<Arc<News>> {
        self.0.subscribe()
    }

    /// Whether anybody listens; otherwise news need not be made.
    pub(crate) fn are_heard(&self) -> bool {
        self.0.receiver_count() > 0
    }

    /// Tells of a committed write.
    pub(crate) fn tell(&self, changes: Vec<Change>) {
        if !changes.is_empty() {
            self.send(News::Written(changes));
        }
    }

    /// Tells that another program has changed something.
    pub(crate) fn tell_elsewhere(&self) {
        self.send(News::Elsewhere);
    }

    fn send(&self, news: News) {
        // Fails if nobody listens any more.
        drop(self.0.send(Arc::new(news)));
    }
}

impl Tx<'_> {
    /// Tells listeners of a change, once it is committed. Costs nothing while nobody listens.
    pub(crate) fn tell(&mut self, change: impl FnOnce() -> Change) {
        if let Some(news) = self.news() {
            news.push(change());
        }
    }
}
