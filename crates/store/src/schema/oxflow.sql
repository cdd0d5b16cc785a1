-- What Oxflow adds to MLflow's schema: two indexes, no table. Everything here is prefixed `oxflow_`, derived
-- from MLflow's own tables, and can be dropped at any time: it is made again at the next start. MLflow opens a
-- database that has it.

-- MLflow has no index from an experiment to its runs; without one, every search reads all runs.
CREATE INDEX IF NOT EXISTS oxflow_runs_experiment
ON runs (experiment_id, lifecycle_stage, start_time DESC, run_uuid);

CREATE INDEX IF NOT EXISTS oxflow_logged_models_experiment
ON logged_models (experiment_id, lifecycle_stage, creation_timestamp_ms DESC, model_id);
