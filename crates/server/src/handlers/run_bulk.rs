//! One change to many runs, told about while it goes on.

use std::io;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream::try_unfold;
use oxflow_core::limits::{BULK_RUNS_PER_TRANSACTION, MAX_RUN_NAME_CHARS, MAX_RUN_TAG_VALUE_CHARS};
use oxflow_core::{Invalid, RunId, check_length, short_json};
use oxflow_store::{BulkChange, RunIdList, RunTable};
use oxflow_wire::{BulkFailed, BulkLine, BulkRequest};
use serde_json::{Map, Value};

use super::fields::tag_key;
use super::run_data::check_run_name;
use super::selection::selection;
use crate::extract::AnyJsonBody;
use crate::{ApiError, App};

/// Changes the runs of a selection, some hundred at a time; each line of the answer says how far it is.
pub(crate) async fn change(
    State(app): State<App>,
    AnyJsonBody(req): AnyJsonBody<BulkRequest>,
) -> Result<Response, ApiError> {
    let change = app.bulk_change(req.operation)?;
    let table = RunTable {
        selection: selection(req.selection)?,
        sort: Vec::new(),
    };
    let job = Job {
        list: Arc::new(app.store.list_runs(table).await?),
        app,
        change,
        next_run: 0,
        done: 0,
        is_over: false,
    };
    let body = Body::from_stream(try_unfold(job, Job::next));
    Ok(([(header::CONTENT_TYPE, "application/x-ndjson")], body).into_response())
}

/// A change that goes on. Dropped when the client goes away: what was done stays done, the rest is not begun.
struct Job {
    app: App,
    list: Arc<RunIdList>,
    change: BulkChange,
    next_run: usize,
    done: usize,
    is_over: bool,
}

impl Job {
    /// The next line; `None` behind the last one.
    async fn next(mut self) -> io::Result<Option<(Bytes, Self)>> {
        if self.is_over {
            return Ok(None);
        }
        let ids = self.list.window(self.next_run, BULK_RUNS_PER_TRANSACTION);
        self.next_run += ids.len();
        self.is_over = self.next_run >= self.list.len();
        let failed = self.change(&ids).await;
        self.done += ids.len() - failed.len();
        let line = BulkLine {
            total: self.list.len(),
            done: self.done,
            failed,
        };
        let mut json = serde_json::to_vec(&line)?;
        json.push(b'\n');
        Ok(Some((json.into(), self)))
    }

    /// Changes runs; those that were not changed.
    async fn change(&self, ids: &[String]) -> Vec<BulkFailed> {
        let run_ids: Vec<RunId> = ids.iter().cloned().map(RunId::from_row).collect();
        if run_ids.is_empty() {
            return Vec::new();
        }
        let failed = |run_id: String, error: ApiError| BulkFailed {
            run_id,
            error_code: error.code().name(),
            message: error.into_message(),
        };
        match self.app.store.change_runs(run_ids, self.change.clone()).await {
            Ok(failures) => failures
                .into_iter()
                .map(|failure| failed(failure.run_id.to_string(), failure.error.into()))
                .collect(),
            // Of a transaction that fails nothing is stored.
            Err(error) => {
                let error = ApiError::from(error);
                let (code, message) = (error.code(), error.into_message());
                let failed = |run_id: &String| BulkFailed {
                    run_id: run_id.clone(),
                    error_code: code.name(),
                    message: message.clone(),
                };
                ids.iter().map(failed).collect()
            }
        }
    }
}

impl App {
    /// The change that an `operation` names.
    fn bulk_change(&self, operation: Option<Value>) -> Result<BulkChange, ApiError> {
        let operation = operation.ok_or_else(|| Invalid::missing("operation"))?;
        let unknown = || {
            Invalid::new(format!(
                "Unknown operation {}. It must be \"delete\", \"restore\", or an object with one of set_tag, \
                 delete_tag and rename",
                short_json(&operation.to_string())
            ))
        };
        let (name, fields) = match &operation {
            Value::String(name) => (name.as_str(), None),
            Value::Object(object) if object.len() == 1 => {
                let (name, fields) = object.iter().next().ok_or_else(unknown)?;
                (name.as_str(), Some(fields.as_object().ok_or_else(unknown)?))
            }
            _ => return Err(unknown().into()),
        };
        match (name, fields) {
            ("delete", None) => Ok(BulkChange::Delete {
                now_ms: self.clock.now_ms(),
            }),
            ("restore", None) => Ok(BulkChange::Restore),
            ("set_tag", Some(fields)) => {
                let key = tag_key(text(fields, "key")?)?;
                let value = text(fields, "value")?.to_owned();
                let value = self.fit_value("value", value, MAX_RUN_TAG_VALUE_CHARS)?;
                check_run_name(&key, &value)?;
                Ok(BulkChange::SetTag { key, value })
            }
            ("delete_tag", Some(fields)) => Ok(BulkChange::DeleteTag {
                key: text(fields, "key")?.to_owned(),
            }),
            ("rename", Some(fields)) => {
                let name = text(fields, "name")?;
                if name.is_empty() {
                    return Err(Invalid::missing("operation.rename.name").into());
                }
                check_length("run_name", MAX_RUN_NAME_CHARS, name)?;
                Ok(BulkChange::Rename {
                    name: name.to_owned(),
                })
            }
            _ => Err(unknown().into()),
        }
    }
}

/// A text of an operation. What holds NUL was a bare token such as `NaN`.
fn text<'f>(fields: &'f Map<String, Value>, name: &str) -> Result<&'f str, Invalid> {
    match fields.get(name) {
        None | Some(Value::Null) => Err(Invalid::missing(name)),
        Some(Value::String(text)) if !text.contains('\0') => Ok(text),
        Some(other) => Err(Invalid::new(format!(
            "Invalid value {} for parameter '{name}': it must be a text",
            short_json(&other.to_string())
        ))),
    }
}
