//! What the edge writes to the log. In a process of its own, as the subscriber is global.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::fmt::{Debug, Write};
use std::sync::Mutex;

use edge_support::Server;
use oxflow_server::EdgeConfig;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

mod edge_support;

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());
static SPANS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Keeps one line per event: level, then the fields in order.
struct Keep;

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl Subscriber for Keep {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("oxflow_server")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut fields = Fields(format!("SPAN {}", span.metadata().level()));
        span.record(&mut fields);
        SPANS.lock().unwrap().push(fields.0);
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields(event.metadata().level().to_string());
        event.record(&mut fields);
        LINES.lock().unwrap().push(fields.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// The lines about requests with this id.
fn lines_of(id: &str) -> Vec<String> {
    LINES
        .lock()
        .unwrap()
        .iter()
        .filter(|line| line.contains(&format!("request.id={id}")))
        .cloned()
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

    let spans = SPANS.lock().unwrap().join("\n");
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
    assert!(!LINES.lock().unwrap().iter().any(|line| line.contains("hidden")));
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
