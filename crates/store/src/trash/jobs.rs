//! Removing records of jobs. Oxflow runs none; those of an MLflow server are in the same database.

use super::REMOVED_AT_ONCE;
use crate::{Result, Store, Value};

/// Jobs that are over: succeeded, failed, timed out, cancelled. MLflow 3.17: `JobStatus.to_int`.
const IS_OVER: &str = "j.status IN (2, 3, 4, 5)";

/// Which records of jobs are to go; only those of jobs that are over do.
#[derive(Debug, Clone, Default)]
pub struct JobQuery {
    /// Only these; `None` for all.
    pub ids: Option<Vec<String>>,
    /// Only jobs created before this time, ms since 1970; `None` for all.
    pub created_before_ms: Option<i64>,
    /// Only this workspace; `None` for all.
    pub workspace: Option<String>,
}

impl Store {
    /// The ids of the jobs whose records may go, in order.
    pub async fn find_jobs(&self, query: JobQuery) -> Result<Vec<String>> {
        self.read(move |tx| {
            let mut sql = format!("SELECT j.id FROM jobs j WHERE {IS_OVER}");
            let mut values: Vec<Value<'_>> = Vec::new();
            if let Some(ids) = &query.ids {
                values.push(ids.as_slice().into());
                sql += &format!(" AND j.id {}", tx.dialect().is_among("$1"));
            }
            if let Some(before_ms) = query.created_before_ms {
                values.push(before_ms.into());
                sql += &format!(" AND j.creation_time < ${}", values.len());
            }
            if let Some(workspace) = &query.workspace {
                values.push(workspace.into());
                sql += &format!(" AND j.workspace = ${}", values.len());
            }
            sql += " ORDER BY j.id";
            Ok(tx.query(&sql, &values, |row| row.text(0))?)
        })
        .await
    }

    /// Removes records of jobs that are over, with their locks; returns how many.
    pub async fn remove_jobs(&self, ids: Vec<String>) -> Result<usize> {
        let mut removed = 0;
        for batch in ids.chunks(REMOVED_AT_ONCE) {
            let ids = batch.to_vec();
            removed += self
                .write(move |tx| {
                    let among = tx.dialect().is_among("$1");
                    let sql = format!("DELETE FROM jobs AS j WHERE {IS_OVER} AND j.id {among}");
                    Ok(tx.execute(&sql, &[ids.as_slice().into()])?)
                })
                .await?;
        }
        Ok(removed)
    }
}
