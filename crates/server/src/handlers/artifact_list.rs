//! Lists of folders: whole, as MLflow's clients want them, or by pages.

use std::convert::Infallible;
use std::num::NonZeroUsize;

use axum::Json;
use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use oxflow_artifacts::{ArtifactPath, Entry, EntryPage, ListToken, PageWanted, ServableLocation};
use oxflow_core::limits::MAX_ARTIFACTS_LISTED;
use oxflow_wire::{ArtifactsListed, Field, FileJson, Int64};

use super::fields::page_size;
use crate::{ApiError, App};

/// Entries that are written at once: some 100 KiB.
const ENTRIES_AT_ONCE: usize = 1000;

/// Reads which part of a list is asked for; `None` for all of it. MLflow knows no pages here: without `max_results`,
/// `page_token` is not looked at, as there.
pub(super) fn page_wanted(
    max_results: Field<Int64>,
    page_token: Field<String>,
) -> Result<Option<PageWanted>, ApiError> {
    let Some(max) = max_results.optional("max_results")? else {
        return Ok(None);
    };
    let max = page_size(max, MAX_ARTIFACTS_LISTED)?;
    let Some(max_entries) = usize::try_from(max).ok().and_then(NonZeroUsize::new) else {
        return Ok(None);
    };
    let token = page_token
        .optional("page_token")?
        .filter(|token| !token.is_empty());
    let after = token.map(|token| ListToken::parse(&token)).transpose();
    let after = after.map_err(oxflow_artifacts::ArtifactError::from)?;
    Ok(Some(PageWanted { max_entries, after }))
}

/// Lists a folder. Paths begin with `shown`, where the endpoint prints whole paths.
pub(super) async fn find(
    app: &App,
    root_uri: Option<String>,
    (root, directory): (&ServableLocation, Option<&ArtifactPath>),
    wanted: Option<PageWanted>,
    shown: Option<&ArtifactPath>,
) -> Result<Listing, ApiError> {
    let page = match wanted {
        Some(wanted) => app.artifacts.list_page(root, directory, wanted).await?,
        None => EntryPage {
            entries: app.artifacts.list(root, directory).await?,
            next: None,
        },
    };
    Ok(Listing {
        root_uri,
        page,
        shown: shown.map_or_else(String::new, |folder| format!("{folder}/")),
    })
}

/// What is in a folder. As an answer, no more than a thousand of its entries are JSON at the same time.
pub(crate) struct Listing {
    root_uri: Option<String>,
    page: EntryPage,
    /// What paths begin with.
    shown: String,
}

impl Listing {
    /// All of it at once.
    pub(crate) fn into_json(mut self) -> ArtifactsListed {
        let entries = std::mem::take(&mut self.page.entries);
        let files = entries.into_iter().map(|entry| file_json(entry, &self.shown));
        let files = files.collect();
        ArtifactsListed {
            files,
            ..self.without_files()
        }
    }

    fn without_files(&self) -> ArtifactsListed {
        ArtifactsListed {
            root_uri: self.root_uri.clone(),
            files: Vec::new(),
            next_page_token: self.page.next.as_ref().map(ListToken::to_string),
        }
    }
}

impl IntoResponse for Listing {
    fn into_response(self) -> Response {
        if self.page.entries.len() <= ENTRIES_AT_ONCE {
            return Json(self.into_json()).into_response();
        }
        let mut head = json(&self.without_files());
        // `{}` or `{"root_uri":…}`: the files go before the bracket.
        head.pop();
        let comma = if head.len() > 1 { "," } else { "" };
        head.extend_from_slice(format!("{comma}\"files\":[").as_bytes());
        let (mut entries, shown) = (self.page.entries.into_iter(), self.shown);
        let mut separator: &[u8] = b"";
        let pieces = std::iter::from_fn(move || {
            let mut piece = Vec::new();
            for entry in entries.by_ref().take(ENTRIES_AT_ONCE) {
                piece.extend_from_slice(std::mem::replace(&mut separator, b","));
                piece.extend_from_slice(&json(&file_json(entry, &shown)));
            }
            (!piece.is_empty()).then_some(piece)
        });
        let all = std::iter::once(head).chain(pieces);
        let all = all.chain(std::iter::once(b"]}".to_vec()));
        let all = all.map(|piece| Ok::<_, Infallible>(Bytes::from(piece)));
        let body = Body::from_stream(futures::stream::iter(all));
        ([(header::CONTENT_TYPE, "application/json")], body).into_response()
    }
}

fn json(value: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("texts and numbers can be written as JSON")
}

fn file_json(entry: Entry, folder: &str) -> FileJson {
    let path = match folder {
        "" => entry.name,
        folder => format!("{folder}{}", entry.name),
    };
    let size = i64::try_from(entry.size_bytes).unwrap_or(i64::MAX);
    FileJson {
        path,
        is_dir: entry.is_dir,
        file_size: (!entry.is_dir && size > 0).then_some(size),
    }
}
