//! A small server behind the edge, and a client that sends bytes as they are.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::routing::{get, post};
use oxflow_server::edge::{ClientAddr, Drained, Listener, Scheme, serve, wrap};
use oxflow_server::{EdgeConfig, Readiness};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// How long anything may take that should happen at once.
pub const SOON: Duration = Duration::from_secs(10);

pub struct Server {
    /// Of no use where the server listens at a unix socket.
    pub address: SocketAddr,
    pub readiness: Readiness,
    /// Notified when a request to `/slow` has begun.
    pub begun: Arc<Notify>,
    /// Lets a request to `/slow` go on.
    pub go_on: Arc<Notify>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<Drained>,
}

impl Server {
    pub async fn start(config: EdgeConfig) -> Self {
        Self::start_at("127.0.0.1:0", config, "").await
    }

    pub async fn start_at(bind: &str, config: EdgeConfig, static_prefix: &str) -> Self {
        let listener = TcpListener::bind(bind).await.unwrap();
        Self::start_on(listener, config, static_prefix)
    }

    pub fn start_on(listener: impl Into<Listener>, config: EdgeConfig, static_prefix: &str) -> Self {
        let listener = listener.into();
        let address = listener.local_addr().unwrap();
        let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let router = router(Arc::clone(&begun), Arc::clone(&go_on), static_prefix);
        let router = wrap(
            router,
            &config,
            address.map(|address| address.port()),
            static_prefix,
        );
        let readiness = Readiness::default();
        let (stop, stopped) = oneshot::channel();
        let shown = readiness.clone();
        let task = tokio::spawn(async move {
            let shutdown = async { stopped.await.unwrap_or_default() };
            serve(listener, router, shown, &config, shutdown).await
        });
        Self {
            address: address.unwrap_or_else(|| ([0, 0, 0, 0], 0).into()),
            readiness,
            begun,
            go_on,
            stop: Some(stop),
            task,
        }
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    pub async fn connect(&self) -> Client {
        Client::connect(([127, 0, 0, 1], self.port()).into()).await
    }

    /// The answer to these bytes on a connection of their own.
    pub async fn ask(&self, bytes: impl AsRef<[u8]>) -> Answer {
        let mut client = self.connect().await;
        client.send(bytes).await;
        client.answer().await.expect("an answer")
    }

    /// The answer to a request with these header lines, and a good `Host` line unless they have one.
    pub async fn request(&self, line: &str, headers: &[&str]) -> Answer {
        let mut text = format!("{line} HTTP/1.1\r\n");
        if !headers.iter().any(|header| header.starts_with("Host")) {
            text.push_str("Host: localhost\r\n");
        }
        for header in headers {
            text.push_str(header);
            text.push_str("\r\n");
        }
        self.ask(text + "\r\n").await
    }

    pub fn begin_stop(&mut self) {
        self.stop
            .take()
            .expect("stopped once")
            .send(())
            .expect("the server runs");
    }

    pub async fn drained(self) -> Drained {
        timeout(SOON, self.task).await.expect("the server stops").unwrap()
    }

    /// Waits until new connections are turned away.
    pub async fn wait_until_closed(&self) {
        let closed = async {
            while TcpStream::connect(("127.0.0.1", self.port())).await.is_ok() {
                tokio::task::yield_now().await;
            }
        };
        timeout(SOON, closed).await.expect("the port closes");
    }
}

fn router(begun: Arc<Notify>, go_on: Arc<Notify>, static_prefix: &str) -> Router {
    let slow = async move || {
        begun.notify_one();
        go_on.notified().await;
        "done"
    };
    let client = async |client: axum::Extension<ClientAddr>| client.0.0.to_string();
    let scheme = async |scheme: axum::Extension<Scheme>| format!("{:?}", scheme.0);
    let csp = async || {
        (
            [
                ("content-security-policy", "sandbox"),
                ("x-frame-options", "DENY"),
            ],
            "framed",
        )
    };
    let panic = async || -> &'static str { panic!("a secret of the server") };
    let size = async |body: Bytes| body.len().to_string();
    let large = async |Path(bytes): Path<usize>| vec![b'x'; bytes];
    let routes = Router::new()
        .route("/health", get(async || "OK"))
        .route("/version", get(async || "3.17.2"))
        .route("/read", get(async || "read").options(async || "options"))
        .route("/large/{bytes}", get(large))
        .route("/size", post(size).put(size).patch(size).delete(size))
        .route("/unread", post(async || "unread"))
        .route("/slow", get(slow))
        .route("/client", get(client))
        .route("/scheme", get(scheme))
        .route("/csp", get(csp))
        .route("/panic", get(panic));
    if static_prefix.is_empty() {
        routes
    } else {
        Router::new().nest(static_prefix, routes)
    }
}

pub struct Answer {
    pub status: u16,
    /// Names in lower case, in order.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    /// The values of a header, joined by `, `; empty if there is none.
    pub fn header(&self, name: &str) -> String {
        let values: Vec<_> = self
            .headers
            .iter()
            .filter(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
            .collect();
        values.join(", ")
    }
}

pub struct Client<S = TcpStream> {
    pub stream: S,
    received: Vec<u8>,
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).await.unwrap())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub fn over(stream: S) -> Self {
        Self {
            stream,
            received: Vec::new(),
        }
    }

    /// The answer to a request with these header lines.
    pub async fn ask(&mut self, line: &str, headers: &[&str]) -> Answer {
        let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
        self.send(format!("{line} HTTP/1.1\r\n{headers}\r\n")).await;
        self.answer().await.expect("an answer")
    }

    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        timeout(SOON, self.stream.write_all(bytes.as_ref()))
            .await
            .expect("bytes are taken")
            .unwrap();
    }

    /// The next answer; `None` if the connection ends first.
    pub async fn answer(&mut self) -> Option<Answer> {
        timeout(SOON, self.read_answer())
            .await
            .expect("an answer or the end in time")
    }

    /// Waits for the end of the connection; false if more bytes come.
    pub async fn is_closed(&mut self) -> bool {
        self.received.is_empty()
            && !timeout(SOON, self.read_more())
                .await
                .expect("the connection ends in time")
    }

    async fn read_answer(&mut self) -> Option<Answer> {
        let header_end = loop {
            if let Some(at) = self.received.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            if !self.read_more().await {
                assert!(self.received.is_empty(), "the connection ended in an answer");
                return None;
            }
        };
        let header = String::from_utf8(self.received.drain(..header_end).collect()).unwrap();
        let mut lines = header.trim_end().split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers: Vec<_> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let length = headers.iter().find(|(name, _)| name == "content-length");
        let length = length.map_or(0, |(_, value)| value.parse().unwrap());
        while self.received.len() < length && self.read_more().await {}
        let length = length.min(self.received.len()); // HEAD announces a body that does not come.
        let body = String::from_utf8(self.received.drain(..length).collect()).unwrap();
        Some(Answer {
            status,
            headers,
            body,
        })
    }

    /// False at the end of the connection.
    async fn read_more(&mut self) -> bool {
        self.stream
            .read_buf(&mut self.received)
            .await
            .is_ok_and(|bytes| bytes > 0)
    }
}
