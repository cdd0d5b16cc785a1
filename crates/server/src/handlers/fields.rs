//! Request fields that many endpoints share.

use std::collections::HashSet;

use oxflow_core::{ExperimentId, Invalid, Key, KeyKind, ModelId, RunId, Tag, truncate_chars};
use oxflow_search::PageToken;
use oxflow_store::StoreError;
use oxflow_wire::{Field, KeyValue};

use crate::{ApiError, App};

/// The run that a request names by `run_id` or its old name `run_uuid`. What cannot be the id of a
/// run names none.
pub(crate) fn run_id(run_id: Field<String>, run_uuid: Field<String>) -> Result<RunId, ApiError> {
    let raw = run_id.or(run_uuid).required("run_id")?;
    RunId::parse(&raw).map_err(|_| StoreError::NoSuchRun { id: raw }.into())
}

/// The runs whose histories are asked for. What cannot be the id of a run has no history, as a run that
/// does not exist.
pub(crate) fn run_ids(raw: &[String]) -> Vec<RunId> {
    raw.iter().filter_map(|raw| RunId::parse(raw).ok()).collect()
}

/// The logged model that a path names.
pub(crate) fn model_id(raw: &str) -> Result<ModelId, ApiError> {
    ModelId::parse(raw).ok_or_else(|| StoreError::NoSuchLoggedModel { id: raw.to_owned() }.into())
}

/// The experiments that a search names.
pub(crate) fn experiment_ids(raw: &[String]) -> Result<Vec<ExperimentId>, Invalid> {
    if raw.len() > oxflow_core::limits::MAX_IDS_PER_SEARCH {
        return Err(Invalid::new(format!(
            "A search may name at most {} experiments; this one names {}",
            oxflow_core::limits::MAX_IDS_PER_SEARCH,
            raw.len()
        )));
    }
    raw.iter().map(|raw| ExperimentId::parse(raw)).collect()
}

/// A key and a value out of a list such as `tags`; a missing value is empty.
pub(crate) fn raw_pair(pair: KeyValue, list: &str, index: usize) -> Result<Tag, Invalid> {
    Ok(Tag {
        key: pair.key.required(&format!("{list}[{index}].key"))?,
        value: pair
            .value
            .optional(&format!("{list}[{index}].value"))?
            .unwrap_or_default(),
    })
}

/// Refuses a new entity with two values for one tag.
pub(crate) fn check_keys_differ<'k>(keys: impl Iterator<Item = &'k str>) -> Result<(), Invalid> {
    let mut seen = HashSet::new();
    for key in keys {
        if !seen.insert(key) {
            return Err(Invalid::new(format!("Key {key:?} is given more than once")));
        }
    }
    Ok(())
}

/// The key of a tag in the field `key`.
pub(crate) fn tag_key(raw: &str) -> Result<Key, Invalid> {
    Key::parse(raw, KeyKind::Tag, "key")
}

impl App {
    /// Cuts a value to its limit, or refuses it if the server is told to
    /// (`MLFLOW_TRUNCATE_LONG_VALUES=false`).
    pub(crate) fn fit_value(&self, what: &str, value: String, limit_chars: usize) -> Result<String, Invalid> {
        let cut = truncate_chars(&value, limit_chars);
        if cut.len() == value.len() {
            return Ok(value);
        }
        if self.config.truncate_long_values {
            return Ok(cut.to_owned());
        }
        Err(Invalid::too_long(what, limit_chars))
    }
}

/// Rows to skip, out of a page token.
pub(crate) fn offset(token: Field<String>) -> Result<i64, ApiError> {
    let Some(token) = token.optional("page_token")?.filter(|token| !token.is_empty()) else {
        return Ok(0);
    };
    Ok(i64::try_from(PageToken::parse(&token)?.offset).unwrap_or(i64::MAX))
}

/// The token of the page that follows, if one does.
pub(crate) fn next_token(offset: i64, rows: usize, has_more: bool) -> Option<String> {
    let offset = u64::try_from(offset).unwrap_or(0) + rows as u64;
    has_more.then(|| PageToken { offset }.to_string())
}

/// Refuses page sizes that are not positive, or over `limit`; `value` is what was asked.
pub(crate) fn page_size(value: i64, limit: i64) -> Result<i64, Invalid> {
    if value < 1 {
        return Err(Invalid::value(
            "max_results",
            value,
            ". It must be a positive integer",
        ));
    }
    if value > limit {
        return Err(Invalid::value(
            "max_results",
            value,
            &format!(". It must be at most {limit}"),
        ));
    }
    Ok(value)
}
