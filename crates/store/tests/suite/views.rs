use oxflow_core::{ErrorCode, ExperimentId, ViewState};
use serde_json::{Value, json};

use super::backend::{NOW_MS, TestStore, sqlite_config, store_tests, tag_key};
use oxflow_store::Store;

fn state(value: &Value) -> ViewState {
    ViewState::parse(value).unwrap()
}

store_tests! {
    async fn a_state_is_found_by_its_hash_and_kept_once(store) {
        let saved = json!({ "q": "metrics.loss < 0.5", "cols": ["größe", "\u{1}"], "n": 1.5 });
        for _ in 0..2 {
            store.store.put_view(state(&saved), NOW_MS).await.unwrap();
        }
        let id = state(&saved).id().clone();
        assert_eq!(store.store.get_view(id, NOW_MS).await.unwrap(), saved);
        let missing = store.store.get_view(state(&json!({})).id().clone(), NOW_MS).await.unwrap_err();
        assert_eq!(missing.code(), ErrorCode::ResourceDoesNotExist);
    }

    async fn named_views_belong_to_an_experiment_and_one_is_the_default(store) {
        let id = store.given_experiment().await;
        let large = json!({ "text": "x".repeat(60_000) });
        for (name, value, is_default) in [
            ("nightly", json!({ "v": 1 }), true),
            ("a/b: c", large.clone(), false),
            ("weekly", json!({ "v": 2 }), true),
            ("nightly", json!({ "v": 3 }), false),
        ] {
            store.store.set_named_view(id, name, state(&value), is_default, NOW_MS).await.unwrap();
        }
        store.store.set_experiment_tag(id, tag_key("oxflow.view.broken"), "no JSON".to_owned()).await.unwrap();
        store.store.set_experiment_tag(id, tag_key("oxflow.viewer"), "{}".to_owned()).await.unwrap();
        let views = store.store.named_views(id).await.unwrap();
        let seen: Vec<(&str, &Value, bool)> =
            views.iter().map(|view| (view.name.as_str(), &view.state, view.is_default)).collect();
        let expected = [
            ("a/b: c", &large, false),
            ("broken", &Value::Null, false),
            ("nightly", &json!({ "v": 3 }), false),
            ("weekly", &json!({ "v": 2 }), true),
        ];
        assert_eq!(seen, expected);
        // What MLflow reads of it is short.
        let tags = store.store.get_experiment(id).await.unwrap().tags;
        assert!(tags.iter().all(|tag| tag.value.len() < 5000));

        // A new default takes it from the old one.
        store.store.set_named_view(id, "nightly", state(&json!({})), true, NOW_MS).await.unwrap();
        let views = store.store.named_views(id).await.unwrap();
        let defaults: Vec<&str> = views.iter().filter(|view| view.is_default).map(|view| view.name.as_str()).collect();
        assert_eq!(defaults, ["nightly"]);
        assert_eq!(views[3].state, json!({ "v": 2 }));

        store.store.delete_named_view(id, "nightly").await.unwrap();
        let gone = store.store.delete_named_view(id, "nightly").await.unwrap_err();
        assert_eq!(gone.code(), ErrorCode::ResourceDoesNotExist);
        assert!(store.store.named_views(ExperimentId::DEFAULT).await.unwrap().is_empty());
    }

    async fn a_state_that_nobody_uses_for_ninety_days_goes(store) {
        const DAY: i64 = 24 * 60 * 60 * 1000;
        let [unused, opened, stored_again, newer] = [1, 2, 3, 4].map(|v| json!({ "v": v }));
        let id = |value: &Value| state(value).id().clone();
        let experiment = store.given_experiment().await;
        let of_a_name = json!({ "text": "x".repeat(5_000) });
        store.store.set_named_view(experiment, "large", state(&of_a_name), false, NOW_MS).await.unwrap();
        for value in [&unused, &opened, &stored_again] {
            store.store.put_view(state(value), NOW_MS).await.unwrap();
        }
        store.store.get_view(id(&opened), NOW_MS + 30 * DAY).await.unwrap();
        store.store.put_view(state(&stored_again), NOW_MS + 30 * DAY).await.unwrap();
        store.store.put_view(state(&newer), NOW_MS + 91 * DAY).await.unwrap();
        for (value, is_there) in [(&unused, false), (&opened, true), (&stored_again, true), (&newer, true)] {
            let found = store.store.get_view(id(value), NOW_MS).await;
            assert_eq!(found.is_ok(), is_there, "{value}");
        }
        assert_eq!(store.store.named_views(experiment).await.unwrap()[0].state, of_a_name);
    }

    async fn without_the_table_nothing_is_kept_and_nothing_fails(store) {
        let experiment = store.given_experiment().await;
        let large = json!({ "text": "x".repeat(5_000) });
        store.store.set_named_view(experiment, "large", state(&large), false, NOW_MS).await.unwrap();
        store.store.set_named_view(experiment, "small", state(&json!({ "v": 1 })), false, NOW_MS).await.unwrap();
        for change in ["ALTER TABLE oxflow_views DROP COLUMN last_used_time", "DROP TABLE oxflow_views"] {
            store.run_sql(change);
            let put = store.store.put_view(state(&json!({})), NOW_MS).await.unwrap_err();
            assert_eq!(put.code(), ErrorCode::FeatureDisabled, "{change}");
            assert!(put.to_string().contains("--auto-migrate create"), "{put}");
            let named = store.store.set_named_view(experiment, "other", state(&large), false, NOW_MS).await;
            assert_eq!(named.unwrap_err().code(), ErrorCode::FeatureDisabled, "{change}");
            let got = store.store.get_view(state(&large).id().clone(), NOW_MS).await.unwrap_err();
            assert_eq!(got.code(), ErrorCode::ResourceDoesNotExist, "{change}");
            let states: Vec<Value> =
                store.store.named_views(experiment).await.unwrap().into_iter().map(|view| view.state).collect();
            assert_eq!(states, [Value::Null, json!({ "v": 1 })], "{change}");
        }
    }

    async fn names_are_those_of_tags_and_experiments_must_be_active(store) {
        let id = store.given_experiment().await;
        let long = "x".repeat(240);
        for name in ["", "ä?", "a\\b", "a//b", long.as_str()] {
            let refused = store.store.set_named_view(id, name, state(&json!({})), false, NOW_MS).await.unwrap_err();
            assert_eq!(refused.code(), ErrorCode::InvalidParameterValue, "{name}");
        }
        store.store.delete_experiment(id, NOW_MS).await.unwrap();
        let refused = store.store.set_named_view(id, "a", state(&json!({})), false, NOW_MS).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::InvalidParameterValue);
        let missing = ExperimentId::parse("987654").unwrap();
        let refused = store.store.named_views(missing).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::ResourceDoesNotExist);
    }
}

#[tokio::test]
async fn a_table_of_an_earlier_release_gets_its_column_at_the_next_start() {
    let store = TestStore::sqlite();
    store
        .store
        .put_view(state(&json!({ "v": 1 })), NOW_MS)
        .await
        .unwrap();
    store.run_sql("ALTER TABLE oxflow_views DROP COLUMN last_used_time");
    let (config, folder) = (sqlite_config(&store.folder), store.folder);
    drop(store.store);
    let again = Store::open(&config).unwrap();
    let id = state(&json!({ "v": 1 })).id().clone();
    assert_eq!(again.get_view(id, NOW_MS).await.unwrap(), json!({ "v": 1 }));
    drop((again, folder));
}
