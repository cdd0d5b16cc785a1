//! Rows that come out of statements.

use std::error::Error;

use rusqlite::types::FromSql as FromSqlite;
use tokio_postgres::types::{FromSql, Type};

use crate::DbError;

/// A row of an answer.
#[derive(Debug)]
pub enum Row<'r> {
    /// Of SQLite.
    Sqlite(&'r rusqlite::Row<'r>),
    /// Of PostgreSQL.
    Postgres(&'r tokio_postgres::Row),
}

impl Row<'_> {
    /// A text that is never NULL.
    pub(crate) fn text(&self, column: usize) -> Result<String, DbError> {
        present(self.text_or_null(column)?, column)
    }

    /// The same where it stands, for rows of which there are many.
    pub(crate) fn text_in_place(&self, column: usize) -> Result<&str, DbError> {
        present(self.text_in_place_or_null(column)?, column)
    }

    /// A text where it stands, or NULL.
    pub(crate) fn text_in_place_or_null(&self, column: usize) -> Result<Option<&str>, DbError> {
        match self {
            Self::Sqlite(row) => {
                let text = row.get_ref(column)?.as_str_or_null();
                text.map_err(|error| DbError::unexpected(format!("column {column} of an answer: {error}")))
            }
            Self::Postgres(row) => Ok(row.try_get(column)?),
        }
    }

    /// A text or NULL.
    pub(crate) fn text_or_null(&self, column: usize) -> Result<Option<String>, DbError> {
        match self {
            Self::Sqlite(row) => sqlite(row, column),
            Self::Postgres(row) => Ok(row
                .try_get::<_, Option<AnyText>>(column)?
                .map(|AnyText(text)| text)),
        }
    }

    /// An integer that is never NULL.
    pub(crate) fn int(&self, column: usize) -> Result<i64, DbError> {
        present(self.int_or_null(column)?, column)
    }

    /// An integer or NULL.
    pub(crate) fn int_or_null(&self, column: usize) -> Result<Option<i64>, DbError> {
        match self {
            Self::Sqlite(row) => sqlite(row, column),
            Self::Postgres(row) => Ok(row
                .try_get::<_, Option<AnyInt>>(column)?
                .map(|AnyInt(number)| number)),
        }
    }

    /// A number that is never NULL. SQLite keeps a whole number that MLflow wrote as an integer.
    pub(crate) fn real(&self, column: usize) -> Result<f64, DbError> {
        present(self.real_or_null(column)?, column)
    }

    /// A number or NULL.
    pub(crate) fn real_or_null(&self, column: usize) -> Result<Option<f64>, DbError> {
        match self {
            Self::Sqlite(row) => sqlite(row, column),
            Self::Postgres(row) => Ok(row.try_get(column)?),
        }
    }

    /// Bytes that are never NULL.
    pub(crate) fn bytes(&self, column: usize) -> Result<Vec<u8>, DbError> {
        let bytes = match self {
            Self::Sqlite(row) => sqlite(row, column)?,
            Self::Postgres(row) => row.try_get(column)?,
        };
        present(bytes, column)
    }

    /// A truth value that is never NULL.
    pub(crate) fn truth(&self, column: usize) -> Result<bool, DbError> {
        present(self.truth_or_null(column)?, column)
    }

    /// A truth value or NULL.
    pub(crate) fn truth_or_null(&self, column: usize) -> Result<Option<bool>, DbError> {
        match self {
            Self::Sqlite(row) => sqlite(row, column),
            Self::Postgres(row) => Ok(row.try_get(column)?),
        }
    }
}

fn sqlite<T: FromSqlite>(row: &rusqlite::Row<'_>, column: usize) -> Result<Option<T>, DbError> {
    Ok(row.get(column)?)
}

fn present<T>(value: Option<T>, column: usize) -> Result<T, DbError> {
    value.ok_or_else(|| DbError::unexpected(format!("column {column} of an answer is NULL")))
}

/// An integer of any width.
struct AnyInt(i64);

impl<'a> FromSql<'a> for AnyInt {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(match *ty {
            Type::INT2 => i16::from_sql(ty, raw)?.into(),
            Type::INT4 => i32::from_sql(ty, raw)?.into(),
            _ => i64::from_sql(ty, raw)?,
        }))
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT2 | Type::INT4 | Type::INT8)
    }
}

/// A text, or JSON as a text.
struct AnyText(String);

impl<'a> FromSql<'a> for AnyText {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(std::str::from_utf8(raw)?.to_owned()))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::JSON || <&str as FromSql>::accepts(ty)
    }
}
