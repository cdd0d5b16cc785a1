//! Where the server listens besides `--host` and `--port`, and whether in TLS.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use oxflow_server::edge::TlsFiles;

use super::args::ServerArgs;
use super::legacy_options::LegacyOptions;
use super::sources::{Found, Sources};
use crate::failure::Failure;

/// What is listened at in place of a port in the clear.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListenConfig {
    /// A unix socket, in place of host and port.
    pub socket: Option<SocketPlace>,
    /// The files of a port that speaks TLS.
    pub tls: Option<TlsFiles>,
}

/// The file of a unix socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocketPlace {
    /// The file, with an absolute path.
    pub path: PathBuf,
    /// Who may connect.
    pub mode: SocketMode,
}

/// Permissions of a socket's file, written in octal. Who may write it may connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SocketMode(pub u32);

impl SocketMode {
    /// The server's user and group.
    const DEFAULT: Self = Self(0o660);
}

impl FromStr for SocketMode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_octal = !text.is_empty() && text.bytes().all(|digit| (b'0'..=b'7').contains(&digit));
        let mode = u32::from_str_radix(text, 8)
            .ok()
            .filter(|mode| is_octal && *mode <= 0o777);
        mode.map(Self)
            .ok_or_else(|| "expected permissions in octal, such as `660`".to_owned())
    }
}

impl fmt::Display for SocketMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:o}", self.0)
    }
}

impl ListenConfig {
    /// Decides what is listened at. Touches nothing.
    pub fn resolve(
        args: &ServerArgs,
        sources: &Sources<'_>,
        legacy: &LegacyOptions,
    ) -> Result<Self, Failure> {
        let socket = socket(args, sources, legacy)?;
        let tls = tls(args, sources, legacy)?;
        if let (Some((_, socket)), Some((_, tls))) = (&socket, &tls) {
            let message =
                format!("{socket} and {tls}: a unix socket does not leave the machine and has no TLS");
            return Err(Failure::usage(message).hint("remove one of them"));
        }
        Ok(Self {
            socket: socket.map(|(socket, _)| socket),
            tls: tls.map(|(tls, _)| tls),
        })
    }

    /// Whether only programs of this machine, or clients with a certificate, get as far as a request.
    pub fn is_guarded(&self) -> bool {
        let has_client_ca = self.tls.as_ref().is_some_and(|tls| tls.client_ca.is_some());
        self.socket.is_some() || has_client_ca
    }
}

/// The socket, and the words for where it was found.
fn socket(
    args: &ServerArgs,
    sources: &Sources<'_>,
    legacy: &LegacyOptions,
) -> Result<Option<(SocketPlace, String)>, Failure> {
    let mode = sources.found("uds-mode", args.uds_mode)?;
    let given = sources.found("uds", args.uds.clone())?;
    let Some(Found { value, source }) = given.or_else(|| legacy.socket()) else {
        return match mode {
            None => Ok(None),
            Some(Found { source, .. }) => Err(Failure::usage(format!(
                "{source} is for the file of a unix socket, which `--uds` names"
            ))),
        };
    };
    let place = SocketPlace {
        path: sources.env.working_dir.join(value),
        mode: mode.map_or(SocketMode::DEFAULT, |found| found.value),
    };
    Ok(Some((place, source)))
}

/// The files, and the words for where the certificate was found.
fn tls(
    args: &ServerArgs,
    sources: &Sources<'_>,
    legacy: &LegacyOptions,
) -> Result<Option<(TlsFiles, String)>, Failure> {
    let certificate = sources.found("tls-cert", args.tls_cert.clone())?;
    let key = sources.found("tls-key", args.tls_key.clone())?;
    let client_ca = sources.found("tls-client-ca", args.tls_client_ca.clone())?;
    let path = |found: Found<String>| sources.env.working_dir.join(found.value);
    match (
        certificate.or_else(|| legacy.certificate()),
        key.or_else(|| legacy.key()),
        client_ca,
    ) {
        (None, None, None) => Ok(None),
        (Some(certificate), Some(key), client_ca) => {
            let source = certificate.source.clone();
            let files = TlsFiles {
                certificate: path(certificate),
                key: path(key),
                client_ca: client_ca.map(path),
            };
            Ok(Some((files, source)))
        }
        (Some(found), None, _) => Err(Failure::usage(format!("{} is given without a key", found.source))
            .hint("`--tls-key` names it; it may be in the same file")),
        (None, Some(found), _) | (None, None, Some(found)) => Err(Failure::usage(format!(
            "{} is given without a certificate",
            found.source
        ))
        .hint("`--tls-cert` and `--tls-key` name the server's own certificate and its key")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::file::SettingsFile;
    use super::*;
    use crate::env::Env;

    fn resolve(args: &ServerArgs, variables: &[(&str, &str)]) -> Result<ListenConfig, Failure> {
        let (env, file) = (Env::for_test(variables), SettingsFile::default());
        let sources = Sources {
            env: &env,
            file: &file,
        };
        let mut legacy = LegacyOptions::default();
        legacy.add(
            "`--uvicorn-opts`",
            args.uvicorn_opts.as_deref().unwrap_or_default(),
        )?;
        ListenConfig::resolve(args, &sources, &legacy)
    }

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn files_are_relative_to_the_working_directory() {
        let variables = [
            ("OXFLOW_TLS_CERT", "tls/a.pem"),
            ("OXFLOW_TLS_KEY", "/secret/key.pem"),
            ("OXFLOW_TLS_CLIENT_CA", "ca.pem"),
        ];
        let expected = TlsFiles {
            certificate: "/work-dir/tls/a.pem".into(),
            key: "/secret/key.pem".into(),
            client_ca: Some("/work-dir/ca.pem".into()),
        };
        let config = resolve(&ServerArgs::default(), &variables).unwrap();
        assert_eq!((config.is_guarded(), config.tls), (true, Some(expected)));
        let config = resolve(&ServerArgs::default(), &variables[..2]).unwrap();
        assert!(!config.is_guarded());
    }

    #[test]
    fn options_of_uvicorn_count_where_no_flag_does() {
        let mut args = ServerArgs {
            uvicorn_opts: text("--ssl-certfile a.pem --ssl-keyfile=b.pem"),
            ..ServerArgs::default()
        };
        let tls = resolve(&args, &[("OXFLOW_TLS_KEY", "c.pem")])
            .unwrap()
            .tls
            .unwrap();
        assert_eq!(tls.certificate, PathBuf::from("/work-dir/a.pem"));
        assert_eq!(tls.key, PathBuf::from("/work-dir/c.pem"));
        args.uvicorn_opts = text("--uds /run/m.sock");
        let socket = resolve(&args, &[("OXFLOW_UDS_MODE", "0600")])
            .unwrap()
            .socket
            .unwrap();
        assert_eq!(socket.path, PathBuf::from("/run/m.sock"));
        assert_eq!(socket.mode, SocketMode(0o600));
    }

    #[test]
    fn half_of_what_it_takes_is_named() {
        let half = |cert: &str, key: &str, ca: &str, uds: &str, mode: &str| {
            let variables = [
                ("OXFLOW_TLS_CERT", cert),
                ("OXFLOW_TLS_KEY", key),
                ("OXFLOW_TLS_CLIENT_CA", ca),
                ("OXFLOW_UDS", uds),
                ("OXFLOW_UDS_MODE", mode),
            ];
            resolve(&ServerArgs::default(), &variables)
                .unwrap_err()
                .to_string()
        };
        for (message, begins) in [
            (
                half("a", "", "", "", ""),
                "`OXFLOW_TLS_CERT` is given without a key",
            ),
            (
                half("", "a", "", "", ""),
                "`OXFLOW_TLS_KEY` is given without a certificate",
            ),
            (
                half("", "", "a", "", ""),
                "`OXFLOW_TLS_CLIENT_CA` is given without a certificate",
            ),
            (
                half("a", "b", "", "c", ""),
                "`OXFLOW_UDS` and `OXFLOW_TLS_CERT`: ",
            ),
            (
                half("", "", "", "", "600"),
                "`OXFLOW_UDS_MODE` is for the file of a unix socket",
            ),
            (
                half("", "", "", "c", "rw"),
                "`OXFLOW_UDS_MODE` is `rw`: expected permissions in octal",
            ),
            (
                half("", "", "", "c", "1777"),
                "`OXFLOW_UDS_MODE` is `1777`: expected permissions in octal",
            ),
            (
                half("", "", "", "c", "+660"),
                "`OXFLOW_UDS_MODE` is `+660`: expected permissions in octal",
            ),
        ] {
            assert!(message.starts_with(&format!("error: {begins}")), "{message}");
        }
    }
}
