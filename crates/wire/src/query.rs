//! From a query string to a request.

use oxflow_core::Invalid;
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Reads the fields of a GET request; a parameter that is repeated is a list.
///
/// `lists` names the parameters that are lists even when they come once. Names are taken as they
/// are: camelCase is for bodies only (MLflow 3.17).
pub fn parse_query<T: DeserializeOwned + Default>(query: &str, lists: &[&str]) -> Result<T, Invalid> {
    let mut fields = Map::new();
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let name = decode(name)?;
        if name.bytes().any(|b| b.is_ascii_uppercase()) {
            continue;
        }
        let value = Value::String(decode(value)?);
        match fields.entry(name) {
            serde_json::map::Entry::Vacant(entry) => {
                let is_list = lists.contains(&entry.key().as_str());
                entry.insert(if is_list { Value::Array(vec![value]) } else { value });
            }
            serde_json::map::Entry::Occupied(mut entry) => {
                // A scalar keeps its first value, as the original's query parser does.
                if let Value::Array(values) = entry.get_mut() {
                    values.push(value);
                }
            }
        }
    }
    serde::Deserialize::deserialize(&Value::Object(fields))
        .map_err(|error: serde_json::Error| Invalid::new(format!("Invalid query string: {error}")))
}

fn decode(raw: &str) -> Result<String, Invalid> {
    let spaced = raw.replace('+', " ");
    let text = percent_decode_str(&spaced)
        .decode_utf8()
        .map_err(|_| Invalid::new("Invalid query string: it is not UTF-8 text"))?;
    if text.contains('\0') {
        return Err(Invalid::new("Invalid query string: it contains a NUL character"));
    }
    Ok(text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Field, GetHistoryBulkInterval, GetRun};

    #[test]
    fn a_repeated_parameter_is_a_list_and_one_is_a_list_of_one() {
        let lists = GetHistoryBulkInterval::LISTS;
        let two: GetHistoryBulkInterval =
            parse_query("run_ids=a&run_ids=b%20c&max_results=7", lists).unwrap();
        assert_eq!(two.run_ids.texts("run_ids").unwrap(), ["a", "b c"]);
        assert_eq!(two.max_results, Field::Given(7));
        let one: GetHistoryBulkInterval = parse_query("run_ids=a", lists).unwrap();
        assert_eq!(one.run_ids.texts("run_ids").unwrap(), ["a"]);
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        assert!(parse_query::<GetRun>("run_id=%ff", &[]).is_err());
        assert!(parse_query::<GetRun>("run_id=a%00", &[]).is_err());
        assert_eq!(
            parse_query::<GetRun>("run_id=a+b&x", &[]).unwrap().run_id,
            Field::Given("a b".to_owned())
        );
    }
}
