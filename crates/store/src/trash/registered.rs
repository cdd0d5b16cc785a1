//! What versions of registered models come from.

use std::collections::{HashMap, HashSet};

use super::Trash;
use crate::registry::DELETED_STAGE;
use crate::{Result, Store};

const VERSIONS: &str = "
    SELECT name, version, run_id, source, storage_location
      FROM model_versions
     WHERE current_stage IS NULL OR current_stage <> $1
     ORDER BY workspace, name, version";

/// By the id of a run or logged model, the first version that comes from it, as `name/version`.
#[derive(Debug, Default)]
pub struct VersionsByOrigin(HashMap<String, String>);

impl VersionsByOrigin {
    /// The version that comes from a run or logged model, if there is one.
    pub fn get(&self, id: &str) -> Option<&str> {
        self.0.get(id).map(String::as_str)
    }
}

impl Store {
    /// Which of some runs and logged models versions of registered models come from: by the run they name, or by an id
    /// in their source or storage location, such as `runs:/<id>/model`, `models:/<id>`, `s3://bucket/1/<id>/artifacts/model`.
    ///
    /// Every version is read, of all workspaces: sources are free texts, which no index could find.
    pub async fn versions_by_origin(&self, ids: HashSet<String>) -> Result<VersionsByOrigin> {
        if ids.is_empty() {
            return Ok(VersionsByOrigin::default());
        }
        self.read(move |tx| {
            let mut found = VersionsByOrigin::default();
            tx.for_each(VERSIONS, &[DELETED_STAGE.into()], |row| {
                let (name, version) = (row.text_in_place(0)?, row.int(1)?);
                for column in 2..5 {
                    let text = row.text_or_null(column)?.unwrap_or_default();
                    let origins = ids_in(&text).filter(|part| ids.contains(*part));
                    for origin in origins {
                        let shown = || format!("{name}/{version}");
                        found.0.entry(origin.to_owned()).or_insert_with(shown);
                    }
                }
                Ok(())
            })?;
            Ok(found)
        })
        .await
    }
}

/// The parts of a location that could be an id: what stands between slashes and the like.
pub fn ids_in(location: &str) -> impl Iterator<Item = &str> {
    location.split(['/', ':', '?', '#', '&', '=', '@'])
}

impl Trash {
    /// The ids of its runs and logged models.
    pub fn origins(&self) -> HashSet<String> {
        let runs = self.runs.iter().map(|run| run.run_id.to_string());
        let models = self.logged_models.iter().map(|model| model.model_id.to_string());
        runs.chain(models).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_in_sources_of_every_kind() {
        for source in [
            "runs:/abc/model",
            "models:/abc",
            "mlflow-artifacts:/1/abc/artifacts/model",
            "s3://bucket/1/models/abc/artifacts",
            "file:///data/abc",
            "abc",
            "abfss://c@h/abc?x=y",
        ] {
            assert!(ids_in(source).any(|part| part == "abc"), "{source}");
        }
        assert!(!ids_in("runs:/abcd/model").any(|part| part == "abc"));
    }
}
