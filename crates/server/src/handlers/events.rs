//! What changes, as it changes: server-sent events.

mod news;
mod stream;

use std::collections::HashSet;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use oxflow_core::limits::MAX_WATCHED;
use oxflow_core::{ErrorCode, ExperimentId, Invalid, RunId};
use oxflow_wire::{Field, WatchEvents};

use crate::extract::{QueryFields, QueryFieldsOf};
use crate::{ApiError, App};
use news::Watched;
use stream::{Listener, look_with};

impl QueryFields for WatchEvents {}

/// Streams what changes in some experiments and runs, until the client or the server goes away.
pub(crate) async fn events(
    State(app): State<App>,
    QueryFieldsOf(req): QueryFieldsOf<WatchEvents>,
) -> Result<Response, ApiError> {
    let mut watched = watched(req)?;
    app.refuse_odd_runs(&watched).await?;
    if !watched.runs.is_empty() {
        let runs = watched.runs.iter().cloned().collect();
        watched.experiments_of_runs = app.store.experiments_of_runs(runs).await?;
    }
    let place = app.listeners.clone().try_acquire_owned().map_err(|_| {
        ApiError::new(
            ErrorCode::TemporarilyUnavailable,
            "too many pages listen for changes at this moment; ask for what changed now and then instead",
        )
    })?;
    let (news, is_ready) = (app.store.listen(), app.readiness.watch());
    let listener = Listener::new(watched, news, is_ready, look_with(app.store.clone()), place);
    Ok((
        [
            (header::CONTENT_TYPE, "text/event-stream"),
            (header::CACHE_CONTROL, "no-store"),
            // Proxies such as nginx would otherwise collect the events before they pass them on.
            (HeaderName::from_static("x-accel-buffering"), "no"),
        ],
        Body::from_stream(listener.into_stream()),
    )
        .into_response())
}

impl App {
    /// Refuses what is no id of a run. Those that servers make need not be there, but another one has to be that of a run,
    /// which came from elsewhere.
    async fn refuse_odd_runs(&self, watched: &Watched) -> Result<(), ApiError> {
        let odd: Vec<RunId> = watched.runs.iter().filter(|id| !id.is_usual()).cloned().collect();
        if odd.is_empty() {
            return Ok(());
        }
        match self.store.find_unknown_run(odd).await? {
            None => Ok(()),
            Some(id) => Err(Invalid::new(format!(
                "'runs' names '{id}', which is not 32 hexadecimal digits, and no run has that id"
            ))
            .into()),
        }
    }
}

fn watched(req: WatchEvents) -> Result<Watched, Invalid> {
    let experiments: HashSet<ExperimentId> = items(req.experiments, "experiments")?
        .iter()
        .map(|raw| ExperimentId::parse(raw))
        .collect::<Result<_, _>>()?;
    let runs: HashSet<RunId> = items(req.runs, "runs")?
        .iter()
        .map(|raw| RunId::parse(raw))
        .collect::<Result<_, _>>()?;
    if experiments.is_empty() && runs.is_empty() {
        return Err(Invalid::missing("experiments"));
    }
    Ok(Watched {
        experiments,
        runs,
        experiments_of_runs: HashSet::new(),
    })
}

/// The items of a list with commas between them.
fn items(list: Field<String>, name: &str) -> Result<Vec<String>, Invalid> {
    let list = list.optional(name)?.unwrap_or_default();
    let items: Vec<String> = list
        .split(',')
        .filter(|item| !item.is_empty())
        .map(str::to_owned)
        .collect();
    if items.len() > MAX_WATCHED {
        return Err(Invalid::new(format!(
            "'{name}' may name at most {MAX_WATCHED}; this request names {}",
            items.len()
        )));
    }
    Ok(items)
}
