//! Why a request to a server brought nothing, and what to do about it.

use std::io;

use super::retry::RetryPolicy;
use crate::failure::Failure;

/// Why a request brought nothing.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// Nobody answered, or not in HTTP.
    #[error("{url} does not answer{}", after(*.attempts))]
    NoAnswer {
        /// What was asked.
        url: String,
        /// How often it was asked.
        attempts: u32,
        /// What came instead.
        #[source]
        source: ureq::Error,
    },
    /// The server answered with a status that is no success.
    #[error("{url} answered with status {status}{}{}", after(*.attempts), told(.message))]
    Refused {
        /// What was asked.
        url: String,
        /// The status of the last answer.
        status: u16,
        /// How often it was asked.
        attempts: u32,
        /// What the server said, fit for a screen.
        message: String,
    },
    /// The answer is not what it should be.
    #[error("the answer of {url} {what}")]
    Useless {
        /// What was asked.
        url: String,
        /// What is wrong with it.
        what: String,
    },
    /// What was to be sent could not be read.
    #[error("could not read what was to be sent")]
    Unreadable(#[source] io::Error),
}

impl RequestError {
    /// The status, if the server answered with one.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Whether it was not even asked, as nobody was there.
    pub fn is_nobody_there(&self) -> bool {
        matches!(self, Self::NoAnswer { source, .. } if !is_about_certificates(source))
    }

    /// Whether other requests will fare no better: nobody answers, or nobody may.
    pub fn concerns_all(&self) -> bool {
        match self {
            Self::NoAnswer { .. } => true,
            Self::Refused { status, .. } => {
                matches!(status, 401 | 403 | 300..=399) || RetryPolicy::is_not_now(*status)
            }
            Self::Useless { .. } | Self::Unreadable(_) => false,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoAnswer { source, .. } if is_about_certificates(source) => Some(
                "MLFLOW_TRACKING_SERVER_CERT_PATH names a file with the certificate, or the authority's, to be believed",
            ),
            Self::NoAnswer { .. } => Some("is the server running, and does MLFLOW_TRACKING_URI name it?"),
            Self::Refused { status: 401, .. } => Some(
                "log in with MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or with MLFLOW_TRACKING_TOKEN",
            ),
            Self::Refused {
                status: 300..=399, ..
            } => Some(
                "set MLFLOW_TRACKING_URI to the address that the server names; what is sent is not redirected",
            ),
            _ => None,
        }
    }
}

/// A failure with what to do about it, where the request that failed knows.
pub fn failure(error: anyhow::Error) -> Failure {
    let hint = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<RequestError>()?.hint());
    let failure = Failure::from(error);
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

fn after(attempts: u32) -> String {
    if attempts > 1 {
        format!(" after {attempts} attempts")
    } else {
        String::new()
    }
}

fn told(message: &str) -> String {
    if message.is_empty() {
        String::new()
    } else {
        format!(": {message}")
    }
}

/// Whether another attempt may fare better.
pub(super) fn may_help(error: &ureq::Error) -> bool {
    use ureq::Error;
    match error {
        Error::Io(_) => !is_about_certificates(error),
        Error::Timeout(_) | Error::ConnectionFailed | Error::HostNotFound | Error::Protocol(_) => true,
        _ => false,
    }
}

fn is_about_certificates(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::Io(error) => error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()),
        _ => false,
    }
}
