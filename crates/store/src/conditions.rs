//! Building the text of a search, the only SQL here that is not a constant, and cutting what it finds into pages.

use std::borrow::Cow;

use oxflow_auth::Visible;
use oxflow_search::{Number, NumberOp, Predicate, TextOp};

use crate::metric_columns::ColumnsInUse;
use crate::{DbError, Dialect, Row, Value};

/// A statement that grows with its parameters.
///
/// `$n` is written when the value is given, so numbers follow the order of appearance.
#[derive(Debug)]
pub(crate) struct Sql {
    dialect: Dialect,
    text: String,
    values: Vec<Value<'static>>,
    /// Metrics in memory, by slot.
    columns: Vec<String>,
    lookups: usize,
}

/// Lookups in other tables that the database may plan together.
const LOOKUPS_PLANNED_TOGETHER: usize = 8;

impl Sql {
    pub(crate) fn new(dialect: Dialect, start: &str) -> Self {
        Self {
            dialect,
            text: start.to_owned(),
            values: Vec::new(),
            columns: Vec::new(),
            lookups: 0,
        }
    }

    /// Ends a lookup in another table: the closing bracket of `EXISTS (SELECT …` or `IN (SELECT …`.
    pub(crate) fn end_lookup(&mut self) -> &mut Self {
        self.lookups += 1;
        if self.lookups > LOOKUPS_PLANNED_TOGETHER {
            self.push(self.dialect.apart_from_the_plan());
        }
        self.push(")")
    }

    /// Appends what a run `r` has for a metric in memory, or another number if that is NaN; nothing if it is not there.
    pub(crate) fn push_latest_in_memory(&mut self, key: &str, if_nan: f64) -> bool {
        self.values.push(if_nan.into());
        let parameter = format!("${}", self.values.len());
        match self.latest_in_memory(key, &parameter) {
            Some(latest) => {
                self.push(&latest);
                true
            }
            None => {
                self.values.pop();
                false
            }
        }
    }

    /// A statement for a transaction with columns in memory.
    pub(crate) fn with_columns(self, columns: &ColumnsInUse) -> Self {
        Self {
            columns: columns.keys().to_vec(),
            ..self
        }
    }

    /// The call that gives what a run `r` has for a metric in memory, if it is there; `if_nan` is SQL of this source.
    pub(crate) fn latest_in_memory(&self, key: &str, if_nan: &str) -> Option<String> {
        let slot = self.columns.iter().position(|other| other == key)?;
        Some(format!("oxflow_latest({slot}, r.run_uuid, {if_nan})"))
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Appends SQL text that comes from this source, never from a request.
    pub(crate) fn push(&mut self, sql: &str) -> &mut Self {
        self.text.push_str(sql);
        self
    }

    /// Appends a parameter.
    pub(crate) fn bind(&mut self, value: impl Into<Value<'static>>) -> &mut Self {
        self.values.push(value.into());
        self.text.push_str(&format!("${}", self.values.len()));
        self
    }

    /// Appends a table `(position, id)` of texts; see [`Dialect::known_ids_with_position`].
    pub(crate) fn ids_with_position(&mut self, ids: Vec<String>) -> &mut Self {
        self.values.push(Value::Texts(Cow::Owned(ids)));
        let table = self
            .dialect
            .known_ids_with_position(&format!("${}", self.values.len()));
        self.push(&table)
    }

    /// Appends that what stands before is among the members of a list, or not.
    pub(crate) fn is_among(&mut self, list: Value<'static>, negated: bool) -> &mut Self {
        self.values.push(list);
        let parameter = format!("${}", self.values.len());
        let condition = if negated {
            self.dialect.is_not_among(&parameter)
        } else {
            self.dialect.is_among(&parameter)
        };
        self.text.push(' ');
        self.text.push_str(&condition);
        self
    }

    /// Appends that somebody may see the experiment whose id is in a column: ` AND …`, or nothing if they see all.
    pub(crate) fn push_visible_experiments(&mut self, column: &str, visible: &Visible) -> &mut Self {
        let (ids, negated) = match visible {
            Visible::All => return self,
            Visible::Only(ids) => (ids, false),
            Visible::AllBut(ids) => (ids, true),
        };
        let ids: Vec<i64> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        self.push(" AND ")
            .push(column)
            .is_among(Value::Ints(ids.into()), negated)
    }

    /// The same for a model's or prompt's name: as a condition of its own.
    pub(crate) fn push_visible_names(&mut self, column: &str, visible: &Visible) -> &mut Self {
        let (names, negated) = match visible {
            Visible::All => return self.push("1 = 1"),
            Visible::Only(names) => (names, false),
            Visible::AllBut(names) => (names, true),
        };
        self.push(column)
            .is_among(Value::Texts(names.clone().into()), negated)
    }

    /// Appends `column <comparison>` for a predicate; `column` is SQL of this source.
    pub(crate) fn compare(&mut self, column: &str, predicate: &Predicate) -> &mut Self {
        match predicate {
            Predicate::Number { op, value } => {
                self.push(column).push(number_operator(*op));
                match value {
                    Number::Int(number) => self.bind(*number),
                    Number::Float(number) => self.bind(*number),
                }
            }
            Predicate::Text {
                op: TextOp::Eq,
                value,
            } => self.push(column).push(" = ").bind(value.clone()),
            Predicate::Text {
                op: TextOp::Ne,
                value,
            } => self.push(column).push(" != ").bind(value.clone()),
            Predicate::Text {
                op: TextOp::Like,
                value,
            } => self.push(column).push(" LIKE ").bind(value.clone()),
            Predicate::Text {
                op: TextOp::ILike,
                value,
            } => {
                let comparison = self.dialect.ilike(column);
                // LOWER of SQLite knows ASCII only, so the pattern is folded the same way.
                self.push(&comparison).bind(value.to_ascii_lowercase())
            }
            Predicate::In { negated, values } => {
                self.push(column);
                self.is_among(Value::Texts(Cow::Owned(values.clone())), *negated)
            }
            Predicate::IsNull { negated } => {
                self.push(column)
                    .push(if *negated { " IS NOT NULL" } else { " IS NULL" })
            }
        }
    }

    /// Appends that a column contains a text, whatever the case of its letters.
    pub(crate) fn contains(&mut self, column: &str, part: &str) -> &mut Self {
        self.like_any(column, part, |part| format!("%{part}%"))
    }

    /// Appends that a column begins with a text, whatever the case of its letters.
    pub(crate) fn begins(&mut self, column: &str, start: &str) -> &mut Self {
        self.like_any(column, start, |start| format!("{start}%"))
    }

    fn like_any(&mut self, column: &str, text: &str, pattern: impl Fn(&str) -> String) -> &mut Self {
        let comparison = self.dialect.ilike(column);
        self.push("(");
        for (i, variant) in self.dialect.case_variants(text).iter().enumerate() {
            self.push(if i > 0 { " OR " } else { "" })
                .push(&comparison)
                .bind(pattern(&escaped(variant)))
                .push(" ESCAPE '!'");
        }
        self.push(")")
    }

    /// The statement with these values in place of its own.
    #[cfg(test)]
    pub(crate) fn with_values(mut self, values: Vec<Value<'static>>) -> Self {
        self.values = values;
        self
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn values(&self) -> &[Value<'static>] {
        &self.values
    }
}

/// A text as it stands in a `LIKE` pattern with `ESCAPE '!'`.
fn escaped(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern
}

/// Cuts a list that was read one row beyond its page; says whether that row was there.
pub(crate) fn cut_to_page<T>(rows: &mut Vec<T>, max_results: i64) -> bool {
    let page = usize::try_from(max_results).unwrap_or(usize::MAX);
    let has_more = rows.len() > page;
    rows.truncate(page);
    has_more
}

/// The item of a page that a row belongs to: its first column is the position.
pub(crate) fn at_position<'i, T>(row: &Row<'_>, items: &'i mut [T]) -> Result<&'i mut T, DbError> {
    let position = row.int(0)?;
    usize::try_from(position)
        .ok()
        .and_then(|position| items.get_mut(position))
        .ok_or_else(|| DbError::unexpected(format!("position {position} is not on the page")))
}

pub(crate) fn number_operator(op: NumberOp) -> &'static str {
    match op {
        NumberOp::Eq => " = ",
        NumberOp::Ne => " != ",
        NumberOp::Lt => " < ",
        NumberOp::Le => " <= ",
        NumberOp::Gt => " > ",
        NumberOp::Ge => " >= ",
    }
}
