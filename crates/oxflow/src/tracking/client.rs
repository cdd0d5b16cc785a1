//! Requests to a server, sent again where that may help.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, SystemTime};

use serde_json::Value;
use ureq::config::RedirectAuthHeaders;
use ureq::http::{HeaderMap, Method, Request, Response, header};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{ConnectProxyConnector, Connector, TcpConnector};
use ureq::{Agent, Body, SendBody};

use super::address::ServerAddress;
use super::login::Login;
use super::retry::{self, RetryPolicy};
use super::tls::{self, Trust};
use super::transport::TlsConnector;
use crate::env::Env;
use crate::failure::Failure;

/// Most bytes of an answer in JSON: a folder of a million files.
const MAX_JSON_BYTES: u64 = 256 * 1024 * 1024;
/// Most bytes that are read of an answer that refuses something.
const MAX_REFUSAL_BYTES: u64 = 64 * 1024;
/// Most characters of a message of the server that are shown.
const MAX_MESSAGE_CHARS: usize = 500;
/// Redirections of a download that are followed.
const MAX_REDIRECTS: u32 = 5;
/// Bodies from this size on wait for the server's word that it wants them.
const ASK_FIRST_BYTES: u64 = 1024 * 1024;
/// A wait that is worth a line.
const LONG_WAIT: Duration = Duration::from_secs(2);

/// Whether the server is told who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// With the login of the variables: for a server that the user named.
    Known,
    /// Without any: for a server that another server named.
    Nobody,
}

/// A server, as a client sees it. Cheap to clone; clones share their connections.
#[derive(Debug, Clone)]
pub struct Client {
    agent: Agent,
    address: ServerAddress,
    login: Option<Login>,
    workspace: Option<String>,
    retry: RetryPolicy,
}

/// Why a request brought nothing.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// Nobody answered, or not in HTTP.
    #[error("{url} does not answer{}", after(*.attempts))]
    NoAnswer {
        /// What was asked.
        url: String,
        /// How often it was asked.
        attempts: u32,
        /// What came instead.
        #[source]
        source: ureq::Error,
    },
    /// The server answered with a status that is no success.
    #[error("{url} answered with status {status}{}{}", after(*.attempts), told(.message))]
    Refused {
        /// What was asked.
        url: String,
        /// The status of the last answer.
        status: u16,
        /// How often it was asked.
        attempts: u32,
        /// What the server said, fit for a screen.
        message: String,
    },
    /// The answer is not what it should be.
    #[error("the answer of {url} {what}")]
    Useless {
        /// What was asked.
        url: String,
        /// What is wrong with it.
        what: String,
    },
    /// What was to be sent could not be read.
    #[error("could not read what was to be sent")]
    Unreadable(#[source] io::Error),
}

impl RequestError {
    /// The status, if the server answered with one.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Whether it was not even asked, as nobody was there.
    pub fn is_nobody_there(&self) -> bool {
        matches!(self, Self::NoAnswer { source, .. } if !is_about_certificates(source))
    }

    /// Whether other requests will fare no better: nobody answers, or nobody may.
    pub fn concerns_all(&self) -> bool {
        match self {
            Self::NoAnswer { .. } => true,
            Self::Refused { status, .. } => {
                matches!(status, 401 | 403 | 300..=399) || RetryPolicy::is_not_now(*status)
            }
            Self::Useless { .. } | Self::Unreadable(_) => false,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoAnswer { source, .. } if is_about_certificates(source) => Some(
                "MLFLOW_TRACKING_SERVER_CERT_PATH names a file with the certificate, or the authority's, to be believed",
            ),
            Self::NoAnswer { .. } => Some("is the server running, and does MLFLOW_TRACKING_URI name it?"),
            Self::Refused { status: 401, .. } => Some(
                "log in with MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or with MLFLOW_TRACKING_TOKEN",
            ),
            Self::Refused {
                status: 300..=399, ..
            } => Some(
                "set MLFLOW_TRACKING_URI to the address that the server names; what is sent is not redirected",
            ),
            _ => None,
        }
    }
}

/// A failure with what to do about it, where the request that failed knows.
pub fn failure(error: anyhow::Error) -> Failure {
    let hint = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<RequestError>()?.hint());
    let failure = Failure::from(error);
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

fn after(attempts: u32) -> String {
    if attempts > 1 {
        format!(" after {attempts} attempts")
    } else {
        String::new()
    }
}

fn told(message: &str) -> String {
    if message.is_empty() {
        String::new()
    } else {
        format!(": {message}")
    }
}

/// A request that can be sent more than once.
pub struct Exchange<'a> {
    /// GET, PUT, POST, PATCH or DELETE.
    pub method: Method,
    /// Where to.
    pub url: String,
    /// Beside those that every request has.
    pub headers: HeaderMap,
    /// Statuses beside 200 to 299 that the caller wants to see.
    pub accepted: &'a [u16],
}

/// Why one attempt failed.
enum Attempt {
    Local(io::Error),
    Remote(ureq::Error),
}

impl From<ureq::Error> for Attempt {
    fn from(error: ureq::Error) -> Self {
        Self::Remote(error)
    }
}

/// A body that is told whether it arrived, and knows whether it was its own reading that failed.
pub trait Sent: io::Read {
    /// An attempt to send it is over; the error of the reading, if there was one.
    fn finish(&mut self, has_arrived: bool) -> Option<io::Error>;
}

impl Client {
    /// A server with the settings of the variables; nothing is sent yet.
    pub fn open(address: ServerAddress, identity: Identity, env: &Env) -> Result<Self, Failure> {
        let login = match identity {
            Identity::Known => Login::find(&address, env)?,
            Identity::Nobody => None,
        };
        Ok(Self {
            agent: agent(env, Trust::AsConfigured, address.is_tls())?,
            address,
            login,
            workspace: env.get("MLFLOW_WORKSPACE").map(|name| name.trim().to_owned()),
            retry: RetryPolicy::from_env(env)?,
        })
    }

    /// Where it is.
    pub fn address(&self) -> &ServerAddress {
        &self.address
    }

    /// The same, but nothing is sent again.
    pub fn without_retries(self) -> Self {
        Self {
            retry: self.retry.none(),
            ..self
        }
    }

    /// The most that a request is sent again.
    pub fn max_retries(&self) -> u32 {
        self.retry.max_retries
    }

    /// A request to any server that carries these headers and no login.
    pub fn request_elsewhere(method: Method, url: String, headers: HeaderMap) -> Exchange<'static> {
        Exchange {
            method,
            url,
            headers,
            accepted: &[],
        }
    }

    /// A request to this server that is told who asks; the path begins with a slash and is encoded.
    pub fn request(&self, method: Method, path: &str) -> Exchange<'static> {
        let mut headers = HeaderMap::new();
        if let Some(login) = &self.login {
            headers.insert(header::AUTHORIZATION, login.value().clone());
        }
        if let Some(workspace) = self.workspace.as_ref().and_then(|name| name.parse().ok()) {
            headers.insert("x-mlflow-workspace", workspace);
        }
        Exchange {
            method,
            url: format!("{}{path}", self.address),
            headers,
            accepted: &[],
        }
    }

    /// Asks for JSON.
    pub fn get_json(&self, path: &str) -> Result<Value, RequestError> {
        self.json(&self.request(Method::GET, path), None)
    }

    /// Posts JSON, and gets some.
    pub fn post_json(&self, path: &str, body: &Value) -> Result<Value, RequestError> {
        self.send_json(Method::POST, path, body)
    }

    /// Sends JSON, and gets some.
    pub fn send_json(&self, method: Method, path: &str, body: &Value) -> Result<Value, RequestError> {
        let mut exchange = self.request(method, path);
        exchange.headers.insert(
            header::CONTENT_TYPE,
            header::HeaderValue::from_static("application/json"),
        );
        self.json(&exchange, Some(&body.to_string()))
    }

    fn json(&self, exchange: &Exchange<'_>, body: Option<&str>) -> Result<Value, RequestError> {
        let mut answer = self.until_answered(exchange, || {
            let request = exchange.request(&self.agent)?;
            Ok(match body {
                Some(body) => self.agent.run(request.map(|()| body)),
                None => self.agent.run(request),
            }?)
        })?;
        let body = answer
            .body_mut()
            .with_config()
            .limit(MAX_JSON_BYTES)
            .read_to_vec();
        let useless = |what: String| RequestError::Useless {
            url: exchange.url.clone(),
            what,
        };
        let body = body.map_err(|error| useless(format!("could not be read: {error}")))?;
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Value::Object(serde_json::Map::new()));
        }
        serde_json::from_slice(&body).map_err(|error| useless(format!("is not JSON ({error})")))
    }

    /// Asks for bytes, or for nothing, without sending any.
    pub fn get(&self, exchange: &Exchange<'_>) -> Result<Response<Body>, RequestError> {
        self.until_answered(exchange, || Ok(self.agent.run(exchange.request(&self.agent)?)?))
    }

    /// Sends bytes, `size` of them, from a body that is opened for each attempt.
    pub fn send<B: Sent>(
        &self,
        mut exchange: Exchange<'_>,
        size: u64,
        mut open: impl FnMut() -> io::Result<B>,
    ) -> Result<Response<Body>, RequestError> {
        exchange.headers.insert(header::CONTENT_LENGTH, size.into());
        if size >= ASK_FIRST_BYTES {
            exchange
                .headers
                .insert(header::EXPECT, header::HeaderValue::from_static("100-continue"));
        }
        self.until_answered(&exchange, || {
            let mut body = open().map_err(Attempt::Local)?;
            let request = exchange.request(&self.agent)?;
            let answer = self.agent.run(request.map(|()| SendBody::from_reader(&mut body)));
            let has_arrived = answer.as_ref().is_ok_and(|answer| answer.status().is_success());
            match body.finish(has_arrived) {
                Some(error) => Err(Attempt::Local(error)),
                None => Ok(answer?),
            }
        })
    }

    fn until_answered(
        &self,
        exchange: &Exchange<'_>,
        mut attempt: impl FnMut() -> Result<Response<Body>, Attempt>,
    ) -> Result<Response<Body>, RequestError> {
        let url = exchange.url.split('?').next().unwrap_or_default();
        let mut retries = 0;
        loop {
            let (wanted, failed) = match attempt() {
                Ok(answer)
                    if answer.status().is_success()
                        || exchange.accepted.contains(&answer.status().as_u16()) =>
                {
                    return Ok(answer);
                }
                Ok(mut answer) => {
                    let status = answer.status().as_u16();
                    let after = answer
                        .headers()
                        .get(header::RETRY_AFTER)
                        .and_then(|value| value.to_str().ok());
                    let wanted = self.retry.wanted_wait(status, after, SystemTime::now());
                    let refused = RequestError::Refused {
                        url: printable(url),
                        status,
                        attempts: retries + 1,
                        message: message(&mut answer),
                    };
                    if !RetryPolicy::is_not_now(status) && wanted.is_none() {
                        return Err(refused);
                    }
                    (wanted, refused)
                }
                Err(Attempt::Local(error)) => return Err(RequestError::Unreadable(error)),
                Err(Attempt::Remote(source)) => {
                    let may_help = may_help(&source);
                    let failed = RequestError::NoAnswer {
                        url: printable(url),
                        attempts: retries + 1,
                        source,
                    };
                    if !may_help {
                        return Err(failed);
                    }
                    (None, failed)
                }
            };
            if retries >= self.retry.max_retries {
                return Err(failed);
            }
            retries += 1;
            self.pause(retries, wanted, &failed);
        }
    }

    /// Waits before a retry, the first of which is 1, and says so if it takes long.
    pub fn pause(&self, retry: u32, wanted: Option<Duration>, why: &dyn std::fmt::Display) {
        let wait = wanted.unwrap_or_else(|| self.retry.backoff(retry, rand::random()));
        if wait >= LONG_WAIT {
            tell(&format!(
                "{why}; trying again in {:.0} s ({retry} of {})",
                wait.as_secs_f64(),
                self.retry.max_retries
            ));
        }
        std::thread::sleep(wait);
    }

    /// The same settings for requests to servers that are named in answers, such as object stores: without the login,
    /// believing the authorities of this machine.
    pub fn for_signed_urls(&self, env: &Env) -> Result<Self, Failure> {
        let is_unchecked = env
            .get("MLFLOW_S3_IGNORE_TLS")
            .is_some_and(|value| value == "1" || value.eq_ignore_ascii_case("true"));
        let trust = if is_unchecked {
            Trust::Anyone
        } else {
            Trust::Authorities
        };
        Ok(Self {
            agent: agent(env, trust, false)?,
            login: None,
            workspace: None,
            ..self.clone()
        })
    }
}

impl Exchange<'_> {
    fn request(&self, agent: &Agent) -> Result<Request<()>, ureq::Error> {
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(&self.url)
            .body(())?;
        *request.headers_mut() = self.headers.clone();
        if self.method == Method::GET {
            return Ok(request);
        }
        // A body would have to be sent again, and not everywhere.
        Ok(agent.configure_request(request).max_redirects(0).build())
    }
}

/// An agent of the HTTP library; with `checks_tls` the files that variables name are read at once.
fn agent(env: &Env, trust: Trust, checks_tls: bool) -> Result<Agent, Failure> {
    let seconds = retry::number(env, "MLFLOW_HTTP_REQUEST_TIMEOUT", 120, 86_400)?.max(1);
    let timeout = Some(Duration::from_secs(seconds.into()));
    let may_redirect = env
        .get("MLFLOW_ALLOW_HTTP_REDIRECTS")
        .is_none_or(|value| value == "1" || value.eq_ignore_ascii_case("true"));
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .user_agent(concat!("oxflow/", env!("CARGO_PKG_VERSION")))
        .max_redirects(if may_redirect { MAX_REDIRECTS } else { 0 })
        .max_redirects_will_error(false)
        .redirect_auth_headers(RedirectAuthHeaders::SameHost)
        .max_idle_connections(64)
        .max_idle_connections_per_host(64)
        // As in the library of MLflow's clients: for each wait, however long the whole takes.
        .timeout_connect(timeout)
        .timeout_per_read(timeout)
        .timeout_per_write(timeout)
        .build();
    let variables = env.clone();
    let tls = TlsConnector::new(move || tls::client_config(&variables, trust));
    if checks_tls {
        tls.config()?;
    }
    let connector = ().chain(ConnectProxyConnector::default()).chain(TcpConnector::default()).chain(tls);
    Ok(Agent::with_parts(config, connector, DefaultResolver::default()))
}

/// Whether another attempt may fare better.
fn may_help(error: &ureq::Error) -> bool {
    use ureq::Error;
    match error {
        Error::Io(_) => !is_about_certificates(error),
        Error::Timeout(_) | Error::ConnectionFailed | Error::HostNotFound | Error::Protocol(_) => true,
        _ => false,
    }
}

fn is_about_certificates(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::Io(error) => error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()),
        _ => false,
    }
}

/// What an answer says about itself: the message of MLflow's error body, else the text.
fn message(answer: &mut Response<Body>) -> String {
    if answer.status().is_redirection() {
        let to = answer
            .headers()
            .get(header::LOCATION)
            .and_then(|value| value.to_str().ok());
        return to
            .map(|to| format!("it sends to {}", printable(to)))
            .unwrap_or_default();
    }
    let body = answer
        .body_mut()
        .with_config()
        .limit(MAX_REFUSAL_BYTES)
        .read_to_vec();
    let body = body.unwrap_or_default();
    let text = match serde_json::from_slice::<Value>(&body) {
        Ok(json) => ["message", "detail"]
            .iter()
            .find_map(|name| json.get(name)?.as_str().map(str::to_owned))
            .unwrap_or_else(|| json.to_string()),
        Err(_) => String::from_utf8_lossy(&body).trim().to_owned(),
    };
    printable(&text)
}

/// A text of somebody else's for a terminal: without control characters, which could rewrite the screen, and not too
/// long.
pub fn printable(text: &str) -> String {
    let is_shown =
        |c: char| !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let shown: String = text
        .chars()
        .take(MAX_MESSAGE_CHARS)
        .map(|c| if is_shown(c) { c } else { '\u{fffd}' })
        .collect();
    if text.chars().nth(MAX_MESSAGE_CHARS).is_some() {
        format!("{shown}…")
    } else {
        shown
    }
}

/// A line for whoever watches, in place of a progress bar if there is one.
pub fn tell(text: &str) {
    let mut err = io::stderr().lock();
    let clear = if err.is_terminal() { "\r\x1b[K" } else { "" };
    let _ = writeln!(err, "{clear}{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_says_cannot_write_over_the_screen() {
        assert_eq!(
            printable("a\x1b[2Jb\r\n\u{202e}é"),
            "a\u{fffd}[2Jb\u{fffd}\u{fffd}\u{fffd}é"
        );
        assert_eq!(printable(&"x".repeat(501)), format!("{}…", "x".repeat(500)));
    }
}
