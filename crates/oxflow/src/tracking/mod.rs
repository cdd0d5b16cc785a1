//! A tracking server as a client sees it: its address, the login, TLS, and what is tried again.

mod address;
mod agent;
mod client;
mod login;
mod request_error;
mod retry;
mod screen;
pub mod tls;
mod transport;

pub use address::ServerAddress;
pub use client::{Client, Identity, Sent};
pub use request_error::{RequestError, failure};
pub use screen::{printable, tell};
