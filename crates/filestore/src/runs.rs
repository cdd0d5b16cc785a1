//! Runs, with all that is logged to them but the points of their metrics.

use std::collections::BTreeMap;

use oxflow_core::{
    Dataset, DatasetInput, ExperimentId, ImportedRun, KeyKind, LifecycleStage, ModelId, ModelOutput,
    RUN_NAME_TAG, Run, RunId, RunInfo, RunSource, RunStatus, Tag,
    limits::{MAX_RUN_NAME_CHARS, MAX_RUN_TAG_VALUE_CHARS, MAX_USER_ID_CHARS, PARAM_VALUE_COLUMN_CHARS},
    truncate_chars,
};
use serde::Deserialize;

use crate::metric_lines::{MetricFile, Owner, for_each_metric_file};
use crate::yaml::{Scalar, bad_field, millis};
use crate::{Folder, Problem, Report, names, pairs, yaml};

/// A run of the store.
#[derive(Debug)]
pub struct RunFolder {
    /// The run, without points.
    pub stored: ImportedRun,
    folder: Folder,
}

#[derive(Debug, Deserialize)]
struct Meta {
    run_id: Scalar,
    run_uuid: Scalar,
    experiment_id: Scalar,
    run_name: Scalar,
    name: Scalar,
    user_id: Scalar,
    status: Scalar,
    start_time: Scalar,
    end_time: Scalar,
    deleted_time: Scalar,
    lifecycle_stage: Scalar,
    artifact_uri: Scalar,
    source_type: Scalar,
    source_name: Scalar,
    entry_point_name: Scalar,
    source_version: Scalar,
}

#[derive(Debug, Deserialize)]
struct InputMeta {
    source_type: Scalar,
    source_id: Scalar,
    #[serde(default)]
    tags: BTreeMap<String, Scalar>,
}

#[derive(Debug, Deserialize)]
struct OutputMeta {
    step: Scalar,
}

#[derive(Debug, Deserialize)]
struct DatasetMeta {
    name: Scalar,
    digest: Scalar,
    source_type: Scalar,
    source: Scalar,
    schema: Scalar,
    profile: Scalar,
}

impl RunFolder {
    /// Reads a run; `None` if there is no `meta.yaml`: in a store that also keeps artifacts such
    /// folders are common.
    pub(crate) fn read(
        folder: Folder,
        experiment_folder: &Folder,
        experiment_id: ExperimentId,
        report: Report<'_>,
    ) -> Result<Option<Self>, Problem> {
        let Some(meta) = yaml::read::<Meta>(&folder, names::META)? else {
            return Ok(None);
        };
        let name = folder.name();
        let id = meta
            .run_id
            .as_deref()
            .or(meta.run_uuid.as_deref())
            .unwrap_or(&name);
        let run_id = RunId::parse(id)
            .ok()
            .filter(|id| id.as_str() == name)
            .ok_or_else(|| bad_field(&folder, "run_id", id))?;
        if let Some(said) = meta.experiment_id.as_deref()
            && ExperimentId::parse(said) != Ok(experiment_id)
        {
            return Err(bad_field(&folder, "experiment_id", said));
        }
        let stored = Self::stored(&folder, &meta, run_id, experiment_id, report)?;
        let mut read = Self { stored, folder };
        read.read_inputs(experiment_folder, report);
        read.read_outputs(report);
        Ok(Some(read))
    }

    fn stored(
        folder: &Folder,
        meta: &Meta,
        run_id: RunId,
        experiment_id: ExperimentId,
        report: Report<'_>,
    ) -> Result<ImportedRun, Problem> {
        let params = pairs::read(
            folder,
            names::PARAMS,
            KeyKind::Param,
            PARAM_VALUE_COLUMN_CHARS,
            report,
        );
        let tags = pairs::read(folder, names::TAGS, KeyKind::Tag, MAX_RUN_TAG_VALUE_CHARS, report);
        let info = RunInfo {
            run_id,
            experiment_id,
            run_name: run_name(meta, &tags),
            user_id: meta
                .user_id
                .as_deref()
                .map(|user| truncate_chars(user, MAX_USER_ID_CHARS).to_owned()),
            status: status(folder, &meta.status)?,
            start_time_ms: millis(folder, "start_time", &meta.start_time)?,
            end_time_ms: millis(folder, "end_time", &meta.end_time)?,
            artifact_uri: meta.artifact_uri.clone(),
            lifecycle_stage: LifecycleStage::from_row(meta.lifecycle_stage.as_deref().unwrap_or("active")),
        };
        Ok(ImportedRun {
            run: Run {
                info,
                metrics: Vec::new(),
                params,
                tags,
                dataset_inputs: Vec::new(),
                model_inputs: Vec::new(),
                model_outputs: Vec::new(),
            },
            deleted_time_ms: millis(folder, "deleted_time", &meta.deleted_time)?,
            source: source(meta),
        })
    }

    /// Where it is below the root of the store.
    pub fn path(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Calls back with each of its metric files.
    pub fn for_each_metric_file(
        &self,
        report: Report<'_>,
        found: &mut dyn FnMut(&MetricFile<'_>, Report<'_>),
    ) {
        for_each_metric_file(&self.folder, Owner::Run, report, found);
    }

    /// Its folder of artifacts, if there is one.
    pub fn artifacts(&self, report: Report<'_>) -> Option<Folder> {
        self.folder.folder(names::ARTIFACTS, report)
    }

    fn read_inputs(&mut self, experiment_folder: &Folder, report: Report<'_>) {
        let Some(inputs) = self.folder.folder(names::INPUTS, report) else {
            return;
        };
        for name in inputs.folder_names(report) {
            let Some(input) = inputs.folder(&name, report) else {
                continue;
            };
            if let Err(problem) = self.read_input(&input, experiment_folder) {
                report(problem);
            }
        }
    }

    fn read_input(&mut self, folder: &Folder, experiment_folder: &Folder) -> Result<(), Problem> {
        let Some(meta) = yaml::read::<InputMeta>(folder, names::META)? else {
            return Err(Problem::new(
                folder.path(),
                "an input without meta.yaml; it was skipped",
            ));
        };
        let source_id = meta.source_id.unwrap_or_default();
        let kind = meta.source_type.unwrap_or_default();
        match kind.as_str() {
            // Numbers of `InputVertexType`.
            "DATASET" | "2" => {
                let dataset = find_dataset(experiment_folder, folder, &source_id)?;
                let tags = meta.tags.into_iter().map(|(key, value)| Tag {
                    key,
                    value: value.unwrap_or_default(),
                });
                let input = DatasetInput {
                    dataset,
                    tags: tags.collect(),
                };
                input.check().map_err(|invalid| {
                    Problem::new(
                        folder.path(),
                        format!("the dataset was skipped: {}", invalid.message),
                    )
                })?;
                self.stored.run.dataset_inputs.push(input);
            }
            "MODEL" | "3" => {
                let id =
                    ModelId::parse(&source_id).ok_or_else(|| bad_field(folder, "source_id", &source_id))?;
                self.stored.run.model_inputs.push(id);
            }
            _ => return Err(bad_field(folder, "source_type", &kind)),
        }
        Ok(())
    }

    fn read_outputs(&mut self, report: Report<'_>) {
        let Some(outputs) = self.folder.folder(names::OUTPUTS, report) else {
            return;
        };
        for name in outputs.folder_names(report) {
            let Some(folder) = outputs.folder(&name, report) else {
                continue;
            };
            match read_output(&folder, &name) {
                Ok(output) => self.stored.run.model_outputs.push(output),
                Err(problem) => report(problem),
            }
        }
    }
}

fn read_output(folder: &Folder, name: &str) -> Result<ModelOutput, Problem> {
    let meta = yaml::read::<OutputMeta>(folder, names::META)?;
    let step = match meta {
        None => None,
        Some(meta) => yaml::number(folder, "step", &meta.step)?,
    };
    Ok(ModelOutput {
        model_id: ModelId::parse(name).ok_or_else(|| bad_field(folder, "the folder", name))?,
        step: step.unwrap_or(0),
    })
}

fn find_dataset(experiment_folder: &Folder, input: &Folder, id: &str) -> Result<Dataset, Problem> {
    let missing = || {
        let what = format!("the dataset `{id}` of this input is not in the store; it was skipped");
        Problem::new(input.path(), what)
    };
    // The id is the name of a folder, and comes out of a file.
    if id.is_empty() || id.contains('/') || matches!(id, "." | "..") {
        return Err(bad_field(input, "source_id", id));
    }
    let datasets = experiment_folder
        .find_folder(names::DATASETS)?
        .ok_or_else(missing)?;
    let folder = datasets.find_folder(id)?.ok_or_else(missing)?;
    let meta = yaml::read::<DatasetMeta>(&folder, names::META)?.ok_or_else(missing)?;
    Ok(Dataset {
        name: meta.name.unwrap_or_default(),
        digest: meta.digest.unwrap_or_default(),
        source_type: meta.source_type.unwrap_or_default(),
        source: meta.source.unwrap_or_default(),
        schema: meta.schema,
        profile: meta.profile,
    })
}

/// As `FileStore._get_run_from_info`: an empty name is that of the tag.
fn run_name(meta: &Meta, tags: &[Tag]) -> Option<String> {
    let of_meta = [&meta.run_name, &meta.name]
        .into_iter()
        .flatten()
        .find(|name| !name.is_empty());
    let of_tag = tags
        .iter()
        .find(|tag| tag.key == RUN_NAME_TAG)
        .map(|tag| &tag.value);
    let name = of_meta.or(of_tag)?;
    Some(truncate_chars(name, MAX_RUN_NAME_CHARS).to_owned())
}

/// A number of `RunStatus`, or its name in hand-made files; RUNNING if there is none, as in MLflow.
fn status(folder: &Folder, value: &Scalar) -> Result<RunStatus, Problem> {
    let Some(text) = value.as_deref().filter(|text| !text.is_empty()) else {
        return Ok(RunStatus::Running);
    };
    let by_number = RunStatus::ALL
        .iter()
        .find(|(_, number)| text.parse() == Ok(*number));
    by_number
        .map(|(status, _)| *status)
        .or_else(|| RunStatus::from_name(text))
        .ok_or_else(|| bad_field(folder, "status", text))
}

fn source(meta: &Meta) -> RunSource {
    // Numbers of `SourceType`; 1000 is that of the protocol.
    let kind = match meta.source_type.as_deref() {
        Some("1" | "NOTEBOOK") => "NOTEBOOK",
        Some("2" | "JOB") => "JOB",
        Some("3" | "PROJECT") => "PROJECT",
        Some("5" | "1000" | "UNKNOWN") => "UNKNOWN",
        _ => "LOCAL",
    };
    let text = |value: &Scalar, limit| truncate_chars(value.as_deref().unwrap_or(""), limit).to_owned();
    RunSource {
        kind,
        name: text(&meta.source_name, 500),
        entry_point: text(&meta.entry_point_name, 50),
        version: text(&meta.source_version, 50),
    }
}
