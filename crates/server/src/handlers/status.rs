//! Health, versions, server information.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use oxflow_store::Store;
use serde_json::{Value, json};

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

/// What the server offers; the 3.x client asks once before it downloads through the proxy.
pub(crate) async fn server_info() -> Json<Value> {
    Json(json!({
        "store_type": "SqlStore",
        "workspaces_enabled": false,
        "trace_archival_enabled": false,
        "multipart_uploads_enabled": false,
        "multipart_downloads_enabled": false,
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

/// The page at `/`, with the address it was asked under.
pub(crate) async fn page(State(app): State<App>, headers: HeaderMap) -> Response {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or("127.0.0.1:5000");
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-' | '[' | ']');
    let host: String = host.chars().filter(|c| is_plain(*c)).collect();
    let address = format!("http://{host}{}", app.config.static_prefix);
    (
        [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CACHE_CONTROL, "no-cache"),
            (
                header::CONTENT_SECURITY_POLICY,
                oxflow_ui::CONTENT_SECURITY_POLICY,
            ),
        ],
        oxflow_ui::welcome_page(&address),
    )
        .into_response()
}

/// The style of the page at `/`.
pub(crate) async fn style() -> Response {
    (
        [(header::CONTENT_TYPE, "text/css; charset=utf-8")],
        oxflow_ui::WELCOME_STYLE,
    )
        .into_response()
}
