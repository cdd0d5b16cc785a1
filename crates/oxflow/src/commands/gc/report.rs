//! What is printed: the plan before, what became of it after.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use oxflow_server::purge::Purged;
use oxflow_store::{Kept, Trash, TrashItem};
use serde_json::{Value, json};

use super::scope::Scope;
use crate::commands::print;
use crate::config::StorageConfig;

/// Ids of a kind that the text of a plan names.
const MOST_NAMED: usize = 10;

/// Folders of artifacts that belong to nothing.
#[derive(Debug, Default)]
pub struct FoundOrphans {
    /// All that were found: paths below the artifacts destination, and locations below the default root.
    pub paths: Vec<String>,
    /// The default root, if it was not looked at, as this program does not reach it.
    pub not_reached: Option<String>,
    /// How many were removed.
    pub removed: usize,
    /// Those that could not be, each with what went wrong.
    pub failed: Vec<(String, String)>,
}

/// How to tell.
#[derive(Debug)]
pub struct Report<'a> {
    is_json: bool,
    is_dry: bool,
    scope: &'a Scope,
}

impl<'a> Report<'a> {
    /// As text, or as one JSON object at the end.
    pub fn new(is_json: bool, is_dry: bool, scope: &'a Scope) -> Self {
        Self {
            is_json,
            is_dry,
            scope,
        }
    }

    /// Prints what is going to be removed, and what stays.
    pub fn plan(&self, trash: &Trash, jobs: &[String]) {
        if self.is_json {
            return;
        }
        let runs: Vec<String> = trash.runs.iter().map(|run| run.run_id.to_string()).collect();
        let models: Vec<String> = trash
            .logged_models
            .iter()
            .map(|model| model.model_id.to_string())
            .collect();
        let experiments: Vec<String> = trash
            .experiments
            .iter()
            .map(|experiment| format!("{} `{}`", experiment.id, experiment.name))
            .collect();
        let mut text = String::from("In the trash, to be removed for good:\n");
        for (kind, ids) in [
            ("runs", &runs),
            ("logged models", &models),
            ("experiments", &experiments),
        ] {
            add_list(&mut text, kind, ids);
        }
        if self.scope.jobs.is_some() {
            add_list(&mut text, "records of jobs", jobs);
        }
        for kept in &trash.kept {
            let _ = writeln!(text, "kept: {}: {}", kept.item, kept.why);
        }
        print(text.trim_end());
    }

    /// Says if the folder of the artifacts is not there at all: then it is perhaps another one.
    pub fn warn_of_missing_folder(&self, storage: &StorageConfig, is_remote: bool) {
        let folder = Path::new(&storage.artifacts.destination);
        if storage.artifacts.serve && !is_remote && folder.is_absolute() && !folder.exists() {
            say(&format!(
                "warning: the folder of the artifacts, `{}`, does not exist, so nothing is removed from it; if the \
                 server has another one, stop here and name it with `--artifacts-destination`",
                folder.display()
            ));
        }
    }

    /// Prints what became of the plan.
    pub fn end(
        &self,
        trash: &Trash,
        jobs: &[String],
        purged: &Purged,
        removed_jobs: usize,
        orphans: Option<&FoundOrphans>,
    ) -> ExitCode {
        for stayed in &purged.stayed {
            let kind = if stayed.why.is_fine() { "kept" } else { "warning" };
            say(&format!("{kind}: {} stays: {}", stayed.item, stayed.why));
        }
        for (item, location) in &purged.left {
            say(&format!("left: artifacts of {item} at {location}"));
        }
        let failed_orphans = orphans.map_or(&[][..], |orphans| orphans.failed.as_slice());
        for (path, why) in failed_orphans {
            say(&format!("warning: the folder `{path}` stays: {why}"));
        }
        if let Some(root) = orphans.and_then(|orphans| orphans.not_reached.as_deref()) {
            say(&format!(
                "warning: folders below the default root, `{root}`, were not looked at: it is not reached from here"
            ));
        }
        if self.is_json {
            print(&self.json(trash, jobs, purged, removed_jobs, orphans).to_string());
        } else {
            self.print_end(purged, removed_jobs, orphans);
        }
        let is_refused = trash
            .kept
            .iter()
            .any(|kept| self.scope.named.contains(&kept.item.id()));
        let is_missing = self.missing_jobs(jobs) > 0;
        let has_failed = purged.stayed.iter().any(|stayed| !stayed.why.is_fine());
        if is_refused || is_missing || has_failed || !failed_orphans.is_empty() {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        }
    }

    fn print_end(&self, purged: &Purged, removed_jobs: usize, orphans: Option<&FoundOrphans>) {
        let mut text = String::new();
        if self.is_dry {
            text += "Nothing was removed: this was a dry run.\n";
        } else {
            let _ = write!(
                text,
                "Removed: {}, {}, {}",
                count(purged.runs, "run"),
                count(purged.logged_models, "logged model"),
                count(purged.experiments, "experiment"),
            );
            if self.scope.jobs.is_some() {
                let _ = write!(text, ", {}", count(removed_jobs, "record of a job"));
            }
            text.push('\n');
        }
        if let Some(orphans) = orphans {
            let _ = writeln!(
                text,
                "{} that belong to nothing:",
                count(orphans.paths.len(), "folder")
            );
            for path in &orphans.paths {
                let _ = writeln!(text, "  {path}");
            }
            if orphans.removed > 0 {
                let _ = writeln!(text, "{} of them removed", orphans.removed);
            } else if !orphans.paths.is_empty() {
                text += "`--delete-orphans` removes them, if no other server keeps its artifacts in the same place\n";
            }
        }
        print(text.trim_end());
    }

    /// Jobs that were named and are not there, or not over.
    fn missing_jobs(&self, found: &[String]) -> usize {
        let named = self.scope.jobs.as_ref().and_then(|query| query.ids.as_ref());
        named.map_or(0, |ids| ids.iter().filter(|id| !found.contains(id)).count())
    }

    fn json(
        &self,
        trash: &Trash,
        jobs: &[String],
        purged: &Purged,
        removed_jobs: usize,
        orphans: Option<&FoundOrphans>,
    ) -> Value {
        let runs: Vec<&str> = trash.runs.iter().map(|run| run.run_id.as_str()).collect();
        let models: Vec<&str> = trash
            .logged_models
            .iter()
            .map(|model| model.model_id.as_str())
            .collect();
        let experiments: Vec<String> = trash
            .experiments
            .iter()
            .map(|experiment| experiment.id.to_string())
            .collect();
        let kept: Vec<Value> = trash.kept.iter().map(kept_as_json).collect();
        let of = |item: &TrashItem, why: String| json!({"kind": kind(item), "id": item.id(), "reason": why});
        let (fine, failed): (Vec<_>, Vec<_>) = purged.stayed.iter().partition(|stayed| stayed.why.is_fine());
        let fine = fine
            .into_iter()
            .map(|stayed| of(&stayed.item, stayed.why.to_string()));
        let failed: Vec<Value> = failed
            .into_iter()
            .map(|stayed| of(&stayed.item, stayed.why.to_string()))
            .collect();
        let left: Vec<Value> = purged
            .left
            .iter()
            .map(|(item, location)| json!({"kind": kind(item), "id": item.id(), "location": location}))
            .collect();
        let mut answer = json!({
            "dry_run": self.is_dry,
            "plan": {"runs": runs, "logged_models": models, "experiments": experiments, "jobs": jobs},
            "kept": kept.into_iter().chain(fine).collect::<Vec<_>>(),
            "removed": {
                "runs": purged.runs,
                "logged_models": purged.logged_models,
                "experiments": purged.experiments,
                "jobs": removed_jobs,
            },
            "failed": failed,
            "left": left,
        });
        if let Some(orphans) = orphans {
            answer["orphans"] = json!(orphans.paths);
            answer["removed"]["orphans"] = json!(orphans.removed);
        }
        answer
    }
}

fn kept_as_json(kept: &Kept) -> Value {
    json!({"kind": kind(&kept.item), "id": kept.item.id(), "reason": kept.why.to_string()})
}

fn kind(item: &TrashItem) -> String {
    item.kind().replace(' ', "_")
}

fn add_list(text: &mut String, kind: &str, ids: &[String]) {
    let _ = write!(text, "{:>8} {kind}", ids.len());
    let named: Vec<&str> = ids.iter().take(MOST_NAMED).map(String::as_str).collect();
    if !named.is_empty() {
        let _ = write!(text, ": {}", named.join(", "));
    }
    if ids.len() > MOST_NAMED {
        let _ = write!(text, ", … (`--dry-run --json` lists all)");
    }
    text.push('\n');
}

fn count(number: usize, what: &str) -> String {
    match (number, what.split_once(' ')) {
        (1, _) => format!("1 {what}"),
        (_, Some(("record", rest))) => format!("{number} records {rest}"),
        _ => format!("{number} {what}s"),
    }
}

/// A line beside the data. When standard error is gone there is nobody left to tell.
fn say(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
