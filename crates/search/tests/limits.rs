//! Every limit holds at its edge and refuses one beyond it.

use std::time::{Duration, Instant};

use oxflow_search::*;

fn repeated(piece: &str, count: usize, between: &str) -> String {
    vec![piece; count].join(between)
}

#[test]
fn a_filter_may_be_64_kib_long() {
    let filter = |bytes: usize| format!("tags.a = '{}'", "x".repeat(bytes - "tags.a = ''".len()));
    assert_eq!(parse_run_filter(&filter(MAX_FILTER_BYTES)).unwrap().len(), 1);
    let error = parse_run_filter(&filter(MAX_FILTER_BYTES + 1)).unwrap_err();
    assert_eq!(
        error.message(),
        "Filter string is 65537 bytes long; at most 65536 are allowed."
    );
    assert!(parse_experiment_filter(&filter(MAX_FILTER_BYTES + 1)).is_err());
    assert!(parse_logged_model_filter(&filter(MAX_FILTER_BYTES + 1)).is_err());
}

#[test]
fn a_filter_may_have_512_comparisons() {
    let filter = |count: usize| repeated("tags.a = 'x'", count, " AND ");
    assert_eq!(parse_run_filter(&filter(MAX_COMPARISONS)).unwrap().len(), 512);
    let error = parse_run_filter(&filter(MAX_COMPARISONS + 1)).unwrap_err();
    assert_eq!(error.message(), "Filter string has more than 512 comparisons.");
    assert!(parse_experiment_filter(&filter(MAX_COMPARISONS + 1)).is_err());
    assert!(parse_logged_model_filter(&filter(MAX_COMPARISONS + 1)).is_err());
}

#[test]
fn a_pattern_may_be_1_kib_long() {
    for comparator in ["LIKE", "ILIKE"] {
        let filter = |bytes: usize| format!("tags.a {comparator} '{}'", "%".repeat(bytes));
        assert!(parse_run_filter(&filter(MAX_LIKE_PATTERN_BYTES)).is_ok());
        let error = parse_run_filter(&filter(MAX_LIKE_PATTERN_BYTES + 1)).unwrap_err();
        assert_eq!(
            error.message(),
            format!("Pattern of {comparator} is 1025 bytes long; at most 1024 are allowed.")
        );
        assert!(parse_experiment_filter(&filter(MAX_LIKE_PATTERN_BYTES + 1)).is_err());
        assert!(parse_logged_model_filter(&filter(MAX_LIKE_PATTERN_BYTES + 1)).is_err());
    }
}

#[test]
fn a_list_may_have_5000_values() {
    let filter = |key: &str, count: usize| format!("{key} IN ({})", repeated("'1'", count, ","));
    assert!(parse_run_filter(&filter("run_id", MAX_LIST_VALUES)).is_ok());
    let error = parse_run_filter(&filter("run_id", MAX_LIST_VALUES + 1)).unwrap_err();
    assert_eq!(
        error.message(),
        "While parsing a list in the query, expected at most 5000 values, but got 5001"
    );
    assert!(parse_experiment_filter(&filter("experiment_id", MAX_LIST_VALUES + 1)).is_err());
    assert!(parse_logged_model_filter(&filter("name", MAX_LIST_VALUES + 1)).is_err());
}

#[test]
fn an_order_by_may_have_64_keys_and_64_kib() {
    let keys = |count: usize| {
        (0..count)
            .map(|index| format!("metrics.m{index}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(parse_run_order_by(&keys(MAX_ORDER_BY_KEYS)).unwrap().len(), 64);
    let error = parse_run_order_by(&keys(MAX_ORDER_BY_KEYS + 1)).unwrap_err();
    assert_eq!(error.message(), "`order_by` has 65 keys; at most 64 are allowed.");
    assert!(parse_experiment_order_by(&vec!["name".to_owned(); MAX_ORDER_BY_KEYS + 1]).is_err());

    let long = |bytes: usize| vec!["tags.a".to_owned(), format!("tags.{}", "b".repeat(bytes - 11))];
    assert_eq!(parse_run_order_by(&long(MAX_FILTER_BYTES)).unwrap().len(), 2);
    assert!(parse_run_order_by(&long(MAX_FILTER_BYTES + 1)).is_err());
}

#[test]
fn hostile_filters_of_64_kib_take_no_time_and_little_text() {
    let pieces = [
        "(",
        ")",
        "((",
        "'",
        "\\'",
        "''",
        "\"",
        "`",
        "``",
        "/* ",
        "-- ",
        ".",
        "a.",
        "a.b",
        "-",
        "1-",
        "1.",
        "a(",
        "NOT ",
        "IS NOT ",
        "a = ",
        "a IN (",
        "tags.a = '",
        "é",
        ";",
        ", ",
        "!=",
        "AND ",
        "1e",
        "🦀",
    ];
    for piece in pieces {
        let text = piece.repeat(MAX_FILTER_BYTES / piece.len());
        let started = Instant::now();
        let answers = [
            parse_run_filter(&text).err(),
            parse_experiment_filter(&text).err(),
            parse_logged_model_filter(&text).err(),
            parse_run_order_by(std::slice::from_ref(&text)).err(),
        ];
        // Quadratic work on 64 KiB takes many seconds in a debug build; linear a few milliseconds.
        assert!(
            started.elapsed() < Duration::from_secs(2),
            "{piece} took {:?}",
            started.elapsed()
        );
        for error in answers.into_iter().flatten() {
            assert!(error.message().len() < 8 * MAX_FILTER_BYTES, "{piece}");
        }
    }
}
