//! The revisions in order, and what leads from each to the next.

use super::{Change, Revision, jobs, trace_analytics};

/// The same SQL for both databases.
macro_rules! sql {
    ($file:literal) => {
        Change::Sql {
            sqlite: include_str!(concat!("sql/", $file, ".sql")),
            postgresql: include_str!(concat!("sql/", $file, ".sql")),
        }
    };
}

/// A file of SQL per database.
macro_rules! sql_of_each {
    ($file:literal) => {
        Change::Sql {
            sqlite: include_str!(concat!("sql/", $file, ".sqlite.sql")),
            postgresql: include_str!(concat!("sql/", $file, ".postgresql.sql")),
        }
    };
}

const fn revision(id: &'static str, title: &'static str, changes: &'static [Change]) -> Revision {
    Revision { id, title, changes }
}

/// The revisions of MLflow before [`OLDEST`]: known, but not upgraded from.
pub(super) const TOO_OLD: [&str; 18] = [
    "451aebb31d03",
    "90e64c465722",
    "181f10493468",
    "df50e92ffc5e",
    "7ac759974ad8",
    "89d4b8295536",
    "2b4d017a5e9b",
    "cfd24bdc0731",
    "0a8213491aaa",
    "728d730b5ebd",
    "27a6a02d2cf1",
    "84291f40a231",
    "a8c4a736bde6",
    "39d1c3be5f05",
    "c48cb773bb87",
    "bd07f7e963c5",
    "0c779009ac13",
    "cc1f77228345",
];

/// What MLflow 1.30 and 2.0 made: the oldest that is upgraded.
pub(super) const OLDEST: &str = "97727af70f4d";

/// Everything after [`OLDEST`]. The files have the number that a revision has in MLflow's chain.
#[rustfmt::skip]
pub(super) const REVISIONS: [Revision; 48] = [
    revision("3500859a5d39", "aliases of registered models", &[sql!("0020_3500859a5d39_registered_model_aliases")]),
    revision("7f2a7d5fae7d", "datasets and inputs of runs", &[sql!("0021_7f2a7d5fae7d_datasets_and_inputs")]),
    revision("2d6e25af4d3e", "params of 8000 characters", &[sql_of_each!("0022_2d6e25af4d3e_longer_params")]),
    revision("acf3f17fdcc7", "storage location of model versions", &[sql!("0023_acf3f17fdcc7_model_version_storage_location")]),
    revision("867495a8f9d4", "traces", &[sql!("0024_867495a8f9d4_traces")]),
    revision("5b0e9adcef9c", "tags of traces go with their trace", &[sql_of_each!("0025_5b0e9adcef9c_trace_cascades")]),
    revision("4465047574b1", "larger schemas of datasets (MySQL only)", &[]),
    revision("f5a4f2784254", "tags of 8000 characters", &[sql_of_each!("0027_f5a4f2784254_longer_tags")]),
    revision("0584bdc529eb", "datasets go with their experiment", &[sql_of_each!("0028_0584bdc529eb_dataset_cascade")]),
    revision("400f98739977", "logged models", &[sql!("0029_400f98739977_logged_models")]),
    revision("6953534de441", "steps of outputs", &[sql!("0030_6953534de441_input_steps")]),
    revision("bda7b8c39065", "tags of model versions of any length", &[sql_of_each!("0031_bda7b8c39065_longer_model_version_tags")]),
    revision("cbc13b556ace", "previews of traces", &[sql!("0032_cbc13b556ace_trace_previews")]),
    revision("770bee3ae1dd", "assessments", &[sql!("0033_770bee3ae1dd_assessments")]),
    revision("a1b2c3d4e5f6", "spans", &[sql!("0034_a1b2c3d4e5f6_spans")]),
    revision("de4033877273", "associations of entities", &[sql!("0035_de4033877273_entity_associations")]),
    revision("1a0cddfcaa16", "webhooks", &[sql!("0036_1a0cddfcaa16_webhooks")]),
    revision("534353b11cbc", "scorers", &[sql!("0037_534353b11cbc_scorers")]),
    revision("71994744cf8e", "evaluation datasets", &[sql!("0038_71994744cf8e_evaluation_datasets")]),
    revision("3da73c924c2f", "outputs of evaluation records", &[sql!("0039_3da73c924c2f_evaluation_outputs")]),
    revision("bf29a5ff90ea", "jobs", &[sql!("0040_bf29a5ff90ea_jobs")]),
    revision("1bd49d398cd23", "secrets and endpoints", &[sql_of_each!("0041_1bd49d398cd23_secrets_and_endpoints")]),
    revision("b7c8d9e0f1a2", "metrics of traces", &[sql!("0042_b7c8d9e0f1a2_trace_metrics")]),
    revision("5d2d30f0abce", "names of jobs", &[sql!("0043_5d2d30f0abce_job_names")]),
    revision("c9d4e5f6a7b8", "routing strategy of endpoints", &[sql!("0044_c9d4e5f6a7b8_routing_strategy")]),
    revision("2c33131f4dae", "online scoring", &[sql!("0045_2c33131f4dae_online_scoring")]),
    revision("d3e4f5a6b7c8", "display names of endpoint bindings", &[sql!("0046_d3e4f5a6b7c8_binding_display_names")]),
    revision("d0e1f2a3b4c5", "experiments of endpoints", &[sql_of_each!("0047_d0e1f2a3b4c5_endpoint_experiments")]),
    revision("c8d9e0f1a2b3", "metrics of spans", &[sql!("0048_c8d9e0f1a2b3_span_metrics")]),
    revision("1b5f0d9ad7c1", "workspaces", &[sql_of_each!("0049_1b5f0d9ad7c1_workspaces")]),
    revision("e1f2a3b4c5d6", "budget policies", &[sql!("0050_e1f2a3b4c5d6_budget_policies")]),
    revision("76601a5f987d", "issues", &[sql!("0051_76601a5f987d_issues")]),
    revision("c3d6457b6d8a", "details of job states", &[sql!("0052_c3d6457b6d8a_job_status_details")]),
    revision("a5b4c3d2e1f0", "index of metrics by run, key and step", &[sql!("0053_a5b4c3d2e1f0_metric_index")]),
    revision("ae8bbe7743c9", "guardrails", &[sql!("0054_ae8bbe7743c9_guardrails")]),
    revision("7d34483879f0", "indexes of model tags", &[sql!("0055_7d34483879f0_tag_indexes")]),
    revision("da6fb0208061", "places for archived traces", &[sql!("0056_da6fb0208061_trace_archival")]),
    revision("89d3d66ed43f", "label schemas", &[sql_of_each!("0057_89d3d66ed43f_label_schemas")]),
    revision("b7e4c1a90f23", "review queues", &[sql!("0058_b7e4c1a90f23_review_queues")]),
    revision("a8b9c0d1e2f3", "MCP servers", &[sql!("0059_a8b9c0d1e2f3_mcp_servers")]),
    revision("c1d2e3f4a5b6", "index of spans by start time", &[sql!("0060_c1d2e3f4a5b6_span_index")]),
    revision("c3d9e7f1a2b4", "targets of budget policies", &[sql!("0061_c3d9e7f1a2b4_budget_targets")]),
    revision("6f8d9c3b2a1e", "traces go with their experiment", &[sql_of_each!("0062_6f8d9c3b2a1e_trace_info_cascade")]),
    revision("1971f2d9a75b", "index of traces to archive", &[sql!("0063_1971f2d9a75b_trace_archival_index")]),
    revision("17e22815139b", "tags of experiments of any length", &[sql_of_each!("0064_17e22815139b_longer_experiment_tags")]),
    revision("b7e2c1a4d9f3", "creators of jobs", &[sql!("0065_b7e2c1a4d9f3_job_creators")]),
    revision("75868b020152", "figures of traces in columns", &[Change::Data(trace_analytics::fill), sql_of_each!("0066_75868b020152_trace_analytics")]),
    revision("dc11669786a5", "job executors", &[sql!("0067_dc11669786a5_job_executors"), Change::Data(jobs::cancel)]),
];
