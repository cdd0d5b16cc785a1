//! Where connections come from: a port, with or without TLS, or a unix socket.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream, UnixStream};

use super::proxies::Peer;
use super::tls::Tls;
use super::unix_socket::{BoundSocket, UnixSocketError};

/// What a server listens at.
#[derive(Debug)]
pub struct Listener(Kind);

#[derive(Debug)]
enum Kind {
    Tcp(TcpListener),
    Tls(TcpListener, Tls),
    Unix(BoundSocket),
}

/// A connection of which nothing has been read.
#[derive(Debug)]
pub(super) enum Incoming {
    Tcp(TcpStream, SocketAddr),
    Tls(TcpStream, SocketAddr, Tls),
    Unix(UnixStream),
}

impl From<TcpListener> for Listener {
    fn from(port: TcpListener) -> Self {
        Self(Kind::Tcp(port))
    }
}

impl Listener {
    /// A port at which everything is said in TLS.
    pub fn tls(port: TcpListener, tls: Tls) -> Self {
        Self(Kind::Tls(port, tls))
    }

    /// A unix socket; its file gets `mode` and goes with the listener. A file that is left over from a server that
    /// is gone is replaced.
    ///
    /// # Errors
    ///
    /// When another server listens there, something else has the name, or the folder does not take the file.
    pub async fn unix_socket(path: &Path, mode: u32) -> Result<Self, UnixSocketError> {
        BoundSocket::bind(path, mode).await.map(Kind::Unix).map(Self)
    }

    /// The address of a port; `None` for a unix socket.
    ///
    /// # Errors
    ///
    /// When the system does not tell.
    pub fn local_addr(&self) -> io::Result<Option<SocketAddr>> {
        match &self.0 {
            Kind::Tcp(port) | Kind::Tls(port, _) => port.local_addr().map(Some),
            Kind::Unix(_) => Ok(None),
        }
    }

    pub(super) async fn accept(&self) -> io::Result<Incoming> {
        match &self.0 {
            Kind::Tcp(port) => port
                .accept()
                .await
                .map(|(stream, peer)| Incoming::Tcp(stream, peer)),
            Kind::Tls(port, tls) => {
                let (stream, peer) = port.accept().await?;
                Ok(Incoming::Tls(stream, peer, tls.clone()))
            }
            Kind::Unix(socket) => socket.accept().await.map(Incoming::Unix),
        }
    }

    /// Keeps the certificate current, for ever.
    pub(super) async fn keep_current(&self, look_every: Duration) {
        match &self.0 {
            Kind::Tls(_, tls) => tls.keep_current(look_every).await,
            Kind::Tcp(_) | Kind::Unix(_) => std::future::pending().await,
        }
    }
}

impl Incoming {
    pub(super) fn peer(&self) -> Peer {
        match self {
            Self::Tcp(_, address) | Self::Tls(_, address, _) => Peer::Address(*address),
            Self::Unix(_) => Peer::UnixSocket,
        }
    }

    /// Our end, if it has an address.
    pub(super) fn local_addr(&self) -> io::Result<Option<SocketAddr>> {
        match self {
            Self::Tcp(stream, _) | Self::Tls(stream, ..) => stream.local_addr().map(Some),
            Self::Unix(_) => Ok(None),
        }
    }

    /// Sends small answers at once.
    pub(super) fn set_nodelay(&self) -> io::Result<()> {
        match self {
            Self::Tcp(stream, _) | Self::Tls(stream, ..) => stream.set_nodelay(true),
            Self::Unix(_) => Ok(()),
        }
    }
}
