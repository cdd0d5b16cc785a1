//! Rows of the route table and how they become a router.

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, MethodRouter, on};
use oxflow_auth::Access;

use crate::App;
use crate::authorize::Guarded;

/// Under which prefixes a path is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefixes {
    /// `/api/2.0/` and `/ajax-api/2.0/`.
    V2,
    /// `/api/2.0/preview/` and `/ajax-api/2.0/preview/`, of clients before MLflow 2.
    Preview,
    /// `/api/3.0/` and `/ajax-api/3.0/`.
    V3,
    /// `/ajax-api/2.0/` only.
    Ajax,
    /// `/ajax-api/3.0/` only.
    Ajax3,
    /// `/api/oxflow/v1/`: our own endpoints.
    Own,
    /// The path as it is.
    Root,
}

impl Prefixes {
    const fn texts(self) -> &'static [&'static str] {
        match self {
            Self::V2 => &["/api/2.0/", "/ajax-api/2.0/"],
            Self::Preview => &["/api/2.0/preview/", "/ajax-api/2.0/preview/"],
            Self::V3 => &["/api/3.0/", "/ajax-api/3.0/"],
            Self::Ajax => &["/ajax-api/2.0/"],
            Self::Ajax3 => &["/ajax-api/3.0/"],
            Self::Own => &["/api/oxflow/v1/"],
            Self::Root => &["/"],
        }
    }
}

/// One endpoint: nothing is served that has no row, and no row lacks its access rule.
#[derive(Debug, Clone)]
pub struct Route {
    /// The HTTP method; GET serves HEAD too.
    pub method: Method,
    /// Where the path is served.
    pub prefixes: Prefixes,
    /// The path below the prefix, with `{name}` and `{*rest}` for what varies.
    pub path: &'static str,
    /// What a request needs to be let in.
    pub access: Access,
    /// Whether the path is also served below `/preview/`, as clients before MLflow 2 may call it.
    pub also_in_preview: bool,
    /// Whether the path is also served without `--static-prefix`: artifact files and probes are.
    pub also_unprefixed: bool,
    /// Whether the endpoint is about artifacts, which `--artifacts-only` still serves.
    pub is_for_artifacts: bool,
    /// Whether the endpoint is only there on a server that asks for a login.
    pub is_for_logins: bool,
    handler: MethodRouter<App>,
}

impl Route {
    fn new<H, T>(method: Method, prefixes: Prefixes, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        let filter = MethodFilter::try_from(method.clone()).expect("the table has standard methods");
        Self {
            method,
            prefixes,
            path,
            access,
            also_in_preview: false,
            also_unprefixed: false,
            is_for_artifacts: false,
            is_for_logins: false,
            handler: on(filter, Guarded { handler, access }),
        }
    }

    /// Serves the path also below `/preview/`: `/api/2.0/preview/mlflow/…`.
    #[must_use]
    pub fn in_preview_too(mut self) -> Self {
        self.also_in_preview = true;
        self
    }

    /// Serves the path also without `--static-prefix`.
    #[must_use]
    pub fn unprefixed_too(mut self) -> Self {
        self.also_unprefixed = true;
        self
    }

    /// Keeps the endpoint under `--artifacts-only`.
    #[must_use]
    pub fn for_artifacts(mut self) -> Self {
        self.is_for_artifacts = true;
        self
    }

    /// Leaves the endpoint out of a server that everybody may use.
    #[must_use]
    pub fn for_logins(mut self) -> Self {
        self.is_for_logins = true;
        self
    }

    /// The full paths of the row, without `--static-prefix`.
    pub fn paths(&self) -> Vec<String> {
        let below = |folder: &'static str| {
            let prefixes = self.prefixes.texts().iter();
            prefixes.map(move |prefix| format!("{prefix}{folder}{}", self.path))
        };
        let in_preview = self.also_in_preview.then(|| below("preview/"));
        below("").chain(in_preview.into_iter().flatten()).collect()
    }

    /// Adds the row to a router.
    pub(crate) fn add_to(&self, mut router: Router<App>, static_prefix: &str) -> Router<App> {
        for path in self.paths() {
            if !static_prefix.is_empty() && self.also_unprefixed {
                router = router.route(&path, self.handler.clone());
            }
            router = router.route(&format!("{static_prefix}{path}"), self.handler.clone());
            // The page at the prefix is also asked for without the slash at its end.
            if !static_prefix.is_empty() && path == "/" {
                router = router.route(static_prefix, self.handler.clone());
            }
        }
        router
    }
}

macro_rules! method {
    ($name:ident, $method:ident) => {
        /// A row for this method.
        pub(crate) fn $name<H, T>(prefixes: Prefixes, path: &'static str, access: Access, handler: H) -> Route
        where
            H: Handler<T, App>,
            T: 'static,
        {
            Route::new(Method::$method, prefixes, path, access, handler)
        }
    };
}

method!(get, GET);
method!(post, POST);
method!(put, PUT);
method!(patch, PATCH);
method!(delete, DELETE);
