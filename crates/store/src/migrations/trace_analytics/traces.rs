//! Columns of traces.

use std::collections::BTreeMap;

use super::super::python_json::{Json, whole_number_of_float};
use super::COSTS;
use super::staged::{Staged, first_chars, page, says_something};
use crate::driver::{BulkInsert, Kind};
use crate::{DbError, Tx, Value};

/// Longest trace name and session id, in characters.
const MAX_TRACE_NAME_CHARS: usize = 4096;
const MAX_SESSION_ID_CHARS: usize = 250;

/// Token counts: the key of the metric is also the name of the column.
const TOKENS: [&str; 6] = [
    "input_tokens",
    "output_tokens",
    "total_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "cache_creation_input_tokens_above_1hr",
];

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

/// What is known about a trace outside of its row.
#[derive(Default)]
struct TraceFacts {
    name: Option<String>,
    metadata: BTreeMap<String, Option<String>>,
    /// A metric counts even if its value is no whole number: then there is no count.
    tokens: BTreeMap<String, Option<i64>>,
}

pub(super) fn fill(tx: &mut Tx<'_>, are_new: bool) -> Result<(), DbError> {
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
