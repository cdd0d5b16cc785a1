//! What happens in experiments, in a few numbers.

use std::collections::HashMap;

use oxflow_auth::Visible;
use oxflow_core::{Experiment, ExperimentId, LifecycleStage, RunStatus, ViewType};

use crate::conditions::Sql;
use crate::experiment_search::push_stages;
use crate::experiments::{EXPERIMENT_COLUMNS, read_experiment};
use crate::{DbError, Result, Store, Tx};

/// An experiment with the numbers of its runs.
#[derive(Debug, Clone)]
pub struct ExperimentSummary {
    /// The experiment.
    pub experiment: Experiment,
    /// Its runs.
    pub runs: RunCounts,
}

/// How many runs an experiment has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunCounts {
    /// Active runs.
    pub active: i64,
    /// Active runs that are running.
    pub running: i64,
    /// Deleted runs.
    pub deleted: i64,
    /// The latest start or end of an active run, ms since 1970.
    pub last_activity_ms: Option<i64>,
}

impl Store {
    /// All experiments of a view that may be shown, with the numbers of their runs; the one that was created last comes first. Of
    /// their tags those that are views are left out.
    pub async fn experiment_summaries(
        &self,
        view: ViewType,
        visible: Visible,
    ) -> Result<Vec<ExperimentSummary>> {
        self.read(move |tx| {
            let mut sql = Sql::new(tx.dialect(), "SELECT ");
            sql.push(EXPERIMENT_COLUMNS)
                .push(" FROM experiments e WHERE workspace = 'default' AND lifecycle_stage IN (");
            push_stages(&mut sql, view);
            sql.push(")")
                .push_visible_experiments("e.experiment_id", &visible)
                .push(" ORDER BY creation_time DESC, experiment_id ASC");
            let mut experiments = tx.query(sql.text(), sql.values(), read_experiment)?;
            tx.fill_experiment_tags_but_views(&mut experiments)?;
            let mut counts = tx.count_runs()?;
            let summary = |experiment: Experiment| ExperimentSummary {
                runs: counts.remove(&experiment.id).unwrap_or_default(),
                experiment,
            };
            Ok(experiments.into_iter().map(summary).collect())
        })
        .await
    }
}

impl Tx<'_> {
    fn count_runs(&mut self) -> Result<HashMap<ExperimentId, RunCounts>, DbError> {
        let mut sql = Sql::new(
            self.dialect(),
            "SELECT experiment_id, lifecycle_stage, COUNT(*), COUNT(CASE WHEN status = ",
        );
        sql.bind(RunStatus::Running.as_str()).push(
            " THEN 1 END), MAX(start_time), MAX(end_time)
               FROM runs WHERE experiment_id IS NOT NULL GROUP BY experiment_id, lifecycle_stage",
        );
        let mut counts: HashMap<ExperimentId, RunCounts> = HashMap::new();
        self.for_each(sql.text(), sql.values(), |row| {
            let of_experiment = counts.entry(ExperimentId::from_row(row.int(0)?)).or_default();
            let stage = row.text_or_null(1)?.unwrap_or_default();
            if LifecycleStage::from_row(&stage) == LifecycleStage::Deleted {
                of_experiment.deleted += row.int(2)?;
                return Ok(());
            }
            of_experiment.active += row.int(2)?;
            of_experiment.running += row.int(3)?;
            let latest = row.int_or_null(4)?.max(row.int_or_null(5)?);
            of_experiment.last_activity_ms = of_experiment.last_activity_ms.max(latest);
            Ok(())
        })?;
        Ok(counts)
    }
}
