//! The pages of the web UI, embedded.
//!
//! The UI itself is not there yet: the server shows a page that says so and how to log a first run.

/// The page at `/`, which names the server's address: plain text without anything to escape.
pub fn welcome_page(address: &str) -> String {
    include_str!("welcome.html").replace("{address}", address)
}

/// The style of that page.
pub const WELCOME_STYLE: &str = include_str!("welcome.css");

/// What pages of the UI may do: nothing but what comes from this server. security.md, section 5.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'self'";

/// What the pages of a `--ui-dir` may do. docs/configuration.md says why each part is there.
pub const FOLDER_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' data: blob:; connect-src 'self' data: blob:; \
     worker-src 'self' blob:; frame-src 'self' blob:; manifest-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'self'";
