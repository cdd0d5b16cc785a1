//! What runs read and made.

use axum::extract::State;
use oxflow_core::{Dataset, DatasetInput, Invalid, check_length};
use oxflow_store::RunInputs;
use oxflow_wire::{DatasetInputRequest, Empty, Field, LogInputs, LogOutputs};

use super::fields::raw_pair;
use crate::answer::{Answer, done};
use crate::extract::JsonBody;
use crate::{ApiError, App};

/// Width of the columns that hold the ids of inputs and outputs.
const MAX_MODEL_ID_CHARS: usize = 36;

/// Records datasets and logged models that a run read.
pub(crate) async fn log_inputs(State(app): State<App>, JsonBody(req): JsonBody<LogInputs>) -> Answer<Empty> {
    let raw_id = req.run_id.required("run_id")?;
    let mut inputs = RunInputs::default();
    for (i, input) in req.datasets.objects("datasets")?.into_iter().enumerate() {
        inputs.datasets.push(dataset_input(input, i)?);
    }
    for (i, model) in req.models.objects("models")?.into_iter().enumerate() {
        inputs.models.push(model_id(model.model_id, i)?);
    }
    let id = oxflow_core::RunId::parse(&raw_id)?;
    app.store.log_inputs(id, inputs, app.entropy.clone()).await?;
    done()
}

fn dataset_input(input: DatasetInputRequest, i: usize) -> Result<DatasetInput, Invalid> {
    let at = |field: &str| format!("datasets[{i}].dataset.{field}");
    let Some(dataset) = input.dataset else {
        return Err(Invalid::missing(&format!("datasets[{i}].dataset")));
    };
    let dataset = dataset.given(&format!("datasets[{i}].dataset"))?;
    let mut tags = Vec::new();
    for (j, pair) in input
        .tags
        .objects(&format!("datasets[{i}].tags"))?
        .into_iter()
        .enumerate()
    {
        tags.push(raw_pair(pair, &format!("datasets[{i}].tags"), j)?);
    }
    let input = DatasetInput {
        dataset: Dataset {
            name: dataset.name.required(&at("name"))?,
            digest: dataset.digest.required(&at("digest"))?,
            source_type: dataset.source_type.required(&at("source_type"))?,
            source: dataset.source.required(&at("source"))?,
            schema: dataset.schema.optional(&at("schema"))?,
            profile: dataset.profile.optional(&at("profile"))?,
        },
        tags,
    };
    input.check()?;
    Ok(input)
}

/// Records logged models that a run made.
pub(crate) async fn log_outputs(
    State(app): State<App>,
    JsonBody(req): JsonBody<LogOutputs>,
) -> Answer<Empty> {
    let raw_id = req.run_id.required("run_id")?;
    let mut models = Vec::new();
    for (i, model) in req
        .models
        .sent("models")?
        .objects("models")?
        .into_iter()
        .enumerate()
    {
        let step = model.step.optional(&format!("models[{i}].step"))?.unwrap_or(0);
        models.push((model_id(model.model_id, i)?, step));
    }
    let id = super::fields::run_id(Field::Given(raw_id), Field::Absent)?;
    app.store.log_outputs(id, models, app.entropy.clone()).await?;
    done()
}

fn model_id(field: Field<String>, i: usize) -> Result<String, ApiError> {
    let id = field.required(&format!("models[{i}].model_id"))?;
    check_length("model_id", MAX_MODEL_ID_CHARS, &id)?;
    Ok(id)
}
