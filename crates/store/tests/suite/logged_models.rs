use oxflow_core::{
    ErrorCode, ExperimentId, LoggedModelName, LoggedModelStatus, MetricSource, ModelId, NewLoggedModel, Tag,
};
use oxflow_search::{parse_logged_model_filter, parse_logged_model_order_field};
use oxflow_store::{DatasetFilter, LoggedModelOrder, LoggedModelSearch, RunBatch};

use super::backend::{NOW_MS, TestStore, pairs, point, store_tests};

fn pair(key: &str, value: &str) -> Tag {
    Tag {
        key: key.to_owned(),
        value: value.to_owned(),
    }
}

async fn given_model(store: &TestStore, experiment_id: ExperimentId, name: &str) -> ModelId {
    let new = NewLoggedModel {
        model_id: ModelId::random(&store.entropy),
        experiment_id,
        name: LoggedModelName::parse(name).unwrap(),
        model_type: "forest".to_owned(),
        source_run_id: String::new(),
        params: vec![pair("depth", "3")],
        tags: vec![pair("team", "blue")],
        now_ms: NOW_MS,
    };
    let location = |root: &str, id: &ModelId| Ok(format!("{root}/models/{id}/artifacts"));
    store
        .store
        .create_logged_model(new, location)
        .await
        .unwrap()
        .model_id
}

fn search(experiment: ExperimentId, filter: &str) -> LoggedModelSearch {
    LoggedModelSearch {
        experiment_ids: vec![experiment],
        filter: parse_logged_model_filter(filter).unwrap(),
        datasets: Vec::new(),
        order_by: Vec::new(),
        max_results: 10,
        offset: 0,
    }
}

async fn names(store: &TestStore, search: LoggedModelSearch) -> String {
    let (found, _) = store.store.search_logged_models(search).await.unwrap();
    found.into_iter().map(|model| model.name).collect()
}

/// Logs accuracy of a model on a dataset, from a run of its experiment.
async fn score(store: &TestStore, experiment: ExperimentId, model: &ModelId, dataset: &str, value: f64) {
    let run = store.given_run_in(experiment, 1).await;
    let mut metric = point("accuracy", value, 1, 1);
    metric.source = Some(MetricSource {
        model_id: model.clone(),
        dataset_name: Some(dataset.to_owned()),
        dataset_digest: Some("1".to_owned()),
    });
    store.log(&run, &[metric]).await;
}

store_tests! {
    async fn a_new_model_is_pending_until_it_is_finalized(store) {
        let experiment = store.given_experiment().await;
        let id = given_model(&store, experiment, "m").await;
        let model = store.store.get_logged_model(id.clone(), false).await.unwrap();
        assert_eq!(model.status, LoggedModelStatus::Pending);
        assert_eq!(model.artifact_location, format!("mlflow-artifacts:/{experiment}/models/{id}/artifacts"));
        assert_eq!((pairs(&model.params), pairs(&model.tags)), (vec![("depth", "3")], vec![("team", "blue")]));
        let ready = store.store.finalize_logged_model(id, LoggedModelStatus::Ready, NOW_MS + 1).await.unwrap();
        assert_eq!((ready.status, ready.last_updated_timestamp_ms), (LoggedModelStatus::Ready, NOW_MS + 1));
    }

    async fn a_deleted_model_is_hidden(store) {
        let experiment = store.given_experiment().await;
        let id = given_model(&store, experiment, "m").await;
        store.store.delete_logged_model(id.clone(), NOW_MS).await.unwrap();
        let hidden = store.store.get_logged_model(id.clone(), false).await.unwrap_err();
        assert_eq!(hidden.code(), ErrorCode::ResourceDoesNotExist);
        assert!(store.store.get_logged_model(id, true).await.is_ok());
        assert_eq!(names(&store, search(experiment, "")).await, "");
    }

    async fn params_are_added_once_and_tags_replaced(store) {
        let experiment = store.given_experiment().await;
        let id = given_model(&store, experiment, "m").await;
        store.store.log_logged_model_params(id.clone(), vec![pair("trees", "9")]).await.unwrap();
        let again = vec![pair("new", "1"), pair("trees", "9")];
        assert!(store.store.log_logged_model_params(id.clone(), again).await.is_err());
        store.store.set_logged_model_tags(id.clone(), vec![pair("team", "red")]).await.unwrap();
        let model = store.store.get_logged_model(id.clone(), false).await.unwrap();
        assert_eq!(pairs(&model.params), [("depth", "3"), ("trees", "9")]);
        assert_eq!(pairs(&model.tags), [("team", "red")]);
        store.store.delete_logged_model_tag(id.clone(), "team".to_owned()).await.unwrap();
        assert!(store.store.delete_logged_model_tag(id, "team".to_owned()).await.is_err());
    }

    async fn a_metric_of_an_unknown_model_stores_nothing(store) {
        let run = store.given_run().await;
        let mut metric = point("accuracy", 0.5, 1, 1);
        let model_id = ModelId::random(&store.entropy);
        metric.source = Some(MetricSource { model_id, dataset_name: None, dataset_digest: None });
        let batch = RunBatch { metrics: vec![metric], ..RunBatch::default() };
        assert!(store.store.log_batch(run.clone(), batch).await.is_err());
        assert!(store.run(&run).await.metrics.is_empty());
    }

    async fn models_are_found_by_what_is_known_of_them(store) {
        let experiment = store.given_experiment().await;
        let (a, b) = (given_model(&store, experiment, "a").await, given_model(&store, experiment, "b").await);
        score(&store, experiment, &a, "train", 0.9).await;
        score(&store, experiment, &b, "test", 0.5).await;
        for (filter, expected) in [
            ("name = 'a'", "a"),
            ("metrics.accuracy > 0.6", "a"),
            ("params.depth = '3' AND name != 'a'", "b"),
            ("tags.team = 'red'", ""),
            ("model_type LIKE 'for%' AND name = 'b'", "b"),
            ("status = '1' AND name = 'b'", "b"),
        ] {
            assert_eq!(names(&store, search(experiment, filter)).await, expected, "{filter}");
        }
        let on_test = vec![DatasetFilter { name: "test".to_owned(), digest: None }];
        assert_eq!(names(&store, LoggedModelSearch { datasets: on_test.clone(), ..search(experiment, "") }).await, "b");
        let good_on_test = LoggedModelSearch { datasets: on_test, ..search(experiment, "metrics.accuracy > 0.6") };
        assert_eq!(names(&store, good_on_test).await, "");
    }

    async fn models_are_ordered_by_a_metric_with_missing_ones_last(store) {
        let experiment = store.given_experiment().await;
        for (name, accuracy) in [("a", Some(0.9)), ("b", None), ("c", Some(0.1))] {
            let id = given_model(&store, experiment, name).await;
            if let Some(accuracy) = accuracy {
                score(&store, experiment, &id, "train", accuracy).await;
            }
        }
        for (ascending, expected) in [(true, "cab"), (false, "acb")] {
            let field = parse_logged_model_order_field("metrics.accuracy").unwrap();
            let order_by = vec![LoggedModelOrder { field, ascending, dataset: None }];
            assert_eq!(names(&store, LoggedModelSearch { order_by, ..search(experiment, "") }).await, expected);
        }
    }
}
