//! What happens to a request before a handler sees it, and to the answer on its way out.
//!
//! A connection passes from the [`listener`] and the accept loop ([`serve`]) through [`slots`] (how many), its handshake
//! ([`tls`]), [`gate`] (how slow) [`framing`] (where one request ends and the next begins) and [`head`] to hyper. A request then passes [`guard`]:
//! request id, `Host` ([`hosts`]), `Origin` ([`origins`]), the router, response headers, access log.

mod authority;
mod exchange;
mod forwarded;
mod framing;
mod gate;
mod guard;
mod head;
mod host_pattern;
mod hosts;
mod listener;
mod origins;
mod proxies;
mod refusal;
mod request_id;
mod response_headers;
mod serve;
mod slots;
mod tls;
mod tls_files;
mod transport;
mod unix_socket;

pub use authority::Scheme;
pub use forwarded::{ClientAddr, ForwardedPrefix};
pub(crate) use forwarded::{origin_as_sent, prefix_as_sent};
pub use guard::wrap;
pub use listener::Listener;
pub use proxies::Peer;
pub use request_id::RequestId;
pub use serve::{Drained, LocalAddr, serve};
pub use tls::Tls;
pub use tls_files::{Role, TlsError, TlsFiles};
pub use unix_socket::UnixSocketError;
