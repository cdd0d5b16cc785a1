//! Cuts a filter or order_by clause into tokens, with the rules of the SQL lexer MLflow uses.

use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A name, or a part of a dotted one.
    Word,
    /// A word with a meaning of its own where it stands: `AND`, `IN`, `NULL`.
    Keyword,
    /// A name in backticks or double quotes. Double quotes also hold values.
    Quoted,
    /// A value in single quotes.
    Text,
    Integer,
    Float,
    Dot,
    Open {
        /// Index of the token that closes this parenthesis.
        close: Option<usize>,
    },
    Close,
    Semicolon,
    /// `=`, `!=`, `LIKE`: whatever stands between two operands of a comparison.
    Comparison,
    /// `+`, `/`, `||`: never valid in a filter, but glues two operands together.
    Operator,
    Comment,
    Other,
}

#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub kind: TokenKind,
    pub span: Range<usize>,
}

/// Words that are not names when they stand alone.
const KEYWORDS: &[&str] = &[
    "AND", "OR", "NOT", "IS", "NULL", "IN", "BETWEEN", "TRUE", "FALSE", "EXISTS", "CASE", "SELECT", "FROM",
    "WHERE", "ORDER", "GROUP", "HAVING", "LIMIT", "AS", "ASC", "DESC", "XOR",
];

const WORD_COMPARISONS: &[&str] = &["LIKE", "ILIKE", "RLIKE", "REGEXP"];

/// Cuts `text` into tokens; whitespace is only visible as gaps between spans. Linear in time.
pub(crate) fn lex(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let follows_dot = tokens
            .last()
            .is_some_and(|token| token.kind == TokenKind::Dot && token.span.end == at);
        let (kind, length) = next_token(&text[at..], first, follows_dot);
        match kind {
            TokenKind::Open { .. } => open.push(tokens.len()),
            TokenKind::Close => {
                if let Some(opening) = open.pop() {
                    tokens[opening].kind = TokenKind::Open {
                        close: Some(tokens.len()),
                    };
                }
            }
            _ => {}
        }
        tokens.push(Token {
            kind,
            span: at..at + length,
        });
        at += length;
    }
    tokens
}

fn next_token(rest: &str, first: char, follows_dot: bool) -> (TokenKind, usize) {
    if let Some(length) = comment(rest) {
        return (TokenKind::Comment, length);
    }
    if let Some(number) = number(rest) {
        return number;
    }
    match first {
        '`' | '"' => quoted(rest, first).map_or((TokenKind::Other, 1), |end| (TokenKind::Quoted, end)),
        '\'' => quoted(rest, first).map_or((TokenKind::Other, 1), |end| (TokenKind::Text, end)),
        '.' => (TokenKind::Dot, 1),
        '(' => (TokenKind::Open { close: None }, 1),
        ')' => (TokenKind::Close, 1),
        ';' => (TokenKind::Semicolon, 1),
        '<' | '>' | '=' | '~' | '!' => (TokenKind::Comparison, run_of(rest, "<>=~!")),
        '+' | '/' | '@' | '#' | '%' | '^' | '&' | '|' | '*' | '-' => {
            (TokenKind::Operator, run_of(rest, "+/@#%^&|*-"))
        }
        _ if is_word(first) => word(rest, follows_dot),
        _ => (TokenKind::Other, first.len_utf8()),
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn run_of(rest: &str, set: &str) -> usize {
    rest.find(|character| !set.contains(character))
        .unwrap_or(rest.len())
}

fn word(rest: &str, follows_dot: bool) -> (TokenKind, usize) {
    let length = rest.find(|character| !is_word(character)).unwrap_or(rest.len());
    let is_part_of_name = follows_dot || rest[length..].starts_with('.');
    let is_one_of = |words: &[&str]| {
        words
            .iter()
            .any(|word| word.eq_ignore_ascii_case(&rest[..length]))
    };
    let kind = if is_part_of_name {
        TokenKind::Word
    } else if is_one_of(WORD_COMPARISONS) {
        TokenKind::Comparison
    } else if is_one_of(KEYWORDS) {
        TokenKind::Keyword
    } else {
        TokenKind::Word
    };
    (kind, length)
}

/// `-- …` and `# …` to the end of the line, `/* … */` (to the end of the text if not closed).
fn comment(rest: &str) -> Option<usize> {
    if rest.starts_with("--") || rest.starts_with("# ") {
        return Some(rest.find(['\n', '\r']).unwrap_or(rest.len()));
    }
    let body = rest.strip_prefix("/*")?;
    Some(body.find("*/").map_or(rest.len(), |end| end + 4))
}

/// `12`, `-1.5`, `.5`, `1.`, `2E-3`. A name that begins with digits (`1a`) is no number.
fn number(rest: &str) -> Option<(TokenKind, usize)> {
    let bytes = rest.as_bytes();
    let digits = |from: usize| {
        bytes[from..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let whole_start = usize::from(bytes.first() == Some(&b'-'));
    let whole_end = whole_start + digits(whole_start);
    let has_whole = whole_end > whole_start;
    let has_point = bytes.get(whole_end) == Some(&b'.');
    let fraction_end = if has_point {
        whole_end + 1 + digits(whole_end + 1)
    } else {
        whole_end
    };
    let has_fraction = has_point && fraction_end > whole_end + 1;
    if !has_whole && !has_fraction {
        return None;
    }

    let mantissa_end = if has_fraction { fraction_end } else { whole_end };
    if has_whole && matches!(bytes.get(mantissa_end), Some(b'e' | b'E')) {
        let exponent_start = mantissa_end + 1 + usize::from(bytes.get(mantissa_end + 1) == Some(&b'-'));
        let exponent_digits = if exponent_start <= bytes.len() {
            digits(exponent_start)
        } else {
            0
        };
        if exponent_digits > 0 {
            return Some((TokenKind::Float, exponent_start + exponent_digits));
        }
    }
    let ends_at = |end: usize| !rest[end..].starts_with(|next: char| next == '_' || next.is_alphabetic());
    if has_point && ends_at(fraction_end) {
        Some((TokenKind::Float, fraction_end))
    } else if has_whole && ends_at(whole_end) {
        Some((TokenKind::Integer, whole_end))
    } else {
        None
    }
}

/// Length of the quoted token `rest` begins with, quotes included; `None` if it never ends.
///
/// A doubled quote does not end it, nor (outside backticks) a quote after a backslash; but when
/// the text ends first, the last of those was the end after all: `'C:\'` is a value.
pub(crate) fn quoted(rest: &str, quote: char) -> Option<usize> {
    let bytes = rest.as_bytes();
    let quote = quote as u8;
    let mut fallback = None;
    let mut at = 1;
    while at < bytes.len() {
        if bytes[at] == b'\\' && quote != b'`' && bytes.get(at + 1) == Some(&quote) {
            fallback = Some(at + 2);
            at += 2;
        } else if bytes[at] != quote {
            at += 1;
        } else if bytes.get(at + 1) == Some(&quote) {
            fallback = Some(at + 1);
            at += 2;
        } else {
            return Some(at + 1);
        }
    }
    fallback
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<(TokenKind, &str)> {
        lex(text)
            .into_iter()
            .map(|token| (token.kind, &text[token.span]))
            .collect()
    }

    #[test]
    fn words_inside_dotted_names_are_not_keywords() {
        use TokenKind::*;
        assert_eq!(
            pieces("tags.like LIKE 'x' and"),
            [
                (Word, "tags"),
                (Dot, "."),
                (Word, "like"),
                (Comparison, "LIKE"),
                (Text, "'x'"),
                (Keyword, "and")
            ]
        );
    }

    #[test]
    fn numbers_are_cut_as_mlflow_cuts_them() {
        use TokenKind::*;
        assert_eq!(pieces("-1.5"), [(Float, "-1.5")]);
        assert_eq!(pieces("1."), [(Float, "1.")]);
        assert_eq!(pieces("-.5"), [(Float, "-.5")]);
        assert_eq!(pieces("1e-5"), [(Float, "1e-5")]);
        assert_eq!(pieces("12e"), [(Word, "12e")]);
        assert_eq!(pieces("1e+5"), [(Word, "1e"), (Operator, "+"), (Integer, "5")]);
        assert_eq!(pieces("m.1a"), [(Word, "m"), (Dot, "."), (Word, "1a")]);
    }

    #[test]
    fn a_backslash_or_doubling_keeps_a_quote_inside_unless_the_text_ends() {
        use TokenKind::*;
        assert_eq!(pieces(r"'a\'b'"), [(Text, r"'a\'b'")]);
        assert_eq!(pieces(r"'a\'"), [(Text, r"'a\'")]);
        assert_eq!(pieces("'it''s'"), [(Text, "'it''s'")]);
        assert_eq!(pieces("'''"), [(Text, "''"), (Other, "'")]);
        assert_eq!(pieces("'open"), [(Other, "'"), (Word, "open")]);
        assert_eq!(pieces(r"`a\`"), [(Quoted, r"`a\`")]);
    }

    #[test]
    fn parentheses_know_their_partner() {
        let tokens = lex("((a)");
        assert_eq!(tokens[0].kind, TokenKind::Open { close: None });
        assert_eq!(tokens[1].kind, TokenKind::Open { close: Some(3) });
    }
}
