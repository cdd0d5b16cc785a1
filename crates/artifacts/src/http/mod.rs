//! Folders of web servers, which are read only.
//!
//! The client is not that of `object_store`, which follows redirects to any host, collects lists of any length, and neither reads
//! ranges from a server that has none nor folders that say not when they were changed.

mod address;
mod list;
mod read;

use std::fmt;

use reqwest::header::ACCEPT_ENCODING;
use reqwest::redirect::Policy;
use reqwest::{Client, NoProxy, Proxy, RequestBuilder, Response, StatusCode};

pub use address::HttpAddress;
pub(crate) use read::HttpFile;

use crate::error::{ArtifactError, Result};
use crate::object::{CONNECT_TIMEOUT, Environment, READ_TIMEOUT, StoreSettingsError};

/// How often a request is sent at most. None of them changes anything.
const TRIES: u32 = 3;

/// A folder of a web server.
pub(crate) struct HttpFolder {
    address: HttpAddress,
    client: Client,
}

impl fmt::Debug for HttpFolder {
    /// Without the client, which would print the password of a proxy.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.address.to_string();
        formatter.debug_tuple("HttpFolder").field(&address).finish()
    }
}

/// A status that nothing was asked for.
#[derive(Debug, thiserror::Error)]
#[error("it answered {0}")]
struct Unexpected(StatusCode);

impl HttpFolder {
    /// Asks nobody.
    pub(crate) fn open(
        address: HttpAddress,
        environment: &Environment,
    ) -> std::result::Result<Self, StoreSettingsError> {
        // That of everything else here; that it is installed already is fine.
        drop(rustls::crypto::ring::default_provider().install_default());
        let mut builder = Client::builder()
            .user_agent("oxflow")
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            // One leads wherever the other server likes, also to hosts that only this machine reaches.
            .redirect(Policy::none())
            // Only of the given environment.
            .no_proxy();
        if let Some(url) = environment.proxy(address.is_plain()) {
            let proxy = Proxy::all(url).map_err(|_| {
                StoreSettingsError::new("`http_proxy` or `https_proxy` is not the URL of a proxy")
            })?;
            let excluded = environment.proxy_excludes().and_then(NoProxy::from_string);
            builder = builder.proxy(proxy.no_proxy(excluded));
        }
        let client = builder
            .build()
            .map_err(|error| StoreSettingsError::new(format!("there is no client for it: {error}")))?;
        Ok(Self { address, client })
    }

    /// Why nothing is written, deleted or signed there.
    pub(crate) fn only_read(&self, what: &'static str) -> ArtifactError {
        self.not_offered(what, "is only read by this server")
    }

    fn not_offered(&self, what: &'static str, why: &'static str) -> ArtifactError {
        ArtifactError::NotOffered {
            what,
            store: self.address.to_string(),
            why,
        }
    }

    async fn send(&self, what: &'static str, request: RequestBuilder) -> Result<Response> {
        // What is compressed on the way has another length, and no ranges.
        let mut request = request.header(ACCEPT_ENCODING, "identity");
        let mut tries_left = TRIES;
        loop {
            let again = request.try_clone();
            let error = match request.send().await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            tries_left -= 1;
            // A connection that was kept open may be closed by the other side just then.
            request = match again {
                Some(again) if tries_left > 0 && !error.is_connect() && !error.is_timeout() => again,
                _ => return Err(self.failed(what, error)),
            };
        }
    }

    fn failed(
        &self,
        what: &'static str,
        error: impl std::error::Error + Send + Sync + 'static,
    ) -> ArtifactError {
        ArtifactError::StoreFailed {
            what,
            store: self.address.to_string(),
            source: Box::new(error),
        }
    }

    /// What a status other than the wanted one means.
    fn refusal(&self, what: &'static str, status: StatusCode) -> ArtifactError {
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ArtifactError::NotForEverybody {
                what,
                store: self.address.to_string(),
            },
            status if status.is_redirection() => self.not_offered(
                what,
                "answers with a redirect, and this server follows none; the location has to name the place itself",
            ),
            StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED => {
                self.not_offered(what, "does not offer that")
            }
            status => self.failed(what, Unexpected(status)),
        }
    }
}
