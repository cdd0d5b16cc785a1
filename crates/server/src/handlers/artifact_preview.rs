//! Artifacts that a browser shows by itself: web pages and PDF.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use oxflow_artifacts::ArtifactPath;
use oxflow_auth::Permission;
use oxflow_core::Invalid;
use oxflow_wire::RunArtifact;

use super::artifact_files::{Caching, Presentation, content_disposition, respond_as};
use super::fields::run_id;
use super::run_artifacts::{open, run_root};
use crate::authorize::Caller;
use crate::extract::QueryFieldsOf;
use crate::{ApiError, App};

/// What a stored web page may do: run the scripts and styles that it holds itself.
///
/// `sandbox` gives it an origin of its own wherever it is opened, so that it has no cookies, no storage and nothing of
/// the page around it. Nothing is fetched from anywhere. No policy of its own keeps a page from going elsewhere with what it
/// holds in the address; that of the page with its frame does ([`FRAMING_POLICY`]). Plotly's pages need `unsafe-eval`
/// and `blob:`. docs/api.md.
const PAGE_POLICY: &str = "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' data: blob:; \
     style-src 'unsafe-inline' data: blob:; img-src data: blob:; font-src data: blob:; media-src data: blob:; \
     connect-src data: blob:; worker-src data: blob:; frame-src data: blob:; form-action 'none'; base-uri 'none'; \
     frame-ancestors 'self'";

/// What a PDF may do: nothing. Viewers of browsers refuse to work in a sandbox; they are separate from the pages of the server.
const PDF_POLICY: &str = "default-src 'none'; frame-ancestors 'self'";

/// What the page around a stored page may do: show it. Its frame can go nowhere but to this server.
const FRAMING_POLICY: &str = "default-src 'none'; frame-src 'self'; style-src 'sha256-Apyktckb/ejvW5DD4ynkj/+N2CGpcPZ9BpOdXuy4prk='; \
     form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/// The one style of that page; the policy names its hash.
const FRAMING_STYLE: &str = "html,body,iframe{margin:0;border:0;width:100%;height:100%;display:block}";

/// Whether the answer depends on where it is shown.
const VARIES: HeaderValue = HeaderValue::from_static("sec-fetch-dest");

/// What is added to the address of a page in a frame: browsers show no page within itself.
const IN_FRAME: &str = "&framed=1";

/// Shows a file of a run in the browser.
pub(crate) async fn show(
    State(app): State<App>,
    caller: Caller,
    QueryFieldsOf(req): QueryFieldsOf<RunArtifact>,
    address: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let id = run_id(req.run_id, req.run_uuid)?;
    let path = ArtifactPath::parse(&req.path.required("path")?)?;
    let presentation = presentation(path.file_name())?;
    let (_, root) = run_root(&app, &caller, id, Permission::Read).await?;
    let file = open(&app, &root, &path).await?;
    let is_page = presentation.security_policy == PAGE_POLICY;
    if is_page && is_window_of_its_own(&headers) {
        return Ok(in_a_frame(path.file_name(), address.query().unwrap_or_default()));
    }
    let mut response = respond_as(&presentation, file, &headers, Caching::Revalidate)?;
    if is_page {
        response.headers_mut().insert(header::VARY, VARIES);
    }
    Ok(response)
}

/// Whether a browser asks for what it shows in a window, not in a frame. Browsers say so to whom they trust to be the one
/// they mean: over HTTPS, and on the same machine.
fn is_window_of_its_own(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-dest")
        .is_some_and(|destination| destination == "document")
}

/// A page of ours with nothing but a frame for the page at the same address.
fn in_a_frame(name: &str, query: &str) -> Response {
    let inner = match query.strip_suffix(IN_FRAME) {
        Some(outer) => outer.to_owned(),
        None => format!("{query}{IN_FRAME}"),
    };
    let page = format!(
        "<!doctype html>\n<meta charset=\"utf-8\">\n<title>{}</title>\n<style>{FRAMING_STYLE}</style>\n\
         <iframe sandbox=\"allow-scripts\" src=\"?{}\"></iframe>\n",
        escaped(name),
        escaped(&inner),
    );
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static(FRAMING_POLICY),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::VARY, VARIES),
    ];
    (headers, page).into_response()
}

/// As a text or within quotes in HTML.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
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
