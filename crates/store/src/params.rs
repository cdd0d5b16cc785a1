//! Params of runs: written once.

use std::collections::HashMap;

use oxflow_core::{Param, Run, RunId};

use crate::conditions::at_position;
use crate::driver::{BulkInsert, Kind};
use crate::error::ParamChange;
use crate::experiments::read_tag;
use crate::{DbError, Result, StoreError, Tx};

const INSERT: BulkInsert = BulkInsert {
    table: "params",
    columns: &[
        ("key", Kind::Text),
        ("value", Kind::Text),
        ("run_uuid", Kind::Text),
    ],
    on_conflict: "ON CONFLICT (key, run_uuid) DO NOTHING",
};

const SELECT_ONE: &str = "SELECT value FROM params WHERE key = $1 AND run_uuid = $2";

impl Tx<'_> {
    /// Stores one param; the same value again changes nothing.
    pub(crate) fn insert_param(&mut self, run_id: &RunId, param: &Param) -> Result<()> {
        let row = [
            param.key.as_str().into(),
            (&param.value).into(),
            run_id.as_str().into(),
        ];
        if self.insert_many(&INSERT, [row])? == 1 {
            return Ok(());
        }
        let stored = self.query_first(
            SELECT_ONE,
            &[param.key.as_str().into(), run_id.as_str().into()],
            |row| row.text(0),
        )?;
        match stored {
            Some(old_value) if old_value != param.value => Err(StoreError::ParamChanged {
                run_id: run_id.clone(),
                key: param.key.as_str().to_owned(),
                old_value,
                new_value: param.value.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// Stores params with different keys; if any would change a stored value, none is stored.
    pub(crate) fn insert_params(&mut self, run_id: &RunId, params: &[Param]) -> Result<()> {
        if params.is_empty() {
            return Ok(());
        }
        let mut sorted: Vec<&Param> = params.iter().collect();
        sorted.sort_by_key(|param| param.key.as_str());
        let rows = sorted.iter().map(|param| {
            [
                param.key.as_str().into(),
                (&param.value).into(),
                run_id.as_str().into(),
            ]
        });
        if self.insert_many(&INSERT, rows)? == params.len() {
            return Ok(());
        }
        let stored = self.params_with_keys(run_id, params)?;
        let changes: Vec<ParamChange> = params
            .iter()
            .filter_map(|param| {
                let old_value = stored
                    .get(param.key.as_str())
                    .filter(|old| **old != param.value)?;
                Some(ParamChange {
                    key: param.key.as_str().to_owned(),
                    old_value: old_value.clone(),
                    new_value: param.value.clone(),
                })
            })
            .collect();
        if changes.is_empty() {
            return Ok(());
        }
        Err(StoreError::ParamsChanged {
            run_id: run_id.clone(),
            changes,
        })
    }

    fn params_with_keys(
        &mut self,
        run_id: &RunId,
        params: &[Param],
    ) -> Result<HashMap<String, String>, DbError> {
        let keys: Vec<String> = params.iter().map(|param| param.key.as_str().to_owned()).collect();
        let sql = format!(
            "SELECT key, value FROM params WHERE run_uuid = $1 AND key {}",
            self.dialect().is_among("$2")
        );
        let pairs = self.query(&sql, &[run_id.as_str().into(), keys.as_slice().into()], |row| {
            Ok((row.text(0)?, row.text(1)?))
        })?;
        Ok(pairs.into_iter().collect())
    }

    /// Reads the params of the runs of a page.
    pub(crate) fn fill_params(&mut self, ids: &[String], runs: &mut [Run]) -> Result<(), DbError> {
        let sql = format!(
            "SELECT page.position, p.key, p.value
               FROM {} page
               CROSS JOIN params p WHERE p.run_uuid = page.id",
            self.dialect().ids_with_position("$1")
        );
        self.for_each(&sql, &[ids.into()], |row| {
            at_position(row, runs)?.params.push(read_tag(row, 1)?);
            Ok(())
        })
    }
}
