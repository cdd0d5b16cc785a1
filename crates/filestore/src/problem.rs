//! What could not be read.

use std::fmt;
use std::path::PathBuf;

/// Something in the store that could not be read as what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file or folder, below the root of the store.
    pub path: PathBuf,
    /// The line in the file, from 1.
    pub line: Option<u64>,
    /// What is wrong, and what became of it.
    pub what: String,
}

/// Where problems go as they are found: a broken store may have millions.
pub type Report<'r> = &'r mut dyn FnMut(Problem);

impl Problem {
    /// A problem of a whole file or folder.
    pub fn new(path: impl Into<PathBuf>, what: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            line: None,
            what: what.into(),
        }
    }

    /// A problem of one line.
    pub fn at_line(path: impl Into<PathBuf>, line: u64, what: impl Into<String>) -> Self {
        Self {
            line: Some(line),
            ..Self::new(path, what)
        }
    }

    pub(crate) fn io(path: impl Into<PathBuf>, doing: &str, error: impl fmt::Display) -> Self {
        Self::new(path, format!("could not {doing}: {error}"))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.what)
    }
}
