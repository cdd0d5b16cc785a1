//! Health, versions, server information.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use axum::{Extension, Json};
use oxflow_store::Store;
use serde_json::{Value, json};

use super::pages::seen_prefix;
use crate::authorize::Caller;
use crate::edge::ForwardedPrefix;
use crate::{App, MLFLOW_VERSION};

/// Answers as long as the process does.
pub(crate) async fn health() -> &'static str {
    "OK"
}

/// The API level of MLflow, which clients adapt to.
pub(crate) async fn mlflow_version() -> Html<&'static str> {
    Html(MLFLOW_VERSION)
}

/// Our own version.
pub(crate) async fn own_version() -> Json<Value> {
    Json(json!({ "version": env!("CARGO_PKG_VERSION"), "mlflow_version": MLFLOW_VERSION }))
}

/// What a page of the web UI needs to know first.
pub(crate) async fn bootstrap(
    State(app): State<App>,
    caller: Caller,
    proxied: Option<Extension<ForwardedPrefix>>,
) -> Json<Value> {
    let root = app.store.default_artifact_root();
    // The store keeps it without the slash at its end, which belongs to a scheme alone.
    let slash = if root.ends_with(':') { "/" } else { "" };
    Json(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "mlflow_version": MLFLOW_VERSION,
        "static_prefix": seen_prefix(&app, proxied),
        "database": app.store.database_kind(),
        "default_artifact_root": format!("{root}{slash}"),
        "serves_artifacts": app.config.serve_artifacts,
        "user": caller.user().map(|viewer| json!({
            "id": viewer.id,
            "username": viewer.name.as_str(),
            "is_admin": viewer.is_admin,
        })),
        "authentication": app.login.is_some(),
        "now": app.clock.now_ms(),
    }))
}

/// What the server offers; the 3.x client asks once before it downloads through the proxy.
pub(crate) async fn server_info(State(app): State<App>) -> Json<Value> {
    let proxy = app.artifacts.proxy();
    let has_parts = proxy.is_some_and(|root| root.is_in_object_store() || app.config.offers_parts);
    Json(json!({
        "store_type": "SqlStore",
        "workspaces_enabled": false,
        "trace_archival_enabled": false,
        "multipart_uploads_enabled": has_parts,
        "multipart_downloads_enabled": has_parts,
        "presigned_upload_run_id_supported": true,
        "presigned_upload_model_id_supported": true,
        "features_enabled": { "gateway": false },
    }))
}

/// Answers when the database answers and the server takes new work; otherwise lists what fails.
pub(crate) async fn ready(State(app): State<App>) -> Response {
    let mut failing = Vec::new();
    if !app.readiness.get() {
        failing.push("the server is starting or stopping");
    }
    if !answers(&app.store).await {
        failing.push("the database does not answer");
    }
    if app.registry_is_apart && !answers(&app.registry).await {
        failing.push("the database of the model registry does not answer");
    }
    if failing.is_empty() {
        return "OK".into_response();
    }
    (
        StatusCode::SERVICE_UNAVAILABLE,
        Json(json!({ "failing": failing })),
    )
        .into_response()
}

async fn answers(store: &Store) -> bool {
    let ping = tokio::time::timeout(Duration::from_secs(2), store.ping()).await;
    matches!(ping, Ok(Ok(())))
}
