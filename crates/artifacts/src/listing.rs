//! What a folder's list says, whole or by pages.

use std::collections::BinaryHeap;
use std::fmt;
use std::num::NonZeroUsize;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

/// A direct child of a listed directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Name without the directory. Always a valid path of one segment.
    pub name: String,
    /// Directory or file.
    pub is_dir: bool,
    /// Size of a file; 0 for a directory.
    pub size_bytes: u64,
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageWanted {
    /// Most entries of the page.
    pub max_entries: NonZeroUsize,
    /// Where the page before ended; the first page without.
    pub after: Option<ListToken>,
}

/// A part of a list.
///
/// Pages follow each other in the order of the store: by name in byte order, where object stores count the slash of a
/// folder's name. A page may be shorter than wanted, even empty, and have another one after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryPage {
    /// The entries.
    pub entries: Vec<Entry>,
    /// Where it ended; `None` on the last page.
    pub next: Option<ListToken>,
}

/// Where a page of a list ended. Says nothing to anybody but the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListToken(String);

/// The token is none that a list gave, or one of another folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Invalid page_token: no list of this folder ended there; begin again without one")]
pub struct InvalidListToken;

/// Longest token, in characters. Azure's are the longest: a key of 1,024 bytes, encoded twice.
const MAX_TOKEN: usize = 8192;

impl ListToken {
    /// Reads what [`Display`](fmt::Display) wrote.
    pub fn parse(text: &str) -> Result<Self, InvalidListToken> {
        if text.len() > MAX_TOKEN {
            return Err(InvalidListToken);
        }
        let bytes = BASE64_URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| InvalidListToken)?;
        match String::from_utf8(bytes) {
            Ok(inner) if !inner.chars().any(char::is_control) => Ok(Self(inner)),
            _ => Err(InvalidListToken),
        }
    }

    pub(crate) fn of(inner: String) -> Self {
        Self(inner)
    }

    pub(crate) fn inner(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ListToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&BASE64_URL_SAFE_NO_PAD.encode(&self.0))
    }
}

impl PageWanted {
    /// The part of a sorted list that is the page.
    pub(crate) fn of_sorted(&self, mut entries: Vec<Entry>) -> EntryPage {
        if let Some(after) = &self.after {
            let before = entries.partition_point(|entry| entry.name.as_str() <= after.inner());
            entries.drain(..before);
        }
        let has_more = entries.len() > self.max_entries.get();
        entries.truncate(self.max_entries.get());
        let last = entries.last().filter(|_| has_more);
        let next = last.map(|entry| ListToken::of(entry.name.clone()));
        EntryPage { entries, next }
    }
}

/// The first names of a page, in byte order, from names in any order. Holds no more of them than a page has.
pub(crate) struct FirstNames<'a> {
    wanted: &'a PageWanted,
    names: BinaryHeap<String>,
    has_more: bool,
}

impl<'a> FirstNames<'a> {
    pub(crate) fn new(wanted: &'a PageWanted) -> Self {
        Self {
            wanted,
            names: BinaryHeap::new(),
            has_more: false,
        }
    }

    pub(crate) fn add(&mut self, name: &str) {
        if self
            .wanted
            .after
            .as_ref()
            .is_some_and(|after| name <= after.inner())
        {
            return;
        }
        if self.names.len() < self.wanted.max_entries.get() {
            self.names.push(name.to_owned());
            return;
        }
        self.has_more = true;
        if self.names.peek().is_some_and(|last| name < last.as_str()) {
            self.names.pop();
            self.names.push(name.to_owned());
        }
    }

    /// The names in order, and where they ended if more follow.
    pub(crate) fn finish(self) -> (Vec<String>, Option<ListToken>) {
        let names = self.names.into_sorted_vec();
        let last = names.last().filter(|_| self.has_more);
        let next = last.map(|last| ListToken::of(last.clone()));
        (names, next)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tokens_are_read_as_they_were_written() {
        for inner in ["", "a", "ü/ %", &"x".repeat(1024)] {
            let token = ListToken::of(inner.to_owned());
            assert_eq!(ListToken::parse(&token.to_string()), Ok(token));
        }
    }

    #[test]
    fn other_tokens_are_refused() {
        let long = "a".repeat(MAX_TOKEN + 4);
        for text in ["a", "$", "a b", "_w", "ü", "AA", &long] {
            assert_eq!(ListToken::parse(text), Err(InvalidListToken), "{text}");
        }
    }

    proptest! {
        /// However the names come, and however short the pages are, their pages are the sorted list.
        #[test]
        fn pages_of_names_are_the_sorted_list(
            names in proptest::collection::btree_set("[a-c]{1,3}", 0..40),
            max in 1_usize..8,
            seed in any::<u64>(),
        ) {
            let sorted: Vec<String> = names.into_iter().collect();
            let mut shuffled = sorted.clone();
            shuffled.sort_by_key(|name| {
                let bytes = name.bytes().fold(seed, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
                bytes.wrapping_mul(0x9e37_79b9_7f4a_7c15)
            });
            let mut wanted = PageWanted { max_entries: NonZeroUsize::new(max).unwrap(), after: None };
            let mut found = Vec::new();
            loop {
                let mut first = FirstNames::new(&wanted);
                shuffled.iter().for_each(|name| first.add(name));
                let (page, next) = first.finish();
                prop_assert!(page.len() <= max && (next.is_none() || page.len() == max));
                let entries = sorted.iter().map(|name| Entry { name: name.clone(), is_dir: false, size_bytes: 0 });
                let of_sorted = wanted.of_sorted(entries.collect());
                prop_assert_eq!(&of_sorted.next, &next);
                prop_assert!(of_sorted.entries.iter().map(|entry| &entry.name).eq(&page));
                found.extend(page);
                match next {
                    Some(_) => wanted.after = next,
                    None => break,
                }
            }
            prop_assert_eq!(found, sorted);
        }
    }
}
