//! Opening databases: SQLite files in particular.

use oxflow_core::ExperimentId;
use oxflow_store::{HEAD_REVISION, OpenError, Store};
use rusqlite::Connection;

use super::backend::{TestStore, sqlite_config};

#[tokio::test]
async fn what_was_stored_is_there_after_opening_again() {
    let store = TestStore::sqlite();
    let id = store.create_experiment("kept").await.unwrap();
    let (config, folder) = (sqlite_config(&store.folder), store.folder);
    drop(store.store);
    let again = Store::open(&config).unwrap();
    assert_eq!(again.get_experiment_by_name("kept").await.unwrap().id, id);
    drop((again, folder));
}

#[tokio::test]
async fn a_deleted_default_experiment_is_not_made_again() {
    let store = TestStore::sqlite();
    store
        .store
        .delete_experiment(ExperimentId::DEFAULT, 5)
        .await
        .unwrap();
    let config = sqlite_config(&store.folder);
    drop(store.store);
    let default = Store::open(&config)
        .unwrap()
        .get_experiment(ExperimentId::DEFAULT)
        .await
        .unwrap();
    assert_eq!(default.last_update_time_ms, Some(5));
}

#[test]
fn another_revision_is_refused_by_both_names_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = Connection::open(folder.path().join("mlflow.db")).unwrap();
    file.execute_batch(
        "CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('abc')",
    )
    .unwrap();
    let error = Store::open(&sqlite_config(&folder)).unwrap_err();
    assert!(matches!(error, OpenError::WrongRevision { .. }));
    let message = error.to_string();
    assert!(
        message.contains("abc") && message.contains(HEAD_REVISION),
        "{message}"
    );
    let tables: i64 = file
        .query_row("SELECT COUNT(*) FROM sqlite_master", [], |row| row.get(0))
        .unwrap();
    assert_eq!(tables, 1);
}

#[test]
fn a_database_of_another_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = Connection::open(folder.path().join("mlflow.db")).unwrap();
    file.execute_batch("CREATE TABLE recipes (name TEXT)").unwrap();
    let message = Store::open(&sqlite_config(&folder)).unwrap_err().to_string();
    assert!(message.contains("recipes"), "{message}");
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mlflow.db");
    std::fs::write(
        &path,
        "this is a text, and a long enough one to be read as a page ".repeat(99),
    )
    .unwrap();
    assert!(Store::open(&sqlite_config(&folder)).is_err());
    assert!(
        std::fs::read_to_string(&path)
            .unwrap()
            .starts_with("this is a text")
    );
}

#[test]
fn a_new_database_has_every_table_of_mlflow() {
    let store = TestStore::sqlite();
    let file = Connection::open(store.folder.path().join("mlflow.db")).unwrap();
    let count = |sql: &str| -> i64 { file.query_row(sql, [], |row| row.get(0)).unwrap() };
    assert_eq!(
        count(
            "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'oxflow!_%' ESCAPE '!'"
        ),
        65
    );
    assert_eq!(
        count("SELECT COUNT(*) FROM sqlite_master WHERE type = 'trigger'"),
        1
    );
    assert_eq!(count("SELECT COUNT(*) FROM workspaces WHERE name = 'default'"), 1);
}

#[test]
fn servers_that_start_together_make_one_schema() {
    for _ in 0..10 {
        let folder = tempfile::tempdir().unwrap();
        let configs: Vec<_> = (0..6).map(|_| sqlite_config(&folder)).collect();
        let open = |config| std::thread::spawn(move || Store::open(&config).map(drop));
        let opened: Vec<_> = configs.into_iter().map(open).collect();
        for thread in opened {
            thread.join().unwrap().unwrap();
        }
    }
}

#[tokio::test]
async fn a_stop_leaves_no_journal_behind() {
    for _ in 0..10 {
        let store = TestStore::sqlite();
        let run = store.given_run().await;
        store.run(&run).await;
        drop(store.store);
        assert!(!store.folder.path().join("mlflow.db-wal").exists());
    }
}

#[tokio::test]
async fn experiments_of_a_migrated_file_store_keep_their_long_ids() {
    let store = TestStore::sqlite();
    let config = sqlite_config(&store.folder);
    drop(store.store);
    let file = Connection::open(store.folder.path().join("mlflow.db")).unwrap();
    file.execute_batch(
        "INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage, creation_time,
                                  last_update_time, workspace)
         VALUES (993013211579021919, 'old', NULL, 'active', 1, 1, 'default')",
    )
    .unwrap();
    drop(file);
    let store = TestStore::over(Store::open(&config).unwrap(), store.folder);
    let id = ExperimentId::parse("993013211579021919").unwrap();
    assert_eq!(store.store.get_experiment_by_name("old").await.unwrap().id, id);
    let run = store.create_run(id, 1).await.unwrap();
    let location = format!("mlflow-artifacts:/{id}/{}/artifacts", run.info.run_id);
    assert_eq!(
        run.info.artifact_uri,
        Some(location),
        "a row without a location means the default root"
    );
}
