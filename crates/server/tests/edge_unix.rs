//! A server at a unix socket: its file, and who its peers are.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]
#![allow(clippy::disallowed_methods, reason = "files of the tests' own")]

use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::Path;

use edge_support::{Client, Server};
use oxflow_server::EdgeConfig;
use oxflow_server::edge::{Drained, Listener, UnixSocketError};
use tokio::net::UnixStream;

mod edge_support;

const LOCAL: &[&str] = &["Host: localhost"];

async fn start(path: &Path, config: EdgeConfig) -> Server {
    Server::start_on(Listener::unix_socket(path, 0o660).await.unwrap(), config, "")
}

async fn connect(path: &Path) -> Client<UnixStream> {
    Client::over(UnixStream::connect(path).await.unwrap())
}

#[tokio::test]
async fn requests_come_over_a_file_that_has_its_mode_and_goes_with_the_server() {
    let dir = tempfile::tempdir().unwrap();
    for mode in [0o660, 0o600, 0o666] {
        let path = dir.path().join("m.sock");
        let listener = Listener::unix_socket(&path, mode).await.unwrap();
        let metadata = path.symlink_metadata().unwrap();
        assert!(metadata.file_type().is_socket());
        assert_eq!(metadata.permissions().mode() & 0o777, mode);
        let mut server = Server::start_on(listener, EdgeConfig::default(), "");
        let mut client = connect(&path).await;
        assert_eq!(client.ask("GET /health", LOCAL).await.body, "OK");
        assert_eq!(client.ask("GET /scheme", LOCAL).await.body, "Http");
        drop(client);
        server.begin_stop();
        assert_eq!(server.drained().await, Drained::Clean);
        assert!(!path.exists(), "the file goes");
    }
}

#[tokio::test]
async fn the_file_of_a_server_that_is_gone_is_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.sock");
    drop(UnixListener::bind(&path).unwrap()); // The standard library leaves the file.
    assert!(path.exists());
    let _server = start(&path, EdgeConfig::default()).await;
    assert_eq!(connect(&path).await.ask("GET /health", LOCAL).await.body, "OK");
}

#[tokio::test]
async fn nothing_else_is_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.sock");
    let _server = start(&path, EdgeConfig::default()).await;
    let error = Listener::unix_socket(&path, 0o660).await.unwrap_err();
    assert!(matches!(error, UnixSocketError::InUse { .. }), "{error}");
    assert_eq!(connect(&path).await.ask("GET /health", LOCAL).await.body, "OK");

    std::fs::write(dir.path().join("notes.txt"), "kept").unwrap();
    std::fs::create_dir(dir.path().join("folder")).unwrap();
    std::os::unix::fs::symlink("notes.txt", dir.path().join("link")).unwrap();
    for name in ["notes.txt", "folder", "link"] {
        let error = Listener::unix_socket(&dir.path().join(name), 0o660)
            .await
            .unwrap_err();
        assert!(
            matches!(error, UnixSocketError::NotASocket { .. }),
            "{name}: {error}"
        );
    }
    assert_eq!(std::fs::read_to_string(dir.path().join("link")).unwrap(), "kept");
    let too_long = dir.path().join("x".repeat(120));
    let error = Listener::unix_socket(&too_long, 0o660).await.unwrap_err();
    assert!(matches!(error, UnixSocketError::Bind { .. }), "{error}");
}

#[tokio::test]
async fn a_file_that_another_server_put_there_meanwhile_stays() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.sock");
    let mut first = start(&path, EdgeConfig::default()).await;
    std::fs::remove_file(&path).unwrap();
    let _second = start(&path, EdgeConfig::default()).await;
    first.begin_stop();
    assert_eq!(first.drained().await, Drained::Clean);
    assert_eq!(connect(&path).await.ask("GET /health", LOCAL).await.body, "OK");
}

#[tokio::test]
async fn peers_are_this_machine_and_no_proxies_until_they_are_trusted_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let says = [
        "Host: localhost",
        "X-Forwarded-For: 192.0.2.7",
        "X-Forwarded-Proto: https",
    ];
    for (trusts_unix_socket, client_address, scheme) in
        [(false, "127.0.0.1", "Http"), (true, "192.0.2.7", "Https")]
    {
        let path = dir.path().join("m.sock");
        let config = EdgeConfig {
            trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()],
            trusts_unix_socket,
            ..EdgeConfig::default()
        };
        let mut server = start(&path, config).await;
        let mut client = connect(&path).await;
        assert_eq!(client.ask("GET /client", &says).await.body, client_address);
        assert_eq!(client.ask("GET /scheme", &says).await.body, scheme);
        drop(client);
        server.begin_stop();
        server.drained().await;
    }
}

#[tokio::test]
async fn hosts_are_checked_as_at_a_port_that_has_no_number() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("m.sock");
    let _server = start(&path, EdgeConfig::default()).await;
    for (host, status) in [
        ("localhost", 200),
        ("127.0.0.1", 200),
        ("localhost:5000", 403),
        ("attacker.example", 403),
    ] {
        let mut client = connect(&path).await;
        let answer = client.ask("GET /read", &[&format!("Host: {host}")]).await;
        assert_eq!(answer.status, status, "{host}");
    }
}
