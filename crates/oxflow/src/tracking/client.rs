//! Requests to a server, sent again where that may help.

use std::io;
use std::time::{Duration, SystemTime};

use serde_json::Value;
use ureq::http::{HeaderMap, Method, Request, Response, header};
use ureq::{Agent, Body, SendBody};

use super::address::ServerAddress;
use super::agent::agent;
use super::login::Login;
use super::request_error::{RequestError, may_help};
use super::retry::RetryPolicy;
use super::screen::{printable, tell};
use super::tls::Trust;
use crate::env::Env;
use crate::failure::Failure;

/// Most bytes of an answer in JSON: a folder of a million files.
const MAX_JSON_BYTES: u64 = 256 * 1024 * 1024;
/// Most bytes that are read of an answer that refuses something.
const MAX_REFUSAL_BYTES: u64 = 64 * 1024;
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
