//! Pages and files of the embedded UI and of `--ui-dir`, and the page without either.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]
#![expect(clippy::disallowed_methods, reason = "tests make their own files")]

mod common;

use axum::http::StatusCode;
use common::Server;
use oxflow_artifacts::ReadOnlyFolder;
use oxflow_server::Ui;
use oxflow_testkit::goldens::Got;
use oxflow_ui::{File, Pages};
use serde_json::Value;

/// What browsers ask for when a page is opened.
const BROWSER: (&str, &str) = (
    "accept",
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
);

/// A UI as a build embeds it.
const EMBEDDED: Ui = Ui::Embedded(Pages::new(
    "<!doctype html><head><base href=\"/\"><script type=\"module\" src=\"./static-files/index-B1x2_Yz9.js\"></script>",
    "cafe",
    &[
        File {
            name: "icon.svg",
            content_type: "image/svg+xml",
            hash: "15",
            plain: b"<svg/>",
            brotli: None,
            gzip: None,
        },
        File {
            name: "index-B1x2_Yz9.js",
            content_type: "text/javascript; charset=utf-8",
            hash: "beef",
            plain: b"let x = 1; let y = 1;",
            brotli: Some(b"(brotli)"),
            gzip: Some(b"(gzip)...."),
        },
    ],
));

fn text(got: &Got) -> String {
    String::from_utf8(got.body.clone()).unwrap()
}

fn folder_ui(folder: &std::path::Path) -> Ui {
    Ui::Folder(files(folder))
}

fn files(folder: &std::path::Path) -> ReadOnlyFolder {
    let js = folder.join("static/js");
    std::fs::create_dir_all(&js).unwrap();
    std::fs::write(folder.join("index.html"), "<p>the page").unwrap();
    std::fs::write(js.join("main.js"), "let x = 1;").unwrap();
    std::fs::write(folder.join("notes"), "?").unwrap();
    std::os::unix::fs::symlink("/etc", folder.join("etc")).unwrap();
    ReadOnlyFolder::open(folder).unwrap()
}

#[tokio::test]
async fn a_folder_is_served_with_types_and_caching() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_with_ui(folder_ui(folder.path()), "");
    let page = server.get("/", &[]).await;
    assert_eq!((page.status, page.body.as_slice()), (200, &b"<p>the page"[..]));
    assert_eq!(page.headers["cache-control"], "no-cache");
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    let policy = &page.headers["content-security-policy"];
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self'"),
        "{policy}"
    );

    let script = server.get("/static-files/static/js/main.js", &[]).await;
    assert_eq!(script.headers["content-type"], "text/javascript; charset=utf-8");
    assert_eq!(script.headers["cache-control"], "max-age=2419200");
    assert_eq!(script.headers["content-length"], "10");
    assert_eq!(&script.headers["content-security-policy"], policy);
    for (name, value) in [
        ("if-none-match", script.headers["etag"].clone()),
        ("if-modified-since", script.headers["last-modified"].clone()),
    ] {
        let again = server
            .get("/static-files/static/js/main.js", &[(name, &value)])
            .await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{name}");
    }
    let unknown = server.get("/static-files/notes", &[]).await;
    assert_eq!(unknown.headers["content-type"], "application/octet-stream");
}

#[tokio::test]
async fn nothing_outside_of_the_folder_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_with_ui(folder_ui(folder.path()), "");
    for path in [
        "/static-files/etc/hostname",
        "/static-files/missing.js",
        "/static-files/static",
        "/static-files/",
        "/static-files/index.html/x",
        "/index.html",
    ] {
        assert_eq!(server.get(path, &[]).await.status, 404, "{path}");
    }
    for path in [
        "/static-files/../secret",
        "/static-files/%2e%2e/secret",
        "/static-files/static%2f..%2f..%2fsecret",
        "/static-files/%252e%252e/secret",
        "/static-files//etc/hostname",
        "/static-files/a%00b",
    ] {
        let status = server.get(path, &[]).await.status;
        assert!((400..500).contains(&status), "{path}: {status}");
    }
}

#[tokio::test]
async fn a_prefix_begins_the_paths_of_pages_and_files() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_with_ui(folder_ui(folder.path()), "/deep/mlflow");
    assert_eq!(server.get("/deep/mlflow/", &[]).await.status, 200);
    assert_eq!(
        server.get("/deep/mlflow/static-files/notes", &[]).await.status,
        200
    );
    assert_eq!(server.get("/static-files/notes", &[]).await.status, 404);
    let without_slash = server.get("/deep/mlflow?a=b", &[]).await;
    assert_eq!(without_slash.status, StatusCode::PERMANENT_REDIRECT.as_u16());
    assert_eq!(without_slash.headers["location"], "/deep/mlflow/?a=b");
}

#[tokio::test]
async fn without_a_ui_there_is_a_welcome_and_no_files() {
    let server = Server::start();
    let page = text(&server.get("/", &[]).await);
    assert!(page.contains("Oxflow is running"), "{page}");
    assert!(page.contains("make build"), "{page}");
    assert_eq!(server.get("/runs/7f3c", &[BROWSER]).await.status, 404);
    assert_eq!(server.get("/static-files/index.html", &[]).await.status, 404);
}

#[tokio::test]
async fn pages_are_told_that_there_is_nothing_and_scripts_that_there_is_no_such_endpoint() {
    let server = Server::start();
    let traces = |prefix: &str| format!("/{prefix}/3.0/mlflow/scorers/list");
    let page = server.get(&traces("ajax-api"), &[]).await;
    assert_eq!((page.status, page.body.as_slice()), (200, &b"{}"[..]));
    assert_eq!(server.get(&traces("api"), &[]).await.status, 404);
}

#[tokio::test]
async fn every_place_of_the_embedded_ui_is_its_page() {
    let server = Server::start_with_ui(EMBEDDED, "");
    for path in [
        "/",
        "/runs/7f3c/artifacts/a%20b.csv",
        "/models/x?y=%2F",
        "/model-versions/x",
        "/experiments/1/",
    ] {
        let page = server.get(path, &[BROWSER]).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(
            text(&page).contains("<base href=\"/\">"),
            "{path}: {}",
            text(&page)
        );
        assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
        assert_eq!(page.headers["cache-control"], "no-cache");
        let policy = &page.headers["content-security-policy"];
        assert!(
            policy.contains("script-src 'self';") && policy.contains("base-uri 'self'"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        let known = [BROWSER, ("if-none-match", page.headers["etag"].as_str())];
        let again = server.get(path, &known).await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
        assert_eq!(again.headers["etag"], page.headers["etag"]);
        assert_eq!(&again.headers["content-security-policy"], policy);
        assert_eq!(
            server.ask("HEAD", path, &[BROWSER], &[]).await.status,
            200,
            "{path}"
        );
    }
    // `/` is a page for who asks for nothing in particular, too.
    assert_eq!(server.get("/", &[]).await.status, 200);
}

#[tokio::test]
async fn no_interface_is_answered_with_a_page() {
    let server = Server::start_with_ui(EMBEDDED, "");
    for path in [
        "/api/2.0/mlflow/nothing",
        "/api/oxflow/v1/nothing",
        "/ajax-api/x",
        "/%61pi/2.0/x",
        "/api",
        "/graphql/x",
        "/get-artifact/x",
        "/mlflow-artifacts/x",
        "/static-files/missing.js",
        "/static-files",
        "/v1/traces",
        "/gateway/x",
        "/metrics",
        "/version/x",
        "/health/x",
        "/runs/..%2f..%2fapi",
        "/runs/%2e%2e/x",
        "/runs/a%00b",
        "/runs/%ff",
    ] {
        let got = server.get(path, &[BROWSER]).await;
        assert_eq!(got.status, 404, "{path}");
        let body: Value = serde_json::from_slice(&got.body).unwrap();
        assert_eq!(body["error_code"], "ENDPOINT_NOT_FOUND", "{path}");
    }
    for accept in [&[][..], &[("accept", "*/*")], &[("accept", "application/json")]] {
        let got = server.get("/runs/7f3c", accept).await;
        assert_eq!(got.status, 404, "{accept:?}");
    }
    let posted = server.ask("POST", "/runs/7f3c", &[BROWSER], b"").await;
    assert_eq!(posted.status, 404);
}

#[tokio::test]
async fn files_are_sent_in_the_form_asked_for_and_kept() {
    let server = Server::start_with_ui(EMBEDDED, "");
    let script = "/static-files/index-B1x2_Yz9.js";
    for (asked, encoding, body, etag) in [
        ("gzip, deflate, br, zstd", Some("br"), "(brotli)", "\"beef-br\""),
        ("gzip", Some("gzip"), "(gzip)....", "\"beef-gzip\""),
        (
            "br;q=0.1, gzip;q=0.2",
            Some("gzip"),
            "(gzip)....",
            "\"beef-gzip\"",
        ),
        ("identity", None, "let x = 1; let y = 1;", "\"beef\""),
    ] {
        let got = server.get(script, &[("accept-encoding", asked)]).await;
        assert_eq!((got.status, text(&got).as_str()), (200, body), "{asked}");
        assert_eq!(
            got.headers.get("content-encoding").map(String::as_str),
            encoding,
            "{asked}"
        );
        assert_eq!(got.headers["etag"], etag);
        assert!(got.headers["vary"].contains("accept-encoding"), "{asked}");
        assert_eq!(
            got.headers["cache-control"],
            "public, max-age=31536000, immutable"
        );
        assert_eq!(got.headers["content-type"], "text/javascript; charset=utf-8");
        assert_eq!(got.headers["content-length"], body.len().to_string());
        let known = [("accept-encoding", asked), ("if-none-match", etag)];
        let again = server.get(script, &known).await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{asked}");
        let head = server
            .ask("HEAD", script, &[("accept-encoding", asked)], &[])
            .await;
        assert_eq!((head.status, head.body.len()), (200, 0), "{asked}");
        assert_eq!(head.headers["content-length"], body.len().to_string(), "{asked}");
    }
    let icon = server
        .get("/static-files/icon.svg", &[("accept-encoding", "br")])
        .await;
    assert_eq!((icon.status, text(&icon).as_str()), (200, "<svg/>"));
    assert_eq!(icon.headers["cache-control"], "no-cache");
    assert_eq!(icon.headers["content-type"], "image/svg+xml");
}

#[tokio::test]
async fn the_page_knows_the_prefix_of_the_server_and_of_its_proxy() {
    let server = Server::start_with_ui(EMBEDDED, "/mlflow");
    let untrusted = [BROWSER, ("x-forwarded-prefix", "/evil")];
    let page = server.get("/mlflow/runs/1", &untrusted).await;
    assert!(
        text(&page).contains("<base href=\"/mlflow/\">"),
        "{}",
        text(&page)
    );
    let file = server.get("/mlflow/static-files/icon.svg", &[]).await;
    assert_eq!(file.status, 200);
    for path in ["/runs/1", "/", "/mlflowx/runs"] {
        assert_eq!(server.get(path, &[BROWSER]).await.status, 404, "{path}");
    }

    let server = Server::start_behind_proxy(EMBEDDED, "/mlflow");
    let proxied = [BROWSER, ("x-forwarded-prefix", "/team/")];
    let behind = server.get("/mlflow/runs/1", &proxied).await;
    assert!(
        text(&behind).contains("<base href=\"/team/mlflow/\">"),
        "{}",
        text(&behind)
    );
    assert_ne!(behind.headers["etag"], page.headers["etag"]);
    let bootstrap = server.get("/mlflow/api/oxflow/v1/bootstrap", &proxied).await;
    let bootstrap: Value = serde_json::from_slice(&bootstrap.body).unwrap();
    assert_eq!(bootstrap["static_prefix"], "/team/mlflow");
    let hostile = [BROWSER, ("x-forwarded-prefix", "/\"><script>")];
    assert_eq!(server.get("/mlflow/runs/1", &hostile).await.status, 400);
}

#[tokio::test]
async fn a_folder_of_another_ui_has_no_places_and_a_server_of_artifacts_no_pages() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start_with_ui(folder_ui(folder.path()), "");
    assert_eq!(server.get("/runs/7f3c", &[BROWSER]).await.status, 404);
    let server = Server::start_with_artifacts_only(EMBEDDED);
    for path in ["/", "/runs/7f3c", "/static-files/icon.svg"] {
        assert_eq!(server.get(path, &[BROWSER]).await.status, 503, "{path}");
    }
}

#[tokio::test]
async fn a_page_is_told_what_it_needs_first() {
    let server = Server::start();
    let got = server.get("/api/oxflow/v1/bootstrap", &[]).await;
    let bootstrap: Value = serde_json::from_slice(&got.body).unwrap();
    for (key, expected) in [
        ("mlflow_version", "3.17.2".into()),
        ("static_prefix", "".into()),
        ("database", "sqlite".into()),
        ("default_artifact_root", "mlflow-artifacts:/".into()),
        ("serves_artifacts", true.into()),
        ("user", Value::Null),
        ("authentication", false.into()),
    ] {
        assert_eq!(bootstrap[key], expected, "{key}");
    }
    assert!(bootstrap["now"].as_i64().unwrap() >= 1_700_000_000_000);
    let got = server.get("/api/oxflow/v1/version", &[]).await;
    let version: Value = serde_json::from_slice(&got.body).unwrap();
    assert_eq!(version["version"], bootstrap["version"]);
}
