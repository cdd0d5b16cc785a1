//! Hostile paths at every endpoint that takes one, and hostile files in the store.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]
#![expect(
    clippy::disallowed_methods,
    reason = "the test plants and looks at files itself"
)]

mod common;

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::path::Path;

use common::Server;
use oxflow_testkit::goldens::{Got, Send};

const PROXY: &str = "/api/2.0/mlflow-artifacts/artifacts";

/// Paths that must reach nothing, percent-encoded once as a client would send them.
const HOSTILE: [&str; 44] = [
    "..",
    "../x",
    "a/../../x",
    "a/..",
    "./a",
    "a/./b",
    ".",
    "a//b",
    "a/",
    "/etc/passwd",
    "//etc/passwd",
    "%2e%2e",
    "%2e%2e/x",
    "..%2fx",
    "..%2f..%2fetc%2fpasswd",
    "%252e%252e/x",
    "%25252e%25252e/x",
    "a%2f..%2f..%2fx",
    "..%5cx",
    "a%5c..%5cb",
    "%5cx",
    "C:/x",
    "C%3a%5cx",
    "c:x",
    "file:///etc/passwd",
    "file%3a/etc/passwd",
    "http://x/y",
    "a%00b",
    "%00",
    "a%0ab",
    "a%0db",
    "a%7fb",
    "a%23b",
    "a%3fb",
    "%ff",
    "%c0%ae%c0%ae/x",
    "a/%2e%2e/%2e%2e/x",
    "a/.%2e/x",
    ".oxflow-tmp/x",
    "a/.oxflow-tmp",
    "%2e",
    "%2f",
    "%2fetc%2fpasswd",
    "....%2f%2f..%2fx",
];

/// Names that look odd and are fine; they come back byte for byte.
const LEGAL: [(&str, &str); 8] = [
    ("a%20b", "a b"),
    ("%C3%A9", "é"),
    ("a+b", "a+b"),
    ("...", "..."),
    ("..x", "..x"),
    ("a%2525b", "a%25b"),
    ("~x", "~x"),
    ("%E2%98%83/x", "☃/x"),
];

async fn call(server: &Server, method: &str, target: String, body: &[u8]) -> Got {
    let headers = BTreeMap::from([
        ("host".to_owned(), "127.0.0.1:5000".to_owned()),
        ("content-type".to_owned(), "application/json".to_owned()),
        ("content-length".to_owned(), body.len().to_string()),
    ]);
    server
        .send(&Send {
            method: method.to_owned(),
            target,
            headers,
            body: body.to_vec(),
        })
        .await
}

async fn given_run(server: &Server) -> String {
    let got = call(server, "POST", "/api/2.0/mlflow/runs/create".to_owned(), b"{}").await;
    let json: serde_json::Value = serde_json::from_slice(&got.body).unwrap();
    json.pointer("/run/info/run_id")
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned()
}

async fn given_model(server: &Server) -> String {
    let body = b"{\"experiment_id\":\"0\",\"name\":\"m\"}";
    let got = call(server, "POST", "/api/2.0/mlflow/logged-models".to_owned(), body).await;
    let json: serde_json::Value = serde_json::from_slice(&got.body).unwrap();
    json.pointer("/model/info/model_id")
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned()
}

/// Every file below a folder.
fn files_below(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(files_below(&path));
        } else {
            found.push(path.display().to_string());
        }
    }
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_paths_reach_nothing() {
    let server = Server::start();
    let (run, model) = (given_run(&server).await, given_model(&server).await);
    call(&server, "PUT", format!("{PROXY}/kept/file.txt"), b"kept").await;
    let before = files_below(server.folder());
    for path in HOSTILE {
        let in_query = path.replace('&', "%26");
        let calls = [
            ("GET", format!("{PROXY}/{path}")),
            ("PUT", format!("{PROXY}/{path}")),
            ("DELETE", format!("{PROXY}/{path}")),
            ("POST", format!("/api/2.0/mlflow-artifacts/mpu/create/{path}")),
            ("POST", format!("/api/2.0/mlflow-artifacts/mpu/complete/{path}")),
            ("POST", format!("/api/2.0/mlflow-artifacts/mpu/abort/{path}")),
            ("GET", format!("/api/2.0/mlflow-artifacts/presigned/{path}")),
            ("GET", format!("/get-artifact?run_id={run}&path={in_query}")),
            (
                "POST",
                format!("/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run}&path={in_query}"),
            ),
            (
                "GET",
                format!(
                    "/ajax-api/2.0/mlflow/logged-models/{model}/artifacts/files?artifact_file_path={in_query}"
                ),
            ),
        ];
        for (method, target) in calls {
            if axum::http::Uri::try_from(&target).is_err() {
                continue; // hyper refuses it before we see it
            }
            // So `mlflow gc` names a folder; there is none of that name here.
            if (method, path) == ("DELETE", "a/") {
                assert_eq!(call(&server, method, target, b"").await.status, 200);
                continue;
            }
            let body: &[u8] = if method == "POST" {
                b"{\"path\":\"x\"}"
            } else {
                b"x"
            };
            let got = call(&server, method, target.clone(), body).await;
            assert!(
                matches!(got.status, 400 | 404),
                "{method} {target}: {}",
                got.status
            );
        }
        // A folder may be named with a slash at its end, and the root by nothing.
        if path != "a/" {
            for target in [
                format!("{PROXY}?path={in_query}"),
                format!("/api/2.0/mlflow/artifacts/list?run_id={run}&path={in_query}"),
                format!(
                    "/api/2.0/mlflow/logged-models/{model}/artifacts/directories?artifact_directory_path={in_query}"
                ),
            ] {
                let got = call(&server, "GET", target.clone(), b"").await;
                assert_eq!(got.status, 400, "{target}");
            }
        }
    }
    assert_eq!(
        files_below(server.folder()),
        before,
        "something was written or deleted"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_may_be_deleted_with_a_slash_at_its_end() {
    let server = Server::start();
    call(&server, "PUT", format!("{PROXY}/1/run/artifacts/a.txt"), b"x").await;
    let got = call(&server, "DELETE", format!("{PROXY}/1/run/artifacts/"), b"").await;
    assert_eq!(got.status, 200);
    let got = call(&server, "GET", format!("{PROXY}/1/run/artifacts/a.txt"), b"").await;
    assert_eq!(got.status, 404);
    for root in ["/", "//"] {
        let got = call(&server, "DELETE", format!("{PROXY}{root}"), b"").await;
        assert_eq!(got.status, 400, "{root}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn odd_names_come_back_byte_for_byte() {
    let server = Server::start();
    for (encoded, name) in LEGAL {
        let target = format!("{PROXY}/odd/{encoded}");
        assert_eq!(
            call(&server, "PUT", target.clone(), name.as_bytes()).await.status,
            200,
            "{name}"
        );
        assert_eq!(
            call(&server, "GET", target, b"").await.body,
            name.as_bytes(),
            "{name}"
        );
        assert!(
            server.folder().join("mlartifacts/odd").join(name).is_file(),
            "{name}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_and_devices_in_the_store_are_not_there() {
    let server = Server::start();
    call(&server, "PUT", format!("{PROXY}/dir/real.txt"), b"real").await;
    let store = server.folder().join("mlartifacts");
    let secret = server.folder().join("secret.txt");
    std::fs::write(&secret, "secret").unwrap();
    for (name, to) in [
        ("file", secret.clone()),
        ("folder", server.folder().to_owned()),
        ("zero", "/dev/zero".into()),
        ("proc", "/proc/self/environ".into()),
        ("loop", store.join("loop")),
        ("inside", store.join("dir/real.txt")),
    ] {
        symlink(to, store.join(name)).unwrap();
    }
    for path in [
        "file",
        "folder/secret.txt",
        "zero",
        "proc",
        "loop",
        "loop/x",
        "inside",
    ] {
        let got = call(&server, "GET", format!("{PROXY}/{path}"), b"").await;
        assert!(matches!(got.status, 400 | 404), "GET {path}: {}", got.status);
        let got = call(&server, "PUT", format!("{PROXY}/{path}/new.txt"), b"x").await;
        assert!(
            matches!(got.status, 400 | 404),
            "PUT {path}/new.txt: {}",
            got.status
        );
    }
    let listed = call(&server, "GET", PROXY.to_owned(), b"").await;
    let text = String::from_utf8(listed.body).unwrap();
    assert_eq!(text, r#"{"files":[{"path":"dir","is_dir":true}]}"#);
    // Deleting a link deletes the link.
    for path in ["file", "folder"] {
        assert_eq!(
            call(&server, "DELETE", format!("{PROXY}/{path}"), b"")
                .await
                .status,
            200
        );
    }
    assert_eq!(std::fs::read_to_string(&secret).unwrap(), "secret");
    assert!(server.folder().join("mlflow.db").is_file());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_points_elsewhere_is_not_served() {
    let server = Server::start();
    let outside = server.folder().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("secret.txt"), "secret").unwrap();
    let body = format!(
        "{{\"name\":\"elsewhere\",\"artifact_location\":\"{}\"}}",
        outside.display()
    );
    let got = call(
        &server,
        "POST",
        "/api/2.0/mlflow/experiments/create".to_owned(),
        body.as_bytes(),
    )
    .await;
    let json: serde_json::Value = serde_json::from_slice(&got.body).unwrap();
    let body = format!("{{\"experiment_id\":{}}}", json["experiment_id"]);
    let got = call(
        &server,
        "POST",
        "/api/2.0/mlflow/runs/create".to_owned(),
        body.as_bytes(),
    )
    .await;
    let json: serde_json::Value = serde_json::from_slice(&got.body).unwrap();
    let run = json.pointer("/run/info/run_id").unwrap().as_str().unwrap();
    for (method, target) in [
        ("GET", format!("/api/2.0/mlflow/artifacts/list?run_id={run}")),
        ("GET", format!("/get-artifact?run_id={run}&path=secret.txt")),
        (
            "POST",
            format!("/ajax-api/2.0/mlflow/upload-artifact?run_uuid={run}&path=secret.txt"),
        ),
    ] {
        let got = call(&server, method, target.clone(), b"{}").await;
        assert_eq!(got.status, 400, "{target}");
        assert!(
            String::from_utf8_lossy(&got.body).contains("artifact location is not served by this server")
        );
    }
    assert_eq!(
        std::fs::read_to_string(outside.join("secret.txt")).unwrap(),
        "secret"
    );
}
