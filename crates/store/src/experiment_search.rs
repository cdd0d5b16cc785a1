//! Searching experiments.

use oxflow_auth::Visible;
use oxflow_core::{Experiment, ViewType};
use oxflow_search::{Condition, ExperimentAttribute, ExperimentField, OrderBy, Predicate};

use crate::conditions::{Sql, cut_to_page};
use crate::experiments::{EXPERIMENT_COLUMNS, read_experiment};
use crate::{Dialect, Result, Store};

/// A search of experiments.
#[derive(Debug, Clone)]
pub struct ExperimentSearch {
    /// Conditions that all hold.
    pub filter: Vec<Condition<ExperimentField>>,
    /// Order, before the tie-break.
    pub order_by: Vec<OrderBy<ExperimentField>>,
    /// Which stages.
    pub view: ViewType,
    /// Which of them may be shown.
    pub visible: Visible,
    /// Rows on the page.
    pub max_results: i64,
    /// Rows to skip.
    pub offset: i64,
}

impl Store {
    /// One page, and whether more rows follow.
    pub async fn search_experiments(&self, search: ExperimentSearch) -> Result<(Vec<Experiment>, bool)> {
        self.read(move |tx| {
            let sql = statement(tx.dialect(), &search);
            let mut found = tx.query_once(sql.text(), sql.values(), read_experiment)?;
            let has_more = cut_to_page(&mut found, search.max_results);
            tx.fill_experiment_tags(&mut found)?;
            Ok((found, has_more))
        })
        .await
    }
}

fn statement(dialect: Dialect, search: &ExperimentSearch) -> Sql {
    let mut sql = Sql::new(dialect, "SELECT ");
    sql.push(EXPERIMENT_COLUMNS)
        .push(" FROM experiments e WHERE workspace = 'default' AND lifecycle_stage IN (");
    push_stages(&mut sql, search.view);
    sql.push(")")
        .push_visible_experiments("e.experiment_id", &search.visible);
    for condition in &search.filter {
        sql.push(" AND ");
        push_condition(&mut sql, condition);
    }
    sql.push(" ORDER BY ");
    push_order(&mut sql, &search.order_by);
    sql.push(" LIMIT ")
        .bind(search.max_results + 1)
        .push(" OFFSET ")
        .bind(search.offset);
    sql
}

pub(crate) fn push_stages(sql: &mut Sql, view: ViewType) {
    for (i, stage) in view.stages().iter().enumerate() {
        if i > 0 {
            sql.push(", ");
        }
        sql.bind(stage.as_str().to_owned());
    }
}

fn push_condition(sql: &mut Sql, condition: &Condition<ExperimentField>) {
    match &condition.field {
        ExperimentField::Attribute(attribute) => {
            // Ids are compared as the texts they are on the wire.
            let column = match attribute {
                ExperimentAttribute::ExperimentId => "CAST(experiment_id AS TEXT)",
                other => column(*other),
            };
            sql.compare(column, &condition.predicate);
        }
        ExperimentField::Tag(key) => {
            let is_absent = matches!(condition.predicate, Predicate::IsNull { negated: false });
            sql.push(if is_absent { "NOT EXISTS (" } else { "EXISTS (" })
                .push("SELECT 1 FROM experiment_tags t WHERE t.experiment_id = e.experiment_id AND t.key = ")
                .bind(key.clone());
            if !matches!(condition.predicate, Predicate::IsNull { .. }) {
                sql.push(" AND ").compare("t.value", &condition.predicate);
            }
            sql.push(")");
        }
    }
}

fn push_order(sql: &mut Sql, order_by: &[OrderBy<ExperimentField>]) {
    for order in order_by {
        if let ExperimentField::Attribute(attribute) = &order.field {
            sql.push(column(*attribute))
                .push(if order.ascending { " ASC, " } else { " DESC, " });
        }
    }
    // MLflow 3.17: without an order the id decides upwards, behind an order downwards.
    sql.push(if order_by.is_empty() {
        "creation_time DESC, experiment_id ASC"
    } else {
        "experiment_id DESC"
    });
}

fn column(attribute: ExperimentAttribute) -> &'static str {
    match attribute {
        ExperimentAttribute::Name => "name",
        ExperimentAttribute::ExperimentId => "experiment_id",
        ExperimentAttribute::CreationTime => "creation_time",
        ExperimentAttribute::LastUpdateTime => "last_update_time",
    }
}
