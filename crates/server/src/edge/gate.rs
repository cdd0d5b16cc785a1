//! The bytes of a connection on their way to and from hyper: how slow they may come, and what hyper must not get.
//!
//! hyper's own `header_read_timeout` starts when it begins to wait for a request, so one number would have to serve
//! as both the 75 s of an idle connection and the 15 s of a slow header. Here the header's time starts at its first byte.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::exchange::Exchange;
use super::framing::{Followed, Framing};
use super::transport::Transport;
use crate::EdgeConfig;

/// How long a closing connection goes on taking bytes nobody wants, so that the client reads our last answer
/// before it learns that we closed: closing with unread bytes sends a reset, which may overtake the answer.
pub(super) const LINGER: Duration = Duration::from_secs(1);

/// Bytes read at a time of what is thrown away.
const DISCARD_BYTES: usize = 16 * 1024;

/// A connection as hyper sees it.
#[derive(Debug)]
pub(super) struct Gate {
    stream: Transport,
    exchange: Exchange,
    framing: Framing,
    /// The beginning of a header: hyper gets it when it is whole and good.
    held: BytesMut,
    /// What hyper may have and has not taken yet.
    ready: BytesMut,
    /// Set once a request was refused: hyper gets no further byte.
    is_shut: bool,
    /// Set once nobody knows where a body ends: reading fails from there on.
    is_lost: bool,
    accepted: Instant,
    header_began: Instant,
    last_write: Instant,
    /// Whether an answer waits for the client to take it.
    is_write_blocked: bool,
    header_timeout: Duration,
    keep_alive_timeout: Duration,
    timer: Pin<Box<Sleep>>,
    linger_until: Option<Instant>,
}

impl Gate {
    /// `accepted` is when the connection began: what a handshake took is gone from the header's time.
    pub(super) fn new(stream: Transport, exchange: Exchange, accepted: Instant, config: &EdgeConfig) -> Self {
        Self {
            stream,
            exchange,
            framing: Framing::default(),
            held: BytesMut::new(),
            ready: BytesMut::new(),
            is_shut: false,
            is_lost: false,
            accepted,
            header_began: accepted,
            last_write: accepted,
            is_write_blocked: false,
            header_timeout: config.header_timeout,
            keep_alive_timeout: config.keep_alive_timeout,
            timer: Box::pin(sleep_until(accepted + config.header_timeout)),
            linger_until: None,
        }
    }

    /// When the client has been too slow; `None` while it waits for us or takes an answer.
    fn deadline(&self) -> Option<Instant> {
        let quiet_since = self.exchange.quiet_since().filter(|_| !self.is_write_blocked)?;
        if self.framing.is_in_header() {
            Some(self.header_began.max(quiet_since) + self.header_timeout)
        } else if self.framing.headers_ended() == 0 {
            Some(self.accepted + self.header_timeout)
        } else {
            Some(quiet_since.max(self.last_write) + self.keep_alive_timeout)
        }
    }

    /// Ready when the client has been too slow. The timer may be early, as writes move the deadline.
    fn poll_too_slow(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while let Some(deadline) = self.deadline() {
            if self.timer.deadline() != deadline {
                self.timer.as_mut().reset(deadline);
            }
            ready!(self.timer.as_mut().poll(cx));
            if self.deadline().is_some_and(|deadline| deadline <= Instant::now()) {
                return Poll::Ready(());
            }
        }
        Poll::Pending
    }

    /// Follows the bytes just read, which stand behind the first `before` of the buffer. What hyper may have stays
    /// there or, where it does not fit, becomes ready; the beginning of a header is held back.
    fn follow(&mut self, buf: &mut ReadBuf<'_>, before: usize) {
        let was_in_header = self.framing.is_in_header();
        let headers_before = self.framing.headers_ended();
        let seen = self.held.len();
        let followed = if seen == 0 {
            let followed = self.framing.follow(&buf.filled()[before..], 0);
            let passed = before + followed.passed();
            self.held.extend_from_slice(&buf.filled()[passed..]);
            buf.set_filled(passed);
            followed
        } else {
            self.held.extend_from_slice(&buf.filled()[before..]);
            buf.set_filled(before);
            let followed = self.framing.follow(&self.held, seen);
            self.ready = self.held.split_to(followed.passed());
            followed
        };
        self.exchange.received(self.framing.requests_ended());
        let is_another = headers_before != self.framing.headers_ended();
        if self.framing.is_in_header() && (!was_in_header || is_another) {
            self.header_began = Instant::now();
        }
        match followed {
            Followed::All { .. } => {}
            Followed::Refused {
                refusal, stand_in, ..
            } => {
                self.is_shut = true;
                self.held = BytesMut::new();
                self.ready.extend_from_slice(stand_in.as_bytes());
                self.exchange.refuse(self.framing.headers_ended(), refusal);
            }
            Followed::Lost { .. } => {
                self.is_lost = true;
                self.held = BytesMut::new();
            }
        }
    }

    /// Gives hyper what is ready, as far as it fits.
    fn hand_over(&mut self, buf: &mut ReadBuf<'_>) {
        let fitting = self.ready.len().min(buf.remaining());
        buf.put_slice(&self.ready.split_to(fitting));
        if self.ready.is_empty() {
            self.ready = BytesMut::new();
        }
    }

    fn note_write(&mut self, is_blocked: bool) {
        self.is_write_blocked = is_blocked;
        if !is_blocked {
            self.last_write = Instant::now();
        }
    }

    /// Reads and throws away what has come; ready at the end of the stream.
    fn poll_discard(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut scratch = [0; DISCARD_BYTES];
        loop {
            let mut buffer = ReadBuf::new(&mut scratch);
            match ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => {}
                _ => return Poll::Ready(()),
            }
        }
    }
}

fn lost() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "the chunks of a request body can be read in more than one way",
    )
}

impl AsyncRead for Gate {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        loop {
            if !self.ready.is_empty() {
                self.hand_over(buf);
            }
            if buf.filled().len() > before {
                return Poll::Ready(Ok(()));
            }
            if self.is_shut {
                return Poll::Pending; // The refusal is on its way and closes the connection.
            }
            if self.is_lost {
                return Poll::Ready(Err(lost()));
            }
            match Pin::new(&mut self.stream).poll_read(cx, buf) {
                Poll::Ready(Ok(())) if buf.filled().len() == before => return Poll::Ready(Ok(())), // The end.
                Poll::Ready(Ok(())) => self.follow(buf, before),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {
                    ready!(self.poll_too_slow(cx));
                    return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
                }
            }
        }
    }
}

impl AsyncWrite for Gate {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.note_write(written.is_pending());
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.note_write(written.is_pending());
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// TLS takes bytes before the client does, so that only flushing tells whether it waits.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        if flushed.is_pending() || self.is_write_blocked {
            self.note_write(flushed.is_pending());
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.framing.is_between_requests() && !self.is_shut {
            return Pin::new(&mut self.stream).poll_shutdown(cx);
        }
        if self.linger_until.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
            let until = Instant::now() + LINGER;
            self.linger_until = Some(until);
            self.timer.as_mut().reset(until);
        }
        // The timer comes first: a client that never stops sending keeps the discarding busy.
        if self.timer.as_mut().poll(cx).is_pending() {
            ready!(self.poll_discard(cx));
        }
        Poll::Ready(Ok(()))
    }
}
