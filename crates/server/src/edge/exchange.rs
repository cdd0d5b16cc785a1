//! What the byte side and the request side of a connection tell each other.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::Instant;

use super::refusal::Refusal;

/// Shared by the two sides of one connection.
#[derive(Debug, Clone)]
pub(super) struct Exchange(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    begun: u64,
    in_flight: u64,
    /// Requests of which every byte has come.
    received: u64,
    quiet_since: Instant,
    refused: Option<(u64, Refusal)>,
}

impl Exchange {
    pub(super) fn new(now: Instant) -> Self {
        Self(Arc::new(Mutex::new(State {
            begun: 0,
            in_flight: 0,
            received: 0,
            quiet_since: now,
            refused: None,
        })))
    }

    /// Says that the connection's `number`th request must not reach a handler.
    pub(super) fn refuse(&self, number: u64, refusal: Refusal) {
        self.with(|state| state.refused = Some((number, refusal)));
    }

    /// Says how many of the connection's requests have come whole.
    pub(super) fn received(&self, requests: u64) {
        self.with(|state| state.received = requests);
    }

    /// A request has been parsed; it is in flight until the returned value is dropped.
    pub(super) fn begin(&self) -> (InFlight, Option<Refusal>) {
        let (number, refusal) = self.with(|state| {
            state.begun += 1;
            state.in_flight += 1;
            let refused = state.refused.filter(|(number, _)| *number == state.begun);
            (state.begun, refused.map(|(_, refusal)| refusal))
        });
        let in_flight = InFlight {
            exchange: self.clone(),
            number,
        };
        (in_flight, refusal)
    }

    /// Since when no request is in flight; `None` while one is.
    pub(super) fn quiet_since(&self) -> Option<Instant> {
        self.with(|state| (state.in_flight == 0).then_some(state.quiet_since))
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A request whose answer has not been handed over whole.
#[derive(Debug)]
pub(super) struct InFlight {
    exchange: Exchange,
    /// Which of the connection's requests it is; the first is 1.
    number: u64,
}

impl InFlight {
    /// Whether every byte of the request has come.
    fn is_received(&self) -> bool {
        self.exchange.with(|state| state.received >= self.number)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.exchange.with(|state| {
            state.in_flight -= 1;
            state.quiet_since = Instant::now();
        });
    }
}

/// What is left of a request's body when it is answered.
#[derive(Debug)]
pub(super) struct Remainder {
    has_length: bool,
    is_read: Arc<AtomicBool>,
}

impl Remainder {
    /// Whether hyper closes the connection after the answer, because the next request begins somewhere behind a
    /// body that nobody reads. hyper 1.12 passes over what is left by one read and no more: enough for a body with
    /// a length that has come whole, not for chunks.
    pub(super) fn ends_connection(&self, in_flight: &InFlight) -> bool {
        let is_passed_over = self.has_length && in_flight.is_received();
        !self.is_read.load(Ordering::Relaxed) && !is_passed_over
    }
}

/// The body of a request; notes that it was read to its end.
#[derive(Debug)]
pub(super) struct RequestBody {
    body: Incoming,
    is_read: Arc<AtomicBool>,
}

impl RequestBody {
    pub(super) fn new(body: Incoming) -> (Self, Remainder) {
        let is_read = Arc::new(AtomicBool::new(body.is_end_stream()));
        let remainder = Remainder {
            has_length: body.size_hint().exact().is_some(),
            is_read: Arc::clone(&is_read),
        };
        (Self { body, is_read }, remainder)
    }
}

impl http_body::Body for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if matches!(frame, Poll::Ready(None)) || self.body.is_end_stream() {
            self.is_read.store(true, Ordering::Relaxed);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of an answer; hyper drops it when it has taken all of it.
#[derive(Debug)]
pub(super) struct AnswerBody {
    body: Body,
    _in_flight: InFlight,
}

impl AnswerBody {
    pub(super) fn new(body: Body, in_flight: InFlight) -> Self {
        Self {
            body,
            _in_flight: in_flight,
        }
    }
}

impl http_body::Body for AnswerBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
