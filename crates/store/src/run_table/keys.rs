//! Which metrics, params, tags and datasets runs have.
//!
//! A hundred thousand runs with a hundred keys each are ten million rows: seconds on any database. So of a large
//! selection a sample is looked at, spread over the times they started, and after that at the keys of the whole
//! database that the sample does not have.

use std::collections::{BTreeMap, HashSet};

use crate::conditions::Sql;
use crate::{DbError, Result, RunIdList, RunSelection, RunTable, Store, Tx};

/// Runs that are looked at of a larger selection.
const SAMPLE_RUNS: usize = 2_000;

/// Keys of the database that are looked for in a larger selection.
const PROBED_KEYS: i64 = 5_000;

/// Runs in which each of them is looked for.
const PROBED_RUNS: i64 = 100;

/// What is asked about the keys of runs.
#[derive(Debug, Clone)]
pub struct KeyQuery {
    /// Of which runs.
    pub selection: RunSelection,
    /// Kinds of keys.
    pub kinds: Vec<KeyTable>,
    /// Whether datasets are asked for too.
    pub with_datasets: bool,
    /// Part of the key, or of the name of the dataset; letter case does not matter. Empty takes all.
    pub contains: String,
    /// At most so many of each kind.
    pub limit: usize,
    /// Selections up to this size are counted exactly.
    pub exact_runs: usize,
}

/// Where keys are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum KeyTable {
    Metrics,
    Params,
    Tags,
}

impl KeyTable {
    fn name(self) -> &'static str {
        match self {
            Self::Metrics => "latest_metrics",
            Self::Params => "params",
            Self::Tags => "tags",
        }
    }
}

/// The keys that runs have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeysFound {
    /// How many runs were meant.
    pub total_runs: usize,
    /// Whether only a part of the runs was looked at.
    pub is_sampled: bool,
    /// Keys by kind, in order.
    pub keys: BTreeMap<KeyTable, Vec<KeyUse>>,
    /// Datasets by name and digest.
    pub datasets: Vec<DatasetRuns>,
}

/// How runs use a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyUse {
    /// The key.
    pub key: String,
    /// How many runs have it; `None` if not all were looked at.
    pub runs: Option<i64>,
    /// Whether two runs have different values, or one has none; `None` if that was not seen, but not all
    /// were looked at.
    pub differs: Option<bool>,
}

/// How many runs read a dataset.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct DatasetRuns {
    pub name: String,
    pub digest: String,
    /// `None` if not all runs were looked at.
    pub runs: Option<i64>,
}

impl Store {
    /// The keys that runs have: at most three statements for each kind.
    pub async fn run_keys(&self, query: KeyQuery) -> Result<KeysFound> {
        let table = RunTable {
            selection: query.selection.clone(),
            sort: Vec::new(),
        };
        let among = query.selection.among.clone();
        self.read_with_columns(&among, table.metrics(), move |tx, columns| {
            let all = tx.list_runs(&table, columns)?;
            let looked_at = Sample::of(&all, query.exact_runs);
            let mut found = KeysFound {
                total_runs: all.len(),
                is_sampled: looked_at.is_part,
                ..KeysFound::default()
            };
            for kind in &query.kinds {
                let mut keys = tx.keys_of(&looked_at, *kind, &query)?;
                if looked_at.is_part {
                    tx.probe_keys(*kind, &query, &mut keys)?;
                }
                keys.sort_unstable_by(|a, b| a.key.cmp(&b.key));
                keys.truncate(query.limit);
                found.keys.insert(*kind, keys);
            }
            if query.with_datasets {
                found.datasets = tx.datasets_of(&looked_at, &query)?;
            }
            Ok(found)
        })
        .await
    }
}

/// Runs that are looked at.
struct Sample {
    ids: Vec<String>,
    is_part: bool,
}

impl Sample {
    fn of(all: &RunIdList, exact_runs: usize) -> Self {
        if all.len() <= exact_runs.max(1) {
            return Self {
                ids: all.window(0, all.len()),
                is_part: false,
            };
        }
        // Spread evenly, the first and the last among them.
        let (last, gaps) = (all.len() - 1, SAMPLE_RUNS.min(exact_runs) - 1);
        let places = (0..=gaps).map(|i| i * last / gaps.max(1));
        Self {
            ids: places.flat_map(|place| all.window(place, 1)).collect(),
            is_part: true,
        }
    }
}

impl Tx<'_> {
    fn keys_of(&mut self, runs: &Sample, kind: KeyTable, query: &KeyQuery) -> Result<Vec<KeyUse>, DbError> {
        let nan = match kind {
            KeyTable::Metrics => "COUNT(CASE WHEN c.is_nan THEN 1 END)",
            KeyTable::Params | KeyTable::Tags => "0",
        };
        let mut sql = Sql::new(
            self.dialect(),
            "SELECT c.key, COUNT(*), MIN(c.value) <> MAX(c.value), ",
        );
        sql.push(nan).push(" FROM ").ids_with_position(runs.ids.clone());
        sql.push(" page CROSS JOIN ")
            .push(kind.name())
            .push(" c WHERE c.run_uuid = page.id");
        push_contains(&mut sql, "c.key", query);
        sql.push(" GROUP BY c.key");
        let total = runs.ids.len();
        self.query_once(sql.text(), sql.values(), |row| {
            let count = row.int(1)?;
            let nan = row.int(3)?;
            // The values of tags may be NULL, and compare as nothing then.
            let has_two_values = row.truth_or_null(2)?.unwrap_or(false) || (nan > 0 && nan < count);
            let differs = has_two_values || usize::try_from(count).is_ok_and(|count| count < total);
            Ok(KeyUse {
                key: row.text(0)?,
                runs: (!runs.is_part).then_some(count),
                differs: (differs || !runs.is_part).then_some(differs),
            })
        })
    }

    /// Adds keys that the sample does not have: each key of the database, by jumping from key to key in the
    /// index, that one of its first runs in the selection has.
    fn probe_keys(
        &mut self,
        kind: KeyTable,
        query: &KeyQuery,
        keys: &mut Vec<KeyUse>,
    ) -> Result<(), DbError> {
        let seen: HashSet<String> = keys.iter().map(|found| found.key.clone()).collect();
        let seen_list: Vec<String> = seen.into_iter().collect();
        let table = kind.name();
        let mut sql = Sql::new(
            self.dialect(),
            "WITH RECURSIVE k (key) AS (SELECT MIN(c.key) FROM ",
        );
        sql.push(table)
            .push(" c UNION ALL SELECT (SELECT MIN(c.key) FROM ")
            .push(table)
            .push(" c WHERE c.key > k.key) FROM k WHERE k.key IS NOT NULL), first (key) AS (SELECT key FROM k LIMIT ")
            .bind(PROBED_KEYS)
            .push(") SELECT first.key FROM first WHERE first.key IS NOT NULL AND first.key ")
            .is_among(seen_list.into(), true);
        push_contains(&mut sql, "first.key", query);
        sql.push(" AND EXISTS (SELECT 1 FROM (SELECT c.run_uuid FROM ")
            .push(table)
            .push(" c WHERE c.key = first.key LIMIT ")
            .bind(PROBED_RUNS)
            .push(") probe JOIN runs r ON r.run_uuid = probe.run_uuid WHERE ");
        query.selection.push_conditions(&mut sql);
        sql.push(")");
        self.for_each_once(sql.text(), sql.values(), |row| {
            // Most runs of the sample do not have it, and one run does.
            keys.push(KeyUse {
                key: row.text(0)?,
                runs: None,
                differs: Some(true),
            });
            Ok(())
        })
    }

    fn datasets_of(&mut self, runs: &Sample, query: &KeyQuery) -> Result<Vec<DatasetRuns>, DbError> {
        let mut sql = Sql::new(
            self.dialect(),
            "SELECT d.name, d.digest, COUNT(DISTINCT page.id) FROM ",
        );
        sql.ids_with_position(runs.ids.clone()).push(
            " page CROSS JOIN inputs i JOIN datasets d ON d.dataset_uuid = i.source_id
              WHERE i.destination_type = 'RUN' AND i.destination_id = page.id AND i.source_type = 'DATASET'",
        );
        push_contains(&mut sql, "d.name", query);
        sql.push(" GROUP BY d.name, d.digest");
        let mut found = self.query_once(sql.text(), sql.values(), |row| {
            Ok(DatasetRuns {
                name: row.text(0)?,
                digest: row.text(1)?,
                runs: if runs.is_part { None } else { Some(row.int(2)?) },
            })
        })?;
        found.sort_unstable_by(|a, b| (&a.name, &a.digest).cmp(&(&b.name, &b.digest)));
        found.truncate(query.limit);
        Ok(found)
    }
}

fn push_contains(sql: &mut Sql, column: &str, query: &KeyQuery) {
    if !query.contains.is_empty() {
        sql.push(" AND ").contains(column, &query.contains);
    }
}
