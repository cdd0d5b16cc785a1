//! What is known of users and tokens, so that a request need not ask the database.
//!
//! It holds until this process commits to the database of users, and on SQLite until anybody does. PostgreSQL has nothing
//! as cheap to find that out: there it holds for a second.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use hashlink::LruCache;
use hmac::{Hmac, KeyInit, Mac};
use oxflow_auth::{Grants, PasswordHash, TokenHash};
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
}

/// Somebody who logs in with a token.
#[derive(Debug)]
pub(super) struct KnownToken {
    pub(super) user: User,
    pub(super) token: TokenInfo,
    pub(super) grants: Arc<Grants>,
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

/// Something that was read, and when.
#[derive(Debug, Clone)]
struct Read<T> {
    found: Option<Arc<T>>,
    at: Instant,
}

#[derive(Debug)]
struct Kept {
    /// The version of the database that all of it is from.
    version: Option<AccountsVersion>,
    passwords: LruCache<String, Read<KnownPassword>>,
    tokens: LruCache<TokenHash, Read<KnownToken>>,
    verified: LruCache<[u8; 32], Instant>,
}

#[derive(Debug)]
pub(super) struct Known {
    kept: Mutex<Kept>,
    key: [u8; 32],
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
                verified: LruCache::new(MOST),
            }),
            key,
        }
    }

    /// What is known of a user; `None` if the database has to be asked, `Some(None)` if there is no such user.
    pub(super) fn password(
        &self,
        name: &str,
        version: AccountsVersion,
    ) -> Option<Option<Arc<KnownPassword>>> {
        let mut kept = self.at(version);
        let read = kept.passwords.get(name)?;
        read.holds(version).then(|| read.found.clone())
    }

    pub(super) fn keep_password(
        &self,
        name: &str,
        found: Option<Login>,
        version: AccountsVersion,
    ) -> Option<Arc<KnownPassword>> {
        let found = found.map(|login| {
            Arc::new(KnownPassword {
                user: login.user,
                hash: login.password,
                grants: Arc::new(login.grants),
            })
        });
        // Names that nobody has are made up by the million, and are not worth keeping.
        if found.is_some() {
            self.at(version)
                .passwords
                .insert(name.to_owned(), Read::now(found.clone()));
        }
        found
    }

    /// The same for a token.
    pub(super) fn token(
        &self,
        hash: &TokenHash,
        version: AccountsVersion,
    ) -> Option<Option<Arc<KnownToken>>> {
        let mut kept = self.at(version);
        let read = kept.tokens.get(hash)?;
        read.holds(version).then(|| read.found.clone())
    }

    pub(super) fn keep_token(
        &self,
        hash: &TokenHash,
        found: Option<TokenLogin>,
        version: AccountsVersion,
    ) -> Option<Arc<KnownToken>> {
        let found = found.map(|login| {
            Arc::new(KnownToken {
                user: login.user,
                token: login.token,
                grants: Arc::new(login.grants),
                touched_at_ms: AtomicI64::new(0),
            })
        });
        if found.is_some() {
            self.at(version)
                .tokens
                .insert(hash.clone(), Read::now(found.clone()));
        }
        found
    }

    /// Whether a password was the right one less than a minute ago, and still is what the database keeps.
    pub(super) fn was_verified(&self, known: &KnownPassword, password: &str) -> bool {
        let digest = self.digest(known, password);
        let mut kept = self.kept();
        let at = kept.verified.get(&digest).copied();
        at.is_some_and(|at| at.elapsed() < VERIFIED_HOLDS)
    }

    pub(super) fn note_verified(&self, known: &KnownPassword, password: &str) {
        let digest = self.digest(known, password);
        self.kept().verified.insert(digest, Instant::now());
    }

    pub(super) fn forget(&self) {
        let mut kept = self.kept();
        kept.passwords.clear();
        kept.tokens.clear();
    }

    /// What stands for a name, a password, and what the database keeps of it.
    fn digest(&self, known: &KnownPassword, password: &str) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        let hash = known.hash.as_ref().map_or("", PasswordHash::as_str);
        for part in [known.user.name.as_str(), hash, password] {
            mac.update(part.as_bytes());
            mac.update(&[0]);
        }
        mac.finalize().into_bytes().into()
    }

    /// What is kept of a version of the database; of another one nothing is.
    fn at(&self, version: AccountsVersion) -> MutexGuard<'_, Kept> {
        let mut kept = self.kept();
        if kept.version != Some(version) {
            kept.version = Some(version);
            kept.passwords.clear();
            kept.tokens.clear();
        }
        kept
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Read<T> {
    fn now(found: Option<Arc<T>>) -> Self {
        Self {
            found,
            at: Instant::now(),
        }
    }

    fn holds(&self, version: AccountsVersion) -> bool {
        version.counts_others() || self.at.elapsed() < HOLDS
    }
}
