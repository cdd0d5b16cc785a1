//! From a listener to a stopped server.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, header};
use hyper::body::Incoming as IncomingBody;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::pin;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;
use tracing::{debug, warn};

use super::authority::Scheme;
use super::exchange::{AnswerBody, Exchange, InFlight, Remainder, RequestBody};
use super::gate::Gate;
use super::head::{MAX_HEADER_BYTES, MAX_HEADERS};
use super::listener::{Incoming, Listener};
use super::proxies::Peer;
use super::refusal::Refusal;
use super::slots::{Slot, Slots};
use super::transport::Transport;
use crate::{EdgeConfig, Readiness};

/// Pause after accepting failed for want of something, such as file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How the requests in flight fared when the server stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drained {
    /// All were answered.
    Clean,
    /// Some were still running when their time was up.
    CutOff,
}

/// The server's end of the connection that a request came over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalAddr(pub SocketAddr);

/// This stands for a request whose header was refused: `guard` says why and closes.
#[derive(Debug, Clone, Copy)]
pub(super) struct RefusedHeader(pub(super) Refusal);

/// Serves until `shutdown` is ready, then stops in order: not ready, `shutdown_delay`, no new connections, idle
/// connections closed, `shutdown_grace` for requests in flight.
///
/// `router` comes from [`wrap`](super::wrap), which also answers what the connection refuses.
pub async fn serve(
    listener: impl Into<Listener>,
    router: Router,
    readiness: Readiness,
    config: &EdgeConfig,
    shutdown: impl Future<Output = ()>,
) -> Drained {
    let listener = listener.into();
    debug!("serving on {listener:?}");
    let connections = Connections {
        router,
        config: Arc::new(config.clone()),
        slots: Slots::new(config),
        tasks: TaskTracker::new(),
        finish: CancellationToken::new(),
        cut_off: CancellationToken::new(),
    };
    readiness.set(true);
    let stop_accepting = async {
        shutdown.await;
        readiness.set(false);
        sleep(config.shutdown_delay).await;
    };
    tokio::select! {
        () = stop_accepting => {}
        () = connections.accept_from(&listener) => {}
        () = listener.keep_current(config.certificate_look_every) => {}
    }
    drop(listener);
    connections.drain(config.shutdown_grace).await
}

struct Connections {
    router: Router,
    config: Arc<EdgeConfig>,
    slots: Slots,
    tasks: TaskTracker,
    /// Cancelled when connections shall end after the request they are at.
    finish: CancellationToken,
    /// Cancelled when connections shall end now.
    cut_off: CancellationToken,
}

impl Connections {
    /// Accepts connections for ever.
    async fn accept_from(&self, listener: &Listener) {
        loop {
            match listener.accept().await {
                Ok(incoming) => self.begin(incoming),
                Err(error) if concerns_one_connection(&error) => {
                    debug!(%error, "a connection was gone before it began");
                }
                Err(error) => {
                    warn!(%error, "accepting connections failed; trying again");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    /// Serves a connection on a task of its own; closes it if there are too many.
    fn begin(&self, incoming: Incoming) {
        let peer = incoming.peer();
        let Some(slot) = self.slots.take(peer) else {
            debug!(?peer, "refused a connection: too many are open");
            return;
        };
        let Ok(local) = incoming.local_addr() else { return };
        if let Err(error) = incoming.set_nodelay() {
            debug!(?peer, %error, "TCP_NODELAY was not set");
        }
        let connection = Connection {
            router: self.router.clone(),
            config: Arc::clone(&self.config),
            peer,
            local: local.map(LocalAddr),
            accepted: Instant::now(),
            finish: self.finish.clone(),
            _slot: slot,
        };
        let cut_off = self.cut_off.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = connection.run(incoming) => {}
                () = cut_off.cancelled() => {}
            }
        });
    }

    /// Waits for requests in flight, not longer than `grace`.
    async fn drain(self, grace: Duration) -> Drained {
        self.tasks.close();
        self.finish.cancel();
        if timeout(grace, self.tasks.wait()).await.is_ok() {
            return Drained::Clean;
        }
        warn!(
            connections = self.tasks.len(),
            "requests were still running {grace:?} after the stop; cutting them off"
        );
        self.cut_off.cancel();
        self.tasks.wait().await;
        Drained::CutOff
    }
}

/// Whether accepting failed because of the connection accepted, so that the next may work.
fn concerns_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

struct Connection {
    router: Router,
    config: Arc<EdgeConfig>,
    peer: Peer,
    local: Option<LocalAddr>,
    accepted: Instant,
    finish: CancellationToken,
    _slot: Slot,
}

impl Connection {
    /// Serves the requests of the connection, after its handshake if there is one.
    async fn run(self, incoming: Incoming) {
        let transport = tokio::select! {
            biased; // A connection without a handshake is always got at.
            transport = self.transport(incoming) => transport,
            () = self.finish.cancelled() => None, // No request is lost with it.
        };
        let Some(transport) = transport else { return };
        let exchange = Exchange::new(self.accepted);
        let service = ConnectionService {
            router: self.router.clone(),
            exchange: exchange.clone(),
            peer: self.peer,
            local: self.local,
            scheme: transport.scheme(),
        };
        let gate = Gate::new(transport, exchange, self.accepted, &self.config);
        if let Err(error) = self.serve_requests(gate, service).await {
            debug!(peer = ?self.peer, %error, "a connection ended early");
        }
    }

    async fn transport(&self, incoming: Incoming) -> Option<Transport> {
        match incoming {
            Incoming::Tcp(stream, _) => Some(Transport::Tcp(stream)),
            Incoming::Unix(stream) => Some(Transport::Unix(stream)),
            Incoming::Tls(stream, _, tls) => {
                let deadline = self.accepted + self.config.header_timeout;
                // Boxed: connections without a handshake shall not be as large.
                let secured = Box::pin(tls.handshake(stream, self.peer, deadline)).await?;
                Some(Transport::Tls(Box::new(secured)))
            }
        }
    }

    async fn serve_requests(&self, gate: Gate, service: ConnectionService) -> hyper::Result<()> {
        let never_needed_timeout = 2 * (self.config.keep_alive_timeout + self.config.header_timeout);
        let service = service_fn(move |request| service.answer(request));
        let connection = http1::Builder::new()
            .max_headers(MAX_HEADERS)
            .max_header_size(MAX_HEADER_BYTES)
            // The gate keeps time. But only with a timeout of its own does hyper 1.12 read again right after an
            // answer, and only when it reads does the gate's time run.
            .timer(TokioTimer::new())
            .header_read_timeout(never_needed_timeout)
            .half_close(false)
            // hyper 1.12 then holds answers back while unparsed bytes are left, its own 400 and 431 for ever.
            .pipeline_flush(false)
            .serve_connection(TokioIo::new(gate), service);
        pin!(connection);
        tokio::select! {
            ended = connection.as_mut() => ended,
            () = self.finish.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        }
    }
}

struct ConnectionService {
    router: Router,
    exchange: Exchange,
    peer: Peer,
    local: Option<LocalAddr>,
    scheme: Scheme,
}

impl ConnectionService {
    fn answer(
        &self,
        request: http::Request<IncomingBody>,
    ) -> impl Future<Output = Result<http::Response<AnswerBody>, Infallible>> + use<> {
        let (in_flight, refusal) = self.exchange.begin();
        let (head, body) = request.into_parts();
        let (body, remainder) = RequestBody::new(body);
        let mut request = http::Request::from_parts(head, Body::new(body));
        request.extensions_mut().insert(self.peer);
        request.extensions_mut().insert(self.scheme);
        if let Some(local) = self.local {
            request.extensions_mut().insert(local);
        }
        if let Some(refusal) = refusal {
            request.extensions_mut().insert(RefusedHeader(refusal));
        }
        track(self.router.clone().call(request), in_flight, remainder)
    }
}

/// Counts a request as in flight until its answer has been handed over, and says in the answer when no further one
/// can follow: a client that does not know sends its next request into a connection that closes.
async fn track(
    answer: impl Future<Output = Result<http::Response<Body>, Infallible>>,
    in_flight: InFlight,
    remainder: Remainder,
) -> Result<http::Response<AnswerBody>, Infallible> {
    let mut answer = answer.await?;
    if remainder.ends_connection(&in_flight) {
        let close = HeaderValue::from_static("close");
        answer.headers_mut().insert(header::CONNECTION, close);
    }
    Ok(answer.map(|body| AnswerBody::new(body, in_flight)))
}
