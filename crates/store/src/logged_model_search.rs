//! Searching logged models.

use oxflow_core::{ExperimentId, LoggedModel};
use oxflow_search::{Condition, LoggedModelAttribute, LoggedModelField};

use crate::conditions::{Sql, cut_to_page};
use crate::logged_models::{LOGGED_MODEL_COLUMNS, read_logged_model};
use crate::{Dialect, Result, Store, Value};

/// A search of logged models.
#[derive(Debug, Clone)]
pub struct LoggedModelSearch {
    /// Experiments to look in.
    pub experiment_ids: Vec<ExperimentId>,
    /// Conditions that all hold.
    pub filter: Vec<Condition<LoggedModelField>>,
    /// Datasets that metrics must be about; none means any metric counts.
    pub datasets: Vec<DatasetFilter>,
    /// Order, before the tie-break (latest created first; then model id).
    pub order_by: Vec<LoggedModelOrder>,
    /// Rows on the page.
    pub max_results: i64,
    /// Rows to skip.
    pub offset: i64,
}

/// A dataset that metrics are about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetFilter {
    /// Its name.
    pub name: String,
    /// Its digest; `None` means any version of that name.
    pub digest: Option<String>,
}

/// One key of the order.
#[derive(Debug, Clone)]
pub struct LoggedModelOrder {
    /// An attribute or a metric.
    pub field: LoggedModelField,
    /// Direction; missing values come last in both.
    pub ascending: bool,
    /// The dataset a metric is about.
    pub dataset: Option<DatasetFilter>,
}

impl Store {
    /// One page of logged models with their data, and whether more follow.
    pub async fn search_logged_models(&self, search: LoggedModelSearch) -> Result<(Vec<LoggedModel>, bool)> {
        self.read(move |tx| {
            let sql = statement(tx.dialect(), &search);
            let mut models = tx.query_once(sql.text(), sql.values(), read_logged_model)?;
            let has_more = cut_to_page(&mut models, search.max_results);
            tx.fill_logged_models(&mut models)?;
            Ok((models, has_more))
        })
        .await
    }
}

fn statement(dialect: Dialect, search: &LoggedModelSearch) -> Sql {
    let mut sql = Sql::new(dialect, "SELECT ");
    sql.push(LOGGED_MODEL_COLUMNS);
    for (i, order) in search.order_by.iter().enumerate() {
        if let LoggedModelField::Metric(key) = &order.field {
            push_latest_value(&mut sql, key, order.dataset.as_ref());
            sql.push(&format!(" AS o{i}"));
        }
    }
    let ids: Vec<i64> = search.experiment_ids.iter().map(|id| id.get()).collect();
    sql.push(" FROM logged_models m WHERE m.lifecycle_stage = 'active' AND m.experiment_id")
        .is_among(Value::Ints(ids.into()), false);
    for condition in &search.filter {
        sql.push(" AND ");
        push_condition(&mut sql, condition, &search.datasets);
    }
    let names_a_metric = search
        .filter
        .iter()
        .any(|c| matches!(c.field, LoggedModelField::Metric(_)));
    if !search.datasets.is_empty() && !names_a_metric {
        sql.push(" AND EXISTS (SELECT 1 FROM logged_model_metrics s WHERE s.model_id = m.model_id");
        push_datasets(&mut sql, &search.datasets);
        sql.push(")");
    }
    push_order(&mut sql, &search.order_by);
    sql.push(" LIMIT ")
        .bind(search.max_results + 1)
        .push(" OFFSET ")
        .bind(search.offset);
    sql
}

fn push_condition(sql: &mut Sql, condition: &Condition<LoggedModelField>, datasets: &[DatasetFilter]) {
    let predicate = &condition.predicate;
    match &condition.field {
        LoggedModelField::Attribute(attribute) => {
            sql.compare(&filter_column(*attribute), predicate);
        }
        LoggedModelField::Param(key) => {
            sql.push("EXISTS (SELECT 1 FROM logged_model_params p WHERE p.model_id = m.model_id AND p.param_key = ")
                .bind(key.clone())
                .push(" AND ")
                .compare("p.param_value", predicate)
                .end_lookup();
        }
        LoggedModelField::Tag(key) => {
            sql.push(
                "EXISTS (SELECT 1 FROM logged_model_tags t WHERE t.model_id = m.model_id AND t.tag_key = ",
            )
            .bind(key.clone())
            .push(" AND ")
            .compare("t.tag_value", predicate)
            .end_lookup();
        }
        LoggedModelField::Metric(key) => {
            sql.push("EXISTS (SELECT 1 FROM logged_model_metrics s WHERE s.model_id = m.model_id AND s.metric_name = ")
                .bind(key.clone())
                .push(" AND ")
                .compare("s.metric_value", predicate);
            push_datasets(sql, datasets);
            sql.end_lookup();
        }
    }
}

/// ` AND (…)`: the metric `s` is about one of the datasets.
fn push_datasets(sql: &mut Sql, datasets: &[DatasetFilter]) {
    if datasets.is_empty() {
        return;
    }
    for (i, dataset) in datasets.iter().enumerate() {
        sql.push(if i == 0 { " AND (" } else { " OR " });
        push_dataset(sql, dataset);
    }
    sql.push(")");
}

fn push_dataset(sql: &mut Sql, dataset: &DatasetFilter) {
    sql.push("(s.dataset_name = ").bind(dataset.name.clone());
    if let Some(digest) = &dataset.digest {
        sql.push(" AND s.dataset_digest = ").bind(digest.clone());
    }
    sql.push(")");
}

/// The latest point of a metric: by timestamp, then step, then run id. MLflow 3.17.
fn push_latest_value(sql: &mut Sql, key: &str, dataset: Option<&DatasetFilter>) {
    sql.push(", (SELECT s.metric_value FROM logged_model_metrics s WHERE s.model_id = m.model_id AND s.metric_name = ")
        .bind(key.to_owned());
    if let Some(dataset) = dataset {
        sql.push(" AND ");
        push_dataset(sql, dataset);
    }
    sql.push(" ORDER BY s.metric_timestamp_ms DESC, s.metric_step DESC, s.run_id ASC LIMIT 1)");
}

fn push_order(sql: &mut Sql, order_by: &[LoggedModelOrder]) {
    sql.push(" ORDER BY ");
    for (i, order) in order_by.iter().enumerate() {
        let value = match &order.field {
            LoggedModelField::Attribute(attribute) => column(*attribute).to_owned(),
            LoggedModelField::Metric(_) => format!("o{i}"),
            LoggedModelField::Param(_) | LoggedModelField::Tag(_) => continue,
        };
        sql.push(&value).push(if order.ascending {
            " ASC NULLS LAST, "
        } else {
            " DESC NULLS LAST, "
        });
    }
    sql.push("m.creation_timestamp_ms DESC, m.model_id ASC");
}

/// What a filter compares: columns that hold numbers but are filtered by text are cast.
fn filter_column(attribute: LoggedModelAttribute) -> String {
    match attribute {
        LoggedModelAttribute::Status | LoggedModelAttribute::ExperimentId => {
            format!("CAST({} AS TEXT)", column(attribute))
        }
        other => column(other).to_owned(),
    }
}

fn column(attribute: LoggedModelAttribute) -> &'static str {
    match attribute {
        LoggedModelAttribute::Name => "m.name",
        LoggedModelAttribute::ModelId => "m.model_id",
        LoggedModelAttribute::ModelType => "m.model_type",
        LoggedModelAttribute::Status => "m.status",
        LoggedModelAttribute::SourceRunId => "m.source_run_id",
        LoggedModelAttribute::CreationTimestamp => "m.creation_timestamp_ms",
        LoggedModelAttribute::LastUpdatedTimestamp => "m.last_updated_timestamp_ms",
        LoggedModelAttribute::ExperimentId => "m.experiment_id",
        LoggedModelAttribute::ArtifactLocation => "m.artifact_location",
        LoggedModelAttribute::StatusMessage => "m.status_message",
        LoggedModelAttribute::LifecycleStage => "m.lifecycle_stage",
    }
}
