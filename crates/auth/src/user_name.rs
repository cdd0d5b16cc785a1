//! Names of users.

use std::fmt;

use oxflow_core::{ErrorCode, Invalid};

/// Longest name: the width of `users.username`.
const MAX_CHARS: usize = 255;

/// The name somebody logs in with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserName(String);

impl UserName {
    /// A name for a new user: 1 to 255 characters, none of them a colon, which ends the name in HTTP Basic, or a control
    /// character. Spaces around it are left out. Rule: security.md, section 6.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let name = raw.trim();
        if name.is_empty() {
            return Err(Invalid::new("Username cannot be empty."));
        }
        let chars = name.chars().count();
        if chars > MAX_CHARS {
            return Err(Invalid::new(format!(
                "Username has {chars} characters; at most {MAX_CHARS} are allowed."
            )));
        }
        if name.chars().any(|c| c == ':' || c.is_control()) {
            return Err(Invalid::new(
                "Username must not contain a colon or a control character.",
            ));
        }
        Ok(Self(name.to_owned()))
    }

    /// A name from the database.
    pub fn from_row(name: String) -> Self {
        Self(name)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// That there is no such user.
    pub fn not_found(raw: &str) -> Invalid {
        Invalid {
            code: ErrorCode::ResourceDoesNotExist,
            message: format!("User with username={raw} not found"),
        }
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
