//! Runs with what is logged to them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use oxflow_core::{Dataset, Entropy, ExperimentId, ImportedRun, Metric, Run, RunId};

use crate::driver::{BulkInsert, Kind};
use crate::{DbError, Result, Store, Tx};

/// Tag of a run that is not all there yet: its points are on their way, or something could not be read.
const UNFINISHED_TAG: &str = "oxflow.import.unfinished";

const INSERT: BulkInsert = BulkInsert {
    table: "runs",
    columns: &[
        ("run_uuid", Kind::Text),
        ("name", Kind::Text),
        ("source_type", Kind::Text),
        ("source_name", Kind::Text),
        ("entry_point_name", Kind::Text),
        ("user_id", Kind::Text),
        ("status", Kind::Text),
        ("start_time", Kind::Int),
        ("end_time", Kind::Int),
        ("source_version", Kind::Text),
        ("lifecycle_stage", Kind::Text),
        ("artifact_uri", Kind::Text),
        ("experiment_id", Kind::Int),
        ("deleted_time", Kind::Int),
    ],
    on_conflict: "ON CONFLICT (run_uuid) DO NOTHING",
};

const INSERT_PARAM: BulkInsert = BulkInsert {
    table: "params",
    columns: &[
        ("key", Kind::Text),
        ("value", Kind::Text),
        ("run_uuid", Kind::Text),
    ],
    on_conflict: "ON CONFLICT (key, run_uuid) DO NOTHING",
};

const INSERT_TAG: BulkInsert = BulkInsert {
    table: "tags",
    columns: &[
        ("key", Kind::Text),
        ("value", Kind::Text),
        ("run_uuid", Kind::Text),
    ],
    on_conflict: "ON CONFLICT (key, run_uuid) DO NOTHING",
};

const INSERT_DATASET: BulkInsert = BulkInsert {
    table: "datasets",
    columns: &[
        ("dataset_uuid", Kind::Text),
        ("experiment_id", Kind::Int),
        ("name", Kind::Text),
        ("digest", Kind::Text),
        ("dataset_source_type", Kind::Text),
        ("dataset_source", Kind::Text),
        ("dataset_schema", Kind::Text),
        ("dataset_profile", Kind::Text),
    ],
    on_conflict: "ON CONFLICT (experiment_id, name, digest) DO NOTHING",
};

const INSERT_INPUT: BulkInsert = BulkInsert {
    table: "inputs",
    columns: &[
        ("input_uuid", Kind::Text),
        ("source_type", Kind::Text),
        ("source_id", Kind::Text),
        ("destination_type", Kind::Text),
        ("destination_id", Kind::Text),
        ("step", Kind::Int),
    ],
    on_conflict: "ON CONFLICT (source_type, source_id, destination_type, destination_id) DO NOTHING",
};

const INSERT_INPUT_TAG: BulkInsert = BulkInsert {
    table: "input_tags",
    columns: &[
        ("input_uuid", Kind::Text),
        ("name", Kind::Text),
        ("value", Kind::Text),
    ],
    on_conflict: "ON CONFLICT (input_uuid, name) DO NOTHING",
};

const DELETE_MARK: &str = "DELETE FROM tags WHERE key = $1 AND run_uuid = $2";

/// A run to import, with the first of its points.
#[derive(Debug, Clone)]
pub struct RunImport {
    /// The run, its experiment that of the database.
    pub run: ImportedRun,
    /// Points of its metrics.
    pub points: Vec<Metric>,
    /// Whether those are all. If not, [`Store::finish_run_import`] follows.
    pub is_whole: bool,
}

/// A run that the database has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownRun {
    /// Whether an import of it was begun and not finished.
    pub is_unfinished: bool,
    /// Where its artifacts are.
    pub artifact_uri: Option<String>,
}

impl Store {
    /// Which of these runs the database has.
    pub async fn find_runs_for_import(&self, ids: Vec<String>) -> Result<HashMap<String, KnownRun>> {
        self.read(move |tx| {
            let sql = format!(
                "SELECT r.run_uuid, r.artifact_uri, t.key
                   FROM {} page
                  CROSS JOIN runs r
                   LEFT JOIN tags t ON t.run_uuid = r.run_uuid AND t.key = $2
                  WHERE r.run_uuid = page.id",
                tx.dialect().ids_with_position("$1")
            );
            let rows = tx.query(&sql, &[ids.as_slice().into(), UNFINISHED_TAG.into()], |row| {
                let known = KnownRun {
                    artifact_uri: row.text_or_null(1)?,
                    is_unfinished: row.text_or_null(2)?.is_some(),
                };
                Ok((row.text(0)?, known))
            })?;
            Ok(rows.into_iter().collect())
        })
        .await
    }

    /// Imports runs, all or none; returns how many of their points were new (equal points are one).
    pub async fn import_runs(&self, runs: Vec<RunImport>, entropy: Entropy) -> Result<usize> {
        self.write(move |tx| tx.import_runs(&runs, &entropy)).await
    }

    /// Adds points to a run; returns how many were new.
    pub async fn import_points(&self, run_id: RunId, points: Vec<Metric>) -> Result<usize> {
        let derived = Arc::clone(self.derived());
        self.write(move |tx| {
            let points: Vec<(&RunId, &Metric)> = points.iter().map(|point| (&run_id, point)).collect();
            if derived.is_there() {
                let marked = tx.mark_all_behind(&[run_id.to_string()]);
                tx.or_nothing(marked, &derived)?;
            }
            Ok(tx.import_metrics(&points)?)
        })
        .await
    }

    /// All of a run is there.
    pub async fn finish_run_import(&self, run_id: RunId) -> Result<()> {
        self.write(move |tx| {
            tx.execute(DELETE_MARK, &[UNFINISHED_TAG.into(), run_id.as_str().into()])?;
            Ok(())
        })
        .await
    }
}

impl Tx<'_> {
    fn import_runs(&mut self, imports: &[RunImport], entropy: &Entropy) -> Result<usize> {
        let rows = imports.iter().map(|import| {
            let (info, source) = (&import.run.run.info, &import.run.source);
            [
                info.run_id.as_str().into(),
                info.run_name.as_deref().into(),
                source.kind.into(),
                (&source.name).into(),
                (&source.entry_point).into(),
                info.user_id.as_deref().into(),
                info.status.as_str().into(),
                info.start_time_ms.into(),
                info.end_time_ms.into(),
                (&source.version).into(),
                info.lifecycle_stage.as_str().into(),
                info.artifact_uri.as_deref().into(),
                info.experiment_id.get().into(),
                import.run.deleted_time_ms.into(),
            ]
        });
        self.insert_many(&INSERT, rows)?;
        let runs: Vec<&Run> = imports.iter().map(|import| &import.run.run).collect();
        let pairs = runs.iter().flat_map(|run| {
            let id = run.info.run_id.as_str();
            run.params
                .iter()
                .map(move |pair| [(&pair.key).into(), (&pair.value).into(), id.into()])
        });
        self.insert_many(&INSERT_PARAM, pairs)?;
        let pairs = runs.iter().flat_map(|run| {
            let id = run.info.run_id.as_str();
            run.tags
                .iter()
                .map(move |pair| [(&pair.key).into(), (&pair.value).into(), id.into()])
        });
        self.insert_many(&INSERT_TAG, pairs)?;
        let marks = imports.iter().filter(|import| !import.is_whole).map(|import| {
            let id = import.run.run.info.run_id.as_str();
            [
                UNFINISHED_TAG.into(),
                "not all of this run is imported yet".into(),
                id.into(),
            ]
        });
        self.insert_many(&INSERT_TAG, marks)?;
        self.import_dataset_inputs(&runs, entropy)?;
        self.import_model_edges(&runs, entropy)?;
        let points: Vec<(&RunId, &Metric)> = imports
            .iter()
            .flat_map(|import| {
                let id = &import.run.run.info.run_id;
                import.points.iter().map(move |point| (id, point))
            })
            .collect();
        Ok(self.import_metrics(&points)?)
    }

    fn import_dataset_inputs(&mut self, runs: &[&Run], entropy: &Entropy) -> Result<(), DbError> {
        let mut datasets: BTreeMap<(i64, &str, &str), &Dataset> = BTreeMap::new();
        for run in runs {
            for input in &run.dataset_inputs {
                datasets.insert(key_of(run.info.experiment_id, &input.dataset), &input.dataset);
            }
        }
        if datasets.is_empty() {
            return Ok(());
        }
        let rows = datasets.iter().map(|((experiment, name, digest), dataset)| {
            [
                entropy.hex_id().into(),
                (*experiment).into(),
                (*name).into(),
                (*digest).into(),
                (&dataset.source_type).into(),
                (&dataset.source).into(),
                dataset.schema.as_deref().into(),
                dataset.profile.as_deref().into(),
            ]
        });
        self.insert_many(&INSERT_DATASET, rows)?;
        let ids = self.imported_dataset_ids(&datasets)?;
        let (mut inputs, mut tags) = (Vec::new(), Vec::new());
        for run in runs {
            for input in &run.dataset_inputs {
                let key = key_of(run.info.experiment_id, &input.dataset);
                let Some(dataset_id) = ids.get(&(key.0, key.1.to_owned(), key.2.to_owned())) else {
                    continue;
                };
                let input_id = entropy.hex_id();
                tags.extend(input.tags.iter().map(|tag| (input_id.clone(), tag)));
                inputs.push((input_id, dataset_id, &run.info.run_id));
            }
        }
        let rows = inputs.iter().map(|(input_id, dataset_id, run_id)| {
            [
                input_id.into(),
                "DATASET".into(),
                (*dataset_id).into(),
                "RUN".into(),
                run_id.as_str().into(),
                0_i64.into(),
            ]
        });
        if self.insert_many(&INSERT_INPUT, rows)? < inputs.len() {
            // Of a run whose import goes on, the edges are there under other ids, with their tags.
            let ids: Vec<String> = inputs.iter().map(|(input_id, ..)| input_id.clone()).collect();
            let sql = format!(
                "SELECT input_uuid FROM inputs WHERE input_uuid {}",
                self.dialect().is_among("$1")
            );
            let kept: HashSet<String> = self
                .query(&sql, &[ids.as_slice().into()], |row| row.text(0))?
                .into_iter()
                .collect();
            tags.retain(|(input_id, _)| kept.contains(input_id));
        }
        let rows = tags
            .iter()
            .map(|(input_id, tag)| [input_id.into(), (&tag.key).into(), (&tag.value).into()]);
        self.insert_many(&INSERT_INPUT_TAG, rows)?;
        Ok(())
    }

    fn imported_dataset_ids(
        &mut self,
        datasets: &BTreeMap<(i64, &str, &str), &Dataset>,
    ) -> Result<HashMap<(i64, String, String), String>, DbError> {
        let experiments: Vec<i64> = datasets.keys().map(|(experiment, ..)| *experiment).collect();
        let names: Vec<String> = datasets.keys().map(|(_, name, _)| (*name).to_owned()).collect();
        let sql = format!(
            "SELECT experiment_id, name, digest, dataset_uuid
               FROM datasets
              WHERE experiment_id {} AND name {}",
            self.dialect().is_among("$1"),
            self.dialect().is_among("$2")
        );
        let rows = self.query(
            &sql,
            &[experiments.as_slice().into(), names.as_slice().into()],
            |row| Ok(((row.int(0)?, row.text(1)?, row.text(2)?), row.text(3)?)),
        )?;
        Ok(rows.into_iter().collect())
    }

    fn import_model_edges(&mut self, runs: &[&Run], entropy: &Entropy) -> Result<(), DbError> {
        let mut rows = Vec::new();
        for run in runs {
            for model in &run.model_inputs {
                rows.push((&run.info.run_id, "RUN_INPUT", "MODEL_INPUT", model, 0));
            }
            for output in &run.model_outputs {
                rows.push((
                    &run.info.run_id,
                    "RUN_OUTPUT",
                    "MODEL_OUTPUT",
                    &output.model_id,
                    output.step,
                ));
            }
        }
        let rows = rows.into_iter().map(|(run_id, from, to, model, step)| {
            [
                entropy.hex_id().into(),
                from.into(),
                run_id.as_str().into(),
                to.into(),
                model.as_str().into(),
                step.into(),
            ]
        });
        self.insert_many(&INSERT_INPUT, rows)?;
        Ok(())
    }
}

fn key_of(experiment: ExperimentId, dataset: &Dataset) -> (i64, &str, &str) {
    (experiment.get(), &dataset.name, &dataset.digest)
}
