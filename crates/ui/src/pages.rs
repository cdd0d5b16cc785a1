//! The files of a web UI.

/// What `index.html` says its links are relative to; the server puts its own prefix there.
const BASE: &str = "<base href=\"/\"";

/// A web UI: one page, and the files it asks for.
#[derive(Debug, Clone, Copy)]
pub struct Pages {
    index: &'static str,
    /// Hash of the page before the server's prefix is put in, in hexadecimal digits.
    pub index_hash: &'static str,
    files: &'static [File],
}

/// A file that the page asks for, in the forms it is sent in.
#[derive(Debug)]
pub struct File {
    /// Path below `/static-files/`.
    pub name: &'static str,
    /// Its media type.
    pub content_type: &'static str,
    /// Hash of the content, in hexadecimal digits.
    pub hash: &'static str,
    /// As it is.
    pub plain: &'static [u8],
    /// Compressed with Brotli, where that is smaller.
    pub brotli: Option<&'static [u8]>,
    /// Compressed with gzip, where that is smaller.
    pub gzip: Option<&'static [u8]>,
}

impl Pages {
    /// A UI of this page and these files, which are sorted by name.
    pub const fn new(index: &'static str, index_hash: &'static str, files: &'static [File]) -> Self {
        Self {
            index,
            index_hash,
            files,
        }
    }

    /// The page, whose links are relative to `base`: `/`, or `/prefix/`. The base is plain text without anything to escape.
    pub fn index(&self, base: &str) -> String {
        self.index.replacen(BASE, &format!("<base href=\"{base}\""), 1)
    }

    /// A file by its path below `/static-files/`.
    pub fn file(&self, name: &str) -> Option<&'static File> {
        let at = self.files.binary_search_by(|file| file.name.cmp(name)).ok()?;
        Some(&self.files[at])
    }
}

impl File {
    /// Whether the name changes with the content, as those that Vite gives do: `index-B1x2_Yz9.js`.
    ///
    /// A hash of nothing but small letters is not told from a word, and counts as none.
    pub fn is_named_by_content(&self) -> bool {
        const HASH_CHARS: usize = 8;
        let name = self.name.rsplit_once('/').map_or(self.name, |(_, name)| name);
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let Some((rest, hash)) = stem
            .len()
            .checked_sub(HASH_CHARS)
            .and_then(|at| stem.split_at_checked(at))
        else {
            return false;
        };
        rest.ends_with('-')
            && hash
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
            && hash.bytes().any(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &'static str) -> File {
        File {
            name,
            content_type: "",
            hash: "",
            plain: b"",
            brotli: None,
            gzip: None,
        }
    }

    #[test]
    fn hashed_names_are_told_from_others() {
        for name in ["index-B1x2_Yz9.js", "a/b-c-DqK8-f0e.woff2"] {
            assert!(named(name).is_named_by_content(), "{name}");
        }
        for name in [
            "icon.svg",
            "table-contents.css",
            "x-B1x2_Yz.js",
            "B1x2_Yz9.js",
            "é-B1x2_Yz.js",
            "",
        ] {
            assert!(!named(name).is_named_by_content(), "{name}");
        }
    }
}
