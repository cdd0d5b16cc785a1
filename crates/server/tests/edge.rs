//! The edge as a client sees it: bytes in, bytes out.

use oxflow_server::EdgeConfig;

use edge_support::Server;

mod edge_support;

const REBINDING: &str = "Invalid Host header - possible DNS rebinding attack detected";
const CROSS_ORIGIN: &str = "Cross-origin request blocked";

fn texts(values: &[&str]) -> Option<Vec<String>> {
    Some(values.iter().map(|value| (*value).to_owned()).collect())
}

#[tokio::test]
async fn ambiguous_framing_is_answered_400_and_nothing_after_it_is_read() {
    let server = Server::start(EdgeConfig::default()).await;
    let cases = [
        (
            "length and chunked",
            "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        ),
        (
            "chunked and length",
            "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        ),
        ("two lengths", "Content-Length: 4\r\nContent-Length: 5\r\n"),
        ("list of lengths", "Content-Length: 4, 4\r\n"),
        ("signed length", "Content-Length: +4\r\n"),
        ("empty length", "Content-Length:\r\n"),
        ("unknown coding", "Transfer-Encoding: gzip\r\n"),
        ("unknown coding first", "Transfer-Encoding: gzip, chunked\r\n"),
        ("unknown coding last", "Transfer-Encoding: chunked, identity\r\n"),
        (
            "chunked twice",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        ),
        ("folded line", "X-Folded: a\r\n b\r\n"),
        ("bare LF after a header", "X-Line: a\n"),
        ("bare LF in a header", "X-Line: a\nX-Other: b\r\n"),
        ("bare CR", "X-Line: a\rb\r\n"),
        ("NUL", "X-Line: a\0b\r\n"),
        ("space before the colon", "Content-Length : 4\r\n"),
        ("no name", ": a\r\n"),
        ("no colon", "X-Line\r\n"),
    ];
    for (name, lines) in cases {
        let mut client = server.connect().await;
        let next = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
        client
            .send(format!(
                "POST /size HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n0\r\n\r\n{next}"
            ))
            .await;
        assert_eq!(client.answer().await.expect(name).status, 400, "{name}");
        assert!(client.is_closed().await, "{name}: more was answered");
    }
}

#[tokio::test]
async fn a_request_line_that_is_none_is_answered_400_and_closed() {
    let server = Server::start(EdgeConfig::default()).await;
    for line in [
        "GET  / HTTP/1.1",
        "GET / HTTP/1.1 ",
        "GET / HTTP/3.0",
        "GET /\0 HTTP/1.1",
        "\u{1}\u{2}",
        "GET / x",
    ] {
        let mut client = server.connect().await;
        client.send(format!("{line}\r\nHost: localhost\r\n\r\n")).await;
        assert_eq!(client.answer().await.expect(line).status, 400, "{line:?}");
        assert!(client.is_closed().await, "{line:?}");
    }
}

#[tokio::test]
async fn requests_that_come_together_are_answered_in_order() {
    let server = Server::start(EdgeConfig::default()).await;
    let mut client = server.connect().await;
    let chunked = "PUT /size HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n";
    let sized = "POST /size HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc";
    let plain = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    client.send(format!("{chunked}{sized}{plain}{chunked}")).await;
    for expected in ["5", "3", "OK", "5"] {
        assert_eq!(client.answer().await.expect("an answer").body, expected);
    }
}

#[tokio::test]
async fn a_chunk_without_a_size_ends_the_connection() {
    let server = Server::start(EdgeConfig::default()).await;
    let mut client = server.connect().await;
    client
        .send("PUT /size HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")
        .await;
    let answer = client.answer().await;
    assert!(answer.is_none_or(|answer| answer.status == 400));
    assert!(client.is_closed().await);
}

#[tokio::test]
async fn a_host_that_is_not_host_and_port_is_answered_400() {
    let server = Server::start(EdgeConfig::default()).await;
    let cases: [(&str, &[&str]); 12] = [
        ("GET /health", &["Host:"]),
        ("GET /health", &["Host: localhost", "Host: localhost"]),
        ("GET /health", &["Host: localhost:"]),
        ("GET /health", &["Host: localhost:80x"]),
        ("GET /health", &["Host: localhost:99999"]),
        ("GET /health", &["Host: localhost/health"]),
        ("GET /health", &["Host: user@localhost"]),
        ("GET /health", &["Host: localhost, localhost"]),
        ("GET /health", &["Host: ::1"]),
        ("GET /health", &["Host: [::1"]),
        ("GET http://other.example/health", &["Host: localhost"]),
        ("GET http://user@localhost/health", &["Host: localhost"]),
    ];
    for (line, headers) in cases {
        let answer = server.request(line, headers).await;
        assert_eq!(answer.status, 400, "{line} {headers:?}");
        assert!(
            answer.body.contains("\"error_code\":\"BAD_REQUEST\""),
            "{line} {headers:?}: {}",
            answer.body
        );
    }
    for absent in ["GET /health HTTP/1.1\r\n\r\n", "GET /health HTTP/1.0\r\n\r\n"] {
        assert_eq!(server.ask(absent).await.status, 400, "{absent:?}");
    }
}

#[tokio::test]
async fn by_default_only_own_names_with_the_own_port_are_served() {
    let server = Server::start(EdgeConfig {
        host: "Ml.Example".to_owned(),
        ..EdgeConfig::default()
    })
    .await;
    let port = server.port();
    let cases = [
        ("localhost".to_owned(), 200),
        (format!("LOCALHOST:{port}"), 200),
        (format!("127.0.0.1:{port}"), 200),
        (format!("[::1]:{port}"), 200),
        ("ml.example".to_owned(), 200),
        (format!("localhost:{}", port ^ 1), 403),
        ("attacker.example".to_owned(), 403),
        ("10.attacker.example".to_owned(), 403),
        ("10.0.0.1".to_owned(), 403),
        ("192.168.1.1".to_owned(), 403),
        ("127.0.0.2".to_owned(), 403),
        ("0.0.0.0".to_owned(), 403),
        ("localhost.attacker.example".to_owned(), 403),
    ];
    for (host, status) in cases {
        let answer = server.request("GET /read", &[&format!("Host: {host}")]).await;
        assert_eq!(answer.status, status, "{host}");
        if status == 403 {
            assert_eq!(answer.body, REBINDING, "{host}");
            assert_eq!(
                answer.header("content-type"),
                "text/plain; charset=utf-8",
                "{host}"
            );
        }
    }
    let absolute = server
        .request("GET http://attacker.example/read", &["Host: attacker.example"])
        .await;
    assert_eq!(absolute.status, 403);
    let absolute = server
        .request("GET http://localhost:80/read", &["Host: localhost"])
        .await;
    assert_eq!((absolute.status, absolute.body.as_str()), (200, "read"));
}

#[tokio::test]
async fn on_all_interfaces_the_address_that_was_reached_is_a_host_too() {
    for host in ["0.0.0.0", "127.0.0.1"] {
        let config = EdgeConfig {
            host: host.to_owned(),
            ..EdgeConfig::default()
        };
        let server = Server::start_at("0.0.0.0:0", config, "").await;
        let port = server.port();
        for (reached, asked, is_own) in [
            ([127, 0, 0, 3], format!("127.0.0.3:{port}"), true),
            ([127, 0, 0, 3], "127.0.0.3".to_owned(), true),
            ([127, 0, 0, 3], format!("127.0.0.3:{}", port ^ 1), false),
            ([127, 0, 0, 3], format!("127.0.0.4:{port}"), false),
            ([127, 0, 0, 3], format!("0.0.0.0:{port}"), false),
        ] {
            let mut client = edge_support::Client::connect((reached, port).into()).await;
            client
                .send(format!("GET /read HTTP/1.1\r\nHost: {asked}\r\n\r\n"))
                .await;
            let expected = if is_own && host == "0.0.0.0" { 200 } else { 403 };
            assert_eq!(
                client.answer().await.unwrap().status,
                expected,
                "{asked} under --host {host}"
            );
        }
    }
}

#[tokio::test]
async fn allowed_hosts_take_the_place_of_the_default() {
    let allowed_hosts = texts(&["*.example.com", "exact.example:5000", "10.0.0.0/8"]);
    let server = Server::start(EdgeConfig {
        allowed_hosts,
        ..EdgeConfig::default()
    })
    .await;
    for (host, status) in [
        ("a.example.com", 200),
        ("a.example.com:1234", 200),
        ("exact.example:5000", 200),
        ("10.1.2.3:5000", 200),
        ("exact.example", 403),
        ("example.com", 403),
        ("10.attacker.example", 403),
        ("localhost", 403),
    ] {
        assert_eq!(
            server
                .request("GET /read", &[&format!("Host: {host}")])
                .await
                .status,
            status,
            "{host}"
        );
    }
}

#[tokio::test]
async fn probes_and_version_answer_under_any_well_formed_host() {
    let server = Server::start_at("127.0.0.1:0", EdgeConfig::default(), "/ml").await;
    for (path, status) in [
        ("/ml/health", 200),
        ("/ml/version", 200),
        ("/health", 404),
        ("/version", 404),
        ("/ml/read", 403),
        ("/ml/healthy", 403),
        ("/mlhealth", 403),
        ("/ml/ml/health", 403),
    ] {
        assert_eq!(
            server
                .request(&format!("GET {path}"), &["Host: any.example"])
                .await
                .status,
            status,
            "{path}"
        );
    }
    assert_eq!(server.request("GET /ml/health", &["Host: a b"]).await.status, 400);
}

#[tokio::test]
async fn only_own_and_listed_pages_change_state() {
    let cors_allowed_origins = texts(&["https://ui.example"]);
    let server = Server::start(EdgeConfig {
        cors_allowed_origins,
        ..EdgeConfig::default()
    })
    .await;
    let port = server.port();
    let host = format!("Host: localhost:{port}");
    let own = format!("Origin: http://localhost:{port}");
    let cases: [(&[&str], u16); 15] = [
        (&[], 200),
        (&[&own], 200),
        (&[&own, "Sec-Fetch-Site: same-origin"], 200),
        (&["Origin: https://ui.example"], 200),
        (&["Origin: https://ui.example", "Sec-Fetch-Site: cross-site"], 200),
        (&["Sec-Fetch-Site: none"], 200),
        (&["Sec-Fetch-Site: cross-site"], 403),
        (&["Origin: null"], 403),
        (&["Origin:"], 403),
        (&["Origin: http://localhost:1"], 403),
        (&["Origin: http://localhost"], 403),
        (&[&format!("Origin: https://localhost:{port}")], 403),
        (&[&format!("Origin: http://127.0.0.1:{port}")], 403),
        (&["Origin: http://ui.example"], 403),
        (&[&own, &own], 403),
    ];
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        for (headers, status) in cases {
            let headers = [&[host.as_str()], headers].concat();
            let answer = server.request(&format!("{method} /size"), &headers).await;
            assert_eq!(answer.status, status, "{method} {headers:?}");
            if status == 403 {
                assert_eq!(answer.body, CROSS_ORIGIN);
                assert_eq!(answer.header("access-control-allow-origin"), "");
            }
        }
    }
    let elsewhere = server
        .request("POST /no/such/route", &["Origin: https://attacker.example"])
        .await;
    assert_eq!(elsewhere.status, 403, "routes that do not exist are checked too");
    let unknown = server
        .request("FROB /size", &["Origin: https://attacker.example"])
        .await;
    assert_eq!(unknown.status, 403, "methods that do not exist are checked too");
}

#[tokio::test]
async fn only_listed_pages_may_read_answers() {
    let named = Server::start(EdgeConfig {
        cors_allowed_origins: texts(&["https://ui.example"]),
        ..EdgeConfig::default()
    });
    let any = Server::start(EdgeConfig {
        cors_allowed_origins: texts(&["*"]),
        ..EdgeConfig::default()
    });
    let (named, any) = (named.await, any.await);
    for (server, origin, allowed, credentials) in [
        (&named, "https://ui.example", "https://ui.example", "true"),
        (&named, "https://UI.example:443", "https://UI.example:443", "true"),
        (&named, "https://attacker.example", "", ""),
        (&named, "http://localhost", "", ""),
        (&any, "https://attacker.example", "*", ""),
        (&any, "null", "", ""),
    ] {
        let answer = server.request("GET /read", &[&format!("Origin: {origin}")]).await;
        assert_eq!(answer.status, 200, "{origin}");
        assert_eq!(answer.header("access-control-allow-origin"), allowed, "{origin}");
        assert_eq!(
            answer.header("access-control-allow-credentials"),
            credentials,
            "{origin}"
        );
        assert_eq!(answer.header("vary"), "Origin", "{origin}");
    }
    assert_eq!(
        any.request("POST /size", &["Origin: https://attacker.example"])
            .await
            .status,
        200
    );
    assert_eq!(any.request("POST /size", &["Origin: null"]).await.status, 403);
}

#[tokio::test]
async fn preflights_are_answered_for_allowed_origins_only() {
    let cors_allowed_origins = texts(&["https://ui.example"]);
    let server = Server::start(EdgeConfig {
        cors_allowed_origins,
        ..EdgeConfig::default()
    })
    .await;
    let wants = [
        "Access-Control-Request-Method: POST",
        "Access-Control-Request-Headers: content-type, x-own",
    ];
    let allowed = server
        .request(
            "OPTIONS /size",
            &[&wants[..], &["Origin: https://ui.example"]].concat(),
        )
        .await;
    assert_eq!((allowed.status, allowed.body.as_str()), (200, "OK"));
    for (name, value) in [
        ("access-control-allow-origin", "https://ui.example"),
        (
            "access-control-allow-methods",
            "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
        ),
        ("access-control-allow-headers", "content-type, x-own"),
        ("access-control-allow-credentials", "true"),
        ("access-control-max-age", "600"),
        ("vary", "Origin"),
    ] {
        assert_eq!(allowed.header(name), value, "{name}");
    }
    for origin in ["https://attacker.example", "null", "http://localhost:1"] {
        let answer = server
            .request(
                "OPTIONS /size",
                &[&wants[..], &[&format!("Origin: {origin}")]].concat(),
            )
            .await;
        assert_eq!(answer.status, 403, "{origin}");
        assert!(
            !answer
                .headers
                .iter()
                .any(|(name, _)| name.starts_with("access-control")),
            "{origin}"
        );
    }
    assert_eq!(
        server
            .request("OPTIONS /read", &["Origin: https://attacker.example"])
            .await
            .body,
        "options"
    );
    assert_eq!(server.request("OPTIONS /read", &wants).await.body, "options");
}

#[tokio::test]
async fn without_the_security_middleware_only_the_form_of_a_host_is_checked() {
    let server = Server::start(EdgeConfig {
        security_middleware: false,
        ..EdgeConfig::default()
    })
    .await;
    let foreign = [
        "Host: any.example",
        "Origin: https://attacker.example",
        "Sec-Fetch-Site: cross-site",
    ];
    let answer = server.request("POST /size", &foreign).await;
    assert_eq!((answer.status, answer.header("vary")), (200, String::new()));
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(server.request("GET /read", &["Host: a b"]).await.status, 400);
    let preflight = [
        "Origin: https://attacker.example",
        "Access-Control-Request-Method: POST",
    ];
    assert_eq!(server.request("OPTIONS /read", &preflight).await.body, "options");
}

#[tokio::test]
async fn a_trusted_proxy_tells_scheme_host_and_client() {
    let trusted = EdgeConfig {
        trusted_proxies: vec!["127.0.0.1/32".parse().unwrap(), "10.0.0.0/8".parse().unwrap()],
        allowed_hosts: texts(&["ml.example", "localhost"]),
        ..EdgeConfig::default()
    };
    let untrusted = EdgeConfig {
        trusted_proxies: Vec::new(),
        ..trusted.clone()
    };
    let (trusted, untrusted) = (Server::start(trusted).await, Server::start(untrusted).await);
    let page = [
        "X-Forwarded-Proto: https",
        "X-Forwarded-Host: ml.example",
        "Origin: https://ml.example",
    ];
    assert_eq!(trusted.request("POST /size", &page).await.status, 200);
    assert_eq!(untrusted.request("POST /size", &page).await.status, 403);
    let elsewhere = ["X-Forwarded-Host: attacker.example"];
    assert_eq!(trusted.request("GET /read", &elsewhere).await.status, 403);
    assert_eq!(untrusted.request("GET /read", &elsewhere).await.status, 200);
    assert_eq!(
        trusted
            .request("GET /read", &["X-Forwarded-Host: a b"])
            .await
            .status,
        400
    );
    let hops = [
        "X-Forwarded-For: 203.0.113.9, 192.0.2.7",
        "X-Forwarded-For: 10.0.0.4",
    ];
    assert_eq!(trusted.request("GET /client", &hops).await.body, "192.0.2.7");
    assert_eq!(untrusted.request("GET /client", &hops).await.body, "127.0.0.1");
}

#[tokio::test]
async fn every_answer_has_the_headers_that_its_handler_did_not_set() {
    let server = Server::start(EdgeConfig::default()).await;
    for (line, headers, status) in [
        ("GET /read", &["X-Ok: 1"][..], 200),
        ("HEAD /read", &["Connection: close"], 200),
        ("GET /nothing/here", &[], 404),
        ("POST /read", &[], 405),
        ("GET /panic", &[], 500),
        ("GET /read", &["Host: attacker.example"], 403),
        ("GET /read", &["Host: a b"], 400),
        (
            "POST /size",
            &["Content-Length: 0", "Transfer-Encoding: chunked"],
            400,
        ),
        ("POST /size", &["Origin: null"], 403),
        ("CONNECT localhost:80", &[], 405),
    ] {
        let answer = server.request(line, headers).await;
        assert_eq!(answer.status, status, "{line} {headers:?}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("x-frame-options", "SAMEORIGIN"),
            ("cross-origin-resource-policy", "same-origin"),
            ("server", "oxflow"),
            ("x-oxflow-version", env!("CARGO_PKG_VERSION")),
            ("vary", "Origin"),
        ] {
            assert_eq!(answer.header(name), value, "{name} of {line} {headers:?}");
        }
    }
    let own = server.request("GET /csp", &[]).await;
    assert_eq!(own.header("x-frame-options"), "DENY");
    assert_eq!(own.header("content-security-policy"), "sandbox");
    let unframed = Server::start(EdgeConfig {
        x_frame_options: None,
        ..EdgeConfig::default()
    })
    .await;
    assert_eq!(
        unframed.request("GET /read", &[]).await.header("x-frame-options"),
        ""
    );
}

#[tokio::test]
async fn requests_have_an_id_of_the_client_or_of_our_own() {
    let server = Server::start(EdgeConfig::default()).await;
    let longest = "x".repeat(128);
    let too_long = "x".repeat(129);
    for (given, is_kept) in [
        ("a-1", true),
        (longest.as_str(), true),
        (&too_long, false),
        ("a b", false),
        ("", false),
    ] {
        let answer = server
            .request("GET /read", &[&format!("X-Request-Id: {given}")])
            .await;
        assert_eq!(answer.header("x-request-id") == given, is_kept, "{given:?}");
        assert!(!answer.header("x-request-id").is_empty(), "{given:?}");
    }
    let (one, other) = (
        server.request("GET /read", &[]).await,
        server.request("GET /read", &[]).await,
    );
    assert_ne!(one.header("x-request-id"), other.header("x-request-id"));
}

#[tokio::test]
async fn a_panic_is_answered_500_without_its_message_and_the_connection_goes_on() {
    let server = Server::start(EdgeConfig::default()).await;
    let mut client = server.connect().await;
    client
        .send("GET /panic HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: the-id\r\n\r\n")
        .await;
    let answer = client.answer().await.unwrap();
    assert_eq!(answer.status, 500);
    assert!(
        answer.body.contains("\"error_code\":\"INTERNAL_ERROR\""),
        "{}",
        answer.body
    );
    assert!(
        answer.body.contains("the-id") && !answer.body.contains("secret"),
        "{}",
        answer.body
    );
    client
        .send("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    assert_eq!(client.answer().await.unwrap().body, "OK");
}

#[tokio::test]
async fn headers_and_paths_are_served_at_their_limit_and_refused_beyond() {
    let server = Server::start(EdgeConfig::default()).await;
    let lines = |count: usize| "X-Line: a\r\n".repeat(count - 1);
    let sized = |bytes: usize| {
        let frame = "GET /read HTTP/1.1\r\nHost: localhost\r\nX-Long: \r\n\r\n".len();
        format!("X-Long: {}\r\n", "a".repeat(bytes - frame))
    };
    for (name, headers, status) in [
        ("100 lines", lines(100), 200),
        ("101 lines", lines(101), 431),
        ("64 KiB", sized(64 * 1024), 200),
        ("64 KiB and 1 byte", sized(64 * 1024 + 1), 431),
    ] {
        let answer = server
            .ask(format!("GET /read HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n"))
            .await;
        assert_eq!(answer.status, status, "{name}");
    }
    for (bytes, status) in [(32 * 1024, 404), (32 * 1024 + 1, 414)] {
        let answer = server
            .request(&format!("GET /{}", "a".repeat(bytes - 1)), &[])
            .await;
        assert_eq!(answer.status, status, "{bytes} bytes of path");
    }
}

#[tokio::test]
async fn what_is_refused_by_its_header_has_a_body_and_the_headers_of_every_answer() {
    let server = Server::start(EdgeConfig::default()).await;
    let with = |line: &str| format!("POST /size HTTP/1.1\r\nHost: localhost\r\n{line}\r\n");
    let lines = "X-A: b\r\n".repeat(100);
    for (bytes, status) in [
        (with("No-Colon\r\n"), 400),
        (with("X-A: a\0b\r\n"), 400),
        (with("X-A: b\n"), 400),
        (with("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"), 400),
        (with("Content-Length: 18446744073709551615\r\n"), 413),
        (with("Content-Length: 18446744073709551614\r\n"), 413),
        (with(&lines), 431),
        (with(&format!("X-A: {}\r\n", "b".repeat(70_000))), 431),
        (format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(70_000)), 431),
        ("GET /health\r\n".to_owned(), 400),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), 400),
        ("\u{16}\u{3}\u{1}".to_owned(), 400),
        ("SSH-2.0-OpenSSH_9.9\r\n".to_owned(), 400),
    ] {
        let mut client = server.connect().await;
        client.send(&bytes).await;
        let answer = client.answer().await.unwrap();
        assert_eq!(answer.status, status, "{bytes:.80?}");
        assert!(
            answer.body.contains("\"message\""),
            "{bytes:.80?}: {}",
            answer.body
        );
        for (name, value) in [
            ("server", "oxflow"),
            ("x-content-type-options", "nosniff"),
            ("connection", "close"),
        ] {
            assert_eq!(answer.header(name), value, "{bytes:.80?}: {name}");
        }
        assert!(client.is_closed().await, "{bytes:.80?}");
    }
}

#[tokio::test]
async fn what_came_before_a_refused_header_or_body_is_answered() {
    let server = Server::start(EdgeConfig::default()).await;
    let good = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for bad in [
        "GET / HTTP/1.1\r\nNo-Colon\r\n\r\n",
        "PUT /size HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n",
    ] {
        let mut client = server.connect().await;
        client.send(format!("{good}{good}{bad}{good}")).await;
        for status in [200, 200, 400] {
            assert_eq!(client.answer().await.unwrap().status, status, "{bad:?}");
        }
        assert!(client.is_closed().await, "{bad:?}");
    }
}
