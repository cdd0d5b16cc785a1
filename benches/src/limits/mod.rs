//! What no server can be faster than: the databases alone, and HTTP alone.

mod answers;
mod nginx;
pub mod postgres;
pub mod search;
pub mod sqlite;
pub mod statements;

pub use answers::{StaticServer, serve};
pub use nginx::Nginx;
