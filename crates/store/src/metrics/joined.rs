//! Points of several requests, written together.

use std::collections::{BTreeMap, HashMap};

use oxflow_core::{Metric, RunId, RunInfo};

use super::{Derived, in_order_of_the_table};
use crate::runs::active;
use crate::{Change, DbError, Result, StoreError, Tx, What};

/// The points that one request logs to one run, none of them of a logged model.
#[derive(Debug)]
pub(crate) struct LoggedPoints {
    /// The run.
    pub run_id: RunId,
    /// In any order, perhaps repeated.
    pub points: Vec<Metric>,
}

impl Tx<'_> {
    /// Appends the points of all requests with as many statements as one takes; says of each request whether its run is
    /// there and active. What is refused has written nothing.
    ///
    /// Rows are taken in the order of run and key in each table, `metrics` before `latest_metrics`: so two such transactions,
    /// or one and a `log-batch`, never wait for each other in a circle.
    pub(crate) fn log_points_of_runs(
        &mut self,
        requests: &[LoggedPoints],
        derived: &Derived,
    ) -> Result<Vec<Result<()>>> {
        let runs = self.runs_for_points(requests, derived)?;
        let mut points: Vec<(&RunId, &Metric)> = Vec::new();
        let mut packed: BTreeMap<&RunId, Vec<&Metric>> = BTreeMap::new();
        let mut outcomes = Vec::with_capacity(requests.len());
        for request in requests {
            let Some((run, has_packed)) = runs.get(&request.run_id) else {
                outcomes.push(Err(StoreError::NoSuchRun {
                    id: request.run_id.to_string(),
                }));
                continue;
            };
            let run = match active(run.clone()) {
                Ok(run) => run,
                Err(error) => {
                    outcomes.push(Err(error));
                    continue;
                }
            };
            points.extend(request.points.iter().map(|point| (&request.run_id, point)));
            if *has_packed {
                packed.entry(&request.run_id).or_default().extend(&request.points);
            }
            self.tell(|| Change::of_run(&run, [What::Metrics]).with_points(&request.points));
            outcomes.push(Ok(()));
        }
        points.sort_by(|(run, a), (other, b)| run.cmp(other).then_with(|| in_order_of_the_table(a, b)));
        points.dedup_by(|(run, a), (other, b)| run == other && in_order_of_the_table(a, b).is_eq());
        let inserted = self.import_metrics(&points)?;
        if inserted > 0 {
            for (run_id, points) in packed {
                self.mark_behind(run_id, &points)?;
            }
        }
        Ok(outcomes)
    }

    /// The runs of the requests that exist, and whether series of them are packed.
    fn runs_for_points(
        &mut self,
        requests: &[LoggedPoints],
        derived: &Derived,
    ) -> Result<HashMap<RunId, (RunInfo, bool)>, DbError> {
        let mut ids: Vec<String> = requests
            .iter()
            .map(|request| request.run_id.to_string())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        self.read_runs_for_points(&ids, derived)
    }
}
