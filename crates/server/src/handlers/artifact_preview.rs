//! Artifacts that a browser shows by itself: web pages and PDF.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use oxflow_artifacts::ArtifactPath;
use oxflow_core::Invalid;
use oxflow_wire::RunArtifact;

use super::artifact_files::{Caching, Presentation, content_disposition, respond_as};
use super::fields::run_id;
use super::run_artifacts::{open, run_root};
use crate::extract::QueryFieldsOf;
use crate::{ApiError, App};

/// What a stored web page may do: run the scripts and styles that it holds itself.
///
/// `sandbox` gives it an origin of its own wherever it is opened, so that it has no cookies, no storage and nothing of
/// the page around it, and without `allow-popups`, `allow-forms`, `allow-top-navigation` and the like it stays where it
/// is. Nothing is fetched from anywhere: it cannot tell others what it holds. Plotly's pages need `unsafe-eval` and
/// `blob:`. docs/api.md.
const PAGE_POLICY: &str = "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' data: blob:; \
     style-src 'unsafe-inline' data: blob:; img-src data: blob:; font-src data: blob:; media-src data: blob:; \
     connect-src data: blob:; worker-src data: blob:; frame-src data: blob:; form-action 'none'; base-uri 'none'; \
     frame-ancestors 'self'";

/// What a PDF may do: nothing. Viewers of browsers refuse to work in a sandbox; they are separate from the pages of the server.
const PDF_POLICY: &str = "default-src 'none'; frame-ancestors 'self'";

/// Shows a file of a run in the browser.
pub(crate) async fn show(
    State(app): State<App>,
    QueryFieldsOf(req): QueryFieldsOf<RunArtifact>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let id = run_id(req.run_id, req.run_uuid)?;
    let path = ArtifactPath::parse(&req.path.required("path")?)?;
    let presentation = presentation(path.file_name())?;
    let (_, root) = run_root(&app, id).await?;
    let file = open(&app, &root, &path).await?;
    respond_as(&presentation, file, &headers, Caching::Revalidate)
}

/// By the name alone, as for downloads.
fn presentation(name: &str) -> Result<Presentation, Invalid> {
    let ending = name
        .rsplit_once('.')
        .map_or("", |(_, ending)| ending)
        .to_ascii_lowercase();
    let (content_type, security_policy) = match ending.as_str() {
        "html" | "htm" => ("text/html; charset=utf-8", PAGE_POLICY),
        "pdf" => ("application/pdf", PDF_POLICY),
        _ => {
            return Err(Invalid::new(format!(
                "only .html, .htm and .pdf files are shown this way, and `{name}` is none; download it with get-artifact"
            )));
        }
    };
    Ok(Presentation {
        content_type: content_type.to_owned(),
        content_disposition: content_disposition("inline", name),
        security_policy,
    })
}
