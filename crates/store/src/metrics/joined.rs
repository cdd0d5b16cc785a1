//! Points of several requests, written together.

use std::collections::{BTreeSet, HashMap};

use oxflow_core::{Metric, RunId, RunInfo};

use super::{Derived, INSERT, UPSERT_LATEST, in_order_of_the_table};
use crate::driver::Kind;
use crate::runs::{RUN_COLUMNS, active, read_run_info};
use crate::{Change, DbError, Dialect, Result, StoreError, Tx, Value, What};

/// The points that one request logs to one run, none of them of a logged model.
#[derive(Debug)]
pub(crate) struct LoggedPoints {
    /// The run.
    pub run_id: RunId,
    /// In any order, perhaps repeated.
    pub points: Vec<Metric>,
}

/// Reads the runs, and writes the points of those that are active and have no packed series: in one round trip, which
/// is the whole transaction. `WHERE … >= 0` makes the rows of `metrics` come first.
fn insert_points_of_runs(dialect: Dialect, has_series_tables: bool) -> String {
    let has_packed = match has_series_tables {
        true => "EXISTS (SELECT 1 FROM oxflow_series h WHERE h.run_uuid = r.run_uuid)",
        false => "FALSE",
    };
    let lists: Vec<String> = (2..=8).map(|n| dialect.unseen(&format!("${n}"))).collect();
    let (run_ids, lists) = (dialect.unseen("$1"), lists.join(", "));
    let (insert_point, on_known_point) = (INSERT.head(), INSERT.on_conflict);
    let (insert_latest, on_known_metric) = (UPSERT_LATEST.head(), UPSERT_LATEST.on_conflict);
    format!(
        "WITH run AS MATERIALIZED (
             SELECT {RUN_COLUMNS}, {has_packed} AS has_packed FROM runs r 
              WHERE r.run_uuid = ANY (CAST({run_ids} AS TEXT[]))
         ), logged AS MATERIALIZED (
             SELECT p.*
               FROM unnest({lists}) WITH ORDINALITY
                    AS p (run_uuid, key, value, timestamp, step, is_nan, is_latest, place)
               JOIN run ON run.run_uuid = p.run_uuid
              WHERE run.lifecycle_stage IS DISTINCT FROM 'deleted' AND NOT run.has_packed
              ORDER BY p.place
         ), point AS (
             {insert_point} SELECT key, value, timestamp, run_uuid, step, is_nan FROM logged {on_known_point}
             RETURNING 1
         ), latest AS (
             {insert_latest} SELECT key, value, timestamp, step, is_nan, run_uuid FROM logged
              WHERE is_latest AND (SELECT COUNT(*) FROM point) >= 0
             {on_known_metric}
         )
         SELECT {RUN_COLUMNS}, r.has_packed FROM run r"
    )
}

impl Tx<'_> {
    /// Appends the points of all requests; says of each request whether its run is there and active. What is refused has
    /// written nothing.
    ///
    /// Rows are taken in the order of run and key in each table, `metrics` before `latest_metrics`: so two such transactions,
    /// or one and a `log-batch`, never wait for each other in a circle.
    pub(crate) fn log_points_of_runs(
        &mut self,
        requests: &[LoggedPoints],
        derived: &Derived,
    ) -> Result<Vec<Result<()>>> {
        let runs = self.insert_points_of_runs(requests, derived)?;
        let mut outcomes = Vec::with_capacity(requests.len());
        let mut of_packed_runs: Vec<&LoggedPoints> = Vec::new();
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
            if *has_packed {
                of_packed_runs.push(request);
            }
            self.tell(|| Change::of_run(&run, [What::Metrics]).with_points(&request.points));
            outcomes.push(Ok(()));
        }
        self.insert_points_of_packed_runs(&of_packed_runs)?;
        Ok(outcomes)
    }

    /// Writes the points of runs that are active and have no packed series. Returns the runs that exist, deleted ones too,
    /// and whether series of them are packed.
    fn insert_points_of_runs(
        &mut self,
        requests: &[LoggedPoints],
        derived: &Derived,
    ) -> Result<HashMap<RunId, (RunInfo, bool)>, DbError> {
        let points = in_order(requests);
        let are_latest = are_latest(&points);
        let run_ids: BTreeSet<&RunId> = requests.iter().map(|request| &request.run_id).collect();
        let column = |kind: Kind, value: &dyn Fn(&RunId, &Metric) -> Value<'static>| {
            let values = points.iter().map(|(run_id, metric)| value(run_id, metric));
            (kind, values.collect::<Vec<Value<'_>>>())
        };
        let columns = vec![
            (
                Kind::Text,
                run_ids.iter().map(|run_id| run_id.as_str().into()).collect(),
            ),
            (
                Kind::Text,
                points.iter().map(|(run_id, _)| run_id.as_str().into()).collect(),
            ),
            (
                Kind::Text,
                points
                    .iter()
                    .map(|(_, point)| point.key.as_str().into())
                    .collect(),
            ),
            column(Kind::Real, &|_, point| point.value.stored.into()),
            column(Kind::Int, &|_, point| point.timestamp_ms.into()),
            column(Kind::Int, &|_, point| point.step.into()),
            column(Kind::Bool, &|_, point| point.value.is_nan.into()),
            (Kind::Bool, are_latest.into_iter().map(Value::from).collect()),
        ];
        let sql = insert_points_of_runs(self.dialect(), derived.is_there());
        let read = self.query_alone(&sql, columns, |row| {
            let run = read_run_info(row)?;
            Ok((run.run_id.clone(), (run, row.truth(9)?)))
        });
        Ok(self.or_nothing(read, derived)?.into_iter().collect())
    }

    /// Writes points of runs that are active and have packed series, which may have to be packed anew.
    fn insert_points_of_packed_runs(&mut self, requests: &[&LoggedPoints]) -> Result<()> {
        let inserted = self.import_metrics(&in_order(requests.iter().copied()))?;
        if inserted > 0 {
            for request in requests {
                let points: Vec<&Metric> = request.points.iter().collect();
                self.mark_behind(&request.run_id, &points)?;
            }
        }
        Ok(())
    }
}

/// Each point once, in the order of run and of the table.
fn in_order<'r>(requests: impl IntoIterator<Item = &'r LoggedPoints>) -> Vec<(&'r RunId, &'r Metric)> {
    let mut points: Vec<(&RunId, &Metric)> = requests
        .into_iter()
        .flat_map(|request| request.points.iter().map(|point| (&request.run_id, point)))
        .collect();
    points.sort_by(|(run, a), (other, b)| run.cmp(other).then_with(|| in_order_of_the_table(a, b)));
    points.dedup_by(|(run, a), (other, b)| run == other && in_order_of_the_table(a, b).is_eq());
    points
}

/// Of each point whether it is the latest one of its run and key.
fn are_latest(points: &[(&RunId, &Metric)]) -> Vec<bool> {
    let mut are_latest = vec![false; points.len()];
    let mut latest: HashMap<(&RunId, &str), usize> = HashMap::with_capacity(points.len());
    for (i, (run_id, point)) in points.iter().enumerate() {
        let place = latest.entry((*run_id, point.key.as_str())).or_insert(i);
        if point.is_later_than(points[*place].1) {
            *place = i;
        }
    }
    for place in latest.into_values() {
        are_latest[place] = true;
    }
    are_latest
}
