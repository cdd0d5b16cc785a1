//! What MLflow's pages ask about features that this release does not have.
//!
//! Pages of runs and models ask beside their own questions about traces, the AI gateway, an assistant. They take an
//! error for trouble and say so in red; so they are told that there is nothing. Only pages are: these answers are not
//! under `/api`, where a script that asks for traces learns that there is no such endpoint. `docs/differences.md`
//! lists them.

use axum::Json;
use serde_json::{Value, json};

/// Nothing found: traces, their statistics, evaluation datasets, judges, gateway endpoints and secrets.
pub(crate) async fn nothing() -> Json<Value> {
    Json(json!({}))
}

/// No endpoints of the AI gateway.
pub(crate) async fn gateway_endpoints() -> Json<Value> {
    Json(json!({ "endpoints": [] }))
}

/// An assistant that is not set up.
pub(crate) async fn assistant_config() -> Json<Value> {
    Json(json!({ "providers": {}, "projects": {}, "remote_access_allowed": false }))
}

/// Nothing that an assistant could be set up with.
pub(crate) async fn assistant_providers() -> Json<Value> {
    Json(json!({ "providers": [] }))
}

/// No MCP servers.
pub(crate) async fn mcp_servers() -> Json<Value> {
    Json(json!({ "mcp_servers": [], "next_page_token": null }))
}

/// Pages do not report what people do on them.
pub(crate) async fn no_telemetry() -> Json<Value> {
    Json(json!({ "disable_ui_telemetry": true, "disable_ui_events": [], "ui_rollout_percentage": 0 }))
}
