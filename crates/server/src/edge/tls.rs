//! TLS for a listener: handshakes, and certificates that are replaced while the server runs.

use std::io;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use oxflow_core::Clock;
use rustls::ServerConfig;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tracing::{debug, error, info, warn};

use super::gate::LINGER;
use super::proxies::Peer;
use super::tls_files::{Loaded, Look, TlsError, TlsFiles};

/// What new connections get; clones share it.
#[derive(Debug, Clone)]
pub struct Tls(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    files: TlsFiles,
    clock: Clock,
    current: RwLock<Arc<ServerConfig>>,
    /// How the files looked before they were read at the start.
    first_looks: Vec<Option<Look>>,
    read_again: Notify,
}

impl Tls {
    /// Reads the files; what an administrator should know goes to the log.
    ///
    /// # Errors
    ///
    /// When a file is missing or is not what it should be, or the key is not the certificate's.
    pub fn load(files: TlsFiles, clock: Clock) -> Result<Self, TlsError> {
        let first_looks = files.looks();
        let loaded = files.load(clock.now_ms())?;
        warn_of(&loaded);
        Ok(Self(Arc::new(Shared {
            files,
            clock,
            current: RwLock::new(loaded.config),
            first_looks,
            read_again: Notify::new(),
        })))
    }

    /// Has the files read once more, whether they look changed or not.
    pub fn read_again(&self) {
        self.0.read_again.notify_one();
    }

    /// Reads the files for ever when they have changed. A change counts when two looks one after the other are the
    /// same, so that nobody reads a certificate whose key is still being written.
    pub(super) async fn keep_current(&self, look_every: Duration) {
        let mut read = self.0.first_looks.clone();
        let mut last = read.clone();
        loop {
            let is_asked = tokio::select! {
                () = sleep(look_every) => false,
                () = self.0.read_again.notified() => true,
            };
            let shared = Arc::clone(&self.0);
            let Ok(looks) = spawn_blocking(move || shared.files.looks()).await else {
                continue; // The runtime is ending.
            };
            let has_settled = looks == last;
            last = looks;
            if is_asked || (has_settled && last != read) {
                read.clone_from(&last);
                self.replace().await;
            }
        }
    }

    async fn replace(&self) {
        let shared = Arc::clone(&self.0);
        let Ok(loaded) = spawn_blocking(move || shared.files.load(shared.clock.now_ms())).await else {
            return; // The runtime is ending.
        };
        match loaded {
            Ok(loaded) => {
                warn_of(&loaded);
                *self.0.current.write().unwrap_or_else(PoisonError::into_inner) = loaded.config;
                let path = self.0.files.certificate.display();
                info!("read the TLS files again: new connections get the certificate in `{path}`");
            }
            Err(error) => {
                let cause =
                    std::error::Error::source(&error).map_or_else(String::new, |cause| format!(": {cause}"));
                error!("{error}{cause}; new connections get the certificate of before");
            }
        }
    }

    fn current(&self) -> TlsAcceptor {
        let current = self.0.current.read().unwrap_or_else(PoisonError::into_inner);
        TlsAcceptor::from(Arc::clone(&current))
    }

    /// The handshake with a client, which must be through by `deadline`; `None` if it came to nothing.
    pub(super) async fn handshake(
        &self,
        stream: TcpStream,
        peer: Peer,
        deadline: Instant,
    ) -> Option<TlsStream<TcpStream>> {
        match timeout_at(deadline, self.begin(stream)).await {
            Err(_) => {
                debug!(?peer, "a TLS handshake was not finished in time");
                None
            }
            Ok(Ok(stream)) => Some(stream),
            Ok(Err((error, stream))) => {
                log_failure(&error, peer);
                close_gently(stream).await;
                None
            }
        }
    }

    async fn begin(&self, mut stream: TcpStream) -> Result<TlsStream<TcpStream>, (io::Error, TcpStream)> {
        let mut first = [0];
        let seen = stream.peek(&mut first).await;
        // No TLS record begins with a letter, every method does.
        if matches!(seen, Ok(1)) && first[0].is_ascii_uppercase() {
            let answered = stream.write_all(plain_http_answer().as_bytes()).await;
            let what = answered
                .err()
                .unwrap_or_else(|| io::Error::other("the client spoke plain HTTP"));
            return Err((what, stream));
        }
        self.current().accept(stream).into_fallible().await
    }
}

fn warn_of(loaded: &Loaded) {
    for warning in &loaded.warnings {
        warn!("{warning}");
    }
}

/// A refused client certificate is for who runs the server to know; the rest is noise of an open port.
fn log_failure(error: &io::Error, peer: Peer) {
    let cause = error
        .get_ref()
        .and_then(|cause| cause.downcast_ref::<rustls::Error>());
    match cause {
        Some(rustls::Error::NoCertificatesPresented | rustls::Error::InvalidCertificate(_)) => {
            info!(?peer, %error, "a client was turned away for its certificate");
        }
        _ => debug!(?peer, %error, "a TLS handshake failed"),
    }
}

/// Tells who sends plain HTTP what is wrong.
fn plain_http_answer() -> String {
    let text = "This port speaks HTTPS: write `https://` for `http://` in the address.\n";
    let length = text.len();
    format!(
        "HTTP/1.1 400 Bad Request\r\nserver: oxflow\r\ncontent-type: text/plain; charset=utf-8\r\n\
         x-content-type-options: nosniff\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}"
    )
}

/// Ends a connection so that the client reads what it was told last: closing with unread bytes sends a reset, which
/// may overtake it.
async fn close_gently(mut stream: TcpStream) {
    let discard = async {
        stream.shutdown().await?;
        while stream.read(&mut [0; 4096]).await? > 0 {}
        Ok::<(), io::Error>(())
    };
    // However it goes, the connection is over.
    let _ = timeout(LINGER, discard).await;
}
