use oxflow_core::{ErrorCode, ExperimentId, ExperimentName, LifecycleStage, ViewType};
use oxflow_search::{parse_experiment_filter, parse_experiment_order_by};
use oxflow_store::ExperimentSearch;

use super::backend::{NOW_MS, TestStore, store_tests, tag_key};

fn search(filter: &str, order_by: &[&str]) -> ExperimentSearch {
    let order_by: Vec<String> = order_by.iter().map(|clause| (*clause).to_owned()).collect();
    ExperimentSearch {
        filter: parse_experiment_filter(filter).unwrap(),
        order_by: parse_experiment_order_by(&order_by).unwrap(),
        view: ViewType::ActiveOnly,
        max_results: 100,
        offset: 0,
        visible: oxflow_auth::Visible::All,
    }
}

async fn names(store: &TestStore, search: ExperimentSearch) -> Vec<String> {
    let (found, _) = store.store.search_experiments(search).await.unwrap();
    found.into_iter().map(|experiment| experiment.name).collect()
}

store_tests! {
    async fn a_new_database_has_the_default_experiment(store) {
        let default = store.store.get_experiment(ExperimentId::DEFAULT).await.unwrap();
        assert_eq!(default.name, "Default");
        assert_eq!(default.artifact_location.as_deref(), Some("mlflow-artifacts:/0"));
    }

    async fn an_experiment_gets_a_location_below_the_root(store) {
        let id = store.create_experiment("vision").await.unwrap();
        let experiment = store.store.get_experiment_by_name("vision").await.unwrap();
        assert_eq!(experiment.id, id);
        assert_eq!(experiment.artifact_location, Some(format!("mlflow-artifacts:/{id}")));
        assert_eq!(experiment.creation_time_ms, Some(NOW_MS));
    }

    async fn a_name_is_taken_even_by_a_deleted_experiment(store) {
        let id = store.create_experiment("vision").await.unwrap();
        store.store.delete_experiment(id, NOW_MS).await.unwrap();
        let error = store.create_experiment("vision").await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::ResourceAlreadyExists);
        assert!(error.to_string().contains("restore it"), "{error}");
    }

    async fn of_many_that_create_one_name_exactly_one_wins(store) {
        let attempts = (0..12).map(|_| store.create_experiment("race"));
        let outcomes = futures::future::join_all(attempts).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        for error in outcomes.into_iter().filter_map(Result::err) {
            assert_eq!(error.code(), ErrorCode::ResourceAlreadyExists);
        }
    }

    async fn deleting_an_experiment_deletes_its_runs_and_restoring_brings_all_back(store) {
        let id = store.given_experiment().await;
        let (kept, deleted_before) = (store.given_run_in(id, 1).await, store.given_run_in(id, 2).await);
        store.store.delete_run(deleted_before.clone(), NOW_MS).await.unwrap();
        store.store.delete_experiment(id, NOW_MS + 5).await.unwrap();
        assert_eq!(store.run(&kept).await.info.lifecycle_stage, LifecycleStage::Deleted);
        let again = store.store.delete_experiment(id, NOW_MS).await.unwrap_err();
        assert_eq!(again.code(), ErrorCode::ResourceDoesNotExist);
        store.store.restore_experiment(id, NOW_MS + 9).await.unwrap();
        for run in [kept, deleted_before] {
            assert_eq!(store.run(&run).await.info.lifecycle_stage, LifecycleStage::Active);
        }
        assert_eq!(store.store.get_experiment(id).await.unwrap().last_update_time_ms, Some(NOW_MS + 9));
    }

    async fn a_rename_needs_a_free_name_and_an_active_experiment(store) {
        let (first, second) = (store.create_experiment("a").await.unwrap(), store.create_experiment("b").await.unwrap());
        let name = |name: &str| ExperimentName::parse(name).unwrap();
        let taken = store.store.rename_experiment(second, name("a"), NOW_MS).await.unwrap_err();
        assert_eq!(taken.code(), ErrorCode::ResourceAlreadyExists);
        store.store.rename_experiment(second, name("c"), NOW_MS + 1).await.unwrap();
        assert_eq!(store.store.get_experiment(second).await.unwrap().name, "c");
        store.store.delete_experiment(first, NOW_MS).await.unwrap();
        assert!(store.store.rename_experiment(first, name("d"), NOW_MS).await.is_err());
    }

    async fn tags_are_set_replaced_and_deleted(store) {
        let id = store.given_experiment().await;
        for value in ["1", "2"] {
            store.store.set_experiment_tag(id, tag_key("team"), value.to_owned()).await.unwrap();
        }
        let tags = store.store.get_experiment(id).await.unwrap().tags;
        assert_eq!(super::super::backend::pairs(&tags), [("team", "2")]);
        store.store.delete_experiment_tag(id, "team".to_owned()).await.unwrap();
        let missing = store.store.delete_experiment_tag(id, "team".to_owned()).await.unwrap_err();
        assert_eq!(missing.code(), ErrorCode::ResourceDoesNotExist);
    }

    async fn experiments_are_found_by_name_and_tag(store) {
        for name in ["nlp/bert", "nlp/gpt", "vision"] {
            store.create_experiment(name).await.unwrap();
        }
        let gpt = store.store.get_experiment_by_name("nlp/gpt").await.unwrap().id;
        store.store.set_experiment_tag(gpt, tag_key("team"), "blue".to_owned()).await.unwrap();
        assert_eq!(names(&store, search("name LIKE 'nlp/%'", &["name"])).await, ["nlp/bert", "nlp/gpt"]);
        assert_eq!(names(&store, search("name ILIKE 'VISION'", &[])).await, ["vision"]);
        assert_eq!(names(&store, search("name LIKE 'VISION'", &[])).await, [""; 0]);
        assert_eq!(names(&store, search("tags.team = 'blue'", &[])).await, ["nlp/gpt"]);
        assert_eq!(names(&store, search("tags.team IS NULL AND name LIKE 'nlp%'", &[])).await, ["nlp/bert"]);
        assert_eq!(names(&store, search(&format!("experiment_id IN ('{gpt}')"), &[])).await, ["nlp/gpt"]);
    }

    async fn a_page_walk_sees_each_experiment_once(store) {
        for i in 0..7 {
            store.create_experiment(&format!("page {i}")).await.unwrap();
        }
        let (mut seen, mut offset) = (Vec::new(), 0);
        loop {
            let page = ExperimentSearch { max_results: 3, offset, ..search("name LIKE 'page %'", &["name DESC"]) };
            let (found, has_more) = store.store.search_experiments(page).await.unwrap();
            offset += found.len() as i64;
            seen.extend(found.into_iter().map(|experiment| experiment.name));
            if !has_more {
                break;
            }
        }
        assert_eq!(seen, ["page 6", "page 5", "page 4", "page 3", "page 2", "page 1", "page 0"]);
    }
}
