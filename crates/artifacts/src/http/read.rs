//! Reading a file of a web server as a stream.

use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::{Buf, Bytes};
use chrono::DateTime;
use futures::{Stream, StreamExt, TryStreamExt};
use reqwest::header::{
    CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderMap, HeaderName, IF_MATCH, LAST_MODIFIED, LOCATION, RANGE,
};
use reqwest::{Response, StatusCode};
use url::Url;

use super::HttpFolder;
use crate::error::{Result, Target};

const WHAT: &str = "read the artifact";

/// A file as it was when it was looked up.
#[derive(Debug)]
pub(crate) struct HttpFile {
    folder: Arc<HttpFolder>,
    url: Url,
    size_bytes: u64,
    /// As the server wrote it.
    etag: Option<String>,
    /// As the server wrote it.
    modified: Option<String>,
    last_modified: SystemTime,
}

impl HttpFolder {
    /// Looks a file up. Its bytes are asked for when they are streamed.
    pub(crate) async fn open_file(self: Arc<Self>, target: &Target) -> Result<HttpFile> {
        let url = self.address.url(Some(&target.full));
        let found = self.send(WHAT, self.client.head(url.clone())).await?;
        match found.status() {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND | StatusCode::GONE => return Err(target.not_found()),
            status if status.is_redirection() && is_to_folder(&found, &url) => {
                return Err(target.is_directory());
            }
            status => return Err(self.refusal(WHAT, status)),
        }
        let headers = found.headers();
        let (etag, modified) = (text(headers, ETAG), text(headers, LAST_MODIFIED));
        // The page that some servers make of a folder.
        if etag.is_none() && modified.is_none() && self.is_folder(&url).await? {
            return Err(target.is_directory());
        }
        let size_bytes = text(headers, CONTENT_LENGTH).and_then(|length| length.parse().ok());
        let size_bytes =
            size_bytes.ok_or_else(|| self.not_offered(WHAT, "does not say how long the file is"))?;
        Ok(HttpFile {
            size_bytes,
            last_modified: modified
                .as_deref()
                .and_then(|date| DateTime::parse_from_rfc2822(date).ok())
                // Nobody has it from before then.
                .map_or_else(SystemTime::now, SystemTime::from),
            etag,
            modified,
            folder: self,
            url,
        })
    }
}

/// Whether a redirect does no more than to add the slash that names of folders end with.
fn is_to_folder(redirect: &Response, url: &Url) -> bool {
    let location = text(redirect.headers(), LOCATION).and_then(|location| url.join(&location).ok());
    location.is_some_and(|location| location.path().strip_suffix('/') == Some(url.path()))
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?;
    Some(text.to_owned())
}

impl HttpFile {
    pub(crate) fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    pub(crate) fn last_modified(&self) -> SystemTime {
        self.last_modified
    }

    /// The server's entity tag with its quotes; one of size and time if it has none, or a weak one.
    pub(crate) fn etag(&self) -> String {
        self.strong_etag().map_or_else(
            || {
                let at = DateTime::<chrono::Utc>::from(self.last_modified).timestamp_micros();
                format!("\"{:x}-{at:x}\"", self.size_bytes)
            },
            str::to_owned,
        )
    }

    fn strong_etag(&self) -> Option<&str> {
        let is_strong = |tag: &&str| tag.len() > 2 && tag.starts_with('"') && tag.ends_with('"');
        self.etag.as_deref().filter(is_strong)
    }

    /// Streams the bytes of a range within its size. A file that was replaced since it was looked up ends the stream with an
    /// error, and so does a body that is not as long as it was said to be.
    pub(crate) fn into_stream(
        self,
        range: Range<u64>,
    ) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        let opening = async move {
            if range.is_empty() {
                return Ok(futures::stream::empty().boxed());
            }
            let reading = self.get(range).await?;
            Ok::<_, io::Error>(futures::stream::try_unfold(reading, Reading::next).boxed())
        };
        futures::stream::once(opening).try_flatten()
    }

    async fn get(self, range: Range<u64>) -> io::Result<Reading> {
        let Range { start, end } = range;
        let is_whole = (start, end) == (0, self.size_bytes);
        let mut request = self.folder.client.get(self.url.clone());
        if !is_whole {
            request = request.header(RANGE, format!("bytes={start}-{}", end - 1));
        }
        if let Some(tag) = self.strong_etag() {
            request = request.header(IF_MATCH, tag);
        }
        let response = self.folder.send(WHAT, request).await.map_err(io::Error::other)?;
        let (skip, length) = match response.status() {
            // Servers without ranges send all of it.
            StatusCode::OK => (start, self.size_bytes),
            StatusCode::PARTIAL_CONTENT if self.is_range(&response, start, end) => (0, end - start),
            StatusCode::PARTIAL_CONTENT
            | StatusCode::PRECONDITION_FAILED
            | StatusCode::RANGE_NOT_SATISFIABLE
            | StatusCode::NOT_FOUND
            | StatusCode::GONE => return Err(replaced()),
            status => return Err(io::Error::other(self.folder.refusal(WHAT, status))),
        };
        // With the length stated, the client fails at a body that is shorter, and reads none that is longer.
        if !self.is_still_there(&response) || response.content_length() != Some(length) {
            return Err(replaced());
        }
        Ok(Reading {
            response,
            skip,
            left: end - start,
        })
    }

    /// Whether a part of the file is the wanted one, and of a file as long.
    fn is_range(&self, response: &Response, start: u64, end: u64) -> bool {
        let wanted = format!("bytes {start}-{}/{}", end - 1, self.size_bytes);
        text(response.headers(), CONTENT_RANGE).is_some_and(|range| range == wanted)
    }

    fn is_still_there(&self, response: &Response) -> bool {
        match &self.etag {
            Some(_) => text(response.headers(), ETAG) == self.etag,
            None => text(response.headers(), LAST_MODIFIED) == self.modified,
        }
    }
}

fn replaced() -> io::Error {
    io::Error::other("the file was replaced while it was read")
}

/// What is left to read.
struct Reading {
    response: Response,
    /// Bytes in front of the range.
    skip: u64,
    left: u64,
}

impl Reading {
    async fn next(mut self) -> io::Result<Option<(Bytes, Self)>> {
        while self.left > 0 {
            let chunk = self.response.chunk().await.map_err(io::Error::other)?;
            let mut chunk = chunk.ok_or(io::ErrorKind::UnexpectedEof)?;
            let skipped = self.skip.min(chunk.len() as u64);
            self.skip -= skipped;
            // Both fit, because a chunk is as long at least.
            chunk.advance(skipped as usize);
            chunk.truncate(self.left.min(chunk.len() as u64) as usize);
            if !chunk.is_empty() {
                self.left -= chunk.len() as u64;
                return Ok(Some((chunk, self)));
            }
        }
        Ok(None)
    }
}
