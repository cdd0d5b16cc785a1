//! Named views: saved states of pages as tags of an experiment.

use std::collections::HashMap;

use oxflow_core::{ErrorCode, ExperimentId, Invalid, Key, KeyKind, ViewState, limits::MAX_VIEWS};
use serde_json::{Value as Json, json};

use crate::view_states::{kept_in_table, nothing_without_table};

use crate::driver::{BulkInsert, Kind};
use crate::{Change, Result, Store, StoreError, Tx};

/// Begins the tags that are views.
const TAG_PREFIX: &str = "oxflow.view.";

/// Longest state that is kept in the tag itself, in bytes. The tag of an experiment holds 5,000 characters under
/// older MLflow; longer states are kept apart, and the tag names them.
const MAX_STATE_IN_TAG_BYTES: usize = 4000;

const SELECT_TAGS: &str = "
    SELECT key, value
      FROM experiment_tags
     WHERE experiment_id = $1 AND key LIKE 'oxflow.view.%'
     ORDER BY key";

const SELECT_ALL_TAGS: &str = "SELECT value FROM experiment_tags WHERE key LIKE 'oxflow.view.%'";

const UPSERT_TAG: BulkInsert = BulkInsert {
    table: "experiment_tags",
    columns: &[
        ("key", Kind::Text),
        ("value", Kind::Text),
        ("experiment_id", Kind::Int),
    ],
    on_conflict: "ON CONFLICT (key, experiment_id) DO UPDATE SET value = excluded.value",
};

const DELETE_TAG: &str = "DELETE FROM experiment_tags WHERE key = $1 AND experiment_id = $2";

/// A view of an experiment that has a name.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedView {
    /// Unique within the experiment.
    pub name: String,
    /// The state; null if it is gone, or was overwritten as a tag with something else.
    pub state: Json,
    /// Whether the experiment opens with it; at most one has this.
    pub is_default: bool,
    /// When it was last stored, ms since 1970.
    pub updated_time_ms: i64,
}

/// The value of a tag that is a view.
struct Stored {
    json: Json,
}

impl Stored {
    fn read(text: &str) -> Self {
        Self {
            json: serde_json::from_str(text).unwrap_or_default(),
        }
    }

    fn is_default(&self) -> bool {
        self.json["is_default"] == true
    }

    /// The id of a state that is kept apart.
    fn apart(&self) -> Option<&str> {
        self.json["view"].as_str()
    }
}

/// The key of the tag of a named view: its characters are those of tags.
fn key_of(name: &str) -> Result<Key, Invalid> {
    if name.is_empty() {
        return Err(Invalid::missing("name"));
    }
    Key::parse(&format!("{TAG_PREFIX}{name}"), KeyKind::Tag, "name")
}

impl Store {
    /// Keeps a state as a tag of an active experiment, replacing one of that name. A new default replaces the old one.
    pub async fn set_named_view(
        &self,
        experiment: ExperimentId,
        name: &str,
        state: ViewState,
        is_default: bool,
        now_ms: i64,
    ) -> Result<()> {
        let key = key_of(name)?;
        self.write(move |tx| {
            // Two that make a default at once must not both get one.
            tx.lock_active_experiment(experiment)?;
            let mut others = tx.view_tags(experiment)?;
            others.retain(|(other, _)| other != key.as_str());
            if others.len() >= MAX_VIEWS {
                return Err(Invalid::new(format!("an experiment has at most {MAX_VIEWS} views")).into());
            }
            let mut value = json!({ "is_default": is_default, "updated_time": now_ms });
            if state.as_str().len() <= MAX_STATE_IN_TAG_BYTES {
                value["state"] = serde_json::from_str(state.as_str()).unwrap_or_default();
            } else {
                tx.keep_view(&state, now_ms)?;
                value["view"] = json!(state.id().as_str());
            }
            let mut tags = vec![(key.as_str().to_owned(), value)];
            for (other, stored) in others {
                if is_default && stored.is_default() {
                    let mut value = stored.json;
                    value["is_default"] = json!(false);
                    tags.push((other, value));
                }
            }
            let rows: Vec<(String, String)> = tags
                .into_iter()
                .map(|(key, value)| (key, value.to_string()))
                .collect();
            let rows = rows
                .iter()
                .map(|(key, value)| [key.into(), value.into(), experiment.get().into()]);
            tx.insert_many(&UPSERT_TAG, rows)?;
            tx.tell(|| Change::of_experiment(experiment));
            Ok(())
        })
        .await
        .map_err(kept_in_table)
    }

    /// The named views of an experiment, by name. Without the table of states those that are kept there have none.
    pub async fn named_views(&self, experiment: ExperimentId) -> Result<Vec<NamedView>> {
        let with_states = self.read_named_views(experiment, true).await;
        match nothing_without_table(with_states)? {
            Some(views) => Ok(views),
            None => self.read_named_views(experiment, false).await,
        }
    }

    async fn read_named_views(&self, experiment: ExperimentId, with_states: bool) -> Result<Vec<NamedView>> {
        self.read(move |tx| {
            if tx.find_experiment(experiment)?.is_none() {
                return Err(StoreError::NoSuchExperiment { id: experiment });
            }
            let tags = tx.view_tags(experiment)?;
            let apart: Vec<String> = tags
                .iter()
                .filter_map(|(_, stored)| stored.apart().map(str::to_owned))
                .collect();
            let states = if apart.is_empty() || !with_states {
                HashMap::new()
            } else {
                tx.find_views(&apart)?
            };
            let views = tags.into_iter().map(|(key, stored)| NamedView {
                name: key.strip_prefix(TAG_PREFIX).unwrap_or(&key).to_owned(),
                is_default: stored.is_default(),
                updated_time_ms: stored.json["updated_time"].as_i64().unwrap_or_default(),
                state: match stored.apart() {
                    // Two names may share a state.
                    Some(id) => states.get(id).map(|kept| kept.state.clone()).unwrap_or_default(),
                    None => stored.json["state"].clone(),
                },
            });
            Ok(views.collect())
        })
        .await
    }

    /// Removes a named view; it must be there.
    pub async fn delete_named_view(&self, experiment: ExperimentId, name: &str) -> Result<()> {
        let (key, name) = (key_of(name)?, name.to_owned());
        self.write(move |tx| {
            tx.require_active_experiment(experiment)?;
            if tx.execute(DELETE_TAG, &[key.as_str().into(), experiment.get().into()])? == 0 {
                return Err(no_such_view(&format!("name '{name}' in experiment {experiment}")).into());
            }
            tx.tell(|| Change::of_experiment(experiment));
            Ok(())
        })
        .await
    }
}

/// What is said of a view that is not there.
pub(crate) fn no_such_view(what: &str) -> Invalid {
    Invalid {
        code: ErrorCode::ResourceDoesNotExist,
        message: format!("No view with {what} exists"),
    }
}

impl Tx<'_> {
    /// The ids of the states that named views have in the table of states.
    pub(crate) fn states_of_named_views(&mut self) -> Result<Vec<String>> {
        let values = self.query(SELECT_ALL_TAGS, &[], |row| row.text_or_null(0))?;
        let apart = |value: &String| Stored::read(value).apart().map(str::to_owned);
        Ok(values.iter().flatten().filter_map(apart).collect())
    }

    fn view_tags(&mut self, experiment: ExperimentId) -> Result<Vec<(String, Stored)>> {
        let rows = self.query(SELECT_TAGS, &[experiment.get().into()], |row| {
            Ok((row.text(0)?, row.text_or_null(1)?.unwrap_or_default()))
        })?;
        // LIKE of SQLite does not tell capitals from small letters.
        let rows = rows.into_iter().filter(|(key, _)| key.starts_with(TAG_PREFIX));
        Ok(rows.map(|(key, value)| (key, Stored::read(&value))).collect())
    }

    fn lock_active_experiment(&mut self, id: ExperimentId) -> Result<()> {
        self.find_experiment_to_change(id)?;
        self.require_active_experiment(id).map(drop)
    }
}
