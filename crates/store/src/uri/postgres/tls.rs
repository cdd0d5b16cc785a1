//! What a URI says about TLS.

use std::path::PathBuf;

/// How the connection is protected: libpq's `sslmode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TlsMode {
    /// Never TLS.
    Disable,
    /// TLS if the server offers it, whoever it is. Also stands for `allow`.
    Prefer,
    /// Always TLS; the certificate is checked only if a root certificate is given.
    Require,
    /// Always TLS, and the certificate must be signed by a trusted authority.
    VerifyCa,
    /// Always TLS, and the certificate must be trusted and made out to this host.
    VerifyFull,
}

/// Whom to trust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Roots {
    /// Nothing was said: the system's authorities where a certificate must be checked.
    Unset,
    /// The system's authorities.
    System,
    /// Those of a file.
    File(PathBuf),
}

/// The protection of the connection, and the files for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tls {
    pub mode: TlsMode,
    /// Trusted authorities.
    pub roots: Roots,
    /// The client's certificate and its key.
    pub client: Option<(PathBuf, PathBuf)>,
}

impl TlsMode {
    /// Reads libpq's name of a mode.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        Ok(match text {
            "disable" => Self::Disable,
            "allow" | "prefer" => Self::Prefer,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            _ => {
                return Err(format!(
                    "`sslmode` is `{text}`, but must be disable, allow, prefer, require, verify-ca or verify-full"
                ));
            }
        })
    }
}
