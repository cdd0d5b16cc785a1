//! Downloads one file, and checks it.

use std::io::Read;

use anyhow::{Context, Result, anyhow, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use ureq::Body;
use ureq::http::{HeaderMap, Response, StatusCode, header};

use super::destination::{Destination, Folder};
use super::part::Part;
use super::progress::Progress;
use super::relative::RelativePath;
use super::served::{Rest, Served};

/// A file of which as much more is there than ever before gets as many attempts as at first. More than before: a server that
/// begins again each time brings many bytes and no headway.
const HEADWAY_BYTES: u64 = 1024 * 1024;
const BUFFER_BYTES: usize = 256 * 1024;

/// How a response ended.
enum End {
    /// All bytes are there, and right.
    Whole,
    /// The connection broke.
    BrokenOff(anyhow::Error),
    /// What is there does not fit what comes: begin again.
    Useless(anyhow::Error),
}

/// Downloads the file at `from` to `to` in the destination. Bytes of the same file that an earlier download left are
/// kept; the name appears when the file is whole. When that is interrupted it does not return.
pub fn file(
    served: &Served,
    from: &RelativePath,
    destination: &Destination,
    to: &RelativePath,
    progress: &Progress,
) -> Result<()> {
    let (folder, name) = to.split().ok_or_else(|| anyhow!("a file needs a name"))?;
    let first = served.get_or_rest(from, destination, &folder, name)?;
    progress.interruption().stop_here();
    let folder = destination.folder(&folder)?;
    let result = attempts(served, from, &folder, name, first, progress);
    result.with_context(|| format!("`{from}` was not downloaded"))
}

fn attempts(
    served: &Served,
    from: &RelativePath,
    folder: &Folder,
    name: &str,
    first: Option<Response<Body>>,
    progress: &Progress,
) -> Result<()> {
    let url = served.url(from)?;
    let opening = progress.interruption().busy();
    let mut part = Part::open(folder, name)?;
    let _open = progress.interruption().part(folder, &part);
    drop(opening);
    let mut first = first;
    let (mut retries, mut is_restarted) = (0, false);
    let mut furthest = part.length();
    loop {
        let etag = part.etag(&url);
        let rest = etag.as_deref().map(|etag| Rest {
            from: part.length(),
            etag,
        });
        let response = match first.take() {
            Some(response) => response,
            None => match served.get(from, rest) {
                Ok(response) => response,
                Err(error) => {
                    part.leave();
                    return Err(error);
                }
            },
        };
        let end = match receive(response, &mut part, &url, progress) {
            Ok(end) => end,
            Err(error) => {
                part.leave();
                return Err(error);
            }
        };
        match end {
            End::Whole => {
                part.finish()
                    .with_context(|| format!("could not write `{}`", folder.path_of(name).display()))?;
                progress.file_done();
                return Ok(());
            }
            End::Useless(why) if is_restarted => {
                part.discard();
                return Err(why);
            }
            End::Useless(_) => {
                is_restarted = true;
                progress.lost(part.length());
                part.restart(&url, None, None)?;
            }
            End::BrokenOff(why) => {
                if part.length() >= furthest.saturating_add(HEADWAY_BYTES) {
                    furthest = part.length();
                    retries = 0;
                }
                if retries >= served.client.max_retries() {
                    part.leave();
                    return Err(why);
                }
                retries += 1;
                served.client.pause(retries, None, &format!("`{from}`: {why}"));
            }
        }
    }
}

/// Takes a response into the part.
fn receive(response: Response<Body>, part: &mut Part<'_>, url: &str, progress: &Progress) -> Result<End> {
    let writing = || "could not write the file".to_owned();
    let headers = response.headers().clone();
    let wanted = digest(&headers);
    let mut hash = wanted.map(|_| Sha256::new());
    let length = number(&headers, header::CONTENT_LENGTH);
    let size = match response.status() {
        StatusCode::PARTIAL_CONTENT => {
            let range = headers
                .get(header::CONTENT_RANGE)
                .and_then(|range| range.to_str().ok());
            match range.and_then(content_range) {
                Some((from, size)) if from == part.length() => {
                    part.go_on(hash.as_mut()).with_context(writing)?;
                    progress.moved(from);
                    size
                }
                _ => {
                    return Ok(End::Useless(anyhow!(
                        "the server sent another part of the file than was asked for"
                    )));
                }
            }
        }
        StatusCode::RANGE_NOT_SATISFIABLE => {
            return Ok(End::Useless(anyhow!(
                "the server has no bytes where the rest of the file should begin"
            )));
        }
        _ => {
            let etag = headers.get(header::ETAG).and_then(|etag| etag.to_str().ok());
            part.restart(url, etag, length).with_context(writing)?;
            length
        }
    };
    let mut body = response.into_body().into_reader();
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let read = body.read(&mut buffer);
        progress.interruption().stop_here();
        match read {
            Ok(0) => break,
            Ok(count) => {
                if let Some(hash) = &mut hash {
                    hash.update(&buffer[..count]);
                }
                part.append(&buffer[..count]).with_context(writing)?;
                progress.moved(count as u64);
            }
            Err(error) => {
                return Ok(broken_off(
                    part,
                    anyhow!(error).context("the connection broke off"),
                    progress,
                ));
            }
        }
    }
    if let Some(size) = size.filter(|size| *size > part.length()) {
        let why = anyhow!("the connection ended after {} of {size} bytes", part.length());
        return Ok(broken_off(part, why, progress));
    }
    if let Some(size) = size.filter(|size| *size < part.length()) {
        return Ok(End::Useless(anyhow!(
            "{} bytes came for a file of {size}",
            part.length()
        )));
    }
    if hash.map(|hash| <[u8; 32]>::from(hash.finalize())) != wanted {
        return Ok(End::Useless(anyhow!(
            "the bytes do not match the SHA-256 that the server gave for them"
        )));
    }
    Ok(End::Whole)
}

/// What is there is counted again when the next response goes on with it.
fn broken_off(part: &Part<'_>, why: anyhow::Error, progress: &Progress) -> End {
    progress.lost(part.length());
    End::BrokenOff(why)
}

fn number(headers: &HeaderMap, name: header::HeaderName) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// First byte and size of the whole: `bytes 5-9/10`. `None` for the whole if it is unknown.
fn content_range(range: &str) -> Option<(u64, Option<u64>)> {
    let (range, size) = range.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (from, _) = range.split_once('-')?;
    let size = if size == "*" {
        None
    } else {
        Some(size.parse().ok()?)
    };
    Some((from.parse().ok()?, size))
}

/// The SHA-256 of the whole file, if the server gives one: `Repr-Digest: sha-256=:…:`. RFC 9530, section 3.
fn digest(headers: &HeaderMap) -> Option<[u8; 32]> {
    let values = headers
        .get_all("repr-digest")
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    let mut members = values.flat_map(|value| value.split(','));
    let encoded = members.find_map(|member| member.trim().strip_prefix("sha-256=:")?.split(':').next())?;
    STANDARD.decode(encoded).ok()?.try_into().ok()
}

impl Served {
    /// The first response for a file of which nothing was downloaded before, so that no folder is made for a file that
    /// is not there; `None` if there is a part to go on with.
    fn get_or_rest(
        &self,
        from: &RelativePath,
        destination: &Destination,
        folder: &RelativePath,
        name: &str,
    ) -> Result<Option<Response<Body>>> {
        let place = destination.path_of(folder);
        if place.join(format!("{name}.oxflow-part")).exists() {
            return Ok(None);
        }
        let response = self.get(from, None)?;
        if response.status() == StatusCode::RANGE_NOT_SATISFIABLE {
            bail!("the server answered a download without a range with status 416");
        }
        Ok(Some(response))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_digests_are_read() {
        assert_eq!(content_range("bytes 5-9/10"), Some((5, Some(10))));
        assert_eq!(content_range("bytes 5-9/*"), Some((5, None)));
        assert_eq!(
            (content_range("bytes */10"), content_range("5-9/10")),
            (None, None)
        );
        let headers =
            |value: &str| HeaderMap::from_iter([("repr-digest".parse().unwrap(), value.parse().unwrap())]);
        let sum: [u8; 32] = Sha256::digest(b"x").into();
        let encoded = STANDARD.encode(sum);
        assert_eq!(digest(&headers(&format!("sha-256=:{encoded}:"))), Some(sum));
        assert_eq!(
            digest(&headers(&format!("md5=:AAAA:, sha-256=:{encoded}:;a=1"))),
            Some(sum)
        );
        assert_eq!(digest(&headers("sha-256=:AAAA:")), None);
        assert_eq!(digest(&headers("sha-512=:AAAA:")), None);
    }
}
