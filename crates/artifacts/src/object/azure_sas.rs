//! URLs that give a right to one blob for a while: shared access signatures, made with the key of the account.
//!
//! `object_store` signs the path as it is in the URL; Azure wants it decoded, so that would do for plain names only.
//! Source: "Create a service SAS" of the Azure Storage REST API, versions from 2020-12-06 on.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use url::Url;

const VERSION: &str = "2021-12-02";

/// How far the clocks of this machine and of Azure may be apart.
const CLOCK_SKEW: Duration = Duration::from_secs(15 * 60);

/// The key of an account.
#[derive(Clone)]
pub(super) struct AccountKey {
    account: String,
    key: Vec<u8>,
}

impl std::fmt::Debug for AccountKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("AccountKey")
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

impl AccountKey {
    /// `None` if the key is not in base64, as all of Azure's are.
    pub(super) fn new(account: &str, key: &str) -> Option<Self> {
        Some(Self {
            account: account.to_owned(),
            key: STANDARD.decode(key).ok()?,
        })
    }

    /// Adds a signature for a blob to its URL. `permissions` are letters: `r` reads, `cw` creates and writes.
    pub(super) fn sign(
        &self,
        url: &mut Url,
        blob: &str,
        permissions: &str,
        now: SystemTime,
        valid_for: Duration,
    ) {
        let time = |at: SystemTime| DateTime::<Utc>::from(at).format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let (start, end) = (time(now - CLOCK_SKEW), time(now + valid_for));
        let resource = format!("/blob/{}/{blob}", self.account);
        let text = [
            permissions,
            &start,
            &end,
            &resource,
            "",
            "",
            "",
            VERSION,
            "b",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
        ]
        .join("\n");
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(text.as_bytes());
        let signature = STANDARD.encode(mac.finalize().into_bytes());
        url.query_pairs_mut()
            .append_pair("sv", VERSION)
            .append_pair("sr", "b")
            .append_pair("sp", permissions)
            .append_pair("st", &start)
            .append_pair("se", &end)
            .append_pair("sig", &signature);
    }
}
