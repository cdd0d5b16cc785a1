//! The JSON text of a wrong value, for a message: compact, and never longer than a message may be.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// Bytes of a wrong value that are kept; the rest of it is read and forgotten.
const MAX_SHOWN_BYTES: usize = 600;

/// Writes the value that follows, as far as there is room.
pub(crate) struct Shown<'t>(pub(crate) &'t mut String);

impl Shown<'_> {
    fn push(&mut self, text: &str) {
        if self.0.len() < MAX_SHOWN_BYTES {
            let room = MAX_SHOWN_BYTES - self.0.len();
            let mut end = text.len().min(room);
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            self.0.push_str(&text[..end]);
        }
    }

    fn is_full(&self) -> bool {
        self.0.len() >= MAX_SHOWN_BYTES
    }
}

impl<'de> DeserializeSeed<'de> for Shown<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.is_full() {
            return IgnoredAny::deserialize(deserializer).map(drop);
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Shown<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }
    fn visit_unit<E>(mut self) -> Result<(), E> {
        self.push("null");
        Ok(())
    }
    fn visit_bool<E>(mut self, truth: bool) -> Result<(), E> {
        self.push(if truth { "true" } else { "false" });
        Ok(())
    }
    fn visit_i64<E>(mut self, number: i64) -> Result<(), E> {
        self.push(&number.to_string());
        Ok(())
    }
    fn visit_u64<E>(mut self, number: u64) -> Result<(), E> {
        self.push(&number.to_string());
        Ok(())
    }
    fn visit_f64<E>(mut self, number: f64) -> Result<(), E> {
        self.push(&Value::from(number).to_string());
        Ok(())
    }
    fn visit_str<E>(mut self, text: &str) -> Result<(), E> {
        let start: String = text.chars().take(MAX_SHOWN_BYTES).collect();
        self.push(&Value::from(start).to_string());
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        self.push("[");
        let mut is_first = true;
        loop {
            let length = self.0.len();
            if !is_first {
                self.push(",");
            }
            is_first = false;
            if seq.next_element_seed(Shown(self.0))?.is_none() {
                // There was no element behind the comma.
                self.0.truncate(length.min(self.0.len()));
                break;
            }
        }
        self.push("]");
        Ok(())
    }
    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        self.push("{");
        let mut is_first = true;
        while let Some(key) = map.next_key::<String>()? {
            if !is_first {
                self.push(",");
            }
            is_first = false;
            self.push(&Value::from(key).to_string());
            self.push(":");
            map.next_value_seed(Shown(self.0))?;
        }
        self.push("}");
        Ok(())
    }
}
