//! What a request brings to log in with.

use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oxflow_auth::Token;

use super::Refusal;

/// The cookie of a session.
pub(crate) const SESSION_COOKIE: &str = "oxflow_session";

/// The cookie of a session over TLS: browsers give it back to this host only, and only over TLS.
pub(crate) const SESSION_COOKIE_OVER_TLS: &str = "__Host-oxflow_session";

/// A way to log in.
#[derive(Debug)]
pub(super) enum Credentials {
    /// Nothing.
    None,
    /// HTTP Basic.
    Password { name: String, password: String },
    /// An API token, as Bearer, or as the password of HTTP Basic with a name.
    Token { token: Token, name: Option<String> },
    /// The cookie of a session.
    Session(Token),
}

impl Credentials {
    /// Reads the headers of a request. `Authorization` counts before a cookie, and has to be right if it is there.
    pub(super) fn of(authorization: Option<&HeaderValue>, headers: &HeaderMap) -> Result<Self, Refusal> {
        let Some(value) = authorization else {
            return Ok(session(headers).map_or(Self::None, Self::Session));
        };
        let text = value
            .to_str()
            .map_err(|_| Refusal::Malformed("the `Authorization` header is not ASCII"))?;
        let (scheme, rest) = text.trim().split_once(' ').unwrap_or((text, ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return basic(rest.trim());
        }
        if scheme.eq_ignore_ascii_case("bearer") {
            return match Token::parse(rest.trim()) {
                Some(token) => Ok(Self::Token { token, name: None }),
                None => Err(Refusal::Unknown),
            };
        }
        Err(Refusal::Unknown)
    }
}

/// The `Authorization` header, of which there can be one.
pub(super) fn authorization(headers: &HeaderMap) -> Result<Option<&HeaderValue>, Refusal> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next();
    match values.next() {
        None => Ok(value),
        Some(_) => Err(Refusal::Malformed(
            "there is more than one `Authorization` header",
        )),
    }
}

fn basic(encoded: &str) -> Result<Credentials, Refusal> {
    let decoded = STANDARD
        .decode(encoded)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or(Refusal::Malformed(
            "the credentials of HTTP Basic are not `name:password` in base64 of UTF-8",
        ))?;
    let (name, password) = decoded.split_once(':').ok_or(Refusal::Malformed(
        "the credentials of HTTP Basic lack the colon between name and password",
    ))?;
    if Token::is_like(password)
        && let Some(token) = Token::parse(password)
    {
        return Ok(Credentials::Token {
            token,
            name: Some(name.to_owned()),
        });
    }
    Ok(Credentials::Password {
        name: name.to_owned(),
        password: password.to_owned(),
    })
}

/// The token in the cookie of a session.
pub(super) fn session(headers: &HeaderMap) -> Option<Token> {
    let cookies = headers.get_all(header::COOKIE).iter();
    let mut pairs = cookies
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .find_map(|(name, value)| {
            [SESSION_COOKIE, SESSION_COOKIE_OVER_TLS]
                .contains(&name)
                .then(|| Token::parse(value))
        })
        .flatten()
}
