//! Logging in and out with a browser, API tokens, and the audit log: our own endpoints, for our pages.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{Extensions, HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use oxflow_auth::{Permission, Viewer};
use oxflow_core::{ErrorCode, Invalid, check_length};
use oxflow_store::{AuditEvent, TokenInfo};
use oxflow_wire::{
    AuditAnswer, AuditEventJson, AuditRequest, CreateToken, Empty, SessionAnswer, StartSession, TokenAnswer,
    TokenJson, TokensAnswer, UserJson,
};

use super::users::Administration;
use crate::answer::{Answer, done};
use crate::authorize::{Caller, forbidden};
use crate::edge::Scheme;
use crate::extract::{JsonBody, QueryFields, QueryFieldsOf};
use crate::login::{Origin, SESSION_COOKIE, SESSION_COOKIE_OVER_TLS, SESSION_LIFE};
use crate::{ApiError, App};

impl QueryFields for AuditRequest {}

/// Longest name of a token, in characters.
const MAX_TOKEN_NAME_CHARS: usize = 255;

/// Events of the audit log on a page, at most and unless asked otherwise.
const MAX_AUDIT_EVENTS: i64 = 1000;
const DEFAULT_AUDIT_EVENTS: i64 = 100;

/// Whether one has to log in here, and who one is.
pub(crate) async fn get(
    State(app): State<App>,
    extensions: Extensions,
    headers: HeaderMap,
) -> Result<Json<SessionAnswer>, Response> {
    let Some(login) = app.login.as_ref() else {
        return Ok(Json(SessionAnswer {
            auth: "none",
            user: None,
        }));
    };
    let origin = Origin::of(&extensions);
    let found = login.viewer(&headers, &origin).await;
    let viewer = found.map_err(|refusal| refusal.response(true, false))?;
    Ok(Json(session_json(viewer.as_deref())))
}

fn session_json(viewer: Option<&Viewer>) -> SessionAnswer {
    SessionAnswer {
        auth: "basic",
        user: viewer.map(|viewer| UserJson {
            id: viewer.id,
            username: viewer.name.as_str().to_owned(),
            is_admin: viewer.is_admin,
            roles: None,
            of_before_roles: None,
        }),
    }
}

/// Logs in: the answer sets a cookie that scripts cannot read.
pub(crate) async fn start(
    State(app): State<App>,
    extensions: Extensions,
    JsonBody(req): JsonBody<StartSession>,
) -> Result<Response, ApiError> {
    let login = app.logins()?;
    let (name, password) = (
        req.username.required("username")?,
        req.password.required("password")?,
    );
    let origin = Origin::of(&extensions);
    let started = login.start_session(&name, &password, &origin).await;
    let (viewer, token) = match started {
        Ok(started) => started,
        Err(refusal) => return Ok(refusal.response(true, false)),
    };
    let cookie = cookie(token.reveal(), SESSION_LIFE.as_secs(), is_over_tls(&extensions));
    Ok(with_cookie(Json(session_json(Some(&viewer))), &cookie))
}

/// Signs out.
pub(crate) async fn end(
    State(app): State<App>,
    extensions: Extensions,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    app.logins()?.end_session(&headers).await?;
    Ok(with_cookie(
        Json(Empty {}),
        &cookie("", 0, is_over_tls(&extensions)),
    ))
}

fn is_over_tls(extensions: &Extensions) -> bool {
    extensions.get::<Scheme>() == Some(&Scheme::Https)
}

fn cookie(value: &str, seconds: u64, is_over_tls: bool) -> String {
    let (name, secure) = if is_over_tls {
        (SESSION_COOKIE_OVER_TLS, "; Secure")
    } else {
        (SESSION_COOKIE, "")
    };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}")
}

fn with_cookie(answer: impl IntoResponse, cookie: &str) -> Response {
    let mut response = answer.into_response();
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The API tokens of whoever called.
pub(crate) async fn list_tokens(State(app): State<App>, caller: Caller) -> Answer<TokensAnswer> {
    let tokens = app.logins()?.accounts().list_tokens(caller.known()?.id).await?;
    Ok(Json(TokensAnswer {
        tokens: tokens.into_iter().map(token_json).collect(),
    }))
}

/// Makes an API token. A token makes no further ones: it would outlive its own revocation.
pub(crate) async fn create_token(
    by: Administration,
    JsonBody(req): JsonBody<CreateToken>,
) -> Answer<TokenAnswer> {
    let login = by.login()?;
    let viewer = without_token(&by.caller)?;
    let name = req.name.required("name")?;
    check_length("name", MAX_TOKEN_NAME_CHARS, &name)?;
    let scope = req
        .scope
        .optional("scope")?
        .map(|scope| scope_of(&scope))
        .transpose()?;
    let expires_at_ms = req.expires_at_ms.optional("expires_at_ms")?;
    if expires_at_ms.is_some_and(|end| end <= by.app.clock.now_ms()) {
        return Err(Invalid::new("'expires_at_ms' is in the past").into());
    }
    let (info, token) = login
        .create_token(viewer, name.clone(), scope, expires_at_ms)
        .await?;
    by.noted("token.create", &name).await;
    Ok(Json(TokenAnswer {
        token: token_json(info),
        secret: token.reveal().to_owned(),
    }))
}

/// Revokes an API token of whoever called.
pub(crate) async fn delete_token(by: Administration, Path(id): Path<String>) -> Answer<Empty> {
    let login = by.login()?;
    let viewer = without_token(&by.caller)?;
    let id = id
        .parse()
        .map_err(|_| ApiError::new(ErrorCode::ResourceDoesNotExist, format!("No token with id={id}")))?;
    login.accounts().delete_token(viewer.id, id).await?;
    by.noted("token.revoke", &id.to_string()).await;
    done()
}

/// Whoever called, with all their rights: by a password, a session, or a token without a scope.
fn without_token(caller: &Caller) -> Result<&Viewer, ApiError> {
    let viewer = caller.known()?;
    viewer.ceiling.is_none().then_some(viewer).ok_or_else(forbidden)
}

fn scope_of(name: &str) -> Result<Permission, Invalid> {
    match Permission::of_name(name) {
        Some(scope @ (Permission::Read | Permission::Edit)) => Ok(scope),
        _ => Err(Invalid::value(
            "scope",
            format!("{name:?}"),
            ". It must be READ or EDIT",
        )),
    }
}

fn token_json(token: TokenInfo) -> TokenJson {
    TokenJson {
        id: token.id,
        name: token.name,
        scope: token.scope.map(Permission::name),
        created_at_ms: token.created_at_ms,
        expires_at_ms: token.expires_at_ms,
        last_used_at_ms: token.last_used_at_ms,
    }
}

/// The audit log, the newest events first.
pub(crate) async fn audit(
    State(app): State<App>,
    QueryFieldsOf(req): QueryFieldsOf<AuditRequest>,
) -> Answer<AuditAnswer> {
    let limit = req.limit.optional("limit")?.unwrap_or(DEFAULT_AUDIT_EVENTS);
    if !(1..=MAX_AUDIT_EVENTS).contains(&limit) {
        return Err(Invalid::new(format!(
            "'limit' must be between 1 and {MAX_AUDIT_EVENTS}, but it is {limit}"
        ))
        .into());
    }
    let before = req.before.optional("before")?;
    let events = app
        .logins()?
        .accounts()
        .audit_log(before, usize::try_from(limit).unwrap_or(0))
        .await?;
    Ok(Json(AuditAnswer {
        events: events.into_iter().map(event_json).collect(),
    }))
}

fn event_json(event: AuditEvent) -> AuditEventJson {
    AuditEventJson {
        id: event.id,
        at_ms: event.at_ms,
        actor: event.actor,
        action: event.action,
        object: event.object,
        address: event.address,
        result: event.result,
        request_id: event.request_id,
    }
}
