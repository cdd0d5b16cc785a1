//! Uploads of large files in parts, straight to the store behind a server that offers it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, anyhow};
use serde_json::{Value, json};
use ureq::http::{HeaderMap, HeaderName, HeaderValue, Method, header};

use super::jobs::{self, Failures};
use super::piece::Source;
use super::progress::Progress;
use super::relative::RelativePath;
use super::served::Served;
use crate::env::Env;
use crate::failure::Failure;
use crate::tracking::{Client, RequestError, ServerAddress, tell};

/// Most parts of one file, as object stores have it.
const MAX_PARTS: u64 = 10_000;

/// Which files go in parts, and which parts.
#[derive(Debug, Clone, Copy)]
pub struct PartSizes {
    /// Smaller files go in one piece, bytes.
    pub minimum_file: u64,
    /// Of all parts but the last, bytes.
    pub part: u64,
}

impl PartSizes {
    /// As the variables of MLflow's clients say; 500 MiB and 10 MiB.
    pub fn from_env(env: &Env) -> Result<Self, Failure> {
        Ok(Self {
            minimum_file: bytes(env, "MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE", 500 << 20)?,
            part: bytes(env, "MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE", 10 << 20)?,
        })
    }

    /// Parts of a file: their size, and how many. Larger parts for a file that would have too many.
    fn of(self, size: u64) -> (u64, u64) {
        let part = self.part.max(size.div_ceil(MAX_PARTS));
        (part, size.div_ceil(part).max(1))
    }
}

fn bytes(env: &Env, name: &str, default: u64) -> Result<u64, Failure> {
    let Some(text) = env.get(name) else {
        return Ok(default);
    };
    match text.trim().parse() {
        Ok(bytes) if bytes > 0 => Ok(bytes),
        _ => Err(Failure::usage(format!(
            "{name} is `{text}`: expected a number of bytes, 1 or more"
        ))),
    }
}

/// Whether a file went in parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InParts {
    /// It did.
    Done,
    /// The store takes no parts.
    NotOffered,
}

/// Where one part goes.
struct Credential {
    url: String,
    part_number: u64,
    headers: HeaderMap,
}

/// Uploads a file to a folder in parts, `jobs` of them at a time. When that is interrupted it does not return.
pub fn upload(
    served: &Served,
    source: &Source<'_>,
    (folder, name): (&RelativePath, &str),
    sizes: PartSizes,
    jobs: usize,
    progress: &Progress,
    env: &Env,
) -> Result<InParts> {
    let (part_size, count) = sizes.of(source.size());
    let interruption = progress.interruption();
    let creating = interruption.busy();
    let created = match served.multipart("create", folder, &json!({ "path": name, "num_parts": count })) {
        // MLflow and every server before it that has parts answer so where the store has none.
        Err(RequestError::Refused {
            status: 404 | 405 | 501,
            ..
        }) => return Ok(InParts::NotOffered),
        created => created?,
    };
    let upload_id = created.get("upload_id").cloned().unwrap_or_default();
    let _open = interruption.upload(served, folder, name, &upload_id);
    drop(creating);
    let sent = credentials(&created, count)
        .and_then(|credentials| parts(served, source, credentials, part_size, jobs, progress, env))
        .and_then(|parts| {
            source.check_unchanged()?;
            interruption.stop_here();
            let _busy = interruption.busy();
            let body = json!({ "path": name, "upload_id": upload_id, "parts": parts });
            served
                .multipart("complete", folder, &body)
                .context("the parts were not put together")?;
            progress.file_done();
            Ok(())
        });
    match sent {
        Ok(()) => Ok(InParts::Done),
        Err(error) => {
            interruption.stop_here();
            // Parts without an end cost money until somebody removes them.
            if let Err(error) =
                served.multipart("abort", folder, &json!({ "path": name, "upload_id": upload_id }))
            {
                tell(&format!(
                    "warning: the parts of `{name}` that were uploaded could not be removed: {error}"
                ));
            }
            Err(error)
        }
    }
}

fn credentials(created: &Value, count: u64) -> Result<Vec<Credential>> {
    let listed = created.get("credentials").and_then(Value::as_array);
    let credentials = listed
        .into_iter()
        .flatten()
        .map(credential)
        .collect::<Result<Vec<_>>>()?;
    if credentials.len() as u64 != count {
        return Err(anyhow!(
            "the server gave places for {} parts, where {count} are needed",
            credentials.len()
        ));
    }
    Ok(credentials)
}

fn credential(given: &Value) -> Result<Credential> {
    let broken = || anyhow!("the server's place for a part has no URL or no number");
    let mut headers = HeaderMap::new();
    for (name, value) in given
        .get("headers")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let value = value.as_str().unwrap_or_default();
        headers.insert(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
    }
    Ok(Credential {
        url: given
            .get("url")
            .and_then(Value::as_str)
            .ok_or_else(broken)?
            .to_owned(),
        part_number: given
            .get("part_number")
            .and_then(Value::as_u64)
            .ok_or_else(broken)?,
        headers,
    })
}

/// Sends the parts; what `complete` wants to know of each, by number.
fn parts(
    served: &Served,
    source: &Source<'_>,
    credentials: Vec<Credential>,
    part_size: u64,
    jobs: usize,
    progress: &Progress,
    env: &Env,
) -> Result<Vec<Value>> {
    let elsewhere = served
        .client
        .for_signed_urls(env)
        .map_err(|failure| anyhow!("{failure}"))?;
    let done = Mutex::new(BTreeMap::new());
    let failures = Failures::default();
    jobs::each(
        jobs,
        &failures,
        |feed| {
            let _ = credentials
                .into_iter()
                .enumerate()
                .all(|numbered| feed.give(numbered));
            Ok(())
        },
        |(index, credential)| {
            let from = part_size * index as u64;
            let length = part_size.min(source.size().saturating_sub(from));
            let number = credential.part_number;
            progress.interruption().stop_here();
            let busy = progress.interruption().busy();
            let part = part(
                &served.client,
                &elsewhere,
                source,
                credential,
                (from, length),
                progress,
            )
            .with_context(|| format!("part {number} was not uploaded"));
            drop(busy);
            progress.interruption().stop_here();
            let part = part?;
            done.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(number, part);
            Ok(())
        },
    );
    failures.end("not uploaded in all its parts")?;
    Ok(done
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
        .into_values()
        .collect())
}

fn part(
    server: &Client,
    elsewhere: &Client,
    source: &Source<'_>,
    credential: Credential,
    (from, length): (u64, u64),
    progress: &Progress,
) -> Result<Value> {
    let is_server =
        ServerAddress::of_url(&credential.url).is_ok_and(|address| address.is_same_origin(server.address()));
    // What the server signed says who may write; the login is for the server alone.
    let client = if is_server { server } else { elsewhere };
    let request = Client::request_elsewhere(Method::PUT, credential.url.clone(), credential.headers);
    let answer = client.send(request, length, || source.piece(from, length, progress))?;
    let etag = answer
        .headers()
        .get(header::ETAG)
        .and_then(|etag| etag.to_str().ok())
        .unwrap_or_default();
    Ok(json!({ "part_number": credential.part_number, "etag": etag, "url": credential.url }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_ten_thousand_parts_at_most() {
        let sizes = PartSizes {
            minimum_file: 1,
            part: 10,
        };
        assert_eq!(
            (sizes.of(0), sizes.of(10), sizes.of(11)),
            ((10, 1), (10, 1), (10, 2))
        );
        assert_eq!((sizes.of(100_000), sizes.of(100_001)), ((10, 10_000), (11, 9091)));
    }

    #[test]
    fn sizes_are_bytes() {
        let sizes =
            PartSizes::from_env(&Env::for_test(&[("MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE", "5")])).unwrap();
        assert_eq!((sizes.minimum_file, sizes.part), (524_288_000, 5));
        assert!(PartSizes::from_env(&Env::for_test(&[("MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE", "0")])).is_err());
    }
}
