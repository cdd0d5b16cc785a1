//! Finding what is deleted.

use std::collections::HashSet;

use oxflow_core::{ExperimentId, LifecycleStage, ModelId, RunId};

use super::{
    Kept, KeptBecause, Trash, TrashItem, TrashQuery, TrashedExperiment, TrashedModel, TrashedRun, Which,
};
use crate::experiments::stage;
use crate::{DbError, Result, Row, Store, Tx, Value};

const RUNS: &str = "
    SELECT r.run_uuid, e.experiment_id, r.artifact_uri, r.lifecycle_stage, r.deleted_time
      FROM runs r
      JOIN experiments e ON e.experiment_id = r.experiment_id
     WHERE ";

const LOGGED_MODELS: &str = "
    SELECT m.model_id, e.experiment_id, m.artifact_location, m.lifecycle_stage, m.last_updated_timestamp_ms
      FROM logged_models m
      JOIN experiments e ON e.experiment_id = m.experiment_id
     WHERE ";

const EXPERIMENTS: &str = "
    SELECT e.experiment_id, e.name, e.artifact_location, e.lifecycle_stage, e.last_update_time
      FROM experiments e
     WHERE ";

impl Store {
    /// Looks for what can be removed, and says of everything else that was asked for why it cannot. Changes nothing, and
    /// does not know which of it versions of registered models come from ([`Store::versions_by_origin`]).
    pub async fn find_trash(&self, query: TrashQuery) -> Result<Trash> {
        self.read(move |tx| tx.find_trash(&query)).await
    }

    /// Whether there is a workspace of that name.
    pub async fn has_workspace(&self, name: String) -> Result<bool> {
        self.read(move |tx| {
            let sql = "SELECT 1 FROM workspaces WHERE name = $1";
            Ok(tx.query_first(sql, &[(&name).into()], |_| Ok(()))?.is_some())
        })
        .await
    }
}

impl Tx<'_> {
    fn find_trash(&mut self, query: &TrashQuery) -> Result<Trash> {
        let mut trash = Trash::default();
        self.find_trashed_experiments(query, &mut trash)?;
        let whole: Vec<i64> = trash
            .experiments
            .iter()
            .map(|experiment| experiment.id.get())
            .collect();
        self.find_trashed_runs(query, &whole, &mut trash)?;
        self.find_trashed_models(query, &whole, &mut trash)?;
        trash.keep_experiments_with_contents();
        Ok(trash)
    }

    fn find_trashed_experiments(&mut self, query: &TrashQuery, trash: &mut Trash) -> Result<(), DbError> {
        let search = Search::new(query, "e.lifecycle_stage", "e.last_update_time");
        let ids = match &query.experiments {
            Which::None => return Ok(()),
            Which::All => None,
            Which::Named(ids) => Some(ids.iter().map(|id| id.get()).collect::<Vec<i64>>()),
        };
        let (condition, values) = match &ids {
            None => search.deleted(),
            Some(ids) => search.among(self, "e.experiment_id", ids.as_slice().into()),
        };
        let sql = format!("{EXPERIMENTS}{condition} ORDER BY e.experiment_id");
        let mut seen = HashSet::new();
        self.for_each(&sql, &values, |row| {
            let id = ExperimentId::from_row(row.int(0)?);
            seen.insert(id);
            if let Some(why) = query.reason_to_keep(row)? {
                trash.kept.push(Kept::new(TrashItem::Experiment(id), why, None));
                return Ok(());
            }
            trash.experiments.push(TrashedExperiment {
                id,
                name: row.text(1)?,
                artifact_location: row.text_or_null(2)?,
            });
            Ok(())
        })?;
        if let Which::Named(ids) = &query.experiments {
            let missing = ids.iter().filter(|id| !seen.contains(id));
            trash.miss(missing.map(|id| TrashItem::Experiment(*id)));
        }
        Ok(())
    }

    fn find_trashed_runs(
        &mut self,
        query: &TrashQuery,
        whole: &[i64],
        trash: &mut Trash,
    ) -> Result<(), DbError> {
        let search = Search::new(query, "r.lifecycle_stage", "r.deleted_time");
        let mut seen = HashSet::new();
        let mut add = |row: &Row<'_>| {
            let run_id = RunId::from_row(row.text(0)?);
            if !seen.insert(run_id.clone()) {
                return Ok(());
            }
            let experiment_id = ExperimentId::from_row(row.int(1)?);
            match query.reason_to_keep(row)? {
                Some(why) => trash
                    .kept
                    .push(Kept::new(TrashItem::Run(run_id), why, Some(experiment_id))),
                None => trash.runs.push(TrashedRun {
                    run_id,
                    experiment_id,
                    artifact_uri: row.text_or_null(2)?,
                }),
            }
            Ok(())
        };
        if !whole.is_empty() {
            let (condition, values) = search.among(self, "r.experiment_id", whole.into());
            self.for_each(&format!("{RUNS}{condition}"), &values, &mut add)?;
        }
        match &query.runs {
            Which::None => {}
            Which::All => {
                let (condition, values) = search.deleted();
                self.for_each(&format!("{RUNS}{condition}"), &values, &mut add)?;
            }
            Which::Named(ids) => {
                let texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
                let (condition, values) = search.among(self, "r.run_uuid", texts.as_slice().into());
                self.for_each(&format!("{RUNS}{condition}"), &values, &mut add)?;
                let missing = ids.iter().filter(|id| !seen.contains(*id));
                trash.miss(missing.map(|id| TrashItem::Run(id.clone())));
            }
        }
        trash
            .runs
            .sort_unstable_by(|a, b| (a.experiment_id, &a.run_id).cmp(&(b.experiment_id, &b.run_id)));
        Ok(())
    }

    /// The logged models of an experiment that goes are not asked for their stage: MLflow deletes an experiment without
    /// changing them, and its gc removes them with it.
    fn find_trashed_models(
        &mut self,
        query: &TrashQuery,
        whole: &[i64],
        trash: &mut Trash,
    ) -> Result<(), DbError> {
        let search = Search::new(query, "m.lifecycle_stage", "m.last_updated_timestamp_ms");
        let mut seen = HashSet::new();
        let mut add = |row: &Row<'_>, is_of_experiment: bool| {
            let model_id = ModelId::from_row(row.text(0)?);
            if !seen.insert(model_id.clone()) {
                return Ok(());
            }
            let experiment_id = ExperimentId::from_row(row.int(1)?);
            match query.reason_to_keep(row)? {
                Some(why) if !is_of_experiment => {
                    let item = TrashItem::LoggedModel(model_id);
                    trash.kept.push(Kept::new(item, why, Some(experiment_id)));
                }
                why => trash.logged_models.push(TrashedModel {
                    model_id,
                    experiment_id,
                    artifact_location: row.text(2)?,
                    goes_with_experiment: why.is_some(),
                }),
            }
            Ok(())
        };
        if !whole.is_empty() {
            let (condition, values) = search.among(self, "m.experiment_id", whole.into());
            self.for_each(&format!("{LOGGED_MODELS}{condition}"), &values, |row| {
                add(row, true)
            })?;
        }
        match &query.logged_models {
            Which::None => {}
            Which::All => {
                let (condition, values) = search.deleted();
                self.for_each(&format!("{LOGGED_MODELS}{condition}"), &values, |row| {
                    add(row, false)
                })?;
            }
            Which::Named(ids) => {
                let texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
                let (condition, values) = search.among(self, "m.model_id", texts.as_slice().into());
                self.for_each(&format!("{LOGGED_MODELS}{condition}"), &values, |row| {
                    add(row, false)
                })?;
                let missing = ids.iter().filter(|id| !seen.contains(*id));
                trash.miss(missing.map(|id| TrashItem::LoggedModel(id.clone())));
            }
        }
        trash
            .logged_models
            .sort_unstable_by(|a, b| a.model_id.cmp(&b.model_id));
        Ok(())
    }
}

impl Trash {
    fn miss(&mut self, items: impl Iterator<Item = TrashItem>) {
        self.kept
            .extend(items.map(|item| Kept::new(item, KeptBecause::Missing, None)));
    }
}

impl TrashQuery {
    /// Why the thing of a row stays, by its stage and time in columns 3 and 4.
    fn reason_to_keep(&self, row: &Row<'_>) -> Result<Option<KeptBecause>, DbError> {
        if stage(row, 3)? == LifecycleStage::Active {
            return Ok(Some(KeptBecause::Active));
        }
        let Some(by_ms) = self.deleted_by_ms else {
            return Ok(None);
        };
        let is_old = row.int_or_null(4)?.is_some_and(|deleted_ms| deleted_ms <= by_ms);
        Ok((!is_old).then_some(KeptBecause::DeletedLater))
    }
}

/// What rows of a table are looked for.
#[derive(Debug)]
struct Search<'q> {
    query: &'q TrashQuery,
    stage_column: &'static str,
    time_column: &'static str,
}

impl<'q> Search<'q> {
    fn new(query: &'q TrashQuery, stage_column: &'static str, time_column: &'static str) -> Self {
        Self {
            query,
            stage_column,
            time_column,
        }
    }

    /// The rows that are deleted and old enough.
    fn deleted(&self) -> (String, Vec<Value<'q>>) {
        let mut condition = format!("{} = 'deleted'", self.stage_column);
        let mut values: Vec<Value<'q>> = Vec::new();
        if let Some(by_ms) = self.query.deleted_by_ms {
            values.push(by_ms.into());
            condition += &format!(" AND {} <= ${}", self.time_column, values.len());
        }
        self.in_workspace(condition, values)
    }

    /// The rows with one of some ids, deleted or not.
    fn among<'v>(&self, tx: &Tx<'_>, column: &str, ids: Value<'v>) -> (String, Vec<Value<'v>>)
    where
        'q: 'v,
    {
        let condition = format!("{column} {}", tx.dialect().is_among("$1"));
        self.in_workspace(condition, vec![ids])
    }

    fn in_workspace<'v>(&self, mut condition: String, mut values: Vec<Value<'v>>) -> (String, Vec<Value<'v>>)
    where
        'q: 'v,
    {
        if let Some(workspace) = &self.query.workspace {
            values.push(workspace.into());
            condition += &format!(" AND e.workspace = ${}", values.len());
        }
        (condition, values)
    }
}
