//! The store suite: every store method, the same test body on every database.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

mod suite {
    mod abandoned;
    mod artifact_digests;
    pub mod backend;
    mod changes;
    mod experiments;
    mod inputs;
    mod logged_models;
    mod metric_columns;
    mod metrics;
    mod opening;
    mod packed_series;
    mod pending_owners;
    mod postgres;
    pub mod registry;
    mod run_search;
    mod run_table;
    mod runs;
    mod sampled;
    mod series;
    mod trash;
    mod upgrading;
    mod views;
    mod writer;
}
