//! What carries the bytes of a connection.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::server::TlsStream;

use super::authority::Scheme;

/// A connection that requests can come over.
#[derive(Debug)]
pub(super) enum Transport {
    Tcp(TcpStream),
    /// Boxed: it is some hundred bytes larger than the others.
    Tls(Box<TlsStream<TcpStream>>),
    Unix(UnixStream),
}

impl Transport {
    /// How requests over it are sent.
    pub(super) fn scheme(&self) -> Scheme {
        match self {
            Self::Tls(_) => Scheme::Https,
            Self::Tcp(_) | Self::Unix(_) => Scheme::Http,
        }
    }
}

/// Calls a method of the stream inside, whichever it is.
macro_rules! of_stream {
    ($transport:expr, $method:ident ( $($argument:expr),* )) => {
        match $transport {
            Transport::Tcp(stream) => Pin::new(stream).$method($($argument),*),
            Transport::Tls(stream) => Pin::new(stream).$method($($argument),*),
            Transport::Unix(stream) => Pin::new(stream).$method($($argument),*),
        }
    };
}

impl AsyncRead for Transport {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        of_stream!(self.get_mut(), poll_read(cx, buf))
    }
}

impl AsyncWrite for Transport {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        of_stream!(self.get_mut(), poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        of_stream!(self.get_mut(), poll_write_vectored(cx, slices))
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Tcp(stream) => stream.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
            Self::Unix(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        of_stream!(self.get_mut(), poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        of_stream!(self.get_mut(), poll_shutdown(cx))
    }
}
