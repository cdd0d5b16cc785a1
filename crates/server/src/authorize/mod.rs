//! Who may do what: the guard in front of every row of the route table.
//!
//! The guard finds out who sent a request, reads which objects it names, and lets it pass if its row's rule is met. A row
//! cannot be without one, and a request that matches no row needs a login as well. What a search may show is decided by
//! its handler, with the [`Caller`] that the guard leaves behind: the SQL of the search then has it.

mod asked;
mod caller;
mod objects;
mod pending_owners;
mod run_owners;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::future::{BoxFuture, Either};
use oxflow_auth::{Access, Viewer};
use oxflow_core::ErrorCode;

use crate::login::{Login, Origin, Refusal};
use crate::{ApiError, App, Ui};

pub(crate) use caller::{Caller, forbidden};
pub use pending_owners::{SETTLED_EVERY, set_pending_owners};
pub use run_owners::RunOwners;

/// The handler of a row behind the guard that knows the row's rule.
///
/// It is a handler itself, as another layer around every handler would cost each request more than the guard does.
#[derive(Debug, Clone)]
pub(crate) struct Guarded<H> {
    pub(crate) handler: H,
    pub(crate) access: Access,
}

impl<T, H> Handler<T, App> for Guarded<H>
where
    T: 'static,
    H: Handler<T, App>,
{
    type Future = Either<H::Future, BoxFuture<'static, Response>>;

    fn call(self, request: Request, app: App) -> Self::Future {
        let Self { handler, access } = self;
        if app.login.is_none() || access == Access::Public {
            return Either::Left(handler.call(request, app));
        }
        Either::Right(Box::pin(async move {
            match guard(&app, access, request).await {
                Ok(request) => handler.call(request, app).await,
                Err(response) => response,
            }
        }))
    }
}

/// Why a request does not pass.
#[derive(Debug)]
pub(crate) enum Denied {
    /// Who sent it has to log in.
    Unknown(Refusal),
    /// Who sent it may not.
    Forbidden,
    /// It cannot be told, as the request is wrong or the database does not answer.
    Failed(ApiError),
}

impl From<ApiError> for Denied {
    fn from(error: ApiError) -> Self {
        Self::Failed(error)
    }
}

impl From<Refusal> for Denied {
    fn from(refusal: Refusal) -> Self {
        Self::Unknown(refusal)
    }
}

/// The request again, with the [`Caller`] who sent it, or what whoever sent it is told.
async fn guard(app: &App, access: Access, request: Request) -> Result<Request, Response> {
    let Some(login) = app.login.as_ref() else {
        return Ok(request);
    };
    let asks = Asks::of(app, request.headers(), request.uri().path());
    let passed = pass(app, login, access, request).await;
    passed.map_err(|denied| asks.response(denied, login))
}

/// Asks for a login where no row matched, unless the answer is a page: what else exists is nobody's business.
pub(crate) async fn needs_login(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(login) = app.login.as_ref() else {
        return next.run(request).await;
    };
    let asks = Asks::of(&app, request.headers(), request.uri().path());
    let checked = Checked {
        headers: request.headers().clone(),
        origin: Origin::of(request.extensions()),
    };
    let response = next.run(request).await;
    if response.status() == StatusCode::OK || response.status() == StatusCode::NOT_MODIFIED {
        return response;
    }
    match checked.viewer(login).await {
        Ok(_) => response,
        Err(denied) => asks.response(denied, login),
    }
}

/// What tells who sent a request.
struct Checked {
    headers: HeaderMap,
    origin: Origin,
}

impl Checked {
    async fn viewer(&self, login: &Login) -> Result<Arc<Viewer>, Denied> {
        let found = login.viewer(&self.headers, &self.origin).await?;
        Ok(found.ok_or(Refusal::Unknown)?)
    }
}

async fn pass(app: &App, login: &Login, access: Access, request: Request) -> Result<Request, Denied> {
    let origin = Origin::of(request.extensions());
    let found = login.viewer(request.headers(), &origin).await?;
    let viewer = found.ok_or(Refusal::Unknown)?;
    let may = match access {
        Access::Public => true,
        // A token that only reads changes nothing, wherever the right to change is not looked at more closely.
        Access::Authenticated => true,
        Access::Admin => viewer.may_administer(),
        Access::Needs(..) => viewer.may_everything() && viewer.ceiling.is_none(),
    };
    let mut request = match (may, access) {
        (true, _) => request,
        (false, Access::Needs(permission, owner)) => {
            asked::check(app, &viewer, permission, owner, request).await?
        }
        (false, _) => return Err(Denied::Forbidden),
    };
    request.extensions_mut().insert(Caller::Known(viewer));
    Ok(request)
}

/// In which words a client wants to hear that it may not.
#[derive(Debug, Clone, Copy)]
struct Asks {
    is_own_endpoint: bool,
    may_ask: bool,
}

impl Asks {
    fn of(app: &App, headers: &HeaderMap, path: &str) -> Self {
        // Pages of ours have a form for the password; their browser would show one of its own in front of it.
        let says = |name: &str, value: &str| headers.get(name).is_some_and(|found| found == value);
        let is_script = says("sec-fetch-dest", "empty") || says("x-requested-with", "XMLHttpRequest");
        Self {
            is_own_endpoint: path.contains("/api/oxflow/"),
            may_ask: !(is_script && matches!(app.ui, Ui::Embedded(_))),
        }
    }

    fn response(self, denied: Denied, login: &Login) -> Response {
        match denied {
            Denied::Unknown(refusal) => refusal.response(self.is_own_endpoint, self.may_ask),
            Denied::Failed(error) => error.into_response(),
            Denied::Forbidden if login.hides_existence() => ApiError::new(
                ErrorCode::ResourceDoesNotExist,
                "There is nothing here, or nothing that you may see.",
            )
            .into_response(),
            // MLflow's words, which are no JSON.
            Denied::Forbidden if !self.is_own_endpoint => {
                (StatusCode::FORBIDDEN, "Permission denied").into_response()
            }
            Denied::Forbidden => crate::login::json(
                StatusCode::FORBIDDEN,
                ErrorCode::PermissionDenied,
                "Permission denied: whoever may manage it, or an administrator, can grant it to you.",
            ),
        }
    }
}

/// Whether a request only reads, as far as its method tells.
pub(crate) fn only_reads(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}
