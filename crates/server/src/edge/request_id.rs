//! A name for each request, for logs and error messages.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::hosts::single;

/// Carries the id in both directions.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longest id taken over from a client, in bytes.
const MAX_ID_BYTES: usize = 128;

/// The id of a request: the client's `x-request-id` if it is short visible ASCII, else one of our own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    pub(super) fn header_value(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Makes ids: a number that differs between processes, and a count.
#[derive(Debug)]
pub(super) struct RequestIds {
    process: u64,
    made: AtomicU64,
}

impl RequestIds {
    pub(super) fn new() -> Self {
        Self {
            process: RandomState::new().hash_one(0),
            made: AtomicU64::new(0),
        }
    }

    /// The id for a request with these headers.
    pub(super) fn id_for(&self, headers: &HeaderMap) -> RequestId {
        match single(headers, REQUEST_ID) {
            Ok(Some(given)) if is_well_formed(given) => RequestId(given.clone()),
            _ => self.make(),
        }
    }

    fn make(&self) -> RequestId {
        let count = self.made.fetch_add(1, Ordering::Relaxed);
        let id = format!("{:016x}-{count:x}", self.process);
        RequestId(HeaderValue::try_from(id).expect("hexadecimal digits are visible ASCII"))
    }
}

fn is_well_formed(value: &HeaderValue) -> bool {
    let bytes = value.as_bytes();
    !bytes.is_empty() && bytes.len() <= MAX_ID_BYTES && bytes.iter().all(u8::is_ascii_graphic)
}
