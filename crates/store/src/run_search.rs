//! Searching runs.

use oxflow_core::{ExperimentId, RUN_NAME_TAG, Run, ViewType};
use oxflow_search::{Condition, DatasetField, NumberOp, OrderBy, Predicate, RunAttribute, RunField, TextOp};

use crate::conditions::{Sql, cut_to_page};
use crate::metric_columns::ColumnsInUse;
use crate::run_selection::{push_among, push_view};
use crate::runs::{RUN_COLUMNS, read_run_info};
use crate::{Among, Dialect, Result, Store};

/// A search of runs.
#[derive(Debug, Clone)]
pub struct RunSearch {
    /// Experiments to look in; unknown ones are ignored.
    pub experiment_ids: Vec<ExperimentId>,
    /// Conditions that all hold.
    pub filter: Vec<Condition<RunField>>,
    /// Order, before the tie-break (start time, latest first; then run id).
    pub order_by: Vec<OrderBy<RunField>>,
    /// Which stages.
    pub view: ViewType,
    /// Rows on the page.
    pub max_results: i64,
    /// Rows to skip.
    pub offset: i64,
}

impl Store {
    /// One page of runs with their data, and whether more follow.
    pub async fn search_runs(&self, search: RunSearch) -> Result<(Vec<Run>, bool)> {
        if search.experiment_ids.is_empty() || search.max_results == 0 {
            return Ok((Vec::new(), false));
        }
        let among = Among::Experiments(search.experiment_ids.clone());
        self.read_with_columns(&among, search.metrics(), move |tx, columns| {
            let sql = statement(tx.dialect(), &search, columns);
            let mut infos = tx.query_once(sql.text(), sql.values(), read_run_info)?;
            let has_more = cut_to_page(&mut infos, search.max_results);
            Ok((tx.with_data(infos)?, has_more))
        })
        .await
    }
}

impl RunSearch {
    /// The metrics that runs are found or ordered by.
    fn metrics(&self) -> Vec<String> {
        let ordered = self.order_by.iter().filter_map(|order| match &order.field {
            RunField::Metric(key) => Some(key),
            _ => None,
        });
        metrics_of(&self.filter).chain(ordered).cloned().collect()
    }
}

/// The metrics of the conditions that compare them with numbers.
pub(crate) fn metrics_of(filter: &[Condition<RunField>]) -> impl Iterator<Item = &String> {
    filter
        .iter()
        .filter_map(|condition| match (&condition.field, &condition.predicate) {
            (RunField::Metric(key), Predicate::Number { .. }) => Some(key),
            _ => None,
        })
}

pub(crate) fn statement(dialect: Dialect, search: &RunSearch, columns: &ColumnsInUse) -> Sql {
    let mut sql = Sql::new(dialect, "SELECT ").with_columns(columns);
    sql.push(RUN_COLUMNS).push(" FROM ");
    let looked_up: Vec<(&str, &str)> = search
        .order_by
        .iter()
        .filter_map(|order| child_row(&order.field))
        .collect();
    if dialect.joins_what_orders() && !looked_up.is_empty() {
        sql.push("(SELECT r.* FROM runs r WHERE ");
        push_conditions(&mut sql, search);
        sql.push(") r");
        for (i, (table, key)) in looked_up.iter().enumerate() {
            sql.push(&format!(
                " LEFT JOIN {table} o{i} ON o{i}.run_uuid = r.run_uuid AND o{i}.key = "
            ))
            .bind((*key).to_owned());
        }
    } else {
        sql.push("runs r WHERE ");
        push_conditions(&mut sql, search);
    }
    push_order(&mut sql, &search.order_by);
    sql.push(" LIMIT ")
        .bind(search.max_results + 1)
        .push(" OFFSET ")
        .bind(search.offset);
    sql
}

fn push_conditions(sql: &mut Sql, search: &RunSearch) {
    push_among(sql, "r", &Among::Experiments(search.experiment_ids.clone()));
    push_view(sql, "r", search.view);
    for condition in &search.filter {
        sql.push(" AND ");
        push_condition(sql, condition);
    }
}

/// One condition as a semi-join, so that several on one kind of child do not multiply rows.
pub(crate) fn push_condition(sql: &mut Sql, condition: &Condition<RunField>) {
    let predicate = &condition.predicate;
    match &condition.field {
        // The name is searched where MLflow searches it: in its tag.
        RunField::Attribute(RunAttribute::RunName) => push_child(sql, "tags", RUN_NAME_TAG, predicate),
        RunField::Attribute(attribute) => {
            sql.compare(column(*attribute), predicate);
        }
        RunField::Tag(key) => push_child(sql, "tags", key, predicate),
        RunField::Param(key) => push_child(sql, "params", key, predicate),
        RunField::Metric(key) => push_metric(sql, key, predicate),
        RunField::Dataset(field) => push_dataset(sql, *field, predicate),
    }
}

/// A condition on the value that a child table with `key` and `value` has for a key. `!=` wants the
/// key to be there, as in MLflow.
fn push_child(sql: &mut Sql, table: &str, key: &str, predicate: &Predicate) {
    let is_absent = matches!(predicate, Predicate::IsNull { negated: false });
    sql.push(if is_absent {
        "NOT EXISTS (SELECT 1 FROM "
    } else {
        "EXISTS (SELECT 1 FROM "
    })
    .push(table)
    .push(" c WHERE c.run_uuid = r.run_uuid AND c.key = ")
    .bind(key.to_owned());
    if !matches!(predicate, Predicate::IsNull { .. }) {
        sql.push(" AND ").compare("c.value", predicate);
    }
    sql.end_lookup();
}

fn push_metric(sql: &mut Sql, key: &str, predicate: &Predicate) {
    if let Predicate::Number { op, .. } = predicate {
        // A text is unequal to every number, and NULL neither equal nor unequal to any.
        let if_nan = if *op == NumberOp::Ne { "'NaN'" } else { "NULL" };
        if let Some(latest) = sql.latest_in_memory(key, if_nan) {
            sql.compare(&latest, predicate);
            return;
        }
    }
    sql.push("EXISTS (SELECT 1 FROM latest_metrics m WHERE m.run_uuid = r.run_uuid AND m.key = ")
        .bind(key.to_owned());
    push_metric_predicate(sql, predicate);
    sql.end_lookup();
}

/// What follows a lookup of the latest point `m` of a metric: NaN fulfils `!=` and nothing else.
pub(crate) fn push_metric_predicate(sql: &mut Sql, predicate: &Predicate) {
    let nan = match predicate {
        Predicate::Number { op: NumberOp::Ne, .. } | Predicate::Text { op: TextOp::Ne, .. } => {
            " AND (m.is_nan OR "
        }
        _ => " AND (NOT m.is_nan AND ",
    };
    sql.push(nan).compare("m.value", predicate).push(")");
}

fn push_dataset(sql: &mut Sql, field: DatasetField, predicate: &Predicate) {
    sql.push("r.run_uuid IN (SELECT i.destination_id FROM inputs i");
    let column = match field {
        DatasetField::Name => "d.name",
        DatasetField::Digest => "d.digest",
        DatasetField::Context => "t.value",
    };
    sql.push(match field {
        DatasetField::Name | DatasetField::Digest => " JOIN datasets d ON d.dataset_uuid = i.source_id",
        DatasetField::Context => {
            " JOIN input_tags t ON t.input_uuid = i.input_uuid AND t.name = 'mlflow.data.context'"
        }
    });
    sql.push(" WHERE i.destination_type = 'RUN' AND i.source_type = 'DATASET' AND ");
    sql.compare(column, predicate).end_lookup();
}

/// The table and the key of the row whose value runs are ordered by, if that is in another table.
fn child_row(field: &RunField) -> Option<(&'static str, &str)> {
    match field {
        RunField::Metric(key) => Some(("latest_metrics", key)),
        RunField::Param(key) => Some(("params", key)),
        RunField::Tag(key) => Some(("tags", key)),
        RunField::Attribute(_) | RunField::Dataset(_) => None,
    }
}

/// Missing values come last in both directions; of metrics first the numbers, then NaN, then none.
fn push_order(sql: &mut Sql, order_by: &[OrderBy<RunField>]) {
    sql.push(" ORDER BY ");
    let (mut by_start_time, mut looked_up) = (false, 0);
    for order in order_by {
        match &order.field {
            RunField::Dataset(_) => continue,
            RunField::Attribute(attribute) => {
                by_start_time |= *attribute == RunAttribute::StartTime;
                sql.push(column(*attribute));
            }
            field => {
                push_order_value(sql, field, looked_up, order.ascending);
                looked_up += 1;
            }
        }
        sql.push(direction(order));
    }
    if !by_start_time {
        sql.push("r.start_time DESC, ");
    }
    sql.push("r.run_uuid ASC");
}

fn direction(order: &OrderBy<RunField>) -> &'static str {
    if order.ascending {
        " ASC NULLS LAST, "
    } else {
        " DESC NULLS LAST, "
    }
}

/// The value in another table that runs are ordered by: of a table that was joined, or looked up for each run.
fn push_order_value(sql: &mut Sql, field: &RunField, place: usize, ascending: bool) {
    let Some((table, key)) = child_row(field) else {
        return;
    };
    // Stored numbers are finite, so an infinity on the far side stands behind them all.
    let behind = match ascending {
        true => f64::INFINITY,
        false => f64::NEG_INFINITY,
    };
    let is_metric = table == "latest_metrics";
    if is_metric && sql.push_latest_in_memory(key, behind) {
        return;
    }
    let is_joined = sql.dialect().joins_what_orders();
    let row = match is_joined {
        true => format!("o{place}"),
        false => "o".to_owned(),
    };
    if !is_joined {
        sql.push("(SELECT ");
    }
    if is_metric {
        sql.push(&format!("CASE WHEN {row}.is_nan THEN ")).bind(behind);
        sql.push(&format!(" ELSE {row}.value END"));
    } else {
        sql.push(&format!("{row}.value"));
    }
    if !is_joined {
        sql.push(&format!(
            " FROM {table} o WHERE o.run_uuid = r.run_uuid AND o.key = "
        ))
        .bind(key.to_owned())
        .push(")");
    }
}

fn column(attribute: RunAttribute) -> &'static str {
    match attribute {
        RunAttribute::RunId => "r.run_uuid",
        RunAttribute::RunName => "r.name",
        RunAttribute::Status => "r.status",
        RunAttribute::StartTime => "r.start_time",
        RunAttribute::EndTime => "r.end_time",
        RunAttribute::UserId => "r.user_id",
        RunAttribute::ArtifactUri => "r.artifact_uri",
    }
}
