//! `oxflow healthcheck`: for containers without a shell or curl.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;

use crate::env::Env;
use crate::failure::Failure;

/// Longest wait for the connection, and for each part of the answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Flags of `oxflow healthcheck`.
#[derive(Debug, Args)]
pub struct HealthcheckArgs {
    /// Asks this server, `http://host:port` and its static prefix if it has one [default: MLFLOW_HOST,
    /// MLFLOW_PORT and MLFLOW_STATIC_PREFIX, else http://127.0.0.1:5000].
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

/// Asks for `/health`.
pub fn run(args: &HealthcheckArgs, env: &Env) -> Result<ExitCode, Failure> {
    let url = match &args.url {
        Some(url) => url.clone(),
        None => own_url(env),
    };
    let target = Target::parse(&url)?;
    let status = ask(&target)
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
    let host = match env.get("MLFLOW_HOST").unwrap_or("127.0.0.1") {
        "0.0.0.0" => "127.0.0.1".to_owned(),
        "::" => "[::1]".to_owned(),
        v6 if v6.contains(':') && !v6.starts_with('[') => format!("[{v6}]"),
        host => host.to_owned(),
    };
    let port = env.get("MLFLOW_PORT").unwrap_or("5000");
    format!(
        "http://{host}:{port}{}",
        env.get("MLFLOW_STATIC_PREFIX").unwrap_or("")
    )
}

#[derive(Debug, PartialEq, Eq)]
struct Target {
    host: String,
    port: u16,
    path: String,
}

impl Target {
    fn parse(url: &str) -> Result<Self, Failure> {
        let bad = |why: &str| Failure::usage(format!("`--url {url}`: {why}"));
        let rest = url
            .strip_prefix("http://")
            .ok_or_else(|| bad("expected http://host:port"))?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (
                host,
                port.parse()
                    .map_err(|_| bad("the port is not a number from 0 to 65535"))?,
            ),
            _ => (authority, 80),
        };
        let path = path
            .trim_end_matches('/')
            .trim_end_matches("health")
            .trim_end_matches('/');
        let is_clean = |text: &str| text.chars().all(|c| c.is_ascii_graphic());
        if host.is_empty() || !is_clean(host) || !is_clean(path) {
            return Err(bad("expected http://host:port"));
        }
        let separator = if path.is_empty() { "" } else { "/" };
        Ok(Self {
            host: host.to_owned(),
            port,
            path: format!("{separator}{path}/health"),
        })
    }
}

/// The status of the answer.
fn ask(target: &Target) -> anyhow::Result<u16> {
    let name = target.host.trim_start_matches('[').trim_end_matches(']');
    let addresses = (name, target.port)
        .to_socket_addrs()
        .with_context(|| format!("no address for `{name}`"))?;
    let mut last = anyhow::anyhow!("no address for `{name}`");
    for address in addresses {
        match TcpStream::connect_timeout(&address, TIMEOUT) {
            Ok(stream) => return exchange(stream, target),
            Err(error) => last = anyhow::Error::new(error).context(format!("could not connect to {address}")),
        }
    }
    Err(last)
}

fn exchange(mut stream: TcpStream, target: &Target) -> anyhow::Result<u16> {
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    let Target { host, port, path } = target;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: {host}:{port}\r\nconnection: close\r\n\r\n"
    )?;
    let mut start = Vec::new();
    stream
        .take(4096)
        .read_to_end(&mut start)
        .context("could not read the answer")?;
    let line = String::from_utf8_lossy(&start);
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
        for (url, host, port, path) in [
            ("http://127.0.0.1:5000", "127.0.0.1", 5000, "/health"),
            ("http://h/mlflow/", "h", 80, "/mlflow/health"),
            ("http://[::1]:81/health", "[::1]", 81, "/health"),
        ] {
            let expected = Target {
                host: host.into(),
                port,
                path: path.into(),
            };
            assert_eq!(Target::parse(url).unwrap(), expected, "{url}");
        }
        for url in ["https://h", "h:5000", "http://", "http://h:port", "http://h/a b"] {
            assert!(Target::parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn without_a_url_the_servers_variables_count() {
        let env = Env::for_test(&[
            ("MLFLOW_HOST", "0.0.0.0"),
            ("MLFLOW_PORT", "81"),
            ("MLFLOW_STATIC_PREFIX", "/m"),
        ]);
        assert_eq!(own_url(&env), "http://127.0.0.1:81/m");
        assert_eq!(own_url(&Env::for_test(&[])), "http://127.0.0.1:5000");
    }
}
