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
            c if is_printable(c) => out.push(c),
            c if (c as u32) < 0x100 => out.push_str(&format!("\\x{:02x}", c as u32)),
            c if (c as u32) < 0x1_0000 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push_str(&format!("\\U{:08x}", c as u32)),
        }
    }
    out.push(quote);
    out
}

/// Python's `str.isprintable` for one character: no control or format character, no space but ` `, assigned.
fn is_printable(c: char) -> bool {
    // The standard library escapes by the same rule. Only after another character does it leave a combining one alone.
    let escaped: String = ['a', c].iter().collect::<String>().escape_debug().collect();
    matches!(c, '\\' | '\'' | '"') || !escaped.starts_with("a\\")
}

/// A text as MLflow prints it inside messages: JSON in ASCII.
pub(crate) fn json_string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if (c as u32) < 0x20 || (c as u32) == 0x7f => {
                out.push_str(&format!("\\u{:04x}", c as u32));
            }
            c => push_ascii(c, &mut out),
        }
    }
    out.push('"');
    out
}

/// JSON text in ASCII, as Python writes it.
pub(crate) fn ascii_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        push_ascii(c, &mut out);
    }
    out
}

fn push_ascii(c: char, out: &mut String) {
    if c.is_ascii() {
        out.push(c);
        return;
    }
    for unit in c.encode_utf16(&mut [0; 2]) {
        out.push_str(&format!("\\u{unit:04x}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_printed_is_escaped_as_in_python() {
        assert_eq!(python_repr("it's"), "\"it's\"");
        assert_eq!(python_repr("ü日\u{301}"), "'ü日\u{301}'");
        assert_eq!(
            python_repr("\u{7f}\u{ad}\u{200b}\u{2028}\u{e0001}"),
            r"'\x7f\xad\u200b\u2028\U000e0001'"
        );
        assert_eq!(json_string("ß🙂\""), r#""\u00df\ud83d\ude42\"""#);
    }

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
