//! The HTTP library, set up as MLflow's variables say.

use std::time::Duration;

use ureq::Agent;
use ureq::config::RedirectAuthHeaders;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{ConnectProxyConnector, Connector, TcpConnector};

use super::retry;
use super::tls::{self, Trust};
use super::transport::TlsConnector;
use crate::env::Env;
use crate::failure::Failure;

/// Redirections of a download that are followed.
const MAX_REDIRECTS: u32 = 5;

/// An agent of the HTTP library; with `checks_tls` the files that variables name are read at once.
pub(super) fn agent(env: &Env, trust: Trust, checks_tls: bool) -> Result<Agent, Failure> {
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
