//! Which runs are meant: what tables, groups, exports and changes of many runs have in common.

use oxflow_core::{ExperimentId, Invalid, PARENT_RUN_TAG, RunId, ViewType};
use oxflow_search::{ColumnAttribute, Condition, RunColumn, RunField};

use crate::Value;
use crate::conditions::Sql;
use crate::experiment_search::push_stages;
use crate::run_search::push_condition;

/// Runs, described by what holds for them.
#[derive(Debug, Clone, PartialEq)]
pub struct RunSelection {
    /// Where to look.
    pub among: Among,
    /// Conditions of the filter grammar; all hold.
    pub filter: Vec<Condition<RunField>>,
    /// Each is part of the name, or begins the id; letter case does not matter.
    pub words: Vec<String>,
    /// Which stages.
    pub view: ViewType,
    /// First start time, ms since 1970.
    pub started_from_ms: Option<i64>,
    /// The start time before which they began, ms since 1970.
    pub started_before_ms: Option<i64>,
    /// Columns with the values that they have.
    pub columns: Vec<ColumnIs>,
    /// A condition on the parent.
    pub parent: Option<ParentIs>,
}

/// Where runs are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Among {
    /// In these experiments; unknown ones are ignored.
    Experiments(Vec<ExperimentId>),
    /// These runs, of whichever experiment; unknown ones are ignored.
    Runs(Vec<RunId>),
}

/// A condition on the parent of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParentIs {
    /// It is this run.
    Run(RunId),
    /// There is none among the same experiments or runs, in the same stages, or the parents go round in a circle.
    Absent,
}

/// A condition that a column has exactly a value, or none.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnIs {
    column: RunColumn,
    value: Option<ColumnValue>,
}

/// A value to compare a column with.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum ColumnValue {
    Text(String),
    Int(i64),
    /// Of a metric; NaN and the infinities are themselves.
    Number(f64),
}

impl ColumnIs {
    /// A condition, if the column can have such a value.
    pub fn new(column: RunColumn, value: Option<ColumnValue>) -> Result<Self, Invalid> {
        let expected = match &column {
            RunColumn::Attribute(attribute) if attribute.is_time() => "a whole number",
            RunColumn::MetricStep(_) => "a whole number",
            RunColumn::Metric(_) => "a number",
            RunColumn::Attribute(_) | RunColumn::Param(_) | RunColumn::Tag(_) | RunColumn::Parent => "a text",
            _ => {
                return Err(Invalid::new(format!(
                    "Column {:?} cannot be compared",
                    column.to_string()
                )));
            }
        };
        let value = match (expected, value) {
            (_, None) => None,
            ("a text", Some(value @ ColumnValue::Text(_)))
            | ("a whole number", Some(value @ ColumnValue::Int(_)))
            | ("a number", Some(value @ ColumnValue::Number(_))) => Some(value),
            ("a number", Some(ColumnValue::Int(number))) => Some(ColumnValue::Number(number as f64)),
            _ => {
                let column = column.to_string();
                return Err(Invalid::new(format!(
                    "Column {column:?} is compared with {expected} or null"
                )));
            }
        };
        // On the wire the ids of experiments are texts.
        if column == RunColumn::Attribute(ColumnAttribute::ExperimentId)
            && let Some(ColumnValue::Text(id)) = &value
        {
            let id = ExperimentId::parse(id)?.get();
            return Ok(Self {
                column,
                value: Some(ColumnValue::Int(id)),
            });
        }
        Ok(Self { column, value })
    }
}

impl RunSelection {
    /// All runs of some experiments.
    pub fn of_experiments(experiments: Vec<ExperimentId>, view: ViewType) -> Self {
        Self {
            among: Among::Experiments(experiments),
            filter: Vec::new(),
            words: Vec::new(),
            view,
            started_from_ms: None,
            started_before_ms: None,
            columns: Vec::new(),
            parent: None,
        }
    }

    /// Appends what follows `WHERE`; the table of runs is called `r`.
    pub(crate) fn push_conditions(&self, sql: &mut Sql) {
        push_among(sql, "r", &self.among);
        push_view(sql, "r", self.view);
        if let Some(from) = self.started_from_ms {
            sql.push(" AND r.start_time >= ").bind(from);
        }
        if let Some(before) = self.started_before_ms {
            sql.push(" AND r.start_time < ").bind(before);
        }
        for condition in &self.filter {
            sql.push(" AND ");
            push_condition(sql, condition);
        }
        for word in &self.words {
            push_word(sql, word);
        }
        for condition in &self.columns {
            sql.push(" AND ");
            push_column_is(sql, condition);
        }
        match &self.parent {
            None => {}
            Some(ParentIs::Run(id)) => push_children_of(sql, id),
            Some(ParentIs::Absent) => self.push_without_parent(sql),
        }
    }

    /// A run whose parents lead back to itself counts as one without: nothing else leads to it.
    fn push_without_parent(&self, sql: &mut Sql) {
        sql.push(" AND NOT EXISTS (SELECT 1 FROM tags c JOIN runs p ON p.run_uuid = c.value WHERE c.run_uuid = r.run_uuid AND c.key = ")
            .bind(PARENT_RUN_TAG)
            .push(" AND p.run_uuid <> r.run_uuid AND ");
        push_among(sql, "p", &self.among);
        push_view(sql, "p", self.view);
        // In a circle each has a child and a grandparent; most runs lack one of them, which is seen without going round.
        // Joined to an empty text SQLite does not take the id for a column, and looks it up in the index.
        sql.push(&format!(
            " AND NOT (EXISTS (SELECT 1 FROM tags c WHERE {IS_PARENT_TAG} AND {INDEXED_PARENT} = r.run_uuid || '')"
        ));
        sql.push(" AND EXISTS (SELECT 1 FROM tags g WHERE g.run_uuid = p.run_uuid AND g.key = ")
            .bind(PARENT_RUN_TAG)
            .push(
                ") AND EXISTS (WITH RECURSIVE above (id) AS (
                     SELECT p.run_uuid
                     UNION
                     SELECT a.run_uuid FROM above JOIN tags g ON g.run_uuid = above.id AND g.key = ",
            )
            .bind(PARENT_RUN_TAG)
            .push(" JOIN runs a ON a.run_uuid = g.value WHERE ");
        push_among(sql, "a", &self.among);
        push_view(sql, "a", self.view);
        sql.push(") SELECT 1 FROM above WHERE above.id = r.run_uuid)))");
    }
}

/// Appends where a table of runs is looked at.
pub(crate) fn push_among(sql: &mut Sql, table: &str, among: &Among) {
    match among {
        // Equality lets the index deliver one experiment's runs in the usual order, without sorting.
        Among::Experiments(ids) => {
            sql.push(table).push(".experiment_id");
            match ids.as_slice() {
                [one] => sql.push(" = ").bind(one.get()),
                several => {
                    let ids: Vec<i64> = several.iter().map(|id| id.get()).collect();
                    sql.is_among(Value::Ints(ids.into()), false)
                }
            };
        }
        Among::Runs(ids) => {
            let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
            sql.push(table)
                .push(".run_uuid")
                .is_among(Value::Texts(ids.into()), false);
        }
    }
}

/// Appends which stages a table of runs is looked at in.
pub(crate) fn push_view(sql: &mut Sql, table: &str, view: ViewType) {
    sql.push(" AND ").push(table).push(".lifecycle_stage");
    match view.stages() {
        [one] => {
            sql.push(" = ").bind(one.as_str());
        }
        _ => {
            push_stages(sql.push(" IN ("), view);
            sql.push(")");
        }
    }
}

fn push_word(sql: &mut Sql, word: &str) {
    sql.push(" AND (");
    sql.contains("r.name", word);
    sql.push(" OR ");
    sql.begins("r.run_uuid", word);
    sql.push(")");
}

/// SQLite and PostgreSQL take the index of parents for this condition, word for word.
pub(crate) const IS_PARENT_TAG: &str = "c.key = 'mlflow.parentRunId'";

/// The part of a parent's id that the index holds: PostgreSQL refuses entries of several kilobytes.
pub(crate) const INDEXED_PARENT: &str = "substr(c.value, 1, 250)";

/// A run that names itself is no child of it.
fn push_children_of(sql: &mut Sql, parent: &RunId) {
    sql.push(" AND r.run_uuid IN (SELECT c.run_uuid FROM tags c WHERE ")
        .push(IS_PARENT_TAG)
        .push(" AND ")
        .push(INDEXED_PARENT)
        .push(" = ")
        .bind(parent.as_str().chars().take(250).collect::<String>())
        .push(" AND c.value = ")
        .bind(parent.to_string())
        .push(" AND c.run_uuid <> ")
        .bind(parent.to_string())
        .push(")");
}

fn push_column_is(sql: &mut Sql, condition: &ColumnIs) {
    match &condition.column {
        RunColumn::Attribute(attribute) => {
            sql.push(attribute_sql(*attribute));
            push_value(sql, condition.value.as_ref());
        }
        RunColumn::Param(key) => push_child_is(sql, "params", "value", key, condition),
        RunColumn::Tag(key) => push_child_is(sql, "tags", "value", key, condition),
        RunColumn::Parent => push_child_is(sql, "tags", "value", PARENT_RUN_TAG, condition),
        RunColumn::Metric(key) => push_child_is(sql, "latest_metrics", "value", key, condition),
        RunColumn::MetricStep(key) => push_child_is(sql, "latest_metrics", "step", key, condition),
        // `ColumnIs::new` lets no other column in.
        _ => {
            sql.push("1 = 0");
        }
    }
}

fn push_child_is(sql: &mut Sql, table: &str, column: &str, key: &str, condition: &ColumnIs) {
    sql.push(if condition.value.is_none() {
        "NOT EXISTS"
    } else {
        "EXISTS"
    })
    .push(" (SELECT 1 FROM ")
    .push(table)
    .push(" c WHERE c.run_uuid = r.run_uuid AND c.key = ")
    .bind(key.to_owned());
    match &condition.value {
        None => {}
        Some(ColumnValue::Number(number)) if number.is_nan() => {
            sql.push(" AND c.is_nan");
        }
        Some(ColumnValue::Number(number)) => {
            sql.push(" AND NOT c.is_nan AND c.value = ")
                .bind(number.clamp(f64::MIN, f64::MAX));
        }
        value => {
            sql.push(" AND c.").push(column);
            push_value(sql, value.as_ref());
        }
    }
    sql.push(")");
}

fn push_value(sql: &mut Sql, value: Option<&ColumnValue>) {
    match value {
        None => sql.push(" IS NULL"),
        Some(ColumnValue::Text(text)) => sql.push(" = ").bind(text.clone()),
        Some(ColumnValue::Int(number)) => sql.push(" = ").bind(*number),
        Some(ColumnValue::Number(number)) => sql.push(" = ").bind(*number),
    };
}

/// An attribute in SQL; the table of runs is called `r`.
pub(crate) fn attribute_sql(attribute: ColumnAttribute) -> &'static str {
    match attribute {
        ColumnAttribute::RunId => "r.run_uuid",
        ColumnAttribute::RunName => "r.name",
        ColumnAttribute::ExperimentId => "r.experiment_id",
        ColumnAttribute::ExperimentName => {
            "(SELECT e.name FROM experiments e WHERE e.experiment_id = r.experiment_id)"
        }
        ColumnAttribute::Status => "r.status",
        ColumnAttribute::UserId => "r.user_id",
        ColumnAttribute::StartTime => "r.start_time",
        ColumnAttribute::EndTime => "r.end_time",
        ColumnAttribute::Duration => "(r.end_time - r.start_time)",
        ColumnAttribute::ArtifactUri => "r.artifact_uri",
        ColumnAttribute::LifecycleStage => "r.lifecycle_stage",
    }
}
