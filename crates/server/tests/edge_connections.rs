//! Connections over time: slow ones, idle ones, too many, and the server's stop.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::time::{Duration, Instant};

use edge_support::{Client, SOON, Server};
use oxflow_server::EdgeConfig;
use oxflow_server::edge::Drained;
use tokio::time::{sleep, timeout};

mod edge_support;

const SHORT: Duration = Duration::from_millis(300);
const HEALTH: &str = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
const SLOW: &str = "GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn slow_header_is_cut() -> EdgeConfig {
    EdgeConfig {
        header_timeout: SHORT,
        keep_alive_timeout: Duration::from_secs(60),
        ..EdgeConfig::default()
    }
}

fn idle_connection_is_cut() -> EdgeConfig {
    EdgeConfig {
        header_timeout: Duration::from_secs(60),
        keep_alive_timeout: SHORT,
        ..EdgeConfig::default()
    }
}

#[tokio::test]
async fn a_connection_that_sends_no_whole_header_is_closed() {
    let server = Server::start(slow_header_is_cut()).await;
    for begun in ["", "G", "GET /health HTTP/1.1\r\nHost: localhost\r\n"] {
        let mut client = server.connect().await;
        let started = Instant::now();
        client.send(begun).await;
        assert!(client.is_closed().await, "{begun:?} was answered");
        assert!(
            started.elapsed() >= SHORT - Duration::from_millis(20),
            "{begun:?} was cut too early"
        );
    }
}

#[tokio::test]
async fn a_byte_now_and_then_does_not_prolong_a_header() {
    let server = Server::start(slow_header_is_cut()).await;
    let mut client = server.connect().await;
    client.send(HEALTH).await;
    assert_eq!(client.answer().await.unwrap().body, "OK");
    let drip = async {
        client
            .send("GET /health HTTP/1.1\r\nHost: localhost\r\nX-Drip: ")
            .await;
        while !client.stream.try_read(&mut [0]).is_ok_and(|bytes| bytes == 0) {
            if client
                .stream
                .try_write(b"a")
                .is_err_and(|error| error.kind() != std::io::ErrorKind::WouldBlock)
            {
                break;
            }
            sleep(SHORT / 10).await; // The pace of a slow client, not a wait for something.
        }
    };
    timeout(SOON, drip).await.expect("the connection is cut");
}

#[tokio::test]
async fn an_idle_connection_is_kept_longer_than_a_slow_header() {
    let server = Server::start(slow_header_is_cut()).await;
    let mut client = server.connect().await;
    client.send(HEALTH).await;
    assert_eq!(client.answer().await.unwrap().body, "OK");
    sleep(SHORT * 3).await; // The idle time is what is tested.
    client.send(HEALTH).await;
    assert_eq!(client.answer().await.unwrap().body, "OK");
}

#[tokio::test]
async fn an_idle_connection_is_closed_at_last() {
    let server = Server::start(idle_connection_is_cut()).await;
    let mut client = server.connect().await;
    client.send(HEALTH).await;
    assert_eq!(client.answer().await.unwrap().body, "OK");
    let started = Instant::now();
    assert!(client.is_closed().await);
    assert!(started.elapsed() >= SHORT - Duration::from_millis(20));
}

#[tokio::test]
async fn a_header_may_begin_late_in_the_idle_time() {
    let server = Server::start(idle_connection_is_cut()).await;
    let mut client = server.connect().await;
    client.send(HEALTH).await;
    assert_eq!(client.answer().await.unwrap().body, "OK");
    let (beginning, end) = HEALTH.split_at(10);
    client.send(beginning).await;
    sleep(SHORT * 2).await; // Past the idle time, within the header's.
    client.send(end).await;
    assert_eq!(client.answer().await.unwrap().body, "OK");
}

#[tokio::test]
async fn neither_time_runs_while_a_handler_works() {
    let config = EdgeConfig {
        header_timeout: SHORT,
        keep_alive_timeout: SHORT,
        ..EdgeConfig::default()
    };
    let server = Server::start(config).await;
    let mut client = server.connect().await;
    client.send(SLOW).await;
    server.begun.notified().await;
    sleep(SHORT * 3).await; // The working time is what is tested.
    server.go_on.notify_one();
    assert_eq!(client.answer().await.unwrap().body, "done");
}

#[tokio::test]
async fn neither_time_runs_while_an_answer_is_taken_slowly() {
    let config = EdgeConfig {
        header_timeout: SHORT,
        keep_alive_timeout: SHORT,
        ..EdgeConfig::default()
    };
    let server = Server::start(config).await;
    let mut client = server.connect().await;
    client
        .send("GET /large/50000000 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    sleep(SHORT * 3).await; // The client's pause is what is tested: the answer fits no socket buffer.
    assert_eq!(client.answer().await.unwrap().body.len(), 50_000_000);
}

#[tokio::test]
async fn connections_beyond_the_limit_are_closed_and_places_come_back() {
    let in_all = EdgeConfig {
        max_connections: 2,
        ..EdgeConfig::default()
    };
    let per_address = EdgeConfig {
        max_connections_per_address: 2,
        ..EdgeConfig::default()
    };
    for config in [in_all, per_address] {
        let server = Server::start(config).await;
        let (mut one, mut two) = (server.connect().await, server.connect().await);
        for client in [&mut one, &mut two] {
            client.send(HEALTH).await;
            assert_eq!(client.answer().await.unwrap().body, "OK");
        }
        assert!(server.connect().await.is_closed().await);
        drop(one);
        let comes_back = async {
            while !is_served(&server).await {
                tokio::task::yield_now().await;
            }
        };
        timeout(SOON, comes_back).await.expect("a place comes back");
    }
}

async fn is_served(server: &Server) -> bool {
    let mut client = server.connect().await;
    let _ = client.stream.try_write(HEALTH.as_bytes());
    client.answer().await.is_some()
}

#[tokio::test]
async fn an_answer_reaches_a_client_that_is_still_sending() {
    let server = Server::start(EdgeConfig::default()).await;
    for (headers, status) in [
        ("Origin: null\r\n", 403),
        ("Transfer-Encoding: chunked\r\n", 400),
        ("", 200),
    ] {
        let mut client = server.connect().await;
        let body = vec![b'a'; 4_000_000];
        let header = "POST /unread HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4000000\r\n";
        client.send(format!("{header}{headers}\r\n")).await;
        client.send(&body).await;
        assert_eq!(client.answer().await.unwrap().status, status, "{headers:?}");
    }
}

#[tokio::test]
async fn an_answer_before_the_body_has_come_says_that_the_connection_ends() {
    let server = Server::start(EdgeConfig::default()).await;
    for (line, headers, status) in [
        ("POST /unread", "Content-Length: 5\r\n", 200),
        ("POST /unknown", "Content-Length: 5\r\n", 404),
        ("PUT /read", "Content-Length: 5\r\n", 405),
        ("POST /size", "Content-Length: 5\r\nOrigin: null\r\n", 403),
        ("POST /unread", "Transfer-Encoding: chunked\r\n", 200),
        (
            "POST /unread",
            "Content-Length: 5\r\nExpect: 100-continue\r\n",
            200,
        ),
    ] {
        let mut client = server.connect().await;
        client
            .send(format!("{line} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n"))
            .await;
        let answer = client.answer().await.unwrap();
        assert_eq!(
            (answer.status, answer.header("connection").as_str()),
            (status, "close"),
            "{line} {headers:?}"
        );
        // What a client that did not read the answer yet goes on with.
        client.send("5\r\nhello\r\n").await;
        assert!(client.is_closed().await, "{line} {headers:?}");
    }
}

#[tokio::test]
async fn a_connection_goes_on_after_a_body_that_was_read_or_has_come_whole() {
    let server = Server::start(EdgeConfig::default()).await;
    let mut client = server.connect().await;
    for (line, headers, body, apart) in [
        ("POST /size", "Content-Length: 5\r\n", "hello", true),
        (
            "POST /size",
            "Transfer-Encoding: chunked\r\n",
            "5\r\nhello\r\n0\r\n\r\n",
            true,
        ),
        ("POST /unread", "Content-Length: 0\r\n", "", true),
        ("POST /unread", "Content-Length: 5\r\n", "hello", false),
        ("POST /unknown", "Content-Length: 5\r\n", "hello", false),
    ] {
        let header = format!("{line} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
        if apart {
            client.send(header).await;
            client.send(body).await;
        } else {
            client.send(header + body).await;
        }
        let answer = client.answer().await.unwrap();
        assert_eq!(answer.header("connection"), "", "{line} {headers:?}");
        client.send(HEALTH).await;
        let next = client.answer().await.expect("the connection is open");
        assert_eq!(next.body, "OK", "after {line} {headers:?}");
    }
}

#[tokio::test]
async fn a_stop_finishes_what_runs_and_takes_nothing_new() {
    let mut server = Server::start(EdgeConfig::default()).await;
    let (mut idle, mut unused, mut busy) = (
        server.connect().await,
        server.connect().await,
        server.connect().await,
    );
    idle.send(HEALTH).await;
    assert_eq!(idle.answer().await.unwrap().body, "OK");
    busy.send(SLOW).await;
    server.begun.notified().await;
    assert!(server.readiness.get());

    server.begin_stop();
    assert!(idle.is_closed().await && unused.is_closed().await);
    assert!(!server.readiness.get());
    server.wait_until_closed().await;

    server.go_on.notify_one();
    let answer = busy.answer().await.unwrap();
    assert_eq!(
        (answer.body.as_str(), answer.header("connection").as_str()),
        ("done", "close")
    );
    assert!(busy.is_closed().await);
    assert_eq!(server.drained().await, Drained::Clean);
}

#[tokio::test]
async fn a_request_that_outlasts_the_grace_is_cut_off() {
    let mut server = Server::start(EdgeConfig {
        shutdown_grace: SHORT,
        ..EdgeConfig::default()
    })
    .await;
    let mut busy = server.connect().await;
    busy.send(SLOW).await;
    server.begun.notified().await;
    server.begin_stop();
    assert!(busy.is_closed().await);
    assert_eq!(server.drained().await, Drained::CutOff);
}

#[tokio::test]
async fn before_it_stops_a_server_is_unready_but_serves() {
    let mut server = Server::start(EdgeConfig {
        shutdown_delay: SHORT * 3,
        ..EdgeConfig::default()
    })
    .await;
    assert!(is_served(&server).await && server.readiness.get());
    server.begin_stop();
    let unready = async {
        while server.readiness.get() {
            tokio::task::yield_now().await;
        }
    };
    timeout(SOON, unready)
        .await
        .expect("the server says that it stops");
    let unready_since = Instant::now();
    while unready_since.elapsed() < SHORT {
        assert!(is_served(&server).await);
    }
    server.wait_until_closed().await;
    assert_eq!(server.drained().await, Drained::Clean);
}

#[tokio::test]
async fn any_bytes_leave_the_next_request_answered() {
    let server = Server::start(EdgeConfig::default()).await;
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for round in 0..300 {
        let bytes = random.bytes();
        let client = server.connect().await;
        let _ = client.stream.try_write(&bytes);
        let mut next = Client::connect(server.address).await;
        next.send(HEALTH).await;
        let answer = timeout(Duration::from_secs(1), next.answer()).await;
        let answer = answer.unwrap_or_else(|_| panic!("round {round}: no answer after {bytes:?}"));
        assert_eq!(answer.unwrap().body, "OK", "round {round}: after {bytes:?}");
    }
}

/// Bytes that look a little like HTTP (xorshift, so a failing round can be repeated).
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % below as u64).unwrap()
    }

    fn bytes(&mut self) -> Vec<u8> {
        const PIECES: [&str; 20] = [
            "GET ",
            "POST ",
            "/health",
            "/size",
            "http://",
            " HTTP/1.1",
            "\r\n",
            "\n",
            "\r",
            "Host: localhost",
            "Host:",
            "Content-Length: ",
            "Transfer-Encoding: chunked",
            "Expect: 100-continue",
            "Connection: upgrade",
            "0",
            "7",
            "ffffffffffffffff",
            ":",
            "\0",
        ];
        let mut bytes = Vec::new();
        for _ in 0..self.next(40) {
            match self.next(4) {
                0 => bytes.push(u8::try_from(self.next(256)).unwrap()),
                _ => bytes.extend_from_slice(PIECES[self.next(PIECES.len())].as_bytes()),
            }
        }
        bytes
    }
}
