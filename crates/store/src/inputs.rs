//! What runs read and made: datasets, and logged models as inputs and outputs.

use std::collections::HashMap;

use oxflow_core::{Dataset, DatasetInput, Entropy, ModelId, ModelOutput, Run, RunId, Tag};

use crate::driver::BulkInsert;
use crate::experiments::read_tag;
use crate::runs::run_at;
use crate::{DbError, Result, Store, StoreError, Tx};

const INSERT_DATASET: BulkInsert = BulkInsert {
    table: "datasets",
    columns: &[
        "dataset_uuid",
        "experiment_id",
        "name",
        "digest",
        "dataset_source_type",
        "dataset_source",
        "dataset_schema",
        "dataset_profile",
    ],
    on_conflict: "ON CONFLICT (experiment_id, name, digest) DO NOTHING",
};

const INSERT_INPUT: BulkInsert = BulkInsert {
    table: "inputs",
    columns: &[
        "input_uuid",
        "source_type",
        "source_id",
        "destination_type",
        "destination_id",
        "step",
    ],
    on_conflict: "ON CONFLICT (source_type, source_id, destination_type, destination_id) DO NOTHING",
};

const INSERT_INPUT_TAG: BulkInsert = BulkInsert {
    table: "input_tags",
    columns: &["input_uuid", "name", "value"],
    on_conflict: "ON CONFLICT (input_uuid, name) DO UPDATE SET value = excluded.value",
};

const SELECT_DATASET: &str =
    "SELECT dataset_uuid FROM datasets WHERE experiment_id = $1 AND name = $2 AND digest = $3";

const SELECT_MODEL_INPUTS: &str = "
    SELECT destination_id
      FROM inputs
     WHERE source_type = 'RUN_INPUT' AND source_id = $1 AND destination_type = 'MODEL_INPUT'";

/// What one `log-inputs` writes.
#[derive(Debug, Clone, Default)]
pub struct RunInputs {
    /// Datasets that the run read.
    pub datasets: Vec<DatasetInput>,
    /// Logged models that the run read.
    pub models: Vec<String>,
}

impl Store {
    /// Records what an active run read. A dataset is kept once per experiment, with the schema and
    /// profile of its first writer; an input once per run, with the tags of its first call.
    pub async fn log_inputs(&self, id: RunId, inputs: RunInputs, entropy: Entropy) -> Result<()> {
        self.write(move |tx| {
            let run = tx.require_active_run(&id)?;
            let experiment = run.experiment_id.get();
            for input in &inputs.datasets {
                let dataset_id = tx.dataset_id(experiment, &input.dataset, &entropy)?;
                tx.insert_dataset_input(&id, &dataset_id, &input.tags, &entropy)?;
            }
            let rows = inputs.models.iter().map(|model| {
                [
                    entropy.hex_id().into(),
                    "RUN_INPUT".into(),
                    id.as_str().into(),
                    "MODEL_INPUT".into(),
                    model.into(),
                    0_i64.into(),
                ]
            });
            tx.insert_many(&INSERT_INPUT, rows)?;
            Ok(())
        })
        .await
    }

    /// Records what logged models an active run made; each once.
    pub async fn log_outputs(&self, id: RunId, models: Vec<(String, i64)>, entropy: Entropy) -> Result<()> {
        self.write(move |tx| {
            tx.require_active_run(&id)?;
            for (model, step) in &models {
                let row = [
                    entropy.hex_id().into(),
                    "RUN_OUTPUT".into(),
                    id.as_str().into(),
                    "MODEL_OUTPUT".into(),
                    model.into(),
                    (*step).into(),
                ];
                if tx.insert_many(&INSERT_INPUT, [row])? == 0 {
                    return Err(StoreError::OutputExists {
                        model_id: model.clone(),
                        run_id: id,
                    });
                }
            }
            Ok(())
        })
        .await
    }
}

impl Tx<'_> {
    fn dataset_id(
        &mut self,
        experiment: i64,
        dataset: &Dataset,
        entropy: &Entropy,
    ) -> Result<String, DbError> {
        let new_id = entropy.hex_id();
        let row = [
            (&new_id).into(),
            experiment.into(),
            (&dataset.name).into(),
            (&dataset.digest).into(),
            (&dataset.source_type).into(),
            (&dataset.source).into(),
            dataset.schema.as_deref().into(),
            dataset.profile.as_deref().into(),
        ];
        if self.insert_many(&INSERT_DATASET, [row])? == 1 {
            return Ok(new_id);
        }
        let key = [
            experiment.into(),
            (&dataset.name).into(),
            (&dataset.digest).into(),
        ];
        self.query_first(SELECT_DATASET, &key, |row| row.text(0))?
            .ok_or_else(|| DbError::unexpected("a dataset neither could be inserted nor is there".to_owned()))
    }

    fn insert_dataset_input(
        &mut self,
        run_id: &RunId,
        dataset_id: &str,
        tags: &[Tag],
        entropy: &Entropy,
    ) -> Result<(), DbError> {
        let input_id = entropy.hex_id();
        let row = [
            (&input_id).into(),
            "DATASET".into(),
            dataset_id.into(),
            "RUN".into(),
            run_id.as_str().into(),
            0_i64.into(),
        ];
        if self.insert_many(&INSERT_INPUT, [row])? == 1 {
            let rows = tags
                .iter()
                .map(|tag| [(&input_id).into(), (&tag.key).into(), (&tag.value).into()]);
            self.insert_many(&INSERT_INPUT_TAG, rows)?;
        }
        Ok(())
    }

    /// The logged models that a run read.
    pub(crate) fn model_inputs(&mut self, id: &RunId) -> Result<Vec<ModelId>, DbError> {
        self.query(SELECT_MODEL_INPUTS, &[id.as_str().into()], |row| {
            Ok(ModelId::from_row(row.text(0)?))
        })
    }

    /// Reads the dataset inputs of the runs of a page, with their tags.
    pub(crate) fn fill_dataset_inputs(&mut self, ids: &[String], runs: &mut [Run]) -> Result<(), DbError> {
        let sql = format!(
            "SELECT page.position, i.input_uuid, d.name, d.digest, d.dataset_source_type, d.dataset_source,
                    d.dataset_schema, d.dataset_profile
               FROM {} page
               CROSS JOIN inputs i
               JOIN datasets d ON d.dataset_uuid = i.source_id
              WHERE i.destination_type = 'RUN' AND i.destination_id = page.id AND i.source_type = 'DATASET'",
            self.dialect().ids_with_position("$1")
        );
        let mut place_of_input: HashMap<String, (usize, usize)> = HashMap::new();
        self.for_each(&sql, &[ids.into()], |row| {
            let position = usize::try_from(row.int(0)?).unwrap_or(usize::MAX);
            let inputs = &mut run_at(row, runs)?.dataset_inputs;
            place_of_input.insert(row.text(1)?, (position, inputs.len()));
            inputs.push(DatasetInput {
                dataset: Dataset {
                    name: row.text(2)?,
                    digest: row.text(3)?,
                    source_type: row.text(4)?,
                    source: row.text(5)?,
                    schema: row.text_or_null(6)?,
                    profile: row.text_or_null(7)?,
                },
                tags: Vec::new(),
            });
            Ok(())
        })?;
        if place_of_input.is_empty() {
            return Ok(());
        }
        let inputs: Vec<String> = place_of_input.keys().cloned().collect();
        let sql = format!(
            "SELECT input_uuid, name, value FROM input_tags WHERE input_uuid IN {} ORDER BY name",
            self.dialect().any_of("$1")
        );
        self.for_each(&sql, &[inputs.as_slice().into()], |row| {
            let Some((run, input)) = place_of_input.get(&row.text(0)?) else {
                return Ok(());
            };
            runs[*run].dataset_inputs[*input].tags.push(read_tag(row, 1)?);
            Ok(())
        })
    }

    /// Reads the logged models that the runs of a page made.
    pub(crate) fn fill_model_outputs(&mut self, ids: &[String], runs: &mut [Run]) -> Result<(), DbError> {
        let sql = format!(
            "SELECT page.position, i.destination_id, i.step
               FROM {} page
               CROSS JOIN inputs i
              WHERE i.source_type = 'RUN_OUTPUT' AND i.source_id = page.id AND i.destination_type = 'MODEL_OUTPUT'",
            self.dialect().ids_with_position("$1")
        );
        self.for_each(&sql, &[ids.into()], |row| {
            let output = ModelOutput {
                model_id: ModelId::from_row(row.text(1)?),
                step: row.int(2)?,
            };
            run_at(row, runs)?.model_outputs.push(output);
            Ok(())
        })
    }
}
