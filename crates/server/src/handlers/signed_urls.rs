//! URLs of this server that carry their own right for a while: who has one may do that one thing.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use oxflow_artifacts::ArtifactPath;
use oxflow_core::ErrorCode;
use oxflow_wire::{Field, Int64};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::Sha256;

use super::artifact_proxy::proxy;
use super::parts::not_signed;
use crate::{ApiError, App};

/// What stands for itself in a path.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// What a URL allows.
#[derive(Debug)]
pub(super) enum Signed<'a> {
    /// To send a part of an upload.
    Part {
        path: &'a ArtifactPath,
        upload_id: &'a str,
        number: u32,
    },
    /// To get a file.
    Download { path: &'a ArtifactPath },
}

/// Signs URLs, and checks them.
#[derive(Debug)]
pub(super) struct Signer {
    mac: Hmac<Sha256>,
}

impl Signer {
    /// With the key of the folder, which all servers on it share.
    pub(super) async fn of(app: &App) -> Result<Self, ApiError> {
        let key = app
            .signing_key
            .get_or_try_init(|| async {
                let mut fresh = [0; 32];
                fresh[..16].copy_from_slice(&app.entropy.bytes());
                fresh[16..].copy_from_slice(&app.entropy.bytes());
                let key = app.artifacts.signing_key(proxy(app)?, fresh).await?;
                key.ok_or_else(|| {
                    ApiError::new(
                        ErrorCode::NotImplemented,
                        "Multipart upload is not supported for the current artifact repository",
                    )
                })
            })
            .await?;
        Ok(Self {
            mac: Hmac::new_from_slice(key).expect("HMAC takes keys of any length"),
        })
    }

    /// When a URL of now ends, in seconds since 1970.
    pub(super) fn expiry(&self, app: &App, valid_for: Duration) -> i64 {
        app.clock.now_ms() / 1000 + i64::try_from(valid_for.as_secs()).unwrap_or(i64::MAX / 2)
    }

    /// Path and query of a URL.
    pub(super) fn target(&self, signed: &Signed<'_>, expires: i64) -> String {
        let signature = hex(&self.of_text(signed, expires).finalize().into_bytes());
        let encoded = |path: &ArtifactPath| utf8_percent_encode(path.as_str(), PATH).to_string();
        match signed {
            Signed::Part {
                path,
                upload_id,
                number,
            } => format!(
                "/api/2.0/mlflow-artifacts/mpu/part/{}?upload_id={upload_id}&part_number={number}&expires={expires}&\
                 signature={signature}",
                encoded(path)
            ),
            Signed::Download { path } => format!(
                "/api/2.0/mlflow-artifacts/signed/{}?expires={expires}&signature={signature}",
                encoded(path)
            ),
        }
    }

    /// Refuses what was not signed by a server on this folder, or has ended.
    pub(super) fn check(
        &self,
        app: &App,
        signed: &Signed<'_>,
        expires: Field<Int64>,
        signature: Field<String>,
    ) -> Result<(), ApiError> {
        const WRONG: &str = "This URL was not signed by this server, or was changed.";
        let expires = expires.optional("expires")?;
        let signature = signature.optional("signature")?;
        let (Some(expires), Some(signature)) = (expires, signature) else {
            return Err(not_signed(WRONG));
        };
        let given = unhex(&signature).ok_or_else(|| not_signed(WRONG))?;
        let is_ours = self.of_text(signed, expires).verify_slice(&given).is_ok();
        if !is_ours {
            return Err(not_signed(WRONG));
        }
        if expires <= app.clock.now_ms() / 1000 {
            return Err(not_signed("This URL has expired; ask for another one."));
        }
        Ok(())
    }

    fn of_text(&self, signed: &Signed<'_>, expires: i64) -> Hmac<Sha256> {
        // No part of it can hold a line break: paths and ids are checked before.
        let text = match signed {
            Signed::Part {
                path,
                upload_id,
                number,
            } => format!("part\n{path}\n{upload_id}\n{number}\n{expires}"),
            Signed::Download { path } => format!("download\n{path}\n{expires}"),
        };
        let mut mac = self.mac.clone();
        mac.update(text.as_bytes());
        mac
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let pairs = digits.chunks_exact(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}
