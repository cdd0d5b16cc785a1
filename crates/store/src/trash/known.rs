//! Which folders of artifacts belong to something.

use std::collections::HashSet;

use super::registered::ids_in;
use crate::{DbError, Result, Store, Tx};

/// Ids that the database is asked for together.
const IDS_PER_STATEMENT: usize = 1000;

/// Locations that do not name whose they are: of runs and models that were imported, or changed by hand.
const FOREIGN_LOCATIONS: &str = "
    SELECT artifact_uri FROM runs
     WHERE artifact_uri IS NOT NULL AND artifact_uri NOT LIKE '%' || run_uuid || '%'
     UNION ALL
    SELECT artifact_location FROM logged_models
     WHERE artifact_location NOT LIKE '%' || model_id || '%'";

/// What folders of artifacts are named after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArtifactOwners {
    /// Runs.
    Runs,
    /// Logged models.
    LoggedModels,
}

impl Store {
    /// Those of some ids that a run, or a logged model, has, or that are part of a location of any of them.
    pub async fn known_owners(&self, kind: ArtifactOwners, ids: Vec<String>) -> Result<HashSet<String>> {
        self.read(move |tx| Ok(tx.known_owners(kind, &ids)?)).await
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
        let asked: HashSet<&str> = ids.iter().map(String::as_str).collect();
        self.for_each(FOREIGN_LOCATIONS, &[], |row| {
            let location = row.text(0)?;
            let named = ids_in(&location).filter(|part| asked.contains(part));
            known.extend(named.map(str::to_owned));
            Ok(())
        })?;
        Ok(known)
    }
}
