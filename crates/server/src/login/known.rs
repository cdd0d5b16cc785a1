//! What is known of users and tokens, so that a request need not ask the database.
//!
//! It holds until this process commits to the database of users, and on SQLite until anybody does. PostgreSQL has nothing
//! as cheap to find that out: there it holds for a second.
//!
//! Who a whole `Authorization` header stands for is kept too, so that a client that sends the same one again and again
//! costs one look at one table. Neither headers nor passwords are kept, only what stands for them under a key of this
//! process.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::HeaderValue;
use hashlink::LruCache;
use hmac::{Hmac, KeyInit, Mac};
use oxflow_auth::{Grants, PasswordHash, TokenHash, Viewer};
use oxflow_core::Entropy;
use oxflow_store::{AccountsVersion, Login, TokenInfo, TokenLogin, User};
use sha2::Sha256;

/// How long it holds where the database does not say that it was changed.
const HOLDS: Duration = Duration::from_secs(1);

/// How long a password counts as checked. security.md, section 6.
const VERIFIED_HOLDS: Duration = Duration::from_secs(60);

/// Users, tokens and checked passwords that are kept.
const MOST: usize = 10_000;

/// A user who logs in with a password.
#[derive(Debug)]
pub(super) struct KnownPassword {
    pub(super) user: User,
    pub(super) hash: Option<PasswordHash>,
    pub(super) grants: Arc<Grants>,
    read_at: Instant,
}

/// Somebody who logs in with a token.
#[derive(Debug)]
pub(super) struct KnownToken {
    pub(super) user: User,
    pub(super) token: TokenInfo,
    pub(super) grants: Arc<Grants>,
    read_at: Instant,
    touched_at_ms: AtomicI64,
}

impl KnownToken {
    /// Whether nobody else is just noting that it was used.
    pub(super) fn is_touched_first(&self, now_ms: i64) -> bool {
        self.touched_at_ms
            .compare_exchange(0, now_ms, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
    }
}

/// Somebody who was let in.
#[derive(Debug, Clone)]
pub(super) struct Passed {
    pub(super) viewer: Arc<Viewer>,
    /// The token that they came with, which may end by itself.
    pub(super) token: Option<Arc<KnownToken>>,
    read_at: Instant,
    /// When the password was checked.
    verified_at: Option<Instant>,
}

impl Passed {
    pub(super) fn by_password(viewer: Viewer, known: &KnownPassword, verified_at: Instant) -> Self {
        Self {
            viewer: Arc::new(viewer),
            token: None,
            read_at: known.read_at,
            verified_at: Some(verified_at),
        }
    }

    pub(super) fn by_token(viewer: Viewer, known: Arc<KnownToken>) -> Self {
        Self {
            viewer: Arc::new(viewer),
            read_at: known.read_at,
            token: Some(known),
            verified_at: None,
        }
    }
}

/// What stands for a header, or for a name with a password.
type Digest = [u8; 32];

#[derive(Debug)]
struct Kept {
    /// The version of the database that all of it is from, but for the checked passwords, which hold whatever changes.
    version: Option<AccountsVersion>,
    passwords: LruCache<String, Arc<KnownPassword>>,
    tokens: LruCache<TokenHash, Arc<KnownToken>>,
    passed: LruCache<Digest, Passed>,
    verified: LruCache<Digest, Instant>,
}

impl Kept {
    fn forget(&mut self) {
        self.passwords.clear();
        self.tokens.clear();
        self.passed.clear();
    }
}

#[derive(Debug)]
pub(super) struct Known {
    kept: Mutex<Kept>,
    mac: Hmac<Sha256>,
}

impl Known {
    pub(super) fn new(entropy: &Entropy) -> Self {
        let mut key = [0; 32];
        key[..16].copy_from_slice(&entropy.bytes());
        key[16..].copy_from_slice(&entropy.bytes());
        Self {
            kept: Mutex::new(Kept {
                version: None,
                passwords: LruCache::new(MOST),
                tokens: LruCache::new(MOST),
                passed: LruCache::new(MOST),
                verified: LruCache::new(MOST),
            }),
            mac: Hmac::new_from_slice(&key).expect("HMAC takes keys of any length"),
        }
    }

    /// Who an `Authorization` header let in before, if that still holds.
    pub(super) fn passed(&self, header: &HeaderValue, version: AccountsVersion) -> Option<Passed> {
        let digest = self.digest([header.as_bytes()]);
        let mut kept = self.at(version);
        let passed = kept.passed.get(&digest)?;
        let is_verified = passed.verified_at.is_none_or(|at| at.elapsed() < VERIFIED_HOLDS);
        (is_verified && still_holds(passed.read_at, version)).then(|| passed.clone())
    }

    pub(super) fn keep_passed(&self, header: &HeaderValue, passed: Passed, version: AccountsVersion) {
        let digest = self.digest([header.as_bytes()]);
        self.at(version).passed.insert(digest, passed);
    }

    /// What is known of a user; `None` if the database has to be asked.
    pub(super) fn password(&self, name: &str, version: AccountsVersion) -> Option<Arc<KnownPassword>> {
        let mut kept = self.at(version);
        let known = kept.passwords.get(name)?;
        still_holds(known.read_at, version).then(|| Arc::clone(known))
    }

    pub(super) fn keep_password(&self, found: Login, version: AccountsVersion) -> Arc<KnownPassword> {
        let known = Arc::new(KnownPassword {
            user: found.user,
            hash: found.password,
            grants: Arc::new(found.grants),
            read_at: Instant::now(),
        });
        let name = known.user.name.as_str().to_owned();
        self.at(version).passwords.insert(name, Arc::clone(&known));
        known
    }

    /// The same for a token.
    pub(super) fn token(&self, hash: &TokenHash, version: AccountsVersion) -> Option<Arc<KnownToken>> {
        let mut kept = self.at(version);
        let known = kept.tokens.get(hash)?;
        still_holds(known.read_at, version).then(|| Arc::clone(known))
    }

    pub(super) fn keep_token(
        &self,
        hash: TokenHash,
        found: TokenLogin,
        version: AccountsVersion,
    ) -> Arc<KnownToken> {
        let known = Arc::new(KnownToken {
            user: found.user,
            token: found.token,
            grants: Arc::new(found.grants),
            read_at: Instant::now(),
            touched_at_ms: AtomicI64::new(0),
        });
        self.at(version).tokens.insert(hash, Arc::clone(&known));
        known
    }

    /// When a password was found to be right, less than a minute ago, if it still is what the database keeps.
    pub(super) fn verified_at(&self, known: &KnownPassword, password: &str) -> Option<Instant> {
        let digest = self.password_digest(known, password);
        let at = self.kept().verified.get(&digest).copied();
        at.filter(|at| at.elapsed() < VERIFIED_HOLDS)
    }

    pub(super) fn note_verified(&self, known: &KnownPassword, password: &str, at: Instant) {
        let digest = self.password_digest(known, password);
        self.kept().verified.insert(digest, at);
    }

    pub(super) fn forget(&self) {
        self.kept().forget();
    }

    /// What stands for a name, a password, and what the database keeps of it.
    fn password_digest(&self, known: &KnownPassword, password: &str) -> Digest {
        let hash = known.hash.as_ref().map_or("", PasswordHash::as_str);
        self.digest([known.user.name.as_str(), hash, password].map(str::as_bytes))
    }

    fn digest<const PARTS: usize>(&self, parts: [&[u8]; PARTS]) -> Digest {
        let mut mac = self.mac.clone();
        for part in parts {
            mac.update(part);
            mac.update(&[0]);
        }
        mac.finalize().into_bytes().into()
    }

    /// What is kept of a version of the database; of another one nothing is.
    fn at(&self, version: AccountsVersion) -> MutexGuard<'_, Kept> {
        let mut kept = self.kept();
        if kept.version != Some(version) {
            kept.version = Some(version);
            kept.forget();
        }
        kept
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether what was read then can be taken for what is there now.
fn still_holds(read_at: Instant, version: AccountsVersion) -> bool {
    version.counts_others() || read_at.elapsed() < HOLDS
}
