//! How a command fails: what happened, why, what to do, and the exit code.

use std::fmt;
use std::io::Write;
use std::process::ExitCode;

/// A command that could not do its work.
#[derive(Debug)]
pub struct Failure {
    error: anyhow::Error,
    hint: Option<String>,
    code: u8,
}

impl Failure {
    /// Wrong usage: flags, variables or a configuration file that cannot be meant. Exit code 2.
    pub fn usage(message: impl fmt::Display) -> Self {
        Self {
            error: anyhow::anyhow!("{message}"),
            hint: None,
            code: 2,
        }
    }

    /// Adds what to do about it.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Makes this a matter of wrong usage. Exit code 2.
    pub fn into_usage(mut self) -> Self {
        self.code = 2;
        self
    }

    /// Prints the failure to standard error and gives the exit code.
    pub fn report(&self) -> ExitCode {
        // When standard error is gone there is nobody left to tell.
        let _ = write!(std::io::stderr(), "{self}");
        ExitCode::from(self.code)
    }
}

/// An error with its causes.
pub fn in_one_line(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line += &format!(": {error}");
        cause = error.source();
    }
    line
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self {
            error,
            hint: None,
            code: 1,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error: {}", self.error)?;
        let mut last = self.error.to_string();
        for cause in self.error.chain().skip(1) {
            let text = cause.to_string();
            // Wrappers that only repeat their source say nothing new.
            if text != last {
                writeln!(f, "caused by: {text}")?;
            }
            last = text;
        }
        if let Some(hint) = &self.hint {
            writeln!(f, "\nhint: {hint}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn causes_are_printed_once_each_and_the_hint_last() {
        let low: anyhow::Result<()> = Err(anyhow::anyhow!("disk full"));
        let error = low
            .context("disk full")
            .context("could not open x.db")
            .unwrap_err();
        let printed = Failure::from(error).hint("make room").to_string();
        assert_eq!(
            printed,
            "error: could not open x.db\ncaused by: disk full\n\nhint: make room\n"
        );
    }
}
