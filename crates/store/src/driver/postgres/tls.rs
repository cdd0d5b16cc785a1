//! TLS as libpq's `sslmode` names it.

use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::uri::{Roots, Tls, TlsMode};

/// Reads the certificates and makes the TLS side of connections. The error says which file is wrong.
pub(super) fn connector(tls: &Tls) -> Result<MakeRustlsConnect, String> {
    let provider = Arc::new(ring::default_provider());
    let trusted = |checks_name| Trusted::new(&tls.roots, checks_name, &provider).map(Arc::new);
    let verifier: Arc<dyn ServerCertVerifier> = match (tls.mode, &tls.roots) {
        // As libpq: `require` checks the certificate as soon as it has something to check it with.
        (TlsMode::Require, Roots::File(_)) | (TlsMode::VerifyCa, _) => trusted(false)?,
        (TlsMode::VerifyFull, _) => trusted(true)?,
        (TlsMode::Disable | TlsMode::Prefer | TlsMode::Require, _) => Arc::new(Anyone(Arc::clone(&provider))),
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let config = match &tls.client {
        // Files that are not needed are not read.
        _ if tls.mode == TlsMode::Disable => builder.with_no_client_auth(),
        None => builder.with_no_client_auth(),
        Some((cert, key)) => {
            let key_of = |error| {
                format!(
                    "the private key `{}` (sslkey) cannot be read: {error}",
                    key.display()
                )
            };
            let key = PrivateKeyDer::from_pem_file(key).map_err(key_of)?;
            builder
                .with_client_auth_cert(certificates(cert, "sslcert")?, key)
                .map_err(|error| error.to_string())?
        }
    };
    Ok(MakeRustlsConnect::new(config))
}

fn certificates(path: &Path, option: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let unreadable = |error| {
        format!(
            "the certificate `{}` ({option}) cannot be read: {error}",
            path.display()
        )
    };
    let certificates: Vec<_> = CertificateDer::pem_file_iter(path)
        .map_err(unreadable)?
        .collect::<Result<_, _>>()
        .map_err(unreadable)?;
    if certificates.is_empty() {
        return Err(format!("`{}` ({option}) holds no certificate", path.display()));
    }
    Ok(certificates)
}

/// `verify-ca` and `verify-full`: the certificate must be signed by a trusted authority, or be one that is trusted
/// itself; with `verify-full` it must also be made out to this host.
#[derive(Debug)]
struct Trusted {
    chain: Arc<WebPkiServerVerifier>,
    itself: Vec<CertificateDer<'static>>,
    checks_name: bool,
}

impl Trusted {
    fn new(roots: &Roots, checks_name: bool, provider: &Arc<CryptoProvider>) -> Result<Self, String> {
        let itself = match roots {
            Roots::File(path) => certificates(path, "sslrootcert")?,
            Roots::System | Roots::Unset => rustls_native_certs::load_native_certs().certs,
        };
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(itself.iter().cloned());
        let chain = WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider))
            .build()
            .map_err(|error| format!("there is no certificate authority to trust (sslrootcert): {error}"))?;
        let itself = match roots {
            Roots::File(_) => itself,
            Roots::System | Roots::Unset => Vec::new(),
        };
        Ok(Self {
            chain,
            itself,
            checks_name,
        })
    }
}

impl ServerCertVerifier for Trusted {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if self.itself.iter().any(|trusted| trusted == end_entity) {
            if self.checks_name {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
            }
            return Ok(ServerCertVerified::assertion());
        }
        match self
            .chain
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        {
            // The name is the last thing that is checked: the chain is good.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.checks_name => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}

/// `prefer` and `require`: encrypted, to whoever answers. Keeps listeners out, not impostors.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
