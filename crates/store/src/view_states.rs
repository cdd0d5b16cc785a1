//! States of pages by the hash of their content, in a table of ours, and how those that nobody opens go.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};

use oxflow_core::{Invalid, ViewId, ViewState};
use serde_json::Value as Json;
use tracing::debug;

use crate::views::no_such_view;
use crate::{Result, Store, StoreError, Tx, Value};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// How long a state is kept that nobody stores or opens, unless a named view has it.
const KEPT_UNUSED_MS: i64 = 90 * DAY_MS;

/// How exactly it is noted when a state was last opened: so most times it is opened nothing is written.
const NOTED_MS: i64 = DAY_MS;

const INSERT: &str = "
    INSERT INTO oxflow_views (id, state, created_time, last_used_time)
    VALUES ($1, $2, $3, $3)
    ON CONFLICT (id) DO NOTHING";

const USE_SAME: &str = "UPDATE oxflow_views SET last_used_time = $1 WHERE id = $2 AND state = $3";

const USE: &str = "UPDATE oxflow_views SET last_used_time = $1 WHERE id = $2";

const SELECT: &str = "SELECT id, state, COALESCE(last_used_time, created_time) FROM oxflow_views WHERE id ";

const DELETE_UNUSED: &str =
    "DELETE FROM oxflow_views WHERE COALESCE(last_used_time, created_time) < $1 AND id ";

/// When this process last looked for states that nobody uses, ms since 1970.
#[derive(Debug, Default)]
pub(crate) struct LastCleaning(AtomicI64);

impl LastCleaning {
    /// Whether it is time again; says so once a day.
    fn is_due(&self, now_ms: i64) -> bool {
        let last = self.0.load(Ordering::Relaxed);
        let is_due = now_ms - last >= DAY_MS || now_ms < last;
        is_due
            && self
                .0
                .compare_exchange(last, now_ms, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }
}

impl Store {
    /// Keeps a state under the hash of its content; again is fine. Once a day those go that nobody used for 90 days.
    pub async fn put_view(&self, state: ViewState, now_ms: i64) -> Result<()> {
        self.write(move |tx| tx.keep_view(&state, now_ms))
            .await
            .map_err(kept_in_table)?;
        if self.last_cleaning().is_due(now_ms)
            && let Err(error) = self
                .write(move |tx| tx.delete_unused_views(now_ms - KEPT_UNUSED_MS))
                .await
        {
            debug!(%error, "views that nobody uses were not removed; another try follows tomorrow");
        }
        Ok(())
    }

    /// The state of an id, which is used now.
    pub async fn get_view(&self, id: ViewId, now_ms: i64) -> Result<Json> {
        let key = id.as_str().to_owned();
        let found = self
            .read(move |tx| Ok(tx.find_views(std::slice::from_ref(&key))?.into_values().next()))
            .await;
        let kept = nothing_without_table(found)?.flatten();
        let kept = kept.ok_or_else(|| no_such_view(&format!("id={}", id.as_str())))?;
        if now_ms - kept.last_used_ms > NOTED_MS {
            let id = id.as_str().to_owned();
            let noted = self
                .write(move |tx| Ok(tx.execute(USE, &[now_ms.into(), (&id).into()])?))
                .await;
            if let Err(error) = noted {
                debug!(%error, "it was not noted that a view was opened");
            }
        }
        Ok(kept.state)
    }
}

/// A state with the time of its last use, ms since 1970.
#[derive(Debug)]
pub(crate) struct KeptState {
    pub state: Json,
    last_used_ms: i64,
}

impl Tx<'_> {
    /// Fails if another state has the id, which somebody would have to look for.
    pub(crate) fn keep_view(&mut self, state: &ViewState, now_ms: i64) -> Result<()> {
        let id = state.id().as_str();
        // Between the two statements another server may remove it as unused: then it is kept anew.
        for _ in 0..2 {
            let is_kept = self.execute(INSERT, &[id.into(), state.as_str().into(), now_ms.into()])? == 1
                || self.execute(USE_SAME, &[now_ms.into(), id.into(), state.as_str().into()])? == 1;
            if is_kept {
                return Ok(());
            }
        }
        Err(Invalid::new(format!(
            "another state has the id {id} already; change this one a little"
        ))
        .into())
    }

    pub(crate) fn find_views(&mut self, ids: &[String]) -> Result<HashMap<String, KeptState>> {
        let sql = format!("{SELECT}{}", self.dialect().is_among("$1"));
        let rows = self.query(&sql, &[Value::from(ids)], |row| {
            let kept = KeptState {
                state: serde_json::from_str(&row.text(1)?).unwrap_or_default(),
                last_used_ms: row.int(2)?,
            };
            Ok((row.text(0)?, kept))
        })?;
        Ok(rows.into_iter().collect())
    }

    /// Removes states that were last used before a time, but for those that named views have.
    fn delete_unused_views(&mut self, before_ms: i64) -> Result<()> {
        let named = self.states_of_named_views()?;
        let sql = format!("{DELETE_UNUSED}{}", self.dialect().is_not_among("$2"));
        self.execute(&sql, &[before_ms.into(), Value::from(named.as_slice())])?;
        Ok(())
    }
}

/// Says what to do where there is no table of states.
pub(crate) fn kept_in_table(error: StoreError) -> StoreError {
    match error {
        StoreError::Database { source } if source.is_missing_table() => StoreError::NoViewsTable,
        other => other,
    }
}

/// What was read, or nothing where there is no table of states.
pub(crate) fn nothing_without_table<T>(read: Result<T>) -> Result<Option<T>> {
    match read.map_err(kept_in_table) {
        Err(StoreError::NoViewsTable) => Ok(None),
        other => other.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_time_to_clean_once_a_day() {
        let cleaning = LastCleaning::default();
        assert!(cleaning.is_due(20 * DAY_MS));
        assert!(!cleaning.is_due(21 * DAY_MS - 1));
        assert!(cleaning.is_due(21 * DAY_MS));
        assert!(cleaning.is_due(5 * DAY_MS), "the clock was put back");
    }
}
