//! The passwords that are guessed first.

use std::collections::HashSet;
use std::sync::LazyLock;

/// The first 10,000 of the list that Django 5.2 refuses (compiled by Royce Williams from leaked ones), in small letters.
static LIST: &str = include_str!("../../data/common-passwords.txt");

static COMMON: LazyLock<HashSet<&str>> = LazyLock::new(|| LIST.lines().collect());

/// Whether a password is a common one, whatever its case and the digits at its end.
pub(super) fn is_common(password: &str) -> bool {
    let small = password.to_lowercase();
    let word = small.trim_end_matches(|c: char| c.is_ascii_digit());
    COMMON.contains(small.as_str()) || COMMON.contains(word)
}
