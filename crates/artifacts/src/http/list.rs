//! What is in a folder of a web server that speaks WebDAV.
//!
//! Source: RFC 4918, section 9.1.

use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, Response, StatusCode};
use serde::Deserialize;
use serde::de::IgnoredAny;
use url::Url;

use super::HttpFolder;
use crate::error::Result;
use crate::listing::Entry;
use crate::location::decode;
use crate::path::ArtifactPath;

const WHAT: &str = "list the artifacts";

/// Longest list, in bytes: about 20 000 names.
const MAX_LIST_BYTES: usize = 8 * 1024 * 1024;

const WANTED: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<propfind xmlns="DAV:"><prop><resourcetype/><getcontentlength/></prop></propfind>"#;

/// The answer, of which a name may come in any namespace. Servers put what they do not know into a `propstat` of its own.
#[derive(Deserialize)]
struct Multistatus {
    #[serde(default)]
    response: Vec<Found>,
}

#[derive(Deserialize)]
struct Found {
    href: String,
    #[serde(default)]
    propstat: Vec<Propstat>,
}

#[derive(Deserialize)]
struct Propstat {
    #[serde(default)]
    prop: Prop,
}

#[derive(Deserialize, Default)]
struct Prop {
    #[serde(default)]
    resourcetype: ResourceType,
    getcontentlength: Option<String>,
}

#[derive(Deserialize, Default)]
struct ResourceType {
    collection: Option<IgnoredAny>,
}

impl Found {
    fn is_folder(&self) -> bool {
        self.props().any(|prop| prop.resourcetype.collection.is_some())
    }

    fn size_bytes(&self) -> u64 {
        let mut sizes = self.props().filter_map(|prop| prop.getcontentlength.as_deref());
        sizes.find_map(|size| size.trim().parse().ok()).unwrap_or(0)
    }

    fn props(&self) -> impl Iterator<Item = &Prop> {
        self.propstat.iter().map(|propstat| &propstat.prop)
    }
}

impl HttpFolder {
    /// Direct children of a folder, sorted by name in byte order. Names that no request could ask for are left out.
    pub(crate) async fn list(&self, folder: Option<&ArtifactPath>) -> Result<Vec<Entry>> {
        let mut url = self.address.url(folder);
        url.path_segments_mut()
            .expect("URLs with a host have a path")
            .pop_if_empty()
            .push("");
        let answer = self.propfind(&url, "1").await?;
        match answer.status() {
            StatusCode::MULTI_STATUS => {}
            StatusCode::NOT_FOUND | StatusCode::GONE => return Ok(Vec::new()),
            status if has_no_webdav(status) => {
                return Err(self.not_offered(
                    WHAT,
                    "offers no list of its files (WebDAV); they can be downloaded by their names",
                ));
            }
            status => return Err(self.refusal(WHAT, status)),
        }
        let found = self.read(answer).await?;
        let names = found.iter().map(|found| name(&url, &found.href));
        let names: Vec<Option<String>> = names.collect();
        // As behind a proxy that renames folders. The folder itself is always in its list.
        if names.iter().all(Option::is_none) {
            return Err(self.not_offered(WHAT, "lists the files of another folder than was asked for"));
        }
        let is_child = |name: &String| !name.contains('/') && ArtifactPath::parse(name).is_ok();
        let children = found.iter().zip(names);
        let entries = children.filter_map(|(found, name)| {
            let is_dir = found.is_folder();
            Some(Entry {
                name: name.filter(is_child)?,
                is_dir,
                size_bytes: if is_dir { 0 } else { found.size_bytes() },
            })
        });
        let mut entries: Vec<Entry> = entries.collect();
        entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }

    /// Whether a server that speaks WebDAV says that there is a folder.
    pub(super) async fn is_folder(&self, url: &Url) -> Result<bool> {
        let answer = self.propfind(url, "0").await?;
        if answer.status() != StatusCode::MULTI_STATUS {
            return Ok(false);
        }
        Ok(self.read(answer).await?.iter().any(Found::is_folder))
    }

    async fn propfind(&self, url: &Url, depth: &'static str) -> Result<Response> {
        let method = Method::from_bytes(b"PROPFIND").expect("letters make a method");
        let request = self
            .client
            .request(method, url.clone())
            .header("Depth", depth)
            .header(CONTENT_TYPE, "application/xml")
            .body(WANTED);
        self.send(WHAT, request).await
    }

    async fn read(&self, mut answer: Response) -> Result<Vec<Found>> {
        let mut xml = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| self.failed(WHAT, error))? {
            if xml.len() + chunk.len() > MAX_LIST_BYTES {
                return Err(self.not_offered(WHAT, "has a list of over 8 MiB, which is too long to show"));
            }
            xml.extend_from_slice(&chunk);
        }
        let read: std::result::Result<Multistatus, _> = quick_xml::de::from_reader(xml.as_slice());
        Ok(read.map_err(|error| self.failed(WHAT, error))?.response)
    }
}

/// What servers answer that know no `PROPFIND`, or take it for a `GET`.
fn has_no_webdav(status: StatusCode) -> bool {
    let is_unknown = matches!(
        status,
        StatusCode::BAD_REQUEST | StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED
    );
    is_unknown || status.is_success()
}

/// What an address stands for below a folder: its name, empty for the folder itself. `None` if it is elsewhere.
fn name(folder: &Url, href: &str) -> Option<String> {
    let path = decode(folder.join(href.trim()).ok()?.path())?;
    let folder = decode(folder.path())?;
    let below = path.strip_prefix(folder.trim_end_matches('/'))?;
    let is_inside = below.is_empty() || below.starts_with('/');
    is_inside.then(|| below.trim_matches('/').to_owned())
}
