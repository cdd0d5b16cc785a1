//! Values that go into statements and rows that come out.

use std::borrow::Cow;

use rusqlite::Statement;
use rusqlite::types::{ToSqlOutput, ValueRef};

use crate::DbError;

/// A parameter of a statement.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Value<'v> {
    Null,
    Int(i64),
    Real(f64),
    Bool(bool),
    Text(Cow<'v, str>),
    /// A list of texts for [`crate::Dialect::any_of`] and `ids_with_position`.
    Texts(Cow<'v, [String]>),
    /// A list of integers for [`crate::Dialect::any_of`].
    Ints(Cow<'v, [i64]>),
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<i32> for Value<'_> {
    fn from(number: i32) -> Self {
        Self::Int(number.into())
    }
}

impl From<f64> for Value<'_> {
    fn from(number: f64) -> Self {
        Self::Real(number)
    }
}

impl From<bool> for Value<'_> {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl<'v> From<&'v str> for Value<'v> {
    fn from(text: &'v str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl<'v> From<&'v String> for Value<'v> {
    fn from(text: &'v String) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'v> From<&'v [String]> for Value<'v> {
    fn from(texts: &'v [String]) -> Self {
        Self::Texts(Cow::Borrowed(texts))
    }
}

impl<'v> From<&'v [i64]> for Value<'v> {
    fn from(numbers: &'v [i64]) -> Self {
        Self::Ints(Cow::Borrowed(numbers))
    }
}

impl<'v, T: Into<Value<'v>>> From<Option<T>> for Value<'v> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Self::Int(number) => ToSqlOutput::Borrowed(ValueRef::Integer(*number)),
            Self::Real(number) => ToSqlOutput::Borrowed(ValueRef::Real(*number)),
            Self::Bool(truth) => ToSqlOutput::Borrowed(ValueRef::Integer(i64::from(*truth))),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Texts(texts) => ToSqlOutput::from(json_list(texts)),
            Self::Ints(numbers) => ToSqlOutput::from(json_list(numbers)),
        })
    }
}

/// A list as the JSON text that `json_each` reads.
fn json_list<T: serde::Serialize>(items: &[T]) -> String {
    serde_json::to_string(items).expect("a list of texts or integers is JSON")
}

pub(super) fn bind(statement: &mut Statement<'_>, parameters: &[Value<'_>]) -> Result<(), DbError> {
    for (i, value) in parameters.iter().enumerate() {
        statement.raw_bind_parameter(i + 1, value)?;
    }
    Ok(())
}

/// A row of an answer.
#[derive(Debug)]
pub struct Row<'r> {
    pub(super) inner: &'r rusqlite::Row<'r>,
}

impl Row<'_> {
    /// A text that is never NULL.
    pub(crate) fn text(&self, column: usize) -> Result<String, DbError> {
        Ok(self.inner.get(column)?)
    }

    /// A text or NULL.
    pub(crate) fn text_or_null(&self, column: usize) -> Result<Option<String>, DbError> {
        Ok(self.inner.get(column)?)
    }

    /// An integer that is never NULL.
    pub(crate) fn int(&self, column: usize) -> Result<i64, DbError> {
        Ok(self.inner.get(column)?)
    }

    /// An integer or NULL.
    pub(crate) fn int_or_null(&self, column: usize) -> Result<Option<i64>, DbError> {
        Ok(self.inner.get(column)?)
    }

    /// A number that is never NULL. SQLite keeps a whole number that MLflow wrote as an integer.
    pub(crate) fn real(&self, column: usize) -> Result<f64, DbError> {
        Ok(self.inner.get(column)?)
    }

    /// A number or NULL.
    pub(crate) fn real_or_null(&self, column: usize) -> Result<Option<f64>, DbError> {
        Ok(self.inner.get(column)?)
    }

    /// A truth value that is never NULL.
    pub(crate) fn truth(&self, column: usize) -> Result<bool, DbError> {
        Ok(self.inner.get(column)?)
    }
}
