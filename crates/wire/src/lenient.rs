//! JSON as Python's parser takes it: with bare `NaN` and `Infinity`, and numbers of any size.
//!
//! Such a token becomes a text that begins with NUL: only a number field takes it.

use std::borrow::Cow;

/// Puts quotes around the number tokens that strict JSON cannot express.
pub(crate) fn with_quoted_numbers(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut out: Option<String> = None;
    let mut copied = 0;
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'"' {
            at = end_of_string(bytes, at);
            continue;
        }
        let token = bytes[at..].iter().take_while(|b| is_token_byte(**b)).count();
        if token == 0 {
            at += 1;
            continue;
        }
        if let Some(quoted) = number_in_quotes(&text[at..at + token]) {
            let out = out.get_or_insert_default();
            out.push_str(&text[copied..at]);
            out.push_str(quoted);
            copied = at + token;
        }
        at += token;
    }
    match out {
        None => Cow::Borrowed(text),
        Some(mut out) => {
            out.push_str(&text[copied..]);
            Cow::Owned(out)
        }
    }
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')
}

fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn number_in_quotes(token: &str) -> Option<&'static str> {
    match token {
        "NaN" => Some("\"\\u0000NaN\""),
        "Infinity" => Some("\"\\u0000Infinity\""),
        "-Infinity" => Some("\"\\u0000-Infinity\""),
        _ if !token.contains(['e', 'E']) && token.len() < 300 => None,
        _ => match token.parse::<f64>() {
            Ok(number) if number == f64::INFINITY => Some("\"\\u0000Infinity\""),
            Ok(number) if number == f64::NEG_INFINITY => Some("\"\\u0000-Infinity\""),
            _ => None,
        },
    }
}
