//! `POST /graphql`.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use oxflow_core::ErrorCode;
use oxflow_wire::{GraphqlAnswer, GraphqlRequest};
use tokio::task::{JoinError, spawn_blocking};

use crate::answer::large;
use crate::authorize::Caller;
use crate::extract::AnyJsonBody;
use crate::graphql::{Operation, Refused, answer, project};
use crate::{ApiError, App};

/// Executes an operation.
pub(crate) async fn execute(
    State(app): State<App>,
    caller: Caller,
    AnyJsonBody(req): AnyJsonBody<GraphqlRequest>,
) -> Result<Response, ApiError> {
    let query = req.query.required("query")?;
    let name = req
        .operation_name
        .optional("operationName")?
        .filter(|name| !name.is_empty());
    let variables = req.variables.unwrap_or_default();
    let prepared = spawn_blocking(move || {
        let operation = Operation::parse(&query, name, variables)?;
        let asked = operation.root_fields()?;
        Ok::<_, Refused>((operation, asked))
    });
    let (operation, asked) = match prepared.await.map_err(|error| crashed(&error))? {
        Ok(prepared) => prepared,
        Err(refused) => return Ok(refuse(refused)),
    };
    let mut answers = HashMap::new();
    for field in asked {
        answers.insert(field.key.clone(), answer(&app, &caller, field).await);
    }
    let projected = spawn_blocking(move || project(&operation, &answers));
    match projected.await.map_err(|error| crashed(&error))? {
        Ok(answer) => large(answer).await,
        Err(refused) => Ok(refuse(refused)),
    }
}

fn crashed(error: &JoinError) -> ApiError {
    ApiError::new(
        ErrorCode::InternalError,
        format!("a GraphQL request failed: {error}"),
    )
}

/// Nothing was executed.
fn refuse(Refused(errors): Refused) -> Response {
    let answer = GraphqlAnswer {
        data: None,
        errors: Some(errors),
    };
    (StatusCode::BAD_REQUEST, Json(answer)).into_response()
}
