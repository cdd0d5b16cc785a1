//! Authorities, certificates and clients for tests of TLS.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]
#![allow(clippy::disallowed_methods, reason = "files of the tests' own")]

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;

use oxflow_core::Clock;
use oxflow_server::EdgeConfig;
use oxflow_server::edge::{Listener, Tls, TlsFiles};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::edge_support::{Client, Server};

/// Who signs certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub pem: String,
}

/// A certificate and its key, in PEM.
pub struct Identity {
    pub certificate: String,
    pub key: String,
}

impl Authority {
    pub fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let pem = params.self_signed(&key).unwrap().pem();
        Self {
            issuer: Issuer::new(params, key),
            pem,
        }
    }

    pub fn issue(&self, name: &str) -> Identity {
        self.issue_with(&CertificateParams::new([name.to_owned()]).unwrap())
    }

    pub fn issue_with(&self, params: &CertificateParams) -> Identity {
        let key = KeyPair::generate().unwrap();
        Identity {
            certificate: params.signed_by(&key, &self.issuer).unwrap().pem(),
            key: key.serialize_pem(),
        }
    }
}

impl Identity {
    pub fn certificate_der(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(self.certificate.as_bytes()).unwrap()
    }
}

/// A folder with the files of a listener.
pub struct Folder {
    dir: TempDir,
    pub files: TlsFiles,
}

impl Folder {
    pub fn new(identity: &Identity) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let files = TlsFiles {
            certificate: dir.path().join("cert.pem"),
            key: dir.path().join("key.pem"),
            client_ca: None,
        };
        let folder = Self { dir, files };
        folder.put(identity);
        folder
    }

    pub fn put(&self, identity: &Identity) {
        std::fs::write(&self.files.certificate, &identity.certificate).unwrap();
        std::fs::write(&self.files.key, &identity.key).unwrap();
        std::fs::set_permissions(&self.files.key, Permissions::from_mode(0o600)).unwrap();
    }

    pub fn with_client_ca(mut self, authority: &Authority) -> Self {
        self.files.client_ca = Some(self.put_file("client-ca.pem", &authority.pem));
        self
    }

    pub fn put_file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    pub fn load(&self) -> Tls {
        Tls::load(self.files.clone(), Clock::System).unwrap()
    }
}

/// A server that speaks TLS.
pub async fn start(tls: Tls, config: EdgeConfig) -> Server {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap();
    Server::start_on(Listener::tls(port, tls), config, "")
}

/// What a client brings to a handshake.
pub struct Caller {
    pub authority: String,
    pub identity: Option<Identity>,
    pub versions: &'static [&'static SupportedProtocolVersion],
    pub alpn: &'static [&'static str],
}

impl Caller {
    pub fn trusting(authority: &Authority) -> Self {
        Self {
            authority: authority.pem.clone(),
            identity: None,
            versions: rustls::DEFAULT_VERSIONS,
            alpn: &["h2", "http/1.1"],
        }
    }

    pub async fn connect(&self, server: &Server) -> io::Result<Client<TlsStream<TcpStream>>> {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(self.authority.as_bytes()).unwrap())
            .unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(self.versions)
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some(identity) => {
                let key = PrivateKeyDer::from_pem_slice(identity.key.as_bytes()).unwrap();
                builder
                    .with_client_auth_cert(vec![identity.certificate_der()], key)
                    .unwrap()
            }
        };
        config.alpn_protocols = self.alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        let stream = TcpStream::connect(("127.0.0.1", server.port())).await?;
        let name = ServerName::try_from("localhost").unwrap();
        let connector = TlsConnector::from(Arc::new(config));
        connector.connect(name, stream).await.map(Client::over)
    }
}

/// The certificate that the server showed.
pub fn shown(client: &Client<TlsStream<TcpStream>>) -> CertificateDer<'static> {
    let (_, session) = client.stream.get_ref();
    session.peer_certificates().unwrap()[0].clone().into_owned()
}
