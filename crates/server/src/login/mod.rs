//! Who a request comes from: passwords, API tokens and sessions.
//!
//! Checking a password is made to be slow, so it is done once a minute for each client, and a few at a time. What is
//! known of users is kept until anybody changes the database of users.

mod credentials;
mod hashing;
mod known;
mod refusal;

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use axum::http::HeaderMap;
use oxflow_auth::{
    Grants, HashMethod, Password, PasswordHash, Permission, Throttle, Token, TokenHash, UserName, Verdict,
    Viewer, Wait,
};
use oxflow_core::{Clock, Entropy};
use oxflow_store::{Accounts, NewAuditEvent, NewToken, TokenKind, User};
use tracing::{debug, info, warn};

use crate::ApiError;
use crate::edge::RequestId;
use credentials::Credentials;
use hashing::{Busy, Hashing};
use known::{Known, KnownPassword, KnownToken, Passed};

pub(crate) use credentials::{SESSION_COOKIE, SESSION_COOKIE_OVER_TLS};
pub(crate) use refusal::{Refusal, json};

/// How long a session may be unused. security.md, section 6.
pub(crate) const SESSION_IDLE: Duration = Duration::from_secs(12 * 60 * 60);

/// How long a session lasts at most.
pub(crate) const SESSION_LIFE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What failures with tokens are counted under: no user has this name.
const WRONG_TOKEN: &str = "";

/// How exactly it is kept when a token was last used.
const TOUCHED_EVERY: Duration = Duration::from_secs(5 * 60);

/// Settings of logging in.
#[derive(Debug, Clone)]
pub struct LoginConfig {
    /// What everybody may do with what no grant speaks of.
    pub default_permission: Permission,
    /// How new passwords are kept.
    pub hash_method: HashMethod,
    /// Whether what somebody may not see is 404 and not 403.
    pub hides_existence: bool,
}

/// Lets people in.
#[derive(Debug)]
pub struct Login {
    accounts: Accounts,
    config: LoginConfig,
    known: Known,
    throttle: Throttle,
    hashing: Hashing,
    nobody: OnceLock<PasswordHash>,
    clock: Clock,
    entropy: Entropy,
}

/// Where a request comes from, as far as logging in goes.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) address: IpAddr,
    pub(crate) request_id: Option<RequestId>,
}

impl Origin {
    /// Out of what the edge found out about a request.
    pub(crate) fn of(extensions: &axum::http::Extensions) -> Self {
        let client = extensions.get::<crate::edge::ClientAddr>();
        Self {
            address: client.map_or(IpAddr::from([127, 0, 0, 1]), |client| client.0),
            request_id: extensions.get::<RequestId>().cloned(),
        }
    }
}

impl Login {
    /// Puts it together.
    pub fn new(accounts: Accounts, config: LoginConfig, clock: Clock, entropy: Entropy) -> Self {
        Self {
            known: Known::new(&entropy),
            nobody: OnceLock::new(),
            throttle: Throttle::default(),
            hashing: Hashing::new(),
            accounts,
            config,
            clock,
            entropy,
        }
    }

    /// The database of users.
    pub(crate) fn accounts(&self) -> &Accounts {
        &self.accounts
    }

    /// What everybody may do with what no grant speaks of.
    pub(crate) fn default_permission(&self) -> Permission {
        self.config.default_permission
    }

    /// Whether what somebody may not see is 404 and not 403.
    pub(crate) fn hides_existence(&self) -> bool {
        self.config.hides_existence
    }

    /// Finds out who sent a request. `None` if it brings nothing to log in with.
    pub(crate) async fn viewer(
        &self,
        headers: &HeaderMap,
        origin: &Origin,
    ) -> Result<Option<Arc<Viewer>>, Refusal> {
        let version = self.accounts.version();
        let header = credentials::authorization(headers)?;
        if let Some(header) = header
            && let Some(passed) = self.known.passed(header, version)
            && self.is_let_in(&passed).await
        {
            return Ok(Some(passed.viewer));
        }
        let passed = match Credentials::of(header, headers)? {
            Credentials::None => return Ok(None),
            Credentials::Password { name, password } => self.by_password(&name, &password, origin).await?,
            Credentials::Token { token, name } => self.by_token(&token, name.as_deref(), origin).await?,
            // A session that has ended is as if there was none.
            Credentials::Session(token) => return self.by_session(&token).await,
        };
        let viewer = Arc::clone(&passed.viewer);
        if let Some(header) = header {
            self.known.keep_passed(header, passed, version);
        }
        Ok(Some(viewer))
    }

    /// Whether somebody who was let in before still is: a token may have ended since.
    async fn is_let_in(&self, passed: &Passed) -> bool {
        let Some(known) = &passed.token else { return true };
        if !self.holds(known, TokenKind::Token) {
            return false;
        }
        self.touch(known).await;
        true
    }

    /// Starts a session for somebody who knows a password.
    pub(crate) async fn start_session(
        &self,
        name: &str,
        password: &str,
        origin: &Origin,
    ) -> Result<(Arc<Viewer>, Token), Refusal> {
        let viewer = self.by_password(name, password, origin).await?.viewer;
        let token = Token::new(self.random());
        let now_ms = self.clock.now_ms();
        let new = NewToken {
            user_id: viewer.id,
            username: viewer.name.as_str().to_owned(),
            kind: TokenKind::Session,
            name: String::new(),
            hash: token.hash(),
            scope: None,
            now_ms,
            expires_at_ms: Some(now_ms + millis(SESSION_LIFE)),
        };
        self.accounts.create_token(new).await.map_err(ApiError::from)?;
        self.audit("login", Some(viewer.name.as_str()), "session", true, origin)
            .await;
        Ok((viewer, token))
    }

    /// Ends the session of a request, if it has one.
    pub(crate) async fn end_session(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        if let Some(token) = credentials::session(headers) {
            self.accounts.end_session(token.hash()).await?;
            self.known.forget();
        }
        Ok(())
    }

    /// The hash of the session that a request comes with.
    pub(crate) fn session_of(headers: &HeaderMap) -> Option<TokenHash> {
        credentials::session(headers).map(|token| token.hash())
    }

    /// Makes an API token; its text is in the answer, and nowhere else.
    pub(crate) async fn create_token(
        &self,
        viewer: &Viewer,
        name: String,
        scope: Option<Permission>,
        expires_at_ms: Option<i64>,
    ) -> Result<(oxflow_store::TokenInfo, Token), ApiError> {
        let token = Token::new(self.random());
        let new = NewToken {
            user_id: viewer.id,
            username: viewer.name.as_str().to_owned(),
            kind: TokenKind::Token,
            name,
            hash: token.hash(),
            scope,
            now_ms: self.clock.now_ms(),
            expires_at_ms,
        };
        Ok((self.accounts.create_token(new).await?, token))
    }

    /// Checks a password that somebody has typed again, with the same limits as a login.
    pub(crate) async fn is_password_of(
        &self,
        name: &str,
        password: &str,
        origin: &Origin,
    ) -> Result<bool, Refusal> {
        match self.by_password(name, password, origin).await {
            Ok(_) => Ok(true),
            Err(Refusal::Unknown) => Ok(false),
            Err(refusal) => Err(refusal),
        }
    }

    /// Hashes a new password.
    pub(crate) async fn hash(&self, password: Password) -> Result<PasswordHash, Refusal> {
        let (method, salt) = (self.config.hash_method, self.entropy.bytes());
        let hash = self
            .hashing
            .run(move || PasswordHash::new(&password, method, salt))
            .await?;
        Ok(hash)
    }

    /// Forgets what is known of users: something about them was changed.
    pub(crate) fn forget(&self) {
        self.known.forget();
    }

    /// Writes to the audit log, and to the log of the server. What cannot be written is told, and stops nothing.
    pub(crate) async fn audit(
        &self,
        action: &'static str,
        actor: Option<&str>,
        object: &str,
        is_done: bool,
        origin: &Origin,
    ) {
        let shown = actor.unwrap_or("-").escape_debug().to_string();
        let result = if is_done { "ok" } else { "refused" };
        info!(target: "oxflow::audit", action, actor = shown, object = %object.escape_debug(), result,
              address = %origin.address, "{action} {result}");
        let event = NewAuditEvent {
            at_ms: self.clock.now_ms(),
            actor: actor.map(str::to_owned),
            action,
            object: object.to_owned(),
            is_done,
            address: Some(origin.address.to_string()),
            request_id: origin.request_id.as_ref().map(ToString::to_string),
        };
        if let Err(error) = self.accounts.audit(event).await {
            warn!("the audit log could not be written: {error}");
        }
    }

    async fn by_password(&self, name: &str, password: &str, origin: &Origin) -> Result<Passed, Refusal> {
        let version = self.accounts.version();
        let known = match self.known.password(name, version) {
            Some(known) => Some(known),
            None => {
                let found = self.accounts.login(name.to_owned()).await;
                // Names that nobody has are made up by the million, and are not worth keeping.
                let found = found.map_err(ApiError::from)?;
                found.map(|found| self.known.keep_password(found, version))
            }
        };
        let passed = |known: &KnownPassword, verified_at| {
            let viewer = self.viewer_of(&known.user, &known.grants, None);
            Passed::by_password(viewer, known, verified_at)
        };
        if let Some(known) = known.as_deref()
            && let Some(at) = self.known.verified_at(known, password)
        {
            return Ok(passed(known, at));
        }
        let now = Instant::now();
        self.throttle.check(name, origin.address, now)?;
        let verdict = self.verify(known.as_deref(), password).await?;
        let Some(known) = known.filter(|_| verdict != Verdict::Wrong) else {
            self.throttle.failed(name, origin.address, now);
            self.audit("login.failed", Some(name), "password", false, origin)
                .await;
            return Err(Refusal::Unknown);
        };
        self.throttle.succeeded(name, origin.address);
        self.known.note_verified(&known, password, now);
        if verdict == Verdict::RightButKeptOtherwise {
            self.rehash(&known, password).await;
        }
        Ok(passed(&known, now))
    }

    /// Checks a password; takes as long for a user who does not exist.
    async fn verify(&self, known: Option<&KnownPassword>, password: &str) -> Result<Verdict, Busy> {
        let hash = known.and_then(|known| known.hash.clone());
        let is_somebody = hash.is_some();
        let (password, method) = (password.to_owned(), self.config.hash_method);
        // Made when it is first needed: a server starts without the time that it takes.
        let hash = match hash.or_else(|| self.nobody.get().cloned()) {
            Some(hash) => hash,
            None => {
                let nobody = self.hashing.run(move || PasswordHash::of_nobody(method)).await?;
                self.nobody.get_or_init(|| nobody).clone()
            }
        };
        let verdict = self.hashing.run(move || hash.verify(&password, method)).await?;
        Ok(if is_somebody { verdict } else { Verdict::Wrong })
    }

    /// Keeps a password from now on as new ones are kept. If that fails, the old way still does.
    async fn rehash(&self, known: &KnownPassword, password: &str) {
        let Some(old) = known.hash.clone() else { return };
        let (text, method, salt) = (password.to_owned(), self.config.hash_method, self.entropy.bytes());
        let hashed = self
            .hashing
            .run(move || PasswordHash::of_verified(&text, method, salt))
            .await;
        let Ok(new) = hashed else { return };
        if let Err(error) = self.accounts.rehash(known.user.id, old, new).await {
            warn!(
                "the password of '{}' is still kept in the old way: {error}",
                known.user.name
            );
        }
    }

    async fn by_token(&self, token: &Token, name: Option<&str>, origin: &Origin) -> Result<Passed, Refusal> {
        let known = self.token(token, TokenKind::Token).await?;
        // As the password of HTTP Basic a token has to come with its owner's name.
        let known = known.filter(|known| name.is_none_or(|name| name == known.user.name.as_str()));
        let Some(known) = known else {
            self.note_wrong_token(name, origin).await;
            return Err(Refusal::Unknown);
        };
        self.touch(&known).await;
        let viewer = self.viewer_of(&known.user, &known.grants, known.token.scope);
        Ok(Passed::by_token(viewer, known))
    }

    /// Nobody guesses a token, so who tries is not kept waiting; but not every one is worth a line that stays on disk.
    async fn note_wrong_token(&self, name: Option<&str>, origin: &Origin) {
        let now = Instant::now();
        if self.throttle.check(WRONG_TOKEN, origin.address, now).is_err() {
            debug!(target: "oxflow::audit", address = %origin.address, "login.failed again, with a token");
            return;
        }
        self.throttle.failed_as(WRONG_TOKEN, origin.address, now);
        self.audit("login.failed", name, "token", false, origin).await;
    }

    async fn by_session(&self, token: &Token) -> Result<Option<Arc<Viewer>>, Refusal> {
        let Some(known) = self.token(token, TokenKind::Session).await? else {
            return Ok(None);
        };
        self.touch(&known).await;
        let viewer = self.viewer_of(&known.user, &known.grants, None);
        Ok(Some(Arc::new(viewer)))
    }

    /// What is known of a token that has not ended.
    async fn token(&self, token: &Token, kind: TokenKind) -> Result<Option<Arc<KnownToken>>, ApiError> {
        let (hash, version) = (token.hash(), self.accounts.version());
        let known = match self.known.token(&hash, version) {
            Some(known) => Some(known),
            None => {
                let found = self.accounts.login_by_token(hash.clone()).await?;
                found.map(|found| self.known.keep_token(hash, found, version))
            }
        };
        Ok(known.filter(|known| self.holds(known, kind)))
    }

    /// Whether a token is of a kind and has not ended.
    fn holds(&self, known: &KnownToken, kind: TokenKind) -> bool {
        let (info, now_ms) = (&known.token, self.clock.now_ms());
        let has_ended = info.expires_at_ms.is_some_and(|end| end <= now_ms);
        let last_used = info.last_used_at_ms.unwrap_or(info.created_at_ms);
        let is_idle = kind == TokenKind::Session && now_ms - last_used > millis(SESSION_IDLE);
        info.kind == kind && !has_ended && !is_idle
    }

    async fn touch(&self, known: &KnownToken) {
        let now_ms = self.clock.now_ms();
        let last = known.token.last_used_at_ms.unwrap_or(0);
        if now_ms - last < millis(TOUCHED_EVERY) || !known.is_touched_first(now_ms) {
            return;
        }
        if let Err(error) = self.accounts.touch_token(known.token.id, now_ms).await {
            warn!("when a token was last used could not be written: {error}");
        }
    }

    fn viewer_of(&self, user: &User, grants: &Arc<Grants>, ceiling: Option<Permission>) -> Viewer {
        Viewer {
            id: user.id,
            name: UserName::from_row(user.name.as_str().to_owned()),
            is_admin: user.is_admin,
            grants: Arc::clone(grants),
            default: self.config.default_permission,
            ceiling,
        }
    }

    fn random(&self) -> [u8; 32] {
        let mut random = [0; 32];
        random[..16].copy_from_slice(&self.entropy.bytes());
        random[16..].copy_from_slice(&self.entropy.bytes());
        random
    }
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

impl From<Wait> for Refusal {
    fn from(wait: Wait) -> Self {
        Self::TooOften(wait.0)
    }
}
