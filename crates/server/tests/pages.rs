//! Pages and files of `--ui-dir`, and the page without one.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]
#![expect(clippy::disallowed_methods, reason = "tests make their own files")]

mod common;

use axum::http::StatusCode;
use common::Server;
use oxflow_artifacts::ReadOnlyFolder;

fn ui(folder: &std::path::Path) -> ReadOnlyFolder {
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
    let server = Server::start_with_ui(ui(folder.path()), "");
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
    let server = Server::start_with_ui(ui(folder.path()), "");
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
    let server = Server::start_with_ui(ui(folder.path()), "/deep/mlflow");
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
async fn without_a_folder_there_is_a_welcome_and_no_files() {
    let server = Server::start();
    let page = String::from_utf8(server.get("/", &[]).await.body).unwrap();
    assert!(page.contains("Oxflow is running"), "{page}");
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
