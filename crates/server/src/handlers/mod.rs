//! Handlers: parse, call, answer.

pub(crate) mod absent;
pub(crate) mod artifact_files;
pub(crate) mod artifact_preview;
pub(crate) mod artifact_proxy;
pub(crate) mod events;
pub(crate) mod experiments;
mod fields;
pub(crate) mod graphql;
pub(crate) mod inputs;
pub(crate) mod logged_model_search;
pub(crate) mod logged_models;
pub(crate) mod metrics;
pub(crate) mod model_aliases;
mod model_sources;
pub(crate) mod model_versions;
pub(crate) mod older_clients;
pub(crate) mod pages;
pub(crate) mod registered_models;
pub(crate) mod registry_search;
pub(crate) mod run_artifacts;
pub(crate) mod run_data;
pub(crate) mod run_tables;
pub(crate) mod runs;
mod selection;
pub(crate) mod series;
pub(crate) mod status;
