//! Headers of every answer. security.md, section 5.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use tracing::warn;

use crate::EdgeConfig;

/// How long a browser comes back over TLS only, in seconds: a year.
const STRICT_TRANSPORT: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Headers for what a handler did not set itself.
#[derive(Debug)]
pub(super) struct ResponseHeaders(Vec<(HeaderName, HeaderValue)>);

impl ResponseHeaders {
    pub(super) fn new(config: &EdgeConfig) -> Self {
        let mut headers = vec![
            (header::SERVER, HeaderValue::from_static("oxflow")),
            (
                HeaderName::from_static("x-oxflow-version"),
                HeaderValue::from_static(env!("CARGO_PKG_VERSION")),
            ),
            (
                header::X_CONTENT_TYPE_OPTIONS,
                HeaderValue::from_static("nosniff"),
            ),
            (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
            (
                HeaderName::from_static("cross-origin-resource-policy"),
                HeaderValue::from_static("same-origin"),
            ),
        ];
        if let Some(raw) = &config.x_frame_options {
            match HeaderValue::try_from(raw) {
                Ok(value) => headers.push((header::X_FRAME_OPTIONS, value)),
                Err(_) => {
                    warn!("`{raw}` cannot be sent as X-Frame-Options; sending DENY");
                    headers.push((header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")));
                }
            }
        }
        Self(headers)
    }

    /// Adds what is missing.
    pub(super) fn add_to(&self, answer: &mut HeaderMap) {
        for (name, value) in &self.0 {
            answer.entry(name).or_insert_with(|| value.clone());
        }
    }
}

/// Tells a browser that this host is to be reached over TLS only.
pub(super) fn pin_to_tls(answer: &mut HeaderMap) {
    answer.insert(header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT);
}
