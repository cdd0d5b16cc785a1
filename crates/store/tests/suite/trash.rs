//! What is deleted, and removing it for good.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use oxflow_core::{ExperimentId, LoggedModelName, MetricSource, ModelId, NewLoggedModel, RunId, Tag};
use oxflow_store::{
    ArtifactOwners, JobQuery, KeptBecause, LocationOf, ModelsGo, RemovedExperiment, Trash, TrashItem,
    TrashQuery, Which,
};

use super::backend::{NOW_MS, TestStore, param, point, store_tests};
use super::registry::{given_model, name, new_version};

/// Everything that was deleted until now.
fn all() -> TrashQuery {
    TrashQuery {
        runs: Which::All,
        experiments: Which::All,
        logged_models: Which::All,
        deleted_by_ms: None,
        workspace: Some("default".to_owned()),
    }
}

fn only_runs(ids: &[&RunId]) -> TrashQuery {
    TrashQuery {
        runs: Which::Named(ids.iter().map(|id| (*id).clone()).collect()),
        experiments: Which::None,
        logged_models: Which::None,
        ..all()
    }
}

fn run_ids(trash: &Trash) -> Vec<RunId> {
    trash.runs.iter().map(|run| run.run_id.clone()).collect()
}

fn sorted(mut ids: Vec<RunId>) -> Vec<RunId> {
    ids.sort();
    ids
}

/// A number out of the database.
fn ask(store: &TestStore, sql: &str) -> i64 {
    match &store.database {
        Some(database) => {
            let text =
                std::thread::scope(|scope| scope.spawn(|| database.connect().text(sql)).join().unwrap());
            text.parse().unwrap()
        }
        None => {
            let connection = rusqlite::Connection::open(store.folder.path().join("mlflow.db")).unwrap();
            connection.query_row(sql, [], |row| row.get(0)).unwrap()
        }
    }
}

/// Rows that belong to a run, in any table.
fn rows_of(store: &TestStore, run: &RunId) -> i64 {
    let parts: Vec<String> = [
        ("runs", "run_uuid"),
        ("metrics", "run_uuid"),
        ("latest_metrics", "run_uuid"),
        ("params", "run_uuid"),
        ("tags", "run_uuid"),
        ("logged_model_metrics", "run_id"),
        ("oxflow_series", "run_uuid"),
        ("oxflow_series_chunks", "run_uuid"),
    ]
    .iter()
    .map(|(table, column)| format!("(SELECT COUNT(*) FROM {table} WHERE {column} = '{run}')"))
    .collect();
    ask(store, &format!("SELECT {}", parts.join(" + ")))
}

async fn logged_model_in(store: &TestStore, experiment_id: ExperimentId) -> ModelId {
    let new = NewLoggedModel {
        model_id: ModelId::random(&store.entropy),
        experiment_id,
        name: LoggedModelName::parse("m").unwrap(),
        model_type: String::new(),
        source_run_id: String::new(),
        params: vec![Tag {
            key: "depth".to_owned(),
            value: "3".to_owned(),
        }],
        tags: vec![Tag {
            key: "team".to_owned(),
            value: "blue".to_owned(),
        }],
        now_ms: NOW_MS,
    };
    let location = |root: &str, id: &ModelId| Ok(format!("{root}/models/{id}/artifacts"));
    let model = store.store.create_logged_model(new, location).await.unwrap();
    model.model_id
}

/// A run with something in every table, deleted at that time.
async fn full_run_in(store: &TestStore, experiment: ExperimentId, deleted_ms: i64) -> RunId {
    let run = store.given_run_in(experiment, 1).await;
    let mut metric = point("accuracy", 0.5, 1, 1);
    metric.source = Some(MetricSource {
        model_id: logged_model_in(store, experiment).await,
        dataset_name: None,
        dataset_digest: None,
    });
    store
        .log(
            &run,
            &[metric, point("loss", 1.0, 1, 1), point("loss", 0.5, 2, 2)],
        )
        .await;
    store
        .store
        .log_param(run.clone(), param("lr", "0.1"))
        .await
        .unwrap();
    store.run_sql(&format!(
        "INSERT INTO oxflow_series_chunks VALUES ('{run}', 'loss', 0, 1, {empty}, {empty})",
        empty = if store.database.is_some() {
            "''::bytea"
        } else {
            "x''"
        }
    ));
    store.store.delete_run(run.clone(), deleted_ms).await.unwrap();
    run
}

store_tests! {
    async fn the_trash_holds_what_is_deleted_and_old_enough(store) {
        let experiment = store.given_experiment().await;
        let kept = store.given_run_in(experiment, 1).await;
        let old = store.given_run_in(experiment, 1).await;
        let young = store.given_run_in(experiment, 1).await;
        let untimed = store.given_run_in(experiment, 1).await;
        store.store.delete_run(old.clone(), 1000).await.unwrap();
        store.store.delete_run(young.clone(), 2000).await.unwrap();
        store.store.delete_run(untimed.clone(), 1).await.unwrap();
        // As an old MLflow left it, which noted no time.
        store.run_sql(&format!("UPDATE runs SET deleted_time = NULL WHERE run_uuid = '{untimed}'"));
        let found = store.store.find_trash(all()).await.unwrap();
        assert_eq!(run_ids(&found), sorted(vec![old.clone(), young.clone(), untimed]));
        assert!(found.kept.is_empty() && found.experiments.is_empty());
        assert!(found.runs[0].artifact_uri.as_deref().unwrap().starts_with("mlflow-artifacts:/"));
        let aged = TrashQuery { deleted_by_ms: Some(1000), ..all() };
        assert_eq!(run_ids(&store.store.find_trash(aged).await.unwrap()), std::slice::from_ref(&old));
        let elsewhere = TrashQuery { workspace: Some("other".to_owned()), ..all() };
        assert!(store.store.find_trash(elsewhere).await.unwrap().is_empty());
        let missing = RunId::random(&store.entropy);
        let named = TrashQuery { deleted_by_ms: Some(1000), ..only_runs(&[&old, &kept, &young, &missing]) };
        let found = store.store.find_trash(named).await.unwrap();
        assert_eq!(run_ids(&found), [old]);
        let why = |id: &RunId| {
            let item = TrashItem::Run(id.clone());
            found.kept.iter().find(|kept| kept.item == item).map(|kept| kept.why.clone())
        };
        assert_eq!(why(&kept), Some(KeptBecause::Active));
        assert_eq!(why(&young), Some(KeptBecause::DeletedLater));
        assert_eq!(why(&missing), Some(KeptBecause::Missing));
    }

    async fn a_removed_run_leaves_nothing_and_others_stay(store) {
        let experiment = store.given_experiment().await;
        let (gone, other) = (full_run_in(&store, experiment, 10).await, full_run_in(&store, experiment, 10).await);
        let of_other = rows_of(&store, &other);
        assert_eq!(of_other, 1 + 3 + 2 + 1 + 1 + 1 + 1);
        let removed = store.store.remove_runs(vec![gone.clone()], None).await.unwrap();
        assert_eq!(removed, std::slice::from_ref(&gone));
        assert_eq!((rows_of(&store, &gone), rows_of(&store, &other)), (0, of_other));
        assert!(store.store.remove_runs(vec![gone], None).await.unwrap().is_empty());
    }

    async fn what_was_restored_or_deleted_again_stays(store) {
        let experiment = store.given_experiment().await;
        let active = store.given_run_in(experiment, 1).await;
        let young = store.given_run_in(experiment, 1).await;
        store.store.delete_run(young.clone(), 2000).await.unwrap();
        let ids = vec![active.clone(), young.clone()];
        assert!(store.store.runs_in_trash(ids.clone(), Some(1000)).await.unwrap().is_empty());
        assert!(store.store.remove_runs(ids, Some(1000)).await.unwrap().is_empty());
        assert!(store.store.runs_in_trash(vec![active.clone()], None).await.unwrap().is_empty());
        assert!(store.store.remove_runs(vec![active.clone()], None).await.unwrap().is_empty());
        store.run(&active).await;
        let model = logged_model_in(&store, experiment).await;
        for go in [ModelsGo::Deleted(None), ModelsGo::WithExperiment] {
            assert!(store.store.remove_logged_models(vec![model.clone()], go).await.unwrap().is_empty());
        }
        store.store.get_logged_model(model, false).await.unwrap();
        let verdict = store.store.remove_experiment(experiment, None).await.unwrap();
        assert_eq!(verdict, RemovedExperiment::Restored);
    }

    async fn no_transaction_removes_more_rows_than_it_may(store) {
        const LIMIT: usize = 100;
        let experiment = store.given_experiment().await;
        let mut runs = Vec::new();
        for _ in 0..40 {
            runs.push(full_run_in(&store, experiment, 10).await);
        }
        let (model, restored) = (logged_model_in(&store, experiment).await, store.given_run_in(experiment, 1).await);
        let large = runs[7].clone();
        let numbers = |count: usize| format!("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})");
        for run in [&large, &restored] {
            store.run_sql(&format!(
                "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan)
                 {} SELECT 'many', 0.5, i, '{run}', i, FALSE FROM n;
                 INSERT INTO params (key, value, run_uuid) {} SELECT 'p' || i, 'v', '{run}' FROM n;
                 INSERT INTO logged_model_metrics
                    (model_id, metric_name, metric_timestamp_ms, metric_step, metric_value, experiment_id, run_id)
                 {} SELECT '{model}', 'many', i, i, 0.5, {experiment}, '{run}' FROM n",
                numbers(1050), numbers(250), numbers(330)
            ));
        }
        // On PostgreSQL each row that goes notes its transaction.
        if store.database.is_some() {
            store.run_sql("CREATE TABLE gone (tx BIGINT);
                CREATE FUNCTION note() RETURNS TRIGGER AS $$
                BEGIN INSERT INTO gone VALUES (txid_current()); RETURN OLD; END $$ LANGUAGE plpgsql");
            for table in ["metrics", "latest_metrics", "params", "tags", "logged_model_metrics"] {
                store.run_sql(&format!("CREATE TRIGGER note_{table} BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION note()"));
            }
        }
        let (mut ids, mut steps) = (runs.clone(), Vec::new());
        ids.push(restored.clone());
        let of_restored = rows_of(&store, &restored);
        let removed = store.store.remove_runs_piecewise(ids, None, LIMIT, |rows| steps.push(rows)).await.unwrap();
        assert_eq!(sorted(removed), sorted(runs.clone()));
        let all = 40 * 8 + 1050 + 250 + 330;
        assert_eq!(steps.iter().sum::<usize>(), all);
        assert!(steps.iter().all(|rows| *rows <= LIMIT), "{steps:?}");
        if store.database.is_some() {
            assert_eq!(ask(&store, "SELECT COUNT(*) FROM gone"), all as i64);
            let most = ask(&store, "SELECT MAX(n) FROM (SELECT COUNT(*) AS n FROM gone GROUP BY tx) AS t");
            assert!(most <= LIMIT as i64, "{most}");
        }
        assert_eq!((rows_of(&store, &large), rows_of(&store, &restored)), (0, of_restored));
        store.store.delete_logged_model(model.clone(), 10).await.unwrap();
        let go = ModelsGo::Deleted(None);
        steps.clear();
        let removed = store.store.remove_logged_models_piecewise(vec![model.clone()], go, LIMIT, |rows| steps.push(rows)).await;
        assert_eq!(removed.unwrap(), [model]);
        assert_eq!((steps.iter().sum::<usize>(), steps.iter().max()), (332, Some(&LIMIT)));
    }

    async fn traces_go_before_their_experiment_some_rows_at_a_time(store) {
        const LIMIT: usize = 100;
        let (experiment, other) = (store.given_experiment().await, store.given_experiment().await);
        let numbers = |count: usize| format!("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})");
        store.run_sql(&format!(
            "INSERT INTO trace_info (request_id, experiment_id, timestamp_ms, status)
             {} SELECT 't' || i, CASE i WHEN 1 THEN {other} ELSE {experiment} END, i, 'OK' FROM n;
             INSERT INTO trace_tags (key, value, request_id) SELECT 'a', 'b', request_id FROM trace_info;
             INSERT INTO trace_request_metadata (key, value, request_id) SELECT 'a', 'b', request_id FROM trace_info;
             INSERT INTO trace_metrics (key, value, request_id) {} SELECT 'k' || i, 0.5, 't7' FROM n;
             INSERT INTO spans (trace_id, experiment_id, span_id, status, start_time_unix_nano, content)
             {} SELECT 't9', {experiment}, 's' || i, 'OK', i, '{{}}' FROM n;
             INSERT INTO span_metrics (trace_id, span_id, key, value) SELECT trace_id, span_id, 'k', 0.5 FROM spans;
             INSERT INTO assessments (assessment_id, trace_id, name, assessment_type, value, created_timestamp,
                                      last_updated_timestamp, source_type, valid)
             SELECT 'a' || span_id, trace_id, 'a', 'feedback', '1', 1, 1, 'HUMAN', TRUE FROM spans",
            numbers(601), numbers(50), numbers(330)
        ));
        let mut steps = Vec::new();
        let verdict = store.store.remove_experiment_piecewise(experiment, None, LIMIT, |rows| steps.push(rows)).await.unwrap();
        assert_eq!((verdict, steps.len()), (RemovedExperiment::Restored, 0));
        store.store.delete_experiment(experiment, 20).await.unwrap();
        let verdict = store.store.remove_experiment_piecewise(experiment, None, LIMIT, |rows| steps.push(rows)).await.unwrap();
        assert_eq!(verdict, RemovedExperiment::Gone);
        assert_eq!(steps.iter().sum::<usize>(), 600 * 2 + 50 + 330 * 2);
        assert!(steps.iter().all(|rows| *rows <= LIMIT), "{steps:?}");
        for table in ["trace_info", "trace_tags", "trace_request_metadata"] {
            assert_eq!(ask(&store, &format!("SELECT COUNT(*) FROM {table}")), 1, "{table}");
        }
        for table in ["trace_metrics", "spans", "span_metrics", "assessments"] {
            assert_eq!(ask(&store, &format!("SELECT COUNT(*) FROM {table}")), 0, "{table}");
        }
    }

    async fn an_experiment_goes_with_all_that_is_in_it(store) {
        let experiment = store.given_experiment().await;
        let other = store.given_experiment().await;
        let run = full_run_in(&store, experiment, 10).await;
        let run_of_other = full_run_in(&store, other, 10).await;
        store.store.restore_run(run_of_other).await.unwrap();
        for id in [experiment, other] {
            store.run_sql(&format!(
                "INSERT INTO experiment_tags (key, value, experiment_id) VALUES ('a', 'b', {id});
                 INSERT INTO datasets (dataset_uuid, experiment_id, name, digest, dataset_source_type, dataset_source)
                 VALUES ('d{id}', {id}, 'd', '1', 'local', '{{}}');
                 INSERT INTO trace_info (request_id, experiment_id, timestamp_ms, status)
                 VALUES ('tr-{id}', {id}, 1, 'OK');
                 INSERT INTO trace_tags (key, value, request_id) VALUES ('a', 'b', 'tr-{id}');
                 INSERT INTO sql_trace_rollup_rebuild_queue (experiment_id, rollup_day, rollup_family)
                 VALUES ({id}, '2024-01-01', 'trace')"
            ));
        }
        store.store.delete_experiment(experiment, 20).await.unwrap();
        let found = store.store.find_trash(TrashQuery { runs: Which::None, logged_models: Which::None, ..all() }).await.unwrap();
        assert_eq!(run_ids(&found), std::slice::from_ref(&run));
        assert_eq!(found.experiments.len(), 1);
        assert_eq!(found.logged_models.iter().filter(|model| model.goes_with_experiment).count(), 1);
        let verdict = store.store.remove_experiment(experiment, None).await.unwrap();
        assert_eq!(verdict, RemovedExperiment::HasContents);
        store.store.remove_runs(vec![run], None).await.unwrap();
        let models = found.logged_models.iter().map(|model| model.model_id.clone()).collect();
        assert_eq!(store.store.remove_logged_models(models, ModelsGo::WithExperiment).await.unwrap().len(), 1);
        let verdict = store.store.remove_experiment(experiment, Some(19)).await.unwrap();
        assert_eq!(verdict, RemovedExperiment::Restored);
        let verdict = store.store.remove_experiment(experiment, Some(20)).await.unwrap();
        assert_eq!(verdict, RemovedExperiment::Gone);
        for table in ["experiment_tags", "datasets", "trace_info", "trace_tags", "sql_trace_rollup_rebuild_queue"] {
            assert_eq!(ask(&store, &format!("SELECT COUNT(*) FROM {table}")), 1, "{table}");
        }
        assert!(store.store.get_experiment(experiment).await.is_err());
    }

    async fn an_experiment_stays_with_what_stays_in_it(store) {
        let experiment = store.given_experiment().await;
        let (restored, deleted) = (store.given_run_in(experiment, 1).await, store.given_run_in(experiment, 1).await);
        let model = logged_model_in(&store, experiment).await;
        store.store.delete_experiment(experiment, 20).await.unwrap();
        store.store.restore_run(restored.clone()).await.unwrap();
        let found = store.store.find_trash(all()).await.unwrap();
        assert_eq!(run_ids(&found), [deleted]);
        assert!(found.experiments.is_empty() && found.logged_models.is_empty());
        let item = TrashItem::Run(restored);
        assert!(found.kept.iter().any(|kept| kept.item == item && kept.why == KeptBecause::Active));
        let why = KeptBecause::Holds(item);
        assert!(found.kept.iter().any(|kept| kept.item == TrashItem::Experiment(experiment) && kept.why == why));
        store.store.get_logged_model(model, false).await.unwrap();
    }

    async fn what_versions_come_from_is_found_by_run_and_by_source(store) {
        let experiment = store.given_experiment().await;
        let mut runs = Vec::new();
        for _ in 0..5 {
            runs.push(full_run_in(&store, experiment, 10).await);
        }
        let model = logged_model_in(&store, experiment).await;
        store.store.delete_logged_model(model.clone(), 10).await.unwrap();
        given_model(&store, "wine", &[]).await;
        let versions = [
            (runs[0].to_string(), "s3://elsewhere".to_owned(), "s3://elsewhere".to_owned()),
            (String::new(), format!("runs:/{}/model", runs[1]), "x".to_owned()),
            (String::new(), "x".to_owned(), format!("mlflow-artifacts:/1/{}/artifacts/model", runs[2])),
            (String::new(), format!("models:/{model}"), "x".to_owned()),
            (runs[3].to_string(), "x".to_owned(), "x".to_owned()),
        ];
        for (run_id, source, storage_location) in versions {
            let version = oxflow_core::NewModelVersion { run_id, source, storage_location, ..new_version("wine", NOW_MS) };
            store.store.create_model_version(version).await.unwrap();
        }
        let five = oxflow_core::VersionNumber::from_row(5);
        store.store.delete_model_version(name("wine"), five, NOW_MS).await.unwrap();
        let mut found = store.store.find_trash(all()).await.unwrap();
        let versions = store.store.versions_by_origin(found.origins()).await.unwrap();
        found.keep_registered(&versions);
        assert_eq!(run_ids(&found), sorted(vec![runs[3].clone(), runs[4].clone()]));
        assert!(found.logged_models.is_empty());
        assert_eq!(versions.get(runs[1].as_str()), Some("wine/2"));
        assert_eq!(versions.get(model.as_str()), Some("wine/4"));
        let mut of_experiment = {
            store.store.delete_experiment(experiment, 20).await.unwrap();
            store.store.find_trash(all()).await.unwrap()
        };
        assert_eq!(of_experiment.experiments.len(), 1);
        of_experiment.keep_registered(&versions);
        assert!(of_experiment.experiments.is_empty());
    }

    async fn records_of_jobs_go_when_the_job_is_over(store) {
        for (id, status, created) in [("a", 0, 1), ("b", 1, 1), ("c", 2, 1), ("d", 3, 5), ("e", 5, 9)] {
            store.run_sql(&format!(
                "INSERT INTO jobs (id, creation_time, job_name, params, status, retry_count, last_update_time)
                 VALUES ('{id}', {created}, 'j', '{{}}', {status}, 0, 1)"
            ));
        }
        let all = JobQuery::default();
        assert_eq!(store.store.find_jobs(all.clone()).await.unwrap(), ["c", "d", "e"]);
        let old = JobQuery { created_before_ms: Some(5), ..all.clone() };
        assert_eq!(store.store.find_jobs(old).await.unwrap(), ["c"]);
        let ids = Some(vec!["a".to_owned(), "d".to_owned()]);
        let named = JobQuery { ids, workspace: Some("default".to_owned()), ..all };
        assert_eq!(store.store.find_jobs(named).await.unwrap(), ["d"]);
        assert_eq!(store.store.remove_jobs(vec!["a".to_owned(), "d".to_owned()]).await.unwrap(), 1);
        assert_eq!(ask(&store, "SELECT COUNT(*) FROM jobs"), 4);
    }

    async fn folders_are_known_by_id(store) {
        let experiment = store.given_experiment().await;
        let run = store.given_run_in(experiment, 1).await;
        let model = logged_model_in(&store, experiment).await;
        let unknown = RunId::random(&store.entropy);
        let ids = vec![run.to_string(), unknown.to_string()];
        let known = store.store.known_owners(ArtifactOwners::Runs, ids).await.unwrap();
        assert_eq!(known, HashSet::from([run.to_string()]));
        let ids = vec![model.to_string(), "m-0".to_owned()];
        let known = store.store.known_owners(ArtifactOwners::LoggedModels, ids).await.unwrap();
        assert_eq!(known, HashSet::from([model.to_string()]));
    }

    async fn all_locations_are_read(store) {
        let experiment = store.given_experiment().await;
        let run = store.given_run_in(experiment, 1).await;
        let model = logged_model_in(&store, experiment).await;
        given_model(&store, "wine", &[]).await;
        store.store.create_model_version(new_version("wine", 1)).await.unwrap();
        for sql in [
            "UPDATE experiments SET artifact_location = '/experiment'",
            "UPDATE workspaces SET default_artifact_root = '/workspace'",
            "UPDATE model_versions SET source = 's3://b/source', storage_location = '/stored', run_id = 'r'",
            "INSERT INTO trace_info (request_id, experiment_id, timestamp_ms, status) VALUES ('t', 0, 1, 'OK')",
            "INSERT INTO trace_tags (request_id, key, value) VALUES ('t', 'mlflow.artifactLocation', '/trace')",
            "INSERT INTO trace_tags (request_id, key, value) VALUES ('t', 'other', '/other')",
        ] {
            store.run_sql(sql);
        }
        store.store.delete_run(run.clone(), 1).await.unwrap();
        let found = Arc::new(Mutex::new(Vec::new()));
        let push = Arc::clone(&found);
        let each = move |of: LocationOf, location: &str| push.lock().unwrap().push((of, location.to_owned()));
        store.store.for_each_location(each.clone()).await.unwrap();
        store.store.for_each_version_location(move |location| each(LocationOf::Owner, location)).await.unwrap();
        let mut found = std::mem::take(&mut *found.lock().unwrap());
        let named_after = |id: &str| found.iter().any(|(of, at)| *of == LocationOf::Owner && at.contains(id));
        assert!(named_after(run.as_str()) && named_after(model.as_str()));
        found.retain(|(_, at)| !at.contains(run.as_str()) && !at.contains(model.as_str()));
        let of = |of: LocationOf| {
            let mut texts: Vec<&str> = found.iter().filter(|(found, _)| *found == of).map(|(_, at)| at.as_str()).collect();
            texts.sort_unstable();
            texts.dedup();
            texts
        };
        assert_eq!(of(LocationOf::Owner), ["/stored", "/trace", "r", "s3://b/source"]);
        assert_eq!(of(LocationOf::Owners), ["/experiment", "/workspace"]);
    }
}
