//! Databases of older MLflows. `tests/upgrade` compares every revision with MLflow's own upgrade.

use std::path::Path;

use oxflow_core::{ExperimentId, RunId};
use oxflow_store::{
    Backup, DatabaseUri, HEAD_REVISION, OpenError, Prepared, SchemaPolicy, SchemaState, Store, StoreConfig,
    UpgradeError, UpgradeRequest, UpgradeStep, count_rows, inspect, ping, upgrade,
};
use oxflow_testkit::postgres::TestDatabase;
use rusqlite::Connection;
use tempfile::TempDir;

use super::backend::{NOW_MS, TestStore, postgres_config, sqlite_config};

const OLD_SQLITE: &str = include_str!("../fixtures/mlflow_1_30.sqlite.sql");
const OLD_POSTGRESQL: &str = include_str!("../fixtures/mlflow_1_30.postgresql.sql");
const OLD_REVISION: &str = "97727af70f4d";

/// A database of MLflow 1.30 and the way to open it.
struct Old {
    config: StoreConfig,
    folder: TempDir,
    _database: Option<TestDatabase>,
}

impl Old {
    fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = sqlite_config(&folder);
        sql(&folder.path().join("mlflow.db"), OLD_SQLITE);
        Self {
            config,
            folder,
            _database: None,
        }
    }

    /// One of each database that the tests have.
    fn each() -> Vec<Self> {
        let mut each = vec![Self::sqlite()];
        if let Some(database) = TestDatabase::empty() {
            // On a thread of its own: some of these tests are asynchronous.
            std::thread::scope(|scope| {
                let filling = scope.spawn(|| database.connect().run(OLD_POSTGRESQL));
                filling.join().unwrap();
            });
            each.push(Self {
                config: postgres_config(database.uri()),
                folder: tempfile::tempdir().unwrap(),
                _database: Some(database),
            });
        }
        each
    }

    fn open(&self, schema: SchemaPolicy) -> Result<Store, OpenError> {
        Store::open(&StoreConfig {
            schema,
            ..self.config.clone()
        })
    }

    fn upgrade(&self, backup: Backup) -> Result<(Prepared, Vec<UpgradeStep>), OpenError> {
        let request = UpgradeRequest {
            backup,
            now_ms: NOW_MS,
        };
        let mut steps = Vec::new();
        let prepared = upgrade(
            &self.config.uri,
            &request,
            &mut |step| steps.push(step),
            &mut |_| {},
        )?;
        Ok((prepared, steps))
    }

    fn schema(&self) -> SchemaState {
        inspect(&self.config.uri).unwrap().schema
    }

    fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("mlflow.db")
    }
}

fn sql(path: &Path, statements: &str) {
    Connection::open(path).unwrap().execute_batch(statements).unwrap();
}

fn old_schema() -> SchemaState {
    SchemaState::Other {
        revision: OLD_REVISION.to_owned(),
        release: Some("MLflow 1.30 or 2.0".to_owned()),
        can_upgrade: true,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_old_database_held_is_read_after_the_upgrade() {
    for old in Old::each() {
        let store = old.open(SchemaPolicy::Upgrade).unwrap();
        let experiment = store
            .get_experiment(ExperimentId::parse("7").unwrap())
            .await
            .unwrap();
        assert_eq!(experiment.name, "old");
        assert_eq!(experiment.last_update_time_ms, Some(1_660_000_000_002));
        let run = RunId::parse("0123456789abcdef0123456789abcdef").unwrap();
        let run = store.get_run(run).await.unwrap();
        assert_eq!(run.params[0].value, "0.1");
        assert!(run.metrics[0].value.is_nan);
        let default = store.get_experiment(ExperimentId::DEFAULT).await.unwrap();
        assert_eq!(default.creation_time_ms, Some(1_660_000_000_000), "it was there");
        drop(store);
        tokio::task::block_in_place(|| {
            assert_eq!(old.schema(), SchemaState::Current);
            let (prepared, steps) = old.upgrade(Backup::None).unwrap();
            assert_eq!((prepared, steps.len()), (Prepared::Current, 0));
        });
    }
}

#[test]
fn only_who_may_upgrade_changes_an_old_database() {
    for old in Old::each() {
        for policy in [SchemaPolicy::Check, SchemaPolicy::Create] {
            let error = old.open(policy).unwrap_err();
            assert!(matches!(error, OpenError::WrongRevision { .. }), "{error}");
            let message = error.to_string();
            assert!(
                message.contains(OLD_REVISION) && message.contains("MLflow 1.30"),
                "{message}"
            );
            assert_eq!(old.schema(), old_schema());
        }
        ping(&old.config.uri).unwrap();
        let counts = count_rows(&old.config.uri).unwrap();
        assert!(
            counts.contains(&("metrics", 2)) && counts.contains(&("experiments", 3)),
            "{counts:?}"
        );
        assert!(
            !counts.iter().any(|(table, _)| *table == "spans"),
            "there is none yet"
        );
    }
}

#[test]
fn steps_are_counted() {
    for old in Old::each() {
        let (prepared, steps) = old.upgrade(Backup::None).unwrap();
        assert_eq!(
            prepared,
            Prepared::Upgraded {
                from: OLD_REVISION.to_owned()
            }
        );
        assert_eq!(steps.len(), 48);
        assert!(
            steps
                .iter()
                .zip(1..)
                .all(|(step, number)| (step.number, step.of) == (number, 48))
        );
        assert_eq!(steps[47].revision, HEAD_REVISION);
    }
}

#[test]
fn an_upgraded_file_has_the_tables_of_a_new_one() {
    const COLUMNS: &str = "
        SELECT tables.name, columns.cid, columns.name, UPPER(columns.type), columns.\"notnull\", columns.dflt_value,
               columns.pk, columns.hidden
          FROM sqlite_master AS tables
          JOIN pragma_table_xinfo(tables.name) AS columns
         WHERE tables.type = 'table'";
    const KEYS: &str = "
        SELECT tables.name, keys.\"table\", keys.seq, keys.\"from\", keys.\"to\", keys.on_update, keys.on_delete
          FROM sqlite_master AS tables
          JOIN pragma_foreign_key_list(tables.name) AS keys
         WHERE tables.type = 'table'";
    const INDEXES: &str = "
        SELECT tables.name, list.\"unique\", list.partial, list.origin,
               CASE WHEN list.origin = 'c' THEN list.name END, columns.seqno, columns.name, columns.\"desc\"
          FROM sqlite_master AS tables
          JOIN pragma_index_list(tables.name) AS list
          JOIN pragma_index_xinfo(list.name) AS columns
         WHERE tables.type = 'table'";
    const OTHERS: &str = "SELECT type, name FROM sqlite_master WHERE type NOT IN ('table', 'index')";
    let facts = |path: &Path| -> Vec<String> {
        let file = Connection::open(path).unwrap();
        let mut facts = Vec::new();
        for query in [COLUMNS, KEYS, INDEXES, OTHERS] {
            let mut statement = file.prepare(query).unwrap();
            let count = statement.column_count();
            let rows = statement.query_map([], |row| {
                let values: Vec<rusqlite::types::Value> =
                    (0..count).map(|i| row.get(i)).collect::<Result<_, _>>()?;
                Ok(format!("{values:?}"))
            });
            facts.extend(rows.unwrap().map(Result::unwrap));
        }
        facts.sort();
        facts
    };
    let old = Old::sqlite();
    old.upgrade(Backup::None).unwrap();
    let new = TestStore::sqlite();
    let (upgraded, new) = (facts(&old.file()), facts(&new.folder.path().join("mlflow.db")));
    let missing: Vec<_> = new.iter().filter(|fact| !upgraded.contains(fact)).collect();
    let extra: Vec<_> = upgraded.iter().filter(|fact| !new.contains(fact)).collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "missing {missing:#?}\nextra {extra:#?}"
    );
}

#[test]
fn servers_that_start_together_upgrade_once() {
    for old in Old::each() {
        let outcomes: Vec<_> = std::thread::scope(|scope| {
            let upgrades: Vec<_> = (0..6)
                .map(|_| scope.spawn(|| old.upgrade(Backup::None)))
                .collect();
            upgrades
                .into_iter()
                .map(|upgrade| upgrade.join().unwrap().unwrap().0)
                .collect()
        });
        let upgraded = outcomes
            .iter()
            .filter(|outcome| **outcome != Prepared::Current)
            .count();
        assert_eq!(upgraded, 1, "{outcomes:?}");
        let (first, second) = (old.open(SchemaPolicy::Upgrade), old.open(SchemaPolicy::Create));
        assert!(first.is_ok() && second.is_ok());
    }
}

#[test]
fn without_leave_to_create_an_empty_database_stays_empty() {
    let folder = tempfile::tempdir().unwrap();
    let check = |config: StoreConfig| {
        let config = StoreConfig {
            schema: SchemaPolicy::Check,
            ..config
        };
        (Store::open(&config).unwrap_err(), config.uri)
    };
    let (error, _) = check(sqlite_config(&folder));
    assert!(matches!(error, OpenError::NoSuchFile { .. }), "{error}");
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none());
    std::fs::write(folder.path().join("mlflow.db"), "").unwrap();
    let (error, uri) = check(sqlite_config(&folder));
    assert!(matches!(error, OpenError::NoSchema { .. }), "{error}");
    assert_eq!(inspect(&uri).unwrap().schema, SchemaState::Empty);
    if let Some(database) = TestDatabase::empty() {
        let (error, uri) = check(postgres_config(database.uri()));
        assert!(matches!(error, OpenError::NoSchema { .. }), "{error}");
        assert_eq!(inspect(&uri).unwrap().schema, SchemaState::Empty);
    }
}

#[test]
fn with_check_not_even_our_indexes_are_made() {
    let store = TestStore::sqlite();
    let path = store.folder.path().join("mlflow.db");
    let config = StoreConfig {
        schema: SchemaPolicy::Check,
        ..sqlite_config(&store.folder)
    };
    drop(store.store);
    sql(&path, "DROP INDEX oxflow_runs_experiment");
    drop(Store::open(&config).unwrap());
    let count: i64 = Connection::open(&path)
        .unwrap()
        .query_row(
            "SELECT COUNT(*) FROM sqlite_master WHERE name = 'oxflow_runs_experiment'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(count, 0);
}

#[test]
fn what_is_too_old_or_unknown_is_refused() {
    for (revision, is_known) in [("bd07f7e963c5", true), ("ffffffffffff", false)] {
        let old = Old::sqlite();
        sql(
            &old.file(),
            &format!("UPDATE alembic_version SET version_num = '{revision}'"),
        );
        let OpenError::Upgrade { source, .. } = old.upgrade(Backup::BesideIt).unwrap_err() else {
            panic!("another error");
        };
        match source {
            UpgradeError::TooOld { found } => assert!(is_known && found == revision),
            UpgradeError::Unknown { found } => assert!(!is_known && found == revision),
            other => panic!("{other}"),
        }
        assert_eq!(
            std::fs::read_dir(old.folder.path()).unwrap().count(),
            1,
            "no backup"
        );
    }
}

#[test]
fn a_column_of_somebody_else_stops_the_upgrade_and_rows_without_parents_do_not() {
    let old = Old::sqlite();
    sql(&old.file(), "ALTER TABLE params ADD COLUMN mine TEXT");
    let error = old.upgrade(Backup::None).unwrap_err();
    let OpenError::Upgrade { source, .. } = &error else {
        panic!("{error}");
    };
    assert!(source.to_string().contains("`params.mine`"), "{source}");
    assert_eq!(old.schema(), old_schema());

    let old = Old::sqlite();
    sql(
        &old.file(),
        "PRAGMA foreign_keys = OFF; INSERT INTO tags (key, value, run_uuid) VALUES ('k', 'v', 'nobody')",
    );
    old.upgrade(Backup::None).unwrap();
    let mode = |pragma: &str| -> i64 {
        let file = Connection::open(old.file()).unwrap();
        file.query_row(pragma, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(
        mode("SELECT COUNT(*) FROM pragma_foreign_key_check"),
        1,
        "as before"
    );
}

#[test]
fn a_backup_is_the_database_before_the_upgrade() {
    let old = Old::sqlite();
    let copy = old.folder.path().join("copy.db");
    old.upgrade(Backup::At(copy.clone())).unwrap();
    let uri = DatabaseUri::Sqlite(copy.clone());
    assert_eq!(inspect(&uri).unwrap().schema, old_schema());
    assert!(count_rows(&uri).unwrap().contains(&("tags", 1)));

    let again = Old::sqlite();
    let error = again.upgrade(Backup::At(copy)).unwrap_err();
    assert!(matches!(error, OpenError::Backup { .. }), "{error}");
    assert_eq!(again.schema(), old_schema());

    for old in Old::each().iter().skip(1) {
        let error = old.upgrade(Backup::BesideIt).unwrap_err();
        assert!(matches!(error, OpenError::NoBackup { .. }), "{error}");
        assert_eq!(old.schema(), old_schema());
    }
}
