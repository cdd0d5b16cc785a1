//! Columns of spans.

use std::collections::BTreeMap;

use super::super::UpgradeError;
use super::super::python_json::Json;
use super::COSTS;
use super::staged::{Staged, first_chars, page, says_something};
use crate::driver::{BulkInsert, Kind};
use crate::{DbError, Tx, Value};

/// Longest name or provider of a model, in characters.
const MAX_MODEL_CHARS: usize = 500;

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

pub(super) fn fill(tx: &mut Tx<'_>, are_new: bool) -> Result<(), UpgradeError> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
