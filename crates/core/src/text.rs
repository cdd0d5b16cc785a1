//! Rules that every text has.

use crate::Invalid;

/// Refuses NUL, which PostgreSQL cannot store; `parameter` goes into the message.
pub fn check_no_nul(parameter: &str, text: &str) -> Result<(), Invalid> {
    if text.contains('\0') {
        return Err(Invalid::new(format!(
            "Invalid value for parameter '{parameter}' supplied: it contains a NUL character"
        )));
    }
    Ok(())
}

/// Refuses text over `limit` characters, and NUL.
pub fn check_length(what: &str, limit: usize, text: &str) -> Result<(), Invalid> {
    check_no_nul(what, text)?;
    // A character is at least one byte, so a short byte length settles it without counting.
    if text.len() > limit && text.chars().count() > limit {
        return Err(Invalid::too_long(what, limit));
    }
    Ok(())
}

/// The first `limit` characters of a text.
pub fn truncate_chars(text: &str, limit: usize) -> &str {
    match text.char_indices().nth(limit) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

/// A text as Python's `repr` prints it inside MLflow's messages.
pub fn python_repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push_str(&format!("\\x{:02x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_count_characters_not_bytes() {
        assert!(check_length("x", 3, "äöü").is_ok());
        assert_eq!(
            check_length("x", 3, "äöüé").unwrap_err().message,
            "'x' exceeds the maximum length of 3 characters"
        );
        assert_eq!(truncate_chars("äöüé", 3), "äöü");
        assert_eq!(truncate_chars("ab", 3), "ab");
    }
}
