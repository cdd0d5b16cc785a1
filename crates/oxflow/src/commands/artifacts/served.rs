//! Artifacts that go through a server: MLflow's `mlflow-artifacts` API.

use std::io;

use anyhow::{Context, Result, anyhow};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use ureq::Body;
use ureq::http::{HeaderValue, Method, Response, header};

use super::relative::RelativePath;
use crate::tracking::{Client, RequestError, Sent};

/// Where the API is. MLflow: `_ARTIFACTS_SERVICE_ROOT`.
pub const ARTIFACTS: &str = "/api/2.0/mlflow-artifacts/artifacts";
const MULTIPART: &str = "/api/2.0/mlflow-artifacts/mpu";

/// What a name in a path has to encode.
const NOT_IN_NAMES: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Statuses of a download that are no failure: a range that is not there.
const RANGE_NOT_THERE: [u16; 1] = [416];

/// A folder of artifacts on a server.
#[derive(Debug, Clone)]
pub struct Served {
    /// The server.
    pub client: Client,
    /// The folder, below the root of the server's artifacts.
    pub root: RelativePath,
}

/// A file or a folder in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its path, below what was listed.
    pub path: RelativePath,
    /// Whether it is a folder.
    pub is_dir: bool,
    /// Bytes, if the server says so.
    pub size: Option<u64>,
}

/// From where on a file is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Rest<'a> {
    /// The first byte.
    pub from: u64,
    /// The strong entity tag of the file that the bytes before came from.
    pub etag: &'a str,
}

impl Served {
    /// What is in a folder, by path; nothing for a file, and for what is not there.
    pub fn list(&self, folder: &RelativePath) -> Result<Vec<Entry>> {
        let path = encoded(self.root.join(folder)?.as_str());
        let answer = self
            .client
            .get_json(&format!("{ARTIFACTS}?path={}", path.replace('/', "%2F")))?;
        let files = match answer.get("files") {
            None => return Ok(Vec::new()),
            Some(files) => files
                .as_array()
                .ok_or_else(|| anyhow!("the server listed something else than files"))?,
        };
        let mut entries = files
            .iter()
            .map(|file| entry(folder, file))
            .collect::<Result<Vec<_>>>()
            .with_context(|| format!("the server's list of `{folder}` cannot be used"))?;
        entries.sort_by(|a, b| a.path.as_str().cmp(b.path.as_str()));
        Ok(entries)
    }

    /// Where a file is.
    pub fn url(&self, file: &RelativePath) -> Result<String> {
        Ok(format!("{}{}", self.client.address(), self.path(file)?))
    }

    fn path(&self, file: &RelativePath) -> Result<String> {
        Ok(format!("{ARTIFACTS}/{}", encoded(self.root.join(file)?.as_str())))
    }

    /// Begins to download a file, or the rest of it if it is still the same file.
    pub fn get(&self, file: &RelativePath, rest: Option<Rest<'_>>) -> Result<Response<Body>> {
        let mut exchange = self.client.request(Method::GET, &self.path(file)?);
        // Bytes as they are stored: a length and a digest are of these.
        exchange
            .headers
            .insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        exchange.accepted = &RANGE_NOT_THERE;
        if let Some(rest) = rest {
            exchange
                .headers
                .insert(header::RANGE, format!("bytes={}-", rest.from).parse()?);
            exchange.headers.insert(header::IF_RANGE, rest.etag.parse()?);
        }
        Ok(self.client.get(&exchange)?)
    }

    /// Uploads a file of a size, which is opened for each attempt.
    pub fn put<B: Sent>(
        &self,
        file: &RelativePath,
        size: u64,
        open: impl FnMut() -> io::Result<B>,
    ) -> Result<()> {
        let mut exchange = self.client.request(Method::PUT, &self.path(file)?);
        let bytes = HeaderValue::from_static("application/octet-stream");
        exchange.headers.insert(header::CONTENT_TYPE, bytes);
        self.client.send(exchange, size, open)?;
        Ok(())
    }

    /// Whether the server takes large files in parts. One that does not say so does not.
    pub fn takes_parts(&self) -> bool {
        let info = self.client.get_json("/api/3.0/mlflow/server-info");
        info.is_ok_and(|info| info.get("multipart_uploads_enabled") == Some(&Value::Bool(true)))
    }

    /// One of `create`, `complete` and `abort` of an upload in parts to a folder.
    pub fn multipart(&self, step: &str, folder: &RelativePath, body: &Value) -> Result<Value, RequestError> {
        let mut path = format!("{MULTIPART}/{step}");
        for name in self.root.names().chain(folder.names()) {
            path.push('/');
            path.extend(utf8_percent_encode(name, NOT_IN_NAMES));
        }
        self.client.post_json(&path, body)
    }
}

fn encoded(path: &str) -> String {
    let names: Vec<String> = path
        .split('/')
        .map(|name| utf8_percent_encode(name, NOT_IN_NAMES).to_string())
        .collect();
    names.join("/")
}

fn entry(folder: &RelativePath, file: &Value) -> Result<Entry> {
    let name = file.get("path").and_then(Value::as_str);
    let name = name.ok_or_else(|| anyhow!("a file has no path"))?;
    let size = file.get("file_size");
    Ok(Entry {
        path: folder.child(name)?,
        is_dir: file.get("is_dir").and_then(Value::as_bool).unwrap_or(false),
        size: size.and_then(|size| size.as_u64().or_else(|| size.as_str()?.parse().ok())),
    })
}
