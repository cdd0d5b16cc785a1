//! A port that speaks TLS: what requests see of it, and who gets as far as a request.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use edge_support::{SOON, Server};
use oxflow_core::Clock;
use oxflow_server::EdgeConfig;
use oxflow_server::edge::{Drained, Tls, TlsFiles};
use rustls::SupportedProtocolVersion;
use rustls::version::{TLS12, TLS13};
use tls_support::{Authority, Caller, Folder, Identity, shown, start};
use tokio::time::{sleep, timeout};

mod edge_support;
mod tls_support;

const SHORT: Duration = Duration::from_millis(300);
const LOCAL: &[&str] = &["Host: localhost"];
const EACH_VERSION: [&[&SupportedProtocolVersion]; 2] = [&[&TLS12], &[&TLS13]];

fn authority_and_folder() -> (Authority, Folder) {
    let authority = Authority::new("An authority");
    let folder = Folder::new(&authority.issue("localhost"));
    (authority, folder)
}

#[tokio::test]
async fn requests_come_over_tls_1_2_and_1_3_and_no_other_protocol_than_http_1_1() {
    let (authority, folder) = authority_and_folder();
    let server = start(folder.load(), EdgeConfig::default()).await;
    for versions in EACH_VERSION {
        let caller = Caller {
            versions,
            ..Caller::trusting(&authority)
        };
        let mut client = caller.connect(&server).await.unwrap();
        assert_eq!(client.ask("GET /health", LOCAL).await.body, "OK");
        assert_eq!(client.ask("GET /scheme", LOCAL).await.body, "Https");
        let (_, session) = client.stream.get_ref();
        assert_eq!(session.alpn_protocol(), Some(&b"http/1.1"[..]));
        assert_eq!(session.protocol_version(), Some(versions[0].version));
    }
    let only_h2 = Caller {
        alpn: &["h2"],
        ..Caller::trusting(&authority)
    };
    assert!(only_h2.connect(&server).await.is_err());
}

#[tokio::test]
async fn the_servers_own_origin_is_https() {
    let (authority, folder) = authority_and_folder();
    let server = start(folder.load(), EdgeConfig::default()).await;
    let mut client = Caller::trusting(&authority).connect(&server).await.unwrap();
    let host = format!("Host: localhost:{}", server.port());
    for (scheme, status) in [("https", 200), ("http", 403)] {
        let origin = format!("Origin: {scheme}://localhost:{}", server.port());
        let answer = client
            .ask("POST /size", &[&host, &origin, "Content-Length: 0"])
            .await;
        assert_eq!(answer.status, status, "{scheme}");
    }
}

#[tokio::test]
async fn browsers_are_told_to_stay_with_tls_for_names_only() {
    let config = EdgeConfig {
        allowed_hosts: Some(vec!["*".to_owned()]),
        trusted_proxies: vec!["127.0.0.1/32".parse().unwrap()],
        ..EdgeConfig::default()
    };
    let (authority, folder) = authority_and_folder();
    let server = start(folder.load(), config.clone()).await;
    let mut client = Caller::trusting(&authority).connect(&server).await.unwrap();
    let year = "max-age=31536000";
    for (host, expected) in [
        ("ml.example", year),
        ("ml.example:5000", year),
        ("localhost", ""),
        ("127.0.0.1", ""),
        ("[::1]", ""),
    ] {
        let answer = client.ask("GET /read", &[&format!("Host: {host}")]).await;
        assert_eq!(answer.header("strict-transport-security"), expected, "{host}");
    }
    // What a proxy in front tells its browsers is the proxy's matter.
    let plain = Server::start(config).await;
    let proxied = ["Host: ml.example", "X-Forwarded-Proto: https"];
    let answer = plain.request("GET /read", &proxied).await;
    assert_eq!(answer.header("strict-transport-security"), "");
}

#[tokio::test]
async fn a_trusted_proxy_may_speak_tls_with_us_and_say_what_the_client_spoke() {
    let config = EdgeConfig {
        trusted_proxies: vec!["127.0.0.1/32".parse().unwrap()],
        ..EdgeConfig::default()
    };
    let (authority, folder) = authority_and_folder();
    let server = start(folder.load(), config).await;
    let mut client = Caller::trusting(&authority).connect(&server).await.unwrap();
    assert_eq!(client.ask("GET /scheme", LOCAL).await.body, "Https");
    let says_http = ["Host: localhost", "X-Forwarded-Proto: http"];
    assert_eq!(client.ask("GET /scheme", &says_http).await.body, "Http");
}

#[tokio::test]
async fn plain_http_is_told_that_the_port_speaks_https() {
    let (_, folder) = authority_and_folder();
    let server = start(folder.load(), EdgeConfig::default()).await;
    let body = "x".repeat(100_000);
    for request in [
        "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(),
        format!("POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n{body}"),
    ] {
        let mut client = server.connect().await;
        client.send(request).await;
        let answer = client.answer().await.unwrap();
        assert_eq!(answer.status, 400);
        assert!(
            answer.body.starts_with("This port speaks HTTPS"),
            "{}",
            answer.body
        );
        assert!(client.is_closed().await);
    }
    let mut noise = server.connect().await;
    noise.send([0_u8; 64]).await;
    // An alert, then the end.
    let mut seen = Vec::new();
    let end = timeout(
        SOON,
        tokio::io::AsyncReadExt::read_to_end(&mut noise.stream, &mut seen),
    );
    let ended = end.await.expect("the connection ends in time");
    assert!(!ended.is_ok_and(|_| seen.starts_with(b"HTTP")));
}

#[tokio::test]
async fn a_handshake_that_is_not_finished_takes_a_place_and_stops_nobody_else() {
    let config = EdgeConfig {
        max_connections: 2,
        ..EdgeConfig::default()
    };
    let (authority, folder) = authority_and_folder();
    let server = start(folder.load(), config).await;
    let mut slow = server.connect().await;
    slow.send([0x16, 3, 1]).await;
    let mut client = Caller::trusting(&authority).connect(&server).await.unwrap();
    assert_eq!(client.ask("GET /health", LOCAL).await.body, "OK");
    assert!(server.connect().await.is_closed().await);
}

#[tokio::test]
async fn a_handshake_that_is_not_finished_in_time_is_cut_and_its_place_comes_back() {
    let config = EdgeConfig {
        header_timeout: SHORT,
        keep_alive_timeout: Duration::from_secs(60),
        max_connections: 1,
        ..EdgeConfig::default()
    };
    let (authority, folder) = authority_and_folder();
    let server = start(folder.load(), config).await;
    // Nothing; the beginning of a record.
    for begun in [&b""[..], &[0x16, 3, 1]] {
        let started = Instant::now();
        let mut slow = server.connect().await;
        slow.send(begun).await;
        assert!(slow.is_closed().await, "{begun:?}");
        assert!(
            started.elapsed() >= SHORT - Duration::from_millis(20),
            "{begun:?} was cut too early"
        );
        // The last one's place too, when the loop comes here again.
        let comes_back = async {
            while Caller::trusting(&authority).connect(&server).await.is_err() {
                tokio::task::yield_now().await;
            }
        };
        timeout(SOON, comes_back).await.expect("a place comes back");
    }
}

#[tokio::test]
async fn the_header_has_what_the_handshake_left_of_its_time() {
    let config = EdgeConfig {
        header_timeout: SHORT,
        ..EdgeConfig::default()
    };
    let (authority, folder) = authority_and_folder();
    let server = start(folder.load(), config).await;
    let mut client = Caller::trusting(&authority).connect(&server).await.unwrap();
    assert!(client.is_closed().await);
}

#[tokio::test]
async fn neither_time_runs_while_an_answer_is_taken_slowly() {
    let config = EdgeConfig {
        header_timeout: SHORT,
        keep_alive_timeout: SHORT,
        ..EdgeConfig::default()
    };
    let (authority, folder) = authority_and_folder();
    let server = start(folder.load(), config).await;
    let mut client = Caller::trusting(&authority).connect(&server).await.unwrap();
    client
        .send("GET /large/50000000 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    tokio::io::AsyncWriteExt::flush(&mut client.stream).await.unwrap();
    sleep(SHORT * 3).await; // The client's pause is what is tested: the answer fits no socket buffer.
    assert_eq!(client.answer().await.unwrap().body.len(), 50_000_000);
}

#[tokio::test]
async fn a_client_must_show_a_certificate_of_the_right_authority() {
    let (authority, folder) = authority_and_folder();
    let people = Authority::new("People");
    let strangers = Authority::new("Strangers");
    let folder = folder.with_client_ca(&people);
    let server = start(folder.load(), EdgeConfig::default()).await;
    for versions in EACH_VERSION {
        let ask = async |identity: Option<Identity>| {
            let caller = Caller {
                versions,
                identity,
                ..Caller::trusting(&authority)
            };
            // In TLS 1.3 the client is through before the server has looked at its certificate.
            let mut client = caller.connect(&server).await?;
            let sent = tokio::io::AsyncWriteExt::write_all(
                &mut client.stream,
                b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            );
            sent.await?;
            let mut text = String::new();
            let read = timeout(
                SOON,
                tokio::io::AsyncReadExt::read_to_string(&mut client.stream, &mut text),
            );
            read.await.expect("an answer or the end in time").map(|_| text)
        };
        let answer = ask(Some(people.issue("ada"))).await.unwrap();
        assert!(answer.ends_with("\r\n\r\nOK"), "{answer}");
        for (identity, alert) in [
            (None, "CertificateRequired"),
            (Some(strangers.issue("ada")), "UnknownCA"),
        ] {
            let error = ask(identity).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidData, "{error}");
            assert!(error.to_string().contains(alert), "{error}");
        }
    }
}

#[tokio::test]
async fn a_stop_waits_for_no_handshake() {
    let (authority, folder) = authority_and_folder();
    let mut server = start(folder.load(), EdgeConfig::default()).await;
    let mut slow = server.connect().await;
    slow.send([0x16, 3, 1]).await;
    // Taken after the slow one, so the slow one is at its handshake.
    let mut client = Caller::trusting(&authority).connect(&server).await.unwrap();
    assert_eq!(client.ask("GET /health", LOCAL).await.body, "OK");
    server.begin_stop();
    assert_eq!(server.drained().await, Drained::Clean);
    assert!(slow.is_closed().await);
}

#[tokio::test]
async fn a_changed_certificate_is_for_new_connections() {
    let (authority, folder) = authority_and_folder();
    let config = EdgeConfig {
        certificate_look_every: Duration::from_millis(5),
        ..EdgeConfig::default()
    };
    let server = start(folder.load(), config).await;
    let caller = Caller::trusting(&authority);
    let mut old = caller.connect(&server).await.unwrap();
    assert_eq!(old.ask("GET /health", LOCAL).await.body, "OK");
    for _ in 0..3 {
        let identity = authority.issue("localhost");
        folder.put(&identity);
        timeout(SOON, shows(&caller, &server, &identity))
            .await
            .expect("new connections get the new certificate");
    }
    assert_eq!(old.ask("GET /health", LOCAL).await.body, "OK");
}

#[tokio::test]
async fn the_files_are_read_again_when_asked_and_new_authorities_count() {
    let (authority, folder) = authority_and_folder();
    let people = Authority::new("People");
    let folder = folder.with_client_ca(&people);
    let config = EdgeConfig {
        certificate_look_every: Duration::from_secs(3600),
        ..EdgeConfig::default()
    };
    let tls = folder.load();
    let server = start(tls.clone(), config).await;
    let others = Authority::new("Others");
    let identity = authority.issue("localhost");
    folder.put(&identity);
    folder.put_file("client-ca.pem", &others.pem);
    tls.read_again();
    let caller = Caller {
        identity: Some(others.issue("ada")),
        ..Caller::trusting(&authority)
    };
    timeout(SOON, shows(&caller, &server, &identity))
        .await
        .expect("new connections get the new certificate");
    let mut client = caller.connect(&server).await.unwrap();
    assert_eq!(client.ask("GET /health", LOCAL).await.body, "OK");
}

/// Connects until the server shows this certificate.
async fn shows(caller: &Caller, server: &Server, identity: &Identity) {
    while shown(&caller.connect(server).await.unwrap()) != identity.certificate_der() {
        tokio::task::yield_now().await;
    }
}

#[test]
fn files_that_make_no_listener_are_named_with_what_is_wrong() {
    let (authority, folder) = authority_and_folder();
    let good = folder.files.clone();
    let missing = good.certificate.with_extension("missing");
    let text = folder.put_file("text.pem", "not a certificate");
    let cut = folder.put_file("cut.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n");
    let nonsense = folder.put_file(
        "nonsense.pem",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    );
    let encrypted = folder.put_file(
        "encrypted.pem",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
    );
    let bad_key = folder.put_file(
        "bad.pem",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    );
    let other_key = folder.put_file("other.pem", &authority.issue("localhost").key);
    let with = |change: &dyn Fn(&mut TlsFiles)| {
        let mut files = good.clone();
        change(&mut files);
        Tls::load(files, Clock::System).unwrap_err().to_string()
    };
    for (message, begins, says) in [
        (
            with(&|f| f.certificate = missing.clone()),
            "could not read the TLS certificate `",
            "",
        ),
        (
            with(&|f| f.key = missing.clone()),
            "could not read the TLS key `",
            "",
        ),
        (
            with(&|f| f.client_ca = Some(missing.clone())),
            "could not read the TLS client authority `",
            "",
        ),
        (
            with(&|f| f.certificate = text.clone()),
            "the TLS certificate `",
            "is not PEM: it has no `-----BEGIN CERTIFICATE-----`",
        ),
        (
            with(&|f| f.client_ca = Some(text.clone())),
            "the TLS client authority `",
            "is not PEM",
        ),
        (
            with(&|f| f.key = text.clone()),
            "the TLS key `",
            "is not PEM: it has no `-----BEGIN PRIVATE KEY-----`",
        ),
        (
            with(&|f| f.key = good.certificate.clone()),
            "the TLS key `",
            "is not PEM",
        ),
        (
            with(&|f| f.certificate = cut.clone()),
            "the TLS certificate `",
            "is damaged PEM",
        ),
        (
            with(&|f| f.certificate = nonsense.clone()),
            "the TLS certificate `",
            "cannot be used",
        ),
        (
            with(&|f| f.client_ca = Some(nonsense.clone())),
            "the TLS client authority `",
            "cannot be used",
        ),
        (
            with(&|f| f.key = encrypted.clone()),
            "the TLS key `",
            "is protected by a password",
        ),
        (
            with(&|f| f.key = bad_key.clone()),
            "the TLS key `",
            "cannot be used",
        ),
        (
            with(&|f| f.key = other_key.clone()),
            "the TLS key `",
            "does not belong to the first certificate in `",
        ),
    ] {
        assert!(message.starts_with(begins) && message.contains(says), "{message}");
    }
}
