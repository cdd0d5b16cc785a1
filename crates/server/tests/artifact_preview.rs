//! Artifacts that a browser shows by itself.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

mod common;

use common::Server;
use serde_json::{Value, json};

/// A run with these artifacts; returns its id.
async fn run_with(server: &Server, files: &[(&str, &str)]) -> String {
    let json_body = [("content-type", "application/json")];
    let body = json!({ "experiment_id": "0" }).to_string();
    let created = server
        .ask("POST", "/api/2.0/mlflow/runs/create", &json_body, body.as_bytes())
        .await;
    let created: Value = serde_json::from_slice(&created.body).unwrap();
    let id = created["run"]["info"]["run_id"].as_str().unwrap().to_owned();
    for (path, content) in files {
        let path = path.replace(' ', "%20");
        let target = format!("/api/2.0/mlflow-artifacts/artifacts/0/{id}/artifacts/{path}");
        let put = server.ask("PUT", &target, &[], content.as_bytes()).await;
        assert_eq!(put.status, 200, "{path}");
    }
    id
}

#[tokio::test]
async fn stored_pages_run_in_a_sandbox_without_network() {
    let server = Server::start();
    let id = run_with(&server, &[("plots/a b.html", "<script>1</script>")]).await;
    let target = format!("/api/oxflow/v1/artifacts/preview?run_id={id}&path=plots/a%20b.html");
    let got = server.get(&target, &[]).await;
    assert_eq!(
        (got.status, got.body.as_slice()),
        (200, &b"<script>1</script>"[..])
    );
    assert_eq!(got.headers["content-type"], "text/html; charset=utf-8");
    assert_eq!(
        got.headers["content-disposition"],
        "inline; filename=\"a b.html\""
    );
    assert_eq!(got.headers["x-content-type-options"], "nosniff");
    assert_eq!(got.headers["x-frame-options"], "SAMEORIGIN");
    let policy = &got.headers["content-security-policy"];
    assert!(
        policy.starts_with("sandbox allow-scripts; default-src 'none';"),
        "{policy}"
    );
    assert!(
        !policy.contains("allow-same-origin") && !policy.contains("http"),
        "{policy}"
    );
    assert_eq!(
        policy.matches("'self'").count(),
        1,
        "frame-ancestors alone: {policy}"
    );
    let known = [("if-none-match", got.headers["etag"].as_str())];
    assert_eq!(server.get(&target, &known).await.status, 304);
}

#[tokio::test]
async fn only_pages_and_pdf_are_shown_and_the_name_decides() {
    let server = Server::start();
    let page = "<script>alert(1)</script>";
    let files = [
        "a.HTM",
        "a.pdf",
        "a.svg",
        "a.xhtml",
        "a.txt",
        "a.html.gz",
        "html",
        "a.xml",
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|name| (*name, page)).collect();
    let id = run_with(&server, &files).await;
    for (name, expected) in [
        ("a.HTM", Some("text/html; charset=utf-8")),
        ("a.pdf", Some("application/pdf")),
        ("a.svg", None),
        ("a.xhtml", None),
        ("a.txt", None),
        ("a.html.gz", None),
        ("html", None),
        ("a.xml", None),
    ] {
        let target = format!("/api/oxflow/v1/artifacts/preview?run_id={id}&path={name}");
        let got = server.get(&target, &[]).await;
        match expected {
            Some(kind) => assert_eq!((got.status, got.headers["content-type"].as_str()), (200, kind)),
            None => assert_eq!(got.status, 400, "{name}"),
        }
        assert!(got.headers["x-content-type-options"] == "nosniff");
    }
    let pdf = format!("/api/oxflow/v1/artifacts/preview?run_id={id}&path=a.pdf");
    let part = server.get(&pdf, &[("range", "bytes=1-3")]).await;
    assert_eq!((part.status, part.body.as_slice()), (206, &b"scr"[..]));
    assert!(part.headers["content-security-policy"].contains("default-src 'none'"));
}

#[tokio::test]
async fn what_is_not_there_is_said() {
    let server = Server::start();
    let id = run_with(&server, &[("d.html/x.txt", "")]).await;
    for (query, status) in [
        (format!("run_id={id}&path=missing.html"), 404),
        (format!("run_id={id}&path=d.html"), 400),
        (format!("run_id={id}&path=../a.html"), 400),
        (format!("run_id={id}"), 400),
        (
            "run_id=0123456789abcdef0123456789abcdef&path=a.html".to_owned(),
            404,
        ),
        ("path=a.html".to_owned(), 400),
    ] {
        let got = server
            .get(&format!("/api/oxflow/v1/artifacts/preview?{query}"), &[])
            .await;
        assert_eq!(got.status, status, "{query}");
    }
}
