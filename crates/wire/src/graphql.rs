//! GraphQL over HTTP.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Field;

/// Body of `POST /graphql`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the fields are those of GraphQL over HTTP")]
pub struct GraphqlRequest {
    pub query: Field<String>,
    #[serde(alias = "operationName")]
    pub operation_name: Field<String>,
    pub variables: Option<Map<String, Value>>,
}

/// Answer of `POST /graphql`. Unlike in the specification of GraphQL, both members are always there and errors are
/// texts (`_graphql`, MLflow 3.17).
#[derive(Debug, Serialize)]
pub struct GraphqlAnswer {
    /// What was asked for.
    pub data: Option<Value>,
    /// What went wrong.
    pub errors: Option<Vec<String>>,
}
