//! Paths below an artifact root, and below the folder that artifacts are downloaded to.

use std::fmt;

use crate::tracking::printable;

/// Longest path in bytes, as the systems have it that files are written to.
const MAX_PATH_BYTES: usize = 4096;

/// Names between single slashes, none of which leads elsewhere; or the root itself, which is empty.
///
/// Stricter names are the server's to ask for: what MLflow's servers store is taken, as long as it is one file below
/// the root on a system like this one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RelativePath(String);

/// The text is no path below a root.
#[derive(Debug, thiserror::Error)]
#[error("`{}` is no path below the artifacts: {why}", printable(path))]
pub struct BadPath {
    path: String,
    why: &'static str,
}

impl RelativePath {
    /// The root.
    pub fn root() -> Self {
        Self::default()
    }

    /// Reads a path; the empty text is the root.
    pub fn parse(text: &str) -> Result<Self, BadPath> {
        if text.is_empty() {
            return Ok(Self::root());
        }
        text.split('/')
            .try_fold(Self::root(), |path, name| path.child(name))
            .map_err(|error| BadPath {
                path: text.to_owned(),
                ..error
            })
    }

    /// Reads a path that may end with a slash.
    pub fn parse_folder(text: &str) -> Result<Self, BadPath> {
        Self::parse(text.trim_end_matches('/'))
    }

    /// The path of a name below this one. A server may have made the name up, so it is read as closely as any path.
    pub fn child(&self, name: &str) -> Result<Self, BadPath> {
        let bad = |why| {
            Err(BadPath {
                path: name.to_owned(),
                why,
            })
        };
        match name {
            "" => return bad("it has an empty name, as `a//b` and `/a` do"),
            "." | ".." => return bad("`.` and `..` lead elsewhere"),
            _ if name.contains('/') => return bad("a name has no slash"),
            _ if name.contains('\0') => return bad("a name has no NUL"),
            _ => {}
        }
        let path = if self.0.is_empty() {
            name.to_owned()
        } else {
            format!("{}/{name}", self.0)
        };
        if path.len() > MAX_PATH_BYTES {
            return bad("it is longer than 4096 bytes");
        }
        Ok(Self(path))
    }

    /// `self/below`.
    pub fn join(&self, below: &Self) -> Result<Self, BadPath> {
        below
            .names()
            .try_fold(self.clone(), |path, name| path.child(name))
    }

    /// The names; none for the root.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').filter(|name| !name.is_empty())
    }

    /// Folder and last name; `None` for the root.
    pub fn split(&self) -> Option<(Self, &str)> {
        match self.0.rsplit_once('/') {
            Some((folder, name)) => Some((Self(folder.to_owned()), name)),
            None if self.0.is_empty() => None,
            None => Some((Self::root(), &self.0)),
        }
    }

    /// The first name and what follows; `None` for the root.
    pub fn split_first(&self) -> Option<(&str, Self)> {
        match self.0.split_once('/') {
            Some((first, rest)) => Some((first, Self(rest.to_owned()))),
            None if self.0.is_empty() => None,
            None => Some((&self.0, Self::root())),
        }
    }

    /// Whether it is the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RelativePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_no_paths() {
        for text in [
            "..",
            "a/../b",
            "/etc/passwd",
            "a//b",
            "a/",
            "./a",
            ".",
            "a\0b",
            "a/..",
        ] {
            assert!(RelativePath::parse(text).is_err(), "{text}");
        }
        let long = vec!["x".repeat(200); 21].join("/");
        assert!(RelativePath::parse(&long).is_err());
        for text in ["", "a", "a/b c/é", "...", "a\\b", "%2e%2e", "~", "-"] {
            assert_eq!(RelativePath::parse(text).unwrap().as_str(), text);
        }
        assert_eq!(RelativePath::parse_folder("a/b/").unwrap().as_str(), "a/b");
    }

    #[test]
    fn a_listed_name_is_one_name() {
        let folder = RelativePath::parse("a").unwrap();
        for name in ["..", "b/c", "../x", "/x", ""] {
            assert!(folder.child(name).is_err(), "{name}");
        }
        assert_eq!(folder.child("b").unwrap().as_str(), "a/b");
    }

    #[test]
    fn paths_are_taken_apart() {
        let path = RelativePath::parse("a/b/c").unwrap();
        let (folder, name) = path.split().unwrap();
        assert_eq!((folder.as_str(), name), ("a/b", "c"));
        let (first, rest) = path.split_first().unwrap();
        assert_eq!((first, rest.as_str()), ("a", "b/c"));
        assert!(RelativePath::root().split().is_none() && RelativePath::root().split_first().is_none());
        assert_eq!(
            folder
                .join(&RelativePath::parse("x/y").unwrap())
                .unwrap()
                .as_str(),
            "a/b/x/y"
        );
    }
}
