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
    /// Whether a text was only cut to the width of its column, and nothing is missing as a whole.
    pub is_cut: bool,
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
            is_cut: false,
        }
    }

    /// A text that is longer than its column.
    pub(crate) fn cut(path: impl Into<PathBuf>, what: &str, max_chars: usize) -> Self {
        let what =
            format!("{what} is longer than the {max_chars} characters of its column; the rest was cut off");
        Self {
            is_cut: true,
            ..Self::new(path, what)
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
