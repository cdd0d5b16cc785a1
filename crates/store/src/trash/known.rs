//! Which folders of artifacts belong to something.

use std::collections::HashSet;

use crate::{DbError, Result, Store, Tx};

/// Ids that the database is asked for together.
const IDS_PER_STATEMENT: usize = 1000;

/// The tag of a trace that says where its artifacts are. MLflow 3.17: `TraceTagKey`, `MLFLOW_ARTIFACT_LOCATION`.
const TRACE_LOCATION: &str = "mlflow.artifactLocation";

/// Locations of things whose artifacts are all that is there: runs, logged models, traces.
const OWN: &str = "
    SELECT artifact_uri FROM runs WHERE artifact_uri IS NOT NULL
     UNION ALL
    SELECT artifact_location FROM logged_models
     UNION ALL
    SELECT value FROM trace_tags WHERE key = $1 AND value IS NOT NULL";

/// Locations in which each thing has a folder of its own: of experiments and workspaces.
const SHARED: &str = "
    SELECT artifact_location FROM experiments WHERE artifact_location IS NOT NULL
     UNION ALL
    SELECT default_artifact_root FROM workspaces WHERE default_artifact_root IS NOT NULL
     UNION ALL
    SELECT trace_archival_location FROM workspaces WHERE trace_archival_location IS NOT NULL";

/// Locations that versions of registered models name.
const OF_VERSIONS: &str = "
    SELECT source FROM model_versions WHERE source IS NOT NULL
     UNION ALL
    SELECT storage_location FROM model_versions WHERE storage_location IS NOT NULL
     UNION ALL
    SELECT run_id FROM model_versions WHERE run_id IS NOT NULL";

/// What folders of artifacts are named after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArtifactOwners {
    /// Runs.
    Runs,
    /// Logged models.
    LoggedModels,
}

/// How much of what is at a location belongs to the row that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocationOf {
    /// Everything.
    Owner,
    /// The folder, in which others have theirs.
    Owners,
}

impl Store {
    /// Those of some ids that a run, or a logged model, has, deleted or not.
    pub async fn known_owners(&self, kind: ArtifactOwners, ids: Vec<String>) -> Result<HashSet<String>> {
        self.read(move |tx| Ok(tx.known_owners(kind, &ids)?)).await
    }

    /// Reads every location that experiments, runs, logged models, traces and workspaces name, of all workspaces, deleted or
    /// not, one after the other. When a connection breaks, it may begin anew.
    pub async fn for_each_location(
        &self,
        mut each: impl FnMut(LocationOf, &str) + Send + 'static,
    ) -> Result<()> {
        self.read(move |tx| {
            tx.for_each(OWN, &[TRACE_LOCATION.into()], |row| {
                each(LocationOf::Owner, row.text_in_place(0)?);
                Ok(())
            })?;
            tx.for_each(SHARED, &[], |row| {
                each(LocationOf::Owners, row.text_in_place(0)?);
                Ok(())
            })?;
            Ok(())
        })
        .await
    }

    /// The same of versions of registered models, with the ids of their runs.
    pub async fn for_each_version_location(&self, mut each: impl FnMut(&str) + Send + 'static) -> Result<()> {
        self.read(move |tx| {
            tx.for_each(OF_VERSIONS, &[], |row| {
                each(row.text_in_place(0)?);
                Ok(())
            })?;
            Ok(())
        })
        .await
    }
}

impl Tx<'_> {
    fn known_owners(&mut self, kind: ArtifactOwners, ids: &[String]) -> Result<HashSet<String>, DbError> {
        let (table, column) = match kind {
            ArtifactOwners::Runs => ("runs", "run_uuid"),
            ArtifactOwners::LoggedModels => ("logged_models", "model_id"),
        };
        let mut known = HashSet::new();
        for ids in ids.chunks(IDS_PER_STATEMENT) {
            let among = self.dialect().is_among("$1");
            let sql = format!("SELECT {column} FROM {table} WHERE {column} {among}");
            known.extend(self.query(&sql, &[ids.into()], |row| row.text(0))?);
        }
        Ok(known)
    }
}
