//! What the edge writes to the log. In a process of its own, as the subscriber is global.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use edge_support::Server;
use kept_log::{Keep, lines, spans};
use oxflow_server::EdgeConfig;

mod edge_support;
mod kept_log;

/// The lines about requests with this id.
fn lines_of(id: &str) -> Vec<String> {
    let marked = format!("request.id={id}");
    lines()
        .into_iter()
        .filter(|line| line.contains(&marked))
        .collect()
}

#[tokio::test]
async fn requests_are_logged_without_their_query_and_probes_only_at_debug() {
    tracing::subscriber::set_global_default(Keep).unwrap();
    let server = Server::start(EdgeConfig::default()).await;
    server
        .request("GET /read?token=hidden", &["X-Request-Id: read-1"])
        .await;
    server.request("GET /health", &["X-Request-Id: probe-1"]).await;
    server
        .request(
            "GET /read",
            &["X-Request-Id: foreign-1", "Host: attacker.example"],
        )
        .await;
    server.request("GET /panic", &["X-Request-Id: panic-1"]).await;
    let quiet = Server::start(EdgeConfig {
        access_log: false,
        ..EdgeConfig::default()
    })
    .await;
    quiet.request("GET /read", &["X-Request-Id: quiet-1"]).await;

    let spans = spans().join("\n");
    assert!(
        spans.contains("SPAN ERROR request.id=panic-1"),
        "errors have the id at every log level: {spans}"
    );
    let read = lines_of("read-1");
    assert_eq!(read.len(), 1, "{read:?}");
    assert!(
        read[0].starts_with("INFO message=GET /read 200 method=GET path=\"/read\" status=200 duration_ms="),
        "{read:?}"
    );
    assert!(!lines().iter().any(|line| line.contains("hidden")));
    assert!(lines_of("probe-1")[0].starts_with("DEBUG"));
    assert!(lines_of("foreign-1")[0].contains("status=403"));
    let panic = lines_of("panic-1");
    assert!(
        panic[0].starts_with("ERROR message=a handler panicked: a secret of the server"),
        "{panic:?}"
    );
    assert!(panic[1].contains("status=500"), "{panic:?}");
    assert_eq!(lines_of("quiet-1"), Vec::<String>::new());
}
