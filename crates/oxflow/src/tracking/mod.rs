//! A tracking server as a client sees it: its address, the login, TLS, and what is tried again.

mod address;
mod client;
mod login;
mod retry;
pub mod tls;
mod transport;

pub use address::ServerAddress;
pub use client::{Client, Identity, RequestError, Sent, failure, printable, tell};
