//! The route table: the whole API, one row each.

use axum::Router;
use axum::extract::Request;
use axum::handler::Handler;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use oxflow_auth::{Access, Owner};
use oxflow_core::ErrorCode;

use crate::authorize::needs_login;
use crate::handlers::{
    absent, artifact_head, artifact_preview, artifact_proxy, artifact_zip, events, experiments, graphql,
    inputs, logged_model_search, logged_models, metrics, model_aliases, model_versions, older_clients, pages,
    parts, permissions, purge, registered_models, registry_search, roles, run_artifacts, run_bulk, run_data,
    run_export, run_keys, run_tables, runs, series, session, status, users, views,
};
use crate::head_checks::{check, refuse};
use crate::route_table::Prefixes::{Ajax, Ajax3, Own, Preview, Root, V2, V3};
use crate::route_table::{Route, delete, get, patch, post, put};
use crate::{ApiError, App};

/// Every endpoint with who may call it.
pub fn table() -> Vec<Route> {
    [
        experiment_routes(),
        run_routes(),
        run_table_routes(),
        series_routes(),
        logged_model_routes(),
        registered_model_routes(),
        model_version_routes(),
        artifact_routes(),
        status_routes(),
        page_routes(),
        session_routes(),
        user_routes(),
        role_routes(),
    ]
    .concat()
}

#[rustfmt::skip] // one row, one line
fn experiment_routes() -> Vec<Route> {
    use Owner::{Experiment, ExperimentByName, Experiments};
    vec![
        post(V2, "mlflow/experiments/create", Access::Authenticated, experiments::create).in_preview_too(),
        get(V2, "mlflow/experiments/list", Access::Authenticated, older_clients::list_experiments).in_preview_too(),
        get(V2, "mlflow/experiments/get", Access::read(Experiment), experiments::get).in_preview_too(),
        get(V2, "mlflow/experiments/get-by-name", Access::read(ExperimentByName), experiments::get_by_name),
        post(V2, "mlflow/experiments/search", Access::Authenticated, experiments::search),
        get(V2, "mlflow/experiments/search", Access::Authenticated, experiments::search_by_query),
        post(V2, "mlflow/experiments/update", Access::edit(Experiment), experiments::update).in_preview_too(),
        post(V2, "mlflow/experiments/delete", Access::manage(Experiment), experiments::delete).in_preview_too(),
        post(V2, "mlflow/experiments/restore", Access::manage(Experiment), experiments::restore).in_preview_too(),
        post(V2, "mlflow/experiments/set-experiment-tag", Access::edit(Experiment), experiments::set_tag).in_preview_too(),
        post(V2, "mlflow/experiments/delete-experiment-tag", Access::edit(Experiment), experiments::delete_tag),
        post(Ajax, "mlflow/experiments/search-datasets", Access::read(Experiments), experiments::search_datasets),
    ]
}

#[rustfmt::skip] // one row, one line
fn run_routes() -> Vec<Route> {
    use Owner::{ExperimentOfRun, Experiments, ExperimentsOfRuns, NewRun};
    vec![
        post(V2, "mlflow/runs/create", Access::edit(NewRun), runs::create).in_preview_too(),
        get(V2, "mlflow/runs/get", Access::read(ExperimentOfRun), runs::get).in_preview_too(),
        post(V2, "mlflow/runs/update", Access::edit(ExperimentOfRun), runs::update).in_preview_too(),
        post(V2, "mlflow/runs/delete", Access::edit(ExperimentOfRun), runs::delete).in_preview_too(),
        post(V2, "mlflow/runs/restore", Access::edit(ExperimentOfRun), runs::restore).in_preview_too(),
        post(V2, "mlflow/runs/search", Access::read(Experiments), runs::search).in_preview_too(),
        get(Preview, "mlflow/runs/search", Access::read(Experiments), older_clients::search_runs),
        post(V2, "mlflow/runs/log-metric", Access::edit(ExperimentOfRun), run_data::log_metric).in_preview_too(),
        post(V2, "mlflow/runs/log-parameter", Access::edit(ExperimentOfRun), run_data::log_param).in_preview_too(),
        post(V2, "mlflow/runs/set-tag", Access::edit(ExperimentOfRun), run_data::set_tag).in_preview_too(),
        post(V2, "mlflow/runs/delete-tag", Access::edit(ExperimentOfRun), run_data::delete_tag).in_preview_too(),
        post(V2, "mlflow/runs/log-batch", Access::edit(ExperimentOfRun), run_data::log_batch).in_preview_too(),
        post(V2, "mlflow/runs/log-model", Access::edit(ExperimentOfRun), run_data::log_model).in_preview_too(),
        post(V2, "mlflow/runs/log-inputs", Access::edit(ExperimentOfRun), inputs::log_inputs),
        post(V2, "mlflow/runs/outputs", Access::edit(ExperimentOfRun), inputs::log_outputs),
        get(V2, "mlflow/metrics/get-history", Access::read(ExperimentOfRun), metrics::history).in_preview_too(),
        get(Ajax, "mlflow/metrics/get-history-bulk", Access::read(ExperimentsOfRuns), metrics::bulk_history),
        get(V2, "mlflow/metrics/get-history-bulk-interval", Access::read(ExperimentsOfRuns), metrics::sampled_history),
    ]
}

/// Our own endpoints about many runs: docs/api.md.
#[rustfmt::skip] // one row, one line
fn run_table_routes() -> Vec<Route> {
    use Owner::{Experiment, ExperimentsOfRuns, ExperimentsOfSelection, ExperimentsOfSelectionInQuery};
    vec![
        get(Own, "experiments/summary", Access::Authenticated, run_tables::summary),
        post(Own, "runs/table", Access::read(ExperimentsOfSelection), run_tables::table),
        post(Own, "runs/groups", Access::read(ExperimentsOfSelection), run_keys::groups),
        post(Own, "runs/keys", Access::read(ExperimentsOfSelection), run_keys::keys),
        get(Own, "runs/values", Access::read(ExperimentsOfSelectionInQuery), run_keys::values),
        post(Own, "runs/export", Access::read(ExperimentsOfSelection), run_export::export),
        get(Own, "runs/export", Access::read(ExperimentsOfSelectionInQuery), run_export::export_by_link),
        post(Own, "runs/bulk", Access::edit(ExperimentsOfSelection), run_bulk::change),
        post(Own, "runs/purge", Access::manage(ExperimentsOfRuns), purge::runs),
        post(Own, "experiments/purge", Access::manage(Experiment), purge::experiment),
    ]
}

/// Charts of metrics, and what changes under them.
#[rustfmt::skip] // one row, one line
fn series_routes() -> Vec<Route> {
    use Owner::{ExperimentsAndRuns, ExperimentsOfRuns};
    vec![
        post(Own, "series", Access::read(ExperimentsOfRuns), series::series),
        post(Own, "metrics/stats", Access::read(ExperimentsOfRuns), series::stats),
        get(Own, "events", Access::read(ExperimentsAndRuns), events::events),
    ]
}

#[rustfmt::skip] // one row, one line
fn logged_model_routes() -> Vec<Route> {
    use Owner::{ExperimentOfLoggedModel, LoggedModelsOfExperiments, NewLoggedModel};
    vec![
        post(V2, "mlflow/logged-models", Access::edit(NewLoggedModel), logged_models::create),
        post(V2, "mlflow/logged-models/search", Access::read(LoggedModelsOfExperiments), logged_model_search::search),
        get(V2, "mlflow/logged-models/{model_id}", Access::read(ExperimentOfLoggedModel), logged_models::get),
        patch(V2, "mlflow/logged-models/{model_id}", Access::edit(ExperimentOfLoggedModel), logged_models::finalize),
        delete(V2, "mlflow/logged-models/{model_id}", Access::manage(ExperimentOfLoggedModel), logged_models::delete),
        post(V2, "mlflow/logged-models/{model_id}/params", Access::edit(ExperimentOfLoggedModel), logged_models::log_params),
        patch(V2, "mlflow/logged-models/{model_id}/tags", Access::edit(ExperimentOfLoggedModel), logged_models::set_tags),
        delete(V2, "mlflow/logged-models/{model_id}/tags/{tag_key}", Access::edit(ExperimentOfLoggedModel), logged_models::delete_tag),
        get(V2, "mlflow/logged-models/{model_id}/artifacts/directories", Access::read(ExperimentOfLoggedModel), run_artifacts::list_of_logged_model),
        get(Ajax, "mlflow/logged-models/{model_id}/artifacts/files", Access::read(ExperimentOfLoggedModel), run_artifacts::download_of_logged_model),
    ]
}

#[rustfmt::skip] // one row, one line
fn registered_model_routes() -> Vec<Route> {
    use Owner::RegisteredModel;
    vec![
        post(V2, "mlflow/registered-models/create", Access::Authenticated, registered_models::create).in_preview_too(),
        get(V2, "mlflow/registered-models/get", Access::read(RegisteredModel), registered_models::get).in_preview_too(),
        get(V2, "mlflow/registered-models/search", Access::Authenticated, registry_search::models).in_preview_too(),
        get(V2, "mlflow/registered-models/list", Access::Authenticated, older_clients::list_registered_models).in_preview_too(),
        patch(V2, "mlflow/registered-models/update", Access::edit(RegisteredModel), registered_models::update).in_preview_too(),
        post(V2, "mlflow/registered-models/rename", Access::edit(RegisteredModel), registered_models::rename).in_preview_too(),
        delete(V2, "mlflow/registered-models/delete", Access::manage(RegisteredModel), registered_models::delete).in_preview_too(),
        get(V2, "mlflow/registered-models/get-latest-versions", Access::read(RegisteredModel), registry_search::latest_versions_by_query).in_preview_too(),
        post(V2, "mlflow/registered-models/get-latest-versions", Access::read(RegisteredModel), registry_search::latest_versions),
        post(V2, "mlflow/registered-models/set-tag", Access::edit(RegisteredModel), registered_models::set_tag).in_preview_too(),
        delete(V2, "mlflow/registered-models/delete-tag", Access::edit(RegisteredModel), registered_models::delete_tag).in_preview_too(),
        get(V2, "mlflow/registered-models/alias", Access::read(RegisteredModel), model_aliases::get),
        post(V2, "mlflow/registered-models/alias", Access::edit(RegisteredModel), model_aliases::set),
        delete(V2, "mlflow/registered-models/alias", Access::manage(RegisteredModel), model_aliases::delete),
    ]
}

#[rustfmt::skip] // one row, one line
fn model_version_routes() -> Vec<Route> {
    use Owner::{ModelVersion, NewModelVersion};
    vec![
        post(V2, "mlflow/model-versions/create", Access::edit(NewModelVersion), model_versions::create).in_preview_too(),
        get(V2, "mlflow/model-versions/get", Access::read(ModelVersion), model_versions::get).in_preview_too(),
        get(V2, "mlflow/model-versions/search", Access::Authenticated, registry_search::versions).in_preview_too(),
        get(V2, "mlflow/model-versions/get-download-uri", Access::read(ModelVersion), model_versions::download_uri).in_preview_too(),
        patch(V2, "mlflow/model-versions/update", Access::edit(ModelVersion), model_versions::update).in_preview_too(),
        post(V2, "mlflow/model-versions/transition-stage", Access::edit(ModelVersion), model_versions::transition_stage).in_preview_too(),
        delete(V2, "mlflow/model-versions/delete", Access::manage(ModelVersion), model_versions::delete).in_preview_too(),
        post(V2, "mlflow/model-versions/set-tag", Access::edit(ModelVersion), model_versions::set_tag).in_preview_too(),
        delete(V2, "mlflow/model-versions/delete-tag", Access::manage(ModelVersion), model_versions::delete_tag).in_preview_too(),
        get(Root, "model-versions/get-artifact", Access::read(ModelVersion), run_artifacts::download_of_model_version),
    ]
}

#[rustfmt::skip] // one row, one line
fn artifact_routes() -> Vec<Route> {
    use Owner::{ExperimentOfArtifactFolder, ExperimentOfArtifactPath, ExperimentOfRun, ExperimentOfRunInQuery};
    const FILE: &str = "mlflow-artifacts/artifacts/{*path}";
    let (read, edit, manage) = (
        Access::read(ExperimentOfArtifactPath),
        Access::edit(ExperimentOfArtifactPath),
        Access::manage(ExperimentOfArtifactPath),
    );
    let mut routes = vec![
        get(V2, FILE, read, artifact_proxy::download).unprefixed_too(),
        put(V2, FILE, edit, artifact_proxy::upload).unprefixed_too(),
        delete(V2, FILE, manage, artifact_proxy::delete).unprefixed_too(),
        // The store itself is not deleted: there is no path to parse, and the answer says so.
        delete(V2, "mlflow-artifacts/artifacts/", manage, artifact_proxy::delete),
        get(V2, "mlflow-artifacts/artifacts", Access::read(ExperimentOfArtifactFolder), artifact_proxy::list),
        post(V2, "mlflow-artifacts/mpu/create/{*path}", edit, parts::create),
        post(V2, "mlflow-artifacts/mpu/complete/{*path}", edit, parts::complete),
        post(V2, "mlflow-artifacts/mpu/abort/{*path}", edit, parts::abort),
        get(V2, "mlflow-artifacts/presigned/{*path}", read, parts::presigned_download),
        // The signature in the URL is the right.
        put(V2, "mlflow-artifacts/mpu/part/{*path}", Access::Public, parts::put_part),
        get(V2, "mlflow-artifacts/signed/{*path}", Access::Public, parts::signed_download),
    ];
    routes = routes.into_iter().map(Route::for_artifacts).collect();
    routes.extend([
        get(V2, "mlflow/artifacts/list", Access::read(ExperimentOfRun), run_artifacts::list).in_preview_too(),
        post(V2, "mlflow/artifacts/presigned-upload-url", Access::edit(ExperimentOfRun), run_artifacts::presigned_upload_url),
        post(V2, "mlflow/artifacts/presigned-download-url", Access::read(ExperimentOfRun), run_artifacts::presigned_download_url),
        post(Ajax, "mlflow/upload-artifact", Access::edit(ExperimentOfRunInQuery), run_artifacts::upload),
        get(Root, "get-artifact", Access::read(ExperimentOfRun), run_artifacts::download),
        get(Own, "artifacts/head", Access::read(ExperimentOfRun), artifact_head::head),
        get(Own, "artifacts/preview", Access::read(ExperimentOfRun), artifact_preview::show),
        get(Own, "artifacts/zip", Access::read(ExperimentOfRun), artifact_zip::zip),
    ]);
    routes
}

#[rustfmt::skip] // one row, one line
fn status_routes() -> Vec<Route> {
    let routes = vec![
        get(Root, "health", Access::Public, status::health),
        get(Root, "livez", Access::Public, status::health),
        get(Root, "readyz", Access::Public, status::ready),
        get(Root, "version", Access::Authenticated, status::mlflow_version),
        get(V3, "mlflow/server-info", Access::Public, status::server_info),
        get(Own, "version", Access::Authenticated, status::own_version),
    ];
    routes
        .into_iter()
        .map(|route| route.unprefixed_too().for_artifacts())
        .collect()
}

/// The pages and what only pages ask for.
#[rustfmt::skip] // one row, one line
fn page_routes() -> Vec<Route> {
    let only_logged_in = Access::Authenticated;
    vec![
        get(Root, "", Access::Public, pages::index),
        get(Root, "welcome.css", Access::Public, pages::style),
        get(Root, "static-files/{*path}", Access::Public, pages::file),
        get(Own, "bootstrap", only_logged_in, status::bootstrap),
        get(Own, "views", Access::read(Owner::ExperimentIfNamed), views::find),
        post(Own, "views", Access::edit(Owner::ExperimentIfNamed), views::save),
        delete(Own, "views", Access::edit(Owner::ExperimentInQuery), views::delete),
        // Each root field has an access rule of its own: `RootField::ALL`.
        post(Root, "graphql", only_logged_in, graphql::execute),
        get(Ajax, "mlflow/gateway-proxy", only_logged_in, absent::gateway_endpoints),
        get(Ajax3, "mlflow/assistant/config", only_logged_in, absent::assistant_config),
        get(Ajax3, "mlflow/assistant/providers", only_logged_in, absent::assistant_providers),
        get(Ajax3, "mlflow/gateway/endpoints/bindings/list", only_logged_in, absent::nothing),
        get(Ajax3, "mlflow/gateway/endpoints/list", only_logged_in, absent::nothing),
        get(Ajax3, "mlflow/gateway/model-definitions/list", only_logged_in, absent::nothing),
        get(Ajax3, "mlflow/gateway/secrets/list", only_logged_in, absent::nothing),
        get(Ajax3, "mlflow/mcp-servers", only_logged_in, absent::mcp_servers),
        get(Ajax3, "mlflow/scorers/list", only_logged_in, absent::nothing),
        get(Ajax3, "mlflow/ui-telemetry", only_logged_in, absent::no_telemetry),
        post(Ajax3, "mlflow/ui-telemetry", only_logged_in, absent::nothing),
        post(Ajax3, "mlflow/datasets/search", only_logged_in, absent::nothing),
        post(Ajax3, "mlflow/issues/search", only_logged_in, absent::nothing),
        post(Ajax3, "mlflow/traces/metrics", only_logged_in, absent::nothing),
        post(Ajax3, "mlflow/traces/search", only_logged_in, absent::nothing),
    ]
}

/// Who one is; and what our pages about users ask for.
#[rustfmt::skip] // one row, one line
fn session_routes() -> Vec<Route> {
    vec![
        get(Own, "session", Access::Public, session::get),
        post(Own, "session", Access::Public, session::start).for_logins(),
        delete(Own, "session", Access::Public, session::end).for_logins(),
        get(Own, "tokens", Access::Authenticated, session::list_tokens).for_logins(),
        post(Own, "tokens", Access::Authenticated, session::create_token).for_logins(),
        delete(Own, "tokens/{id}", Access::Authenticated, session::delete_token).for_logins(),
        get(Own, "permissions", Access::Authenticated, permissions::on_resource).for_logins(),
        get(Own, "users/names", Access::Authenticated, permissions::user_names).for_logins(),
        get(Own, "audit", Access::Admin, session::audit).for_logins(),
    ]
}

/// Users and their grants, as MLflow's basic-auth app has them. Whose they are is for the handlers to see.
#[rustfmt::skip] // one row, one line
fn user_routes() -> Vec<Route> {
    let (itself, admin) = (Access::Authenticated, Access::Admin);
    let routes = vec![
        post(V2, "mlflow/users/create", admin, users::create),
        post(V2, "mlflow/users/create-ui", admin, users::create_by_form),
        get(V2, "mlflow/users/current", itself, users::current),
        get(V2, "mlflow/users/get", itself, users::get),
        get(V2, "mlflow/users/list", itself, users::list),
        patch(V2, "mlflow/users/update-password", itself, users::set_password),
        patch(V2, "mlflow/users/update-admin", admin, users::set_admin),
        delete(V2, "mlflow/users/delete", admin, users::delete),
        get(Root, "signup", admin, users::signup),
        get(V3, "mlflow/users/current/permissions", itself, permissions::list_own),
        get(V3, "mlflow/users/permissions/list", itself, permissions::list),
        get(V3, "mlflow/users/permissions/get", itself, permissions::get),
        post(V3, "mlflow/users/permissions/grant", itself, permissions::grant),
        post(V3, "mlflow/users/permissions/revoke", itself, permissions::revoke),
        post(V2, "mlflow/experiments/permissions/create", itself, permissions::create_of_experiment),
        get(V2, "mlflow/experiments/permissions/get", itself, permissions::get_of_experiment),
        patch(V2, "mlflow/experiments/permissions/update", itself, permissions::update_of_experiment),
        delete(V2, "mlflow/experiments/permissions/delete", itself, permissions::delete_of_experiment),
        post(V2, "mlflow/registered-models/permissions/create", itself, permissions::create_of_model),
        get(V2, "mlflow/registered-models/permissions/get", itself, permissions::get_of_model),
        patch(V2, "mlflow/registered-models/permissions/update", itself, permissions::update_of_model),
        delete(V2, "mlflow/registered-models/permissions/delete", itself, permissions::delete_of_model),
    ];
    routes.into_iter().map(Route::for_logins).collect()
}

#[rustfmt::skip] // one row, one line
fn role_routes() -> Vec<Route> {
    let itself = Access::Authenticated;
    let routes = vec![
        post(V3, "mlflow/roles/create", itself, roles::create),
        get(V3, "mlflow/roles/get", itself, roles::get),
        get(V3, "mlflow/roles/list", itself, roles::list),
        patch(V3, "mlflow/roles/update", itself, roles::update),
        delete(V3, "mlflow/roles/delete", itself, roles::delete),
        post(V3, "mlflow/roles/permissions/add", itself, roles::add_permission),
        patch(V3, "mlflow/roles/permissions/update", itself, roles::update_permission),
        delete(V3, "mlflow/roles/permissions/remove", itself, roles::remove_permission),
        get(V3, "mlflow/roles/permissions/list", itself, roles::list_permissions),
        post(V3, "mlflow/roles/assign", itself, roles::assign),
        delete(V3, "mlflow/roles/unassign", itself, roles::unassign),
        get(V3, "mlflow/roles/users/list", itself, roles::members),
        get(V3, "mlflow/users/roles/list", itself, roles::of_user),
    ];
    routes.into_iter().map(Route::for_logins).collect()
}

/// The router of a server: every row of the table, and clear answers for everything else.
pub fn router(app: &App) -> Router {
    let prefix = app.config.static_prefix.as_str();
    let mut router = Router::new();
    for route in table() {
        let is_served = route.is_for_artifacts || !app.config.artifacts_only;
        if is_served && (app.login.is_some() || !route.is_for_logins) {
            router = route.add_to(router, prefix);
        }
    }
    let login = from_fn_with_state(app.clone(), needs_login);
    let refusing = Router::new().fallback(refuse.layer(login.clone()));
    let router = if app.config.artifacts_only {
        router.fallback(only_artifacts_are_served.layer(login.clone()))
    } else {
        // As public as the row of `/`, whose page it answers with; or there is no such endpoint.
        router.fallback(pages::unrouted.layer(login.clone()))
    };
    let router = router
        .method_not_allowed_fallback(method_not_allowed.layer(login))
        .layer(from_fn_with_state(refusing, check))
        .with_state(app.clone());
    // A router puts `Allow` on after its own layers, so this one has to be around it.
    Router::new()
        .fallback_service(router)
        .layer(map_response(options_is_allowed))
}

/// Every path answers OPTIONS, so `Allow` says so, as MLflow's does.
async fn options_is_allowed(mut response: Response) -> Response {
    if let Some(Ok(allow)) = response.headers().get(header::ALLOW).map(HeaderValue::to_str)
        && !allow.contains("OPTIONS")
        && let Ok(with_options) = HeaderValue::from_str(&format!("{allow},OPTIONS"))
    {
        response.headers_mut().insert(header::ALLOW, with_options);
    }
    response
}

async fn only_artifacts_are_served() -> ApiError {
    ApiError::new(
        ErrorCode::TemporarilyUnavailable,
        "This server was started with --artifacts-only: it serves artifacts and nothing else.",
    )
}

/// The router adds `Allow`.
async fn method_not_allowed(request: Request) -> Response {
    if request.method() == Method::OPTIONS {
        return StatusCode::NO_CONTENT.into_response();
    }
    ApiError::new(
        ErrorCode::MethodNotAllowed,
        format!("{} is not allowed here", request.method()),
    )
    .into_response()
}
