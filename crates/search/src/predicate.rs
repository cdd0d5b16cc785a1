//! What a comparison demands of its field, and how to read and print it.

use std::fmt;
use std::ops::Range;

use crate::clause::{Comparator, Comparison, Operand, OperandKind};
use crate::error::SearchError;
use crate::lexer::quoted;
use crate::limits::MAX_LIKE_PATTERN_BYTES;
use crate::list;

/// One comparison of a filter; a filter is the AND of its conditions.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition<F> {
    /// What is compared.
    pub field: F,
    /// What it must be.
    pub predicate: Predicate,
    /// Where the comparison stands, in bytes of the filter text.
    pub span: Range<usize>,
}

/// What a field must be for a condition to hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Predicate {
    /// Compared as a number. Metrics always have [`Number::Float`].
    Number {
        /// How.
        op: NumberOp,
        /// With what.
        value: Number,
    },
    /// Compared as text.
    Text {
        /// How.
        op: TextOp,
        /// With what; for `LIKE` and `ILIKE` a pattern with `%` and `_`, without escapes.
        value: String,
    },
    /// Equal to one of several texts.
    In {
        /// `NOT IN`: equal to none of them.
        negated: bool,
        /// 1 to [`crate::MAX_LIST_VALUES`] values.
        values: Vec<String>,
    },
    /// The run or experiment has no such tag or param at all.
    IsNull {
        /// `IS NOT NULL`: it has one.
        negated: bool,
    },
}

/// A number as written: with or without a decimal point or exponent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// Written as an integer.
    Int(i64),
    /// Written with a point or an exponent; infinite if too large (`1e999`), never NaN.
    Float(f64),
}

/// How numbers compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named after the operators")]
pub enum NumberOp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// How texts compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextOp {
    /// `=`
    Eq,
    /// `!=`
    Ne,
    /// `LIKE`: case-sensitive pattern.
    Like,
    /// `ILIKE`: pattern on the lower-cased text.
    ILike,
}

impl NumberOp {
    /// As it is written in a filter.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
        }
    }

    pub(crate) fn of(comparator: Comparator) -> Option<Self> {
        match comparator {
            Comparator::Eq => Some(Self::Eq),
            Comparator::Ne => Some(Self::Ne),
            Comparator::Lt => Some(Self::Lt),
            Comparator::Le => Some(Self::Le),
            Comparator::Gt => Some(Self::Gt),
            Comparator::Ge => Some(Self::Ge),
            _ => None,
        }
    }
}

impl TextOp {
    /// As it is written in a filter.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::Ne => "!=",
            Self::Like => "LIKE",
            Self::ILike => "ILIKE",
        }
    }

    pub(crate) fn of(comparator: Comparator) -> Option<Self> {
        match comparator {
            Comparator::Eq => Some(Self::Eq),
            Comparator::Ne => Some(Self::Ne),
            Comparator::Like => Some(Self::Like),
            Comparator::ILike => Some(Self::ILike),
            _ => None,
        }
    }
}

/// A predicate on text with the value already read, or `None` if the comparator is not for text.
pub(crate) fn text_predicate(
    comparison: &Comparison<'_>,
    value: &str,
) -> Result<Option<Predicate>, SearchError> {
    let Some(op) = TextOp::of(comparison.comparator) else {
        return Ok(None);
    };
    if matches!(op, TextOp::Like | TextOp::ILike) && value.len() > MAX_LIKE_PATTERN_BYTES {
        return Err(SearchError::at(
            &comparison.span,
            format!(
                "Pattern of {} is {} bytes long; at most {MAX_LIKE_PATTERN_BYTES} are allowed.",
                op.symbol(),
                value.len()
            ),
        ));
    }
    Ok(Some(Predicate::Text {
        op,
        value: value.to_owned(),
    }))
}

/// A predicate on a list, or `None` if this is not `IN` or `NOT IN`.
pub(crate) fn list_predicate(
    comparison: &Comparison<'_>,
    list: &Operand<'_>,
) -> Result<Option<Predicate>, SearchError> {
    let values = list::parse(list)?;
    Ok(match comparison.comparator {
        Comparator::In { negated } => Some(Predicate::In { negated, values }),
        _ => None,
    })
}

/// The number an operand was written as; `None` if it is none, or an integer beyond 64 bits.
pub(crate) fn number(operand: &Operand<'_>) -> Option<Number> {
    match operand.kind {
        OperandKind::Integer => operand.text.parse().ok().map(Number::Int),
        OperandKind::Float => operand.text.parse().ok().map(Number::Float),
        _ => None,
    }
}

/// Prints a filter in its canonical form; parsing that gives the same conditions again.
///
/// One value has no form that is safe everywhere: text that ends in a backslash, or that holds
/// both kinds of quotes, reads back only as the last value of its kind.
pub fn print_filter<F: fmt::Display>(conditions: &[Condition<F>]) -> String {
    let printed: Vec<String> = conditions.iter().map(ToString::to_string).collect();
    printed.join(" AND ")
}

impl<F: fmt::Display> fmt::Display for Condition<F> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.field, self.predicate)
    }
}

impl fmt::Display for Predicate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number { op, value } => write!(out, "{} {value}", op.symbol()),
            Self::Text { op, value } => write!(out, "{} {}", op.symbol(), quote_text(value)),
            Self::In { negated, values } => {
                let quoted: Vec<String> = values.iter().map(|value| list::quote(value)).collect();
                write!(
                    out,
                    "{} ({})",
                    if *negated { "NOT IN" } else { "IN" },
                    quoted.join(", ")
                )
            }
            Self::IsNull { negated: false } => out.write_str("IS NULL"),
            Self::IsNull { negated: true } => out.write_str("IS NOT NULL"),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(value) => write!(out, "{value}"),
            Self::Float(value) if value.is_infinite() => {
                out.write_str(if *value > 0.0 { "1e999" } else { "-1e999" })
            }
            // Debug, not Display: it keeps the point (`1.0`) and uses exponents.
            Self::Float(value) => write!(out, "{value:?}"),
        }
    }
}

fn quote_text(value: &str) -> String {
    let is_safe_in = |quote: char| {
        let with_more_behind = format!("{quote}{value}{quote} {quote}{quote}");
        quoted(&with_more_behind, quote) == Some(value.len() + 2)
    };
    let quote = if !is_safe_in('\'') && is_safe_in('"') {
        '"'
    } else {
        '\''
    };
    format!("{quote}{value}{quote}")
}
