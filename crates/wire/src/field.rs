//! Request fields that remember what was wrong with them.

use std::fmt;
use std::marker::PhantomData;

use oxflow_core::{Invalid, LoggedModelStatus, RunStatus, ViewType, python_type_of, short_json};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::shown::Shown;

/// A field of a request: absent (or null), present, or present with a value of a wrong type.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Field<T> {
    /// Not sent, or sent as null.
    #[default]
    Absent,
    /// Sent and understood.
    Given(T),
    /// Sent with something that is not a `T`; its compact JSON text.
    Wrong(String),
}

/// What one JSON scalar (or query text) can be read as.
pub trait Scalar: Sized {
    /// Reads a string.
    fn from_text(_: &str) -> Option<Self> {
        None
    }
    /// Reads an integer.
    fn from_int(_: i64) -> Option<Self> {
        None
    }
    /// Reads a number with a point or exponent, or an integer beyond 64 bits.
    fn from_float(_: f64) -> Option<Self> {
        None
    }
    /// Reads true or false.
    fn from_bool(_: bool) -> Option<Self> {
        None
    }
    /// Whether the value counts as missing where one is required, as the empty string does.
    fn is_empty(&self) -> bool {
        false
    }
}

impl Scalar for String {
    fn from_text(text: &str) -> Option<Self> {
        (!text.contains('\0')).then(|| text.to_owned())
    }
    fn is_empty(&self) -> bool {
        self.as_str().is_empty()
    }
}

impl Scalar for i64 {
    fn from_text(text: &str) -> Option<Self> {
        let text = text.trim();
        // A longer number with a point or exponent would be rounded on its way through a float.
        const EXACT_DIGITS: usize = 17;
        let as_float = || {
            text.parse()
                .ok()
                .filter(|_| text.len() <= EXACT_DIGITS)
                .and_then(Self::from_float)
        };
        text.parse().ok().or_else(as_float)
    }
    fn from_int(number: i64) -> Option<Self> {
        Some(number)
    }
    fn from_float(number: f64) -> Option<Self> {
        // Below 2^53 every integer has a float of its own, so nothing was rounded.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        (number.fract() == 0.0 && number.abs() < EXACT).then_some(number as Self)
    }
}

/// Begins a number that came as a bare token, such as `NaN`: no text that a client sends does.
pub(crate) const BARE_TOKEN: char = '\0';

impl Scalar for f64 {
    fn from_text(text: &str) -> Option<Self> {
        match text.trim_start_matches(BARE_TOKEN).trim() {
            "NaN" | "nan" => Some(Self::NAN),
            "Infinity" | "inf" => Some(Self::INFINITY),
            "-Infinity" | "-inf" => Some(Self::NEG_INFINITY),
            text if text.bytes().any(|b| b.is_ascii_digit()) => text.parse().ok(),
            _ => None,
        }
    }
    fn from_int(number: i64) -> Option<Self> {
        Some(number as Self)
    }
    fn from_float(number: f64) -> Option<Self> {
        Some(number)
    }
    fn from_bool(truth: bool) -> Option<Self> {
        Some(if truth { 1.0 } else { 0.0 })
    }
}

impl Scalar for bool {
    fn from_text(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }
    fn from_bool(truth: bool) -> Option<Self> {
        Some(truth)
    }
}

/// True or false in a JSON body, where the text `"true"` is neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Truth(pub bool);

impl Scalar for Truth {
    fn from_bool(truth: bool) -> Option<Self> {
        Some(Self(truth))
    }
}

/// A value of an enum of the protocol: its name or its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice<E>(pub E);

macro_rules! choice {
    ($type:ty, $all:expr, $name:expr) => {
        impl Scalar for Choice<$type> {
            fn from_text(text: &str) -> Option<Self> {
                let by_name = $all.iter().find(|(item, _)| $name(*item) == text);
                by_name
                    .map(|(item, _)| Self(*item))
                    .or_else(|| text.parse().ok().and_then(Self::from_int))
            }
            fn from_int(number: i64) -> Option<Self> {
                $all.iter()
                    .find(|(_, code)| *code == number)
                    .map(|(item, _)| Self(*item))
            }
            fn from_float(number: f64) -> Option<Self> {
                i64::from_float(number).and_then(Self::from_int)
            }
        }
    };
}

const VIEW_TYPES: [(ViewType, i64); 3] = [
    (ViewType::ActiveOnly, 1),
    (ViewType::DeletedOnly, 2),
    (ViewType::All, 3),
];

fn view_type_name(view: ViewType) -> &'static str {
    match view {
        ViewType::ActiveOnly => "ACTIVE_ONLY",
        ViewType::DeletedOnly => "DELETED_ONLY",
        ViewType::All => "ALL",
    }
}

choice!(ViewType, VIEW_TYPES, view_type_name);
choice!(RunStatus, RunStatus::ALL, RunStatus::as_str);
choice!(
    LoggedModelStatus,
    LoggedModelStatus::ALL,
    LoggedModelStatus::as_str
);

impl<T> Field<T> {
    /// The value if one was sent; an error if it was of a wrong type.
    pub fn optional(self, name: &str) -> Result<Option<T>, Invalid> {
        match self {
            Self::Absent => Ok(None),
            Self::Given(value) => Ok(Some(value)),
            Self::Wrong(json) => Err(Invalid::wrong_type(
                name,
                &short_json(&json),
                python_type_of(&json),
            )),
        }
    }
}

impl<T: Scalar> Field<T> {
    /// The value; an error if none was sent, or an empty text, or a wrong type.
    pub fn required(self, name: &str) -> Result<T, Invalid> {
        match self.optional(name)? {
            Some(value) if !value.is_empty() => Ok(value),
            _ => Err(Invalid::missing(name)),
        }
    }

    /// The first of two fields that was sent: `run_id` or its old name `run_uuid`.
    #[must_use]
    pub fn or(self, older: Self) -> Self {
        match self {
            Self::Absent => older,
            Self::Given(value) if value.is_empty() => older,
            sent => sent,
        }
    }
}

impl<'de, T: Scalar> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor(PhantomData))
    }
}

struct ScalarVisitor<T>(PhantomData<T>);

impl<T> ScalarVisitor<T> {
    fn outcome(parsed: Option<T>, original: impl FnOnce() -> Value) -> Field<T> {
        parsed.map_or_else(|| Field::Wrong(original().to_string()), Field::Given)
    }
}

impl<'de, T: Scalar> Visitor<'de> for ScalarVisitor<T> {
    type Value = Field<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Field::Absent)
    }
    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(Field::Absent)
    }
    fn visit_bool<E>(self, truth: bool) -> Result<Self::Value, E> {
        Ok(Self::outcome(T::from_bool(truth), || Value::from(truth)))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Self::outcome(T::from_int(number), || Value::from(number)))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        let parsed = match i64::try_from(number) {
            Ok(number) => T::from_int(number),
            Err(_) => T::from_float(number as f64),
        };
        Ok(Self::outcome(parsed, || Value::from(number)))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Self::outcome(T::from_float(number), || Value::from(number)))
    }
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Self::outcome(T::from_text(text), || Value::from(text)))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        let mut shown = String::new();
        Shown(&mut shown).visit_seq(seq)?;
        Ok(Field::Wrong(shown))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let mut shown = String::new();
        Shown(&mut shown).visit_map(map)?;
        Ok(Field::Wrong(shown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn int(json: &str) -> Field<i64> {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn integers_come_as_numbers_texts_and_integral_floats() {
        for (json, number) in [
            ("5", 5),
            ("\"5\"", 5),
            ("1e3", 1000),
            ("5.0", 5),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(int(json), Field::Given(number), "{json}");
        }
        for json in [
            "1.5",
            "\"x\"",
            "true",
            "[1]",
            "{}",
            "9223372036854775808",
            "1e19",
            "-9223372036854775809",
        ] {
            assert!(matches!(int(json), Field::Wrong(_)), "{json}");
        }
        assert_eq!(int("null"), Field::Absent);
    }

    #[test]
    fn a_wrong_type_is_named_as_python_names_it() {
        assert_eq!(
            serde_json::from_str::<Field<String>>("5")
                .unwrap()
                .required("name")
                .unwrap_err()
                .message,
            "Invalid value 5 for parameter 'name' supplied:  Hint: Value was of type 'int'. See the API docs for \
             more information about request parameters."
        );
        assert_eq!(
            int("1.5").optional("start_time").unwrap_err().message,
            "Invalid value 1.5 for parameter 'start_time' supplied:  Hint: Value was of type 'float'. See the API \
             docs for more information about request parameters."
        );
    }

    #[test]
    fn doubles_take_every_form_that_clients_send() {
        for (json, expected) in [
            ("1", 1.0),
            ("\"2.5\"", 2.5),
            ("true", 1.0),
            ("\"-Infinity\"", f64::NEG_INFINITY),
        ] {
            assert_eq!(
                serde_json::from_str::<Field<f64>>(json).unwrap(),
                Field::Given(expected),
                "{json}"
            );
        }
        let nan: Field<f64> = serde_json::from_str("\"NaN\"").unwrap();
        assert!(matches!(nan, Field::Given(number) if number.is_nan()));
        assert!(matches!(
            serde_json::from_str::<Field<f64>>("\"abc\"").unwrap(),
            Field::Wrong(_)
        ));
    }

    #[test]
    fn an_integer_that_would_be_rounded_is_refused() {
        for json in [
            "9007199254740993.0",
            "\"1.00000000000000000001\"",
            "9007199254740992.0",
            "1e18",
        ] {
            assert!(matches!(int(json), Field::Wrong(_)), "{json}");
        }
        assert_eq!(int("9007199254740993"), Field::Given(9_007_199_254_740_993));
    }

    #[test]
    fn a_wrong_value_is_shown_up_to_a_limit() {
        let long = format!("[{}1]", "{\"a\":\"b\"},".repeat(100_000));
        let Field::Wrong(shown) = serde_json::from_str::<Field<String>>(&long).unwrap() else {
            panic!("a list is no text");
        };
        assert!(shown.len() <= 600, "{}", shown.len());
        let short: Field<String> = serde_json::from_str("[1, {\"a\": [null, true]}, \"x\"]").unwrap();
        assert_eq!(short, Field::Wrong("[1,{\"a\":[null,true]},\"x\"]".to_owned()));
    }

    #[test]
    fn a_double_comes_back_bit_by_bit() {
        for step in 0..20_000 {
            let sent = f64::from(step) / 7.0;
            let got: Field<f64> = serde_json::from_str(&sent.to_string()).unwrap();
            assert_eq!(got, Field::Given(sent), "{sent}");
        }
    }
}
