//! What is in a folder of an object store.

use futures::TryStreamExt;
use futures::stream::{BoxStream, StreamExt, try_unfold};
use object_store::GetOptions;
use object_store::list::PaginatedListOptions;
use object_store::path::Path as Key;

use super::bucket::ObjectFolder;
use crate::error::{ArtifactError, Result};
use crate::listing::{Entry, EntryPage, InvalidListToken, ListToken, PageWanted};
use crate::path::ArtifactPath;

const LIST: &str = "list the artifacts";

/// Keys asked for at once: the most that S3 answers.
const PAGE: usize = 1000;

impl ObjectFolder {
    /// Direct children of a folder, sorted by name in byte order. Names that no request could ask for are left out.
    pub(crate) async fn list(&self, folder: Option<&ArtifactPath>) -> Result<Vec<Entry>> {
        let prefix = self.prefix(folder)?;
        let mut entries = Vec::new();
        let mut token = None;
        loop {
            let found = self.children(&prefix, PAGE, token).await;
            let found = found.map_err(|error| self.failure(LIST, error))?;
            entries.extend(found.entries);
            token = found.next;
            if token.is_none() {
                break;
            }
        }
        entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    /// A part of the same, in the order of the store.
    pub(crate) async fn list_page(
        &self,
        folder: Option<&ArtifactPath>,
        wanted: &PageWanted,
    ) -> Result<EntryPage> {
        let prefix = self.prefix(folder)?;
        let mut page = EntryPage {
            entries: Vec::new(),
            next: wanted.after.clone(),
        };
        loop {
            let missing = wanted.max_entries.get() - page.entries.len();
            let is_given = page.entries.is_empty() && page.next.is_some();
            let found = self.children(&prefix, missing.min(PAGE), page.next).await;
            let found = found.map_err(|error| match is_given && is_bad_request(&error) {
                true => InvalidListToken.into(),
                false => self.failure(LIST, error),
            })?;
            page.entries.extend(found.entries);
            page.next = found.next;
            if page.next.is_none() || page.entries.len() >= wanted.max_entries.get() {
                return Ok(page);
            }
        }
    }

    /// One answer of the store.
    async fn children(
        &self,
        prefix: &str,
        max_keys: usize,
        after: Option<ListToken>,
    ) -> object_store::Result<EntryPage> {
        let options = PaginatedListOptions {
            delimiter: Some("/".into()),
            max_keys: Some(max_keys),
            page_token: after.map(|token| token.inner().to_owned()),
            ..PaginatedListOptions::default()
        };
        let found = self.store.list_paginated(non_empty(prefix), options).await?;
        let folders = found.result.common_prefixes.iter().map(|key| (key, true, 0));
        let files = found
            .result
            .objects
            .iter()
            .map(|object| (&object.location, false, object.size));
        let entry = |(key, is_dir, size_bytes)| {
            child(prefix, key).map(|name| Entry {
                name,
                is_dir,
                size_bytes,
            })
        };
        let mut entries: Vec<Entry> = folders.chain(files).filter_map(entry).collect();
        entries.sort_unstable_by(|a, b| in_key(a).cmp(in_key(b)));
        Ok(EntryPage {
            entries,
            next: found.page_token.map(ListToken::of),
        })
    }

    /// Whether there is anything in a folder.
    pub(super) async fn has_children(&self, folder: &ArtifactPath) -> Result<bool> {
        let prefix = self.prefix(Some(folder))?;
        let options = PaginatedListOptions {
            max_keys: Some(1),
            ..PaginatedListOptions::default()
        };
        let found = self.store.list_paginated(Some(&prefix), options).await;
        let found = found.map_err(|error| self.failure(LIST, error))?;
        Ok(!found.result.objects.is_empty())
    }

    /// The key of a path, if there is an object of exactly that name.
    pub(super) async fn own_key(&self, path: &ArtifactPath) -> Result<Option<Key>> {
        let key = self.key(path)?;
        if self.is_azure() {
            // `object_store` leaves out of lists there what is exactly the prefix.
            return match self.store.get_opts(&key, GetOptions::new().with_head(true)).await {
                Ok(_) => Ok(Some(key)),
                Err(object_store::Error::NotFound { .. }) => Ok(None),
                Err(error) => Err(self.failure("read the artifact", error)),
            };
        }
        // Of all keys that begin so it is the first. Stores that are folders themselves have no good answer to a look at the
        // name of a folder, which this mostly is.
        let options = PaginatedListOptions {
            max_keys: Some(1),
            ..PaginatedListOptions::default()
        };
        let found = self.store.list_paginated(Some(key.as_ref()), options).await;
        let found = found.map_err(|error| self.failure(LIST, error))?;
        let is_there = found.result.objects.iter().any(|object| object.location == key);
        Ok(is_there.then_some(key))
    }

    /// All keys below a folder, however deep, a page at a time.
    pub(super) fn keys_below(&self, prefix: String) -> BoxStream<'_, Result<Key>> {
        let first: Option<Option<String>> = Some(None);
        let pages = try_unfold((first, prefix), move |(token, prefix)| async move {
            let Some(token) = token else {
                return Ok::<_, ArtifactError>(None);
            };
            let options = PaginatedListOptions {
                max_keys: Some(PAGE),
                page_token: token,
                ..PaginatedListOptions::default()
            };
            let found = self.store.list_paginated(non_empty(&prefix), options).await;
            let found = found.map_err(|error| self.failure(LIST, error))?;
            let keys: Vec<Result<Key>> = found
                .result
                .objects
                .into_iter()
                .map(|object| Ok(object.location))
                .collect();
            let next = found.page_token.map(Some);
            Ok(Some((futures::stream::iter(keys), (next, prefix))))
        });
        pages.try_flatten().boxed()
    }
}

/// The name as it stands in keys.
fn in_key(entry: &Entry) -> impl Iterator<Item = u8> {
    entry.name.bytes().chain(entry.is_dir.then_some(b'/'))
}

/// Whether the store says that what it was asked is wrong.
fn is_bad_request(error: &object_store::Error) -> bool {
    let object_store::Error::Generic { source, .. } = error else {
        return false;
    };
    let mut cause: Option<&dyn std::error::Error> = Some(source.as_ref());
    while let Some(error) = cause {
        if error.to_string().contains("400 Bad Request") {
            return true;
        }
        cause = error.source();
    }
    false
}

fn non_empty(prefix: &str) -> Option<&str> {
    (!prefix.is_empty()).then_some(prefix)
}

/// The name of a direct child. `None` for the folder's own marker, and for names that are no path.
fn child(prefix: &str, key: &Key) -> Option<String> {
    let name = key.as_ref().strip_prefix(prefix)?;
    let is_name = !name.is_empty() && !name.contains('/') && ArtifactPath::parse(name).is_ok();
    is_name.then(|| name.to_owned())
}
