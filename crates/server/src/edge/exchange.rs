//! What the byte side and the request side of a connection tell each other.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::Instant;

use super::framing::Fault;

/// Shared by the two sides of one connection.
#[derive(Debug, Clone)]
pub(super) struct Exchange(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    begun: u64,
    in_flight: u64,
    quiet_since: Instant,
    refused: Option<(u64, Fault)>,
}

impl Exchange {
    pub(super) fn new(now: Instant) -> Self {
        Self(Arc::new(Mutex::new(State {
            begun: 0,
            in_flight: 0,
            quiet_since: now,
            refused: None,
        })))
    }

    /// Says that the connection's `number`th request must not reach a handler.
    pub(super) fn refuse(&self, number: u64, fault: Fault) {
        self.with(|state| state.refused = Some((number, fault)));
    }

    /// A request has been parsed; it is in flight until the returned value is dropped.
    pub(super) fn begin(&self) -> (InFlight, Option<Fault>) {
        let fault = self.with(|state| {
            state.begun += 1;
            state.in_flight += 1;
            state
                .refused
                .filter(|(number, _)| *number == state.begun)
                .map(|(_, fault)| fault)
        });
        (InFlight(self.clone()), fault)
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
pub(super) struct InFlight(Exchange);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.with(|state| {
            state.in_flight -= 1;
            state.quiet_since = Instant::now();
        });
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
