//! Revision 75868b020152: names, sessions, token counts and costs of traces move into columns of their own.
//!
//! What goes where, measured on MLflow 3.17.2:
//!
//! | from | to |
//! |---|---|
//! | tag `mlflow.traceName` | `trace_info.trace_name`, 4096 characters at most |
//! | metadata `mlflow.trace.session` | `trace_info.session_id`, 250 characters at most |
//! | trace metrics, else the JSON of metadata `mlflow.trace.tokenUsage` | `trace_info.…_tokens` |
//! | the JSON of metadata `mlflow.trace.cost`, else (of gateway traces) the sum over the spans | `trace_info.…_cost` |
//! | span metrics `…_cost`, `dimension_attributes` | `spans.…_cost`, `model_name`, `model_provider` |
//! | the value of an assessment | `assessments.aggregate_value`, `is_numeric_value` |
//!
//! The sources are deleted afterwards.

use std::collections::BTreeMap;

use super::python_json::{Json, trim, whole_number_of_float};
use super::{Task, UpgradeError};
use crate::driver::{BulkInsert, Kind};
use crate::{DbError, Dialect, Tx, Value};

/// Longest trace name, session id, and name or provider of a model, in characters.
const MAX_TRACE_NAME_CHARS: usize = 4096;
const MAX_SESSION_ID_CHARS: usize = 250;
const MAX_MODEL_CHARS: usize = 500;

/// Rows that are read, worked out and written together.
const PAGE: i64 = 500;

/// Token counts: the key of the metric is also the name of the column.
const TOKENS: [&str; 6] = [
    "input_tokens",
    "output_tokens",
    "total_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "cache_creation_input_tokens_above_1hr",
];

/// Costs: the key of the metric is also the name of the column.
const COSTS: [&str; 3] = ["input_cost", "output_cost", "total_cost"];

/// Table, column, its type as it is written, and its type as PostgreSQL shows it.
const COLUMNS: [(&str, &str, &str, &str); 20] = [
    (
        "trace_info",
        "trace_name",
        "VARCHAR(4096)",
        "character varying(4096)",
    ),
    (
        "trace_info",
        "session_id",
        "VARCHAR(250)",
        "character varying(250)",
    ),
    ("trace_info", "input_tokens", "BIGINT", "bigint"),
    ("trace_info", "output_tokens", "BIGINT", "bigint"),
    ("trace_info", "total_tokens", "BIGINT", "bigint"),
    ("trace_info", "cache_read_input_tokens", "BIGINT", "bigint"),
    ("trace_info", "cache_creation_input_tokens", "BIGINT", "bigint"),
    (
        "trace_info",
        "cache_creation_input_tokens_above_1hr",
        "BIGINT",
        "bigint",
    ),
    ("trace_info", "input_cost", "FLOAT", "double precision"),
    ("trace_info", "output_cost", "FLOAT", "double precision"),
    ("trace_info", "total_cost", "FLOAT", "double precision"),
    ("assessments", "experiment_id", "INTEGER", "integer"),
    ("assessments", "trace_timestamp_ms", "BIGINT", "bigint"),
    ("assessments", "aggregate_value", "FLOAT", "double precision"),
    ("assessments", "is_numeric_value", "BOOLEAN", "boolean"),
    ("spans", "input_cost", "FLOAT", "double precision"),
    ("spans", "output_cost", "FLOAT", "double precision"),
    ("spans", "total_cost", "FLOAT", "double precision"),
    ("spans", "model_name", "VARCHAR(500)", "character varying(500)"),
    (
        "spans",
        "model_provider",
        "VARCHAR(500)",
        "character varying(500)",
    ),
];

/// Adds the columns and fills them.
pub(super) fn fill(tx: &mut Tx<'_>, _: &Task) -> Result<(), UpgradeError> {
    require_traces(tx)?;
    let are_new = add_columns(tx)?;
    // PostgreSQL may know nothing about these tables, and would read all of one for each page.
    by_index(tx, "off")?;
    fill_traces(tx, are_new)?;
    fill_spans(tx, are_new)?;
    fill_assessments(tx)?;
    by_index(tx, "on")?;
    tx.batch(COSTS_OF_GATEWAY_TRACES)?;
    tx.batch(FORGET_THE_SOURCES)?;
    Ok(())
}

/// Switches the plans off, or on again, that read whole tables.
fn by_index(tx: &mut Tx<'_>, others: &str) -> Result<(), DbError> {
    match tx.dialect() {
        Dialect::Sqlite => Ok(()),
        Dialect::Postgres => tx.batch(&format!(
            "SET LOCAL enable_seqscan = {others};
             SET LOCAL enable_hashjoin = {others};
             SET LOCAL enable_mergejoin = {others}"
        )),
    }
}

/// MLflow refuses to upgrade spans and assessments of traces that do not exist.
fn require_traces(tx: &mut Tx<'_>) -> Result<(), UpgradeError> {
    for (table, what) in [("spans", "span"), ("assessments", "assessment")] {
        let orphan = tx.query_first(
            &format!(
                "SELECT trace_id FROM {table}
                  WHERE NOT EXISTS (SELECT 1 FROM trace_info WHERE request_id = trace_id)
                  LIMIT 1"
            ),
            &[],
            |row| row.text(0),
        )?;
        if let Some(trace) = orphan {
            return Err(UpgradeError::Data {
                what: format!("a {what} belongs to trace `{trace}`, which does not exist"),
            });
        }
    }
    Ok(())
}

/// Adds the columns, and says whether none was there: `mlflow db prepopulate-trace-analytics` adds and fills
/// them ahead of time.
fn add_columns(tx: &mut Tx<'_>) -> Result<bool, UpgradeError> {
    let dialect = tx.dialect();
    let mut are_new = true;
    for (table, column, written, shown) in COLUMNS {
        let (sql, expected) = match dialect {
            Dialect::Sqlite => ("SELECT type FROM pragma_table_info($1) WHERE name = $2", written),
            Dialect::Postgres => (
                "SELECT format_type(atttypid, atttypmod)
                   FROM pg_attribute
                  WHERE attrelid = to_regclass($1) AND attname = $2 AND NOT attisdropped",
                shown,
            ),
        };
        let found = tx.query_first(sql, &[table.into(), column.into()], |row| row.text(0))?;
        match found {
            None => {
                let default = match (column, dialect) {
                    ("is_numeric_value", Dialect::Sqlite) => " DEFAULT 0",
                    ("is_numeric_value", Dialect::Postgres) => " DEFAULT FALSE",
                    _ => "",
                };
                tx.batch(&format!(
                    "ALTER TABLE {table} ADD COLUMN {column} {written}{default}"
                ))?;
            }
            Some(found) if found.eq_ignore_ascii_case(expected) => are_new = false,
            Some(found) => {
                return Err(UpgradeError::Data {
                    what: format!("`{table}.{column}` is there already, but as {found} instead of {shown}"),
                });
            }
        }
    }
    Ok(are_new)
}

/// The values worked out for rows, on their way into the columns.
struct Staged {
    insert: BulkInsert,
    create: &'static str,
    update: &'static str,
}

impl Staged {
    fn create(&self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        tx.batch(self.create)
    }

    fn apply<const N: usize>(&self, tx: &mut Tx<'_>, rows: Vec<[Value<'_>; N]>) -> Result<(), DbError> {
        if rows.is_empty() {
            return Ok(());
        }
        tx.insert_many(&self.insert, rows)?;
        tx.batch(self.update)?;
        // In PostgreSQL deleted rows stay until the transaction ends, and are read again for each page.
        let empty = match tx.dialect() {
            Dialect::Sqlite => "DELETE FROM",
            Dialect::Postgres => "TRUNCATE",
        };
        tx.batch(&format!("{empty} {}", self.insert.table))
    }

    fn discard(&self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        tx.batch(&format!("DROP TABLE {}", self.insert.table))
    }
}

const TRACES: Staged = Staged {
    insert: BulkInsert {
        table: "oxflow_traces",
        columns: &[
            ("request_id", Kind::Text),
            ("trace_name", Kind::Text),
            ("session_id", Kind::Text),
            ("input_tokens", Kind::Int),
            ("output_tokens", Kind::Int),
            ("total_tokens", Kind::Int),
            ("cache_read_input_tokens", Kind::Int),
            ("cache_creation_input_tokens", Kind::Int),
            ("cache_creation_input_tokens_above_1hr", Kind::Int),
            ("input_cost", Kind::Real),
            ("output_cost", Kind::Real),
            ("total_cost", Kind::Real),
        ],
        on_conflict: "",
    },
    create: "
        CREATE TEMPORARY TABLE oxflow_traces (
            request_id TEXT PRIMARY KEY,
            trace_name TEXT,
            session_id TEXT,
            input_tokens BIGINT,
            output_tokens BIGINT,
            total_tokens BIGINT,
            cache_read_input_tokens BIGINT,
            cache_creation_input_tokens BIGINT,
            cache_creation_input_tokens_above_1hr BIGINT,
            input_cost FLOAT,
            output_cost FLOAT,
            total_cost FLOAT
        )",
    update: "
        UPDATE trace_info
           SET trace_name = new.trace_name,
               session_id = new.session_id,
               input_tokens = new.input_tokens,
               output_tokens = new.output_tokens,
               total_tokens = new.total_tokens,
               cache_read_input_tokens = new.cache_read_input_tokens,
               cache_creation_input_tokens = new.cache_creation_input_tokens,
               cache_creation_input_tokens_above_1hr = new.cache_creation_input_tokens_above_1hr,
               input_cost = new.input_cost,
               output_cost = new.output_cost,
               total_cost = new.total_cost
          FROM oxflow_traces AS new
         WHERE trace_info.request_id = new.request_id",
};

const SPANS: Staged = Staged {
    insert: BulkInsert {
        table: "oxflow_spans",
        columns: &[
            ("trace_id", Kind::Text),
            ("span_id", Kind::Text),
            ("input_cost", Kind::Real),
            ("output_cost", Kind::Real),
            ("total_cost", Kind::Real),
            ("model_name", Kind::Text),
            ("model_provider", Kind::Text),
        ],
        on_conflict: "",
    },
    create: "
        CREATE TEMPORARY TABLE oxflow_spans (
            trace_id TEXT,
            span_id TEXT,
            input_cost FLOAT,
            output_cost FLOAT,
            total_cost FLOAT,
            model_name TEXT,
            model_provider TEXT,
            PRIMARY KEY (trace_id, span_id)
        )",
    update: "
        UPDATE spans
           SET input_cost = new.input_cost,
               output_cost = new.output_cost,
               total_cost = new.total_cost,
               model_name = new.model_name,
               model_provider = new.model_provider
          FROM oxflow_spans AS new
         WHERE spans.trace_id = new.trace_id
           AND spans.span_id = new.span_id",
};

const ASSESSMENTS: Staged = Staged {
    insert: BulkInsert {
        table: "oxflow_assessments",
        columns: &[
            ("assessment_id", Kind::Text),
            ("aggregate_value", Kind::Real),
            ("is_numeric_value", Kind::Bool),
        ],
        on_conflict: "",
    },
    create: "
        CREATE TEMPORARY TABLE oxflow_assessments (
            assessment_id TEXT PRIMARY KEY,
            aggregate_value FLOAT,
            is_numeric_value BOOLEAN
        )",
    update: "
        UPDATE assessments
           SET experiment_id = trace_info.experiment_id,
               trace_timestamp_ms = trace_info.timestamp_ms,
               aggregate_value = new.aggregate_value,
               is_numeric_value = new.is_numeric_value
          FROM oxflow_assessments AS new, trace_info
         WHERE assessments.assessment_id = new.assessment_id
           AND trace_info.request_id = assessments.trace_id",
};

/// What a gateway trace cost is the sum over its spans, unless the trace says it.
const COSTS_OF_GATEWAY_TRACES: &str = "
    UPDATE trace_info
       SET total_cost = (SELECT SUM(spans.total_cost) FROM spans WHERE spans.trace_id = trace_info.request_id)
     WHERE total_cost IS NULL
       AND EXISTS (
               SELECT 1 FROM trace_request_metadata AS metadata
                WHERE metadata.request_id = trace_info.request_id AND metadata.key = 'mlflow.gateway.endpointId'
           )
       AND EXISTS (
               SELECT 1 FROM spans WHERE spans.trace_id = trace_info.request_id AND spans.total_cost IS NOT NULL
           )";

const FORGET_THE_SOURCES: &str = "
    DELETE FROM trace_tags WHERE key = 'mlflow.traceName';
    DELETE FROM trace_request_metadata
     WHERE key IN ('mlflow.trace.session', 'mlflow.trace.tokenUsage', 'mlflow.trace.cost');
    DELETE FROM trace_metrics
     WHERE key IN (
               'input_tokens', 'output_tokens', 'total_tokens', 'cache_read_input_tokens',
               'cache_creation_input_tokens', 'cache_creation_input_tokens_above_1hr'
           );
    DELETE FROM span_metrics WHERE key IN ('input_cost', 'output_cost', 'total_cost')";

/// What is known about a trace outside of its row.
#[derive(Default)]
struct TraceFacts {
    name: Option<String>,
    metadata: BTreeMap<String, Option<String>>,
    /// A metric counts even if its value is no whole number: then there is no count.
    tokens: BTreeMap<String, Option<i64>>,
}

fn fill_traces(tx: &mut Tx<'_>, are_new: bool) -> Result<(), DbError> {
    TRACES.create(tx)?;
    let mut last: Option<String> = None;
    loop {
        let ids = page(
            tx,
            "SELECT request_id FROM trace_info",
            "request_id > $1",
            "request_id",
            last.iter(),
            |row| row.text(0),
        )?;
        let Some(id) = ids.last() else {
            return TRACES.discard(tx);
        };
        last = Some(id.clone());
        let facts = facts_of(tx, &ids)?;
        let rows = ids.iter().map(|id| trace_row(id, facts.get(id)));
        TRACES.apply(
            tx,
            rows.filter(|row| !are_new || says_something(&row[1..])).collect(),
        )?;
    }
}

fn facts_of(tx: &mut Tx<'_>, ids: &[String]) -> Result<BTreeMap<String, TraceFacts>, DbError> {
    let mut facts: BTreeMap<String, TraceFacts> = BTreeMap::new();
    let among = tx.dialect().is_among("$1");
    let names = format!(
        "SELECT request_id, value FROM trace_tags WHERE key = 'mlflow.traceName' AND request_id {among}"
    );
    tx.for_each(&names, &[ids.into()], |row| {
        facts.entry(row.text(0)?).or_default().name = row.text_or_null(1)?;
        Ok(())
    })?;
    let metadata = format!(
        "SELECT request_id, key, value FROM trace_request_metadata
          WHERE key IN ('mlflow.trace.session', 'mlflow.trace.tokenUsage', 'mlflow.trace.cost')
            AND request_id {among}"
    );
    tx.for_each(&metadata, &[ids.into()], |row| {
        let facts = facts.entry(row.text(0)?).or_default();
        facts.metadata.insert(row.text(1)?, row.text_or_null(2)?);
        Ok(())
    })?;
    let metrics = format!("SELECT request_id, key, value FROM trace_metrics WHERE request_id {among}");
    tx.for_each(&metrics, &[ids.into()], |row| {
        let count = row.real_or_null(2)?.and_then(whole_number_of_float);
        facts
            .entry(row.text(0)?)
            .or_default()
            .tokens
            .insert(row.text(1)?, count);
        Ok(())
    })?;
    Ok(facts)
}

fn trace_row<'v>(id: &'v str, facts: Option<&'v TraceFacts>) -> [Value<'v>; 12] {
    let metadata = |key: &str| facts.and_then(|facts| facts.metadata.get(key)?.as_deref());
    let object = |key: &str| metadata(key).and_then(Json::parse);
    let usage = object("mlflow.trace.tokenUsage");
    let cost = object("mlflow.trace.cost");
    let tokens = |key: &str| match facts.and_then(|facts| facts.tokens.get(key)) {
        Some(count) => *count,
        None => usage.as_ref()?.get(key)?.whole_number(),
    };
    let cost = |key: &str| cost.as_ref()?.get(key)?.finite_float();
    let name = facts.and_then(|facts| facts.name.as_deref());
    let [input, output, total, read, creation, above] = TOKENS.map(|key| tokens(key).into());
    let [input_cost, output_cost, total_cost] = COSTS.map(|key| cost(key).into());
    [
        id.into(),
        name.map(|name| first_chars(name, MAX_TRACE_NAME_CHARS)).into(),
        metadata("mlflow.trace.session")
            .map(|session| first_chars(session, MAX_SESSION_ID_CHARS))
            .into(),
        input,
        output,
        total,
        read,
        creation,
        above,
        input_cost,
        output_cost,
        total_cost,
    ]
}

/// New columns are NULL already.
fn says_something(values: &[Value<'_>]) -> bool {
    values.iter().any(|value| *value != Value::Null)
}

fn fill_spans(tx: &mut Tx<'_>, are_new: bool) -> Result<(), UpgradeError> {
    SPANS.create(tx)?;
    let mut last: Option<[String; 2]> = None;
    loop {
        let spans = page(
            tx,
            "SELECT trace_id, span_id, CAST(dimension_attributes AS TEXT) FROM spans",
            "(trace_id, span_id) > ($1, $2)",
            "trace_id, span_id",
            last.iter().flatten(),
            |row| Ok((row.text(0)?, row.text(1)?, row.text_or_null(2)?)),
        )?;
        let Some((trace, span, _)) = spans.last() else {
            return Ok(SPANS.discard(tx)?);
        };
        last = Some([trace.clone(), span.clone()]);
        let costs = costs_of(tx, &spans)?;
        let mut rows = Vec::with_capacity(spans.len());
        for (trace, span, attributes) in &spans {
            let Some([model, provider]) = model_of(attributes.as_deref()) else {
                return Err(UpgradeError::Data {
                    what: format!(
                        "`dimension_attributes` of span `{span}` of trace `{trace}` holds more than a model and its \
                         provider"
                    ),
                });
            };
            let of_span = costs.get(trace).and_then(|of_trace| of_trace.get(span));
            let [input, output, total] = of_span.copied().unwrap_or_default().map(Value::from);
            rows.push([
                trace.into(),
                span.into(),
                input,
                output,
                total,
                model.into(),
                provider.into(),
            ]);
        }
        rows.retain(|row| !are_new || says_something(&row[2..]));
        SPANS.apply(tx, rows)?;
    }
}

/// Costs by trace and span.
type Costs = BTreeMap<String, BTreeMap<String, [Option<f64>; 3]>>;

/// The costs of a page of spans: they have no gaps between the first and the last.
fn costs_of(tx: &mut Tx<'_>, spans: &[(String, String, Option<String>)]) -> Result<Costs, DbError> {
    let mut costs = Costs::new();
    let (Some(first), Some(last)) = (spans.first(), spans.last()) else {
        return Ok(costs);
    };
    tx.for_each(
        "SELECT trace_id, span_id, key, value
           FROM span_metrics
          WHERE (trace_id, span_id) >= ($1, $2)
            AND (trace_id, span_id) <= ($3, $4)
            AND key IN ('input_cost', 'output_cost', 'total_cost')",
        &[
            (&first.0).into(),
            (&first.1).into(),
            (&last.0).into(),
            (&last.1).into(),
        ],
        |row| {
            let key = row.text(2)?;
            if let Some(place) = COSTS.iter().position(|cost| *cost == key) {
                let of_trace = costs.entry(row.text(0)?).or_default();
                let of_span = of_trace.entry(row.text(1)?).or_default();
                of_span[place] = row.real_or_null(3)?.filter(|value| value.is_finite());
            }
            Ok(())
        },
    )?;
    Ok(costs)
}

/// Model and provider out of the attributes of a span; `None` if they hold anything else.
fn model_of(attributes: Option<&str>) -> Option<[Option<String>; 2]> {
    let Some(text) = attributes else {
        return Some([None, None]);
    };
    let mut value = Json::parse(text)?;
    if let Json::Text(inner) = &value {
        value = Json::parse(inner)?;
    }
    let members = match value {
        Json::Null => Vec::new(),
        Json::Object(members) => members,
        _ => return None,
    };
    let mut found = [None, None];
    for (key, value) in members {
        let place = match key.as_str() {
            "mlflow.llm.model" => 0,
            "mlflow.llm.provider" => 1,
            _ => return None,
        };
        found[place] = match value {
            Json::Null => None,
            Json::Text(text) => Some(first_chars(&text, MAX_MODEL_CHARS).to_owned()),
            _ => return None,
        };
    }
    Some(found)
}

fn fill_assessments(tx: &mut Tx<'_>) -> Result<(), DbError> {
    ASSESSMENTS.create(tx)?;
    let mut last: Option<String> = None;
    loop {
        let assessments = page(
            tx,
            "SELECT assessment_id, value FROM assessments",
            "assessment_id > $1",
            "assessment_id",
            last.iter(),
            |row| Ok((row.text(0)?, row.text(1)?)),
        )?;
        let Some((id, _)) = assessments.last() else {
            return ASSESSMENTS.discard(tx);
        };
        last = Some(id.clone());
        let rows = assessments.iter().map(|(id, value)| {
            let (aggregate, is_numeric) = aggregate_of(value);
            [id.into(), aggregate.into(), is_numeric.into()]
        });
        ASSESSMENTS.apply(tx, rows.collect())?;
    }
}

/// The number that stands for a value in averages, and whether the value is a number itself.
fn aggregate_of(value: &str) -> (Option<f64>, bool) {
    let yes_or_no = |text: &str| match trim(text).to_lowercase().as_str() {
        "yes" => (Some(1.0), false),
        "no" => (Some(0.0), false),
        _ => (None, false),
    };
    match Json::parse(value) {
        None => yes_or_no(value),
        Some(Json::Text(text)) => yes_or_no(&text),
        Some(Json::Bool(truth)) => (Some(f64::from(u8::from(truth))), false),
        Some(number @ (Json::Int(_) | Json::Float(_))) => {
            let number = number.finite_float();
            (number, number.is_some())
        }
        Some(Json::Null | Json::List | Json::Object(_)) => (None, false),
    }
}

fn first_chars(text: &str, count: usize) -> &str {
    match text.char_indices().nth(count) {
        Some((end, _)) => &text[..end],
        None => text,
    }
}

/// The rows behind the last one of the page before.
fn page<'l, T>(
    tx: &mut Tx<'_>,
    select: &str,
    behind: &str,
    order: &str,
    last: impl Iterator<Item = &'l String>,
    read: impl FnMut(&crate::Row<'_>) -> Result<T, DbError>,
) -> Result<Vec<T>, DbError> {
    let parameters: Vec<Value<'_>> = last.map(Value::from).collect();
    let condition = if parameters.is_empty() {
        String::new()
    } else {
        format!("WHERE {behind}")
    };
    let sql = format!("{select} {condition} ORDER BY {order} LIMIT {PAGE}");
    tx.query(&sql, &parameters, read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assessments_become_numbers_as_in_mlflow() {
        for (value, aggregate) in [
            ("4.5", (Some(4.5), true)),
            ("7", (Some(7.0), true)),
            ("true", (Some(1.0), false)),
            ("\" Yes \"", (Some(1.0), false)),
            ("NO", (Some(0.0), false)),
            ("NaN", (None, false)),
            ("1e999", (None, false)),
            ("\"4\"", (None, false)),
            ("{\"a\": 1}", (None, false)),
            ("not json", (None, false)),
        ] {
            assert_eq!(aggregate_of(value), aggregate, "{value}");
        }
    }

    #[test]
    fn attributes_hold_a_model_and_its_provider_and_nothing_else() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(model_of(None), Some([None, None]));
        assert_eq!(model_of(Some("null")), Some([None, None]));
        assert_eq!(
            model_of(Some("{\"mlflow.llm.model\": \"m\"}")),
            Some([some("m"), None])
        );
        assert_eq!(
            model_of(Some("\"{\\\"mlflow.llm.provider\\\": \\\"p\\\"}\"")),
            Some([None, some("p")])
        );
        for other in ["{\"x\": 1}", "{\"mlflow.llm.model\": 1}", "[]", "3", "no json"] {
            assert_eq!(model_of(Some(other)), None, "{other}");
        }
    }

    #[test]
    fn texts_are_cut_by_characters() {
        assert_eq!(first_chars("äöü", 2), "äö");
        assert_eq!(first_chars("äöü", 3), "äöü");
    }
}
