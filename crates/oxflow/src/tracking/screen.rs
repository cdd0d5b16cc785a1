//! What is shown to whoever runs a command.

use std::io::{self, IsTerminal, Write};

/// Most characters of a message of the server that are shown.
const MAX_MESSAGE_CHARS: usize = 500;

/// A text of somebody else's for a terminal: without control characters, which could rewrite the screen, and not too
/// long.
pub fn printable(text: &str) -> String {
    let is_shown =
        |c: char| !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let shown: String = text
        .chars()
        .take(MAX_MESSAGE_CHARS)
        .map(|c| if is_shown(c) { c } else { '\u{fffd}' })
        .collect();
    if text.chars().nth(MAX_MESSAGE_CHARS).is_some() {
        format!("{shown}…")
    } else {
        shown
    }
}

/// A line for whoever watches, in place of a progress bar if there is one.
pub fn tell(text: &str) {
    let mut err = io::stderr().lock();
    let clear = if err.is_terminal() { "\r\x1b[K" } else { "" };
    let _ = writeln!(err, "{clear}{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_says_cannot_write_over_the_screen() {
        assert_eq!(
            printable("a\x1b[2Jb\r\n\u{202e}é"),
            "a\u{fffd}[2Jb\u{fffd}\u{fffd}\u{fffd}é"
        );
        assert_eq!(printable(&"x".repeat(501)), format!("{}…", "x".repeat(500)));
    }
}
