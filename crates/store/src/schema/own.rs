//! What Oxflow adds to MLflow's schema: indexes, and tables with what their rows say in another form.
//!
//! All of it begins with `oxflow_`, is, but for saved states of pages, digests of artifacts and notes of owners that are still to be set,
//! derived from MLflow's own tables, and can be dropped at any time: it is made again at the next start. MLflow opens a database that has it.

use std::collections::HashSet;

use super::failure;
use crate::{DbError, Dialect, OpenError, Tx};

/// Indexes.
///
/// MLflow has no index from an experiment to its runs; without one, every search reads all runs. The same
/// holds for the versions in a stage, of a run, or that changed last, and for the points that a run logged for models.
const INDEXES: &[(&str, &str)] = &[
    (
        "oxflow_runs_experiment",
        "CREATE INDEX IF NOT EXISTS oxflow_runs_experiment
             ON runs (experiment_id, lifecycle_stage, start_time DESC, run_uuid)",
    ),
    (
        "oxflow_logged_models_experiment",
        "CREATE INDEX IF NOT EXISTS oxflow_logged_models_experiment
             ON logged_models (experiment_id, lifecycle_stage, creation_timestamp_ms DESC, model_id)",
    ),
    (
        "oxflow_registered_models_updated",
        "CREATE INDEX IF NOT EXISTS oxflow_registered_models_updated
             ON registered_models (workspace, last_updated_time DESC, name)",
    ),
    (
        "oxflow_model_versions_stage",
        "CREATE INDEX IF NOT EXISTS oxflow_model_versions_stage
             ON model_versions (workspace, name, current_stage, version)",
    ),
    (
        "oxflow_model_versions_updated",
        "CREATE INDEX IF NOT EXISTS oxflow_model_versions_updated
             ON model_versions (workspace, last_updated_time DESC, name, version DESC)",
    ),
    (
        "oxflow_model_versions_name",
        "CREATE INDEX IF NOT EXISTS oxflow_model_versions_name
             ON model_versions (workspace, name, last_updated_time DESC, version DESC)",
    ),
    (
        "oxflow_model_versions_run",
        "CREATE INDEX IF NOT EXISTS oxflow_model_versions_run
             ON model_versions (workspace, run_id, last_updated_time DESC, name, version DESC)",
    ),
    // Who removes a run has to find its points of logged models, as its row takes them along: without an index once for each
    // run, among the points of all models.
    (
        "oxflow_logged_model_metrics_run",
        "CREATE INDEX IF NOT EXISTS oxflow_logged_model_metrics_run
             ON logged_model_metrics (run_id)",
    ),
    // Only the tags that name a parent, so no other tag costs more to write. Not the whole value: PostgreSQL
    // refuses entries of several kilobytes, and with them the tag.
    (
        "oxflow_tags_parent",
        "CREATE INDEX IF NOT EXISTS oxflow_tags_parent
             ON tags (substr(value, 1, 250), run_uuid) WHERE key = 'mlflow.parentRunId'",
    ),
];

/// Tables. Nothing refers to another table: a reference would keep MLflow from deleting a run.
const TABLES: &[(&str, &str)] = &[
    (
        "oxflow_series",
        "CREATE TABLE IF NOT EXISTS oxflow_series (
             run_uuid VARCHAR(32) NOT NULL,
             key VARCHAR(250) NOT NULL,
             format BIGINT NOT NULL,
             is_behind BOOLEAN NOT NULL,
             build BIGINT NOT NULL,
             chunks BIGINT NOT NULL,
             by_time BOOLEAN NOT NULL,
             points BIGINT NOT NULL,
             nan_points BIGINT NOT NULL,
             inf_points BIGINT NOT NULL,
             first_time BIGINT NOT NULL,
             last_step BIGINT NOT NULL,
             last_time BIGINT NOT NULL,
             last_value DOUBLE PRECISION NOT NULL,
             last_is_nan BOOLEAN NOT NULL,
             min_value DOUBLE PRECISION,
             min_step BIGINT,
             max_value DOUBLE PRECISION,
             max_step BIGINT,
             CONSTRAINT oxflow_series_pk PRIMARY KEY (run_uuid, key)
         )",
    ),
    (
        "oxflow_series_chunks",
        "CREATE TABLE IF NOT EXISTS oxflow_series_chunks (
             run_uuid VARCHAR(32) NOT NULL,
             key VARCHAR(250) NOT NULL,
             number BIGINT NOT NULL,
             build BIGINT NOT NULL,
             summary {bytes} NOT NULL,
             buckets {bytes} NOT NULL,
             CONSTRAINT oxflow_series_chunks_pk PRIMARY KEY (run_uuid, key, number)
         )",
    ),
];

/// Saved states of pages. Derived from nothing: dropping it loses them.
const VIEWS: (&str, &str) = (
    "oxflow_views",
    "CREATE TABLE IF NOT EXISTS oxflow_views (
         id VARCHAR(12) NOT NULL,
         state TEXT NOT NULL,
         created_time BIGINT NOT NULL,
         last_used_time BIGINT,
         CONSTRAINT oxflow_views_pk PRIMARY KEY (id)
     )",
);

/// Whose the things are to be that were created last; empty but for moments. [`crate::pending_owners`] says what for.
const PENDING_OWNERS: (&str, &str) = (
    "oxflow_pending_owners",
    "CREATE TABLE IF NOT EXISTS oxflow_pending_owners (
         resource_type VARCHAR(64) NOT NULL,
         resource_id VARCHAR(256) NOT NULL,
         user_id BIGINT NOT NULL,
         created_time BIGINT NOT NULL,
         CONSTRAINT oxflow_pending_owners_pk PRIMARY KEY (resource_type, resource_id)
     )",
);

/// What is known of the bytes of artifacts. Dropping it loses what they were when they came; `oxflow verify artifacts --add`
/// notes what they are.
const ARTIFACT_DIGESTS: (&str, &str) = (
    "oxflow_artifact_digests",
    "CREATE TABLE IF NOT EXISTS oxflow_artifact_digests (
         tree TEXT {byte_order} NOT NULL,
         path TEXT {byte_order} NOT NULL,
         sha256 {bytes} NOT NULL,
         size_bytes BIGINT NOT NULL,
         etag TEXT NOT NULL,
         recorded_time BIGINT NOT NULL,
         CONSTRAINT oxflow_artifact_digests_pk PRIMARY KEY (tree, path)
     )",
);

/// A column that tables of earlier releases lack.
const LAST_USE_OF_VIEWS: (&str, &str) = (
    "oxflow_views.last_used_time",
    "ALTER TABLE oxflow_views ADD COLUMN last_used_time BIGINT",
);

/// Something of ours that is not there.
#[derive(Debug)]
pub(super) struct Own {
    pub name: &'static str,
    pub statement: String,
    /// What it does.
    pub purpose: &'static str,
}

/// What is ours and not there.
pub(super) fn missing_own(tx: &mut Tx<'_>) -> Result<Vec<Own>, DbError> {
    let there = names(tx)?;
    let dialect = tx.dialect();
    let index = |(name, statement): &(&'static str, &str)| Own {
        name,
        statement: (*statement).to_owned(),
        purpose: "speeds searches up",
    };
    let table = |(name, statement): &(&'static str, &str)| Own {
        name,
        statement: statement.replace("{bytes}", dialect.bytes_type()),
        purpose: "speeds charts up",
    };
    let views = Own {
        name: VIEWS.0,
        statement: VIEWS.1.to_owned(),
        purpose: "keeps saved states of pages",
    };
    let owners = Own {
        name: PENDING_OWNERS.0,
        statement: PENDING_OWNERS.1.to_owned(),
        purpose: "gives things to their creators even if the server is killed",
    };
    let digests = Own {
        name: ARTIFACT_DIGESTS.0,
        statement: ARTIFACT_DIGESTS
            .1
            .replace("{bytes}", dialect.bytes_type())
            .replace("{byte_order}", dialect.byte_order()),
        purpose: "keeps checksums of artifacts",
    };
    let last_use = there.contains(VIEWS.0).then(|| Own {
        name: LAST_USE_OF_VIEWS.0,
        statement: LAST_USE_OF_VIEWS.1.to_owned(),
        purpose: "tells which saved states of pages nobody uses",
    });
    let all = INDEXES
        .iter()
        .map(index)
        .chain(TABLES.iter().map(table))
        .chain([views, owners, digests])
        .chain(last_use);
    Ok(all.filter(|own| !there.contains(own.name)).collect())
}

/// Which of our tables are there and may be written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OwnTables {
    /// Those of packed series.
    pub series: bool,
    /// That of owners that are still to be set.
    pub pending_owners: bool,
    /// That of digests of artifacts.
    pub artifact_digests: bool,
}

impl OwnTables {
    /// Looks.
    pub(crate) fn of(tx: &mut Tx<'_>, location: &str) -> Result<Self, OpenError> {
        let failed = failure(location);
        let there = names(tx).map_err(&failed)?;
        let mut may_write = |name: &str| -> Result<bool, DbError> {
            Ok(there.contains(name) && (tx.dialect() == Dialect::Sqlite || tx.may_write_table(name)?))
        };
        let mut series = true;
        for (name, _) in TABLES {
            series = series && may_write(name).map_err(&failed)?;
        }
        Ok(Self {
            series,
            pending_owners: may_write(PENDING_OWNERS.0).map_err(&failed)?,
            artifact_digests: may_write(ARTIFACT_DIGESTS.0).map_err(&failed)?,
        })
    }
}

impl Tx<'_> {
    fn may_write_table(&mut self, name: &str) -> Result<bool, DbError> {
        let may = self.query_first(
            "SELECT bool_and(has_table_privilege($1, privilege))
               FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS privilege",
            &[name.into()],
            |row| row.truth(0),
        )?;
        Ok(may == Some(true))
    }
}

/// The names of all tables and indexes, and of columns that a table of ours may lack.
fn names(tx: &mut Tx<'_>) -> Result<HashSet<String>, DbError> {
    let sql = match tx.dialect() {
        Dialect::Sqlite => {
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'index')
             UNION ALL
             SELECT 'oxflow_views.' || name FROM pragma_table_info('oxflow_views')"
        }
        Dialect::Postgres => {
            "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()
             UNION ALL
             SELECT tablename FROM pg_tables WHERE schemaname = current_schema()
             UNION ALL
             SELECT 'oxflow_views.' || column_name FROM information_schema.columns
              WHERE table_schema = current_schema() AND table_name = 'oxflow_views'"
        }
    };
    Ok(tx.query(sql, &[], |row| row.text(0))?.into_iter().collect())
}
