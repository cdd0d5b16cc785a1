//! What runs read and made: datasets, and logged models as inputs and outputs.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use oxflow_core::{Dataset, DatasetInput, Entropy, ModelId, ModelOutput, Run, RunId, Tag};

use crate::conditions::at_position;
use crate::driver::{BulkInsert, Kind};
use crate::experiments::read_tag;
use crate::{Change, DbError, Result, Store, StoreError, Tx, What};

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
    on_conflict: "ON CONFLICT (input_uuid, name) DO UPDATE SET value = excluded.value",
};

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
            let of_dataset = tx.dataset_ids(run.experiment_id.get(), &inputs.datasets, &entropy)?;
            let mut edges = Vec::new();
            let mut tags = Vec::new();
            for input in first_of_each_dataset(&inputs.datasets).into_values() {
                let key = (input.dataset.name.clone(), input.dataset.digest.clone());
                let dataset_id = of_dataset.get(&key).ok_or_else(|| {
                    DbError::unexpected("a dataset neither could be inserted nor is there".to_owned())
                })?;
                let edge = Edge::new("DATASET", dataset_id, "RUN", id.as_str(), &entropy);
                tags.extend(input.tags.iter().map(|tag| (edge.id.clone(), tag)));
                edges.push(edge);
            }
            for model in inputs.models.iter().collect::<BTreeSet<_>>() {
                edges.push(Edge::new(
                    "RUN_INPUT",
                    id.as_str(),
                    "MODEL_INPUT",
                    model,
                    &entropy,
                ));
            }
            let is_new = tx.insert_edges(edges)?;
            tags.retain(|(input, _)| is_new.contains(input));
            tx.upsert_input_tags(&tags)?;
            tx.tell(|| Change::of_run(&run, [What::Inputs]));
            Ok(())
        })
        .await
    }

    /// Records what logged models an active run made; each once.
    pub async fn log_outputs(&self, id: RunId, models: Vec<(String, i64)>, entropy: Entropy) -> Result<()> {
        self.write(move |tx| {
            let run = tx.require_active_run(&id)?;
            let edge = |(model, step): &(String, i64)| Edge {
                step: *step,
                ..Edge::new("RUN_OUTPUT", id.as_str(), "MODEL_OUTPUT", model, &entropy)
            };
            let edges: Vec<Edge> = models.iter().map(edge).collect();
            let is_new = tx.insert_edges(edges.clone())?;
            match edges.iter().find(|edge| !is_new.contains(&edge.id)) {
                None => {
                    tx.tell(|| Change::of_run(&run, [What::Inputs]));
                    Ok(())
                }
                Some(edge) => Err(StoreError::OutputExists {
                    model_id: edge.destination.1.clone(),
                    run_id: id.clone(),
                }),
            }
        })
        .await
    }
}

/// One row of `inputs`: something flows from a source to a destination, each a type and an id.
#[derive(Debug, Clone)]
struct Edge {
    id: String,
    source: (&'static str, String),
    destination: (&'static str, String),
    step: i64,
}

impl Edge {
    fn new(
        source_type: &'static str,
        source_id: &str,
        destination_type: &'static str,
        destination_id: &str,
        entropy: &Entropy,
    ) -> Self {
        Self {
            id: entropy.hex_id(),
            source: (source_type, source_id.to_owned()),
            destination: (destination_type, destination_id.to_owned()),
            step: 0,
        }
    }
}

/// Name and digest: what makes a dataset, within an experiment.
type DatasetKey<'d> = (&'d str, &'d str);

fn key_of(dataset: &Dataset) -> DatasetKey<'_> {
    (&dataset.name, &dataset.digest)
}

/// Each dataset once, in key order: concurrent requests then lock rows in one order.
fn first_of_each_dataset(inputs: &[DatasetInput]) -> BTreeMap<DatasetKey<'_>, &DatasetInput> {
    let mut first = BTreeMap::new();
    for input in inputs {
        first.entry(key_of(&input.dataset)).or_insert(input);
    }
    first
}

impl Tx<'_> {
    /// The ids of datasets; those that are not there yet are stored.
    fn dataset_ids(
        &mut self,
        experiment: i64,
        inputs: &[DatasetInput],
        entropy: &Entropy,
    ) -> Result<HashMap<(String, String), String>, DbError> {
        let wanted = first_of_each_dataset(inputs);
        if wanted.is_empty() {
            return Ok(HashMap::new());
        }
        let rows = wanted.values().map(|input| {
            let dataset = &input.dataset;
            [
                entropy.hex_id().into(),
                experiment.into(),
                (&dataset.name).into(),
                (&dataset.digest).into(),
                (&dataset.source_type).into(),
                (&dataset.source).into(),
                dataset.schema.as_deref().into(),
                dataset.profile.as_deref().into(),
            ]
        });
        self.insert_many(&INSERT_DATASET, rows)?;
        let (names, digests): (Vec<String>, Vec<String>) = wanted
            .keys()
            .map(|(name, digest)| ((*name).to_owned(), (*digest).to_owned()))
            .unzip();
        let sql = format!(
            "SELECT d.dataset_uuid, d.name, d.digest
               FROM {} wanted
               CROSS JOIN datasets d
              WHERE d.name = wanted.a AND d.digest = wanted.b AND d.experiment_id = $3",
            self.dialect().pairs("$1", "$2")
        );
        let parameters = [
            names.as_slice().into(),
            digests.as_slice().into(),
            experiment.into(),
        ];
        let ids = self.query(&sql, &parameters, |row| {
            Ok(((row.text(1)?, row.text(2)?), row.text(0)?))
        })?;
        Ok(ids.into_iter().collect())
    }

    /// Stores edges that are not there yet; returns the ids of those.
    fn insert_edges(&mut self, mut edges: Vec<Edge>) -> Result<HashSet<String>, DbError> {
        let ids: Vec<String> = edges.iter().map(|edge| edge.id.clone()).collect();
        edges.sort_by(|a, b| (&a.source, &a.destination).cmp(&(&b.source, &b.destination)));
        let count = edges.len();
        let rows = edges.into_iter().map(|edge| {
            [
                edge.id.into(),
                edge.source.0.into(),
                edge.source.1.into(),
                edge.destination.0.into(),
                edge.destination.1.into(),
                edge.step.into(),
            ]
        });
        if self.insert_many(&INSERT_INPUT, rows)? == count {
            return Ok(ids.into_iter().collect());
        }
        let sql = format!(
            "SELECT input_uuid FROM inputs WHERE input_uuid {}",
            self.dialect().is_among("$1")
        );
        let stored = self.query(&sql, &[ids.as_slice().into()], |row| row.text(0))?;
        Ok(stored.into_iter().collect())
    }

    /// Sets tags of inputs; of a repeated key the last one counts.
    fn upsert_input_tags(&mut self, tags: &[(String, &Tag)]) -> Result<()> {
        let last_of_key: BTreeMap<(&str, &str), &str> = tags
            .iter()
            .map(|(input, tag)| ((input.as_str(), tag.key.as_str()), tag.value.as_str()))
            .collect();
        let rows = last_of_key
            .into_iter()
            .map(|((input, key), value)| [input.into(), key.into(), value.into()]);
        self.insert_many(&INSERT_INPUT_TAG, rows)?;
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
            let inputs = &mut at_position(row, runs)?.dataset_inputs;
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
            "SELECT input_uuid, name, value FROM input_tags WHERE input_uuid {} ORDER BY name",
            self.dialect().is_among("$1")
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
            at_position(row, runs)?.model_outputs.push(output);
            Ok(())
        })
    }
}
