//! Removing what is in the trash for good, as the pages ask for it. `oxflow gc` is the same for all of it.

use axum::Json;
use axum::extract::State;
use oxflow_auth::ResourceType;
use oxflow_core::limits::MAX_PURGED_RUNS;
use oxflow_core::{ErrorCode, ExperimentId, Invalid, RunId};
use oxflow_store::{KeptBecause, TrashItem, TrashQuery, Which};
use oxflow_wire::{ExperimentIdRequest, PurgeAnswer, PurgeKept, PurgeRuns};

use crate::answer::Answer;
use crate::extract::JsonBody;
use crate::purge::{Purge, Served};
use crate::{ApiError, App};

/// Removes deleted runs for good, with their artifacts; says of the others why they stay.
pub(crate) async fn runs(State(app): State<App>, JsonBody(req): JsonBody<PurgeRuns>) -> Answer<PurgeAnswer> {
    let raw = req.run_ids.texts("run_ids")?;
    if raw.is_empty() {
        return Err(Invalid::missing("run_ids").into());
    }
    if raw.len() > MAX_PURGED_RUNS {
        return Err(Invalid::new(format!(
            "A request may purge at most {MAX_PURGED_RUNS} runs; this one names {}. Ask for the others in another one",
            raw.len()
        ))
        .into());
    }
    let ids = raw
        .iter()
        .map(|raw| RunId::parse(raw))
        .collect::<Result<_, _>>()?;
    let query = TrashQuery {
        runs: Which::Named(ids),
        experiments: Which::None,
        logged_models: Which::None,
        deleted_by_ms: None,
        workspace: None,
    };
    Ok(Json(app.purge(query).await?))
}

/// Removes a deleted experiment for good, with all that is in it. What is kept of it keeps it, too.
pub(crate) async fn experiment(
    State(app): State<App>,
    JsonBody(req): JsonBody<ExperimentIdRequest>,
) -> Answer<PurgeAnswer> {
    let id = ExperimentId::parse(&req.experiment_id.required("experiment_id")?)?;
    let query = TrashQuery {
        runs: Which::None,
        experiments: Which::Named(vec![id]),
        logged_models: Which::None,
        deleted_by_ms: None,
        workspace: None,
    };
    let answer = app.purge(query).await?;
    if answer.experiments > 0 {
        // The next experiment may get the same id.
        app.forget_grants(&[ResourceType::Experiment], id.to_string())
            .await?;
    }
    Ok(Json(answer))
}

impl App {
    async fn purge(&self, query: TrashQuery) -> Result<PurgeAnswer, ApiError> {
        let purge = Purge {
            store: self.store.clone(),
            registry: self.registry.clone(),
            folders: Served {
                artifacts: self.artifacts.clone(),
                store: self.store.clone(),
            },
            deleted_by_ms: None,
            with_registered: false,
            with_unserved: false,
        };
        let trash = purge.plan(query).await?;
        let purged = purge.carry_out(&trash, |_| {}).await?;
        let planned = trash.kept.iter().map(|kept| {
            let code = match kept.why {
                KeptBecause::Missing => ErrorCode::ResourceDoesNotExist.name(),
                _ => ErrorCode::InvalidState.name(),
            };
            kept_item(&kept.item, code, kept.why.to_string())
        });
        let stayed = purged
            .stayed
            .iter()
            .map(|stayed| kept_item(&stayed.item, stayed.why.code(), stayed.why.to_string()));
        let kept = planned.chain(stayed).collect();
        Ok(PurgeAnswer {
            runs: purged.runs,
            logged_models: purged.logged_models,
            experiments: purged.experiments,
            kept,
        })
    }
}

fn kept_item(item: &TrashItem, error_code: &'static str, message: String) -> PurgeKept {
    PurgeKept {
        kind: item.kind().replace(' ', "_"),
        id: item.id(),
        error_code,
        message,
    }
}
