//! What tells whether bytes are the same.

use std::fmt;

/// The SHA-256 of all bytes of an artifact. Its text form is 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContentDigest([u8; Self::BYTES]);

impl ContentDigest {
    /// Its length.
    pub const BYTES: usize = 32;

    /// Out of the bytes that were kept of one; `None` for any other length.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(bytes.try_into().ok()?))
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

impl From<[u8; Self::BYTES]> for ContentDigest {
    fn from(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for ContentDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_64_digits() {
        let mut bytes = [0xab; 32];
        bytes[0] = 0x01;
        let digest = ContentDigest::from(bytes);
        assert_eq!(digest.to_string(), format!("01{}", "ab".repeat(31)));
        assert_eq!(ContentDigest::from_bytes(&bytes), Some(digest));
        assert_eq!(ContentDigest::from_bytes(&bytes[1..]), None);
    }
}
