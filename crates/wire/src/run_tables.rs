//! Oxflow's own endpoints about many runs: selections, tables. The shapes are those of docs/api.md.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::{Columns, Double, Field, Int64, List, Object};

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
    pub generation: Option<String>,
    pub ids: Vec<String>,
    pub columns: Columns,
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
}
