//! `oxflow healthcheck`: for containers without a shell or curl.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

use crate::env::Env;
use crate::failure::Failure;
use crate::tracking::tls::{Trust, client_config};

/// Longest wait for the connection, and for each part of the answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Most bytes that are read for the first line of the answer.
const MAX_LINE_BYTES: usize = 4096;

/// Flags of `oxflow healthcheck`.
#[derive(Debug, Args)]
#[command(after_help = "\
Without --url the server with the same variables is asked, over TLS if OXFLOW_TLS_CERT is set; whose certificate it has
is not checked then. With an https --url it is: by the authorities of this machine or, as for MLflow's clients, those in
the file of MLFLOW_TRACKING_SERVER_CERT_PATH; MLFLOW_TRACKING_INSECURE_TLS=true checks nothing.
MLFLOW_TRACKING_CLIENT_CERT_PATH names a certificate with its key for servers that ask for one.")]
pub struct HealthcheckArgs {
    /// Asks this server, `http://host:port` or `https://host:port` and its static prefix if it has one, or
    /// `unix:/path/of.sock` [default: MLFLOW_HOST, MLFLOW_PORT and MLFLOW_STATIC_PREFIX or OXFLOW_UDS, else
    /// http://127.0.0.1:5000].
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

/// Asks for `/health`.
pub fn run(args: &HealthcheckArgs, env: &Env) -> Result<ExitCode, Failure> {
    let (url, trust) = match &args.url {
        Some(url) => (url.clone(), Trust::AsConfigured),
        None => (own_url(env), Trust::Anyone),
    };
    let target = Target::parse(&url)?;
    let status = ask(&target, trust, env)
        .with_context(|| format!("{url} does not answer"))
        .map_err(|error| Failure::from(error).hint("is the server running, and does --url name its port?"))?;
    if status != 200 {
        return Err(anyhow::anyhow!("{url}/health answered with status {status}").into());
    }
    super::print("OK");
    Ok(ExitCode::SUCCESS)
}

/// Where a server started with the same environment listens.
pub(super) fn own_url(env: &Env) -> String {
    if let Some(socket) = env.get("OXFLOW_UDS") {
        return format!("unix:{}", env.working_dir.join(socket).display());
    }
    let scheme = if env.get("OXFLOW_TLS_CERT").is_some() {
        "https"
    } else {
        "http"
    };
    let host = match env.get("MLFLOW_HOST").unwrap_or("127.0.0.1") {
        "0.0.0.0" => "127.0.0.1".to_owned(),
        "::" => "[::1]".to_owned(),
        v6 if v6.contains(':') && !v6.starts_with('[') => format!("[{v6}]"),
        host => host.to_owned(),
    };
    let port = env.get("MLFLOW_PORT").unwrap_or("5000");
    format!(
        "{scheme}://{host}:{port}{}",
        env.get("MLFLOW_STATIC_PREFIX").unwrap_or("")
    )
}

#[derive(Debug, PartialEq, Eq)]
enum Target {
    Port {
        is_tls: bool,
        host: String,
        port: u16,
        path: String,
    },
    Socket(PathBuf),
}

impl Target {
    fn parse(url: &str) -> Result<Self, Failure> {
        const EXPECTED: &str = "expected http://host:port, https://host:port or unix:/path";
        let bad = |why: &str| Failure::usage(format!("`--url {url}`: {why}"));
        if let Some(path) = url.strip_prefix("unix:") {
            let path = path.strip_prefix("//").unwrap_or(path); // As curl and requests-unixsocket write it.
            return if path.is_empty() {
                Err(bad(EXPECTED))
            } else {
                Ok(Self::Socket(path.into()))
            };
        }
        let (is_tls, rest) = match url.split_once("://") {
            Some(("http", rest)) => (false, rest),
            Some(("https", rest)) => (true, rest),
            _ => return Err(bad(EXPECTED)),
        };
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (
                host,
                port.parse()
                    .map_err(|_| bad("the port is not a number from 0 to 65535"))?,
            ),
            _ => (authority, if is_tls { 443 } else { 80 }),
        };
        let path = path
            .trim_end_matches('/')
            .trim_end_matches("health")
            .trim_end_matches('/');
        let is_clean = |text: &str| text.chars().all(|c| c.is_ascii_graphic());
        if host.is_empty() || !is_clean(host) || !is_clean(path) {
            return Err(bad(EXPECTED));
        }
        let separator = if path.is_empty() { "" } else { "/" };
        Ok(Self::Port {
            is_tls,
            host: host.to_owned(),
            port,
            path: format!("{separator}{path}/health"),
        })
    }
}

/// The status of the answer.
fn ask(target: &Target, trust: Trust, env: &Env) -> anyhow::Result<u16> {
    match target {
        Target::Socket(path) => {
            let stream = UnixStream::connect(path)
                .with_context(|| format!("could not connect to the unix socket `{}`", path.display()))?;
            stream.set_read_timeout(Some(TIMEOUT))?;
            stream.set_write_timeout(Some(TIMEOUT))?;
            // Answered with every static prefix.
            exchange(stream, "localhost", "/health")
        }
        Target::Port {
            is_tls,
            host,
            port,
            path,
        } => {
            let name = host.trim_start_matches('[').trim_end_matches(']');
            let host = format!("{host}:{port}");
            let stream = connect(name, *port)?;
            if *is_tls {
                exchange(secure(stream, name, client_config(env, trust)?)?, &host, path)
            } else {
                exchange(stream, &host, path)
            }
        }
    }
}

fn connect(name: &str, port: u16) -> anyhow::Result<TcpStream> {
    let addresses = (name, port)
        .to_socket_addrs()
        .with_context(|| format!("no address for `{name}`"))?;
    let mut last = anyhow::anyhow!("no address for `{name}`");
    for address in addresses {
        match TcpStream::connect_timeout(&address, TIMEOUT) {
            Ok(stream) => {
                stream.set_read_timeout(Some(TIMEOUT))?;
                stream.set_write_timeout(Some(TIMEOUT))?;
                return Ok(stream);
            }
            Err(error) => last = anyhow::Error::new(error).context(format!("could not connect to {address}")),
        }
    }
    Err(last)
}

/// Goes through the handshake, so that an error of it is not taken for one of the answer.
fn secure(
    mut stream: TcpStream,
    name: &str,
    config: ClientConfig,
) -> anyhow::Result<StreamOwned<ClientConnection, TcpStream>> {
    let name = ServerName::try_from(name.to_owned()).with_context(|| format!("`{name}` is no host"))?;
    let mut session = ClientConnection::new(Arc::new(config), name)?;
    while session.is_handshaking() {
        session
            .complete_io(&mut stream)
            .context("the TLS handshake failed")?;
    }
    Ok(StreamOwned::new(session, stream))
}

fn exchange(mut stream: impl Read + Write, host: &str, path: &str) -> anyhow::Result<u16> {
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"
    )?;
    stream.flush()?;
    let (mut line, mut part) = (Vec::new(), [0; 512]);
    while !line.contains(&b'\n') && line.len() < MAX_LINE_BYTES {
        match stream.read(&mut part).context("could not read the answer")? {
            0 => break,
            bytes => line.extend_from_slice(&part[..bytes]),
        }
    }
    let line = String::from_utf8_lossy(&line);
    let status = line
        .strip_prefix("HTTP/1.1 ")
        .or_else(|| line.strip_prefix("HTTP/1.0 "));
    match status.and_then(|rest| rest.get(..3)).map(str::parse) {
        Some(Ok(status)) => Ok(status),
        _ => bail!("the answer is not HTTP"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_name_host_port_and_prefix() {
        for (url, is_tls, host, port, path) in [
            ("http://127.0.0.1:5000", false, "127.0.0.1", 5000, "/health"),
            ("http://h/mlflow/", false, "h", 80, "/mlflow/health"),
            ("http://[::1]:81/health", false, "[::1]", 81, "/health"),
            ("https://h", true, "h", 443, "/health"),
            ("https://h:8443/m", true, "h", 8443, "/m/health"),
        ] {
            let expected = Target::Port {
                is_tls,
                host: host.into(),
                port,
                path: path.into(),
            };
            assert_eq!(Target::parse(url).unwrap(), expected, "{url}");
        }
        for url in ["unix:/run/m.sock", "unix:///run/m.sock"] {
            assert_eq!(Target::parse(url).unwrap(), Target::Socket("/run/m.sock".into()));
        }
        for url in [
            "ftp://h",
            "h:5000",
            "http://",
            "http://h:port",
            "http://h/a b",
            "unix:",
        ] {
            assert!(Target::parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn without_a_url_the_servers_variables_count() {
        let mut variables = vec![
            ("MLFLOW_HOST", "0.0.0.0"),
            ("MLFLOW_PORT", "81"),
            ("MLFLOW_STATIC_PREFIX", "/m"),
        ];
        assert_eq!(own_url(&Env::for_test(&variables)), "http://127.0.0.1:81/m");
        variables.push(("OXFLOW_TLS_CERT", "c.pem"));
        assert_eq!(own_url(&Env::for_test(&variables)), "https://127.0.0.1:81/m");
        variables.push(("OXFLOW_UDS", "m.sock"));
        assert_eq!(own_url(&Env::for_test(&variables)), "unix:/work-dir/m.sock");
        assert_eq!(own_url(&Env::for_test(&[])), "http://127.0.0.1:5000");
    }
}
