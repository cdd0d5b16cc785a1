//! Why a search was refused.

use std::ops::Range;

/// A filter, order_by or page token that cannot be read; on the wire `INVALID_PARAMETER_VALUE`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SearchError {
    message: String,
    span: Option<Range<usize>>,
}

impl SearchError {
    /// An error about the input as a whole.
    pub(crate) fn whole(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            span: None,
        }
    }

    /// An error about some bytes of the input.
    pub(crate) fn at(span: &Range<usize>, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            span: Some(span.clone()),
        }
    }

    /// MLflow's message.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The bytes of the input the message is about, if it is about a part of it.
    pub fn span(&self) -> Option<Range<usize>> {
        self.span.clone()
    }
}
