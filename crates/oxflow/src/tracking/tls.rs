//! TLS towards a server, as MLflow's variables for clients ask for it.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use crate::env::Env;

/// A PEM file with the certificates that a server's may come from.
const SERVER_CERT_PATH: &str = "MLFLOW_TRACKING_SERVER_CERT_PATH";
/// `true`: any certificate will do.
const INSECURE_TLS: &str = "MLFLOW_TRACKING_INSECURE_TLS";
/// A PEM file with the client's own certificate and its key.
const CLIENT_CERT_PATH: &str = "MLFLOW_TRACKING_CLIENT_CERT_PATH";

/// Whom a client believes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// As the variables say, else the authorities of this machine.
    AsConfigured,
    /// The authorities of this machine, whatever the variables say, and without a certificate of the client.
    Authorities,
    /// Whoever answers: for a question without secrets to one's own machine.
    Anyone,
}

/// The client's side of TLS.
pub fn client_config(env: &Env, trust: Trust) -> anyhow::Result<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    let is_insecure = env
        .get(INSECURE_TLS)
        .is_some_and(|value| value.eq_ignore_ascii_case("true") || value == "1");
    let own = |name| {
        env.get(name)
            .map(Path::new)
            .filter(|_| trust != Trust::Authorities)
    };
    let is_anyone = trust == Trust::Anyone || (is_insecure && trust == Trust::AsConfigured);
    let verifier: Arc<dyn ServerCertVerifier> = if is_anyone {
        Arc::new(Anyone(Arc::clone(&provider)))
    } else {
        Arc::new(Believed::new(own(SERVER_CERT_PATH), &provider)?)
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    match own(CLIENT_CERT_PATH) {
        None => Ok(builder.with_no_client_auth()),
        Some(path) => {
            let name = |what| {
                format!(
                    "could not read a {what} in `{}` ({CLIENT_CERT_PATH})",
                    path.display()
                )
            };
            let key = PrivateKeyDer::from_pem_file(path).with_context(|| name("key"))?;
            let chain = certificates(path).with_context(|| name("certificate"))?;
            Ok(builder.with_client_auth_cert(chain, key)?)
        }
    }
}

fn certificates(path: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let certificates: Vec<_> = CertificateDer::pem_file_iter(path)?.collect::<Result<_, _>>()?;
    if certificates.is_empty() {
        bail!("it has no `-----BEGIN CERTIFICATE-----` line");
    }
    Ok(certificates)
}

/// Believes a certificate that leads to an authority, or that is in the file itself, as OpenSSL makes them by
/// `req -x509`.
#[derive(Debug)]
struct Believed {
    chain: Arc<WebPkiServerVerifier>,
    itself: Vec<CertificateDer<'static>>,
}

impl Believed {
    fn new(file: Option<&Path>, provider: &Arc<CryptoProvider>) -> anyhow::Result<Self> {
        let unreadable = |path: &Path| {
            format!(
                "could not read a certificate in `{}` ({SERVER_CERT_PATH})",
                path.display()
            )
        };
        let itself = match file {
            Some(path) => certificates(path).with_context(|| unreadable(path))?,
            None => Vec::new(),
        };
        let mut roots = RootCertStore::empty();
        if file.is_some() {
            roots.add_parsable_certificates(itself.iter().cloned());
        } else {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        let chain = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
            .build()
            .with_context(|| {
                format!("there is no authority to believe; {SERVER_CERT_PATH} names a file with one")
            })?;
        Ok(Self { chain, itself })
    }
}

impl ServerCertVerifier for Believed {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if self.itself.iter().any(|believed| believed == end_entity) {
            verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
            return Ok(ServerCertVerified::assertion());
        }
        self.chain
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
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

/// Believes every certificate, but not that a server has the key of a certificate without proof.
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
