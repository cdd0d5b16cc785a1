//! API tokens and sessions. Only their hashes are kept.

use oxflow_auth::{Permission, TokenHash};

use super::roles::missing;
use super::{Accounts, inserted};
use crate::{DbError, Result, Row};

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A program, until it is revoked or expires.
    Token,
    /// A browser, until it is signed out.
    Session,
}

impl TokenKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Session => "session",
        }
    }
}

/// What is shown of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenInfo {
    /// The id.
    pub id: i64,
    /// What it is for.
    pub kind: TokenKind,
    /// What its owner calls it.
    pub name: String,
    /// The most it allows; `None` for all that its owner may do.
    pub scope: Option<Permission>,
    /// When it was made, ms since 1970.
    pub created_at_ms: i64,
    /// When it ends, ms since 1970.
    pub expires_at_ms: Option<i64>,
    /// When it was last used, ms since 1970, to the minute or so.
    pub last_used_at_ms: Option<i64>,
}

/// A token that is made.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// Whose it is.
    pub user_id: i64,
    /// Their name: if another user has the id one day, the token is not theirs.
    pub username: String,
    /// What it is for.
    pub kind: TokenKind,
    /// What its owner calls it.
    pub name: String,
    /// What is kept of it.
    pub hash: TokenHash,
    /// The most it allows.
    pub scope: Option<Permission>,
    /// The time, ms since 1970.
    pub now_ms: i64,
    /// When it ends, ms since 1970.
    pub expires_at_ms: Option<i64>,
}

impl TokenInfo {
    pub(super) fn from_row(row: &Row<'_>, first: usize) -> Result<Self, DbError> {
        let scope = row.text_or_null(first + 3)?;
        Ok(Self {
            id: row.int(first)?,
            kind: if row.text(first + 1)? == "session" {
                TokenKind::Session
            } else {
                TokenKind::Token
            },
            name: row.text(first + 2)?,
            // A scope that is not known allows nothing.
            scope: scope.map(|name| Permission::of_name(&name).unwrap_or(Permission::NoPermissions)),
            created_at_ms: row.int(first + 4)?,
            expires_at_ms: row.int_or_null(first + 5)?,
            last_used_at_ms: row.int_or_null(first + 6)?,
        })
    }
}

impl Accounts {
    /// Keeps a new token; forgets those of the same user that have ended.
    pub async fn create_token(&self, new: NewToken) -> Result<TokenInfo> {
        self.write(move |tx| {
            tx.execute(
                "DELETE FROM oxflow_tokens WHERE user_id = $1 AND kind = 'session' AND expires_at < $2",
                &[new.user_id.into(), new.now_ms.into()],
            )?;
            let id = tx.query_first(
                "INSERT INTO oxflow_tokens (user_id, username, kind, name, hash, scope, created_at, expires_at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
                &[
                    new.user_id.into(),
                    new.username.as_str().into(),
                    new.kind.name().into(),
                    new.name.as_str().into(),
                    new.hash.as_str().into(),
                    new.scope.map(Permission::name).into(),
                    new.now_ms.into(),
                    new.expires_at_ms.into(),
                ],
                |row| row.int(0),
            )?;
            Ok(TokenInfo {
                id: inserted(id)?,
                kind: new.kind,
                name: new.name.clone(),
                scope: new.scope,
                created_at_ms: new.now_ms,
                expires_at_ms: new.expires_at_ms,
                last_used_at_ms: None,
            })
        })
        .await
    }

    /// The API tokens of a user, the newest first.
    pub async fn list_tokens(&self, user_id: i64) -> Result<Vec<TokenInfo>> {
        self.read(move |tx| {
            let tokens = tx.query(
                "SELECT id, kind, name, scope, created_at, expires_at, last_used_at
                   FROM oxflow_tokens WHERE user_id = $1 AND kind = 'token' ORDER BY id DESC",
                &[user_id.into()],
                |row| TokenInfo::from_row(row, 0),
            )?;
            Ok(tokens)
        })
        .await
    }

    /// Revokes an API token of a user.
    pub async fn delete_token(&self, user_id: i64, id: i64) -> Result<()> {
        self.write(move |tx| {
            let removed = tx.execute(
                "DELETE FROM oxflow_tokens WHERE user_id = $1 AND id = $2 AND kind = 'token'",
                &[user_id.into(), id.into()],
            )?;
            match removed {
                0 => Err(missing(format!("No token with id={id}"))),
                _ => Ok(()),
            }
        })
        .await
    }

    /// Ends the session that has this hash, if there is one.
    pub async fn end_session(&self, hash: TokenHash) -> Result<()> {
        self.write(move |tx| {
            tx.execute(
                "DELETE FROM oxflow_tokens WHERE hash = $1 AND kind = 'session'",
                &[hash.as_str().into()],
            )?;
            Ok(())
        })
        .await
    }

    /// Notes that a token was used.
    pub async fn touch_token(&self, id: i64, now_ms: i64) -> Result<()> {
        self.write(move |tx| {
            tx.execute(
                "UPDATE oxflow_tokens SET last_used_at = $1 WHERE id = $2",
                &[now_ms.into(), id.into()],
            )?;
            Ok(())
        })
        .await
    }
}
