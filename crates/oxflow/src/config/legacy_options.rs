//! Options that scripts hand to MLflow's web servers: the few that mean something here are heeded.

use super::UNIX_PEERS;
use super::sources::Found;
use super::units::{CommaList, LogLevel, Span};
use crate::failure::Failure;

/// What was found in `--gunicorn-opts`, `--uvicorn-opts` and `--waitress-opts`.
#[derive(Debug, Default)]
pub struct LegacyOptions {
    /// Which log lines are written.
    pub log_level: Option<LogLevel>,
    /// Time that a connection may wait for its next request.
    pub keep_alive: Option<Span>,
    /// Time that requests in flight get when the server stops.
    pub shutdown_grace: Option<Span>,
    /// Proxies that are believed.
    pub trusted_proxies: Option<CommaList>,
    /// The file of a unix socket.
    uds: Option<Given>,
    /// The server's certificate.
    certificate: Option<Given>,
    /// The key of it.
    key: Option<Given>,
    /// What was not heeded, as a line of the log.
    pub warnings: Vec<String>,
}

/// A value and the words for where it was given.
type Given = (String, String);

impl LegacyOptions {
    /// The file of a unix socket.
    pub fn socket(&self) -> Option<Found<String>> {
        found(self.uds.as_ref())
    }

    /// The file of the server's certificate.
    pub fn certificate(&self) -> Option<Found<String>> {
        found(self.certificate.as_ref())
    }

    /// The file of the key of it.
    pub fn key(&self) -> Option<Found<String>> {
        found(self.key.as_ref())
    }

    /// Adds the options of one setting. `source` is the setting in words.
    pub fn add(&mut self, source: &str, text: &str) -> Result<(), Failure> {
        let words =
            split_words(text).ok_or_else(|| Failure::usage(format!("{source}: a quote is not closed")))?;
        let mut ignored = Vec::new();
        let mut words = words.into_iter().peekable();
        while let Some(word) = words.next() {
            let (name, inline) = match word.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name.to_owned(), Some(value.to_owned())),
                _ => (word, None),
            };
            let value = match inline {
                Some(value) => Some(value),
                None => words.next_if(|next| !next.starts_with('-')),
            };
            if !self.heed(source, &name, value.as_deref())? {
                ignored.push(name);
            }
        }
        if !ignored.is_empty() {
            self.warnings.push(format!(
                "options in {source} without effect here: {}",
                ignored.join(", ")
            ));
        }
        Ok(())
    }

    /// Whether the option means something here.
    fn heed(&mut self, source: &str, name: &str, value: Option<&str>) -> Result<bool, Failure> {
        let bad = |error: String| Failure::usage(format!("`{name}` in {source}: {error}"));
        let given = || value.ok_or_else(|| bad("a value is missing".to_owned()));
        let given_here = || Ok::<_, Failure>(Some((given()?.to_owned(), format!("`{name}` in {source}"))));
        match name {
            "--log-level" => self.log_level = Some(given()?.parse().map_err(bad)?),
            "--timeout-keep-alive" | "--keep-alive" => self.keep_alive = Some(given()?.parse().map_err(bad)?),
            "--timeout-graceful-shutdown" | "--graceful-timeout" => {
                self.shutdown_grace = Some(given()?.parse().map_err(bad)?);
            }
            "--forwarded-allow-ips" => {
                let list: CommaList = given()?.parse().map_err(bad)?;
                let is_all = list.0.iter().any(|part| part == "*");
                let everyone = || CommaList(["0.0.0.0/0", "::/0", UNIX_PEERS].map(str::to_owned).to_vec());
                self.trusted_proxies = Some(if is_all { everyone() } else { list });
            }
            "--uds" => self.uds = given_here()?,
            "--ssl-certfile" | "--certfile" => self.certificate = given_here()?,
            "--ssl-keyfile" | "--keyfile" => self.key = given_here()?,
            "--ssl-ca-certs" | "--ssl-cert-reqs" | "--ca-certs" | "--cert-reqs" => {
                return Err(bad(
                    "`--tls-client-ca` names the authorities of which clients must have a \
                                certificate; without it none is asked for"
                        .to_owned(),
                ));
            }
            "--ssl-keyfile-password" => {
                return Err(bad(
                    "keys are read without a password; `openssl pkey -in <it> -out <new>` \
                                writes one"
                        .to_owned(),
                ));
            }
            // True without them: no worker is killed for a long request, and proxies are believed once named.
            "--timeout" | "-t" | "--proxy-headers" => {}
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn found(given: Option<&Given>) -> Option<Found<String>> {
    let (value, source) = given?.clone();
    Some(Found { value, source })
}

/// Splits as a shell would. The whole text may be wrapped in one more pair of single quotes, as some
/// container charts do.
fn split_words(text: &str) -> Option<Vec<String>> {
    let text = text.trim();
    let text = text
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''))
        .unwrap_or(text);
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in text.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => word.get_or_insert_default().push(c),
            None if c == '\'' || c == '"' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c.is_whitespace() => words.extend(word.take()),
            None => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn read(text: &str) -> Result<LegacyOptions, Failure> {
        let mut options = LegacyOptions::default();
        options.add("`--gunicorn-opts`", text).map(|()| options)
    }

    #[test]
    fn known_options_are_heeded_and_the_rest_is_named_once() {
        let options = read("'--log-level=debug -k gevent --timeout 120 --keep-alive 5 --preload'").unwrap();
        assert_eq!(options.log_level, Some(LogLevel::debug()));
        assert_eq!(options.keep_alive, Some(Span(Duration::from_secs(5))));
        assert_eq!(
            options.warnings,
            ["options in `--gunicorn-opts` without effect here: -k, --preload"]
        );
    }

    #[test]
    fn a_star_trusts_every_proxy() {
        let options = read("--proxy-headers --forwarded-allow-ips '*'").unwrap();
        assert_eq!(options.trusted_proxies.unwrap().0, ["0.0.0.0/0", "::/0", "unix"]);
        assert_eq!(options.warnings, Vec::<String>::new());
    }

    #[test]
    fn options_for_tls_are_not_dropped() {
        let options = read("--keyfile k.pem --certfile=c.pem").unwrap();
        assert_eq!(options.key().unwrap().value, "k.pem");
        let certificate = options.certificate().unwrap();
        assert_eq!(certificate.value, "c.pem");
        assert_eq!(certificate.source, "`--certfile` in `--gunicorn-opts`");
        for text in ["--cert-reqs 2", "--ca-certs=c.pem", "--ssl-keyfile-password x"] {
            let message = read(text).unwrap_err().to_string();
            assert!(message.starts_with("error: `--"), "{message}");
            assert!(!message.contains(" x"), "{message}");
        }
        assert!(read("--log-level 'debug").is_err());
        assert!(read("--log-level").is_err());
    }
}
