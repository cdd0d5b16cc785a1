//! Passwords: which are good enough, and how they are kept.

mod common;
mod werkzeug;

use std::fmt;

use argon2::password_hash::PasswordVerifier as _;
use argon2::{Algorithm, Argon2, Params, Version};
use oxflow_core::Invalid;

use crate::UserName;

/// Shortest password, in bytes.
const MIN_BYTES: usize = 12;

/// Longest password, in bytes: a longer one is refused before it costs anything.
const MAX_BYTES: usize = 1024;

/// Fewest characters that differ.
const MIN_DIFFERENT: usize = 5;

/// Memory of Argon2id, in KiB; passes; lanes. security.md, section 6.
const ARGON2_COST: (u32, u32, u32) = (19 * 1024, 2, 1);

/// A password that somebody wants to have from now on. Its text is never shown.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// Checks a new password: 12 to 1024 bytes, not a common one, not made of the name, five different characters.
    pub fn parse(text: &str, name: &UserName) -> Result<Self, Invalid> {
        if text.chars().count() < MIN_BYTES {
            return Err(Invalid::new("Password must be at least 12 characters."));
        }
        if text.len() > MAX_BYTES {
            return Err(Invalid::new(format!(
                "Password has {} bytes; at most {MAX_BYTES} are allowed.",
                text.len()
            )));
        }
        if text.contains('\0') {
            return Err(Invalid::new("Password must not contain a NUL character."));
        }
        if different_chars(text) < MIN_DIFFERENT {
            return Err(Invalid::new(format!(
                "Password must have at least {MIN_DIFFERENT} different characters."
            )));
        }
        if is_made_of(text, name.as_str()) {
            return Err(Invalid::new("Password must not be the username, or repeat it."));
        }
        if common::is_common(text) {
            return Err(Invalid::new(
                "Password is one of the most common ones, which are the first to be guessed. Choose another.",
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

fn different_chars(text: &str) -> usize {
    let mut chars: Vec<char> = text.chars().collect();
    chars.sort_unstable();
    chars.dedup();
    chars.len()
}

/// Whether a password is nothing but a name, once or several times.
fn is_made_of(password: &str, name: &str) -> bool {
    let (password, name) = (password.to_lowercase(), name.to_lowercase());
    !name.is_empty() && password.replace(&name, "").is_empty()
}

/// How new passwords are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HashMethod {
    /// Argon2id with 19 MiB. MLflow cannot read it.
    #[default]
    Argon2id,
    /// MLflow's own, `scrypt:32768:8:1`, for a database that goes back to MLflow.
    Scrypt,
}

/// What the database keeps of a password.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

/// Whether a password is the right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is not.
    Wrong,
    /// It is.
    Right,
    /// It is, and is kept in another way than it should be.
    RightButKeptOtherwise,
}

impl PasswordHash {
    /// Hashes a password with a random salt of 16 bytes. Takes tens of milliseconds of a core.
    pub fn new(password: &Password, method: HashMethod, salt: [u8; 16]) -> Self {
        Self::of_text(&password.0, method, salt)
    }

    /// Hashes a password that was the right one, so that it need not pass the rules for new ones.
    pub fn of_verified(text: &str, method: HashMethod, salt: [u8; 16]) -> Self {
        Self::of_text(text, method, salt)
    }

    fn of_text(text: &str, method: HashMethod, salt: [u8; 16]) -> Self {
        match method {
            HashMethod::Argon2id => Self(argon2id(text, salt)),
            HashMethod::Scrypt => Self(werkzeug::scrypt(text, salt)),
        }
    }

    /// A hash that no password has and that takes as long to check as any: for users that do not exist.
    pub fn of_nobody(method: HashMethod) -> Self {
        Self::of_text("", method, [0; 16])
    }

    /// A hash out of the database.
    pub fn from_row(text: String) -> Self {
        Self(text)
    }

    /// The text that is kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Checks a password. Takes tens of milliseconds of a core.
    pub fn verify(&self, password: &str, method: HashMethod) -> Verdict {
        if password.len() > MAX_BYTES || password.is_empty() {
            return Verdict::Wrong;
        }
        let (is_right, kept_as) = if self.0.starts_with("$argon2") {
            (self.verify_argon2(password), Some(HashMethod::Argon2id))
        } else {
            let kept_as = self
                .0
                .starts_with("scrypt:32768:8:1$")
                .then_some(HashMethod::Scrypt);
            (werkzeug::verify(&self.0, password), kept_as)
        };
        match (is_right, kept_as == Some(method)) {
            (false, _) => Verdict::Wrong,
            (true, true) => Verdict::Right,
            (true, false) => Verdict::RightButKeptOtherwise,
        }
    }

    fn verify_argon2(&self, password: &str) -> bool {
        let Ok(hash) = argon2::password_hash::phc::PasswordHash::new(&self.0) else {
            return false;
        };
        Argon2::default()
            .verify_password(password.as_bytes(), &hash)
            .is_ok()
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

fn argon2id(password: &str, salt: [u8; 16]) -> String {
    use argon2::password_hash::CustomizedPasswordHasher as _;
    let (memory, passes, lanes) = ARGON2_COST;
    let params = Params::new(memory, passes, lanes, None).expect("the costs are within Argon2's limits");
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash = argon2.hash_password_customized(password.as_bytes(), &salt, None, None, Default::default());
    hash.expect("hashing fails for no password within the limits")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(password: &str) -> String {
        let name = UserName::from_row("alice".to_owned());
        Password::parse(password, &name).map_or_else(|error| error.message, |_| String::new())
    }

    #[test]
    fn weak_passwords_are_refused_with_the_reason() {
        for (password, reason) in [
            ("short", "at least 12"),
            ("password1234", "most common"),
            ("PassWord12345678", "most common"),
            ("qwertyuiop123", "most common"),
            ("alicealicealice", "username"),
            ("AliceALICEalice", "username"),
            ("aaaaaaaaaaaaaaab", "different"),
            ("a plain\0 sentence", "NUL"),
            (&"long ".repeat(300), "1024"),
        ] {
            assert!(
                refused(password).contains(reason),
                "{password:.20}: {}",
                refused(password)
            );
        }
        for password in [
            "correct horse battery",
            "пароль из слов 7",
            "alice and her rabbit",
        ] {
            assert_eq!(refused(password), "", "{password}");
        }
    }

    #[test]
    fn a_hash_knows_its_password_and_how_it_is_kept() {
        for method in [HashMethod::Argon2id, HashMethod::Scrypt] {
            let hash = PasswordHash::of_verified("a plain sentence 1", method, [3; 16]);
            assert_eq!(hash.verify("a plain sentence 1", method), Verdict::Right);
            assert_eq!(hash.verify("a plain sentence 2", method), Verdict::Wrong);
            assert_eq!(hash.verify("", method), Verdict::Wrong);
        }
        let scrypt = PasswordHash::of_verified("x", HashMethod::Scrypt, [3; 16]);
        assert_eq!(
            scrypt.verify("x", HashMethod::Argon2id),
            Verdict::RightButKeptOtherwise
        );
        let argon2 = PasswordHash::of_verified("x", HashMethod::Argon2id, [3; 16]);
        assert!(
            argon2.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{}",
            argon2.as_str()
        );
    }

    /// Made by Werkzeug 3.1 and 2.3 for the password `a plain sentence 1`; the first is in a database of MLflow 2.11.3.
    #[test]
    fn hashes_of_werkzeug_are_verified() {
        for hash in [
            "scrypt:32768:8:1$AdBVutVUzyA97Hsg$3d68e74b5c36c714f679873b7ea1b37c7bce4d0e590b9806e3d7a989f158019afb786210d1ad2f21fb03e7acd3ac044d433094ff7fd791de01c7de3fa588c961",
            "pbkdf2:sha256:26000$CR5KX5fNRmcUrSNb$8f0bc4742a0a090b01fa16dce2b214e82bccab9fb374f2172df000f011b41964",
        ] {
            let hash = PasswordHash::from_row(hash.to_owned());
            assert_eq!(
                hash.verify("a plain sentence 1", HashMethod::Argon2id),
                Verdict::RightButKeptOtherwise
            );
            assert_eq!(
                hash.verify("a plain sentence 2", HashMethod::Argon2id),
                Verdict::Wrong
            );
        }
        for broken in [
            "",
            "$",
            "$argon2id$",
            "plain$x$y",
            "scrypt:32768:8:1$a",
            "scrypt:3:8:1$a$00",
            "scrypt:1073741824:8:1$a$00",
            "scrypt:32768:99999:1$a$00",
            "pbkdf2:md5:1$a$00",
            "pbkdf2:sha256:4000000000$a$00",
        ] {
            let hash = PasswordHash::from_row(broken.to_owned());
            assert_eq!(
                hash.verify("a plain sentence 1", HashMethod::Argon2id),
                Verdict::Wrong,
                "{broken}"
            );
        }
    }
}
