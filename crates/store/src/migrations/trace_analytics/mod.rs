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

mod assessments;
mod spans;
mod staged;
mod traces;

use super::{Task, UpgradeError};
use crate::{DbError, Dialect, Tx};

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
    traces::fill(tx, are_new)?;
    spans::fill(tx, are_new)?;
    assessments::fill(tx)?;
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
