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

    /// Out of its text form.
    pub fn parse(text: &str) -> Option<Self> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let bytes = pairs
            .iter()
            .map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?));
        let bytes: Option<Vec<u8>> = bytes.collect();
        Self::from_bytes(&bytes?).filter(|_| rest.is_empty())
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
        assert_eq!(ContentDigest::parse(&digest.to_string()), Some(digest));
        for wrong in [
            "ab".repeat(31),
            "ab".repeat(33),
            "AB".repeat(32),
            "ab".repeat(32) + "a",
            "é".repeat(32),
        ] {
            assert_eq!(ContentDigest::parse(&wrong), None, "{wrong}");
        }
        assert_eq!(ContentDigest::from_bytes(&bytes), Some(digest));
        assert_eq!(ContentDigest::from_bytes(&bytes[1..]), None);
    }
}
