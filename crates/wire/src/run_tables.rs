//! Oxflow's own endpoints about many runs: selections, tables. The shapes are those of docs/api.md.

use std::collections::BTreeMap;

use oxflow_core::{Cell, DatasetUse, Experiment, ModelOfRun};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::{Double, Field, Int64, List, Object};

/// Which runs are meant; a part of several bodies.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are those of docs/api.md")]
pub struct Selection {
    pub experiments: List<Field<String>>,
    pub ids: List<Field<String>>,
    pub q: Field<String>,
    pub search: Field<String>,
    pub view: Field<String>,
    pub started_after: Field<Int64>,
    pub started_before: Field<Int64>,
    #[serde(rename = "where")]
    pub conditions: List<Object<ColumnCondition>>,
    pub parent: Field<String>,
}

/// A condition that a column has a value.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ColumnCondition {
    /// The column.
    pub column: Field<String>,
    /// The value; null means that there is none. `None` if the field was not sent.
    #[serde(deserialize_with = "even_null")]
    pub is: Option<Value>,
}

/// Tells a null from a field that was not sent.
fn even_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// A column to order by.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are those of docs/api.md")]
pub struct SortBy {
    pub column: Field<String>,
    pub descending: Field<bool>,
    /// Of groups only.
    pub aggregate: Field<String>,
}

/// Body of `POST runs/table`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are those of docs/api.md")]
pub struct TableRequest {
    #[serde(flatten)]
    pub selection: Selection,
    pub columns: List<Field<String>>,
    pub sort: List<Object<SortBy>>,
    pub offset: Field<Int64>,
    pub limit: Field<Int64>,
    pub generation: Field<String>,
}

/// Answer to `POST runs/table`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are those of docs/api.md")]
pub struct TableAnswer {
    pub total: usize,
    pub offset: usize,
    pub generation: String,
    pub ids: Vec<String>,
    pub columns: Columns,
}

/// Columns of a table by name, in the order in which they were asked for.
#[derive(Debug)]
pub struct Columns(pub Vec<(String, Vec<Cell>)>);

impl Serialize for Columns {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, cells) in &self.0 {
            map.serialize_entry(name, &Cells(cells))?;
        }
        map.end()
    }
}

struct Cells<'c>(&'c [Cell]);

impl Serialize for Cells<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for cell in self.0 {
            list.serialize_element(&CellJson(cell))?;
        }
        list.end()
    }
}

/// A row of a table as an object.
#[derive(Debug)]
pub struct RowJson<'r> {
    /// The names of the columns.
    pub names: &'r [String],
    /// Their cells.
    pub columns: &'r [Vec<Cell>],
    /// Which row.
    pub row: usize,
}

impl Serialize for RowJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let cells = self.columns.iter().map(|cells| CellJson(&cells[self.row]));
        serializer.collect_map(self.names.iter().zip(cells))
    }
}

/// A cell as JSON.
#[derive(Debug)]
pub struct CellJson<'c>(pub &'c Cell);

impl Serialize for CellJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Cell::Missing => serializer.serialize_none(),
            Cell::Text(text) => serializer.serialize_str(text),
            Cell::Int(number) => serializer.serialize_i64(*number),
            Cell::Number(number) => Double(*number).serialize(serializer),
            Cell::Datasets(datasets) => serializer.collect_seq(datasets.iter().map(DatasetJson)),
            Cell::Models(models) => serializer.collect_seq(models.iter().map(ModelJson)),
        }
    }
}

struct DatasetJson<'d>(&'d DatasetUse);

impl Serialize for DatasetJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("name", &self.0.name)?;
        map.serialize_entry("digest", &self.0.digest)?;
        map.serialize_entry("context", &self.0.context)?;
        map.end()
    }
}

struct ModelJson<'m>(&'m ModelOfRun);

impl Serialize for ModelJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        match self.0 {
            ModelOfRun::Registered { name, version } => {
                map.serialize_entry("name", name)?;
                map.serialize_entry("version", version)?;
            }
            ModelOfRun::Logged { model_id, name } => {
                map.serialize_entry("model_id", model_id)?;
                map.serialize_entry("name", name)?;
            }
        }
        map.end()
    }
}

/// Body of `POST runs/groups`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are those of docs/api.md")]
pub struct GroupsRequest {
    #[serde(flatten)]
    pub selection: Selection,
    pub group: List<Field<String>>,
    pub columns: List<Field<String>>,
    pub sort: List<Object<SortBy>>,
    pub offset: Field<Int64>,
    pub limit: Field<Int64>,
}

/// Answer to `POST runs/groups`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are those of docs/api.md")]
pub struct GroupsAnswer {
    pub total: usize,
    pub total_groups: usize,
    pub offset: usize,
    pub groups: Vec<GroupJson>,
}

/// A group of runs.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are those of docs/api.md")]
pub struct GroupJson {
    pub values: Vec<Option<String>>,
    pub count: Int64,
    pub running: Int64,
    pub metrics: BTreeMap<String, MetricSummary>,
}

/// A metric of a group.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are those of docs/api.md")]
pub struct MetricSummary {
    pub count: usize,
    pub mean: Option<Double>,
    pub std: Option<Double>,
    pub stderr: Option<Double>,
    pub median: Option<Double>,
    pub min: Option<Double>,
    pub max: Option<Double>,
    pub nan: usize,
}

/// Body of `POST runs/keys`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are those of docs/api.md")]
pub struct KeysRequest {
    #[serde(flatten)]
    pub selection: Selection,
    pub kinds: List<Field<String>>,
    pub contains: Field<String>,
    pub limit: Field<Int64>,
}

/// Answer to `POST runs/keys`; kinds that were not asked for are left out.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are those of docs/api.md")]
pub struct KeysAnswer {
    pub total_runs: usize,
    pub sampled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics: Option<Vec<KeyJson>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub params: Option<Vec<KeyJson>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<KeyJson>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub datasets: Option<Vec<DatasetRunsJson>>,
}

/// A key with what is known about its use.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are those of docs/api.md")]
pub struct KeyJson {
    pub key: String,
    pub runs: Option<Int64>,
    pub differs: Option<bool>,
}

/// A dataset with how many runs read it.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are those of docs/api.md")]
pub struct DatasetRunsJson {
    pub name: String,
    pub digest: String,
    pub runs: Option<Int64>,
}

/// Query of `GET runs/values`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are those of docs/api.md")]
pub struct ValuesRequest {
    pub experiments: Field<String>,
    pub view: Field<String>,
    pub column: Field<String>,
    pub contains: Field<String>,
    pub limit: Field<Int64>,
}

/// Answer to `GET runs/values`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the field is that of docs/api.md")]
pub struct ValuesAnswer {
    pub values: Vec<ValueRuns>,
}

/// A value with how many runs have it.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are those of docs/api.md")]
pub struct ValueRuns {
    pub value: String,
    pub runs: Int64,
}

/// Body of `POST runs/export`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are those of docs/api.md")]
pub struct ExportRequest {
    #[serde(flatten)]
    pub selection: Selection,
    pub columns: List<Field<String>>,
    pub sort: List<Object<SortBy>>,
    pub format: Field<String>,
    pub file_name: Field<String>,
}

/// Query of `GET runs/export`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ExportLink {
    /// The JSON text of an [`ExportRequest`].
    pub request: Field<String>,
}

/// Body of `POST runs/bulk`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are those of docs/api.md")]
pub struct BulkRequest {
    #[serde(flatten)]
    pub selection: Selection,
    /// A word, or an object with one member.
    pub operation: Option<Value>,
}

/// A line of the answer to `POST runs/bulk`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are those of docs/api.md")]
pub struct BulkLine {
    pub total: usize,
    pub done: usize,
    pub failed: Vec<BulkFailed>,
}

/// A run that was not changed.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are those of docs/api.md")]
pub struct BulkFailed {
    pub run_id: String,
    pub error_code: &'static str,
    pub message: String,
}

/// Query of `GET experiments/summary`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the field is that of docs/api.md")]
pub struct SummaryRequest {
    pub view: Field<String>,
}

/// Answer to `GET experiments/summary`.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the field is that of docs/api.md")]
pub struct SummaryAnswer {
    pub experiments: Vec<SummaryJson>,
}

/// An experiment with the numbers of its runs.
#[derive(Debug, Serialize)]
#[expect(missing_docs, reason = "the fields are those of docs/api.md")]
pub struct SummaryJson {
    pub experiment_id: String,
    pub name: String,
    pub lifecycle_stage: &'static str,
    pub creation_time: Option<Int64>,
    pub last_update_time: Option<Int64>,
    pub artifact_location: Option<String>,
    pub tags: BTreeMap<String, String>,
    pub runs: Int64,
    pub running: Int64,
    pub deleted_runs: Int64,
    pub last_activity: Option<Int64>,
}

impl From<Experiment> for SummaryJson {
    /// Without runs.
    fn from(experiment: Experiment) -> Self {
        let tags = experiment.tags.into_iter().map(|tag| (tag.key, tag.value));
        Self {
            experiment_id: experiment.id.to_string(),
            name: experiment.name,
            lifecycle_stage: experiment.lifecycle_stage.as_str(),
            creation_time: experiment.creation_time_ms,
            last_update_time: experiment.last_update_time_ms,
            artifact_location: experiment.artifact_location,
            tags: tags.collect(),
            runs: 0,
            running: 0,
            deleted_runs: 0,
            last_activity: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_body;

    #[test]
    fn a_selection_is_read_beside_the_fields_of_its_body() {
        let body = br#"{"experiments": ["1"], "q": 5, "where": [{"column": "tag.a", "is": null}, {"column": "tag.b"}, 7], "limit": "3"}"#;
        let request: TableRequest = parse_body(body).unwrap();
        assert_eq!(request.selection.experiments.len(), 1);
        assert_eq!(request.selection.q, Field::Wrong("5".to_owned()));
        assert_eq!(request.limit, Field::Given(3));
        let List::Given(conditions) = request.selection.conditions else {
            panic!("the conditions are a list");
        };
        let is = |i: usize| match &conditions[i] {
            Object::Given(condition) => condition.is.clone(),
            Object::Wrong(_) => None,
        };
        assert_eq!((is(0), is(1)), (Some(Value::Null), None));
        assert!(matches!(conditions[2], Object::Wrong(_)));
    }

    #[test]
    fn numbers_that_json_lacks_are_texts() {
        let cells = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.5].map(Cell::Number);
        assert_eq!(
            serde_json::to_string(&Cells(&cells)).unwrap(),
            r#"["NaN","Infinity","-Infinity",0.5]"#
        );
    }
}
