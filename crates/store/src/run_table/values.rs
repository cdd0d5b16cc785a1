//! Values of one column, for completion.

use oxflow_core::{Invalid, PARENT_RUN_TAG};
use oxflow_search::{ColumnAttribute, RunColumn};

use crate::conditions::Sql;
use crate::run_selection::attribute_sql;
use crate::{Result, RunSelection, Store};

/// What is asked about the values of a column.
#[derive(Debug, Clone)]
pub struct ValueQuery {
    selection: RunSelection,
    source: Source,
    contains: String,
    limit: usize,
}

#[derive(Debug, Clone)]
enum Source {
    Attribute(ColumnAttribute),
    Child { table: &'static str, key: String },
}

impl ValueQuery {
    /// A question, if the column has texts.
    pub fn new(
        selection: RunSelection,
        column: RunColumn,
        contains: String,
        limit: usize,
    ) -> Result<Self, Invalid> {
        let child = |table, key| Source::Child { table, key };
        let source = match column {
            RunColumn::Attribute(attribute) if !attribute.is_time() => Source::Attribute(attribute),
            RunColumn::Param(key) => child("params", key),
            RunColumn::Tag(key) => child("tags", key),
            RunColumn::Parent => child("tags", PARENT_RUN_TAG.to_owned()),
            other => {
                return Err(Invalid::new(format!(
                    "Column {:?} has no texts to choose from",
                    other.to_string()
                )));
            }
        };
        Ok(Self {
            selection,
            source,
            contains,
            limit,
        })
    }
}

impl Store {
    /// Values with the number of runs that have them, the most frequent first.
    pub async fn run_values(&self, query: ValueQuery) -> Result<Vec<(String, i64)>> {
        self.read(move |tx| {
            let value = match &query.source {
                Source::Attribute(ColumnAttribute::ExperimentId) => "CAST(r.experiment_id AS TEXT)",
                Source::Attribute(attribute) => attribute_sql(*attribute),
                Source::Child { .. } => "c.value",
            };
            let mut sql = Sql::new(tx.dialect(), "SELECT ");
            sql.push(value).push(", COUNT(*) FROM runs r");
            if let Source::Child { table, key } = &query.source {
                sql.push(&format!(
                    " JOIN {table} c ON c.run_uuid = r.run_uuid AND c.key = "
                ))
                .bind(key.clone());
            }
            sql.push(" WHERE ");
            query.selection.push_conditions(&mut sql);
            sql.push(&format!(" AND {value} IS NOT NULL"));
            if !query.contains.is_empty() {
                sql.push(" AND ").contains(value, &query.contains);
            }
            sql.push(&format!(
                " GROUP BY {value} ORDER BY COUNT(*) DESC, {value} LIMIT "
            ))
            .bind(i64::try_from(query.limit).unwrap_or(i64::MAX));
            Ok(tx.query_once(sql.text(), sql.values(), |row| Ok((row.text(0)?, row.int(1)?)))?)
        })
        .await
    }
}
