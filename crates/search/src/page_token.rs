//! Page tokens: base64 of `{"offset": N}`, as MLflow writes them.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::SearchError;
use crate::limits::{MAX_PAGE_OFFSET, MAX_PAGE_TOKEN_BYTES};
use crate::python::{json, repr};

/// Where the next page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageToken {
    /// How many results came before; 0 to 2^31.
    pub offset: u64,
}

impl PageToken {
    /// Reads a token; an empty one is the first page.
    pub fn parse(token: &str) -> Result<Self, SearchError> {
        if token.is_empty() {
            return Ok(Self::default());
        }
        let decoded = decode(token)?;
        let parsed: Self = from_json(&decoded)?;
        check_offset(parsed.offset)?;
        Ok(parsed)
    }

    /// The token as it goes over the wire.
    pub fn encode(&self) -> String {
        STANDARD.encode(json(self))
    }
}

impl fmt::Display for PageToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.encode())
    }
}

/// The text inside the base64.
pub(crate) fn decode(token: &str) -> Result<String, SearchError> {
    let undecodable = || SearchError::whole("Invalid page token, could not base64-decode");
    if token.len() > MAX_PAGE_TOKEN_BYTES {
        return Err(undecodable());
    }
    // Python leaves out what is no letter of the alphabet.
    let letters: Vec<u8> = token
        .bytes()
        .filter(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(byte))
        .collect();
    let bytes = STANDARD.decode(letters).map_err(|_| undecodable())?;
    String::from_utf8(bytes).map_err(|_| undecodable())
}

pub(crate) fn from_json<T: DeserializeOwned>(decoded: &str) -> Result<T, SearchError> {
    let shown = || decoded.chars().take(200).collect::<String>();
    let not_json = || SearchError::whole(format!("Invalid page token, decoded value=b{}", repr(&shown())));
    // serde would also read a struct from an array of its members.
    if !decoded.starts_with('{') {
        return Err(not_json());
    }
    serde_json::from_str(decoded).map_err(|error| {
        if error.is_data() {
            SearchError::whole(format!("Invalid page token, parsed value={}", shown()))
        } else {
            not_json()
        }
    })
}

pub(crate) fn check_offset(offset: u64) -> Result<(), SearchError> {
    if offset <= MAX_PAGE_OFFSET {
        return Ok(());
    }
    let message = format!("Invalid page token, offset {offset} is larger than {MAX_PAGE_OFFSET}");
    Err(SearchError::whole(message))
}
