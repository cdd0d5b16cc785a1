//! Headers of every answer. security.md, section 5.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use tracing::warn;

use crate::EdgeConfig;

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
