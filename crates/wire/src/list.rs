//! Repeated fields, whose items remember what was wrong with them.

use std::fmt;
use std::marker::PhantomData;

use oxflow_core::{Invalid, python_type_of, short_json};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::Field;
use crate::shown::Shown;

/// A repeated field. In a query string a single occurrence is a list of one.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum List<T> {
    /// Not sent, or sent as null.
    #[default]
    Absent,
    /// Sent as a list.
    Given(Vec<T>),
    /// Sent with more items than any endpoint takes; how many.
    TooLong(usize),
    /// Sent as something that is no list; its compact JSON text.
    Wrong(String),
}

/// Items of a list that are kept: more than any endpoint takes, and few enough for memory.
const MAX_LIST_ITEMS: usize = 10_000;

impl<T> List<T> {
    /// How many items were sent.
    pub fn len(&self) -> usize {
        match self {
            Self::Given(items) => items.len(),
            Self::TooLong(count) => *count,
            Self::Absent | Self::Wrong(_) => 0,
        }
    }

    /// Whether no items were sent.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The list itself; an error if none was sent, while an empty one is fine.
    pub fn sent(self, name: &str) -> Result<Self, Invalid> {
        match self {
            Self::Absent => Err(Invalid::missing(name)),
            sent => Ok(sent),
        }
    }

    /// The items, none if the field was not sent.
    pub fn items(self, name: &str) -> Result<Vec<T>, Invalid> {
        match self {
            Self::Absent => Ok(Vec::new()),
            Self::Given(items) => Ok(items),
            Self::TooLong(count) => Err(Invalid::new(format!(
                "'{name}' has {count} items; at most {MAX_LIST_ITEMS} are accepted"
            ))),
            Self::Wrong(json) => Err(Invalid::wrong_type(
                name,
                &short_json(&json),
                python_type_of(&json),
            )),
        }
    }
}

impl List<Field<String>> {
    /// The items of a list of texts; a list with an item of another type is refused whole.
    pub fn texts(self, name: &str) -> Result<Vec<String>, Invalid> {
        let items = self.items(name)?;
        if items.iter().all(|item| matches!(item, Field::Given(_))) {
            let texts = items
                .into_iter()
                .filter_map(|item| item.optional(name).ok().flatten());
            return Ok(texts.collect());
        }
        let shown: Vec<String> = items
            .into_iter()
            .map(|item| match item {
                Field::Absent => "null".to_owned(),
                Field::Given(text) => Value::from(text).to_string(),
                Field::Wrong(json) => json,
            })
            .collect();
        Err(Invalid::wrong_type(
            name,
            &short_json(&format!("[{}]", shown.join(","))),
            "list",
        ))
    }
}

impl<T> List<Object<T>> {
    /// The items of a list of objects; anything else in it is refused as `name[i]`.
    pub fn objects(self, name: &str) -> Result<Vec<T>, Invalid> {
        let mut objects = Vec::new();
        for (i, item) in self.items(name)?.into_iter().enumerate() {
            objects.push(item.given(&format!("{name}[{i}]"))?);
        }
        Ok(objects)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor(PhantomData))
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = List<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(List::Absent)
    }
    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(List::Absent)
    }
    fn visit_bool<E>(self, truth: bool) -> Result<Self::Value, E> {
        Ok(List::Wrong(truth.to_string()))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(List::Wrong(number.to_string()))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(List::Wrong(number.to_string()))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(List::Wrong(Value::from(number).to_string()))
    }
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(List::Wrong(Value::from(text).to_string()))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let mut shown = String::new();
        Shown(&mut shown).visit_map(map)?;
        Ok(List::Wrong(shown))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while items.len() < MAX_LIST_ITEMS {
            match seq.next_element()? {
                Some(item) => items.push(item),
                None => return Ok(List::Given(items)),
            }
        }
        let mut count = items.len();
        while seq.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
        }
        Ok(if count == items.len() {
            List::Given(items)
        } else {
            List::TooLong(count)
        })
    }
}

/// An item of a list that has to be an object.
#[derive(Debug, Clone, PartialEq)]
pub enum Object<T> {
    /// An object.
    Given(T),
    /// Something else; its compact JSON text.
    Wrong(String),
}

impl<T> Object<T> {
    /// The object; an error if it is something else.
    pub fn given(self, name: &str) -> Result<T, Invalid> {
        match self {
            Self::Given(object) => Ok(object),
            Self::Wrong(json) => Err(Invalid::wrong_type(
                name,
                &short_json(&json),
                python_type_of(&json),
            )),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Object::Given)
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Object::Wrong("null".to_owned()))
    }
    fn visit_bool<E>(self, truth: bool) -> Result<Self::Value, E> {
        Ok(Object::Wrong(truth.to_string()))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Object::Wrong(number.to_string()))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Object::Wrong(number.to_string()))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Object::Wrong(Value::from(number).to_string()))
    }
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Object::Wrong(Value::from(text).to_string()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        let mut shown = String::new();
        Shown(&mut shown).visit_seq(seq)?;
        Ok(Object::Wrong(shown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_counted_but_not_kept_beyond_its_limit() {
        let long = format!("[{}{{}}]", "{},".repeat(MAX_LIST_ITEMS));
        let list: List<Object<crate::KeyValue>> = serde_json::from_str(&long).unwrap();
        assert_eq!(list.len(), MAX_LIST_ITEMS + 1);
        assert!(list.items("tags").unwrap_err().message.contains("at most 10000"));
    }
}
