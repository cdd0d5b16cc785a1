//! Where the bytes of a ZIP go: to the client, in pieces, as fast as it takes them.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::runtime::Handle;
use tokio::sync::mpsc::Sender;
use tokio::time::timeout;

/// Bytes of a piece.
const PIECE_BYTES: usize = 64 * 1024;

/// How long a client may take nothing.
const STALL: Duration = Duration::from_secs(60);

/// A piece of the answer, or why it breaks off.
pub(super) type Piece = io::Result<Bytes>;

/// Stops what is written from being sent: a ZIP that lacks a file must not get a proper end.
///
/// The writer of the ZIP library ends the file when it is dropped, whatever has happened before.
#[derive(Debug, Clone, Default)]
pub(super) struct Valve(Arc<AtomicBool>);

impl Valve {
    pub(super) fn shut(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_shut(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The blocking end of the channel to the client. What is written after the valve is shut goes nowhere.
#[derive(Debug)]
pub(super) struct Outlet {
    pub(super) pieces: Sender<Piece>,
    pub(super) valve: Valve,
    pub(super) runtime: Handle,
    pub(super) gathered: BytesMut,
}

impl Outlet {
    fn send(&mut self) -> io::Result<()> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        let piece = self.gathered.split().freeze();
        let sent = self.runtime.block_on(timeout(STALL, self.pieces.send(Ok(piece))));
        if matches!(sent, Ok(Ok(()))) {
            return Ok(());
        }
        self.valve.shut();
        Err(io::ErrorKind::BrokenPipe.into())
    }
}

impl io::Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.valve.is_shut() {
            return Ok(bytes.len());
        }
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() >= PIECE_BYTES {
            self.send()?;
        }
        Ok(bytes.len())
    }

    /// Does nothing: the library flushes after each part, and small pieces are slow.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Outlet {
    /// Sends what is left.
    fn drop(&mut self) {
        if !self.valve.is_shut() {
            let _ = self.send();
        }
    }
}
