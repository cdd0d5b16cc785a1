//! Logged models of MLflow 3.

use oxflow_core::{
    ExperimentId, KeyKind, LifecycleStage, LoggedModel, LoggedModelStatus, ModelId,
    limits::MAX_LOGGED_MODEL_NAME_CHARS, truncate_chars,
};
use serde::Deserialize;

use crate::metric_lines::{MetricFile, Owner, for_each_metric_file};
use crate::yaml::{Scalar, bad_field, millis};
use crate::{Folder, Problem, Report, names, pairs, yaml};

/// A logged model of the store.
#[derive(Debug)]
pub struct LoggedModelFolder {
    /// The model, without points.
    pub stored: LoggedModel,
    folder: Folder,
}

#[derive(Debug, Deserialize)]
struct Meta {
    model_id: Scalar,
    experiment_id: Scalar,
    name: Scalar,
    artifact_location: Scalar,
    creation_timestamp: Scalar,
    last_updated_timestamp: Scalar,
    lifecycle_stage: Scalar,
    model_type: Scalar,
    source_run_id: Scalar,
    status: Scalar,
    status_message: Scalar,
}

impl LoggedModelFolder {
    pub(crate) fn read(
        folder: Folder,
        experiment_id: ExperimentId,
        report: Report<'_>,
    ) -> Result<Option<Self>, Problem> {
        let Some(meta) = yaml::read::<Meta>(&folder, names::META)? else {
            return Ok(None);
        };
        let name = folder.name();
        let id = meta.model_id.as_deref().unwrap_or(&name);
        let model_id = ModelId::parse(id)
            .filter(|id| id.as_str() == name)
            .ok_or_else(|| bad_field(&folder, "model_id", id))?;
        if let Some(said) = meta.experiment_id.as_deref()
            && ExperimentId::parse(said) != Ok(experiment_id)
        {
            return Err(bad_field(&folder, "experiment_id", said));
        }
        let created_ms = millis(&folder, "creation_timestamp", &meta.creation_timestamp)?.unwrap_or(0);
        let updated = millis(&folder, "last_updated_timestamp", &meta.last_updated_timestamp)?;
        let short = |text: Scalar, limit| text.map(|text| truncate_chars(&text, limit).to_owned());
        let stored = LoggedModel {
            model_id,
            experiment_id,
            name: short(meta.name, MAX_LOGGED_MODEL_NAME_CHARS).unwrap_or_default(),
            creation_timestamp_ms: created_ms,
            last_updated_timestamp_ms: updated.unwrap_or(created_ms),
            artifact_location: meta.artifact_location.unwrap_or_default(),
            status: status(&folder, &meta.status)?,
            model_type: short(meta.model_type, MAX_LOGGED_MODEL_NAME_CHARS),
            source_run_id: meta.source_run_id,
            status_message: short(meta.status_message, 1000),
            lifecycle_stage: LifecycleStage::from_row(meta.lifecycle_stage.as_deref().unwrap_or("active")),
            tags: pairs::read(&folder, names::TAGS, KeyKind::Tag, usize::MAX, report),
            params: pairs::read(&folder, names::PARAMS, KeyKind::Param, usize::MAX, report),
            metrics: Vec::new(),
        };
        Ok(Some(Self { stored, folder }))
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
        for_each_metric_file(&self.folder, Owner::LoggedModel, report, found);
    }

    /// Its folder of artifacts, if there is one.
    pub fn artifacts(&self, report: Report<'_>) -> Option<Folder> {
        self.folder.folder(names::ARTIFACTS, report)
    }
}

/// A number of `LoggedModelStatus`, or its name; pending if there is none.
fn status(folder: &Folder, value: &Scalar) -> Result<LoggedModelStatus, Problem> {
    let Some(text) = value.as_deref().filter(|text| !text.is_empty()) else {
        return Ok(LoggedModelStatus::Pending);
    };
    let by_number = LoggedModelStatus::ALL
        .iter()
        .find(|(_, number)| text.parse() == Ok(*number));
    by_number
        .map(|(status, _)| *status)
        .or_else(|| LoggedModelStatus::from_name(text))
        .or_else(|| LoggedModelStatus::from_name(&format!("LOGGED_MODEL_{text}")))
        .ok_or_else(|| bad_field(folder, "status", text))
}
