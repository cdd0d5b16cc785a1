//! Cuts a filter into comparisons: `identifier operator value`, joined by `AND`.

use std::ops::Range;

use crate::error::SearchError;
use crate::lexer::{Token, TokenKind, lex};
use crate::limits::{MAX_COMPARISONS, MAX_FILTER_BYTES};
use crate::python::repr;

/// How many of the invalid clauses a message lists.
const MAX_LISTED_CLAUSES: usize = 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OperandKind {
    Identifier,
    /// In single quotes.
    Text,
    Integer,
    Float,
    /// Anything in parentheses.
    List,
    Null,
    /// A function call or an arithmetic expression: no field of ours.
    Expression,
}

#[derive(Debug, Clone)]
pub(crate) struct Operand<'a> {
    pub kind: OperandKind,
    pub text: &'a str,
    pub span: Range<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparator {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Like,
    ILike,
    In {
        negated: bool,
    },
    IsNull {
        negated: bool,
    },
    /// Lexed as a comparison, but no entity knows it: `==`, `NOT LIKE`.
    Unknown,
}

#[derive(Debug, Clone)]
pub(crate) struct Comparison<'a> {
    pub key: Operand<'a>,
    pub comparator: Comparator,
    /// The comparator as written.
    pub comparator_text: &'a str,
    /// Absent for `IS NULL` and `IS NOT NULL` only.
    pub value: Option<Operand<'a>>,
    pub span: Range<usize>,
}

impl Comparison<'_> {
    /// The comparator as MLflow's messages print it.
    pub fn comparator_name(&self) -> String {
        let words: Vec<String> = self
            .comparator_text
            .split_whitespace()
            .map(str::to_uppercase)
            .collect();
        words.join(" ")
    }
}

/// What a filter consists of.
pub(crate) struct Clauses<'a> {
    pub text: &'a str,
    pub comparisons: Vec<Comparison<'a>>,
    /// Everything that is neither a comparison nor `AND`.
    pub invalid: Vec<Range<usize>>,
    /// Whether a semicolon is followed by more text.
    pub is_several_statements: bool,
}

impl Clauses<'_> {
    /// The invalid clauses joined with commas, each between `quote`s, and where the first is.
    pub fn invalid_error(&self, quote: &str) -> Option<SearchError> {
        let first = self.invalid.first()?;
        let mut listed: Vec<String> = self
            .invalid
            .iter()
            .take(MAX_LISTED_CLAUSES)
            .map(|span| format!("{quote}{}{quote}", &self.text[span.clone()]))
            .collect();
        if self.invalid.len() > MAX_LISTED_CLAUSES {
            listed.push("…".to_owned());
        }
        let message = format!("Invalid clause(s) in filter string: {}", listed.join(", "));
        Some(SearchError::at(first, message))
    }

    /// Refuses `a; b`, in the words runs and experiments share.
    pub fn require_one_statement(&self) -> Result<(), SearchError> {
        if !self.is_several_statements {
            return Ok(());
        }
        Err(SearchError::whole(format!(
            "Search filter contained multiple expression {}. Provide AND-ed expression list.",
            repr(self.text)
        )))
    }
}

/// Refuses a filter that is too long, or cuts it into clauses.
pub(crate) fn clauses(text: &str) -> Result<Clauses<'_>, SearchError> {
    if text.len() > MAX_FILTER_BYTES {
        return Err(SearchError::whole(format!(
            "Filter string is {} bytes long; at most {MAX_FILTER_BYTES} are allowed.",
            text.len()
        )));
    }
    let tokens = lex(text);
    let parser = Parser {
        text,
        tokens: &tokens,
    };
    parser.clauses()
}

struct Parser<'a, 't> {
    text: &'a str,
    tokens: &'t [Token],
}

impl<'a> Parser<'a, '_> {
    fn clauses(&self) -> Result<Clauses<'a>, SearchError> {
        let mut found = Clauses {
            text: self.text,
            comparisons: Vec::new(),
            invalid: Vec::new(),
            is_several_statements: self.is_several_statements(),
        };
        let mut at = 0;
        while at < self.tokens.len() {
            if self.is_keyword(at, "AND") {
                at += 1;
                continue;
            }
            let Some((key, after_key)) = self.operand(at) else {
                found.invalid.push(self.tokens[at].span.clone());
                at += 1;
                continue;
            };
            let Some((comparison, next)) = self.comparison(&key, after_key) else {
                found.invalid.push(key.span);
                at = after_key;
                continue;
            };
            if found.comparisons.len() == MAX_COMPARISONS {
                let message = format!("Filter string has more than {MAX_COMPARISONS} comparisons.");
                return Err(SearchError::at(&comparison.span, message));
            }
            found.comparisons.push(comparison);
            at = next;
        }
        Ok(found)
    }

    fn is_several_statements(&self) -> bool {
        let mut last_semicolon = None;
        let mut at = 0;
        while let Some(token) = self.tokens.get(at) {
            match token.kind {
                TokenKind::Semicolon => last_semicolon = last_semicolon.or(Some(at)),
                TokenKind::Open { close: Some(close) } => at = close,
                _ => {}
            }
            at += 1;
        }
        last_semicolon.is_some_and(|index| index + 1 < self.tokens.len())
    }

    /// The comparison whose key ends before token `at`, and the token after it.
    fn comparison(&self, key: &Operand<'a>, at: usize) -> Option<(Comparison<'a>, usize)> {
        let (comparator, value_at) = self.comparator(at)?;
        let is_null_test = matches!(comparator, Comparator::IsNull { .. });
        let is_membership = matches!(comparator, Comparator::In { .. });
        if (is_null_test || is_membership) && key.kind != OperandKind::Identifier {
            return None;
        }
        let (value, next) = if is_null_test {
            (None, value_at)
        } else if is_membership {
            let (list, next) = self
                .primary(value_at)
                .filter(|(list, _)| list.kind == OperandKind::List)?;
            (Some(list), next)
        } else {
            let (value, next) = self.operand(value_at)?;
            (Some(value), next)
        };
        let comparator_span = self.tokens[at].span.start..self.tokens[value_at - 1].span.end;
        let span = key.span.start..self.tokens[next - 1].span.end;
        let comparator_text = &self.text[comparator_span];
        Some((
            Comparison {
                key: key.clone(),
                comparator,
                comparator_text,
                value,
                span,
            },
            next,
        ))
    }

    /// The comparator that begins at token `at`, and the token after it.
    fn comparator(&self, at: usize) -> Option<(Comparator, usize)> {
        let token = self.tokens.get(at)?;
        if token.kind == TokenKind::Comparison {
            return Some((symbol(&self.text[token.span.clone()]), at + 1));
        }
        if self.is_keyword(at, "IN") {
            return Some((Comparator::In { negated: false }, at + 1));
        }
        if self.is_keyword(at, "NOT") {
            if self.is_keyword(at + 1, "IN") {
                return Some((Comparator::In { negated: true }, at + 2));
            }
            let next = self.tokens.get(at + 1)?;
            let is_word = self.text[next.span.clone()].starts_with(char::is_alphabetic);
            return (next.kind == TokenKind::Comparison && is_word).then_some((Comparator::Unknown, at + 2));
        }
        if !self.is_keyword(at, "IS") {
            return None;
        }
        if self.is_keyword(at + 1, "NULL") {
            return Some((Comparator::IsNull { negated: false }, at + 2));
        }
        let is_negated = self.is_keyword(at + 1, "NOT") && self.is_keyword(at + 2, "NULL");
        is_negated.then_some((Comparator::IsNull { negated: true }, at + 3))
    }

    /// One operand, or several glued together by operators such as `-`.
    fn operand(&self, at: usize) -> Option<(Operand<'a>, usize)> {
        let (mut operand, mut next) = self.primary(at)?;
        while self.kind(next) == Some(TokenKind::Operator) {
            let Some((right, after)) = self.primary(next + 1) else {
                break;
            };
            let span = operand.span.start..right.span.end;
            operand = Operand {
                kind: OperandKind::Expression,
                text: &self.text[span.clone()],
                span,
            };
            next = after;
        }
        Some((operand, next))
    }

    fn primary(&self, at: usize) -> Option<(Operand<'a>, usize)> {
        let (kind, next) = match self.kind(at)? {
            TokenKind::Text => (OperandKind::Text, at + 1),
            TokenKind::Integer => (OperandKind::Integer, at + 1),
            TokenKind::Float => (OperandKind::Float, at + 1),
            TokenKind::Keyword if self.is_keyword(at, "NULL") => (OperandKind::Null, at + 1),
            TokenKind::Open { close: Some(close) } => (OperandKind::List, close + 1),
            TokenKind::Quoted => (OperandKind::Identifier, self.identifier_end(at)),
            TokenKind::Word => match self.kind(at + 1) {
                Some(TokenKind::Open { close: Some(close) }) => (OperandKind::Expression, close + 1),
                _ => (OperandKind::Identifier, self.identifier_end(at)),
            },
            _ => return None,
        };
        let span = self.tokens[at].span.start..self.tokens[next - 1].span.end;
        Some((
            Operand {
                kind,
                text: &self.text[span.clone()],
                span,
            },
            next,
        ))
    }

    /// The token after the dotted name that begins at `at`. Its parts touch each other.
    fn identifier_end(&self, at: usize) -> usize {
        let touches = |index: usize| {
            self.tokens
                .get(index)
                .is_some_and(|token| token.span.start == self.tokens[index - 1].span.end)
        };
        let mut next = at + 1;
        while touches(next) && self.kind(next) == Some(TokenKind::Dot) {
            next += 1;
            let is_part = match self.kind(next) {
                Some(TokenKind::Word | TokenKind::Quoted | TokenKind::Text) => true,
                Some(TokenKind::Operator) => &self.text[self.tokens[next].span.clone()] == "*",
                _ => false,
            };
            if touches(next) && is_part {
                next += 1;
            }
        }
        next
    }

    fn kind(&self, at: usize) -> Option<TokenKind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    fn is_keyword(&self, at: usize, word: &str) -> bool {
        self.tokens.get(at).is_some_and(|token| {
            token.kind == TokenKind::Keyword && self.text[token.span.clone()].eq_ignore_ascii_case(word)
        })
    }
}

fn symbol(text: &str) -> Comparator {
    match text {
        "=" => Comparator::Eq,
        "!=" => Comparator::Ne,
        "<" => Comparator::Lt,
        "<=" => Comparator::Le,
        ">" => Comparator::Gt,
        ">=" => Comparator::Ge,
        _ if text.eq_ignore_ascii_case("LIKE") => Comparator::Like,
        _ if text.eq_ignore_ascii_case("ILIKE") => Comparator::ILike,
        _ => Comparator::Unknown,
    }
}

/// The identifier an order_by clause begins with and the rest behind it, if it is shaped like one.
pub(crate) fn leading_identifier(text: &str) -> Option<(&str, &str)> {
    let tokens = lex(text);
    let parser = Parser {
        text,
        tokens: &tokens,
    };
    let (operand, _) = parser.primary(0)?;
    let is_leading = operand.kind == OperandKind::Identifier && operand.span.start == 0;
    is_leading.then(|| text.split_at(operand.span.end))
}
