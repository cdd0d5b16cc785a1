//! What a removal is about, as its flags say.

use std::collections::HashSet;

use oxflow_core::{ExperimentId, ModelId, RunId};
use oxflow_store::{JobQuery, TrashQuery, Which};

use super::GcArgs;
use crate::env::Env;
use crate::failure::Failure;

/// What to look for.
#[derive(Debug)]
pub struct Scope {
    /// Runs, experiments, logged models.
    pub query: TrashQuery,
    /// Records of jobs, if they are asked for.
    pub jobs: Option<JobQuery>,
    /// The ids that were named: not to remove one of these is a failure.
    pub named: HashSet<String>,
}

impl Scope {
    /// Reads the flags.
    pub fn of(args: &GcArgs, env: &Env, now_ms: i64) -> Result<Self, Failure> {
        let deleted_by_ms = args.older_than.map(|age| now_ms.saturating_sub(age.ms));
        let workspace = match (&args.workspace, args.all_workspaces) {
            (_, true) => None,
            (Some(name), false) => Some(name.clone()),
            (None, false) => Some(env.get("MLFLOW_WORKSPACE").unwrap_or("default").to_owned()),
        };
        let named_ids = [
            &args.run_ids,
            &args.experiment_ids,
            &args.logged_model_ids,
            &args.job_ids,
        ];
        // MLflow removes everything of the kinds that are not named. To name one run and lose all others is no
        // expectation to meet.
        let is_about_all = named_ids.iter().all(|ids| ids.is_none());
        let query = TrashQuery {
            runs: which(&args.run_ids, is_about_all, |raw| {
                RunId::parse(raw).map_err(|_| wrong("--run-ids", raw, "is no id of a run"))
            })?,
            experiments: which(&args.experiment_ids, is_about_all, |raw| {
                ExperimentId::parse(raw)
                    .map_err(|_| wrong("--experiment-ids", raw, "is no id of an experiment, a number"))
            })?,
            logged_models: which(&args.logged_model_ids, is_about_all, |raw| {
                ModelId::parse(raw)
                    .ok_or_else(|| wrong("--logged-model-ids", raw, "is no id of a logged model"))
            })?,
            deleted_by_ms,
            workspace: workspace.clone(),
        };
        let jobs = (args.jobs || args.job_ids.is_some()).then(|| JobQuery {
            ids: args.job_ids.as_ref().map(|ids| trimmed(ids)),
            created_before_ms: deleted_by_ms,
            workspace,
        });
        let named = named_ids
            .into_iter()
            .flatten()
            .flat_map(|ids| trimmed(ids))
            .collect();
        Ok(Self { query, jobs, named })
    }
}

fn which<T>(
    ids: &Option<Vec<String>>,
    is_about_all: bool,
    parse: impl Fn(&str) -> Result<T, Failure>,
) -> Result<Which<T>, Failure> {
    match ids {
        Some(ids) => Ok(Which::Named(
            ids.iter()
                .map(|raw| parse(raw.trim()))
                .collect::<Result<_, _>>()?,
        )),
        None if is_about_all => Ok(Which::All),
        None => Ok(Which::None),
    }
}

fn trimmed(ids: &[String]) -> Vec<String> {
    ids.iter().map(|id| id.trim().to_owned()).collect()
}

fn wrong(flag: &str, raw: &str, what: &str) -> Failure {
    Failure::usage(format!("`{flag}`: `{raw}` {what}"))
        .hint("ids are separated by commas; `oxflow gc --dry-run --json` lists those in the trash")
}
