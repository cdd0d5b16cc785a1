//! Where a server is.

use std::fmt;

use percent_encoding::percent_decode_str;

use crate::failure::Failure;

/// A server: scheme, host, port, and the prefix of its paths if it has one.
///
/// Two addresses are equal when they name the same server; a login in the URL is no part of that.
#[derive(Clone)]
pub struct ServerAddress {
    is_tls: bool,
    host: String,
    port: u16,
    prefix: String,
    login: Option<(String, String)>,
}

impl ServerAddress {
    /// Reads `http://host:port/prefix` or the same with https; a `user:password@` before the host is taken out.
    pub fn parse(url: &str) -> Result<Self, Failure> {
        let bad = |why: &str| {
            // A password does not belong on a screen, and where one would stand nothing is shown.
            let shown = url.rsplit('@').next().unwrap_or_default();
            Failure::usage(format!("`{shown}` is no address of a tracking server: {why}"))
                .hint("set MLFLOW_TRACKING_URI to `http://host:port` or `https://host:port`, with the server's prefix if it has one; `oxflow server` starts a server on a database")
        };
        let (scheme, rest) = url
            .split_once("://")
            .ok_or_else(|| bad("expected http or https"))?;
        let is_tls = match scheme.to_ascii_lowercase().as_str() {
            "http" => false,
            "https" => true,
            _ => return Err(bad("expected http or https")),
        };
        let end = rest.find(['?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest[..end].split_once('/').unwrap_or((&rest[..end], ""));
        let (user_info, host_port) = match authority.rsplit_once('@') {
            Some((user_info, host_port)) => (Some(user_info), host_port),
            None => (None, authority),
        };
        let (host, port) = match host_port.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => {
                let port = port.parse();
                (
                    host,
                    port.map_err(|_| bad("the port is not a number from 0 to 65535"))?,
                )
            }
            _ => (host_port, if is_tls { 443 } else { 80 }),
        };
        let is_clean = |text: &str| text.chars().all(|c| c.is_ascii_graphic());
        if host.is_empty() || !is_clean(host) || !is_clean(path) {
            return Err(bad(
                "the host or the path is missing, or has characters that no URL has",
            ));
        }
        let path = path.trim_matches('/');
        let separator = if path.is_empty() { "" } else { "/" };
        let decoded = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
        Ok(Self {
            is_tls,
            host: host.to_ascii_lowercase(),
            port,
            prefix: format!("{separator}{path}"),
            login: user_info.map(|user_info| {
                let (user, password) = user_info.split_once(':').unwrap_or((user_info, ""));
                (decoded(user), decoded(password))
            }),
        })
    }

    /// The server that an URL of a path on a server names.
    pub fn of_url(url: &str) -> Result<Self, Failure> {
        let mut address = Self::parse(url)?;
        address.prefix.clear();
        Ok(address)
    }

    /// The same server with another host and port; a host without a port has the one of the scheme.
    pub fn at(&self, authority: &str) -> Result<Self, Failure> {
        let scheme = if self.is_tls { "https" } else { "http" };
        Self::parse(&format!("{scheme}://{authority}{}", self.prefix))
    }

    /// Whether it speaks TLS.
    pub fn is_tls(&self) -> bool {
        self.is_tls
    }

    /// User and password of the URL.
    pub fn login(&self) -> Option<(&str, &str)> {
        let (user, password) = self.login.as_ref()?;
        Some((user, password))
    }

    /// Whether the other address is the same port of the same host, asked in the same way.
    pub fn is_same_origin(&self, other: &Self) -> bool {
        (self.is_tls, &self.host, self.port) == (other.is_tls, &other.host, other.port)
    }
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, usual) = if self.is_tls { ("https", 443) } else { ("http", 80) };
        write!(f, "{scheme}://{}", self.host)?;
        if self.port != usual {
            write!(f, ":{}", self.port)?;
        }
        f.write_str(&self.prefix)
    }
}

impl fmt::Debug for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_written_without_the_login() {
        for (url, written) in [
            ("http://127.0.0.1:5000", "http://127.0.0.1:5000"),
            ("HTTP://Host/mlflow/", "http://host/mlflow"),
            ("https://[::1]:8443", "https://[::1]:8443"),
            ("https://h:443/a/b?x=1", "https://h/a/b"),
            ("http://ada:p%40ss@h:1", "http://h:1"),
        ] {
            assert_eq!(ServerAddress::parse(url).unwrap().to_string(), written, "{url}");
        }
        let address = ServerAddress::parse("http://ada:p%40ss@h:1").unwrap();
        assert_eq!(address.login(), Some(("ada", "p@ss")));
        assert!(!format!("{address:?}").contains("ss"));
    }

    #[test]
    fn what_is_no_server_is_refused_without_its_password() {
        for url in [
            "sqlite:///secret@x.db",
            "h:5000",
            "http://",
            "http://u:secret@h:port",
            "databricks",
            "http://a b",
        ] {
            let said = ServerAddress::parse(url).unwrap_err().to_string();
            assert!(
                !said.contains("secret") && said.contains("MLFLOW_TRACKING_URI"),
                "{said}"
            );
        }
    }

    #[test]
    fn an_origin_is_scheme_host_and_port() {
        let server = ServerAddress::parse("http://h/mlflow").unwrap();
        for (url, is_same) in [
            ("http://H:80/other", true),
            ("http://h:81", false),
            ("https://h", false),
            ("http://i", false),
        ] {
            assert_eq!(
                server.is_same_origin(&ServerAddress::parse(url).unwrap()),
                is_same,
                "{url}"
            );
        }
        assert_eq!(server.at("other:7").unwrap().to_string(), "http://other:7/mlflow");
    }
}
