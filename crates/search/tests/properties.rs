//! What holds for every input: no panic, printing and parsing are inverse, spans point at the text.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use std::fmt::Display;

use oxflow_search::*;
use proptest::prelude::*;

type Parse<F> = fn(&str) -> Result<Vec<Condition<F>>, SearchError>;

fn without_spans<F: Clone>(conditions: &[Condition<F>]) -> Vec<(F, Predicate)> {
    conditions
        .iter()
        .map(|c| (c.field.clone(), c.predicate.clone()))
        .collect()
}

/// Text that reads back wherever it stands in a filter; see `print_filter`.
fn is_printable(predicate: &Predicate) -> bool {
    match predicate {
        Predicate::Text { value, .. } => {
            let has_both_quotes = value.contains('\'') && value.contains('"');
            !(has_both_quotes || value.ends_with('\\'))
        }
        _ => true,
    }
}

/// For any text: no panic; if it parses, its printed form and each of its spans parse to the same.
fn check_text<F>(parse: Parse<F>, text: &str) -> Result<(), TestCaseError>
where
    F: Display + Clone + PartialEq + std::fmt::Debug,
{
    let conditions = match parse(text) {
        Ok(conditions) => conditions,
        Err(error) => {
            prop_assert!(!error.message().is_empty());
            prop_assert!(error.span().is_none_or(|span| text.get(span).is_some()));
            return Ok(());
        }
    };
    for condition in &conditions {
        let alone = parse(&text[condition.span.clone()]);
        prop_assert_eq!(
            without_spans(&alone.unwrap()),
            without_spans(std::slice::from_ref(condition))
        );
    }
    if conditions
        .iter()
        .all(|condition| is_printable(&condition.predicate))
    {
        let printed = print_filter(&conditions);
        let again = parse(&printed);
        prop_assert!(again.is_ok(), "{} -> {}: {:?}", text, printed, again);
        prop_assert_eq!(
            without_spans(&again.unwrap()),
            without_spans(&conditions),
            "{}",
            printed
        );
    }
    Ok(())
}

/// For any conditions: their printed form parses to them.
fn check_conditions<F>(parse: Parse<F>, conditions: &[(F, Predicate)]) -> Result<(), TestCaseError>
where
    F: Display + Clone + PartialEq + std::fmt::Debug,
{
    let conditions: Vec<Condition<F>> = conditions
        .iter()
        .map(|(field, predicate)| Condition {
            field: field.clone(),
            predicate: predicate.clone(),
            span: 0..0,
        })
        .collect();
    let printed = print_filter(&conditions);
    let parsed = parse(&printed);
    prop_assert!(parsed.is_ok(), "{}: {:?}", printed, parsed);
    prop_assert_eq!(
        without_spans(&parsed.unwrap()),
        without_spans(&conditions),
        "{}",
        printed
    );
    Ok(())
}

/// Pieces of filters in any order: reaches far more of the grammar than random characters.
fn soup() -> impl Strategy<Value = String> {
    let pieces = vec![
        "metrics.",
        "params.",
        "tags.",
        "attributes.",
        "dataset.",
        "name",
        "run_id",
        "experiment_id",
        "status",
        "start_time",
        "creation_time",
        "a",
        "`b c`",
        "\"d e\"",
        "'f g'",
        "'",
        "\"",
        "`",
        "\\",
        "''",
        "\\'",
        " ",
        "  ",
        "\n",
        " AND ",
        " and ",
        " OR ",
        " NOT ",
        " IN ",
        " LIKE ",
        " ilike ",
        " IS NULL",
        " IS NOT NULL",
        " = ",
        "=",
        "!=",
        "<",
        ">=",
        "==",
        "1",
        "-1",
        "1.5",
        ".5",
        "1e9",
        "1e999",
        "99999999999999999999",
        "(",
        ")",
        "('x')",
        "('1','2',)",
        "('a\\n', \"b\")",
        ",",
        ";",
        ".",
        "-",
        "/*",
        "*/",
        "-- ",
        "é",
        "🦀",
        "\u{0}",
        "NULL",
        "tags.a = 'x'",
        "metrics.a > 1",
        "run_id IN ('a')",
        "name = \"it's\"",
        "experiment_id = ' 7'",
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..14).prop_map(|pieces| pieces.concat())
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z_]{1,6}",
        "[a-z]{1,3}\\.[a-z]{1,3}",
        "[^`]{1,8}",
        "[a-z` .']{1,8}"
    ]
}

fn text() -> impl Strategy<Value = Predicate> {
    let op = prop::sample::select(vec![TextOp::Eq, TextOp::Ne, TextOp::Like, TextOp::ILike]);
    // No backslash at the end, and only one kind of quotes.
    let value = prop_oneof!["[^']{0,8}[^'\\\\]", "[^\"]{0,8}[^\"\\\\]", Just(String::new())];
    (op, value).prop_map(|(op, value)| Predicate::Text { op, value })
}

fn number_op() -> impl Strategy<Value = NumberOp> {
    prop::sample::select(vec![
        NumberOp::Eq,
        NumberOp::Ne,
        NumberOp::Lt,
        NumberOp::Le,
        NumberOp::Gt,
        NumberOp::Ge,
    ])
}

fn float() -> impl Strategy<Value = Number> {
    any::<f64>()
        .prop_filter("NaN equals nothing", |value| !value.is_nan())
        .prop_map(Number::Float)
}

fn metric() -> impl Strategy<Value = Predicate> {
    (number_op(), float()).prop_map(|(op, value)| Predicate::Number { op, value })
}

fn integer() -> impl Strategy<Value = Predicate> {
    (number_op(), any::<i64>()).prop_map(|(op, value)| Predicate::Number {
        op,
        value: Number::Int(value),
    })
}

fn time() -> impl Strategy<Value = Predicate> {
    prop_oneof![metric(), integer()]
}

fn list(value: impl Strategy<Value = String>) -> impl Strategy<Value = Predicate> {
    (any::<bool>(), prop::collection::vec(value, 1..4))
        .prop_map(|(negated, values)| Predicate::In { negated, values })
}

fn null_test() -> impl Strategy<Value = Predicate> {
    any::<bool>().prop_map(|negated| Predicate::IsNull { negated })
}

fn run_condition() -> impl Strategy<Value = (RunField, Predicate)> {
    use RunAttribute::*;
    let texts = vec![RunId, RunName, Status, UserId, ArtifactUri];
    let datasets = vec![DatasetField::Name, DatasetField::Digest, DatasetField::Context];
    prop_oneof![
        (key().prop_map(RunField::Metric), metric()),
        (key().prop_map(RunField::Param), prop_oneof![text(), null_test()]),
        (key().prop_map(RunField::Tag), prop_oneof![text(), null_test()]),
        (prop::sample::select(texts).prop_map(RunField::Attribute), text()),
        (
            prop::sample::select(vec![StartTime, EndTime]).prop_map(RunField::Attribute),
            time()
        ),
        (Just(RunField::Attribute(RunId)), list(any::<String>())),
        (
            prop::sample::select(datasets).prop_map(RunField::Dataset),
            prop_oneof![text(), list(any::<String>())]
        ),
    ]
}

fn experiment_condition() -> impl Strategy<Value = (ExperimentField, Predicate)> {
    use ExperimentAttribute::*;
    let id = || any::<i64>().prop_map(|id| id.to_string());
    let ids = prop_oneof![
        id().prop_map(|value| Predicate::Text {
            op: TextOp::Eq,
            value
        }),
        id().prop_map(|value| Predicate::Text {
            op: TextOp::Ne,
            value
        }),
        list(id()),
    ];
    let times = prop::sample::select(vec![CreationTime, LastUpdateTime]);
    prop_oneof![
        (
            key().prop_map(ExperimentField::Tag),
            prop_oneof![text(), null_test()]
        ),
        (Just(ExperimentField::Attribute(Name)), text()),
        (Just(ExperimentField::Attribute(ExperimentId)), ids),
        (times.prop_map(ExperimentField::Attribute), integer()),
    ]
}

fn logged_model_condition() -> impl Strategy<Value = (LoggedModelField, Predicate)> {
    use LoggedModelAttribute::*;
    let texts = vec![
        Name,
        ModelId,
        ModelType,
        Status,
        SourceRunId,
        ExperimentId,
        ArtifactLocation,
        LifecycleStage,
    ];
    let times = vec![CreationTimestamp, LastUpdatedTimestamp];
    let texts_and_lists = || prop_oneof![text(), list(any::<String>())];
    prop_oneof![
        (key().prop_map(LoggedModelField::Metric), metric()),
        (key().prop_map(LoggedModelField::Param), texts_and_lists()),
        (key().prop_map(LoggedModelField::Tag), texts_and_lists()),
        (
            prop::sample::select(texts).prop_map(LoggedModelField::Attribute),
            texts_and_lists()
        ),
        (
            prop::sample::select(times).prop_map(LoggedModelField::Attribute),
            time()
        ),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn any_text_is_answered(text in prop_oneof![any::<String>(), "[ -~]{0,40}", soup()]) {
        check_text(parse_run_filter, &text)?;
        check_text(parse_experiment_filter, &text)?;
        check_text(parse_logged_model_filter, &text)?;
        let _ = parse_logged_model_order_field(&text);
    }

    #[test]
    fn any_order_by_is_answered(clauses in prop::collection::vec(prop_oneof![any::<String>(), soup()], 0..4)) {
        let _ = parse_experiment_order_by(&clauses);
        let _ = parse_run_order_by(&clauses);
    }

    #[test]
    fn run_filters_read_back(conditions in prop::collection::vec(run_condition(), 0..5)) {
        check_conditions(parse_run_filter, &conditions)?;
    }

    #[test]
    fn experiment_filters_read_back(conditions in prop::collection::vec(experiment_condition(), 0..5)) {
        check_conditions(parse_experiment_filter, &conditions)?;
    }

    #[test]
    fn logged_model_filters_read_back(conditions in prop::collection::vec(logged_model_condition(), 0..5)) {
        check_conditions(parse_logged_model_filter, &conditions)?;
    }

    #[test]
    fn printed_order_by_reads_back(name in key(), ascending in any::<bool>()) {
        for field in [RunField::Metric(name.clone()), RunField::Tag(name.clone()), RunField::Param(name)] {
            let by = OrderBy { field, ascending };
            let parsed = parse_run_order_by(&[by.to_string()]);
            prop_assert_eq!(parsed, Ok(vec![by]));
        }
    }

    #[test]
    fn columns_print_as_they_were_read(text in "(attribute|metric|metric_(step|min|max)|param|tag|datasets|x)?[.]?\\PC{0,20}") {
        if let Ok(column) = RunColumn::parse(&text) {
            prop_assert_eq!(column.to_string(), text);
        }
    }

    #[test]
    fn every_key_makes_a_column(key in "\\PC{1,250}") {
        for column in [RunColumn::Metric(key.clone()), RunColumn::Tag(key.clone()), RunColumn::MetricMin(key)] {
            prop_assert_eq!(RunColumn::parse(&column.to_string()), Ok(column));
        }
    }
}
