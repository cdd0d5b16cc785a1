//! The statements of a bare loop, for both databases.

/// A point of a metric.
pub const INSERT_METRIC: &str = "
    INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan)
    VALUES ($1, $2, $3, $4, $5, false)";

/// The latest value of a metric.
pub const UPSERT_LATEST: &str = "
    INSERT INTO latest_metrics (key, value, timestamp, run_uuid, step, is_nan)
    VALUES ($1, $2, $3, $4, $5, false)
    ON CONFLICT (key, run_uuid) DO UPDATE
       SET value = excluded.value, timestamp = excluded.timestamp, step = excluded.step";

/// Both in one trip, which is one transaction: what a benchmark of single inserts sends to PostgreSQL.
pub const INSERT_METRIC_AND_LATEST: &str = "
    WITH point AS (
        INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan)
        VALUES ($1, $2, $3, $4, $5, false)
    )
    INSERT INTO latest_metrics (key, value, timestamp, run_uuid, step, is_nan)
    VALUES ($1, $2, $3, $4, $5, false)
    ON CONFLICT (key, run_uuid) DO UPDATE
       SET value = excluded.value, timestamp = excluded.timestamp, step = excluded.step";

/// A run of the default experiment.
pub const INSERT_RUN: &str = "
    INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time,
                      source_version, lifecycle_stage, artifact_uri, experiment_id)
    VALUES ($1, 'bare', 'UNKNOWN', '', '', '', 'RUNNING', 1700000000000, '', 'active', '', 0)";

/// The experiment of those runs.
pub const INSERT_EXPERIMENT: &str = "
    INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time,
                             workspace)
    VALUES (0, 'Default', 'mlflow-artifacts:/0', 'active', 1700000000000, 1700000000000, 'default')";

/// A param of a run.
pub const INSERT_PARAM: &str = "INSERT INTO params (key, value, run_uuid) VALUES ($1, $2, $3)";

/// A tag of a run.
pub const INSERT_TAG: &str = "INSERT INTO tags (key, value, run_uuid) VALUES ($1, $2, $3)";

/// The end of a run.
pub const FINISH_RUN: &str =
    "UPDATE runs SET status = 'FINISHED', end_time = 1700000000000 WHERE run_uuid = $1";

/// Params of a run.
pub const INSERT_PARAMS: &str = "
    INSERT INTO params (key, value, run_uuid)
    SELECT key, '0.1', $2 FROM unnest($1::text[]) AS param (key)";

/// A page of the history of a metric, after a place in it.
pub const HISTORY_PAGE: &str = "
    SELECT key, value, timestamp, step, is_nan
      FROM metrics
     WHERE run_uuid = $1 AND key = $2 AND step > $3
     ORDER BY step
     LIMIT $4";

/// A new version of a model, with the highest number. Without the cast PostgreSQL finds two types for the name.
pub const INSERT_VERSION: &str = "
    INSERT INTO model_versions (name, version, creation_time, last_updated_time, current_stage, source, status,
                                storage_location, workspace)
    SELECT CAST($1 AS VARCHAR), max(version) + 1, 1700000000000, 1700000000000, 'None', 's3://models/model', 'READY',
           's3://models/model', 'default'
      FROM model_versions
     WHERE workspace = 'default' AND name = $1";

/// The time of the last change of a model.
pub const TOUCH_MODEL: &str = "
    UPDATE registered_models SET last_updated_time = $2 WHERE workspace = 'default' AND name = $1";

/// The version that an alias points at.
pub const VERSION_BY_ALIAS: &str = "
    SELECT v.name, v.version, v.creation_time, v.last_updated_time, v.description, v.current_stage, v.source, v.run_id,
           v.status, v.storage_location
      FROM registered_model_aliases a
      JOIN model_versions v ON v.workspace = a.workspace AND v.name = a.name AND v.version = a.version
     WHERE a.workspace = 'default' AND a.name = $1 AND a.alias = $2";
