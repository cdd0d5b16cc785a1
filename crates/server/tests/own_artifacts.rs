//! Our own endpoints for artifacts: previews, what a file is, folders as one file.

#![expect(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]
#![expect(clippy::disallowed_methods, reason = "tests make their own files")]

mod common;

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use common::Server;
use oxflow_core::ContentDigest;
use oxflow_testkit::goldens::Got;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zip::ZipArchive;

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
        let path = path
            .replace(' ', "%20")
            .replace('&', "%26")
            .replace('<', "%3C")
            .replace('>', "%3E");
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
async fn a_stored_page_in_a_window_of_its_own_stands_in_a_frame_that_cannot_leave() {
    let server = Server::start();
    let page = "<script>location = 'https://elsewhere.example/'</script>";
    let id = run_with(&server, &[("a&b'<x>.html", page), ("a.pdf", "%PDF")]).await;
    let query = format!("run_id={id}&path=a%26b'%3Cx%3E.html");
    let target = |query: &str| format!("/api/oxflow/v1/artifacts/preview?{query}");
    let window = [("sec-fetch-dest", "document"), ("sec-fetch-site", "none")];
    let got = server.get(&target(&query), &window).await;
    assert_eq!(got.status, 200);
    let text = String::from_utf8_lossy(&got.body);
    assert!(!text.contains("elsewhere"), "{text}");
    assert!(
        text.contains("<title>a&amp;b&#39;&lt;x&gt;.html</title>"),
        "{text}"
    );
    let framed = format!("run_id={id}&amp;path=a%26b&#39;%3Cx%3E.html&amp;framed=1");
    let frame = format!("<iframe sandbox=\"allow-scripts\" src=\"?{framed}\"></iframe>");
    assert!(text.contains(&frame), "{text}");
    assert_eq!(got.headers["content-type"], "text/html; charset=utf-8");
    let policy = &got.headers["content-security-policy"];
    assert!(
        policy.starts_with("default-src 'none'; frame-src 'self'; "),
        "{policy}"
    );
    assert!(
        !policy.contains("script") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert_eq!(got.headers["cache-control"], "no-store");
    assert!(got.headers["vary"].starts_with("sec-fetch-dest"), "{got:?}");
    // Opened by itself, the address in the frame is another one than that of the frame in it.
    let again = server.get(&target(&format!("{query}&framed=1")), &window).await;
    let text = String::from_utf8_lossy(&again.body);
    assert!(text.contains("%3Cx%3E.html\"></iframe>"), "{text}");
    // A frame, and whoever is no browser, gets the page itself.
    for headers in [&[("sec-fetch-dest", "iframe")][..], &[]] {
        let got = server.get(&target(&format!("{query}&framed=1")), headers).await;
        assert_eq!(got.body, page.as_bytes());
        assert!(got.headers["vary"].starts_with("sec-fetch-dest"), "{got:?}");
    }
    let pdf = server
        .get(&target(&format!("run_id={id}&path=a.pdf")), &window)
        .await;
    assert_eq!(pdf.body, b"%PDF");
    let missing = server
        .get(&target(&format!("run_id={id}&path=no.html")), &window)
        .await;
    assert_eq!(missing.status, 404);
    let download = format!("/get-artifact?run_id={id}&path=a%26b'%3Cx%3E.html");
    let got = server.get(&download, &window).await;
    assert_eq!(got.body, page.as_bytes());
    assert!(
        got.headers["content-disposition"].starts_with("attachment"),
        "{got:?}"
    );
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

#[tokio::test]
async fn a_head_says_what_is_there_without_sending_it() {
    let server = Server::start();
    let big = "x".repeat(20_000);
    let files = [
        ("a/b.csv", "x,y\n1,2\n"),
        ("MLmodel", "flavors: {}"),
        ("weights", "\0\x01\x02"),
        ("empty", ""),
        ("big.log", big.as_str()),
        ("plot.png", "\u{89}PNG"),
    ];
    let id = run_with(&server, &files).await;
    for (path, size, kind, is_text) in [
        ("a/b.csv", 8, "text/csv", true),
        ("MLmodel", 11, "text/plain", true),
        ("weights", 3, "application/octet-stream", false),
        ("empty", 0, "text/plain", true),
        ("big.log", 20_000, "text/plain", true),
        ("plot.png", 5, "image/png", true),
    ] {
        let got = server
            .get(
                &format!("/api/oxflow/v1/artifacts/head?run_id={id}&path={path}"),
                &[],
            )
            .await;
        let head: Value = serde_json::from_slice(&got.body).unwrap();
        let modified = head["last_modified"].as_i64().unwrap();
        assert!(modified > 1_500_000_000_000, "{modified}");
        let content = files.iter().find(|(name, _)| *name == path).unwrap().1;
        let sha256 = ContentDigest::from(<[u8; 32]>::from(Sha256::digest(content)));
        let expected = json!({
            "path": path, "is_dir": false, "file_size": size, "last_modified": modified, "content_type": kind, "is_text": is_text,
            "sha256": sha256.to_string(),
        });
        assert_eq!(head, expected);
    }
    for path in ["", "a", "a/"] {
        let got = server
            .get(
                &format!("/api/oxflow/v1/artifacts/head?run_id={id}&path={path}"),
                &[],
            )
            .await;
        let head: Value = serde_json::from_slice(&got.body).unwrap();
        assert_eq!(
            (&head["is_dir"], &head["file_size"]),
            (&json!(true), &Value::Null),
            "{path}"
        );
    }
    for (path, status) in [("missing", 404), ("../x", 400), ("a/b.csv/c", 404)] {
        let got = server
            .get(
                &format!("/api/oxflow/v1/artifacts/head?run_id={id}&path={path}"),
                &[],
            )
            .await;
        assert_eq!(got.status, status, "{path}");
    }
}

/// Names and contents; folders end with a slash.
fn unpack(got: &Got) -> BTreeMap<String, Vec<u8>> {
    assert_eq!(got.status, 200, "{}", String::from_utf8_lossy(&got.body));
    let mut archive = ZipArchive::new(Cursor::new(&got.body)).unwrap();
    let mut files = BTreeMap::new();
    for i in 0..archive.len() {
        let mut file = archive.by_index(i).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        files.insert(name, content);
    }
    files
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_zip_holds_every_file_with_names_below_the_folder() {
    let server = Server::start();
    let long = "0123456789".repeat(60_000);
    let files = [
        ("model/MLmodel", "flavors"),
        ("model/data/größe ü.txt", "ü"),
        ("model/data/long", long.as_str()),
        ("model/empty", ""),
        ("top.txt", "top"),
    ];
    let id = run_with(&server, &files).await;
    let root = server.folder().join(format!("mlartifacts/0/{id}/artifacts"));
    std::fs::create_dir_all(root.join("model/nothing/inside")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", root.join("model/link")).unwrap();

    let all = server
        .get(&format!("/api/oxflow/v1/artifacts/zip?run_id={id}"), &[])
        .await;
    assert_eq!(all.headers["content-type"], "application/zip");
    assert_eq!(
        all.headers["content-disposition"],
        format!("attachment; filename=artifacts-{}.zip", &id[..8])
    );
    assert!(all.body.len() < long.len(), "it is compressed");
    let unpacked = unpack(&all);
    let names: Vec<&str> = unpacked.keys().map(String::as_str).collect();
    let expected = [
        "model/MLmodel",
        "model/data/größe ü.txt",
        "model/data/long",
        "model/empty",
        "model/nothing/inside/",
        "top.txt",
    ];
    assert_eq!(names, expected);
    for (name, content) in files {
        assert!(unpacked[name] == content.as_bytes(), "{name}");
    }

    let part = server
        .get(
            &format!("/api/oxflow/v1/artifacts/zip?run_id={id}&path=model/data"),
            &[],
        )
        .await;
    assert_eq!(
        part.headers["content-disposition"],
        "attachment; filename=data.zip"
    );
    assert_eq!(
        unpack(&part).into_keys().collect::<Vec<_>>(),
        ["größe ü.txt", "long"]
    );

    for (query, status) in [("&path=missing", 404), ("&path=top.txt", 400), ("&path=..", 400)] {
        let got = server
            .get(&format!("/api/oxflow/v1/artifacts/zip?run_id={id}{query}"), &[])
            .await;
        assert_eq!(got.status, status, "{query}");
    }
    let empty = run_with(&server, &[]).await;
    assert!(
        unpack(
            &server
                .get(&format!("/api/oxflow/v1/artifacts/zip?run_id={empty}"), &[])
                .await
        )
        .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn packing_ends_when_the_client_goes_away() {
    let server = Server::start();
    let noise: String = (0..400_000_u64)
        .map(|i| char::from(33 + (i.wrapping_mul(i ^ 0x9e37_79b9) >> 7) as u8 % 90))
        .collect();
    let files: Vec<(String, &str)> = (0..10).map(|i| (format!("f{i}"), noise.as_str())).collect();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, content)| (name.as_str(), *content))
        .collect();
    let id = run_with(&server, &files).await;
    let target = format!("/api/oxflow/v1/artifacts/zip?run_id={id}");
    // More than there are places for: each is free again once the one before has gone.
    for _ in 0..30 {
        while server.begin(&target).await != 200 {
            tokio::task::yield_now().await;
        }
    }
}

/// Asks for a list; the paths, in order, and the token of the next page.
async fn listed(server: &Server, target: &str) -> (Vec<String>, Option<String>) {
    let got = server.get(target, &[]).await;
    assert_eq!(
        got.status,
        200,
        "{target}: {}",
        String::from_utf8_lossy(&got.body)
    );
    assert_eq!(got.headers["content-type"], "application/json");
    let answer: Value = serde_json::from_slice(&got.body).unwrap();
    let files = answer["files"].as_array().cloned().unwrap_or_default();
    let paths = files.iter().map(|file| file["path"].as_str().unwrap().to_owned());
    (
        paths.collect(),
        answer["next_page_token"].as_str().map(str::to_owned),
    )
}

#[tokio::test]
async fn a_list_that_is_written_in_pieces_is_whole_and_its_pages_are_it() {
    let server = Server::start();
    let id = run_with(&server, &[("many/\"first\".txt", "x")]).await;
    let folder = server.artifacts_folder().join(format!("0/{id}/artifacts/many"));
    for i in 0..2_500 {
        std::fs::write(folder.join(format!("{i:05}")), b"").unwrap();
    }
    let mut expected = vec!["\"first\".txt".to_owned()];
    expected.extend((0..2_500).map(|i| format!("{i:05}")));
    let of_run = |name: &String| format!("many/{name}");
    let below = format!("0/{id}/artifacts/many");
    for (endpoint, expected) in [
        (
            format!("/api/2.0/mlflow/artifacts/list?run_id={id}&path=many"),
            expected.iter().map(of_run).collect::<Vec<String>>(),
        ),
        (
            format!("/api/2.0/mlflow-artifacts/artifacts?path={below}"),
            expected.clone(),
        ),
    ] {
        let (all, token) = listed(&server, &endpoint).await;
        assert_eq!((&all, token), (&expected, None), "{endpoint}");
        // Without a size of pages MLflow knows no token.
        let (all, token) = listed(&server, &format!("{endpoint}&page_token=!")).await;
        assert_eq!((&all, token), (&expected, None), "{endpoint}");
        let (mut all, mut query) = (Vec::new(), "&max_results=1200".to_owned());
        loop {
            let (page, token) = listed(&server, &format!("{endpoint}{query}")).await;
            all.extend(page);
            let Some(token) = token else { break };
            query = format!("&max_results=1200&page_token={token}");
        }
        assert_eq!(all, expected, "{endpoint}");
        for wrong in [
            "max_results=0",
            "max_results=-1",
            "max_results=10001",
            "max_results=10&page_token=!",
        ] {
            let got = server.get(&format!("{endpoint}&{wrong}"), &[]).await;
            let answer: Value = serde_json::from_slice(&got.body).unwrap();
            assert_eq!(
                (got.status, &answer["error_code"]),
                (400, &json!("INVALID_PARAMETER_VALUE")),
                "{wrong}"
            );
        }
    }
}
