//! Certificate, key and authorities for clients: from PEM files to what a handshake needs.

use std::fmt;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use rustls::{InconsistentKeys, RootCertStore, ServerConfig};
use x509_cert::Certificate;
use x509_cert::der::Decode;

/// The one protocol inside TLS.
const ALPN: &[u8] = b"http/1.1";

/// The files that a listener with TLS is made of, each in PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The server's certificate, then those that lead from it to an authority.
    pub certificate: PathBuf,
    /// The key of that certificate, not protected by a password.
    pub key: PathBuf,
    /// Authorities: a client must have a certificate of one of them.
    pub client_ca: Option<PathBuf>,
}

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The server's certificate.
    Certificate,
    /// The key of it.
    Key,
    /// Authorities for the certificates of clients.
    ClientCa,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certificate => "TLS certificate",
            Self::Key => "TLS key",
            Self::ClientCa => "TLS client authority",
        })
    }
}

/// Why files make no TLS listener.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum TlsError {
    #[error("could not read the {role} `{}`", path.display())]
    Read {
        role: Role,
        path: PathBuf,
        source: io::Error,
    },
    #[error("the {role} `{}` is not PEM: it has no `-----BEGIN {}-----` line", path.display(), label(*role))]
    NotPem { role: Role, path: PathBuf },
    #[error("the {role} `{}` is damaged PEM", path.display())]
    Damaged {
        role: Role,
        path: PathBuf,
        source: pem::Error,
    },
    #[error("the TLS key `{}` is protected by a password; `openssl pkey -in <it> -out <new>` writes it without", path.display())]
    EncryptedKey { path: PathBuf },
    #[error("the {role} `{}` cannot be used", path.display())]
    Unusable {
        role: Role,
        path: PathBuf,
        source: rustls::Error,
    },
    #[error(
        "the TLS key `{}` does not belong to the first certificate in `{}`",
        key.display(),
        certificate.display()
    )]
    Mismatch { key: PathBuf, certificate: PathBuf },
    #[error("the TLS client authority `{}` cannot be used", path.display())]
    ClientCa {
        path: PathBuf,
        source: VerifierBuilderError,
    },
}

fn label(role: Role) -> &'static str {
    match role {
        Role::Certificate | Role::ClientCa => "CERTIFICATE",
        Role::Key => "PRIVATE KEY",
    }
}

/// What the files came to.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) config: Arc<ServerConfig>,
    /// What an administrator should know, a line each.
    pub(super) warnings: Vec<String>,
}

/// How a file looked: another look means that it may have other content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Look {
    modified: Option<SystemTime>,
    bytes: u64,
    inode: u64,
}

impl TlsFiles {
    /// Reads the files. `now_ms` is what the certificate's time is compared with.
    pub(super) fn load(&self, now_ms: i64) -> Result<Loaded, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("ring has suites for TLS 1.2 and 1.3");
        let builder = match &self.client_ca {
            None => builder.with_no_client_auth(),
            Some(path) => {
                let unusable = |source| TlsError::ClientCa {
                    path: path.clone(),
                    source,
                };
                let verifier = WebPkiClientVerifier::builder_with_provider(client_roots(path)?, provider)
                    .build()
                    .map_err(unusable)?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let chain = certificates(Role::Certificate, &self.certificate)?;
        let mut warnings = self.warnings_about_time(&chain[0], now_ms);
        warnings.extend(self.warning_about_key());
        let mut config = builder
            .with_single_cert(chain, self.read_key()?)
            .map_err(|source| self.unusable(source))?;
        config.alpn_protocols = vec![ALPN.to_vec()];
        Ok(Loaded {
            config: Arc::new(config),
            warnings,
        })
    }

    /// How the files look now; `None` for one that is not there.
    pub(super) fn looks(&self) -> Vec<Option<Look>> {
        let files = [Some(&self.certificate), Some(&self.key), self.client_ca.as_ref()];
        files.into_iter().flatten().map(|path| look(path)).collect()
    }

    fn read_key(&self) -> Result<PrivateKeyDer<'static>, TlsError> {
        let text = read(Role::Key, &self.key)?;
        let is_encrypted = text.windows(b"ENCRYPTED".len()).any(|part| part == b"ENCRYPTED");
        PrivateKeyDer::from_pem_slice(&text).map_err(|error| match error {
            _ if is_encrypted => TlsError::EncryptedKey {
                path: self.key.clone(),
            },
            pem::Error::NoItemsFound => TlsError::NotPem {
                role: Role::Key,
                path: self.key.clone(),
            },
            source => TlsError::Damaged {
                role: Role::Key,
                path: self.key.clone(),
                source,
            },
        })
    }

    /// Says which of the two files rustls means.
    fn unusable(&self, source: rustls::Error) -> TlsError {
        let (role, path) = match source {
            rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
                return TlsError::Mismatch {
                    key: self.key.clone(),
                    certificate: self.certificate.clone(),
                };
            }
            rustls::Error::InvalidCertificate(_) => (Role::Certificate, &self.certificate),
            _ => (Role::Key, &self.key),
        };
        TlsError::Unusable {
            role,
            path: path.clone(),
            source,
        }
    }

    /// A certificate out of its time does its work for clients that do not look.
    fn warnings_about_time(&self, certificate: &CertificateDer<'_>, now_ms: i64) -> Vec<String> {
        let Ok(certificate) = Certificate::from_der(certificate) else {
            return Vec::new(); // rustls reads it as well and says what is wrong.
        };
        let now = Duration::from_millis(now_ms.try_into().unwrap_or(0));
        let validity = certificate.tbs_certificate.validity;
        let path = self.certificate.display();
        let mut warnings = Vec::new();
        if validity.not_after.to_unix_duration() < now {
            let end = validity.not_after;
            warnings.push(format!(
                "the TLS certificate `{path}` expired at {end}: clients refuse it"
            ));
        }
        if validity.not_before.to_unix_duration() > now {
            let beginning = validity.not_before;
            warnings.push(format!(
                "the TLS certificate `{path}` is not valid before {beginning}: clients refuse it"
            ));
        }
        warnings
    }

    fn warning_about_key(&self) -> Option<String> {
        let mode = std::fs::metadata(&self.key).ok()?.permissions().mode() & 0o777;
        (mode & 0o004 != 0).then(|| {
            let path = self.key.display();
            format!("the TLS key `{path}` can be read by every user of this machine (mode {mode:o}): `chmod o= {path}`")
        })
    }
}

fn client_roots(path: &Path) -> Result<Arc<RootCertStore>, TlsError> {
    let mut roots = RootCertStore::empty();
    for authority in certificates(Role::ClientCa, path)? {
        roots.add(authority).map_err(|source| TlsError::Unusable {
            role: Role::ClientCa,
            path: path.to_owned(),
            source,
        })?;
    }
    Ok(Arc::new(roots))
}

/// The certificates in a file, at least one.
fn certificates(role: Role, path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let text = read(role, path)?;
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&text)
        .collect::<Result<_, _>>()
        .map_err(|source| TlsError::Damaged {
            role,
            path: path.to_owned(),
            source,
        })?;
    if certificates.is_empty() {
        return Err(TlsError::NotPem {
            role,
            path: path.to_owned(),
        });
    }
    Ok(certificates)
}

#[expect(
    clippy::disallowed_methods,
    reason = "files that the administrator names, which no request can reach"
)]
fn read(role: Role, path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|source| TlsError::Read {
        role,
        path: path.to_owned(),
        source,
    })
}

fn look(path: &Path) -> Option<Look> {
    let metadata = std::fs::metadata(path).ok()?;
    Some(Look {
        modified: metadata.modified().ok(),
        bytes: metadata.len(),
        inode: metadata.ino(),
    })
}
