//! Our values as PostgreSQL takes them.

use std::error::Error;

use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::driver::{Kind, Value};

/// A parameter of a statement with its type. Types are always said, so that a statement means the same
/// whatever was prepared before, and needs no round trip to find out.
pub(super) type Parameter<'p> = (&'p (dyn ToSql + Sync), Type);

impl Value<'_> {
    fn postgres_type(&self) -> Type {
        match self {
            // The database infers the type from the place.
            Self::Null => Type::UNKNOWN,
            Self::Int(_) => Type::INT8,
            Self::Real(_) => Type::FLOAT8,
            Self::Bool(_) => Type::BOOL,
            Self::Text(_) => Type::TEXT,
            Self::Bytes(_) => Type::BYTEA,
            Self::Texts(_) => Type::TEXT_ARRAY,
            Self::Ints(_) => Type::INT8_ARRAY,
        }
    }

    pub(super) fn parameter(&self) -> Parameter<'_> {
        (self, self.postgres_type())
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let ty = &self.postgres_type();
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) => number.to_sql(ty, out),
            Self::Real(number) => number.to_sql(ty, out),
            Self::Bool(truth) => truth.to_sql(ty, out),
            Self::Text(text) => text.as_ref().to_sql(ty, out),
            Self::Bytes(bytes) => bytes.as_ref().to_sql(ty, out),
            Self::Texts(texts) => texts.as_ref().to_sql(ty, out),
            Self::Ints(numbers) => numbers.as_ref().to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// One column of many rows as an array.
#[derive(Debug)]
pub(super) struct Column<'v> {
    kind: Kind,
    values: Vec<Value<'v>>,
}

impl<'v> Column<'v> {
    pub(super) fn new(kind: Kind, values: Vec<Value<'v>>) -> Self {
        Self { kind, values }
    }

    fn array_type(&self) -> Type {
        match self.kind {
            Kind::Text => Type::TEXT_ARRAY,
            Kind::Int => Type::INT8_ARRAY,
            Kind::Real => Type::FLOAT8_ARRAY,
            Kind::Bool => Type::BOOL_ARRAY,
            Kind::Bytes => Type::BYTEA_ARRAY,
        }
    }

    pub(super) fn parameter(&self) -> Parameter<'_> {
        (self, self.array_type())
    }

    /// Every value read by `read`; `None` for NULL.
    fn each<'s, T>(
        &'s self,
        read: impl Fn(&'s Value<'v>) -> Option<T>,
    ) -> Result<Vec<Option<T>>, Box<dyn Error + Sync + Send>> {
        let read_one = |value: &'s Value<'v>| match value {
            Value::Null => Ok(None),
            other => read(other)
                .map(Some)
                .ok_or_else(|| format!("a column of {:?} got {other:?}", self.kind)),
        };
        Ok(self.values.iter().map(read_one).collect::<Result<_, _>>()?)
    }
}

impl ToSql for Column<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self.kind {
            Kind::Text => self
                .each(|value| match value {
                    Value::Text(text) => Some(text.as_ref()),
                    _ => None,
                })?
                .to_sql(ty, out),
            Kind::Int => self
                .each(|value| match value {
                    Value::Int(number) => Some(*number),
                    _ => None,
                })?
                .to_sql(ty, out),
            Kind::Real => self
                .each(|value| match value {
                    Value::Real(number) => Some(*number),
                    _ => None,
                })?
                .to_sql(ty, out),
            Kind::Bool => self
                .each(|value| match value {
                    Value::Bool(truth) => Some(*truth),
                    _ => None,
                })?
                .to_sql(ty, out),
            Kind::Bytes => self
                .each(|value| match value {
                    Value::Bytes(bytes) => Some(bytes.as_ref()),
                    _ => None,
                })?
                .to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
