//! Selections and columns, of docs/api.md.

use oxflow_core::limits::{
    MAX_COLUMN_CONDITIONS, MAX_SEARCH_CHARS, MAX_SEARCH_WORDS, MAX_SELECTED_IDS, MAX_SORT_COLUMNS,
    MAX_TABLE_COLUMNS,
};
use oxflow_core::{Invalid, RunId, ViewType, check_length, short_json};
use oxflow_search::{RunColumn, parse_run_filter};
use oxflow_store::{Among, ColumnIs, ColumnValue, ParentIs, RunSelection, SortColumn};
use oxflow_wire::{ColumnCondition, Field, List, Object, Selection, SortBy};
use serde_json::Value;

use super::fields::experiment_ids;
use crate::ApiError;

/// The runs that a request means.
pub(crate) fn selection(req: Selection) -> Result<RunSelection, ApiError> {
    let among = among(req.experiments, req.ids)?;
    let q = req.q.optional("q")?.unwrap_or_default();
    let filter = parse_run_filter(&q).map_err(|error| ApiError::of_text("q", &q, &error))?;
    Ok(RunSelection {
        among,
        filter,
        words: words(req.search)?,
        view: view(req.view)?,
        started_from_ms: req.started_after.optional("started_after")?,
        started_before_ms: req.started_before.optional("started_before")?,
        columns: conditions(req.conditions)?,
        parent: parent(req.parent)?,
    })
}

fn among(experiments: List<Field<String>>, ids: List<Field<String>>) -> Result<Among, Invalid> {
    let experiments = experiments.texts("experiments")?;
    let ids = ids.texts("ids")?;
    match (experiments.is_empty(), ids.is_empty()) {
        (false, true) => Ok(Among::Experiments(experiment_ids(&experiments)?)),
        (true, false) if ids.len() > MAX_SELECTED_IDS => Err(Invalid::new(format!(
            "'ids' has {} items; at most {MAX_SELECTED_IDS} are accepted",
            ids.len()
        ))),
        (true, false) => {
            let ids: Result<Vec<RunId>, Invalid> = ids.iter().map(|id| RunId::parse(id)).collect();
            Ok(Among::Runs(ids?))
        }
        _ => Err(Invalid::new(
            "A selection names either 'experiments' or 'ids', and at least one of them",
        )),
    }
}

/// The stages that a request looks at.
pub(crate) fn view(field: Field<String>) -> Result<ViewType, Invalid> {
    match field.optional("view")?.as_deref() {
        None | Some("active") => Ok(ViewType::ActiveOnly),
        Some("deleted") => Ok(ViewType::DeletedOnly),
        Some("all") => Ok(ViewType::All),
        Some(other) => Err(Invalid::value(
            "view",
            format!("{:?}", short_json(other)),
            ". It must be active, deleted or all",
        )),
    }
}

fn words(search: Field<String>) -> Result<Vec<String>, Invalid> {
    let search = search.optional("search")?.unwrap_or_default();
    check_length("search", MAX_SEARCH_CHARS, &search)?;
    let words: Vec<String> = search.split_whitespace().map(str::to_owned).collect();
    if words.len() > MAX_SEARCH_WORDS {
        return Err(Invalid::new(format!(
            "'search' has {} words; at most {MAX_SEARCH_WORDS} are accepted",
            words.len()
        )));
    }
    Ok(words)
}

fn parent(field: Field<String>) -> Result<Option<ParentIs>, Invalid> {
    Ok(match field.optional("parent")?.as_deref() {
        None => None,
        Some("none") => Some(ParentIs::Absent),
        Some(id) => Some(ParentIs::Run(RunId::parse(id).map_err(|_| {
            Invalid::value(
                "parent",
                format!("{:?}", short_json(id)),
                ". It must be the id of a run, or \"none\"",
            )
        })?)),
    })
}

fn conditions(list: List<Object<ColumnCondition>>) -> Result<Vec<ColumnIs>, Invalid> {
    let list = list.objects("where")?;
    if list.len() > MAX_COLUMN_CONDITIONS {
        return Err(Invalid::new(format!(
            "'where' has {} conditions; at most {MAX_COLUMN_CONDITIONS} are accepted",
            list.len()
        )));
    }
    let mut conditions = Vec::new();
    for (i, condition) in list.into_iter().enumerate() {
        let column = column(&condition.column.required(&format!("where[{i}].column"))?)?;
        let name = format!("where[{i}].is");
        let value = condition.is.ok_or_else(|| Invalid::missing(&name))?;
        conditions.push(ColumnIs::new(
            column.clone(),
            column_value(&column, &value, &name)?,
        )?);
    }
    Ok(conditions)
}

/// A value as its column has it: numbers that JSON lacks come as texts.
fn column_value(column: &RunColumn, json: &Value, name: &str) -> Result<Option<ColumnValue>, Invalid> {
    let is_metric = matches!(column, RunColumn::Metric(_));
    let wrong = || {
        Invalid::new(format!(
            "Invalid value {} for parameter '{name}'",
            short_json(&json.to_string())
        ))
    };
    Ok(Some(match json {
        Value::Null => return Ok(None),
        // What begins with NUL was a bare token such as `NaN`.
        Value::String(text) if is_metric => match text.trim_start_matches('\0') {
            "NaN" => ColumnValue::Number(f64::NAN),
            "Infinity" => ColumnValue::Number(f64::INFINITY),
            "-Infinity" => ColumnValue::Number(f64::NEG_INFINITY),
            _ => return Err(wrong()),
        },
        Value::String(text) if text.contains('\0') => return Err(wrong()),
        Value::String(text) => ColumnValue::Text(text.clone()),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(number), _) if !is_metric => ColumnValue::Int(number),
            (_, Some(number)) => ColumnValue::Number(number),
            _ => return Err(wrong()),
        },
        _ => return Err(wrong()),
    }))
}

/// A column by its name.
pub(crate) fn column(name: &str) -> Result<RunColumn, Invalid> {
    RunColumn::parse(name).map_err(|error| Invalid::new(error.message()))
}

/// The columns of a table: each once.
pub(crate) fn columns(list: List<Field<String>>) -> Result<Vec<RunColumn>, Invalid> {
    let names = list.texts("columns")?;
    if names.len() > MAX_TABLE_COLUMNS {
        return Err(Invalid::new(format!(
            "'columns' has {} items; at most {MAX_TABLE_COLUMNS} are accepted",
            names.len()
        )));
    }
    let mut columns: Vec<RunColumn> = Vec::new();
    for name in names {
        let column = column(&name)?;
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    Ok(columns)
}

/// The order of a table.
pub(crate) fn sort(list: List<Object<SortBy>>) -> Result<Vec<SortColumn>, Invalid> {
    let list = list.objects("sort")?;
    if list.len() > MAX_SORT_COLUMNS {
        return Err(Invalid::new(format!(
            "'sort' has {} columns; at most {MAX_SORT_COLUMNS} are accepted",
            list.len()
        )));
    }
    let mut sort = Vec::new();
    for (i, by) in list.into_iter().enumerate() {
        let name = by.column.required(&format!("sort[{i}].column"))?;
        let column = column(&name)?;
        if !column.is_sortable() {
            return Err(Invalid::new(format!("Column {name:?} is not for sorting")));
        }
        let is_descending = by
            .descending
            .optional(&format!("sort[{i}].descending"))?
            .unwrap_or(false);
        sort.push(SortColumn {
            column,
            is_descending,
        });
    }
    Ok(sort)
}
