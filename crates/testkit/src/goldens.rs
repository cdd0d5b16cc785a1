//! Wire goldens: what MLflow answered, and whether another answer equals it.
//!
//! The format and its conventions are described in `tests/wire/README.md`.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value};

/// A recorded file.
#[derive(Debug, Deserialize)]
pub struct Recording {
    /// Scenarios that do not depend on each other.
    pub scenarios: Vec<Scenario>,
}

/// Steps that build on each other.
#[derive(Debug, Deserialize)]
pub struct Scenario {
    /// What it shows.
    pub name: String,
    /// Its requests in order.
    pub steps: Vec<Step>,
}

/// A request with the answer that is right.
#[derive(Debug, Deserialize)]
pub struct Step {
    /// What is sent.
    pub request: Request,
    /// What MLflow answered.
    pub response: Expected,
    /// Names for values of the answer, by JSON pointer.
    #[serde(default)]
    pub capture: BTreeMap<String, String>,
    /// Pointers to arrays of the answer whose order means nothing.
    #[serde(default)]
    pub unordered: Vec<String>,
    /// What Oxflow answers instead, deliberately.
    pub oxflow: Option<Difference>,
}

/// A recorded request.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "the parts of a request")]
pub struct Request {
    pub method: String,
    pub path: String,
    #[serde(default)]
    pub query: Option<String>,
    #[serde(default)]
    pub headers: BTreeMap<String, Option<String>>,
    pub json: Option<Value>,
    pub text: Option<String>,
    pub base64: Option<String>,
}

/// A recorded answer.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "the parts of an answer")]
pub struct Expected {
    pub status: u16,
    #[serde(default)]
    pub headers: BTreeMap<String, Option<String>>,
    pub json: Option<Value>,
    pub text: Option<String>,
    pub base64: Option<String>,
}

/// A deliberate difference, listed in `docs/differences.md`.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "the parts of a difference")]
pub struct Difference {
    pub difference: String,
    pub status: u16,
    pub json: Option<Value>,
}

/// An answer that was got.
#[derive(Debug)]
#[expect(missing_docs, reason = "the parts of an answer")]
pub struct Got {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

/// A request ready to be sent.
#[derive(Debug)]
#[expect(missing_docs, reason = "the parts of a request")]
pub struct Send {
    pub method: String,
    pub target: String,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

/// Values captured so far in a scenario.
#[derive(Debug, Default)]
pub struct Captured(BTreeMap<String, String>);

/// Reads every recording of a folder, by file name.
pub fn read_folder(folder: &Path) -> std::io::Result<Vec<(String, Recording)>> {
    let mut recordings = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let text = std::fs::read_to_string(&path)?;
            let recording = serde_json::from_str(&text)
                .map_err(|error| std::io::Error::other(format!("{}: {error}", path.display())))?;
            let name = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            recordings.push((name, recording));
        }
    }
    recordings.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(recordings)
}

impl Request {
    /// The request with captured values filled in.
    pub fn prepare(&self, captured: &Captured) -> Send {
        let mut target = captured.fill(&self.path);
        if let Some(query) = &self.query {
            target = format!("{target}?{}", captured.fill(query));
        }
        let mut headers = BTreeMap::from([("host".to_owned(), "127.0.0.1:5000".to_owned())]);
        let body = if let Some(json) = &self.json {
            headers.insert("content-type".to_owned(), "application/json".to_owned());
            captured.fill(&json.to_string()).into_bytes()
        } else if let Some(text) = &self.text {
            captured.fill(text).into_bytes()
        } else if let Some(base64) = &self.base64 {
            STANDARD.decode(base64).unwrap_or_default()
        } else {
            Vec::new()
        };
        if matches!(self.method.as_str(), "POST" | "PUT" | "PATCH") || !body.is_empty() {
            headers.insert("content-length".to_owned(), body.len().to_string());
        }
        for (name, value) in &self.headers {
            match value {
                Some(value) => headers.insert(name.to_lowercase(), captured.fill(value)),
                None => headers.remove(&name.to_lowercase()),
            };
        }
        Send {
            method: self.method.clone(),
            target,
            headers,
            body,
        }
    }
}

impl Captured {
    fn fill(&self, text: &str) -> String {
        let mut filled = text.to_owned();
        for (name, value) in &self.0 {
            filled = filled.replace(&format!("${{{name}}}"), value);
        }
        repeat_characters(filled)
    }

    fn fill_json(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.fill(text)),
            Value::Array(items) => Value::Array(items.iter().map(|item| self.fill_json(item)).collect()),
            Value::Object(members) => {
                let filled: Map<_, _> = members
                    .iter()
                    .map(|(key, value)| (self.fill(key), self.fill_json(value)))
                    .collect();
                Value::Object(filled)
            }
            other => other.clone(),
        }
    }
}

/// Writes `${x*100}` out: the character 100 times.
fn repeat_characters(mut text: String) -> String {
    let mut from = 0;
    while let Some(start) = text[from..].find("${").map(|at| from + at) {
        let inside = text[start + 2..].split_once('}').map_or("", |(inside, _)| inside);
        let repeated = inside.split_once('*').and_then(|(character, count)| {
            let is_one = character.chars().count() == 1;
            count
                .parse()
                .ok()
                .filter(|_| is_one)
                .map(|count| character.repeat(count))
        });
        from = start + repeated.as_ref().map_or(2, String::len);
        if let Some(repeated) = repeated {
            text.replace_range(start..start + inside.len() + 3, &repeated);
        }
    }
    text
}

impl Step {
    /// Keeps what later steps refer to.
    pub fn capture(&self, got: &Got, captured: &mut Captured) {
        let Ok(json) = serde_json::from_slice::<Value>(&got.body) else {
            return;
        };
        for (name, pointer) in &self.capture {
            let text = match json.pointer(pointer) {
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
                None => continue,
            };
            captured.0.insert(name.clone(), text);
        }
    }

    /// Every way in which an answer is not the right one.
    pub fn problems(&self, got: &Got, captured: &Captured) -> Vec<String> {
        let mut problems = Vec::new();
        let status = self
            .oxflow
            .as_ref()
            .map_or(self.response.status, |other| other.status);
        if got.status != status {
            problems.push(format!("status {} instead of {status}", got.status));
        }
        self.check_headers(got, captured, &mut problems);
        self.check_body(got, captured, &mut problems);
        problems
    }

    fn check_headers(&self, got: &Got, captured: &Captured, problems: &mut Vec<String>) {
        const ABOUT_THE_BODY: [&str; 3] = ["content-type", "content-length", "content-disposition"];
        for (name, expected) in &self.response.headers {
            if self.oxflow.is_some() && ABOUT_THE_BODY.contains(&name.as_str()) {
                continue;
            }
            let value = got.headers.get(name);
            let is_right = match (expected, value) {
                (None, value) => value.is_none(),
                (Some(expected), Some(value)) if name == "allow" => as_set(expected) == as_set(value),
                (Some(expected), Some(value)) => expected == "<any>" || captured.fill(expected) == *value,
                (Some(_), None) => false,
            };
            if !is_right {
                problems.push(format!("header {name} is {value:?} instead of {expected:?}"));
            }
        }
    }

    fn check_body(&self, got: &Got, captured: &Captured, problems: &mut Vec<String>) {
        if let Some(other) = &self.oxflow {
            if let Some(json) = &other.json {
                self.check_json(&captured.fill_json(json), got, problems);
            }
        } else if let Some(json) = &self.response.json {
            self.check_json(&captured.fill_json(json), got, problems);
        } else if let Some(text) = &self.response.text {
            let (expected, text) = (captured.fill(text), String::from_utf8_lossy(&got.body));
            if expected != "<any>" && expected != text {
                problems.push(format!("body {text:?} instead of {expected:?}"));
            }
        } else if let Some(base64) = &self.response.base64
            && STANDARD.decode(base64).unwrap_or_default() != got.body
        {
            problems.push(format!("other bytes than recorded: {} of them", got.body.len()));
        }
    }

    fn check_json(&self, expected: &Value, got: &Got, problems: &mut Vec<String>) {
        if expected == "<any>" {
            return;
        }
        let Ok(mut value) = serde_json::from_slice::<Value>(&got.body) else {
            let text = String::from_utf8_lossy(&got.body);
            problems.push(format!("body is not JSON: {text:?}"));
            return;
        };
        let mut expected = expected.clone();
        for pointer in &self.unordered {
            for side in [&mut expected, &mut value] {
                if let Some(items) = side.pointer_mut(pointer) {
                    *items = sorted(items);
                }
            }
        }
        compare("", &expected, &value, false, problems);
    }
}

fn as_set(list: &str) -> Vec<String> {
    let mut items: Vec<String> = list.split(',').map(|item| item.trim().to_uppercase()).collect();
    items.sort();
    items
}

/// Arrays of the model registry that have no order, wherever they are.
const WITHOUT_ORDER: [&str; 2] = ["aliases", "latest_versions"];

/// Compares values; `is_entity` says that we are inside a run, model or experiment, where lists of
/// metrics, params and tags have no order.
fn compare(at: &str, expected: &Value, got: &Value, is_entity: bool, problems: &mut Vec<String>) {
    match (expected, got) {
        (Value::String(text), _) if text == "<any>" => {}
        (Value::String(text), Value::Number(number)) if text == "<time>" && number.is_i64() => {}
        (Value::Object(expected), Value::Object(got)) => {
            for key in expected.keys().filter(|key| !got.contains_key(*key)) {
                problems.push(format!("{at}/{key} is missing; it should be {}", expected[key]));
            }
            for (key, value) in got {
                match expected.get(key) {
                    None => problems.push(format!("{at}/{key} should not be there; it is {value}")),
                    Some(expected) => {
                        let is_entity =
                            is_entity || ["info", "data", "tags"].iter().any(|k| got.contains_key(*k));
                        let place = format!("{at}/{key}");
                        let of_entity = is_entity && ["metrics", "params", "tags"].contains(&key.as_str());
                        if of_entity || WITHOUT_ORDER.contains(&key.as_str()) {
                            compare(&place, &sorted(expected), &sorted(value), is_entity, problems);
                        } else {
                            compare(&place, expected, value, is_entity, problems);
                        }
                    }
                }
            }
        }
        (Value::Array(expected), Value::Array(got)) if expected.len() == got.len() => {
            for (i, (expected, got)) in expected.iter().zip(got).enumerate() {
                compare(&format!("{at}/{i}"), expected, got, is_entity, problems);
            }
        }
        (expected, got) if expected == got => {}
        _ => problems.push(format!("{at} is {got} instead of {expected}")),
    }
}

/// Items in an order that depends on their content only, the parts that may be anything left out.
fn sorted(value: &Value) -> Value {
    let Value::Array(items) = value else {
        return value.clone();
    };
    let mut items = items.clone();
    items.sort_by_key(|item| known(item).to_string());
    Value::Array(items)
}

/// A value without its times, which a recording does not know; members and lists in order.
fn known(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut members: Map<_, _> = members
                .iter()
                .filter(|(key, _)| !key.ends_with("_timestamp"))
                .map(|(key, value)| (key.clone(), known(value)))
                .collect();
            members.sort_keys();
            Value::Object(members)
        }
        Value::Array(_) => sorted(value),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn problems(expected: &Value, got: &Value) -> Vec<String> {
        let mut problems = Vec::new();
        compare("", expected, got, false, &mut problems);
        problems
    }

    #[test]
    fn fields_more_or_less_and_other_kinds_of_numbers_are_differences() {
        assert_eq!(problems(&json!({"a": 1}), &json!({"a": 1})), Vec::<String>::new());
        assert_eq!(problems(&json!({"a": 1}), &json!({"a": 1.0})).len(), 1);
        assert_eq!(problems(&json!({"a": 1}), &json!({"b": 1})).len(), 2);
        assert_eq!(problems(&json!([1, 2]), &json!([2, 1])).len(), 2);
    }

    #[test]
    fn tags_of_entities_have_no_order_and_histories_have_one() {
        let run = |tags: Value| json!({"run": {"info": {}, "data": {"tags": tags}}});
        assert!(problems(&run(json!([1, 2])), &run(json!([2, 1]))).is_empty());
        assert!(!problems(&json!({"metrics": [1, 2]}), &json!({"metrics": [2, 1]})).is_empty());
    }

    #[test]
    fn versions_of_a_model_have_no_order_whatever_their_times() {
        let model = |versions: Value| json!({"registered_model": {"latest_versions": versions}});
        let version = |number: &str, time: Value| json!({"creation_timestamp": time, "version": number});
        let recorded = model(json!([
            version("1", json!("<time>")),
            version("2", json!("<time>"))
        ]));
        let got = model(json!([version("2", json!(5)), version("1", json!(7))]));
        assert!(problems(&recorded, &got).is_empty());
        let other = model(json!([version("2", json!(5)), version("3", json!(7))]));
        assert!(!problems(&recorded, &other).is_empty());
    }

    #[test]
    fn a_character_is_repeated_where_the_recording_says_so() {
        let captured = Captured(BTreeMap::from([("run".to_owned(), "1*2".to_owned())]));
        assert_eq!(captured.fill("a ${ü*3} ${run} ${b*2}"), "a üüü 1*2 bb");
        assert_eq!(captured.fill("${ab*3} ${x*} ${"), "${ab*3} ${x*} ${");
    }

    #[test]
    fn times_and_anything_match() {
        assert!(problems(&json!({"t": "<time>", "x": "<any>"}), &json!({"t": 5, "x": [1]})).is_empty());
        assert!(!problems(&json!({"t": "<time>"}), &json!({"t": "5"})).is_empty());
    }
}
