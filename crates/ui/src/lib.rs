//! The pages of the web UI, embedded: what `web/dist` held when the crate was built.
//!
//! Without it the server shows a page that says so and how to log a first run.

mod pages;

pub use pages::{File, Pages};

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The web UI, unless this was built without.
pub fn embedded() -> Option<Pages> {
    EMBEDDED
}

/// The page at `/` without a web UI, which names the server's address: plain text without anything to escape.
pub fn welcome_page(address: &str) -> String {
    include_str!("welcome.html").replace("{address}", address)
}

/// The style of that page.
pub const WELCOME_STYLE: &str = include_str!("welcome.css");

/// What pages of the UI may do: nothing but what comes from this server, and what they made of it themselves
/// (`blob:`, previews of artifacts). security.md, section 5; docs/api.md says why `base-uri` is there.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; frame-src 'self' blob:; \
     worker-src 'self' blob:; media-src 'self' blob:; form-action 'self'; base-uri 'self'; frame-ancestors 'self'";

/// What the pages of a `--ui-dir` may do. docs/configuration.md says why each part is there.
pub const FOLDER_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' data: blob:; connect-src 'self' data: blob:; \
     worker-src 'self' blob:; frame-src 'self' blob:; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'self'";
