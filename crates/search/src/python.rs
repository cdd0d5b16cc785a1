//! Text as Python prints it: parts of MLflow's messages and of its page tokens.

use std::io;

pub(crate) use oxflow_core::python_repr as repr;
use serde::Serialize;
use serde_json::ser::Formatter;

/// A set of strings as Python prints one, in the order given: `{'a', 'b'}`.
pub(crate) fn set(members: &[&str]) -> String {
    format!("{{{}}}", list_members(members))
}

/// A list of strings as Python prints it: `['a', 'b']`.
pub(crate) fn list<S: AsRef<str>>(members: &[S]) -> String {
    let members: Vec<&str> = members.iter().map(AsRef::as_ref).collect();
    format!("[{}]", list_members(&members))
}

/// A tuple of two or more strings: `('a', 'b')`.
pub(crate) fn tuple(members: &[&str]) -> String {
    format!("({})", list_members(members))
}

fn list_members(members: &[&str]) -> String {
    let quoted: Vec<String> = members.iter().map(|member| repr(member)).collect();
    quoted.join(", ")
}

/// JSON with the spacing and escapes of Python's `json.dumps`: `{"offset": 1}`, ASCII only.
pub fn json(value: &impl Serialize) -> String {
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, PythonSpacing);
    value
        .serialize(&mut serializer)
        .expect("page tokens have string keys and no failing members");
    String::from_utf8(bytes).expect("serde_json writes UTF-8")
}

struct PythonSpacing;

impl Formatter for PythonSpacing {
    fn begin_array_value<W: ?Sized + io::Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, out: &mut W, text: &str) -> io::Result<()> {
        let mut units = [0_u16; 2];
        for character in text.chars() {
            // DEL is ASCII but `json.dumps` leaves it alone, and so do we.
            if character.is_ascii() {
                out.write_all(&[character as u8])?;
                continue;
            }
            for unit in character.encode_utf16(&mut units) {
                write!(out, "\\u{unit:04x}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_looks_like_pythons() {
        let value = serde_json::json!({"a": [1, "é😀"], "b": null, "c": []});
        assert_eq!(
            json(&value),
            r#"{"a": [1, "\u00e9\ud83d\ude00"], "b": null, "c": []}"#
        );
    }

    #[test]
    fn repr_chooses_quotes_as_python_does() {
        assert_eq!(repr("a"), "'a'");
        assert_eq!(repr("it's"), "\"it's\"");
        assert_eq!(repr("it's \"x\"\n\\\u{1}"), r#"'it\'s "x"\n\\\x01'"#);
    }
}
