//! API tokens and sessions: secrets that the server makes.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// What every API token begins with, so that scanners of source code find lost ones.
const PREFIX: &str = "oxf_";

/// Characters of the secret of a token: 256 bits in base 62.
const SECRET_CHARS: usize = 43;

/// Characters of the checksum at its end: 32 bits in base 62.
const CHECKSUM_CHARS: usize = 6;

/// An API token or the key of a session. Its text is shown once, and never kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// What is kept of a token.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TokenHash(String);

impl Token {
    /// A token out of 32 random bytes.
    pub fn new(random: [u8; 32]) -> Self {
        let secret = base62(&random, SECRET_CHARS);
        let checksum = checksum(&secret);
        Self(format!("{PREFIX}{secret}{checksum}"))
    }

    /// Reads a token; `None` for what no server has made, without asking any database.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(PREFIX)?;
        if rest.len() != SECRET_CHARS + CHECKSUM_CHARS || !rest.is_ascii() {
            return None;
        }
        let (secret, sum) = rest.split_at(SECRET_CHARS);
        let is_ours = checksum(secret).as_bytes().ct_eq(sum.as_bytes());
        bool::from(is_ours).then(|| Self(text.to_owned()))
    }

    /// Whether a text looks like a token, right or wrong.
    pub fn is_like(text: &str) -> bool {
        text.starts_with(PREFIX)
    }

    /// The text, for the one who is to keep it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it: SHA-256 in hexadecimal digits.
    pub fn hash(&self) -> TokenHash {
        let digest = Sha256::digest(self.0.as_bytes());
        TokenHash(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl TokenHash {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn checksum(secret: &str) -> String {
    base62(&crc32fast::hash(secret.as_bytes()).to_be_bytes(), CHECKSUM_CHARS)
}

/// A big-endian number in base 62, with leading zeros.
fn base62(bytes: &[u8], chars: usize) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut number = bytes.to_vec();
    let mut digits = vec![b'0'; chars];
    for digit in digits.iter_mut().rev() {
        let mut rest = 0;
        for byte in &mut number {
            let value = rest * 256 + u32::from(*byte);
            *byte = (value / 62) as u8;
            rest = value % 62;
        }
        *digit = DIGITS[rest as usize];
    }
    digits.into_iter().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_by_its_checksum() {
        let token = Token::new([0xab; 32]);
        assert_eq!(Token::parse(token.reveal()), Some(token.clone()));
        assert_eq!(token.reveal().len(), PREFIX.len() + SECRET_CHARS + CHECKSUM_CHARS);
        let wrong = token.reveal().replace('A', "B").replace("oxf_0", "oxf_1");
        for text in [
            "",
            "oxf_",
            "oxf_é",
            &token.reveal()[1..],
            &format!("{}0", token.reveal()),
            "oxf_".repeat(20).as_str(),
        ] {
            assert_eq!(Token::parse(text), None, "{text}");
        }
        if wrong != token.reveal() {
            assert_eq!(Token::parse(&wrong), None);
        }
        assert_eq!(format!("{token:?}"), "Token(…)");
        assert_ne!(Token::new([0; 32]), Token::new([1; 32]));
    }
}
