//! What happens to a request before a handler sees it, and to the answer on its way out.
//!
//! A connection passes from the accept loop ([`serve`]) through [`slots`] (how many), [`gate`] (how slow) and
//! [`framing`] (where one request ends and the next begins) to hyper. A request then passes [`guard`]:
//! request id, `Host` ([`hosts`]), `Origin` ([`origins`]), the router, response headers, access log.

mod authority;
mod exchange;
mod forwarded;
mod framing;
mod gate;
mod guard;
mod host_pattern;
mod hosts;
mod origins;
mod refusal;
mod request_id;
mod response_headers;
mod serve;
mod slots;

pub use forwarded::{ClientAddr, ForwardedPrefix, SentOver};
pub use guard::wrap;
pub use request_id::RequestId;
pub use serve::{Drained, LocalAddr, serve};
