//! Options that scripts hand to MLflow's web servers: the few that mean something here are heeded.

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
    /// What was not heeded, as a line of the log.
    pub warnings: Vec<String>,
}

impl LegacyOptions {
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
        match name {
            "--log-level" => self.log_level = Some(given()?.parse().map_err(bad)?),
            "--timeout-keep-alive" | "--keep-alive" => self.keep_alive = Some(given()?.parse().map_err(bad)?),
            "--timeout-graceful-shutdown" | "--graceful-timeout" => {
                self.shutdown_grace = Some(given()?.parse().map_err(bad)?);
            }
            "--forwarded-allow-ips" => {
                let list: CommaList = given()?.parse().map_err(bad)?;
                let is_all = list.0.iter().any(|part| part == "*");
                let everyone = || CommaList(vec!["0.0.0.0/0".to_owned(), "::/0".to_owned()]);
                self.trusted_proxies = Some(if is_all { everyone() } else { list });
            }
            "--ssl-keyfile" | "--ssl-certfile" | "--ssl-ca-certs" | "--keyfile" | "--certfile"
            | "--ca-certs" => {
                return Err(Failure::usage(format!(
                    "`{name}` in {source} is not available in this release: put a proxy that speaks TLS in front \
                     and name it in `--trusted-proxies`"
                )));
            }
            // True without them: no worker is killed for a long request, and proxies are believed once named.
            "--timeout" | "-t" | "--proxy-headers" => {}
            _ => return Ok(false),
        }
        Ok(true)
    }
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
        assert_eq!(options.trusted_proxies.unwrap().0, ["0.0.0.0/0", "::/0"]);
        assert_eq!(options.warnings, Vec::<String>::new());
    }

    #[test]
    fn options_for_tls_are_not_dropped() {
        for text in ["--ssl-keyfile k.pem", "--certfile=c.pem"] {
            let message = read(text).unwrap_err().to_string();
            assert!(message.contains("is not available in this release"), "{message}");
        }
        assert!(read("--log-level 'debug").is_err());
        assert!(read("--log-level").is_err());
    }
}
