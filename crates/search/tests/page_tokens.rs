//! Page tokens are MLflow's, byte for byte, and a token of another search is refused.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use oxflow_search::{LoggedModelOrderBy, LoggedModelToken, MAX_PAGE_OFFSET, PageToken};
use proptest::prelude::*;
use serde_json::Value;

fn recorded(name: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn page(input: &Value) -> LoggedModelToken {
    LoggedModelToken {
        experiment_ids: serde_json::from_value(input[0].clone()).unwrap(),
        filter_string: serde_json::from_value(input[1].clone()).unwrap(),
        order_by: serde_json::from_value(input[2].clone()).unwrap(),
        offset: input[3].as_u64().unwrap(),
    }
}

fn refusal(decoded: &str) -> String {
    PageToken::parse(&STANDARD.encode(decoded))
        .unwrap_err()
        .message()
        .to_owned()
}

#[test]
fn tokens_are_written_as_mlflow_writes_them() {
    for row in recorded("page_tokens.json") {
        let token = PageToken {
            offset: row["input"].as_u64().unwrap(),
        };
        assert_eq!(token.encode(), row["parsed"]);
        assert_eq!(PageToken::parse(row["parsed"].as_str().unwrap()), Ok(token));
    }
    for row in recorded("logged_model_tokens.json") {
        assert_eq!(page(&row["input"]).encode(), row["parsed"]);
    }
}

#[test]
fn an_empty_token_is_the_first_page() {
    assert_eq!(PageToken::parse(""), Ok(PageToken { offset: 0 }));
}

#[test]
fn only_tokens_we_write_are_read() {
    assert_eq!(
        PageToken::parse("abc").unwrap_err().message(),
        "Invalid page token, could not base64-decode"
    );
    assert_eq!(
        PageToken::parse("!!!").unwrap_err().message(),
        "Invalid page token, decoded value=b''"
    );
    assert_eq!(refusal("{}"), "Invalid page token, parsed value={}");
    assert_eq!(refusal("offset"), "Invalid page token, decoded value=b'offset'");
    for decoded in [
        "[]",
        "[5]",
        "5",
        r#"{"offset": -1}"#,
        r#"{"offset": "5"}"#,
        r#"{"offset": 1.5}"#,
        r#"{"offset": 1, "x": 2}"#,
        r#"{"offset": 1} "x""#,
    ] {
        assert!(refusal(decoded).starts_with("Invalid page token"), "{decoded}");
    }
}

#[test]
fn offsets_end_at_two_to_the_31() {
    let token = |offset: u64| PageToken { offset }.encode();
    assert_eq!(PageToken::parse(&token(MAX_PAGE_OFFSET)).unwrap().offset, 1 << 31);
    assert!(PageToken::parse(&token(MAX_PAGE_OFFSET + 1)).is_err());

    let mut request = page(&recorded("logged_model_tokens.json")[0]["input"]);
    let token = |offset: u64| {
        LoggedModelToken {
            offset,
            ..request.clone()
        }
        .encode()
    };
    let (last, beyond) = (token(MAX_PAGE_OFFSET), token(MAX_PAGE_OFFSET + 1));
    assert!(request.resume(&beyond).is_err());
    request.resume(&last).unwrap();
    assert_eq!(request.offset, 1 << 31);
}

#[test]
fn a_token_continues_only_its_own_logged_models_search() {
    for row in recorded("logged_model_tokens.json") {
        let token = row["parsed"].as_str().unwrap();
        let original = page(&row["input"]);

        let mut same = LoggedModelToken {
            offset: 0,
            ..original.clone()
        };
        same.resume(token).unwrap();
        assert_eq!(same, original);

        let mut first_page = LoggedModelToken {
            offset: 0,
            ..original.clone()
        };
        first_page.resume("").unwrap();
        assert_eq!(first_page.offset, 0);

        let mut other = LoggedModelToken {
            experiment_ids: vec!["77".into()],
            ..original.clone()
        };
        let message = other.resume(token).unwrap_err().message().to_owned();
        assert!(message.starts_with(
            "Experiment IDs in the page token do not match the requested experiment IDs. Expected: ['77']. Found: ['"
        ));

        let mut other = LoggedModelToken {
            filter_string: Some("name = 'q'".into()),
            ..original.clone()
        };
        let message = other.resume(token).unwrap_err().message().to_owned();
        assert!(message.starts_with(
            "Filter string in the page token does not match the requested filter string. Expected: name = 'q'. Found: "
        ));

        let by_name = LoggedModelOrderBy {
            field_name: "name".into(),
            ascending: true,
            dataset_name: None,
            dataset_digest: None,
        };
        let mut other = LoggedModelToken {
            order_by: Some(vec![by_name]),
            ..original
        };
        let message = other.resume(token).unwrap_err().message().to_owned();
        assert!(message.starts_with("Order by in the page token does not match the requested order by."));
    }
}

proptest! {
    #[test]
    fn tokens_round_trip(offset in 0..=MAX_PAGE_OFFSET) {
        prop_assert_eq!(PageToken::parse(&PageToken { offset }.encode()).unwrap().offset, offset);
    }

    #[test]
    fn logged_model_tokens_round_trip(
        experiment_ids in prop::collection::vec(any::<String>(), 0..4),
        filter_string in any::<Option<String>>(),
        field_name in any::<String>(),
        ascending in any::<bool>(),
        dataset_name in any::<Option<String>>(),
        offset in 0..=MAX_PAGE_OFFSET,
    ) {
        let order_by = LoggedModelOrderBy { field_name, ascending, dataset_name, dataset_digest: None };
        let token = LoggedModelToken { experiment_ids, filter_string, order_by: Some(vec![order_by]), offset };
        let mut resumed = LoggedModelToken { offset: 0, ..token.clone() };
        resumed.resume(&token.encode()).unwrap();
        prop_assert_eq!(resumed, token);
    }

    #[test]
    fn no_token_panics(text in any::<String>(), bytes in any::<Vec<u8>>()) {
        let mut request = LoggedModelToken { experiment_ids: vec![], filter_string: None, order_by: None, offset: 0 };
        for token in [text.clone(), STANDARD.encode(text), STANDARD.encode(bytes)] {
            let _ = PageToken::parse(&token);
            let _ = request.resume(&token);
        }
    }
}
