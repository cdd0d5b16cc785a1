//! Users, and what is known of one who logs in.

use std::collections::HashMap;

use oxflow_auth::{Grants, PasswordHash, TokenHash, UserName};
use oxflow_core::{ErrorCode, Invalid};

use super::Accounts;
use super::roles::Role;
use super::rows::{DEFAULT_WORKSPACE, grant};
use super::tokens::TokenInfo;
use crate::{DbError, Result, Row, StoreError, Tx};

/// Tables of an older MLflow that still refer to users.
const OLD_GRANTS: [&str; 7] = [
    "DELETE FROM experiment_permissions WHERE user_id = $1",
    "DELETE FROM registered_model_permissions WHERE user_id = $1",
    "DELETE FROM scorer_permissions WHERE user_id = $1",
    "DELETE FROM gateway_secret_permissions WHERE user_id = $1",
    "DELETE FROM gateway_endpoint_permissions WHERE user_id = $1",
    "DELETE FROM gateway_model_definition_permissions WHERE user_id = $1",
    "DELETE FROM workspace_permissions WHERE user_id = $1",
];

const SELECT: &str = "SELECT id, username, is_admin FROM users";

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The id, which a user made later may have again.
    pub id: i64,
    /// The name to log in with.
    pub name: UserName,
    /// Whether they may do everything.
    pub is_admin: bool,
}

/// A user with their roles, the one of their own grants among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserWithRoles {
    /// The user.
    pub user: User,
    /// The roles.
    pub roles: Vec<Role>,
}

/// A user who wants in with a password.
#[derive(Debug, Clone)]
pub struct Login {
    /// The user.
    pub user: User,
    /// What is kept of the password; `None` for a user who has none.
    pub password: Option<PasswordHash>,
    /// What their roles grant.
    pub grants: Grants,
}

/// A user who wants in with a token or the cookie of a session.
#[derive(Debug, Clone)]
pub struct TokenLogin {
    /// The user.
    pub user: User,
    /// The token.
    pub token: TokenInfo,
    /// What the user's roles grant.
    pub grants: Grants,
}

impl User {
    fn from_row(row: &Row<'_>) -> Result<Self, DbError> {
        Ok(Self {
            id: row.int(0)?,
            name: UserName::from_row(row.text_or_null(1)?.unwrap_or_default()),
            is_admin: row.truth_or_null(2)?.unwrap_or(false),
        })
    }
}

impl Accounts {
    /// Whether there is any user yet.
    pub async fn has_users(&self) -> Result<bool> {
        self.read(|tx| Ok(tx.query_first("SELECT 1 FROM users", &[], |_| Ok(()))?.is_some()))
            .await
    }

    /// Adds a user without any grant.
    pub async fn create_user(&self, name: UserName, password: PasswordHash, is_admin: bool) -> Result<User> {
        self.write(move |tx| {
            let id = tx.query_first(
                "INSERT INTO users (username, password_hash, is_admin) VALUES ($1, $2, $3)
                 ON CONFLICT (username) DO NOTHING RETURNING id",
                &[name.as_str().into(), password.as_str().into(), is_admin.into()],
                |row| row.int(0),
            )?;
            Ok(User {
                id: id.ok_or_else(|| name_taken(&name))?,
                name: name.clone(),
                is_admin,
            })
        })
        .await
    }

    /// A user by name.
    pub async fn get_user(&self, name: String) -> Result<User> {
        self.read(move |tx| tx.require_user(&name)).await
    }

    /// All users, in the order in which they were made, with their roles.
    pub async fn list_users(&self) -> Result<Vec<UserWithRoles>> {
        self.read(|tx| {
            let users = tx.query(&format!("{SELECT} ORDER BY id"), &[], User::from_row)?;
            let assigned = tx.query(
                "SELECT user_id, role_id FROM user_role_assignments ORDER BY id",
                &[],
                |row| Ok((row.int(0)?, row.int(1)?)),
            )?;
            let roles: HashMap<i64, Role> = tx.all_roles()?.into_iter().map(|role| (role.id, role)).collect();
            let mut of_user: HashMap<i64, Vec<Role>> = HashMap::new();
            for (user, role) in assigned {
                if let Some(role) = roles.get(&role) {
                    of_user.entry(user).or_default().push(role.clone());
                }
            }
            let with_roles = users.into_iter().map(|user| UserWithRoles {
                roles: of_user.remove(&user.id).unwrap_or_default(),
                user,
            });
            Ok(with_roles.collect())
        })
        .await
    }

    /// Names of users that begin so, in their order.
    pub async fn user_names(&self, prefix: String, limit: usize) -> Result<Vec<String>> {
        self.read(move |tx| {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let names = tx.query(
                "SELECT username FROM users WHERE substr(username, 1, length($1)) = $1 ORDER BY username LIMIT $2",
                &[prefix.as_str().into(), limit.into()],
                |row| row.text(0),
            )?;
            Ok(names)
        })
        .await
    }

    /// Sets a password, and ends all sessions of the user but one.
    pub async fn set_password(
        &self,
        name: String,
        password: PasswordHash,
        kept_session: Option<TokenHash>,
    ) -> Result<()> {
        self.write(move |tx| {
            let user = tx.require_user(&name)?;
            tx.execute(
                "UPDATE users SET password_hash = $1 WHERE id = $2",
                &[password.as_str().into(), user.id.into()],
            )?;
            let kept = kept_session.as_ref().map_or("", TokenHash::as_str);
            tx.execute(
                "DELETE FROM oxflow_tokens WHERE user_id = $1 AND kind = 'session' AND hash <> $2",
                &[user.id.into(), kept.into()],
            )?;
            Ok(())
        })
        .await
    }

    /// Keeps the same password in another way, if it still is the same.
    pub async fn rehash(&self, user_id: i64, old: PasswordHash, new: PasswordHash) -> Result<()> {
        self.write(move |tx| {
            tx.execute(
                "UPDATE users SET password_hash = $1 WHERE id = $2 AND password_hash = $3",
                &[new.as_str().into(), user_id.into(), old.as_str().into()],
            )?;
            Ok(())
        })
        .await
    }

    /// Makes somebody an administrator, or one no longer; the last one stays one.
    pub async fn set_admin(&self, name: String, is_admin: bool) -> Result<()> {
        self.write(move |tx| {
            let user = tx.require_user(&name)?;
            if !is_admin {
                tx.keep_an_admin(&user)?;
            }
            tx.execute(
                "UPDATE users SET is_admin = $1 WHERE id = $2",
                &[is_admin.into(), user.id.into()],
            )?;
            Ok(())
        })
        .await
    }

    /// Deletes a user with their grants, tokens and sessions; the last administrator stays.
    pub async fn delete_user(&self, name: String) -> Result<()> {
        self.write(move |tx| {
            let user = tx.require_user(&name)?;
            tx.keep_an_admin(&user)?;
            let own_role = format!("__user_{}__", user.id);
            let own = "SELECT id FROM roles WHERE name = $1";
            tx.execute(
                &format!("DELETE FROM role_permissions WHERE role_id IN ({own})"),
                &[own_role.as_str().into()],
            )?;
            tx.execute(
                &format!("DELETE FROM user_role_assignments WHERE role_id IN ({own})"),
                &[own_role.as_str().into()],
            )?;
            tx.execute("DELETE FROM roles WHERE name = $1", &[own_role.as_str().into()])?;
            for sql in OLD_GRANTS {
                tx.execute(sql, &[user.id.into()])?;
            }
            tx.execute(
                "DELETE FROM user_role_assignments WHERE user_id = $1",
                &[user.id.into()],
            )?;
            tx.execute("DELETE FROM oxflow_tokens WHERE user_id = $1", &[user.id.into()])?;
            tx.execute("DELETE FROM users WHERE id = $1", &[user.id.into()])?;
            Ok(())
        })
        .await
    }

    /// What is known of somebody who says that this is their name.
    pub async fn login(&self, name: String) -> Result<Option<Login>> {
        self.read(move |tx| {
            let found = tx.query_first(
                "SELECT id, username, is_admin, password_hash FROM users WHERE username = $1",
                &[name.as_str().into()],
                |row| Ok((User::from_row(row)?, row.text_or_null(3)?)),
            )?;
            let Some((user, password)) = found else {
                return Ok(None);
            };
            Ok(Some(Login {
                grants: tx.grants_of(user.id)?,
                password: password.map(PasswordHash::from_row),
                user,
            }))
        })
        .await
    }

    /// What is known of whoever has a token; `None` if nobody has it (any more).
    pub async fn login_by_token(&self, hash: TokenHash) -> Result<Option<TokenLogin>> {
        self.read(move |tx| {
            let found = tx.query_first(
                "SELECT u.id, u.username, u.is_admin, t.id, t.kind, t.name, t.scope, t.created_at, t.expires_at,
                        t.last_used_at
                   FROM oxflow_tokens t
                   JOIN users u ON u.id = t.user_id AND u.username = t.username
                  WHERE t.hash = $1",
                &[hash.as_str().into()],
                |row| Ok((User::from_row(row)?, TokenInfo::from_row(row, 3)?)),
            )?;
            let Some((user, token)) = found else {
                return Ok(None);
            };
            Ok(Some(TokenLogin {
                grants: tx.grants_of(user.id)?,
                token,
                user,
            }))
        })
        .await
    }
}

fn name_taken(name: &UserName) -> StoreError {
    Invalid {
        code: ErrorCode::ResourceAlreadyExists,
        message: format!("User (username={name}) already exists."),
    }
    .into()
}

impl Tx<'_> {
    pub(super) fn find_user(&mut self, name: &str) -> Result<Option<User>> {
        let sql = format!("{SELECT} WHERE username = $1");
        Ok(self.query_first(&sql, &[name.into()], User::from_row)?)
    }

    pub(super) fn require_user(&mut self, name: &str) -> Result<User> {
        self.find_user(name)?
            .ok_or_else(|| UserName::not_found(name).into())
    }

    /// Refuses to go on if this is the only administrator.
    fn keep_an_admin(&mut self, user: &User) -> Result<()> {
        if !user.is_admin {
            return Ok(());
        }
        let other = self.query_first(
            "SELECT 1 FROM users WHERE is_admin AND id <> $1",
            &[user.id.into()],
            |_| Ok(()),
        )?;
        match other {
            Some(()) => Ok(()),
            None => Err(Invalid::new(format!(
                "'{}' is the only administrator. Make somebody else one first.",
                user.name
            ))
            .into()),
        }
    }

    fn grants_of(&mut self, user_id: i64) -> Result<Grants> {
        let grants = self.query(
            "SELECT p.resource_type, p.resource_pattern, p.permission
               FROM user_role_assignments a
               JOIN roles r ON r.id = a.role_id
               JOIN role_permissions p ON p.role_id = r.id
              WHERE a.user_id = $1 AND r.workspace = $2",
            &[user_id.into(), DEFAULT_WORKSPACE.into()],
            |row| grant(row, 0),
        )?;
        Ok(Grants::new(grants.into_iter().flatten()))
    }
}
